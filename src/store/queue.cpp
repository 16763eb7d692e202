#include "store/queue.h"

#include "store/account_records.h"
#include "store/queue_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace tegami::store {

namespace {

/// How often a change that another one has overtaken is made again.
constexpr int kAttempts = 8;

Error not_found(QueueId id) {
    return {ErrorCode::not_found, fmt::format("queue entry {}", id.value)};
}

} // namespace

Queue::Queue(Engine* engine, Clock* clock, std::uint64_t shard)
    : engine_(engine), clock_(clock), domain_{DomainKind::queue, shard} {}

std::string Queue::delivery_tag(QueueId id, std::size_t recipient) const {
    return fmt::format("q{}/{}/{}", domain_.id, id.value, recipient);
}

async::Awaitable<StoreResult<>> Queue::write_recipients(QueueId id, std::vector<QueueRecipient> recipients,
                                                        std::vector<std::size_t> positions) {
    const Limits limits = engine_->limits();
    for (std::size_t at = 0; at < positions.size();) {
        Batch batch{.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
        std::size_t bytes = 0;
        for (; at < positions.size() && batch.operations.size() < limits.batch_operations_max; ++at) {
            Put put{record::queue_recipient_key(id, static_cast<std::uint32_t>(positions[at])),
                    record::encode_queue_recipient(recipients[positions[at]])};
            bytes += put.key.size() + put.value.size();
            if (bytes > limits.batch_bytes_max && !batch.operations.empty()) break;
            batch.operations.emplace_back(std::move(put));
        }
        CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    }
    co_return StoreResult<>{};
}

QueueId Queue::fresh_id() {
    // Ids are moments, so that they rise across restarts; two in one microsecond get two ids.
    const auto now = static_cast<std::uint64_t>(clock_->now().time_since_epoch().count());
    std::uint64_t last = last_id_.load();
    while (!last_id_.compare_exchange_weak(last, std::max(last + 1, now))) {
    }
    return QueueId(std::max(last + 1, now));
}

async::Awaitable<StoreResult<QueueId>> Queue::add(QueueEntry entry) {
    if (entry.recipients.empty() || entry.recipients.size() > kQueueRecipientsMax)
        co_return failure(Error{ErrorCode::invalid, "a queue entry has 1 to 10,000 recipients"});
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        entry.id = fresh_id();
        Batch batch{.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
        const std::string key = record::queue_head_key(entry.id);
        batch.assertions.push_back({key, std::nullopt});
        batch.operations.emplace_back(Put{key, record::encode_queue_head(entry)});
        batch.operations.emplace_back(Put{record::queue_due_key(entry.next_due, entry.id), record::encode_text("")});
        batch.operations.emplace_back(AddReference{entry.blob.id, record::queue_reference_tag(domain_.id, entry.id)});
        std::size_t bytes = 1000;
        std::vector<std::size_t> positions;
        for (std::size_t at = 0; at < entry.recipients.size(); ++at) {
            Put put{record::queue_recipient_key(entry.id, static_cast<std::uint32_t>(at)),
                    record::encode_queue_recipient(entry.recipients[at])};
            bytes += put.key.size() + put.value.size();
            positions.push_back(at);
            batch.operations.emplace_back(std::move(put));
        }
        const Limits limits = engine_->limits();
        if (bytes > limits.batch_bytes_max || batch.operations.size() + 1 > limits.batch_operations_max) {
            // Too many for one batch: the recipients first, for without the head nobody sees them.
            batch.operations.erase(batch.operations.begin() + 3, batch.operations.end());
            CO_TRY_VOID(co_await write_recipients(entry.id, entry.recipients, std::move(positions)));
        }
        const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
        if (committed) co_return entry.id;
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::conflict, "no free queue id"});
}

