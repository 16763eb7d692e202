#include "delivery/delivery.h"

#include "base/assert.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::delivery {

namespace {

/// How long the queue leaves the local items of a new message alone while accept() fills the local mailboxes itself.
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

bool is_local(const store::QueueItem& item) {
    return std::holds_alternative<store::AccountId>(item.destination);
}

} // namespace

Delivery::Delivery(store::Store& store, store::Queue& queue, store::Journeys& journeys, const Clock& clock,
                   DeliveryOptions options, std::function<void()> wake_queue)
    : store_(store), queue_(queue), journeys_(journeys), clock_(clock), options_(options),
      wake_queue_(std::move(wake_queue)) {}

async::Awaitable<Result<void, Refusal>> Delivery::accept(Transaction transaction) {
    if (transaction.arrival.hops > kHopsMax)
        co_return failure(Refusal{.permanent = true,
                                  .status = "5.4.6",
                                  .text = fmt::format("the message has passed {} servers: it goes round in a circle",
                                                      transaction.arrival.hops)});
    const Destinations destinations = destinations_of(transaction);
    ASSERT(!destinations.accounts.empty() || !destinations.remote.empty());
    store::ThreadHints hints = thread_hints(transaction.arrival.card);
    if (destinations.accounts.size() == 1 && destinations.remote.empty())
        co_return co_await deliver_to(destinations.accounts.front(), transaction.arrival.blob, std::move(hints),
                                      std::nullopt, std::move(transaction.journey));
    co_return co_await accept_through_queue(make_message(transaction), std::move(hints));
}

store::QueuedMessage Delivery::make_message(const Transaction& transaction) const {
    const Destinations destinations = destinations_of(transaction);
    const Timestamp now = clock_.now();
    store::QueuedMessage queued;
    store::QueueMessage& message = queued.message;
    message.reverse_path = transaction.reverse_path;
    message.blob = transaction.arrival.blob;
    message.content_from = transaction.content_from;
    message.created = now;
    message.expires = now + options_.queue_expiry;
    message.body_8bit = transaction.arrival.card.has_8bit_body;
    message.smtputf8 = transaction.smtputf8 || transaction.arrival.card.has_8bit_header;
    message.submitter = transaction.submitter;
    message.origin = transaction.origin;
    message.journey = transaction.journey;
    std::vector<store::QueueRecipient> remote;
    for (const message::EmailAddress& address : destinations.remote)
        remote.push_back({.address = address});
    queued.items = store::remote_items(std::move(remote), now);
    std::vector<store::QueueItem> local;
    for (const directory::LocalRecipient& recipient : destinations.accounts)
        local.push_back(
            store::local_item(recipient.account, {.address = recipient.address, .detail = recipient.detail}, now));
    queued.items.insert(queued.items.begin(), std::make_move_iterator(local.begin()),
                        std::make_move_iterator(local.end()));
    return queued;
}

async::Awaitable<Result<void, Refusal>> Delivery::accept_through_queue(store::QueuedMessage queued,
                                                                       store::ThreadHints hints) {
    std::size_t recipients = 0;
    for (store::QueueItem& item : queued.items) {
        recipients += item.recipients.size();
        if (is_local(item)) item.next_due += kLocalDeliveryTime;
    }
    const auto id = co_await queue_.add(queued);
    if (!id) co_return failure(refusal_for(id.error()));
    queued.message.id = *id;
    journeys_.record({.journey = queued.message.journey,
                      .time = {},
                      .kind = "queued",
                      .fields = {{"id", std::to_string(id->value)}, {"recipients", std::to_string(recipients)}},
                      .message_id = {},
                      .addresses = {}});

    std::vector<store::QueueItem> local;
    for (std::uint32_t number = 0; number < queued.items.size() && is_local(queued.items[number]); ++number) {
        store::QueueItem& item = queued.items[number];
        item.id = {*id, number};
        const auto outcome = co_await deliver_item(queued.message, item, hints);
        store::QueueRecipient& recipient = item.recipients.front();
        item.attempts = recipient.attempts = 1;
        item.next_due = recipient.last_attempt = clock_.now();
        if (outcome) {
            recipient.state = store::RecipientState::delivered;
        } else {
            const Refusal& why = outcome.error();
            recipient.state = why.permanent ? store::RecipientState::failed : store::RecipientState::deferred;
            recipient.last_reply = why.status + " " + why.text;
        }
        local.push_back(std::move(item));
    }
    // Losing this is harmless: the items come due by themselves, and their tags keep copies single.
    if (!local.empty()) {
        const auto concluded = co_await queue_.conclude(std::move(local));
        static_cast<void>(concluded);
    }
    wake_queue_();
    co_return Result<void, Refusal>{};
}

async::Awaitable<Result<void, Refusal>> Delivery::deliver_queued(store::QueueMessage message, store::QueueItem item) {
    const auto encoded = co_await store_.read_card(message.blob.id);
    if (!encoded) co_return failure(refusal_for(encoded.error()));
    const auto card = message::decode_card(*encoded);
    co_return co_await deliver_item(std::move(message), std::move(item),
                                    card ? thread_hints(*card) : store::ThreadHints{});
}

async::Awaitable<Result<void, Refusal>> Delivery::deliver_item(store::QueueMessage message, store::QueueItem item,
                                                               store::ThreadHints hints) {
    const store::QueueRecipient& to = item.recipients.front();
    directory::LocalRecipient local{
        .account = std::get<store::AccountId>(item.destination), .address = to.address, .detail = to.detail};
    co_return co_await deliver_to(std::move(local), message.blob, std::move(hints), queue_.delivery_tag(item.id),
                                  message.journey);
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
