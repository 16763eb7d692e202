// The admin operations that bring back: messages that were expunged, accounts that were removed.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "base/base64.h"
#include "message/card.h"
#include "message/encoded_word.h"
#include "store/mailbox_list.h"

#include <fmt/format.h>

#include <utility>

namespace tegami::admin {

namespace {

/// Which of the messages that can be brought back are meant.
struct Wanted {
    std::optional<std::string> mailbox;
    std::optional<std::string> message_id; ///< without brackets
    std::optional<Timestamp> since;

    bool everything() const { return !mailbox && !message_id && !since; }
};

Result<Wanted, Refusal> wanted_of(const json::object& request) {
    Wanted wanted;
    TRY(wanted.mailbox, optional_text(request, "mailbox"));
    if (wanted.mailbox) wanted.mailbox = store::canonical_mailbox_name(*wanted.mailbox);
    TRY(wanted.message_id, optional_text(request, "message_id"));
    if (wanted.message_id && wanted.message_id->starts_with('<') && wanted.message_id->ends_with('>'))
        wanted.message_id = wanted.message_id->substr(1, wanted.message_id->size() - 2);
    TRY(const std::uint64_t since, optional_number(request, "since", 0));
    if (since > 1ULL << 40) return failure(Refusal{400, "since must be seconds since 1970"});
    if (since != 0) wanted.since = Timestamp(std::chrono::seconds(since));
    return wanted;
}

/// A message that can be brought back, with what its card says, if the card can be read.
struct Candidate {
    store::ExpungedMessage message;
    std::optional<message::Card> card;
};

struct Candidates {
    std::vector<Candidate> items;
    std::string next;
};

/// One page of what is meant; `with_cards` where the card is needed for more than the choice.
async::Awaitable<store::StoreResult<Candidates>> choose(store::Engine* engine, store::AccountPtr account, Wanted wanted,
                                                        std::string from, bool with_cards) {
    CO_TRY(store::ExpungedPage page, co_await account->expunged(std::move(from), kListingRowsMax));
    std::erase_if(page.messages, [&](const store::ExpungedMessage& message) {
        return (wanted.mailbox && *wanted.mailbox != message.mailbox) ||
               (wanted.since && message.expunged < *wanted.since);
    });
    Candidates chosen{.items = {}, .next = std::move(page.next)};
    if (!wanted.message_id && !with_cards) {
        for (store::ExpungedMessage& message : page.messages)
            chosen.items.push_back({std::move(message), {}});
        co_return chosen;
    }
    std::vector<store::EmailId> ids;
    for (const store::ExpungedMessage& message : page.messages)
        ids.push_back(message.message.email);
    CO_TRY(const auto emails, co_await account->emails(std::move(ids)));
    for (std::size_t at = 0; at < page.messages.size(); ++at) {
        Candidate candidate{std::move(page.messages[at]), {}};
        if (emails[at]) {
            const auto octets = co_await engine->read_card(emails[at]->blob.id);
            if (!octets && octets.error().code == store::ErrorCode::unavailable) co_return failure(octets.error());
            auto card = octets ? message::decode_card(*octets) : failure(message::CardError::malformed);
            if (card) candidate.card = *std::move(card);
        }
        const bool meant = !wanted.message_id || (candidate.card && candidate.card->message_id == wanted.message_id);
        if (meant) chosen.items.push_back(std::move(candidate));
    }
    co_return chosen;
}

/// `Anna <anna@a.test>`: the first address, as people read it.
std::string sender_of(const message::Envelope& envelope) {
    if (envelope.from.empty()) return {};
    const message::HeaderAddress& from = envelope.from.front();
    const std::string address = message::decode_encoded_words(from.local_part + '@' + from.domain);
    return from.name.empty() ? address : fmt::format("{} <{}>", message::decode_encoded_words(from.name), address);
}

json::object show_message(const Candidate& candidate, bool with_subject) {
    const store::ExpungedMessage& message = candidate.message;
    json::object shown{{"mailbox", message.mailbox},
                       {"uid", message.message.uid.value},
                       {"expunged", print_time(message.expunged)},
                       {"bytes", message.message.size_bytes}};
    if (!candidate.card) return shown;
    const message::Envelope& envelope = candidate.card->envelope;
    shown["from"] = sender_of(envelope);
    if (with_subject) shown["subject"] = message::decode_encoded_words(envelope.subject.value_or(""));
    shown["date"] = message::decode_encoded_words(envelope.date.value_or(""));
    if (candidate.card->message_id) shown["message_id"] = message::decode_encoded_words(*candidate.card->message_id);
    return shown;
}

json::object show_removed(const directory::RemovedAccount& removed, Duration retention) {
    json::object shown = to_json(removed.account);
    shown["removed"] = print_time(removed.removed);
    shown["kept_until"] = print_time(removed.removed + retention);
    return shown;
}

std::string reason_of(const store::Error& error) {
    switch (error.code) {
    case store::ErrorCode::over_quota: return "the quota of the account is used up";
    case store::ErrorCode::damaged: return "it cannot be read";
    default: return error.detail;
    }
}

json::object show_outcomes(const std::vector<Candidate>& chosen, const store::UndeleteResult& outcomes) {
    json::array back;
    json::array left;
    for (std::size_t at = 0; at < outcomes.size(); ++at) {
        const store::StoreResult<store::Placed>& outcome = outcomes[at];
        const store::ExpungedMessage& message = chosen[at].message;
        json::object shown{{"mailbox", message.mailbox}, {"old_uid", message.message.uid.value}};
        if (outcome) {
            shown["uid"] = outcome->uid.value;
            back.push_back(std::move(shown));
        } else if (outcome.error().code != store::ErrorCode::not_found) { // somebody else was quicker
            shown["reason"] = reason_of(outcome.error());
            left.push_back(std::move(shown));
        }
    }
    return {{"brought_back", std::move(back)}, {"left", std::move(left)}};
}

async::Awaitable<Answer> account_removed(const Dependencies* on, Caller, json::object request) {
    CO_TRY(std::string from, continuation(request));
    CO_TRY(const std::optional<message::Domain> domain, optional_domain(on, request));
    const auto listing = co_await on->directory.administration().list_removed(std::move(from), kListingRowsMax);
    if (!listing) co_return failure(refusal_for(listing.error()));
    json::array accounts;
    for (const directory::RemovedAccount& removed : listing->items)
        if (!domain || removed.account.address.domain == *domain)
            accounts.push_back(show_removed(removed, on->directory.administration().retention()));
    json::object answer{{"accounts", std::move(accounts)}};
    if (!listing->next.empty()) answer["next"] = base64::encode(listing->next);
    co_return answer;
}

/// The account that was removed last with this address, if one can be brought back.
async::Awaitable<Result<std::optional<directory::RemovedAccount>, Refusal>>
removed_account(const Dependencies* on, message::EmailAddress address) {
    auto removed = co_await on->directory.administration().removed_with(std::move(address));
    if (!removed) co_return failure(refusal_for(removed.error()));
    std::optional<directory::RemovedAccount> last;
    if (!removed->empty()) last = std::move(removed->back());
    co_return last;
}

async::Awaitable<Answer> account_expunged(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(Wanted wanted, wanted_of(request));
    CO_TRY(std::string from, continuation(request));
    CO_TRY(store::AccountPtr account, co_await account_with_mail(on, std::move(address)));
    const auto chosen = co_await choose(&on->engine, std::move(account), std::move(wanted), std::move(from), true);
    if (!chosen) co_return failure(refusal_for(chosen.error()));
    json::array messages;
    for (const Candidate& candidate : chosen->items)
        messages.push_back(show_message(candidate, caller.sees_subjects()));
    json::object answer{{"messages", std::move(messages)}};
    if (!chosen->next.empty()) answer["next"] = base64::encode(chosen->next);
    co_return answer;
}

async::Awaitable<Answer> restore_account(const Dependencies* on, message::EmailAddress address,
                                         std::optional<message::EmailAddress> as) {
    const auto restored = co_await on->directory.administration().restore_account(std::move(address), std::move(as));
    if (!restored) co_return failure(refusal_for(restored.error()));
    co_return json::object{{"account", to_json(*restored)}};
}

/// One page of messages, or a removed account.
async::Awaitable<Answer> account_undelete(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const std::optional<std::string> as_text, optional_text(request, "as"));
    CO_TRY(Wanted wanted, wanted_of(request));
    CO_TRY(std::string from, continuation(request));
    if (as_text) {
        CO_TRY(message::EmailAddress as, parse_address(*as_text));
        if (!caller.oversees(as.domain)) co_return failure(forbidden(caller));
        if (!wanted.everything())
            co_return failure(Refusal{400, "another address is for a whole account, not for some of its messages"});
        co_return co_await restore_account(on, std::move(address), std::move(as));
    }
    const auto present = co_await on->directory.administration().account_at(address);
    if (!present) co_return failure(refusal_for(present.error()));
    CO_TRY(const auto removed, co_await removed_account(on, address));
    if (!*present && removed && wanted.everything()) co_return co_await restore_account(on, std::move(address), {});
    CO_TRY(store::AccountPtr account, co_await account_with_mail(on, std::move(address)));
    const bool first = from.empty();
    const auto chosen = co_await choose(&on->engine, account, std::move(wanted), std::move(from), false);
    if (!chosen) co_return failure(refusal_for(chosen.error()));
    std::vector<store::ExpungedPlace> places;
    for (const Candidate& candidate : chosen->items)
        places.push_back(candidate.message.place);
    const auto outcomes = co_await account->undelete(std::move(places));
    if (!outcomes) co_return failure(refusal_for(outcomes.error()));
    json::object answer = show_outcomes(chosen->items, *outcomes);
    if (first && removed)
        answer["removed_account"] = show_removed(*removed, on->directory.administration().retention());
    if (!chosen->next.empty()) answer["next"] = base64::encode(chosen->next);
    co_return answer;
}

} // namespace

