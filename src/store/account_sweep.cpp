// Housekeeping: what is past its retention time goes, removals that were cut short end, deltas are folded into pages.
//
// The writer's turn is taken for one commit at a time, so that deliveries and STORE run in between.
#include "store/account_sweep.h"

#include "store/account_mailboxes.h"
#include "store/account_objects.h"
#include "store/card_pages.h"
#include "store/email_pages.h"
#include "store/engine/scan.h"
#include "store/in_batches.h"
#include "store/page_records.h"

#include <algorithm>
#include <set>

namespace tegami::store {

namespace {

/// Limit: rows looked at between two turns of other work.
constexpr std::size_t kRowsPerTurn = 100;
/// Limit: messages that one commit forgets, and pages that one folds, where the engine's batches are large enough.
constexpr std::size_t kForgottenPerTurn = 1024;
constexpr std::size_t kFoldedPerTurn = 16;
/// Limit: groups of emails whose pages one commit makes anew.
constexpr std::size_t kFilledPerTurn = 4;
/// Limit: operations that forgetting one message takes.
constexpr std::size_t kForgetOperations = 12;
/// Above this many deltas sweep() folds a mailbox; below, opening it is quick anyway.
constexpr std::uint32_t kSweepDeltasMin = 256;

class FoldPages {
public:
    FoldPages(AccountCore* core, MailboxId mailbox) : core_(core), mailbox_(mailbox) {}

    async::Awaitable<StoreResult<>> run() {
        done_ = !core_->rows().find_selectable(mailbox_);
        if (done_) co_return StoreResult<>{};
        CO_TRY(const OpenStatePtr open, co_await core_->open(mailbox_));
        const ViewPtr view = open->view;
        const auto foldable = [&](const ViewPagePtr& page) {
            return page->first_uid() >= next_ && page->deltas() != 0 && !page->damaged();
        };
        InBatches batches(core_, 1);
        std::size_t folded = 0;
        std::uint32_t next = next_;
        auto page = std::ranges::find_if(view->pages(), foldable);
        for (; page != view->pages().end() && folded < kFoldedPerTurn; ++folded) {
            const auto step = [&](PendingCommit* part) { return fold_page(*part, *page); };
            CO_TRY_VOID(co_await batches.add(step));
            next = (*page)->first_uid() + 1;
            page = std::find_if(page + 1, view->pages().end(), foldable);
        }
        const bool last = page == view->pages().end();
        CO_TRY_VOID(co_await batches.commit());
        next_ = next;
        if (!last) co_return StoreResult<>{};
        CO_TRY_VOID(co_await write_count(open));
        done_ = true;
        co_return StoreResult<>{};
    }

    bool done() const { return done_; }

private:
    StoreResult<> fold_page(PendingCommit& part, const ViewPagePtr& page) {
        const record::AccountRow& account = core_->rows().account;
        std::string value = record::encode_page(page->columns());
        if (value.size() > core_->dependencies().limits.value_bytes_max) return {}; // it stays as it is
        const std::uint32_t number = account.page_of(Uid(page->first_uid()));
        const Uid last(page->first_uid() + (account.page_uids() - 1));
        part.put(record::page_key(mailbox_, number), std::move(value));
        part.erase_range(record::delta_key(mailbox_, Uid(page->first_uid())), record::delta_key(mailbox_, last) + '\0');
        part.pages.insert_or_assign({mailbox_, number}, std::make_shared<ViewPage>(page->columns(), 0));
        record::MailboxRow& box = part.mailbox(mailbox_, core_->rows());
        box.deltas -= std::min(box.deltas, page->deltas());
        if (number == account.page_of(Uid(box.uid_next.value - 1))) box.tail_deltas = 0;
        return {};
    }

    /// The row only says how many there are at most; the pages know it.
    async::Awaitable<StoreResult<>> write_count(OpenStatePtr open) {
        std::uint32_t deltas = 0;
        for (const ViewPagePtr& page : open->view->pages())
            deltas += page->deltas();
        PendingCommit counted = core_->begin();
        counted.mailbox(mailbox_, core_->rows()).deltas = deltas;
        co_return co_await core_->commit(&counted);
    }

