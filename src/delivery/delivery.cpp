#include "delivery/delivery.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <fmt/format.h>

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
    if (transaction.arrival.hops > kHopsMax)
        co_return failure(Refusal{.permanent = true,
                                  .status = "5.4.6",
                                  .text = fmt::format("the message has passed {} servers: it goes round in a circle",
                                                      transaction.arrival.hops)});
    std::vector<Copy> copies;
    std::vector<message::EmailAddress> remote;
    for (const reception::AcceptedRecipient& recipient : transaction.recipients) {
        for (const directory::LocalRecipient& local : recipient.accounts)
            if (std::ranges::find(copies, local.account, &Copy::account) == copies.end())
                copies.push_back({.account = local.account, .address = local.address, .detail = local.detail});
        for (const message::EmailAddress& address : recipient.remote)
            if (std::ranges::find(remote, address) == remote.end()) remote.push_back(address);
    }
    ASSERT(!copies.empty() || !remote.empty());
    if (copies.size() == 1 && remote.empty())
        co_return co_await deliver_to(std::move(copies.front()), transaction.arrival.blob,
                                      thread_hints(transaction.arrival.card), std::nullopt,
                                      std::move(transaction.journey));
    co_return co_await accept_through_queue(std::move(transaction), std::move(copies), std::move(remote));
}

async::Awaitable<Result<void, Refusal>> Delivery::accept_through_queue(Transaction transaction,
                                                                       std::vector<Copy> copies,
                                                                       std::vector<message::EmailAddress> remote) {
    const Timestamp now = clock_.now();
    store::QueueEntry entry;
    entry.reverse_path = transaction.reverse_path ? transaction.reverse_path->to_string() : "";
    entry.blob = transaction.arrival.blob;
    entry.created = now;
    entry.next_due = copies.empty() ? now : now + kLocalDeliveryTime;
    entry.expires = now + options_.queue_expiry;
    entry.body_8bit = transaction.arrival.card.has_8bit_body;
    entry.smtputf8 = transaction.smtputf8 || transaction.arrival.card.has_8bit_header;
    entry.submitter = transaction.submitter;
    entry.origin = transaction.origin;
    entry.journey = transaction.journey;
    for (const Copy& copy : copies)
        entry.recipients.push_back(
            queue_recipient(copy.address, store::RecipientRoute::local, std::to_string(copy.account.value)));
    for (const message::EmailAddress& address : remote)
        entry.recipients.push_back(queue_recipient(address, store::RecipientRoute::remote, {}));

    const auto id = co_await queue_.add(entry);
    if (!id) co_return failure(refusal_for(id.error()));
    entry.id = *id;
    journeys_.record(
        {.journey = transaction.journey,
         .time = {},
         .kind = "queued",
         .fields = {{"id", std::to_string(id->value)}, {"recipients", std::to_string(entry.recipients.size())}},
         .message_id = {},
         .addresses = {}});

    const store::ThreadHints hints = thread_hints(transaction.arrival.card);
    std::vector<std::size_t> changed;
    for (std::size_t index = 0; index < copies.size(); ++index) {
        const auto outcome =
            co_await deliver_to(copies[index], entry.blob, hints, queue_.delivery_tag(entry.id, index), entry.journey);
        store::QueueRecipient& recipient = entry.recipients[index];
        recipient.attempts = 1;
        recipient.last_attempt = now;
        if (outcome) {
            recipient.state = store::RecipientState::delivered;
        } else {
            recipient.state =
                outcome.error().permanent ? store::RecipientState::failed : store::RecipientState::deferred;
            recipient.last_reply = outcome.error().status + " " + outcome.error().text;
        }
        changed.push_back(index);
    }
    const bool finished = std::ranges::all_of(entry.recipients, [](const store::QueueRecipient& recipient) {
        return recipient.state == store::RecipientState::delivered;
    });
    // Losing this update is harmless: the entry comes due by itself, and its tags keep copies single.
    if (finished) {
        const auto removed = co_await queue_.remove(entry.id);
        static_cast<void>(removed);
    } else {
        if (!changed.empty()) {
            entry.next_due = clock_.now();
            const auto updated = co_await queue_.update(entry, std::move(changed));
            static_cast<void>(updated);
        }
        wake_queue_();
    }
    co_return Result<void, Refusal>{};
}

async::Awaitable<Result<void, Refusal>> Delivery::deliver_queued(store::QueueEntry entry, std::size_t recipient) {
    const store::QueueRecipient& to = entry.recipients[recipient];
    const auto account = ascii::parse_number<std::uint64_t>(to.target);
    const auto address = message::parse_email_address(to.address);
    if (!account || !address)
        co_return failure(Refusal{.permanent = true, .status = "5.3.5", .text = "the queue entry is damaged"});
    const auto encoded = co_await store_.read_card(entry.blob.id);
    if (!encoded) co_return failure(refusal_for(encoded.error()));
    const auto card = message::decode_card(*encoded);
    Copy copy{.account = store::AccountId(*account), .address = *address, .detail = {}};
    co_return co_await deliver_to(std::move(copy), entry.blob, card ? thread_hints(*card) : store::ThreadHints{},
                                  queue_.delivery_tag(entry.id, recipient), entry.journey);
}

async::Awaitable<Result<void, Refusal>> Delivery::deliver_to(Copy copy, store::BlobRef blob, store::ThreadHints hints,
                                                             std::optional<std::string> tag, std::string journey) {
    const auto account = co_await store_.account(copy.account);
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
                      .fields = {{"account", copy.address.to_string()},
                                 {"mailbox", "INBOX"},
                                 {"uid", std::to_string(placed.uid.value)}},
                      .message_id = {},
                      .addresses = {copy.address.to_string()}});
    co_return Result<void, Refusal>{};
}

} // namespace tegami::delivery
