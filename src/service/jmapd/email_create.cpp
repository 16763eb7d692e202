#include "service/jmapd/email_create.h"

#include "async/turns.h"
#include "protocol/jmap/mail/draft.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/rights.h"

#include <algorithm>
#include <array>
#include <map>

namespace tegami::jmapd {

namespace {

using jmap::Draft;
using jmap::Fault;

/// Emails of requests that take less memory are written on the I/O thread: well below a millisecond.
constexpr std::uint64_t kComposeHereMemoryMax = 256 * 1024;
constexpr std::size_t kRandomCharacters = 24;

/// Properties of a new email that are no header fields.
constexpr std::array<std::string_view, 9> kProperties{"mailboxIds",    "keywords",    "receivedAt",
                                                      "bodyStructure", "bodyValues",  "textBody",
                                                      "htmlBody",      "attachments", "headers"};

Result<void, Fault> check_properties(const json::object& email) {
    std::vector<std::string> wrong;
    for (const auto& [name, value] : email)
        if (!name.starts_with("header:") && !jmap::find_header_property(name) &&
            std::ranges::find(kProperties, std::string_view(name)) == kProperties.end())
            wrong.emplace_back(name);
    if (wrong.empty()) return {};
    return failure(jmap::invalid_properties(std::move(wrong), "a new email has no such property"));
}

/// The octets of a blob, decoded, about.
std::uint64_t size_of(const store::PartPlace& blob) {
    return blob.is_plain() ? blob.length : blob.length / 4 * 3;
}

/// The work for one email.
class CreateEmail {
public:
    CreateEmail(Call* call, const json::object* email) : call_(call), email_(email) {}

    async::Awaitable<Result<json::object, Fault>> run() {
        CO_TRY_VOID(check_properties(*email_));
        CO_TRY(EmailMarks marks, read_email_marks(*email_, *call_->mailboxes(), call_->batch->created_ids()));
        CO_TRY_VOID(may_add(*call_, marks));
        CO_TRY(const std::optional<Timestamp> received, read_received(*email_));
        const auto read = [this] { return Draft::read(*email_); };
        CO_TRY(const Draft draft, co_await on_fitting_thread(read));
        CO_TRY_VOID(co_await find_blobs(draft.blobs()));
        MessageIntake message(call_);
        const store::StoreResult<> written = co_await write(&draft, &message);
        if (!written) co_return failure(set_fault(*call_, written.error()));
        co_return co_await add_email(call_, &message, std::move(marks), received);
    }

private:
    template <class Work>
    async::Awaitable<std::invoke_result_t<Work&>> on_fitting_thread(Work work) {
        if (call_->memory->bytes() <= kComposeHereMemoryMax) co_return work();
        co_return co_await async::run(&call_->service->with.workers, std::move(work));
    }

    /// Finds all, and looks at those that are encoded as they look.
    async::Awaitable<Result<void, Fault>> find_blobs(std::vector<jmap::DraftBlob> blobs) {
        json::array not_found;
        std::uint64_t size = 0;
        for (const jmap::DraftBlob& wanted : blobs) {
            const auto found = co_await find_blob(call_, wanted.id);
            if (!found && found.error().code != store::ErrorCode::not_found)
                co_return failure(set_fault(*call_, found.error()));
            if (!found) {
                not_found.emplace_back(wanted.id);
                continue;
            }
            size += size_of(*found) * wanted.parts;
            blobs_.emplace(wanted.id, *found);
        }
        if (!not_found.empty()) {
            json::object more;
            more["notFound"] = std::move(not_found);
            co_return failure(Fault{.type = "blobNotFound", .description = {}, .names = {}, .more = std::move(more)});
        }
        if (size > call_->service->limits.upload_bytes) {
            json::object more;
            more["maxSize"] = call_->service->limits.upload_bytes;
            co_return failure(Fault{.type = "tooLarge", .description = {}, .names = {}, .more = std::move(more)});
        }
        CO_TRY_VOID(take_copy(*call_, size));
        for (const jmap::DraftBlob& wanted : blobs) {
            if (!wanted.look) continue;
            const store::StoreResult<> looked = co_await look_at(wanted.id);
            if (!looked) co_return failure(set_fault(*call_, looked.error()));
        }
        co_return Result<void, Fault>();
    }

