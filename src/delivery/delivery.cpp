#include "delivery/delivery.h"

#include "base/assert.h"

#include <fmt/chrono.h>

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
    case store::ErrorCode::unavailable:
    case store::ErrorCode::unknown: break;
    }
    return {.status = "4.3.0", .text = "the message cannot be stored now, please try again later"};
}

/// Counts how long it lived.
class Measured {
public:
    Measured(DurationHistogram* durations, const Clock* clock)
        : durations_(durations), clock_(clock), begun_(clock->instant()) {}

    ~Measured() { durations_->add(clock_->instant() - begun_); }

    Measured(const Measured&) = delete;
    Measured& operator=(const Measured&) = delete;

private:
    DurationHistogram* durations_;
    const Clock* clock_;
    Instant begun_;
};

} // namespace

Delivery::Delivery(store::Store& store, store::Queue& queue, store::Journeys& journeys, const Clock& clock,
                   DeliveryOptions options, std::function<void()> wake_queue)
    : store_(store), queue_(queue), journeys_(journeys), clock_(clock), options_(options),
      wake_queue_(std::move(wake_queue)) {}

async::Awaitable<std::vector<Outcome>> Delivery::accept(Transaction transaction) {
    Plan plan = make_plan(transaction.recipients, transaction.junk ? store::Role::junk : store::Role::inbox);
    const std::size_t count = transaction.recipients.size();
    ASSERT(count > 0);
    if (const Refusal* refused = plan.refusal()) co_return std::vector<Outcome>(count, failure(*refused));
    const Outcome outcome = co_await carry_out(std::move(transaction), std::move(plan));
    co_return std::vector<Outcome>(count, outcome);
}

async::Awaitable<Outcome> Delivery::carry_out(Transaction transaction, Plan plan) {
    const Measured measured(&durations_, &clock_);
    if (plan.for_server) {
        // Before anything else: reading it twice, when it is sent again, changes nothing.
        Outcome taken = co_await give_to_server(&transaction);
        if (!taken) co_return taken;
    }
    if (plan.placements.empty() && plan.forwards.empty()) co_return Outcome{};
    Copy copy{.blob = transaction.arrival.blob,
              .hints = ingest::thread_hints(transaction.arrival.card),
              .journey = transaction.journey};
    if (plan.is_one_commit())
        co_return co_await place(std::move(copy), std::move(plan.placements.front()), std::nullopt);
    store::QueuedMessage queued = make_queued(transaction, plan);
    co_return co_await carry_out_through_queue(std::move(copy), std::move(plan.placements), std::move(queued));
}

async::Awaitable<Outcome> Delivery::give_to_server(const Transaction* transaction) {
    if (options_.server_mail == nullptr) co_return Outcome{};
    co_return co_await options_.server_mail->take({.blob = transaction->arrival.blob,
                                                   .card = transaction->arrival.card,
                                                   .author = transaction->author,
                                                   .signers = transaction->signers,
                                                   .journey = transaction->journey});
}

async::Awaitable<Result<std::optional<store::QueueId>, Refusal>>
Delivery::enqueue(Transaction transaction, std::optional<Timestamp> held_until) {
    const Plan plan = make_plan(transaction.recipients, transaction.junk ? store::Role::junk : store::Role::inbox);
    if (const Refusal* refused = plan.refusal()) co_return failure(*refused);
    if (plan.for_server) {
        const Outcome taken = co_await give_to_server(&transaction);
        if (!taken) co_return failure(taken.error());
    }
    if (plan.placements.empty() && plan.forwards.empty()) co_return std::optional<store::QueueId>();
    store::QueuedMessage queued = make_queued(transaction, plan);
    if (held_until) {
        store::QueueMessage& message = queued.message;
        message.expires += *held_until - message.created;
        message.held_until = held_until;
        for (store::QueueItem& item : queued.items)
            item.next_due = *held_until;
    }
    CO_TRY(const store::QueueId id, co_await queue(std::move(queued)));
    co_return id;
}

/// Adds it to the queue, with an event of its journey.
async::Awaitable<Result<store::QueueId, Refusal>> Delivery::queue(store::QueuedMessage queued) {
    std::size_t recipients = 0;
    for (const store::QueueItem& item : queued.items)
        recipients += item.recipients.size();
    store::JourneyEvent event{.journey = queued.message.journey,
                              .time = {},
                              .kind = "queued",
                              .fields = {{"id", {}}, {"recipients", std::to_string(recipients)}},
                              .message_id = {},
                              .addresses = {}};
    if (queued.message.held_until)
        event.fields.push_back({"until", fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", std::chrono::floor<std::chrono::seconds>(
                                                                                  *queued.message.held_until))});
    const auto id = co_await queue_.add(std::move(queued));
    if (!id) co_return failure(refusal_for(id.error()));
    event.fields.front().value = std::to_string(id->value);
    event.addresses.push_back(std::to_string(id->value)); // by which the letter is still found when it has left
    journeys_.record(std::move(event));
    co_return *id;
}

