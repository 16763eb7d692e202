#include "store/recovery/repair.h"

#include "store/engine/scan.h"
#include "store/recovery/repair_account.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

namespace {

constexpr std::size_t kScanRows = 500;
constexpr std::size_t kOperationsAtOnce = 500;

class Repair {
public:
    Repair(Engine* engine, Clock* clock, RepairOptions options)
        : engine_(engine), clock_(clock), options_(std::move(options)) {}

    async::Awaitable<StoreResult<RepairReport>> run() {
        for (const DomainKind kind : {DomainKind::account, DomainKind::queue, DomainKind::journey}) {
            std::uint64_t after = 0;
            bool first = true; // domain 0 is not above 0
            for (;;) {
                CO_TRY(std::vector<Domain> domains, co_await engine_->domains(kind, after, kScanRows));
                if (std::exchange(first, false)) domains.insert(domains.begin(), Domain{kind, 0});
                if (domains.empty()) break;
                for (const Domain domain : domains) {
                    after = domain.id;
                    CO_TRY_VOID(co_await one(domain));
                }
            }
        }
        co_return std::move(report_);
    }

private:
    async::Awaitable<StoreResult<>> one(Domain domain) {
        if (domain.kind == DomainKind::account) co_return co_await account(domain);
        if (domain.kind == DomainKind::queue) co_return co_await queue(domain);
        co_return co_await journeys(domain);
    }

    async::Awaitable<StoreResult<>> account(Domain domain) {
        AccountRepair repair(engine_, clock_, &options_, domain);
        CO_TRY(const bool changed, co_await repair.run());
        report_.claimed.merge(repair.claimed());
        if (changed) report_.accounts.push_back(std::move(repair.result()));
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<std::vector<Row>>> rows(Domain domain, std::vector<Operation>* changes) {
        std::vector<Row> rows;
        Scan scan(engine_, domain, {.rows_max = kScanRows, .around_damage = true});
        while (scan.more()) {
            CO_TRY(Page page, co_await scan.next());
            std::ranges::move(page.rows, std::back_inserter(rows));
            for (const DamagedKeys& keys : page.damaged)
                changes->emplace_back(DeleteRange{keys.begin, keys.end});
        }
        co_return rows;
    }

    async::Awaitable<StoreResult<>> commit(Domain domain, std::vector<Operation> changes) {
        const std::size_t count_max = std::min(engine_->limits().batch_operations_max, kOperationsAtOnce);
        for (std::size_t at = 0; at < changes.size(); at += count_max) {
            Batch batch{.domain = domain, .expected = {}, .assertions = {}, .operations = {}};
            for (std::size_t i = at; i < std::min(changes.size(), at + count_max); ++i)
                batch.operations.push_back(std::move(changes[i]));
            CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
        }
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> journeys(Domain domain) {
        std::vector<Operation> changes;
        CO_TRY(const std::vector<Row> found, co_await rows(domain, &changes));
        for (const Row& row : found)
            if (!decode_row(domain.kind, {}, row)) changes.emplace_back(Delete{row.key});
        if (!changes.empty())
            report_.notes.push_back(fmt::format("journeys of day {}: {} records are lost", domain.id, changes.size()));
        co_return co_await commit(domain, std::move(changes));
    }

    struct Entry {
        std::optional<record::QueueHead> head;
        std::vector<std::pair<std::string, QueueRecipient>> recipients;
    };

    async::Awaitable<StoreResult<>> queue(Domain domain) {
        std::vector<Operation> changes;
        CO_TRY(const std::vector<Row> found, co_await rows(domain, &changes));
        std::map<std::uint64_t, Entry> entries;
        std::set<std::string> dues;
        for (const Row& row : found) {
            const auto record = decode_row(domain.kind, {}, row);
            if (!record) {
                changes.emplace_back(Delete{row.key});
                if (row.key.starts_with('E')) entries.try_emplace(record::number64(row.key, 1)); // to be told of
            } else if (const auto* head = std::get_if<record::QueueHeadRow>(&*record)) {
                entries[head->head.entry.id.value].head = head->head;
            } else if (const auto* recipient = std::get_if<record::QueueRecipientRow>(&*record)) {
                entries[recipient->entry.value].recipients.emplace_back(row.key, recipient->recipient);
            } else {
                dues.insert(row.key);
            }
        }
        for (auto& [id, entry] : entries)
            CO_TRY_VOID(co_await queue_entry(domain, QueueId(id), &entry, &dues, &changes));
        for (const std::string& due : dues)
            if (const auto entry = entries.find(record::number64(due, 9));
                entry == entries.end() || !entry->second.head)
                changes.emplace_back(Delete{due});
        co_return co_await commit(domain, std::move(changes));
    }

    /// Keeps the entry if its head, its octets and at least one recipient are there, else says what is lost.
    async::Awaitable<StoreResult<>> queue_entry(Domain domain, QueueId id, Entry* entry,
                                                const std::set<std::string>* dues, std::vector<Operation>* changes) {
        bool keep = entry->head && !entry->recipients.empty();
        if (entry->head) {
            const StoreResult<std::string> card = co_await engine_->read_card(entry->head->entry.blob.id);
            if (!card && card.error().code == ErrorCode::unavailable) co_return failure(card.error());
            keep = keep && card;
        }
        if (!keep) {
            std::string to;
            for (const auto& [key, recipient] : entry->recipients) {
                to += (to.empty() ? "" : ", ") + recipient.address;
                changes->emplace_back(Delete{key});
            }
            if (entry->head) {
                changes->emplace_back(Delete{record::queue_head_key(id)});
                changes->emplace_back(
                    RemoveReference{entry->head->entry.blob.id, record::queue_reference_tag(domain.id, id)});
            }
            report_.notes.push_back(fmt::format("a message in the queue is lost: from {} to {}",
                                                entry->head ? entry->head->entry.reverse_path : "a sender not known",
                                                to.empty() ? "recipients not known" : to));
            entry->head.reset();
            co_return StoreResult<>{};
        }
        QueueEntry now = entry->head->entry;
        report_.claimed.insert(now.blob.id);
        changes->emplace_back(AddReference{now.blob.id, record::queue_reference_tag(domain.id, id)});
        if (entry->recipients.size() != entry->head->recipients) {
            report_.notes.push_back(fmt::format("a message in the queue from {} has lost {} of its recipients",
                                                now.reverse_path, entry->head->recipients - entry->recipients.size()));
            std::uint32_t number = 0;
            for (auto& [key, recipient] : entry->recipients) {
                now.recipients.push_back(recipient);
                changes->emplace_back(Delete{key});
            }
            for (const QueueRecipient& recipient : now.recipients)
                changes->emplace_back(
                    Put{record::queue_recipient_key(id, number++), record::encode_queue_recipient(recipient)});
            changes->emplace_back(Put{record::queue_head_key(id), record::encode_queue_head(now)});
        }
        const std::string due = record::queue_due_key(now.next_due, id);
        if (!dues->contains(due)) changes->emplace_back(Put{due, record::encode_text("")});
        co_return StoreResult<>{};
    }

    Engine* const engine_;
    Clock* const clock_;
    const RepairOptions options_;
    RepairReport report_;
};

} // namespace

async::Awaitable<StoreResult<RepairReport>> repair(Engine* engine, Clock* clock, RepairOptions options) {
    Repair all(engine, clock, std::move(options));
    co_return co_await all.run();
}

} // namespace tegami::store
