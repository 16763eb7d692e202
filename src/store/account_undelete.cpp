// Bringing back what was expunged: X records are listed, and rows of them become rows of a mailbox again.
//
// 1. A row leaves its X record in the commit that gives it a new UID: the row count of its email stays, and nothing
//    comes back twice.
// 2. The change log goes on telling that the old UIDs are gone; the new ones are ordinary arrivals.
// 3. Only what was deleted comes back: what was moved is elsewhere, and copies of a request that failed never counted.
#include "store/account_append.h"
#include "store/account_mailboxes.h"
#include "store/account_sweep.h"
#include "store/email_pages.h"
#include "store/engine/scan.h"
#include "store/in_batches.h"
#include "store/message_pages.h"
#include "store/page_records.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Octets of an X record's key.
constexpr std::size_t kKeyBytes = 17;

std::string key_of(const ExpungedPlace& place) {
    return record::vanished_key(place.mailbox, place.modseq, place.record.value);
}

ExpungedPlace place_of(std::string_view key, Uid uid) {
    return {MailboxId(record::number32(key, 1)), Modseq(record::number64(key, 5)), Uid(record::number32(key, 13)), uid};
}

/// The columns without the rows with these UIDs, which are rising.
PageColumns without(const PageColumns& columns, const std::vector<Uid>& uids) {
    PageColumns left{.first_uid = columns.first_uid};
    auto gone = uids.begin();
    for (std::size_t at = 0; at < columns.count(); ++at) {
        const bool goes = gone != uids.end() && gone->value == columns.first_uid + columns.offset[at];
        if (goes)
            ++gone;
        else
            left.push_back(columns.row(at));
    }
    return left;
}

/// The record, if it holds deleted messages whose time is not over.
std::optional<record::Vanished> decode_kept(const AccountCore& core, const Row& row) {
    const record::AccountRow& account = core.rows().account;
    const std::uint32_t number = account.page_of(Uid(record::number32(row.key, 13)));
    auto vanished = record::decode_vanished(account.first_uid(number), account.page_uids(), row.value);
    if (!vanished) {
        core.reader().tell_damage(record_name(core.domain(), row.key));
        return std::nullopt;
    }
    const Timestamp cutoff = core.dependencies().clock->now() - core.dependencies().options.retention;
    const bool kept = vanished->why == record::Gone::deleted && vanished->time >= cutoff;
    if (!kept) return std::nullopt;
    return vanished;
}

/// The name under which a mailbox's messages come back, and its role.
async::Awaitable<StoreResult<record::RemovedMailboxRow>> former_place(const AccountCore* core, MailboxId mailbox) {
    const AccountRows& rows = core->rows();
    const auto row = rows.mailboxes.find(mailbox);
    if (row != rows.mailboxes.end() && !row->second.removed)
        co_return record::RemovedMailboxRow{.role = row->second.role, .name = rows.name_of(mailbox)};
    const RecordReader reader = core->reader();
    const auto value = co_await reader.get(record::removed_mailbox_key(mailbox));
    if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
    auto removed = value && *value ? record::decode_removed_mailbox(**value) : std::nullopt;
    co_return removed.value_or(record::RemovedMailboxRow{.role = Role::none, .name = kRecoveredMailbox});
}

/// The mailbox into which the messages of this one come back; made if it is gone.
async::Awaitable<StoreResult<MailboxId>> make_target(AccountCore* core, MailboxId mailbox) {
    const AccountRows& rows = core->rows();
    const auto row = rows.mailboxes.find(mailbox);
    if (row != rows.mailboxes.end() && !row->second.removed && row->second.selectable) co_return mailbox;
    CO_TRY(const record::RemovedMailboxRow place, co_await former_place(core, mailbox));
    const MailboxId found = rows.find_name(place.name);
    if (found.value != 0 && rows.mailboxes.at(found).selectable) co_return found;
    co_return co_await make_mailbox(core, place.name, {.role = rows.has_role(place.role) ? Role::none : place.role});
}

class ListExpunged {
public:
    ListExpunged(AccountCore* core, std::string from, std::size_t count_max)
        : core_(core), from_(std::move(from)), count_max_(count_max) {}