async::Awaitable<StoreResult<QueueEntry>> Queue::read(QueueId id, std::string head) {
    auto decoded = record::decode_queue_head(id, head);
    const std::string key = record::queue_head_key(id);
    if (!decoded) co_return failure(damaged_record(domain_, key));
    QueueEntry entry = std::move(decoded->entry);
    std::string begin = record::queue_recipient_key(id, 0);
    const std::string end = record::queue_recipient_key(id.next(), 0);
    while (entry.recipients.size() < decoded->recipients) {
        CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, end, 1000, false}));
        for (const Row& row : page.rows) {
            auto recipient = record::decode_queue_recipient(row.value);
            const bool in_order = record::number32(row.key, 9) == entry.recipients.size();
            if (!recipient || !in_order) co_return failure(damaged_record(domain_, row.key));
            entry.recipients.push_back(*std::move(recipient));
        }
        if (!page.more || page.rows.empty()) break;
        begin = page.rows.back().key + '\0';
    }
    if (entry.recipients.size() != decoded->recipients) co_return failure(damaged_record(domain_, key));
    co_return entry;
}

async::Awaitable<StoreResult<QueueEntry>> Queue::get(QueueId id) {
    CO_TRY(auto head, co_await engine_->get(domain_, record::queue_head_key(id)));
    if (!head) co_return failure(not_found(id));
    co_return co_await read(id, *std::move(head));
}

async::Awaitable<StoreResult<std::vector<QueueEntry>>>
Queue::due(Timestamp now, std::size_t count_max, std::set<QueueId> except, std::optional<Timestamp> latest) {
    std::vector<QueueEntry> entries;
    CO_TRY_VOID(
        co_await add_due("D", record::queue_due_key(now + Duration(1), QueueId(0)), count_max, &except, &entries));
    if (latest) {
        CO_TRY_VOID(co_await add_due(record::queue_due_key(std::max(*latest, now) + Duration(1), QueueId(0)), "E",
                                     count_max, &except, &entries));
    }
    co_return entries;
}

/// Adds the entries whose due keys are in [begin, end), until there are `count_max`.
async::Awaitable<StoreResult<>> Queue::add_due(std::string begin, std::string end, std::size_t count_max,
                                               const std::set<QueueId>* except, std::vector<QueueEntry>* entries) {
    count_max = std::min(count_max, kQueuePageMax);
    bool more = true;
    while (more && entries->size() < count_max) {
        CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, end, count_max, false}));
        for (const Row& row : page.rows) {
            if (entries->size() == count_max) break;
            const QueueId id(record::number64(row.key, 9));
            if (except->contains(id)) continue;
            CO_TRY(auto head, co_await engine_->get(domain_, record::queue_head_key(id)));
            const auto decoded = head ? record::decode_queue_head(id, *head) : std::nullopt;
            if (head && !decoded) continue; // damaged: verify() names it; the others must not wait for it
            if (!decoded || record::queue_due_key(decoded->entry.next_due, id) != row.key) continue;
            CO_TRY(QueueEntry entry, co_await read(id, *std::move(head)));
            entries->push_back(std::move(entry));
        }
        more = page.more && !page.rows.empty();
        if (more) begin = page.rows.back().key + '\0';
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<std::optional<Timestamp>>> Queue::next_due() {
    std::string begin = "D";
    bool more = true;
    while (more) {
        CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, "E", kQueuePageMax, false}));
        for (const Row& row : page.rows) {
            const QueueId id(record::number64(row.key, 9));
            CO_TRY(const auto head, co_await engine_->get(domain_, record::queue_head_key(id)));
            // What due() passes over must not make its caller ask again at once.
            const auto decoded = head ? record::decode_queue_head(id, *head) : std::nullopt;
            if (decoded && record::queue_due_key(decoded->entry.next_due, id) == row.key)
                co_return decoded->entry.next_due;
        }
        more = page.more && !page.rows.empty();
        if (more) begin = page.rows.back().key + '\0';
    }
    co_return std::nullopt;
}

