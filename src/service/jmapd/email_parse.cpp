// Email/parse (RFC 8621 §4.9)
#include "async/turns.h"
#include "protocol/jmap/standard.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/email_body.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/parsed_blob.h"

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
            CO_TRY(const auto parsed, co_await parse_blob(call_, id));
            if (parsed)
                CO_TRY_VOID(co_await add(id, &*parsed));
            else
                (parsed.error() == NoMessage::not_found ? not_found : not_parsable).emplace_back(id);
            co_await async::give_way();
        }
        co_return Result<void, Fault>();
    }

    json::object list;
    json::array not_parsable;
    json::array not_found;

private:
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
    CO_TRY_VOID(co_await enter_account(call, account));
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
