// MDN/send (RFC 9007 §2.1): nobody but a person's mail program has one sent, and once for each letter.
#include "async/turns.h"
#include "base/ascii.h"
#include "message/build.h"
#include "message/encoded_word.h"
#include "protocol/jmap/arguments.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/blob.h"
#include "service/jmapd/email_create.h"
#include "service/jmapd/email_marks.h"
#include "service/jmapd/email_patch.h"
#include "service/jmapd/email_set.h"
#include "service/jmapd/hand_in.h"
#include "service/jmapd/identities.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mdn_object.h"
#include "service/jmapd/methods.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

constexpr std::string_view kMdnSent = "$mdnsent";
constexpr std::size_t kMdnBoundaryLength = 24;
constexpr std::string_view kUsualMdnText = "This letter has been displayed to whoever reads the mailbox. That does not "
                                           "say that it has been read or understood.";

/// A letter that is answered.
struct OriginalLetter {
    store::BlobRef blob;
    message::Card card;
    std::string header_octets;

    message::Header header() const { return message::Header(header_octets); }
};

/// Whether a patch gives the email the keyword.
bool sets_mdn_sent(const json::value& patch) {
    const json::object* const object = patch.if_object();
    if (object == nullptr) return false;
    if (const json::value* const alone = object->if_contains(fmt::format("keywords/{}", kMdnSent)))
        return *alone == true;
    const json::value* const all = object->if_contains("keywords");
    const json::value* const one =
        all != nullptr && all->is_object() ? all->get_object().if_contains(kMdnSent) : nullptr;
    return one != nullptr && *one == true;
}

/// The address in "rfc822; anna@example.org".
std::optional<message::EmailAddress> address_in(std::string_view final_recipient) {
    const std::size_t mark = final_recipient.find(';');
    if (mark == std::string_view::npos || !ascii::iequals(ascii::trim(final_recipient.substr(0, mark)), "rfc822"))
        return std::nullopt;
    const auto address = message::parse_email_address(ascii::trim(final_recipient.substr(mark + 1)));
    return address ? std::optional(*address) : std::nullopt;
}

/// The work of one call.
class MdnSend {
public:
    MdnSend(Call* call, Identity identity, const json::object* on_success)
        : call_(call), identity_(std::move(identity)), on_success_(on_success) {}

    async::Awaitable<Result<json::object, Fault>> send(std::string name, const json::object* wanted) {
        CO_TRY(MdnWish wish, read_mdn(*wanted));
        const std::string email = call_->batch->created_ids().resolve(wish.email).value_or(wish.email);
        CO_TRY_VOID(co_await check_email(email, patch_for(name, email)));
        CO_TRY(const OriginalLetter original, co_await read_original(email));
        const std::string_view refused = no_mdn_because(original.header(), wish.fields.mode.sent_automatically);
        if (!refused.empty()) co_return failure(Fault{.type = "forbidden", .description = std::string(refused)});
        CO_TRY_VOID(co_await complete(&wish.fields, &original));
        const message::DispositionReport report = report_about(wish, original);
        CO_TRY(const store::BlobRef blob, co_await write(&report, &original));
        CO_TRY_VOID(co_await hand_out(&report, blob));
        updates_[email] = *patch_for(name, email);
        json::object shown = mdn_object(wish.fields);
        shown["forEmailId"] = email;
        shown["subject"] = report.subject;
        shown["textBody"] = report.text;
        shown["includeOriginalMessage"] = wish.returns_message;
        for (const auto& [property, value] : *wanted)
            if (const json::value* const told = shown.if_contains(property); told != nullptr && *told == value)
                shown.erase(property);
        co_return shown;
    }

    /// What Email/set is to do afterwards, by email.
    json::object take_updates() { return std::move(updates_); }

private:
    /// Named by the creation id, or by the email.
    const json::value* patch_for(const std::string& name, const std::string& email) const {
        const json::value* const patch = on_success_->if_contains("#" + name);
        return patch != nullptr ? patch : on_success_->if_contains(email);
    }

    /// The email is there, has not been answered, and will say that it was.
    async::Awaitable<Result<void, Fault>> check_email(std::string id, const json::value* patch) const {
        const auto view = co_await view_of(call_);
        if (!view) co_return failure(set_fault(*call_, view.error()));
        const auto email = parse_email_id(id);
        const auto state = email ? (*view)->find(*email) : std::nullopt;
        if (!state) co_return failure(Fault{.type = "notFound", .description = "there is no such email"});
        if (updates_.contains(id) || keywords_of(*state, (*view)->keyword_names()).contains(std::string(kMdnSent)))
            co_return failure(Fault{.type = "mdnAlreadySent", .description = {}});
        // Whatever else is to be changed must be possible, or the keyword would not be set.
        const auto planned = co_await plan_update(call_, *view, *state, &patch->get_object());
        if (!planned) co_return failure(planned.error());
        co_return Result<void, Fault>();
    }