    async::Awaitable<StoreResult<>> run() {
        const bool continued = from_.size() == kKeyBytes + 4 && from_.starts_with('X');
        const Uid after(continued ? record::number32(from_, kKeyBytes) : 0);
        const std::string first = continued ? from_.substr(0, kKeyBytes) : "X";
        page = {};
        Scan scan(core_->dependencies().engine, core_->domain(), {first, "Y", kScanRows, false, true});
        while (scan.more()) {
            CO_TRY(const Page scanned, co_await scan.next());
            for (const Row& row : scanned.rows) {
                CO_TRY(const bool full, co_await add(row, row.key == first ? after : Uid()));
                if (full) co_return StoreResult<>{};
            }
            co_await async::give_way();
        }
        page.next.clear();
        co_return StoreResult<>{};
    }

    ExpungedPage page;

private:
    /// Limit: X records of one scan; each may hold a page of messages.
    static constexpr std::size_t kScanRows = 4;

    /// Adds the messages above `after` of an X record; true once there are enough.
    async::Awaitable<StoreResult<bool>> add(Row row, Uid after) {
        const auto kept = decode_kept(*core_, row);
        if (!kept) co_return false;
        const MailboxId mailbox(record::number32(row.key, 1));
        if (!names_.contains(mailbox)) {
            CO_TRY(record::RemovedMailboxRow place, co_await former_place(core_, mailbox));
            names_.emplace(mailbox, std::move(place.name));
        }
        for (std::size_t at = 0; at < kept->rows.count(); ++at) {
            const MessageRow message = kept->rows.row(at);
            if (message.uid <= after) continue;
            if (page.messages.size() == count_max_) co_return true;
            page.messages.push_back({place_of(row.key, message.uid), names_.at(mailbox), kept->time, message});
            page.next = row.key + record::delta_key(mailbox, message.uid).substr(5);
        }
        co_return false;
    }

    AccountCore* const core_;
    const std::string from_;
    const std::size_t count_max_;
    std::map<MailboxId, std::string> names_;
};

/// An X record and the messages of it that are to come back.
struct Kept {
    std::string key;
    MailboxId mailbox;
    record::Vanished vanished;
    std::vector<std::pair<Uid, std::size_t>> wanted; ///< rising, each with its position in the request
};

class Undelete {
public:
    Undelete(AccountCore* core, std::vector<ExpungedPlace> places)
        : core_(core), places_(std::move(places)), outcomes_(places_.size()) {}

    async::Awaitable<StoreResult<>> run() {
        CO_TRY(std::vector<Kept> records, co_await find_kept());
        // Mailboxes first: making one is a commit of its own.
        std::map<MailboxId, StoreResult<MailboxId>> targets;
        for (const Kept& kept : records) {
            if (targets.contains(kept.mailbox)) continue;
            const StoreResult<MailboxId> target = co_await make_target(core_, kept.mailbox);
            const bool theirs =
                !target && (target.error().code == ErrorCode::invalid || target.error().code == ErrorCode::damaged);
            if (!target && !theirs) co_return failure(target.error());
            targets.emplace(kept.mailbox, target);
        }
        InBatches batches(core_, 1);
        for (Kept& kept : records) {
            const StoreResult<MailboxId>& target = targets.at(kept.mailbox);
            if (target) {
                CO_TRY_VOID(co_await bring_back(&batches, &kept, *target));
                continue;
            }
            for (const auto& [uid, position] : kept.wanted)
                outcomes_[position] = failure(target.error());
        }
        co_return co_await batches.commit();
    }

    UndeleteResult result() const {
        UndeleteResult result;
        for (const auto& outcome : outcomes_)
            result.push_back(
                outcome.value_or(failure(Error{ErrorCode::not_found, "the message is not kept any more"})));
        return result;
    }

private:
    /// The X records that hold those that have no outcome yet. Places that are in none are left out.
    async::Awaitable<StoreResult<std::vector<Kept>>> find_kept() {
        std::map<ExpungedPlace, std::size_t> ordered;
        for (std::size_t at = 0; at < places_.size(); ++at)
            if (!outcomes_[at]) ordered.emplace(places_[at], at);
        const RecordReader reader = core_->reader();
        std::vector<Kept> records;
        for (auto at = ordered.begin(); at != ordered.end();) {
            Kept kept{.key = key_of(at->first), .mailbox = at->first.mailbox, .vanished = {}, .wanted = {}};
            for (; at != ordered.end() && key_of(at->first) == kept.key; ++at)
                kept.wanted.emplace_back(at->first.uid, at->second);
            const auto value = co_await reader.get(kept.key);
            if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
            if (!value || !*value) continue;
            auto vanished = decode_kept(*core_, {kept.key, **value});
            if (!vanished) continue;
            kept.vanished = *std::move(vanished);
            std::erase_if(kept.wanted, [&](const auto& wanted) {
                const std::uint32_t offset = wanted.first.value - kept.vanished.rows.first_uid;
                return !std::ranges::binary_search(kept.vanished.rows.offset, offset);
            });
            if (!kept.wanted.empty()) records.push_back(std::move(kept));
        }
        co_return records;
    }

