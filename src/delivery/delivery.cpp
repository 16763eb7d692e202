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
    case store::ErrorCode::unavailable:
    case store::ErrorCode::unknown: break;
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

async::Awaitable<std::vector<Outcome>> Delivery::accept(Transaction transaction) {
    Plan plan = make_plan(transaction.recipients);
    const std::size_t count = transaction.recipients.size();
    ASSERT(count > 0);
    if (const Refusal* refused = plan.refusal()) co_return std::vector<Outcome>(count, failure(*refused));
    const Outcome outcome = co_await carry_out(std::move(transaction), std::move(plan));
    co_return std::vector<Outcome>(count, outcome);
}

async::Awaitable<Outcome> Delivery::carry_out(Transaction transaction, Plan plan) {
    Copy copy{.blob = transaction.arrival.blob,
              .hints = thread_hints(transaction.arrival.card),
              .journey = transaction.journey};
    if (plan.is_one_commit())
        co_return co_await place(std::move(copy), std::move(plan.placements.front()), std::nullopt);
    store::QueueEntry entry = make_entry(transaction, plan);
    co_return co_await carry_out_through_queue(std::move(copy), std::move(plan.placements), std::move(entry));
}

store::QueueEntry Delivery::make_entry(const Transaction& transaction, const Plan& plan) const {
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
    for (const Placement& placement : plan.placements)
        entry.recipients.push_back(queue_recipient(placement.to.address, store::RecipientRoute::local,
                                                   std::to_string(placement.to.account.value)));
    for (const Forward& forward : plan.forwards)
        entry.recipients.push_back(queue_recipient(forward.to, store::RecipientRoute::remote, {}));
    return entry;
}

/// The entry's recipients begin with those of the placements.
async::Awaitable<Outcome> Delivery::carry_out_through_queue(Copy copy, std::vector<Placement> placements,
                                                            store::QueueEntry entry) {
    if (!placements.empty()) entry.next_due += kLocalDeliveryTime;
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
    for (std::size_t index = 0; index < placements.size(); ++index) {
        const Outcome outcome =
            co_await place(copy, std::move(placements[index]), queue_.delivery_tag(entry.id, index));
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
    co_return Outcome{};
}

async::Awaitable<Outcome> Delivery::deliver_queued(store::QueueEntry entry, std::size_t recipient) {
    const store::QueueRecipient& to = entry.recipients[recipient];
    const auto account = ascii::parse_number<std::uint64_t>(to.target);
    const auto address = message::parse_email_address(to.address);
    if (!account || !address)
        co_return failure(Refusal{.permanent = true, .status = "5.3.5", .text = "the queue entry is damaged"});
    const auto encoded = co_await store_.read_card(entry.blob.id);
    if (!encoded) co_return failure(refusal_for(encoded.error()));
    const auto card = message::decode_card(*encoded);
    Copy copy{.blob = entry.blob, .hints = card ? thread_hints(*card) : store::ThreadHints{}, .journey = entry.journey};
    Placement placement{.to = {.account = store::AccountId(*account), .address = *address, .detail = {}},
                        .original = *address};
    co_return co_await place(std::move(copy), std::move(placement), queue_.delivery_tag(entry.id, recipient));
}

async::Awaitable<Outcome> Delivery::place(Copy copy, Placement placement, std::optional<std::string> tag) {
    const auto account = co_await store_.account(placement.to.account);
    if (!account) co_return failure(refusal_for(account.error()));
    store::MailboxPtr mailbox = (*account)->mailboxes()->find(placement.mailbox);
    if (!mailbox || !mailbox->selectable) mailbox = (*account)->mailboxes()->find(store::Role::inbox);
    if (!mailbox) co_return failure(refusal_for({store::ErrorCode::damaged, "no INBOX"}));

    store::NewMessage incoming{.blob = copy.blob,
                               .placements = {{.mailbox = mailbox->id, .flags = {}, .keywords = {}}},
                               .internal_date = clock_.now(),
                               .thread = std::move(copy.hints)};
    std::vector<store::NewMessage> messages;
    messages.push_back(std::move(incoming));
    const auto appended = co_await (*account)->append(std::move(messages), std::move(tag));
    if (!appended) co_return failure(refusal_for(appended.error()));
    const store::Placed& placed = appended->messages.front().front();
    const std::string address = placement.to.address.to_string();
    journeys_.record(
        {.journey = copy.journey,
         .time = {},
         .kind = "stored",
         .fields = {{"account", address}, {"mailbox", mailbox->name}, {"uid", std::to_string(placed.uid.value)}},
         .message_id = {},
         .addresses = {address}});
    co_return Outcome{};
}

} // namespace tegami::delivery
