// MDN/parse (RFC 9007 §2.2)
#include "async/turns.h"
#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/message_id.h"
#include "protocol/jmap/arguments.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mdn_object.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/parsed_blob.h"
#include "store/account_view.h"
#include "store/part_reader.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

/// Limit: octets of the part with the fields, encoded.
constexpr std::uint64_t kFieldsBytesMax = 64 * 1024;
/// Limit: letters of a conversation that are looked through for the one that was answered.
constexpr std::size_t kCandidatesMax = 100;
/// What a notification takes as JSON.
constexpr std::uint64_t kMdnBytes = 4 * 1024 + 2 * kMdnTextBytesMax;

/// A part with its transfer encoding undone, as far as it is not longer than that.
async::Awaitable<store::StoreResult<std::string>> read_start_of(Call* call, store::BlobId blob,
                                                                const message::Part* part, std::uint64_t bytes_max) {
    store::PartReader reader(&call->service->with.store, {.blob = blob,
                                                          .offset = part->body_offset,
                                                          .length = std::min(part->body_length, bytes_max),
                                                          .encoding = part->encoding});
    std::string whole;
    for (;;) {
        CO_TRY(const std::string piece, co_await reader.next());
        if (piece.empty()) co_return whole;
        whole += piece;
    }
}

/// The email of the conversation that the notification is about; nothing if there is none, or several.
async::Awaitable<std::optional<store::EmailId>> find_original(Call* call, const ParsedBlob* parsed,
                                                              std::string message_id) {
    const std::optional<store::EmailId> none;
    const auto* const own = std::get_if<EmailBlob>(&parsed->name);
    if (own == nullptr) co_return none;
    const auto view = co_await view_of(call);
    if (!view) co_return none;
    const auto state = (*view)->find(own->email);
    if (!state) co_return none;
    std::vector<store::EmailId> ids = (*view)->thread(state->thread);
    ids.resize(std::min(ids.size(), kCandidatesMax));
    const auto cards = co_await call->account().cards(ids);
    if (!cards) co_return none;
    std::optional<store::EmailId> found;
    for (std::size_t at = 0; at < ids.size(); ++at) {
        const auto card = cards->each[at] ? message::decode_card_head(*cards->each[at])
                                          : Result<message::Card, message::CardError>(failure(message::CardError{}));
        if (!card || card->message_id != message_id) continue;
        if (found) co_return none;
        found = ids[at];
    }
    co_return found;
}

/// The notification as JMAP shows it; nothing if the message is none.
async::Awaitable<Result<std::optional<json::object>, Fault>> read_notification(Call* call, const ParsedBlob* parsed) {
    const std::optional<json::object> none;
    const message::Part& root = parsed->card.root;
    if (!root.content_type.is("multipart", "report")) co_return none;
    const auto is_fields = [](const message::Part& part) {
        return part.content_type.is("message", "disposition-notification") ||
               part.content_type.is("message", "global-disposition-notification");
    };
    const auto part = std::ranges::find_if(root.children, is_fields);
    if (part == root.children.end()) co_return none;
    const auto octets = co_await read_start_of(call, parsed->blob.id, &*part, kFieldsBytesMax);
    if (!octets) co_return failure(method_fault(*call, octets.error()));
    const auto fields = message::parse_notification(*octets);
    if (!fields) co_return none;
    json::object object = mdn_object(*fields);
    if (parsed->card.envelope.subject)
        object["subject"] = message::decode_encoded_words(*parsed->card.envelope.subject);
    const message::Part& first = root.children.front();
    if (first.content_type.is("text", "plain")) {
        const auto text = co_await read_start_of(call, parsed->blob.id, &first, kMdnTextBytesMax);
        if (!text) co_return failure(method_fault(*call, text.error()));
        object["textBody"] = message::to_utf8_guessing(*text, first.content_type.parameter("charset"));
    }
    object["includeOriginalMessage"] = std::ranges::any_of(root.children, [](const message::Part& each) {
        return each.content_type.is("message", "rfc822") || each.content_type.is("message", "global");
    });
    if (auto id = message::parse_message_id(fields->original_message_id.value_or(""))) {
        const auto original = co_await find_original(call, parsed, *std::move(id));
        if (original) object["forEmailId"] = id_of(*original);
    }
    co_return std::optional(std::move(object));
}

} // namespace

async::Awaitable<MethodResult> mdn_parse(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string account = arguments.id("accountId");
    const auto ids = arguments.optional_ids("blobIds");
    if (!ids) arguments.reject("blobIds");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, account));
    if (ids->size() > call->limits().objects_in_get)
        co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    json::object parsed;
    json::array not_parsable;
    json::array not_found;
    for (const std::string& id : *ids) {
        CO_TRY(const auto blob, co_await parse_blob(call, id));
        if (!blob) {
            (blob.error() == NoMessage::not_found ? not_found : not_parsable).emplace_back(id);
            continue;
        }
        if (!call->reserve(kMdnBytes)) co_return failure(too_large_to_answer());
        CO_TRY(auto notification, co_await read_notification(call, &*blob));
        if (notification)
            parsed[id] = *std::move(notification);
        else
            not_parsable.emplace_back(id);
        co_await async::give_way();
    }
    const auto or_null = [](auto values) { return values.empty() ? json::value() : json::value(std::move(values)); };
    co_return json::object{{"accountId", account},
                           {"parsed", or_null(std::move(parsed))},
                           {"notParsable", or_null(std::move(not_parsable))},
                           {"notFound", or_null(std::move(not_found))}};
}

} // namespace tegami::jmapd
