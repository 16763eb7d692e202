// What one has deleted, as long as it is kept: to look at, and to put back.
#include "async/turns.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "discovery/query.h"
#include "message/card.h"
#include "message/encoded_word.h"
#include "service/webd/answers.h"
#include "service/webd/own_account.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tegami::webd {

namespace {

/// Limit: letters that one page tells, and that one request puts back.
constexpr std::size_t kDeletedPageMax = 500;
constexpr std::size_t kPutBackMax = 250;

/// A place as one word: four numbers between points.
std::string print_place(const store::ExpungedPlace& place) {
    return fmt::format("{}.{}.{}.{}", place.mailbox.value, place.modseq.value, place.record.value, place.uid.value);
}

std::optional<store::ExpungedPlace> parse_place(std::string_view text) {
    const auto parts = ascii::split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    const auto mailbox = ascii::parse_number<std::uint32_t>(parts[0]);
    const auto modseq = ascii::parse_number<std::uint64_t>(parts[1]);
    const auto record = ascii::parse_number<std::uint32_t>(parts[2]);
    const auto uid = ascii::parse_number<std::uint32_t>(parts[3]);
    if (!mailbox || !modseq || !record || !uid) return std::nullopt;
    return store::ExpungedPlace{store::MailboxId(*mailbox), store::Modseq(*modseq), Uid(*record), Uid(*uid)};
}

json::object show_deleted(const store::ExpungedMessage& deleted, const store::StoreResult<store::EmailRow>& email,
                          const store::StoreResult<std::string_view>& card_octets) {
    json::object shown{{"id", print_place(deleted.place)},
                       {"mailbox", deleted.mailbox},
                       {"deleted", print_moment(deleted.expunged)},
                       {"draft", deleted.message.flags.has(store::Flag::draft)},
                       {"bytes", deleted.message.size_bytes}};
    if (email) shown["received"] = print_moment(email->internal_date);
    const auto card = card_octets ? message::decode_card(*card_octets) : failure(message::CardError::malformed);
    if (!card) return shown;
    shown["subject"] = message::decode_encoded_words(card->envelope.subject.value_or(""));
    if (card->envelope.from.empty()) return shown;
    const message::HeaderAddress& from = card->envelope.from.front();
    shown["from"] = {{"name", message::decode_encoded_words(from.name)},
                     {"email", message::decode_encoded_words(from.local_part + '@' + from.domain)}};
    return shown;
}

std::string_view word_for(const store::Error& error) {
    switch (error.code) {
    case store::ErrorCode::not_found: return "gone";
    case store::ErrorCode::over_quota: return "over-quota";
    default: return "unreadable";
    }
}

/// Of a failure that is not the page's.
async::Awaitable<store::StoreResult<json::object>> deleted_page(store::AccountPtr account, std::string from) {
    CO_TRY(const store::ExpungedPage page, co_await account->expunged(std::move(from), kDeletedPageMax));
    std::vector<store::EmailId> ids;
    for (const store::ExpungedMessage& deleted : page.messages)
        ids.push_back(deleted.message.email);
    CO_TRY(const auto emails, co_await account->emails(ids));
    CO_TRY(const store::Cards cards, co_await account->cards(std::move(ids)));
    json::array letters;
    for (std::size_t at = 0; at < page.messages.size(); ++at) {
        constexpr std::size_t kBeforeOthers = 32;
        letters.push_back(show_deleted(page.messages[at], emails[at], cards.each[at]));
        if (at % kBeforeOthers == 0) co_await async::give_way();
    }
    json::object answer{{"letters", std::move(letters)}};
    if (!page.next.empty()) answer["next"] = base64::encode(page.next);
    co_return answer;
}

} // namespace

async::Awaitable<net::HttpResponse> list_deleted(const AccountService* service, OwnRequest* own) {
    const auto from = base64::decode(discovery::query_value(own->request->target, "from").value_or(""));
    if (!from) co_return refusal(400, "malformed");
    auto account = co_await service->store.account(own->owner.identity.account);
    if (!account) co_return unavailable();
    auto answer = co_await deleted_page(*std::move(account), *from);
    if (!answer) co_return unavailable();
    (*answer)["days"] = std::chrono::floor<std::chrono::days>(service->directory.retention()).count();
    co_return json_response(200, *answer);
}

async::Awaitable<net::HttpResponse> put_back(const AccountService* service, OwnRequest* own) {
    const auto asked = own->said.list("letters");
    if (!asked || asked->empty() || asked->size() > kPutBackMax || !own->said.has_only({}, {"letters"}))
        co_return refusal(400, "malformed");
    std::vector<store::ExpungedPlace> places;
    for (const std::string& text : *asked) {
        const auto place = parse_place(text);
        if (!place) co_return refusal(400, "malformed");
        places.push_back(*place);
    }
    const auto account = co_await service->store.account(own->owner.identity.account);
    if (!account) co_return unavailable();
    const auto outcomes = co_await (*account)->undelete(std::move(places));
    if (!outcomes) co_return unavailable();
    json::array left;
    for (std::size_t at = 0; at < outcomes->size(); ++at)
        if (const auto& outcome = (*outcomes)[at]; !outcome)
            left.push_back(json::object{{"id", (*asked)[at]}, {"error", word_for(outcome.error())}});
    co_return json_response(200, {{"back", outcomes->size() - left.size()}, {"left", std::move(left)}});
}

} // namespace tegami::webd
