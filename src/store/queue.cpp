#include "store/queue.h"

#include "async/turns.h"
#include "store/account_records.h"
#include "store/engine/batch_check.h"
#include "store/engine/guarded_update.h"
#include "store/queue_changes.h"
#include "store/queue_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

namespace tegami::store {

namespace {

bool is_well_formed(const QueuedMessage& message) {
    return !message.items.empty() && message.items.size() <= kQueueItemsMax &&
           message.message.prefix.size() <= kQueuePrefixBytesMax &&
           std::ranges::all_of(message.items, [](const QueueItem& item) {
               return !item.recipients.empty() && item.recipients.size() <= kItemRecipientsMax;
           });
}

} // namespace

QueueItem local_item(AccountId account, QueueRecipient recipient, Timestamp due) {
    QueueItem item{.id = {}, .destination = account, .recipients = {}, .next_due = due};
    item.recipients.push_back(std::move(recipient));
    return item;
}

std::vector<QueueItem> remote_items(std::vector<QueueRecipient> recipients, Timestamp due) {
    std::vector<QueueItem> items;
    std::map<message::Domain, std::size_t> last; // the item of the domain that is not full
    for (QueueRecipient& recipient : recipients) {
        const message::Domain& domain = recipient.address.domain;
        const auto found = last.find(domain);
        if (found == last.end() || items[found->second].recipients.size() == kItemRecipientsMax) {
            last.insert_or_assign(domain, items.size());
            items.push_back({.id = {}, .destination = domain, .recipients = {}, .next_due = due});
        }
        items[last.at(domain)].recipients.push_back(std::move(recipient));
    }
    return items;
}

namespace {

/// The items of a message that is held are found by its head alone.
void add_item(Batch& batch, const QueueMessage& message, const QueueItem& item) {
    if (message.is_held())
        batch.operations.emplace_back(Put{record::queue_item_key(item.id), record::encode_queue_item(item)});
    else
        put_item(batch, item);
}

} // namespace

Queue::Queue(Engine* engine, Clock* clock, std::uint64_t shard)
    : engine_(engine), clock_(clock), domain_{DomainKind::queue, shard}, holds_(engine, clock, domain_, &search_) {}

std::string Queue::delivery_tag(QueueItemId id) const {
    return fmt::format("q{}/{}/{}", domain_.id, id.message.value, id.number);
}

Batch Queue::new_batch() const {
    return {.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
}

QueueId Queue::fresh_id() {
    // Ids are moments, so that they rise across restarts; two in one microsecond get two ids.
    const auto now = static_cast<std::uint64_t>(clock_->now().time_since_epoch().count());
    std::uint64_t last = last_id_.load();
    while (!last_id_.compare_exchange_weak(last, std::max(last + 1, now))) {
    }
    return QueueId(std::max(last + 1, now));
}

/// All records of a message that has its ids.
void Queue::add_message(Batch& batch, const QueuedMessage& message) const {
    const std::string key = record::queue_message_key(message.message.id);
    batch.assertions.push_back({key, std::nullopt});
    batch.operations.emplace_back(Put{key, record::encode_queue_message(message.message)});
    batch.operations.emplace_back(
        AddReference{message.message.blob.id, record::queue_reference_tag(domain_.id, message.message.id)});
    if (message.message.is_held())
        batch.operations.emplace_back(
            Put{record::queue_held_key(*message.message.held_until, message.message.id), record::encode_text("")});
    for (const QueueItem& item : message.items)
        add_item(batch, message.message, item);
}

async::Awaitable<StoreResult<QueueId>> Queue::add(QueuedMessage message) {
    if (!is_well_formed(message))
        co_return failure(Error{ErrorCode::invalid, "a queued message has 1 to 10,000 items of 1 to 100 recipients"});
    const Limits limits = engine_->limits();
    for (int attempt = 0; attempt < kQueueAttempts; ++attempt) {
        number(message, fresh_id());
        Batch batch = new_batch();
        add_message(batch, message);
        if (!fits(batch, limits)) {
            // Too many for one batch: the first items before the head, without which nobody sees them.
            StoreResult<std::size_t> written = co_await add_in_parts(&message);
            if (!written && written.error().code == ErrorCode::conflict) continue;
            if (!written) co_return failure(written.error());
            QueuedMessage rest{.message = message.message, .items = {}};
            rest.items.assign(message.items.begin() + static_cast<std::ptrdiff_t>(*written), message.items.end());
            batch = new_batch();
            add_message(batch, rest);
        }
        const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
        if (!message.message.is_held()) search_.became_due(message.items);
        if (committed) co_return message.message.id;
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::conflict, "no free queue id"});
}

/// Writes items of a message that has no head yet, as many as need not go with the head; returns how many. A conflict
/// says that the id is taken: nothing was written.
async::Awaitable<StoreResult<std::size_t>> Queue::add_in_parts(const QueuedMessage* message) {
    Limits limits = engine_->limits();
    limits.batch_operations_max -= 4; // the last items go with the head
    limits.batch_bytes_max -= limits.batch_bytes_max / 4;
    std::size_t written = 0;
    std::size_t bytes = 0;
    Batch batch = new_batch();
    for (std::size_t at = 0; at < message->items.size(); ++at) {
        Batch one = new_batch();
        add_item(one, message->message, message->items[at]);
        const std::size_t more = batch_bytes(one);
        const bool full = batch.operations.size() + one.operations.size() > limits.batch_operations_max ||
                          bytes + more > limits.batch_bytes_max;
        if (full && !batch.operations.empty()) {
            batch.assertions.push_back({record::queue_message_key(message->message.id), std::nullopt});
            CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
            written = at;
            bytes = 0;
            batch = new_batch();
        }
        bytes += more;
        std::ranges::move(one.operations, std::back_inserter(batch.operations));
    }
    co_return written;
}

async::Awaitable<StoreResult<std::vector<QueueItem>>> Queue::items_of(QueueId id) {
    std::vector<QueueItem> items;
    std::string begin = record::queue_item_key({id, 0});
    const std::string end = record::queue_item_key({id.next(), 0});
    for (bool more = true; more;) {
        CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, end, 1000, false}));
        for (const Row& row : page.rows) {
            auto item = record::decode_queue_item(record::item_of_key(row.key), row.value);
            if (!item) co_return failure(damaged_record(domain_, row.key));
            items.push_back(*std::move(item));
        }
        more = page.more && !page.rows.empty();
        if (more) begin = page.rows.back().key + '\0';
    }
    co_return items;
}