    /// All that is wanted of one record.
    async::Awaitable<StoreResult<>> bring_back(InBatches* batches, Kept* kept, MailboxId target) {
        const std::size_t rows_max = messages::step_rows_max(*core_);
        for (std::size_t at = 0; at < kept->wanted.size(); at += rows_max) {
            PageColumns left;
            const auto step = [&](PendingCommit* part) { return bring_back_some(part, kept, target, at, &left); };
            CO_TRY_VOID(co_await batches->add(step));
            kept->vanished.rows = std::move(left);
        }
        co_return StoreResult<>{};
    }

    /// A step's worth of messages from the `first` wanted one on; those that cannot come back stay in the record, of
    /// which `left` is left.
    async::Awaitable<StoreResult<>> bring_back_some(PendingCommit* part, const Kept* kept, MailboxId target,
                                                    std::size_t first, PageColumns* left) {
        const PageColumns& columns = kept->vanished.rows;
        const record::MailboxRow box = part->mailbox(target, core_->rows());
        std::vector<std::pair<std::size_t, StoreResult<Placed>>> outcomes;
        std::vector<MessageRow> arrivals;
        std::vector<Uid> gone;
        std::uint64_t bytes = 0;
        Uid uid = box.uid_next;
        const std::size_t end = std::min(kept->wanted.size(), first + messages::step_rows_max(*core_));
        for (std::size_t at = first; at < end; ++at) {
            const auto [old_uid, position] = kept->wanted[at];
            const auto place = std::ranges::lower_bound(columns.offset, old_uid.value - columns.first_uid);
            MessageRow row = columns.row(static_cast<std::size_t>(place - columns.offset.begin()));
            const auto email = co_await emails::find(core_, static_cast<std::uint32_t>(row.email.value));
            if (!email && email.error().code != ErrorCode::damaged) co_return failure(email.error());
            StoreResult<> outcome = check_quota(part->account, bytes + row.size_bytes, arrivals.size() + 1);
            if (!email || !*email) outcome = failure(Error{ErrorCode::damaged, "the message cannot be read"});
            if (uid.value >= record::kIdMax) outcome = failure(Error{ErrorCode::invalid, "mailbox has no UIDs left"});
            if (!outcome) {
                outcomes.emplace_back(position, failure(outcome.error()));
                continue;
            }
            outcomes.emplace_back(position, Placed{target, box.uid_validity, uid, row.email});
            gone.push_back(old_uid);
            bytes += row.size_bytes;
            row.uid = uid;
            row.flags = row.flags - Flags{Flag::deleted};
            row.modseq = part->modseq;
            row.saved = core_->now_seconds();
            arrivals.push_back(std::move(row));
            uid = uid.next();
        }
        *left = without(columns, gone);
        part->then([this, outcomes = std::move(outcomes)] {
            for (const auto& [position, outcome] : outcomes)
                outcomes_[position] = outcome;
        });
        if (arrivals.empty()) co_return StoreResult<>{};
        CO_TRY_VOID(co_await messages::add(core_, part, target, std::move(arrivals)));
        const record::Vanished rest{.time = kept->vanished.time, .why = kept->vanished.why, .rows = *left};
        if (left->count() == 0)
            part->erase(kept->key);
        else
            part->put(kept->key, record::encode(rest));
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    const std::vector<ExpungedPlace> places_;
    std::vector<std::optional<StoreResult<Placed>>> outcomes_; // of what is committed
};

} // namespace

async::Awaitable<StoreResult<ExpungedPage>> Account::expunged(std::string from, std::size_t count_max) {
    CO_TRY_VOID(core_->published().check_there());
    // A removal that a crash has cut short still has messages in its pages.
    if (from.empty()) {
        CO_TRY_VOID(co_await finish_removals(core_.get()));
    }
    ListExpunged operation(core_.get(), std::move(from), count_max);
    CO_TRY_VOID(co_await core_->write(&operation));
    co_return std::move(operation.page);
}

async::Awaitable<StoreResult<UndeleteResult>> Account::undelete(std::vector<ExpungedPlace> places) {
    if (places.size() > kDetailsMax) co_return failure(Error{ErrorCode::invalid, "too many messages at once"});
    Undelete operation(core_.get(), std::move(places));
    CO_TRY_VOID(co_await core_->write(&operation));
    co_return operation.result();
}

} // namespace tegami::store
