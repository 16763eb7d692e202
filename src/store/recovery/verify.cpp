#include "store/recovery/verify.h"

#include "base/ascii.h"
#include "message/card.h"
#include "store/engine/scan.h"
#include "store/recovery/record_table.h"
#include "store/recovery/verify_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace tegami::store {

namespace {

/// A domain that changes under each look is believed after so many.
constexpr std::size_t kTriesMax = 5;

class Walk {
public:
    Walk(Engine* engine, VerifyOptions options) : engine_(engine), options_(std::move(options)) {}

    async::Awaitable<StoreResult<VerifyReport>> run() {
        CO_TRY_VOID(co_await begin_progress());
        for (const DomainKind kind :
             {DomainKind::account, DomainKind::queue, DomainKind::journey, DomainKind::tally, DomainKind::audit})
            CO_TRY_VOID(co_await all(kind));
        if (options_.read_blobs) {
            CO_TRY(const bool whole, co_await engine());
            // The engine knows blobs, not whose they are: where one is damaged, all messages are read for their owners.
            naming_ = true;
            if (!whole) {
                CO_TRY_VOID(co_await begin_progress());
                CO_TRY_VOID(co_await all(DomainKind::account));
            }
        }
        co_return std::move(report_);
    }

private:
    /// Counts the messages of all accounts, as their rows have them.
    async::Awaitable<StoreResult<>> begin_progress() {
        std::uint64_t messages = 0;
        std::uint64_t after = 0;
        for (;;) {
            const auto found = co_await engine_->domains(DomainKind::account, after, kScanRows);
            if (!found && found.error().code != ErrorCode::damaged) co_return failure(found.error());
            if (!found || found->empty()) break;
            for (const Domain domain : *found) {
                after = domain.id;
                const auto value = co_await engine_->get(domain, record::account_key());
                const auto row = value && *value ? record::decode_account(**value) : std::nullopt;
                if (row) messages += row->messages;
            }
        }
        options_.progress->begin(Progress::Unit::messages, messages);
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> all(DomainKind kind) {
        std::uint64_t after = 0;
        bool first = true; // domain 0 is not above 0
        for (;;) {
            StoreResult<std::vector<Domain>> found = co_await engine_->domains(kind, after, kScanRows);
            if (!found && found.error().code == ErrorCode::damaged) {
                problem(fmt::format("the list of domains of kind {} cannot be read behind {}: {}",
                                    static_cast<char>(kind), after, found.error().detail));
                co_return StoreResult<>{};
            }
            CO_TRY(std::vector<Domain> domains, std::move(found));
            if (std::exchange(first, false)) domains.insert(domains.begin(), Domain{kind, 0});
            if (domains.empty()) co_return StoreResult<>{};
            for (const Domain domain : domains) {
                after = domain.id;
                const StoreResult<> walked = co_await settled(domain);
                if (!walked && walked.error().code != ErrorCode::damaged) co_return walked;
                if (!walked)
                    problem(fmt::format("{}/{}: it cannot be read: {}", static_cast<char>(kind), domain.id,
                                        walked.error().detail));
            }
        }
    }

    /// Looks at the domain, and again if something seems wrong that a change meanwhile may explain.
    async::Awaitable<StoreResult<>> settled(Domain domain) {
        for (std::size_t tries = 1;; ++tries) {
            const VerifyReport before = report_;
            CO_TRY(const Version begun, co_await version(domain));
            StoreResult<> walked;
            if (domain.kind == DomainKind::account)
                walked = co_await account(domain);
            else
                walked = co_await others(domain);
            if (!walked || report_.problems == before.problems || tries == kTriesMax) co_return walked;
            CO_TRY(const Version ended, co_await version(domain));
            if (begun == ended) co_return walked;
            report_ = before;
        }
    }

    async::Awaitable<StoreResult<Version>> version(Domain domain) {
        CO_TRY(const Page page, co_await engine_->scan(domain, {"", "", 1, false, true}));
        co_return page.version;
    }

    void problem(std::string text) {
        ++report_.problems;
        if (report_.findings.size() < kProblemsMax) report_.findings.push_back(std::move(text));
    }

    async::Awaitable<StoreResult<Page>> next(Domain domain, Scan* scan) {
        CO_TRY(Page page, co_await scan->next());
        if (naming_) co_return page;
        report_.records += page.rows.size();
        for (const DamagedKeys& keys : page.damaged)
            problem(named(domain, damaged_keys_name(domain, keys) + " cannot be read"));
        co_return page;
    }

    async::Awaitable<StoreResult<>> account(Domain domain) {
        AccountCheck check(domain, [this, domain](std::string text) {
            if (!naming_) problem(named(domain, std::move(text)));
        });
        Scan scan(engine_, domain, {.rows_max = kScanRows, .around_damage = true});
        bool any = false;
        Version version;
        while (scan.more()) {
            CO_TRY(const Page page, co_await next(domain, &scan));
            for (const Row& row : page.rows)
                check.take(row);
            version = page.version;
            any |= !page.rows.empty();
        }
        if (!any) co_return StoreResult<>{};
        check.finish(version);
        if (!naming_) {
            ++report_.accounts;
            report_.mailboxes += check.mailboxes();
            report_.messages += check.messages();
            report_.emails += check.blobs().size();
        }
        for (const auto& [email, blob] : check.blobs()) {
            CO_TRY_VOID(co_await octets(blob, named(domain, check.describe(email))));
            options_.progress->add(1);
        }
        // An email that is in two mailboxes was read once.
        options_.progress->leave_out(check.messages() -
                                     std::min<std::uint64_t>(check.messages(), check.blobs().size()));
        co_return StoreResult<>{};
    }

    /// A sentence about an account, with what people call it.
    std::string named(Domain domain, std::string text) const {
        const auto name = options_.names.find(AccountId(domain.id));
        if (domain.kind != DomainKind::account || name == options_.names.end()) return text;
        return fmt::format("{} ({})", text, name->second);
    }

    /// Checks that a blob can be read. An engine that cannot work at all ends the walk.
    async::Awaitable<StoreResult<>> octets(BlobRef blob, std::string where) {
        const StoreResult<std::string> card = co_await engine_->read_card(blob.id);
        if (!card && card.error().code == ErrorCode::unavailable) co_return failure(card.error());
        if (!card || card->size() != blob.card_size) {
            if (!naming_) problem(fmt::format("{}: its octets or their card cannot be read", where));
            co_return StoreResult<>{};
        }
        if (!naming_) co_return StoreResult<>{};
        for (std::uint64_t at = 0; at < blob.size; at += kReadBytes) {
            const StoreResult<std::string> part = co_await engine_->read_blob(blob.id, at, kReadBytes);
            if (!part && part.error().code == ErrorCode::unavailable) co_return failure(part.error());
            if (part && part->size() == std::min(kReadBytes, blob.size - at)) continue;
            const auto decoded = message::decode_card(*card);
            const std::string subject = decoded ? decoded->envelope.subject.value_or("") : "";
            problem(fmt::format("{}: its octets cannot be read (subject: {})", where, ascii::printable(subject)));
            break;
        }
        co_return StoreResult<>{};
    }

    /// False if the engine has found damage.
    async::Awaitable<StoreResult<bool>> engine() {
        CO_TRY(EngineReport found, co_await engine_->check(options_.progress));
        const bool whole = found.damage_count == 0;
        report_.problems += found.damage_count - found.damage.size();
        for (std::string& sentence : found.damage)
            problem(std::move(sentence));
        co_return whole;
    }

    async::Awaitable<StoreResult<>> others(Domain domain) {
        Scan scan(engine_, domain, {.rows_max = kScanRows, .around_damage = true});
        std::vector<std::pair<BlobRef, std::string>> held; // and whose they are
        queued_.clear();
        items_.clear();
        dues_.clear();
        held_as_.clear();
        held_.clear();
        while (scan.more()) {
            CO_TRY(const Page page, co_await next(domain, &scan));
            for (const Row& row : page.rows) {
                const auto record = decode_row(domain.kind, {}, row);
                if (!record) {
                    problem(damaged_record_text(domain, row.key));
                    continue;
                }
                std::visit([&](const auto& one) { see(one); }, *record);
                for (const HeldBlob& blob : held_blobs(domain, *record))
                    held.emplace_back(blob.blob, record_owner_text(domain, row.key));
            }
        }
        report_.queue_entries += queued_.size();
        for (const auto& [id, count] : queued_) {
            const std::string where = fmt::format("q/{} entry {}", domain.id, id.value);
            const auto hold = held_as_.find(id);
            if (hold != held_as_.end() && !held_.contains(hold->second))
                problem(fmt::format("{}: it would be held for ever", where));
            std::uint32_t found = 0;
            for (auto item = items_.lower_bound({id, 0}); item != items_.end() && item->first.message == id; ++item) {
                ++found;
                if (hold == held_as_.end() && !item->second.on_hold && (!item->second.due || !item->second.listed))
                    problem(fmt::format("{} item {}: it would never be due", where, item->first.number));
            }
            if (found != count) problem(fmt::format("{}: {} items, but its head says {}", where, found, count));
        }
        for (const auto& [blob, owner] : held)
            CO_TRY_VOID(co_await octets(blob, owner));
        co_return StoreResult<>{};
    }

    // Keys come in the order of their letters: D, H, I, M, T, W.
    void see(const record::QueueDueRow& row) { dues_.insert(row.key); }

    void see(const QueueItem& item) {
        items_[item.id] = {.listed_as = record::queue_destination_key(item.destination, item.next_due, item.id),
                           .on_hold = item.is_on_hold(),
                           .due = dues_.contains(record::queue_due_key(item.next_due, item.id))};
    }

    void see(const QueueMessage& message) {
        queued_[message.id] = message.items;
        if (message.is_held()) held_as_[message.id] = record::queue_held_key(*message.held_until, message.id);
    }

    void see(const record::QueueHeldRow& row) { held_.insert(row.key); }

    void see(const record::QueueListedRow& row) {
        if (const auto item = items_.find(row.item); item != items_.end() && item->second.listed_as == row.key)
            item->second.listed = true;
    }

    void see(const JourneyEvent&) { ++report_.journey_events; }

    template <class Other>
    void see(const Other&) {}

    struct Item {
        std::string listed_as; ///< the key of its T record
        bool on_hold = false;
        bool due = false;
        bool listed = false;
    };

    Engine* engine_;
    const VerifyOptions options_;
    VerifyReport report_;
    std::map<QueueId, std::uint32_t> queued_; ///< and how many items their heads tell of
    std::map<QueueItemId, Item> items_;
    std::set<std::string> dues_;             ///< keys of D records
    std::map<QueueId, std::string> held_as_; ///< the keys of the W records that there should be
    std::set<std::string> held_;             ///< and of those that there are
    bool naming_ = false;                    ///< in the second walk, which only says whose damaged messages are
};

} // namespace

async::Awaitable<StoreResult<VerifyReport>> verify(Engine* engine, VerifyOptions options) {
    Walk walk(engine, options);
    co_return co_await walk.run();
}

} // namespace tegami::store
