#include "store/account_records.h"
#include "store/queue.h"
#include "store/queue_records.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

namespace {

constexpr int kAttempts = 8;

bool finished(const QueueRecipient& recipient) {
    return recipient.state == RecipientState::delivered ||
           (recipient.state == RecipientState::failed && recipient.reported);
}

void put_recipient(Batch& batch, QueueId id, const QueueEntry& entry, std::size_t position) {
    batch.operations.emplace_back(Put{record::queue_recipient_key(id, static_cast<std::uint32_t>(position)),
                                      record::encode_queue_recipient(entry.recipients[position])});
}

void put_head(Batch& batch, const QueueEntry& entry) {
    batch.operations.emplace_back(Put{record::queue_head_key(entry.id), record::encode_queue_head(entry)});
    batch.operations.emplace_back(Put{record::queue_due_key(entry.next_due, entry.id), record::encode_text("")});
}

void add_report(Batch& batch, const QueueEntry& report, std::uint64_t shard) {
    batch.assertions.push_back({record::queue_head_key(report.id), std::nullopt});
    put_head(batch, report);
    batch.operations.emplace_back(AddReference{report.blob.id, record::queue_reference_tag(shard, report.id)});
    for (std::size_t position = 0; position < report.recipients.size(); ++position)
        put_recipient(batch, report.id, report, position);
}

} // namespace

async::Awaitable<StoreResult<std::optional<QueueId>>>
Queue::conclude(QueueEntry entry, std::vector<std::size_t> recipients, std::optional<QueueEntry> report) {
    const std::string key = record::queue_head_key(entry.id);
    const bool over = std::ranges::all_of(entry.recipients, finished);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        CO_TRY(const auto head, co_await engine_->get(domain_, key));
        if (!head) co_return failure(Error{ErrorCode::not_found, fmt::format("queue entry {}", entry.id.value)});
        const auto old = record::decode_queue_head(entry.id, *head);
        if (!old) co_return failure(damaged_record(domain_, key));
        Batch batch{.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
        batch.assertions.push_back({key, *head});
        batch.operations.emplace_back(Delete{record::queue_due_key(old->entry.next_due, entry.id)});
        if (over) {
            batch.operations.emplace_back(Delete{key});
            batch.operations.emplace_back(
                DeleteRange{record::queue_recipient_key(entry.id, 0), record::queue_recipient_key(entry.id.next(), 0)});
            batch.operations.emplace_back(
                RemoveReference{entry.blob.id, record::queue_reference_tag(domain_.id, entry.id)});
        } else {
            put_head(batch, entry);
            for (const std::size_t position : recipients)
                put_recipient(batch, entry.id, entry, position);
        }
        std::optional<QueueId> report_id;
        if (report) {
            report->id = fresh_id();
            report_id = report->id;
            add_report(batch, *report, domain_.id);
        }
        const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
        if (committed) co_return report_id;
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::conflict, "the queue entry changes all the time"});
}

} // namespace tegami::store