store::QueuedMessage Delivery::make_queued(const Transaction& transaction, const Plan& plan) const {
    const Timestamp now = clock_.now();
    store::QueuedMessage queued;
    store::QueueMessage& message = queued.message;
    message.reverse_path = transaction.reverse_path;
    message.blob = transaction.arrival.blob;
    message.content_from = transaction.content_from;
    message.prefix = transaction.prefix;
    message.junk = transaction.junk;
    message.passed_on = transaction.passed_on;
    message.tls_optional = transaction.tls_optional;
    message.created = now;
    message.expires = now + options_.queue_expiry;
    message.eight_bit = transaction.arrival.card.has_8bit_header || transaction.arrival.card.has_8bit_body;
    message.submitter = transaction.submitter;
    message.origin = transaction.origin;
    message.journey = transaction.journey;
    for (const Placement& placement : plan.placements)
        queued.items.push_back(store::local_item(
            placement.to.account, {.address = placement.to.address, .detail = placement.to.detail}, now));
    std::vector<store::QueueRecipient> elsewhere;
    for (const Forward& forward : plan.forwards)
        elsewhere.push_back({.address = forward.to});
    std::vector<store::QueueItem> items = store::remote_items(std::move(elsewhere), now);
    queued.items.insert(queued.items.end(), std::make_move_iterator(items.begin()),
                        std::make_move_iterator(items.end()));
    return queued;
}

/// The message's items begin with those of the placements.
async::Awaitable<Outcome> Delivery::carry_out_through_queue(Copy copy, std::vector<Placement> placements,
                                                            store::QueuedMessage queued) {
    for (std::size_t index = 0; index < placements.size(); ++index)
        queued.items[index].next_due += kLocalDeliveryTime;
    CO_TRY(const store::QueueId id, co_await queue(queued));

    std::vector<store::QueueItem> tried;
    for (std::uint32_t index = 0; index < placements.size(); ++index) {
        store::QueueItem item = std::move(queued.items[index]);
        item.id = {id, index};
        const Outcome outcome = co_await place(copy, std::move(placements[index]), queue_.delivery_tag(item.id));
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
        tried.push_back(std::move(item));
    }
    // Losing this is harmless: the items come due by themselves, and their tags keep copies single.
    if (!tried.empty()) {
        const auto concluded = co_await queue_.conclude(std::move(tried));
        static_cast<void>(concluded);
    }
    wake_queue_();
    co_return Outcome{};
}

async::Awaitable<Outcome> Delivery::deliver_queued(store::QueueMessage message, store::QueueItem item) {
    const auto encoded = co_await store_.read_card(message.blob.id);
    if (!encoded) co_return failure(refusal_for(encoded.error()));
    const auto card = message::decode_card(*encoded);
    Copy copy{.blob = message.blob,
              .hints = card ? ingest::thread_hints(*card) : store::ThreadHints{},
              .journey = message.journey};
    const store::QueueRecipient& to = item.recipients.front();
    Placement placement{
        .to = {.account = std::get<store::AccountId>(item.destination), .address = to.address, .detail = to.detail},
        .folder = message.junk ? store::Role::junk : store::Role::inbox,
        .original = to.address};
    co_return co_await place(std::move(copy), std::move(placement), queue_.delivery_tag(item.id));
}

async::Awaitable<Outcome> Delivery::place(Copy copy, Placement placement, std::optional<std::string> tag) {
    const auto account = co_await store_.account(placement.to.account);
    if (!account) co_return failure(refusal_for(account.error()));
    store::MailboxPtr mailbox = (*account)->mailboxes()->find(placement.folder);
    if (!mailbox || !mailbox->selectable) mailbox = (*account)->mailboxes()->find(store::Role::inbox);
    if (!mailbox) co_return failure(refusal_for({store::ErrorCode::damaged, "no INBOX"}));

    const Timestamp now = clock_.now();
    store::NewMessage incoming{.blob = copy.blob,
                               .placements = {{.mailbox = mailbox->id, .flags = {}, .keywords = {}}},
                               .internal_date = now,
                               .zone = clock_.zone(now),
                               .thread = std::move(copy.hints)};
    std::vector<store::NewMessage> messages;
    messages.push_back(std::move(incoming));
    const auto appended = co_await (*account)->append(std::move(messages), std::move(tag));
    if (!appended) co_return failure(refusal_for(appended.error()));
    const store::Placed& placed = appended->messages.front().front();
    const std::string address = placement.to.address.to_string();
    store::JourneyEvent event{
        .journey = copy.journey,
        .time = {},
        .kind = "stored",
        .fields = {{"account", address}, {"mailbox", mailbox->name}, {"uid", std::to_string(placed.uid.value)}},
        .message_id = {},
        .addresses = {address}};
    if (placement.folder == store::Role::junk) event.fields.push_back({std::string(store::kJunkField), "yes"});
    journeys_.record(std::move(event));
    co_return Outcome{};
}

} // namespace tegami::delivery
