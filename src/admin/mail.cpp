// The admin operations that go before and around the moving of mail: which mailboxes an account has, making those that an
// import needs, and what a mailbox has already.
#include "admin/mail_streams.h"

#include "admin/parameters.h"
#include "async/turns.h"
#include "base/base64.h"
#include "message/card.h"
#include "store/mailbox_list.h"
#include "transfer/item.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

/// Limit: messages whose fingerprints one answer has.
constexpr std::uint32_t kFingerprintsMax = 8192;
/// Cards that are decoded in one turn.
constexpr std::size_t kCardsATurn = 8;

async::Awaitable<Answer> mailboxes(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(std::string from, continuation(request));
    CO_TRY(const store::AccountPtr account, co_await account_with_mail(on, std::move(address)));
    const auto list = account->mailboxes();
    json::array shown;
    json::object answer;
    for (const store::MailboxPtr& mailbox : list->all()) {
        if (mailbox->name <= from && !from.empty()) continue;
        if (shown.size() == kListingRowsMax) {
            answer["next"] = base64::encode(from);
            break;
        }
        from = mailbox->name;
        shown.push_back(json::object{{"name", mailbox->name},
                                     {"subscribed", mailbox->subscribed},
                                     {"selectable", mailbox->selectable},
                                     {"uid_validity", mailbox->uid_validity.value},
                                     {"messages", mailbox->messages},
                                     {"bytes", mailbox->size_bytes}});
    }
    answer["mailboxes"] = std::move(shown);
    co_return answer;
}

/// Makes one mailbox that is not there, and subscribes to it where that is asked for. Why it cannot be, if so.
async::Awaitable<Result<std::optional<std::string>, Refusal>> prepare_one(store::AccountPtr account, std::string name,
                                                                          bool subscribed) {
    store::MailboxPtr mailbox = account->mailboxes()->find(name);
    if (mailbox && mailbox->damaged) co_return "the mailbox is damaged: tegami repair";
    if (!mailbox || !mailbox->selectable) {
        const auto made = co_await account->create_mailbox(name);
        if (!made && made.error().code == store::ErrorCode::invalid) co_return "no mailbox can have this name";
        if (!made && made.error().code != store::ErrorCode::exists) co_return failure(refusal_for(made.error()));
        mailbox = account->mailboxes()->find(name);
    }
    if (subscribed && mailbox && !mailbox->subscribed) {
        const auto done = co_await account->subscribe(name);
        if (!done) co_return failure(refusal_for(done.error()));
    }
    co_return std::nullopt;
}

async::Awaitable<Answer> prepare(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const store::AccountPtr account, co_await account_with_mail(on, std::move(address)));
    const json::value* const wanted = request.if_contains("mailboxes");
    if (!wanted || !wanted->is_array() || wanted->get_array().size() > kImportEntriesMax)
        co_return failure(Refusal{400, fmt::format("mailboxes must be a list of at most {}", kImportEntriesMax)});
    json::array left;
    for (const json::value& each : wanted->get_array()) {
        if (!each.is_object()) co_return failure(Refusal{400, "a mailbox must be an object"});
        CO_TRY(const std::string name, required_text(each.get_object(), "name"));
        CO_TRY(const std::optional<bool> subscribed, optional_flag(each.get_object(), "subscribed"));
        CO_TRY(const std::optional<std::string> reason,
               co_await prepare_one(account, store::canonical_mailbox_name(name), subscribed.value_or(false)));
        if (reason) left.push_back(json::object{{"mailbox", name}, {"reason", *reason}});
    }
    co_return json::object{{"left", std::move(left)}};
}

/// The fingerprints of one run of messages, one after the other; a message whose card cannot be read has none.
async::Awaitable<Result<std::string, Refusal>> fingerprints(store::AccountPtr account,
                                                            std::vector<store::MessageRow> rows) {
    std::vector<store::EmailId> ids;
    for (const store::MessageRow& row : rows)
        ids.push_back(row.email);
    const auto cards = co_await account->cards(std::move(ids));
    if (!cards) co_return failure(refusal_for(cards.error()));
    std::string all;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (at % kCardsATurn == kCardsATurn - 1) co_await async::give_way();
        if (!cards->each[at]) continue;
        const auto card = message::decode_card(*cards->each[at]);
        if (card) all += transfer::fingerprint(rows[at].size_bytes, *card);
    }
    co_return all;
}

/// What a mailbox has, so that nothing is added twice: 16 octets for each message.
async::Awaitable<Answer> known(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const std::string name, required_text(request, "mailbox"));
    CO_TRY(const std::uint64_t after, optional_number(request, "after", 0));
    CO_TRY(const store::AccountPtr account, co_await account_with_mail(on, std::move(address)));
    const store::MailboxPtr mailbox = account->mailboxes()->find(store::canonical_mailbox_name(name));
    if (!mailbox || !mailbox->selectable || after >= UINT32_MAX) co_return json::object{{"fingerprints", ""}};
    const auto open = co_await account->open(mailbox->id);
    if (!open) co_return failure(refusal_for(open.error()));
    const store::ViewPtr view = (*open)->view();
    std::uint32_t position = view->lower_bound(Uid(static_cast<std::uint32_t>(after) + 1));
    const std::uint32_t end = position + std::min(kFingerprintsMax, view->size() - position);
    std::string all;
    std::uint32_t last = 0;
    while (position < end) {
        std::vector<store::MessageRow> rows;
        for (; position < end && rows.size() < store::kDetailsMax / 4; ++position)
            rows.push_back(view->at(position));
        last = rows.back().uid.value;
        CO_TRY(const std::string some, co_await fingerprints(account, std::move(rows)));
        all += some;
    }
    json::object answer{{"fingerprints", base64::encode(all)}};
    if (end < view->size()) answer["next"] = last;
    co_return answer;
}

} // namespace

std::span<const Operation> mail_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/mail/mailboxes",
         Access::mail,
         "address",
         mailboxes,
         "The mailboxes of an account",
         {kAddressParameter, kFromParameter}},
        {"/mail/prepare",
         Access::mail,
         "address",
         prepare,
         "Makes mailboxes before mail is brought in",
         {kAddressParameter, {"mailboxes", list, "Objects with `name` and `subscribed`", true}}},
        {"/mail/known",
         Access::mail,
         "address",
         known,
         "Fingerprints of the messages that a mailbox has",
         {kAddressParameter,
          {"mailbox", text, "The mailbox", true},
          {"after", number, "Where to go on: `next` of the page before"}}},
        {"/mail/take",
         Access::mail,
         "address",
         take_mail,
         "Takes messages, which follow a line with the parameters",
         {kAddressParameter}},
        {"/mail/give",
         Access::mail,
         "address",
         give_mail,
         "Gives the messages of a mailbox",
         {kAddressParameter, {"mailbox", text, "The mailbox", true}}},
    };
    return kOperations;
}

} // namespace tegami::admin