    async::Awaitable<store::StoreResult<>> look_at(std::string id) {
        message::EncodingChooser& look = context_.looks[id];
        store::PartReader reader(&call_->service->with.store, blobs_.at(id));
        for (;;) {
            CO_TRY(const std::string piece, co_await reader.next());
            if (piece.empty()) co_return store::StoreResult<>{};
            look.feed(piece);
            co_await async::give_way();
        }
    }

    async::Awaitable<store::StoreResult<>> write(const Draft* draft, MessageIntake* message) {
        const Dependencies& with = call_->service->with;
        const Timestamp now = with.timers.now();
        context_.now = {.utc = std::chrono::floor<std::chrono::seconds>(now), .offset = with.timers.zone(now)};
        context_.boundary = with.random.token(kRandomCharacters);
        context_.message_id = with.random.token(kRandomCharacters) + "@" + call_->user->identity.address.domain.ascii();
        const auto make = [this, draft] { return draft->write(context_); };
        std::vector<jmap::DraftPiece> pieces = co_await on_fitting_thread(make);
        for (jmap::DraftPiece& piece : pieces) {
            store::StoreResult<> appended;
            if (const auto* const blob = std::get_if<jmap::EncodedBlob>(&piece))
                appended = co_await message->append(blobs_.at(blob->id), blob->encoding);
            else
                appended = co_await message->append(std::move(std::get<std::string>(piece)));
            CO_TRY_VOID(appended);
        }
        CO_TRY_VOID(co_await message->complete());
        co_return store::StoreResult<>{};
    }

    Call* const call_;
    const json::object* const email_;
    std::map<std::string, store::PartPlace> blobs_;
    jmap::DraftContext context_;
};

} // namespace

Result<void, Fault> take_copy(const Call& call, std::uint64_t octets) {
    Service& service = *call.service;
    if (service.copies.take(call.reader(), octets, service.with.timers.instant())) return {};
    return failure(Fault{.type = "rateLimit", .description = "too many octets were copied within an hour"});
}

Result<std::optional<Timestamp>, Fault> read_received(const json::object& object) {
    const json::value* const value = object.if_contains("receivedAt");
    if (value == nullptr || value->is_null()) return std::optional<Timestamp>();
    const auto date = jmap::read_utc_date(*value);
    if (!date) return failure(jmap::invalid_properties({"receivedAt"}, "it is no UTCDate"));
    return std::optional<Timestamp>(*date);
}

async::Awaitable<Result<json::object, Fault>> add_email(Call* call, MessageIntake* message, EmailMarks marks,
                                                        std::optional<Timestamp> received) {
    auto arrival = co_await message->store();
    if (!arrival) co_return failure(set_fault(*call, arrival.error()));
    const Timestamp date = received.value_or(call->service->with.timers.now());
    const std::uint64_t size = arrival->blob.size;
    std::vector<store::NewMessage> messages(1);
    messages.front() = {.blob = arrival->blob,
                        .placements = placements_of(marks),
                        .internal_date = date,
                        .zone = call->service->with.timers.zone(date),
                        .thread = ingest::thread_hints(arrival->card),
                        .card = std::move(arrival->card_octets)};
    const auto added = co_await call->account().append(std::move(messages));
    if (!added) co_return failure(set_fault(*call, added.error()));
    const store::EmailId id = added->messages.front().front().email;
    // It is there: where its record cannot be read now, it is threaded by itself until it can.
    std::vector<store::EmailId> ids{id};
    const auto rows = co_await call->account().emails(std::move(ids));
    const store::ThreadId thread = rows && rows->front() ? rows->front()->thread : store::ThreadId(id.value);
    co_return json::object{
        {"id", id_of(id)},
        {"blobId", blob_id_of(EmailBlob{.email = id, .part = {}}, call->account().id(), call->service->with.secret)},
        {"threadId", id_of(thread)},
        {"size", size}};
}

async::Awaitable<Result<json::object, Fault>> create_email(Call* call, const json::object* email) {
    CreateEmail work(call, email);
    co_return co_await work.run();
}

} // namespace tegami::jmapd
