#include "delivery/delivery.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <algorithm>

namespace tegami::delivery {

namespace {

/// How long the queue leaves a new entry alone while accept() fills the local mailboxes itself.
constexpr auto kLocalDeliveryTime = std::chrono::minutes(5);

Refusal refusal_for(const store::Error& error) {
    switch (error.code) {
    case store::ErrorCode::over_quota: return {.status = "4.2.2", .text = "the mailbox is full"};
    case store::ErrorCode::no_space:
        return {.status = "4.3.1", .text = "the server has no space left, please try again later"};
    case store::ErrorCode::not_found:
        return {.permanent = true, .status = "5.1.1", .text = "the mailbox is no longer there"};
    case store::ErrorCode::exists:
    case store::ErrorCode::conflict:
    case store::ErrorCode::invalid:
    case store::ErrorCode::damaged:
    case store::ErrorCode::unavailable: break;
    }
    return {.status = "4.3.0", .text = "the message cannot be stored now, please try again later"};
}

store::ThreadHints thread_hints(const message::Card& card) {
    return {.message_id = card.message_id, .in_reply_to = card.in_reply_to, .references = card.references};
}

/// Where the copies go, each place once: accounts here, addresses elsewhere.
struct Destinations {
    std::vector<directory::LocalRecipient> accounts;
    std::vector<message::EmailAddress> remote;
};

Destinations destinations_of(const Transaction& transaction) {
    Destinations all;
    for (const reception::AcceptedRecipient& recipient : transaction.recipients) {
        for (const directory::LocalRecipient& local : recipient.accounts)
            if (std::ranges::find(all.accounts, local.account, &directory::LocalRecipient::account) ==
                all.accounts.end())
                all.accounts.push_back(local);
        for (const message::EmailAddress& address : recipient.remote)
            if (std::ranges::find(all.remote, address) == all.remote.end()) all.remote.push_back(address);
    }
    return all;
}

store::QueueRecipient queue_recipient(const message::EmailAddress& address, store::RecipientRoute route,
                                      std::string target) {
    store::QueueRecipient recipient;
    recipient.address = address.to_string();
    recipient.route = route;
    recipient.target = std::move(target);
    return recipient;
}

} // namespace

Delivery::Delivery(store::Store& store, store::Queue& queue, store::Journeys& journeys, const Clock& clock,
                   DeliveryOptions options, std::function<void()> wake_queue)
    : store_(store), queue_(queue), journeys_(journeys), clock_(clock), options_(options),
      wake_queue_(std::move(wake_queue)) {}

async::Awaitable<Result<void, Refusal>> Delivery::accept(Transaction transaction) {
    const Destinations destinations = destinations_of(transaction);
    ASSERT(!destinations.accounts.empty() || !destinations.remote.empty());
    store::ThreadHints hints = thread_hints(transaction.arrival.card);
    if (destinations.accounts.size() == 1 && destinations.remote.empty())
        co_return co_await deliver_to(destinations.accounts.front(), transaction.arrival.blob, std::move(hints),
                                      std::nullopt, std::move(transaction.journey));
    co_return co_await accept_through_queue(make_entry(transaction), std::move(hints));
}

store::QueueEntry Delivery::make_entry(const Transaction& transaction) const {
    const Destinations destinations = destinations_of(transaction);
    const Timestamp now = clock_.now();
    store::QueueEntry entry;
    entry.reverse_path = transaction.reverse_path ? transaction.reverse_path->to_string() : "";
    entry.blob = transaction.arrival.blob;
    entry.created = now;
    entry.next_due = now;
    entry.expires = now + options_.queue_expiry;
    entry.body_8bit = transaction.arrival.card.has_8bit_body;
    entry.smtputf8 = transaction.smtputf8 || transaction.arrival.card.has_8bit_header;
    entry.submitter = transaction.submitter;
    entry.origin = transaction.origin;
    entry.journey = transaction.journey;
    for (const directory::LocalRecipient& local : destinations.accounts)
        entry.recipients.push_back(
            queue_recipient(local.address, store::RecipientRoute::local, std::to_string(local.account.value)));
    for (const message::EmailAddress& address : destinations.remote)
        entry.recipients.push_back(queue_recipient(address, store::RecipientRoute::remote, {}));
    return entry;
}

async::Awaitable<Result<void, Refusal>> Delivery::accept_through_queue(store::QueueEntry entry,
                                                                       store::ThreadHints hints) {
    const auto is_local = [](const store::QueueRecipient& recipient) {
        return recipient.route == store::RecipientRoute::local;
    };
    if (std::ranges::any_of(entry.recipients, is_local)) entry.next_due += kLocalDeliveryTime;
    const auto id = co_await queue_.add(entry);
    if (!id) co_return failure(refusal_for(id.error()));
    entry.id = *id;
    journeys_.record(
        {.journey = entry.journey,
         .time = {},
         .kind = "queued",
         .fields = {{"id", std::to_string(id->value)}, {"recipients", std::to_string(entry.recipients.size())}},
         .message_id = {},
         .addresses = {}});

    std::vector<std::size_t> changed;
    for (std::size_t index = 0; index < entry.recipients.size(); ++index) {
        if (!is_local(entry.recipients[index])) continue;
        const auto outcome = co_await deliver_entry_to(entry, index, hints);
        store::QueueRecipient& recipient = entry.recipients[index];
        recipient.attempts = 1;
        recipient.last_attempt = clock_.now();
        if (outcome) {
            recipient.state = store::RecipientState::delivered;
        } else {
            const Refusal& why = outcome.error();
            recipient.state = why.permanent ? store::RecipientState::failed : store::RecipientState::deferred;
            recipient.last_reply = why.status + " " + why.text;
        }
        changed.push_back(index);
    }
    // Losing this update is harmless: the entry comes due by itself, and its tags keep copies single.
    if (!changed.empty()) {
        entry.next_due = clock_.now();
        const auto concluded = co_await queue_.conclude(std::move(entry), std::move(changed), std::nullopt);
        static_cast<void>(concluded);
    }
    wake_queue_();
    co_return Result<void, Refusal>{};
}

async::Awaitable<Result<void, Refusal>> Delivery::deliver_queued(store::QueueEntry entry, std::size_t recipient) {
    const auto encoded = co_await store_.read_card(entry.blob.id);
    if (!encoded) co_return failure(refusal_for(encoded.error()));
    const auto card = message::decode_card(*encoded);
    co_return co_await deliver_entry_to(std::move(entry), recipient, card ? thread_hints(*card) : store::ThreadHints{});
}

async::Awaitable<Result<void, Refusal>> Delivery::deliver_entry_to(store::QueueEntry entry, std::size_t recipient,
                                                                   store::ThreadHints hints) {
    const store::QueueRecipient& to = entry.recipients[recipient];
    const auto account = ascii::parse_number<std::uint64_t>(to.target);
    const auto address = message::parse_email_address(to.address);
    if (!account || !address)
        co_return failure(Refusal{.permanent = true, .status = "5.3.5", .text = "the queue entry is damaged"});
    directory::LocalRecipient local{.account = store::AccountId(*account), .address = *address, .detail = {}};
    co_return co_await deliver_to(std::move(local), entry.blob, std::move(hints),
                                  queue_.delivery_tag(entry.id, recipient), entry.journey);
}

async::Awaitable<Result<void, Refusal>> Delivery::deliver_to(directory::LocalRecipient recipient, store::BlobRef blob,
                                                             store::ThreadHints hints, std::optional<std::string> tag,
                                                             std::string journey) {
    const auto account = co_await store_.account(recipient.account);
    if (!account) co_return failure(refusal_for(account.error()));
    const store::MailboxPtr inbox = (*account)->mailboxes()->find(store::Role::inbox);
    if (!inbox) co_return failure(refusal_for({store::ErrorCode::damaged, "no INBOX"}));

    store::NewMessage incoming{.blob = blob,
                               .placements = {{.mailbox = inbox->id, .flags = {}, .keywords = {}}},
                               .internal_date = clock_.now(),
                               .thread = std::move(hints)};
    std::vector<store::NewMessage> messages;
    messages.push_back(std::move(incoming));
    const auto appended = co_await (*account)->append(std::move(messages), std::move(tag));
    if (!appended) co_return failure(refusal_for(appended.error()));
    const store::Placed& placed = appended->messages.front().front();
    journeys_.record({.journey = journey,
                      .time = {},
                      .kind = "stored",
                      .fields = {{"account", recipient.address.to_string()},
                                 {"mailbox", "INBOX"},
                                 {"uid", std::to_string(placed.uid.value)}},
                      .message_id = {},
                      .addresses = {recipient.address.to_string()}});
    co_return Result<void, Refusal>{};
}

} // namespace tegami::delivery