async::Awaitable<StoreResult<QueuedMessage>> Queue::get(QueueId id) {
    const std::string key = record::queue_message_key(id);
    CO_TRY(const auto head, co_await engine_->get(domain_, key));
    if (!head) co_return failure(queue_not_found(id));
    auto message = record::decode_queue_message(id, *head);
    if (!message) co_return failure(damaged_record(domain_, key));
    CO_TRY(std::vector<QueueItem> items, co_await items_of(id));
    if (items.empty()) { // the last of them may have ended since the head was read
        CO_TRY(const auto still_there, co_await engine_->get(domain_, key));
        if (!still_there) co_return failure(queue_not_found(id));
    }
    QueuedMessage found{.message = *std::move(message), .items = std::move(items)};
    co_return found;
}

async::Awaitable<StoreResult<QueuePage>> Queue::list(QueueId after, std::size_t count_max) {
    QueuePage result;
    count_max = std::min(count_max, kQueuePageMax);
    std::string begin = record::queue_message_key(after.next());
    bool more = after.value != std::numeric_limits<std::uint64_t>::max();
    while (more && result.messages.size() < count_max) {
        CO_TRY(const Page page,
               co_await engine_->scan(domain_, {begin, "N", count_max - result.messages.size(), false}));
        for (const Row& row : page.rows) {
            StoreResult<QueuedMessage> message = co_await get(QueueId(record::number64(row.key, 1)));
            // Damage is for verify() to name; what has ended meanwhile is not there any more.
            if (message)
                result.messages.push_back(*std::move(message));
            else if (message.error().code != ErrorCode::damaged && message.error().code != ErrorCode::not_found)
                co_return failure(message.error());
        }
        more = page.more && !page.rows.empty();
        if (more) begin = page.rows.back().key + '\0';
    }
    result.more = more;
    co_return result;
}

async::Awaitable<StoreResult<QueueDepth>> Queue::depth() {
    QueueDepth depth;
    std::string begin = record::queue_message_key(QueueId(0));
    for (bool more = true; more;) {
        CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, "N", kQueuePageMax, false}));
        for (const Row& row : page.rows) {
            const auto message = record::decode_queue_message(QueueId(record::number64(row.key, 1)), row.value);
            if (!message || message->is_held()) continue;
            depth.oldest = std::min(depth.oldest.value_or(Timestamp::max()), message->waits_since());
        }
        depth.messages += page.rows.size();
        more = page.more && !page.rows.empty();
        if (more) {
            begin = page.rows.back().key + '\0';
            co_await async::give_way();
        }
    }
    co_return depth;
}

async::Awaitable<StoreResult<>> Queue::retry(QueueId id) {
    CO_TRY_VOID(co_await release(id));
    CO_TRY(const QueuedMessage message, co_await get(id));
    const Timestamp now = clock_->now();
    for (const QueueItem& item : message.items)
        CO_TRY_VOID(co_await retry_item(item.id, now));
    co_return StoreResult<>{};
}

/// Not a conclusion: who works on the item may still conclude it. No error if it has ended.
async::Awaitable<StoreResult<>> Queue::retry_item(QueueItemId id, Timestamp due) {
    const std::string key = record::queue_item_key(id);
    std::optional<QueueItem> retried;
    const auto make_due = [&](const std::optional<std::string>& value) -> StoreResult<Update> {
        retried.reset();
        if (!value) return Update{};
        retried = record::decode_queue_item(id, *value);
        if (!retried) return failure(damaged_record(domain_, key));
        Batch batch = new_batch();
        delete_due(batch, *retried);
        retried->next_due = due;
        put_item(batch, *retried);
        return Update{.operations = std::move(batch.operations), .assertions = {}};
    };
    const StoreResult<> committed = co_await guarded_update(engine_, domain_, key, make_due);
    if (retried) search_.became_due(*retried); // also if the outcome is not known
    co_return committed;
}

} // namespace tegami::store