    AccountCore* const core_;
    const MailboxId mailbox_;
    std::uint32_t next_ = 0; // UID
    bool done_ = false;
};

/// The beginning of the change log, which is to go.
struct OldLog {
    Version end;                           ///< up to and with this version
    std::map<MailboxId, Version> expunged; ///< the last one with messages that were expunged
    Version damaged;                       ///< the last one that nobody can read
};

/// The change log loses its beginning. Each mailbox notes first what of its own goes.
class CutLog {
public:
    CutLog(AccountCore* core, OldLog old) : core_(core), old_(std::move(old)) {}

    async::Awaitable<StoreResult<>> run() {
        const AccountRows& rows = core_->rows();
        if (old_.end <= rows.account.log_floor) co_return StoreResult<>{};
        InBatches batches(core_);
        for (const auto& [id, row] : rows.mailboxes) {
            const auto expunged = old_.expunged.find(id);
            const Version floor =
                std::max(expunged == old_.expunged.end() ? Version() : expunged->second, old_.damaged);
            if (row.change_floor >= floor || rows.damaged.contains(id)) continue;
            const auto raise = [&](PendingCommit* part) -> StoreResult<> {
                part->mailbox(id, rows).change_floor = floor;
                return {};
            };
            CO_TRY_VOID(co_await batches.add(raise));
        }
        const auto cut = [&](PendingCommit* part) -> StoreResult<> {
            part->account.log_floor = old_.end;
            part->erase_range(record::log_key(Version(0)), record::log_key(old_.end.next()));
            return {};
        };
        CO_TRY_VOID(co_await batches.add(cut));
        co_return co_await batches.commit();
    }

private:
    AccountCore* const core_;
    const OldLog old_;
};

async::Awaitable<StoreResult<>> sweep_log(AccountCore* core) {
    const Timestamp cutoff = core->dependencies().clock->now() - core->dependencies().options.retention;
    OldLog old;
    bool young = false;
    Scan scan(core->dependencies().engine, core->domain(), {"L", "M", kRowsPerTurn, false, true});
    while (scan.more() && !young) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows) {
            const Version version(record::number64(row.key, 1));
            const auto log = record::decode_log(row.value);
            young = log && log->time >= cutoff;
            if (young) break;
            old.end = version;
            if (!log || !page.damaged.empty()) old.damaged = version; // it goes with its neighbours
            if (!log) continue;
            for (const MailboxChanges& mailbox : log->mailboxes)
                if (!mailbox.expunged.empty()) old.expunged[mailbox.mailbox] = version;
        }
        co_await async::give_way();
    }
    CutLog cut(core, std::move(old));
    co_return co_await core->maintain(&cut);
}

/// Forgets expunged messages whose retention time is over and of which the change log does not tell any more, some in
/// each run: whoever reads of them in the log finds out which emails they were.
class ForgetExpunged {
public:
    explicit ForgetExpunged(AccountCore* core)
        : core_(core), cutoff_(core->dependencies().clock->now() - core->dependencies().options.retention) {}

    async::Awaitable<StoreResult<>> run() {
        InBatches batches(core_, 1);
        std::string next = next_;
        std::size_t forgotten = 0;
        Scan scan(core_->dependencies().engine, core_->domain(), {next_, "Y", 1, false, true});
        while (scan.more() && forgotten < kForgottenPerTurn) {
            CO_TRY(const Page page, co_await scan.next());
            if (page.rows.empty()) break;
            const Row& row = page.rows.front();
            const MailboxId mailbox(record::number32(row.key, 1));
            const std::uint32_t number = account().page_of(Uid(record::number32(row.key, 13)));
            auto vanished = record::decode_vanished(account().first_uid(number), account().page_uids(), row.value);
            const bool in_log = Modseq(record::number64(row.key, 5)) > account().log_floor;
            if (vanished && (vanished->time >= cutoff_ || in_log)) {
                // Within a mailbox they are ordered by modseq, so by time: the first young one ends it.
                scan.skip_to(record::vanished_key(MailboxId(mailbox.value + 1), Modseq(0), 0));
            } else if (vanished) {
                forgotten += vanished->rows.count();
                CO_TRY_VOID(co_await forget(&batches, row.key, *std::move(vanished)));
            } // else damaged: left for repair
            next = scan.more() ? scan.position() : "Y";
        }
        const bool last = !scan.more() || forgotten < kForgottenPerTurn;
        CO_TRY_VOID(co_await batches.commit());
        next_ = next;
        done_ = last;
        co_return StoreResult<>{};
    }