async::Awaitable<StoreResult<>> Queue::replace_head(QueueId id, std::optional<QueueEntry> entry, Timestamp due,
                                                    std::vector<Operation> more) {
    const std::string key = record::queue_head_key(id);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        CO_TRY(auto head, co_await engine_->get(domain_, key));
        if (!head) co_return failure(not_found(id));
        auto old = record::decode_queue_head(id, *head);
        if (!old) co_return failure(damaged_record(domain_, key));
        Batch batch{.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
        batch.assertions.push_back({key, *head});
        batch.operations.emplace_back(Delete{record::queue_due_key(old->entry.next_due, id)});
        QueueEntry next = entry ? *entry : std::move(old->entry);
        next.next_due = due;
        next.recipients.resize(old->recipients);
        batch.operations.emplace_back(Put{key, record::encode_queue_head(next)});
        batch.operations.emplace_back(Put{record::queue_due_key(due, id), record::encode_text("")});
        batch.operations.insert(batch.operations.end(), more.begin(), more.end());
        const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
        if (committed) co_return StoreResult<>{};
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::conflict, "the queue entry changes all the time"});
}

async::Awaitable<StoreResult<>> Queue::update(QueueEntry entry, std::vector<std::size_t> recipients) {
    for (const std::size_t position : recipients)
        if (position >= entry.recipients.size()) co_return failure(Error{ErrorCode::invalid, "no such recipient"});
    const QueueId id = entry.id;
    const Timestamp due = entry.next_due;
    // A few recipients ride in the batch of the head; many go before it.
    const Limits limits = engine_->limits();
    std::vector<Operation> few;
    std::size_t bytes = 0;
    for (const std::size_t position : recipients) {
        Put put{record::queue_recipient_key(id, static_cast<std::uint32_t>(position)),
                record::encode_queue_recipient(entry.recipients[position])};
        bytes += put.key.size() + put.value.size();
        few.emplace_back(std::move(put));
    }
    if (few.size() > limits.batch_operations_max / 2 || bytes > limits.batch_bytes_max / 4) {
        CO_TRY(const auto head, co_await engine_->get(domain_, record::queue_head_key(id)));
        if (!head) co_return failure(not_found(id));
        CO_TRY_VOID(co_await write_recipients(id, entry.recipients, std::move(recipients)));
        few.clear();
    }
    entry.recipients.clear();
    co_return co_await replace_head(id, std::move(entry), due, std::move(few));
}

async::Awaitable<StoreResult<>> Queue::retry(QueueId id) {
    co_return co_await replace_head(id, std::nullopt, clock_->now(), {});
}

async::Awaitable<StoreResult<>> Queue::remove(QueueId id) {
    const std::string key = record::queue_head_key(id);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        CO_TRY(auto head, co_await engine_->get(domain_, key));
        if (!head) co_return StoreResult<>{};
        const auto old = record::decode_queue_head(id, *head);
        Batch batch{.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
        batch.assertions.push_back({key, *head});
        batch.operations.emplace_back(Delete{key});
        batch.operations.emplace_back(
            DeleteRange{record::queue_recipient_key(id, 0), record::queue_recipient_key(id.next(), 0)});
        if (old) {
            batch.operations.emplace_back(Delete{record::queue_due_key(old->entry.next_due, id)});
            batch.operations.emplace_back(
                RemoveReference{old->entry.blob.id, record::queue_reference_tag(domain_.id, id)});
        }
        const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
        if (committed) co_return StoreResult<>{};
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::conflict, "the queue entry changes all the time"});
}

async::Awaitable<StoreResult<QueuePage>> Queue::list(QueueId after, std::size_t count_max) {
    QueuePage result;
    count_max = std::min(count_max, kQueuePageMax);
    std::string begin = record::queue_head_key(after.next());
    bool more = after.value != std::numeric_limits<std::uint64_t>::max();
    while (more && result.entries.size() < count_max) {
        CO_TRY(const Page page,
               co_await engine_->scan(domain_, {begin, "F", count_max - result.entries.size(), false}));
        for (const Row& row : page.rows) {
            const QueueId id(record::number64(row.key, 1));
            StoreResult<QueueEntry> entry = co_await read(id, row.value);
            if (entry)
                result.entries.push_back(*std::move(entry));
            else if (entry.error().code != ErrorCode::damaged)
                co_return failure(entry.error());
        }
        more = page.more && !page.rows.empty();
        if (more) begin = page.rows.back().key + '\0';
    }
    result.more = more;
    co_return result;
}

} // namespace tegami::store
