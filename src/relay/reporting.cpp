// The report to a sender about what could not be delivered, put into the queue with the commit that ends what it tells.
#include "relay/reporting.h"
#include "delivery/bounce.h"
#include "message/encoded_word.h"
#include "relay/work.h"
#include "reporting/own_letter.h"

#include <algorithm>

namespace tegami::relay {

namespace {

constexpr std::uint64_t kReturnedHeaderBytesMax = 64 * 1024;

/// Moves the failed recipients among those reported; returns them.
std::vector<store::QueueRecipient> mark_reported(std::vector<store::QueueItem>& items) {
    std::vector<store::QueueRecipient> failed;
    for (store::QueueItem& item : items) {
        for (store::QueueRecipient& recipient : item.recipients) {
            if (!has_failed(recipient)) continue;
            failed.push_back(recipient);
            recipient.state = store::RecipientState::reported;
        }
    }
    return failed;
}

/// Nobody else works on these items while it lives; afterwards they may be due.
class Held {
public:
    Held(Destinations& destinations, const std::function<void(const store::QueueDestination&)>& look_again)
        : destinations_(destinations), look_again_(look_again) {}

    ~Held() {
        for (const auto& [destination, item] : items_) {
            destinations_.at(destination).under_way.erase(item);
            look_again_(destination);
        }
    }

    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    /// False if somebody works on it.
    bool take(const store::QueueItem& item) {
        if (!destinations_.at(item.destination).under_way.insert(item.id).second) return false;
        items_.emplace_back(item.destination, item.id);
        return true;
    }

private:
    Destinations& destinations_;
    const std::function<void(const store::QueueDestination&)>& look_again_;
    std::vector<std::pair<store::QueueDestination, store::QueueItemId>> items_;
};

} // namespace

async::Awaitable<bool> Reporting::report(store::QueueMessage message, std::optional<store::QueueItem> own,
                                         store::QueueItemId held_by_caller) {
    std::vector<store::QueueItem> items;
    if (own) items.push_back(*own);
    Held held(destinations_, look_again_);
    if (!own || message.items > 1) {
        std::size_t recipients = own ? own->recipients.size() : 0;
        std::vector<store::QueueItem> others = co_await failed_items(message.id);
        for (store::QueueItem& other : others) {
            if (recipients + other.recipients.size() > kReportRecipientsMax) break;
            if (other.id != held_by_caller && !held.take(other)) continue;
            recipients += other.recipients.size();
            items.push_back(std::move(other));
        }
    }
    if (items.empty()) co_return true; // somebody else reports them, or they are due again in a while
    std::vector<store::QueueRecipient> failed = mark_reported(items);
    auto made = co_await make_report(message, std::move(failed));
    if (made) {
        const bool reported = made->has_value();
        const auto concluded = co_await dependencies_.queue.conclude(std::move(items), *std::move(made));
        if (concluded && reported)
            record(dependencies_, message, "bounced", {{"to", message.reverse_path->to_string()}});
        const bool refused = !concluded && (concluded.error().code == store::ErrorCode::conflict ||
                                            concluded.error().code == store::ErrorCode::invalid);
        if (!refused) co_return is_written(dependencies_, concluded, message.id);
        // One of them is not as it was read, perhaps this one, by a commit whose outcome was unknown; or they are too
        // many for one commit.
    }
    if (!own) co_return true;
    own->next_due = std::min(own->next_due, dependencies_.timers.now() + Duration(kReportPatience));
    const auto concluded = co_await dependencies_.queue.conclude({*std::move(own)});
    co_return is_written(dependencies_, concluded, message.id);
}

async::Awaitable<std::vector<store::QueueItem>> Reporting::failed_items(store::QueueId id) {
    std::vector<store::QueueItem> items;
    auto queued = co_await dependencies_.queue.get(id);
    if (!queued) co_return items; // damaged, or gone
    for (store::QueueItem& item : queued->items)
        if (std::ranges::any_of(item.recipients, has_failed)) items.push_back(std::move(item));
    co_return items;
}

/// The report to the sender as a message for the queue; nothing if there is nobody to tell.
async::Awaitable<Result<std::optional<store::QueuedMessage>, Reporting::Unreported>>
Reporting::make_report(store::QueueMessage message, std::vector<store::QueueRecipient> failed) {
    const std::optional<message::EmailAddress> sender = message.reverse_path;
    if (failed.empty()) co_return std::nullopt;
    // A report about a report would go round for ever (RFC 5321 §4.5.5).
    std::optional<directory::Resolution> resolution = directory::UnknownUser{};
    if (sender) {
        auto found = co_await dependencies_.directory.resolve(*sender);
        resolution.reset();
        if (found) resolution = *std::move(found);
    }
    if (!resolution) co_return failure(Unreported{});
    const auto* local = std::get_if<directory::Local>(&*resolution);
    // Reports that the server itself reads are no letters that come back.
    const bool nobody = local != nullptr && local->accounts.empty() && local->remote.empty();
    if (nobody || std::holds_alternative<directory::UnknownUser>(*resolution)) {
        record(dependencies_, message, "discarded", {{"reason", "there is nobody to report to"}});
        co_return std::nullopt;
    }
    delivery::Bounce bounce{.failed = std::move(failed),
                            .arrived = message.created,
                            .subject = {},
                            .message_id = {},
                            .header = {},
                            .host_name = options_.host_name,
                            .from = dependencies_.directory.bare_postmaster(),
                            .to = *sender,
                            .now = dependencies_.timers.now(),
                            .token = dependencies_.random.token(24)};
    const auto encoded = co_await dependencies_.store.read_card(message.blob.id);
    if (encoded) {
        if (const auto card = message::decode_card(*encoded)) {
            if (card->envelope.subject) bounce.subject = message::decode_encoded_words(*card->envelope.subject);
            bounce.message_id = card->message_id.value_or("");
            // Without our Return-Path: it is not the sender's.
            const std::uint64_t end = std::min<std::uint64_t>(card->header_size, kReturnedHeaderBytesMax);
            if (end > message.content_from) {
                auto header = co_await dependencies_.store.read_blob(message.blob.id, message.content_from,
                                                                     end - message.content_from);
                if (header) bounce.header = *std::move(header);
            }
        }
    }
    std::string journey = dependencies_.journeys.new_journey();
    auto own = co_await reporting::store_own_letter(&dependencies_.store.engine(), &dependencies_.signatures,
                                                    delivery::build_bounce(bounce), journey);
    if (!own) co_return failure(Unreported{});

    delivery::Transaction transaction{.reverse_path = {},
                                      .recipients = {},
                                      .arrival = std::move(own->arrival),
                                      .content_from = own->front.size(),
                                      .prefix = std::move(own->signature),
                                      .junk = false,
                                      .passed_on = false,
                                      .submitter = {},
                                      .origin = {},
                                      .journey = std::move(journey)};
    reception::AcceptedRecipient to{.address = *sender};
    if (local != nullptr) {
        to.accounts = local->accounts;
        to.remote = local->remote;
    } else {
        to.remote.push_back(*sender);
    }
    transaction.recipients.push_back(std::move(to));
    dependencies_.journeys.record({.journey = transaction.journey,
                                   .time = {},
                                   .kind = "reported",
                                   .fields = {{"to", sender->to_string()}, {"about", bounce.message_id}},
                                   .message_id = transaction.arrival.card.message_id.value_or(""),
                                   .addresses = {sender->to_string()}});
    co_return dependencies_.delivery.make_queued(transaction, delivery::make_plan(transaction.recipients));
}

} // namespace tegami::relay