    async::Awaitable<Result<OriginalLetter, Fault>> read_original(std::string id) const {
        std::vector<store::EmailId> ids{*parse_email_id(id)};
        const auto rows = co_await call_->account().emails(ids);
        if (!rows) co_return failure(set_fault(*call_, rows.error()));
        if (!rows->front()) co_return failure(set_fault(*call_, rows->front().error()));
        const auto cards = co_await call_->account().cards(std::move(ids));
        if (!cards) co_return failure(set_fault(*call_, cards.error()));
        if (!cards->each.front()) co_return failure(set_fault(*call_, cards->each.front().error()));
        auto card = message::decode_card(*cards->each.front());
        if (!card) co_return failure(set_fault(*call_, {store::ErrorCode::damaged, "a card cannot be read"}));
        OriginalLetter original{.blob = rows->front()->blob, .card = *std::move(card), .header_octets = {}};
        const std::uint64_t most = std::min<std::uint64_t>(original.blob.size, message::kHeaderBytesMax);
        auto octets = co_await call_->service->with.store.read_blob(original.blob.id, 0, most);
        if (!octets) co_return failure(set_fault(*call_, octets.error()));
        original.header_octets = *std::move(octets);
        if (mdn_recipients(original.header()).empty())
            co_return failure(Fault{.type = "notFound", .description = "nobody asks to be notified"});
        co_return original;
    }

    /// What the server says itself.
    async::Awaitable<Result<void, Fault>> complete(message::DispositionFields* fields, const OriginalLetter* original) {
        if (fields->final_recipient.empty()) fields->final_recipient = "rfc822; " + identity_.email.to_string();
        const auto address = address_in(fields->final_recipient);
        if (!address || !message::is_disposition_value(fields->final_recipient))
            co_return failure(jmap::invalid_properties({"finalRecipient"}, "it is no address of type rfc822 in ASCII"));
        CO_TRY(const bool allowed, co_await may_send_as(call_, *address));
        if (!allowed)
            co_return failure(Fault{.type = "forbiddenFrom", .description = "this is no address of the account"});
        const message::Header header = original->header();
        const auto recipients = header.find_all("Original-Recipient");
        if (recipients.size() == 1) {
            std::string value = header.value(*recipients.front());
            if (message::is_disposition_value(value)) fields->original_recipient = std::move(value);
        }
        if (original->card.message_id) {
            std::string id = "<" + *original->card.message_id + ">";
            if (message::is_disposition_value(id)) fields->original_message_id = std::move(id);
        }
        co_return Result<void, Fault>();
    }

    message::DispositionReport report_about(const MdnWish& wish, const OriginalLetter& original) const {
        const Dependencies& with = call_->service->with;
        const auto name = identity_.settings.if_contains("name");
        const std::string subject = message::decode_encoded_words(original.card.envelope.subject.value_or(""));
        return {.from = message::header_address(identity_.email,
                                                name != nullptr && name->is_string() ? name->get_string() : ""),
                .to = mdn_recipients(original.header()),
                .subject = wish.subject.value_or("Disposition notification: " + subject),
                .date = {.utc = std::chrono::floor<std::chrono::seconds>(with.timers.now()),
                         .offset = with.timers.zone(with.timers.now())},
                .message_id = fmt::format("{}@{}", with.random.token(kMdnBoundaryLength), with.outgoing.host_name),
                .original_message_id = wish.fields.original_message_id ? original.card.message_id : std::nullopt,
                .text = wish.text.value_or(std::string(kUsualMdnText)),
                .fields = wish.fields,
                .returns_message = wish.returns_message,
                .returned_has_high_octets = original.card.has_8bit_header || original.card.has_8bit_body,
                .boundary = with.random.token(kMdnBoundaryLength)};
    }

    async::Awaitable<Result<store::BlobRef, Fault>> write(const message::DispositionReport* report,
                                                          const OriginalLetter* original) {
        std::string begin = message::begin_disposition_report(*report);
        const std::uint64_t returned = report->returns_message ? original->blob.size : 0;
        const std::uint64_t most = call_->service->limits.upload_bytes;
        if (begin.size() + returned > most)
            co_return failure(Fault{.type = "tooLarge", .description = {}, .more = {{"maxSize", most}}});
        CO_TRY_VOID(take_copy(*call_, begin.size() + returned));
        MessageIntake message(call_);
        const auto begun = co_await message.append(std::move(begin));
        if (!begun) co_return failure(set_fault(*call_, begun.error()));
        if (report->returns_message) {
            const store::PartPlace whole{.blob = original->blob.id, .length = original->blob.size};
            const auto copied = co_await message.append(whole, message::TransferEncoding::binary);
            if (!copied) co_return failure(set_fault(*call_, copied.error()));
            const auto ended = co_await message.append(message::end_disposition_report(*report));
            if (!ended) co_return failure(set_fault(*call_, ended.error()));
        }
        const auto complete = co_await message.complete();
        if (!complete) co_return failure(set_fault(*call_, complete.error()));
        const auto arrival = co_await message.store();
        if (!arrival) co_return failure(set_fault(*call_, arrival.error()));
        const auto kept =
            co_await keep_for_an_hour(&call_->service->with.store, call_->account().id(), arrival->blob.id);
        if (!kept) co_return failure(set_fault(*call_, kept.error()));
        co_return arrival->blob;
    }

