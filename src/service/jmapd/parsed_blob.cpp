#include "service/jmapd/parsed_blob.h"

#include "service/jmapd/message_intake.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

/// A message of the account.
async::Awaitable<store::StoreResult<ParsedBlob>> known_message(Call* call, EmailBlob name) {
    std::vector<store::EmailId> ids{name.email};
    CO_TRY(auto rows, co_await call->account().emails(ids));
    CO_TRY(const store::EmailRow row, std::move(rows.front()));
    CO_TRY(const store::Cards cards, co_await call->account().cards(std::move(ids)));
    CO_TRY(const std::string_view octets, cards.each.front());
    auto card = message::decode_card(octets);
    if (!card) co_return failure(store::Error{store::ErrorCode::damaged, "a card cannot be read"});
    co_return ParsedBlob{.blob = row.blob, .card = *std::move(card), .name = std::move(name)};
}

/// Errors: invalid (no message).
async::Awaitable<store::StoreResult<ParsedBlob>> stored_message(Call* call, store::PartPlace found) {
    MessageIntake message(call);
    CO_TRY_VOID(co_await message.append(found, message::TransferEncoding::binary));
    CO_TRY(const ingest::Letter* const letter, co_await message.complete());
    const auto has_name = [](const message::HeaderField& field) { return field.name_length > 0; };
    if (std::ranges::none_of(letter->card.header_fields, has_name))
        co_return failure(store::Error{store::ErrorCode::invalid, "no header field"});
    CO_TRY(ingest::Arrival arrival, co_await message.store());
    CO_TRY_VOID(co_await keep_for_an_hour(&call->service->with.store, call->account().id(), arrival.blob.id));
    co_return ParsedBlob{.blob = arrival.blob,
                         .card = std::move(arrival.card),
                         .name = UploadedBlob{.blob = arrival.blob.id, .size = arrival.blob.size}};
}

} // namespace

async::Awaitable<Result<Result<ParsedBlob, NoMessage>, Fault>> parse_blob(Call* call, std::string id) {
    using Parsed = Result<ParsedBlob, NoMessage>;
    const auto outcome_of = [call](store::StoreResult<ParsedBlob> parsed) -> Result<Parsed, Fault> {
        if (parsed) return Parsed(*std::move(parsed));
        if (parsed.error().code == store::ErrorCode::not_found) return Parsed(failure(NoMessage::not_found));
        if (parsed.error().code == store::ErrorCode::invalid) return Parsed(failure(NoMessage::not_parsable));
        return failure(method_fault(*call, parsed.error()));
    };
    const auto found = co_await find_blob(call, id);
    if (!found) co_return outcome_of(failure(found.error()));
    const auto name = parse_blob_id(id, call->account().id(), call->service->with.secret);
    const auto* const email = std::get_if<EmailBlob>(&*name);
    if (email != nullptr && email->part.empty()) {
        auto known = co_await known_message(call, *email);
        co_return outcome_of(std::move(known));
    }
    const Instant now = call->service->with.timers.instant();
    if (!call->service->allowance.take(call->reader(), found->length, now))
        co_return failure(Fault{.type = "serverUnavailable",
                                .description = "this account has brought as much as it may within an hour"});
    auto stored = co_await stored_message(call, *found);
    co_return outcome_of(std::move(stored));
}

} // namespace tegami::jmapd
