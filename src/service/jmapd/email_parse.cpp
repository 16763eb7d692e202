// Email/parse (RFC 8621 §4.9). What is read as a message is stored like an upload, with its card: so its parts have blob
// ids, and are read where they lie. Messages of the account have both already.
#include "async/turns.h"
#include "protocol/jmap/standard.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/email_body.h"
#include "service/jmapd/message_intake.h"
#include "service/jmapd/methods.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

/// What an email takes as JSON without what its octets say.
constexpr std::uint64_t kParsedBytes = 4 * 1024;

const std::vector<std::string>& parsed_properties() {
    static const std::vector<std::string> kDefault{
        "messageId", "inReplyTo",  "references", "sender",   "from",       "to",
        "cc",        "bcc",        "replyTo",    "subject",  "sentAt",     "hasAttachment",
        "preview",   "bodyValues", "textBody",   "htmlBody", "attachments"};
    return kDefault;
}

/// A blob that has been read as a message.
struct ParsedBlob {
    store::BlobRef blob;
    message::Card card;
    BlobName name;
};

std::string name_of_part(const BlobName& message, std::string_view part, const Call& call) {
    const auto with_part = [part](auto name) {
        name.part = part;
        return BlobName(std::move(name));
    };
    return blob_id_of(std::visit(with_part, message), call.account().id(), call.service->with.secret);
}

class ParseEmails {
public:
    ParseEmails(Call* call, EmailProperties wanted) : call_(call), wanted_(std::move(wanted)) {}

    async::Awaitable<Result<void, Fault>> run(const std::vector<std::string>* ids) {
        for (const std::string& id : *ids) {
            auto parsed = co_await parse(id);
            if (fault_) co_return failure(*fault_);
            if (!parsed && parsed.error().code == store::ErrorCode::not_found)
                not_found.emplace_back(id);
            else if (!parsed && parsed.error().code == store::ErrorCode::invalid)
                not_parsable.emplace_back(id);
            else if (!parsed)
                co_return failure(method_fault(*call_, parsed.error()));
            else
                CO_TRY_VOID(co_await add(id, &*parsed));
            co_await async::give_way();
        }
        co_return Result<void, Fault>();
    }

    json::object list;
    json::array not_parsable;
    json::array not_found;

private:
    /// Errors: invalid (no message).
    async::Awaitable<store::StoreResult<ParsedBlob>> parse(std::string id) {
        CO_TRY(const store::PartPlace found, co_await find_blob(call_->service, call_->user->account, id));
        const auto name = parse_blob_id(id, call_->account().id(), call_->service->with.secret);
        const auto* const email = std::get_if<EmailBlob>(&*name);
        if (email != nullptr && email->part.empty()) co_return co_await known(*email);
        const Instant now = call_->service->with.timers.instant();
        if (!call_->service->allowance.take(call_->account().id(), found.length, now)) {
            fault_ = Fault{.type = "serverUnavailable",
                           .description = "this account has brought as much as it may within an hour"};
            co_return failure(store::Error{store::ErrorCode::unavailable, {}});
        }
        co_return co_await stored(found);
    }

    /// A message of the account.
    async::Awaitable<store::StoreResult<ParsedBlob>> known(EmailBlob name) const {
        std::vector<store::EmailId> ids{name.email};
        CO_TRY(auto rows, co_await call_->account().emails(ids));
        CO_TRY(const store::EmailRow row, std::move(rows.front()));
        CO_TRY(const store::Cards cards, co_await call_->account().cards(std::move(ids)));
        CO_TRY(const std::string_view octets, cards.each.front());
        auto card = message::decode_card(octets);
        if (!card) co_return failure(store::Error{store::ErrorCode::damaged, "a card cannot be read"});
        co_return ParsedBlob{.blob = row.blob, .card = *std::move(card), .name = std::move(name)};
    }

    async::Awaitable<store::StoreResult<ParsedBlob>> stored(store::PartPlace found) const {
        MessageIntake message(call_);
        CO_TRY_VOID(co_await message.append(found, message::TransferEncoding::binary));
        CO_TRY(const ingest::Letter* const letter, co_await message.complete());
        const auto has_name = [](const message::HeaderField& field) { return field.name_length > 0; };
        if (std::ranges::none_of(letter->card.header_fields, has_name))
            co_return failure(store::Error{store::ErrorCode::invalid, "no header field"});
        CO_TRY(ingest::Arrival arrival, co_await message.store());
        CO_TRY_VOID(co_await keep_for_an_hour(&call_->service->with.store, call_->account().id(), arrival.blob.id));
        co_return ParsedBlob{.blob = arrival.blob,
                             .card = std::move(arrival.card),
                             .name = UploadedBlob{.blob = arrival.blob.id, .size = arrival.blob.size}};
    }

    async::Awaitable<Result<void, Fault>> add(std::string id, const ParsedBlob* parsed) {
        if (!call_->reserve(kParsedBytes)) co_return failure(too_large_to_answer());
        json::object object;
        for (const char* const name : {"id", "threadId", "mailboxIds", "keywords", "receivedAt"})
            if (wanted_.asks(name)) object[name] = nullptr;
        if (wanted_.asks("blobId")) object["blobId"] = id;
        if (wanted_.asks("size")) object["size"] = parsed->blob.size;
        const EmailOctets octets{
            .blob = parsed->blob, .card = &parsed->card, .part_blob_id = [&](std::string_view part) {
                return name_of_part(parsed->name, part, *call_);
            }};
        CO_TRY(const store::StoreResult<> added, co_await add_body(call_, &octets, &wanted_, &object));
        if (!added) co_return failure(method_fault(*call_, added.error()));
        list[id] = std::move(object);
        co_return Result<void, Fault>();
    }

    Call* const call_;
    const EmailProperties wanted_;
    std::optional<Fault> fault_;
};

} // namespace

async::Awaitable<MethodResult> email_parse(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string account = arguments.id("accountId");
    auto ids = arguments.optional_ids("blobIds");
    if (!ids) arguments.reject("blobIds");
    const auto properties = arguments.optional_texts("properties");
    auto wanted = take_email_properties(arguments, properties.value_or(parsed_properties()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(check_account(*call, account));
    if (!wanted) co_return failure(wanted.error());
    if (ids->size() > call->limits().objects_in_get)
        co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    ParseEmails emails(call, *std::move(wanted));
    CO_TRY_VOID(co_await emails.run(&*ids));
    const auto or_null = [](auto values) { return values.empty() ? json::value() : json::value(std::move(values)); };
    co_return json::object{{"accountId", account},
                           {"parsed", or_null(std::move(emails.list))},
                           {"notParsable", or_null(std::move(emails.not_parsable))},
                           {"notFound", or_null(std::move(emails.not_found))}};
}

} // namespace tegami::jmapd