    /// RFC 8098 §3: without a return path, so that nothing comes back.
    async::Awaitable<Result<void, Fault>> hand_out(const message::DispositionReport* report, store::BlobRef blob) {
        const Outgoing& outgoing = call_->service->with.outgoing;
        OutgoingLetter letter{.blob = blob, .mail_from = {}, .recipients = {}, .hold_until = {}};
        for (const message::HeaderAddress& each : report->to) {
            message::EmailAddress address = *each.email();
            auto accepted =
                co_await outgoing.reception.check_recipient(submitting_client(*call_), std::move(address), blob.size);
            if (!accepted) co_return failure(forbidden_because("forbidden", accepted.error()));
            letter.recipients.push_back(*std::move(accepted));
        }
        CO_TRY_VOID(co_await hand_in(call_, &letter));
        outgoing.delivery.wake();
        co_return Result<void, Fault>();
    }

    Call* const call_;
    const Identity identity_;
    const json::object* const on_success_;
    json::object updates_;
};

/// The creations of a call.
std::vector<std::pair<std::string, const json::object*>> take_wishes(jmap::Arguments& arguments) {
    std::vector<std::pair<std::string, const json::object*>> wishes;
    const json::object* const send = arguments.optional_object("send");
    if (send == nullptr) arguments.reject("send");
    if (send != nullptr)
        for (const auto& [name, wanted] : *send) {
            if (!jmap::is_id(name) || !wanted.is_object())
                arguments.reject("send");
            else
                wishes.emplace_back(name, &wanted.get_object());
        }
    return wishes;
}

} // namespace

async::Awaitable<MethodResult> mdn_send(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string account = arguments.id("accountId");
    const std::string identity_id = arguments.id("identityId");
    const auto wishes = take_wishes(arguments);
    const json::object nothing;
    const json::object* const given = arguments.optional_object("onSuccessUpdateEmail");
    const json::object* const on_success = given == nullptr ? &nothing : given;
    // RFC 9007 §2.1: without the keyword nothing is sent.
    for (const auto& [name, wanted] : wishes) {
        const json::value* patch = on_success->if_contains("#" + name);
        const json::value* const email = wanted->if_contains("forEmailId");
        if (patch == nullptr && email != nullptr && email->is_string())
            patch = on_success->if_contains(std::string_view(email->get_string()));
        if (patch == nullptr || !sets_mdn_sent(*patch)) arguments.reject("onSuccessUpdateEmail");
    }
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, account));
    if (wishes.size() > call->limits().objects_in_set)
        co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInSet"});
    CO_TRY(const Identities identities, co_await current_identities(call));
    const auto identity = parse_object_id(store::ObjectKind::identity, identity_id);
    const auto found = identity ? identities.all.find(*identity) : identities.all.end();
    if (found == identities.all.end())
        co_return failure(jmap::invalid_arguments({"identityId"}, "there is no such identity"));
    // Of two calls for one letter the second has to see the keyword.
    const auto slot = call->service->mdns.take(call->user->identity.account);
    if (!slot) co_return failure(Fault{.type = "serverUnavailable", .description = "another MDN/send is under way"});
    MdnSend work(call, found->second, on_success);
    json::object sent;
    json::object not_sent;
    for (const auto& [name, wanted] : wishes) {
        auto outcome = co_await work.send(name, wanted);
        if (outcome)
            sent[name] = *std::move(outcome);
        else
            not_sent[name] = jmap::set_error(outcome.error());
        co_await async::give_way();
    }
    json::object updates = work.take_updates();
    if (!updates.empty()) {
        const json::object set{{"accountId", account}, {"update", std::move(updates)}};
        auto response = co_await set_emails(call, &set);
        if (response)
            call->following.emplace_back("Email/set", *std::move(response));
        else
            call->following.emplace_back("error", jmap::method_error(response.error()));
    }
    const auto or_null = [](json::object object) {
        return object.empty() ? json::value() : json::value(std::move(object));
    };
    co_return json::object{
        {"accountId", account}, {"sent", or_null(std::move(sent))}, {"notSent", or_null(std::move(not_sent))}};
}

} // namespace tegami::jmapd