async::Awaitable<Result<store::AccountPtr, Refusal>> account_with_mail(const Dependencies* on,
                                                                       message::EmailAddress address) {
    const auto found = co_await on->directory.administration().account_at(address);
    if (!found) co_return failure(refusal_for(found.error()));
    if (!*found) {
        CO_TRY(const auto removed, co_await removed_account(on, address));
        if (!removed) co_return failure(Refusal{404, fmt::format("there is no account {}", address.display())});
        const Timestamp until = removed->removed + on->directory.administration().retention();
        co_return failure(
            Refusal{409, fmt::format("the account {0} was removed on {1} and can be brought back as a "
                                     "whole until {2}: tegami account undelete {0}",
                                     address.display(), print_time(removed->removed), print_time(until))});
    }
    auto account = co_await on->store.account((*found)->id);
    if (!account) co_return failure(refusal_for(account.error()));
    co_return *std::move(account);
}

std::span<const Operation> undelete_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/account/removed",
         Access::read,
         "domain",
         account_removed,
         "Removed accounts that can be brought back",
         {kOneDomainParameter, kFromParameter}},
        {"/account/expunged",
         Access::read,
         "address",
         account_expunged,
         "Messages that can be brought back",
         {kAddressParameter,
          {"mailbox", text, "Only of this mailbox"},
          {"message_id", text, "Only the one with this Message-ID"},
          {"since", number, "Only those expunged since then, in seconds since 1970"},
          kFromParameter}},
        {"/account/undelete",
         Access::change,
         "address",
         account_undelete,
         "Brings messages back, a page at a time, or a removed account",
         {kAddressParameter,
          {"as", text, "Another address for a whole account"},
          {"mailbox", text, "Only of this mailbox"},
          {"message_id", text, "Only the one with this Message-ID"},
          {"since", number, "Only those expunged since then, in seconds since 1970"},
          kFromParameter}},
    };
    return kOperations;
}

} // namespace tegami::admin
