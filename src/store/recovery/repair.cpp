#include "store/recovery/repair.h"

#include "store/engine/scan.h"
#include "store/recovery/account_picture.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

namespace {

constexpr std::size_t kOperationsAtOnce = 500;

class Repair {
public:
    Repair(Engine* engine, Clock* clock, RepairOptions options)
        : engine_(engine), clock_(clock), options_(std::move(options)) {}

    async::Awaitable<StoreResult<RepairReport>> run() {
        for (const DomainKind kind :
             {DomainKind::account, DomainKind::queue, DomainKind::journey, DomainKind::tally, DomainKind::audit}) {
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
        CO_TRY_VOID(co_await forget_indexes());
        co_return std::move(report_);
    }

private:
    /// What is known of the words of emails may be of emails that are lost, whose ids others get. The server makes it
    /// anew.
    async::Awaitable<StoreResult<>> forget_indexes() {
        std::uint64_t after = 0;
        for (;;) {
            CO_TRY(const std::vector<Domain> domains,
                   co_await engine_->domains(DomainKind::text_index, after, kScanRows));
            if (domains.empty()) co_return StoreResult<>{};
            for (const Domain domain : domains) {
                after = domain.id;
                std::vector<Operation> everything{DeleteRange{"", ""}};
                CO_TRY_VOID(co_await commit(domain, std::move(everything)));
            }
        }
    }

    async::Awaitable<StoreResult<>> one(Domain domain) {
        if (domain.kind == DomainKind::account) co_return co_await account(domain);
        if (domain.kind == DomainKind::queue) co_return co_await queue(domain);
        co_return co_await day(domain);
    }

    async::Awaitable<StoreResult<>> account(Domain domain) {
        CO_TRY(AccountPicture picture, co_await read_picture(engine_, domain, &options_.references));
        claim(picture);
        if (picture.account && picture.account->removed && picture.sound)
            co_return StoreResult<>{}; // its removal ends at the next start
        if (picture.is_empty() || (picture.sound && !options_.commits_lost)) co_return StoreResult<>{};
        RepairedAccount told{.id = AccountId(domain.id), .lost = {}, .notes = std::move(picture.notes)};
        CO_TRY_VOID(co_await make_whole(engine_, clock_, &options_, &picture, &told));
        claim(picture);
        CO_TRY_VOID(co_await write_picture(engine_, std::move(picture)));
        report_.accounts.push_back(std::move(told));
        co_return StoreResult<>{};
    }

    void claim(const AccountPicture& picture) {
        for (const auto& [id, email] : picture.emails)
            report_.claimed.insert(email.blob.id);
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

    async::Awaitable<StoreResult<>> day(Domain domain) {
        std::vector<Operation> changes;
        CO_TRY(const std::vector<Row> found, co_await rows(domain, &changes));
        for (const Row& row : found)
            if (!decode_row(domain.kind, {}, row)) changes.emplace_back(Delete{row.key});
        if (!changes.empty())
            report_.notes.push_back(fmt::format("{} of day {}: {} records are lost",
                                                domain.kind == DomainKind::journey ? "journeys"
                                                : domain.kind == DomainKind::audit ? "audit log"
                                                                                   : "reports",
                                                domain.id, changes.size()));
        co_return co_await commit(domain, std::move(changes));
    }

    struct Queued {
        std::optional<QueueMessage> message;
        std::vector<QueueItem> items;
    };

    async::Awaitable<StoreResult<>> queue(Domain domain) {
        std::vector<Operation> changes;
        CO_TRY(const std::vector<Row> found, co_await rows(domain, &changes));
        std::map<QueueId, Queued> all;
        std::set<std::string> index; // keys of D, T and W records
        for (const Row& row : found) {
            auto record = decode_row(domain.kind, {}, row);
            if (!record) {
                changes.emplace_back(Delete{row.key});
                if (row.key.starts_with('M')) all.try_emplace(QueueId(record::number64(row.key, 1))); // to be told of
            } else if (auto* message = std::get_if<QueueMessage>(&*record)) {
                all[message->id].message = std::move(*message);
            } else if (auto* item = std::get_if<QueueItem>(&*record)) {
                all[item->id.message].items.push_back(std::move(*item));
            } else if (!std::holds_alternative<record::OtherRow>(*record)) {
                index.insert(row.key);
            }
        }
        for (auto& [id, queued] : all)
            CO_TRY_VOID(co_await queued_message(domain, id, &queued, &index, &changes));
        for (const std::string& key : index) // of items that are not there
            changes.emplace_back(Delete{key});
        co_return co_await commit(domain, std::move(changes));
    }

    /// Keeps the message if its head, its octets and at least one item are there, else says what is lost. Takes the
    /// index records of items that are kept out of `index`.
    async::Awaitable<StoreResult<>> queued_message(Domain domain, QueueId id, Queued* queued,
                                                   std::set<std::string>* index, std::vector<Operation>* changes) {
        bool keep = queued->message && !queued->items.empty();
        if (queued->message) {
            const StoreResult<std::string> card = co_await engine_->read_card(queued->message->blob.id);
            if (!card && card.error().code == ErrorCode::unavailable) co_return failure(card.error());
            keep = keep && card;
        }
        if (!keep) {
            drop_queued(domain, id, *queued, *changes);
            co_return StoreResult<>{};
        }
        QueueMessage& message = *queued->message;
        report_.claimed.insert(message.blob.id);
        changes->emplace_back(AddReference{message.blob.id, record::queue_reference_tag(domain.id, id)});
        if (queued->items.size() != message.items) {
            report_.notes.push_back(fmt::format("a message in the queue from {} has lost {} of its destinations",
                                                sender_of(message), message.items - queued->items.size()));
            message.items = static_cast<std::uint32_t>(queued->items.size());
            changes->emplace_back(Put{record::queue_message_key(id), record::encode_queue_message(message)});
        }
        if (message.is_held()) {
            std::string held = record::queue_held_key(*message.held_until, id);
            if (index->erase(held) == 0) changes->emplace_back(Put{std::move(held), record::encode_text("")});
            co_return StoreResult<>{};
        }
        for (const QueueItem& item : queued->items) {
            if (item.is_on_hold()) continue;
            std::string due = record::queue_due_key(item.next_due, item.id);
            if (index->erase(due) == 0)
                changes->emplace_back(
                    Put{std::move(due), record::encode_text(record::encode_destination(item.destination))});
            std::string listed = record::queue_destination_key(item.destination, item.next_due, item.id);
            if (index->erase(listed) == 0) changes->emplace_back(Put{std::move(listed), record::encode_text("")});
        }
        co_return StoreResult<>{};
    }

    static std::string sender_of(const QueueMessage& message) {
        return message.reverse_path ? message.reverse_path->to_string() : "<>";
    }

    void drop_queued(Domain domain, QueueId id, const Queued& queued, std::vector<Operation>& changes) {
        std::string to;
        for (const QueueItem& item : queued.items) {
            for (const QueueRecipient& recipient : item.recipients)
                to += (to.empty() ? "" : ", ") + recipient.address.to_string();
            changes.emplace_back(Delete{record::queue_item_key(item.id)});
        }
        if (queued.message) {
            changes.emplace_back(Delete{record::queue_message_key(id)});
            changes.emplace_back(RemoveReference{queued.message->blob.id, record::queue_reference_tag(domain.id, id)});
        }
        report_.notes.push_back(fmt::format("a message in the queue is lost: from {} to {}",
                                            queued.message ? sender_of(*queued.message) : "a sender not known",
                                            to.empty() ? "recipients not known" : to));
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
