// What is due in the queue, and where.
#include "async/turns.h"
#include "store/account_records.h"
#include "store/queue.h"
#include "store/queue_records.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Rows of an index read at once: few enough for the engine to answer on the caller's thread.
constexpr std::size_t kRowsAtOnce = 64;

} // namespace

async::Awaitable<StoreResult<std::set<QueueDestination>>> Queue::due_destinations(Timestamp now, std::size_t count_max,
                                                                                  std::optional<Timestamp> latest) {
    CO_TRY_VOID(co_await release_held(now));
    const std::string end = record::queue_due_key(now + Duration(1));
    const std::string begin = search_.begin(end);
    std::set<QueueDestination> found;
    StoreResult<> searched = co_await find_due(begin, end, count_max, &found);
    if (!searched) search_.end(begin);
    CO_TRY_VOID(std::move(searched));
    if (latest)
        CO_TRY_VOID(
            co_await find_due(record::queue_due_key(std::max(*latest, now) + Duration(1)), "E", count_max, &found));
    co_return found;
}

async::Awaitable<StoreResult<>> Queue::find_due(std::string begin, std::string end, std::size_t count_max,
                                                std::set<QueueDestination>* found) {
    for (bool more = true; more;) {
        CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, end, kRowsAtOnce, false}));
        std::string last; // most rows that follow each other are of one destination
        for (const Row& row : page.rows) {
            if (row.value == last) continue;
            if (found->size() >= count_max) {
                search_.end(row.key);
                co_return StoreResult<>{};
            }
            const auto text = record::decode_text(row.value);
            auto destination = text ? record::decode_destination(*text) : std::nullopt;
            if (destination) found->insert(*std::move(destination));
            last = row.value;
        }
        more = page.more && !page.rows.empty();
        if (more) {
            begin = page.rows.back().key + '\0';
            co_await async::give_way();
        }
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<std::vector<DueItem>>> Queue::due_items(QueueDestination destination, Timestamp now,
                                                                     std::size_t count_max,
                                                                     const std::set<QueueItemId>* except,
                                                                     std::optional<Timestamp> latest) {
    std::vector<DueItem> found;
    CO_TRY(const std::optional<QueueHold> hold, co_await holds_.of(destination));
    const QueueHold* const held = hold ? &*hold : nullptr;
    const std::string end = record::queue_destination_key(destination, now + Duration(1));
    const std::string begin = search_.begin(destination, end);
    StoreResult<std::string> next = co_await find_items(begin, end, count_max, except, held, &found);
    search_.end(destination, next ? *std::move(next) : begin);
    CO_TRY_VOID(std::move(next));
    if (latest && found.size() < count_max)
        CO_TRY_VOID(
            co_await find_items(record::queue_destination_key(destination, std::max(*latest, now) + Duration(1)),
                                record::queue_destination_end(destination), count_max, except, held, &found));
    co_return found;
}

/// Returns the key of the first item found, or what it looked up to.
async::Awaitable<StoreResult<std::string>> Queue::find_items(std::string begin, std::string end, std::size_t count_max,
                                                             const std::set<QueueItemId>* except, const QueueHold* hold,
                                                             std::vector<DueItem>* found) {
    std::string first = end;
    for (bool more = true; more && found->size() < count_max;) {
        const std::size_t wanted = std::min(kRowsAtOnce, count_max - found->size() + except->size());
        CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, end, wanted, false}));
        for (const Row& row : page.rows) {
            if (except->contains(record::item_of_key(row.key))) continue;
            CO_TRY(auto due, co_await read_due(row.key, hold));
            if (!due) continue;
            if (first == end) first = row.key;
            found->push_back(*std::move(due));
            if (found->size() == count_max) co_return first;
        }
        more = page.more && !page.rows.empty();
        if (more) {
            begin = page.rows.back().key + '\0';
            co_await async::give_way();
        }
    }
    co_return first;
}

/// The item of a T key; nothing if the key is a leftover or a record is damaged: verify() names those, and the others
/// must not wait for them. With the hold of its destination only if there is somebody whose sender is to be told.
async::Awaitable<StoreResult<std::optional<DueItem>>> Queue::read_due(std::string key, const QueueHold* hold) {
    const QueueItemId id = record::item_of_key(key);
    CO_TRY(const auto value, co_await engine_->get(domain_, record::queue_item_key(id)));
    auto item = value ? record::decode_queue_item(id, *value) : std::nullopt;
    if (!item || record::queue_destination_key(item->destination, item->next_due, id) != key)
        co_return std::optional<DueItem>();
    for (QueueRecipient& recipient : item->recipients)
        if (hold && recipient.is_waiting()) recipient.hold = *hold;
    if (item->is_on_hold()) co_return std::optional<DueItem>();
    CO_TRY(const auto head, co_await engine_->get(domain_, record::queue_message_key(id.message)));
    auto message = head ? record::decode_queue_message(id.message, *head) : std::nullopt;
    if (!message || message->is_held()) co_return std::optional<DueItem>();
    co_return DueItem{.message = *std::move(message), .item = *std::move(item)};
}

async::Awaitable<StoreResult<std::optional<Timestamp>>> Queue::next_due(Timestamp now) {
    CO_TRY(const Page due, co_await engine_->scan(domain_, {record::queue_due_key(now + Duration(1)), "E", 1, false}));
    CO_TRY(const Page held,
           co_await engine_->scan(domain_, {record::queue_held_key(now + Duration(1)), "X", 1, false}));
    std::optional<Timestamp> next;
    for (const Page* const page : {&due, &held})
        for (const Row& row : page->rows)
            next = std::min(next.value_or(Timestamp::max()), record::due_of_key(row.key));
    co_return next;
}

} // namespace tegami::store