    bool done() const { return done_; }

private:
    const record::AccountRow& account() const { return core_->rows().account; }

    /// One X record, in as many steps as it needs.
    async::Awaitable<StoreResult<>> forget(InBatches* batches, std::string key, record::Vanished vanished) {
        const std::size_t rows_max =
            std::clamp<std::size_t>(core_->dependencies().limits.batch_operations_max / kForgetOperations, 1, 1024);
        while (vanished.rows.count() != 0) {
            std::vector<std::uint32_t> emails;
            record::Vanished rest{
                .time = vanished.time, .why = vanished.why, .rows = {.first_uid = vanished.rows.first_uid}};
            for (std::size_t at = 0; at < vanished.rows.count(); ++at) {
                if (at < rows_max)
                    emails.push_back(vanished.rows.email[at]);
                else
                    rest.rows.push_back(vanished.rows.row(at));
            }
            const auto step = [&](PendingCommit* part) { return forget_some(part, key, &emails, &rest); };
            const StoreResult<> outcome = co_await batches->add(step);
            // What cannot be counted is kept, with its X record, until repair has counted.
            if (!outcome && outcome.error().code == ErrorCode::damaged) co_return StoreResult<>{};
            CO_TRY_VOID(outcome);
            vanished = std::move(rest);
        }
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> forget_some(PendingCommit* part, std::string key,
                                                const std::vector<std::uint32_t>* emails,
                                                const record::Vanished* rest) {
        CO_TRY_VOID(co_await emails::forget(core_, part, *emails));
        if (rest->rows.count() != 0) {
            part->put(key, record::encode(*rest));
            co_return StoreResult<>{};
        }
        part->erase(key);
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    const Timestamp cutoff_;
    std::string next_ = "X"; // key
    bool done_ = false;
};

/// Erases records of one kind that nobody needs any more, a scan's worth in each run.
class EraseRecords {
public:
    using Over = async::Awaitable<StoreResult<bool>> (*)(const AccountCore*, Row);

    EraseRecords(AccountCore* core, std::string begin, std::string end, Over over)
        : core_(core), next_(std::move(begin)), end_(std::move(end)), over_(over) {}

    async::Awaitable<StoreResult<>> run() {
        Scan scan(core_->dependencies().engine, core_->domain(), {next_, end_, rows_max(), false, true});
        CO_TRY(const Page page, co_await scan.next());
        PendingCommit swept = core_->begin();
        for (const Row& row : page.rows) {
            CO_TRY(const bool over, co_await over_(core_, row));
            if (over) swept.erase(row.key);
        }
        CO_TRY_VOID(co_await core_->commit(&swept));
        done_ = !scan.more();
        if (!done_) next_ = scan.position();
        co_return StoreResult<>{};
    }

    bool done() const { return done_; }

private:
    std::size_t rows_max() const {
        return std::min(kRowsPerTurn, core_->dependencies().limits.batch_operations_max - 2);
    }

    AccountCore* const core_;
    std::string next_;
    const std::string end_;
    const Over over_;
    bool done_ = false;
};

async::Awaitable<StoreResult<bool>> tag_is_over(const AccountCore* core, Row row) {
    const auto delivery = record::decode_delivery(row.value);
    const Timestamp cutoff = core->dependencies().clock->now() - core->dependencies().options.delivery_tag_retention;
    co_return delivery && delivery->time < cutoff;
}

/// The name of a removed mailbox goes when none of its messages can come back any more.
async::Awaitable<StoreResult<bool>> removed_mailbox_is_over(const AccountCore* core, Row row) {
    const MailboxId mailbox(record::number32(row.key, 1));
    if (core->rows().mailboxes.contains(mailbox)) co_return false; // its removal is not at its end
    std::string first = record::vanished_key(mailbox, Modseq(0), 0);
    std::string last = record::vanished_key(MailboxId(mailbox.value + 1), Modseq(0), 0);
    Scan scan(core->dependencies().engine, core->domain(), {std::move(first), std::move(last), 1, false, true});
    CO_TRY(const Page kept, co_await scan.next());
    co_return kept.rows.empty() && kept.damaged.empty();
}

/// Makes pages of groups anew that readers have missed: they were damaged, or left out of a commit that was full.
class FillGroups {
public:
    explicit FillGroups(AccountCore* core) : core_(core) {
        const std::set<std::uint32_t> missing = core->take_missing_groups();
        groups_.assign(missing.begin(), missing.end());
    }

    async::Awaitable<StoreResult<>> run() {
        InBatches batches(core_, 1);
        const std::size_t end = std::min(groups_.size(), next_ + kFilledPerTurn);
        for (std::size_t at = next_; at < end; ++at) {
            StoreResult<std::vector<record::EmailRecord>> emails = co_await emails::in_group(core_, groups_[at]);
            if (!emails && emails.error().code != ErrorCode::damaged) co_return failure(emails.error());
            if (!emails || emails->empty()) continue;
            const auto step = [&](PendingCommit* part) { return fill(part, *emails); };
            CO_TRY_VOID(co_await batches.add(step));
        }
        CO_TRY_VOID(co_await batches.commit());
        next_ = end;
        co_return StoreResult<>{};
    }

    bool done() const { return next_ == groups_.size(); }

private:
    async::Awaitable<StoreResult<>> fill(PendingCommit* part, std::vector<record::EmailRecord> emails) {
        co_await cards::fill(core_, part, std::move(emails));
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    std::vector<std::uint32_t> groups_;
    std::size_t next_ = 0;
};

/// Runs an operation until it is done, and lets others write between two turns of it.
template <class Operation>
async::Awaitable<StoreResult<>> in_turns(AccountCore* core, Operation* operation) {
    while (!operation->done()) {
        CO_TRY_VOID(co_await core->maintain(operation));
        co_await async::give_way();
    }
    co_return StoreResult<>{};
}

/// The mailboxes of which a sweep has something to do.
class FindMailboxes {
public:
    explicit FindMailboxes(const AccountCore* core) : core_(core) {}

    async::Awaitable<StoreResult<>> run() {
        half_removed.clear();
        unfolded.clear();
        for (const auto& [id, row] : core_->rows().mailboxes) {
            if (row.removed || (!row.selectable && row.messages != 0)) half_removed.push_back(id);
            if (row.selectable && row.deltas > kSweepDeltasMin) unfolded.push_back(id);
        }
        co_return StoreResult<>{};
    }

    std::vector<MailboxId> half_removed;
    std::vector<MailboxId> unfolded;

private:
    const AccountCore* const core_;
};

} // namespace

async::Awaitable<StoreResult<>> fold(AccountCore* core, MailboxId mailbox) {
    FoldPages pages(core, mailbox);
    co_return co_await in_turns(core, &pages);
}

async::Awaitable<> fold_deep(AccountCore* core, MailboxId mailbox) {
    const StoreResult<> folded = co_await fold(core, mailbox);
    static_cast<void>(folded);
}

async::Awaitable<StoreResult<>> finish_removals(AccountCore* core) {
    FindMailboxes found(core);
    CO_TRY_VOID(co_await core->maintain(&found));
    for (const MailboxId mailbox : found.half_removed)
        CO_TRY_VOID(co_await finish_removal(core, mailbox));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> Account::sweep() {
    CO_TRY_VOID(co_await finish_removals(core_.get()));
    FindMailboxes found(core_.get());
    CO_TRY_VOID(co_await core_->maintain(&found));
    for (const MailboxId mailbox : found.unfolded)
        CO_TRY_VOID(co_await fold(core_.get(), mailbox));
    CO_TRY_VOID(co_await sweep_log(core_.get()));
    ForgetExpunged expunged(core_.get());
    CO_TRY_VOID(co_await in_turns(core_.get(), &expunged));
    CO_TRY_VOID(co_await sweep_objects(core_.get()));
    EraseRecords mailboxes(core_.get(), "Y", "Z", &removed_mailbox_is_over);
    CO_TRY_VOID(co_await in_turns(core_.get(), &mailboxes));
    EraseRecords tags(core_.get(), "G", "H", &tag_is_over);
    CO_TRY_VOID(co_await in_turns(core_.get(), &tags));
    FillGroups groups(core_.get());
    co_return co_await in_turns(core_.get(), &groups);
}

} // namespace tegami::store
