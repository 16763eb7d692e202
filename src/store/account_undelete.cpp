// Bringing back what was expunged: X records are listed, and rows of them become rows of a mailbox again.
//
// 1. A row leaves its X record in the commit that gives it a new UID: the row count of its email stays, and nothing
//    comes back twice.
// 2. The change log goes on telling that the old UIDs are gone; the new ones are ordinary arrivals.
// 3. Only what was deleted comes back: what was moved is elsewhere, and copies of a request that failed never counted.
#include "store/account_state.h"
#include "store/engine/scan.h"

namespace tegami::store {

namespace {

/// Limit: X records of one scan; each may hold a page of messages.
constexpr std::size_t kScanRows = 20;
/// Octets of an X record's key.
constexpr std::size_t kKeyBytes = 17;
/// Limit: UIDs of a mailbox.
constexpr std::uint32_t kUidMax = 0xffff'0000;

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

} // namespace

/// The record, if it holds deleted messages whose time is not over.
std::optional<record::Vanished> AccountState::decode_kept(const Row& row) const {
    const std::uint32_t number = page_of(Uid(record::number32(row.key, 13)));
    auto vanished = record::decode_vanished(first_uid(number), row_.page_uids(), row.value);
    if (!vanished) {
        tell_damage(record_name(domain_, row.key));
        return std::nullopt;
    }
    const bool kept = vanished->why == record::Gone::deleted && vanished->time >= clock_->now() - options_.retention;
    if (!kept) return std::nullopt;
    return vanished;
}

/// The name under which a mailbox's messages come back, and its role.
async::Awaitable<StoreResult<record::RemovedMailboxRow>> AccountState::home_of(MailboxId mailbox) {
    const auto row = rows_.find(mailbox);
    if (row != rows_.end() && !row->second.removed)
        co_return record::RemovedMailboxRow{.role = row->second.role, .name = name_of(mailbox)};
    const auto value = co_await engine_->get(domain_, record::removed_mailbox_key(mailbox));
    if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
    auto removed = value && *value ? record::decode_removed_mailbox(**value) : std::nullopt;
    co_return removed.value_or(record::RemovedMailboxRow{.role = Role::none, .name = kRecoveredMailbox});
}

/// The mailbox into which the messages of this one come back; made if it is gone.
async::Awaitable<StoreResult<MailboxId>> AccountState::make_home(MailboxId mailbox) {
    const auto row = rows_.find(mailbox);
    if (row != rows_.end() && !row->second.removed && row->second.selectable) co_return mailbox;
    CO_TRY(const record::RemovedMailboxRow home, co_await home_of(mailbox));
    const MailboxId found = find_name(home.name);
    if (found.value != 0 && rows_.at(found).selectable) co_return found;
    const bool role_taken = std::ranges::any_of(
        rows_, [&](const auto& entry) { return entry.second.role == home.role && !entry.second.removed; });
    co_return co_await create_locked(home.name, role_taken ? Role::none : home.role);
}

async::Awaitable<StoreResult<ExpungedPage>> AccountState::expunged(std::string from, std::size_t count_max) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    const bool continued = from.size() == kKeyBytes + 4 && from.starts_with('X');
    const Uid after(continued ? record::number32(from, kKeyBytes) : 0);
    const std::string first = continued ? from.substr(0, kKeyBytes) : "X";
    // A removal that a crash has cut short still has messages in its pages.
    if (!continued) {
        CO_TRY_VOID(co_await finish_removals());
    }
    ExpungedPage found;
    std::map<MailboxId, std::string> names;
    Scan scan(engine_, domain_, {first, "Y", kScanRows, false, true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows) {
            const auto kept = decode_kept(row);
            if (!kept) continue;
            const MailboxId mailbox(record::number32(row.key, 1));
            if (!names.contains(mailbox)) {
                CO_TRY(record::RemovedMailboxRow home, co_await home_of(mailbox));
                names.emplace(mailbox, std::move(home.name));
            }
            for (std::size_t at = 0; at < kept->rows.count(); ++at) {
                const MessageRow message = kept->rows.row(at);
                if (row.key == first && message.uid <= after) continue;
                if (found.messages.size() == count_max) co_return found;
                found.messages.push_back({place_of(row.key, message.uid), names.at(mailbox), kept->time, message});
                found.next = row.key + record::delta_key(mailbox, message.uid).substr(5);
            }
        }
        co_await async::give_way();
    }
    found.next.clear();
    co_return found;
}

/// The X records that hold them. Places that are in none are left out.
async::Awaitable<StoreResult<std::vector<AccountState::Kept>>>
AccountState::find_kept(const std::vector<ExpungedPlace>* places) {
    std::map<ExpungedPlace, std::size_t> ordered;
    for (std::size_t at = 0; at < places->size(); ++at)
        ordered.emplace((*places)[at], at);
    std::vector<Kept> records;
    for (auto at = ordered.begin(); at != ordered.end();) {
        Kept kept{.key = key_of(at->first), .mailbox = at->first.mailbox, .vanished = {}, .wanted = {}};
        for (; at != ordered.end() && key_of(at->first) == kept.key; ++at)
            kept.wanted.emplace_back(at->first.uid, at->second);
        const auto value = co_await engine_->get(domain_, kept.key);
        if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
        if (!value || !*value) continue;
        auto vanished = decode_kept({kept.key, **value});
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

async::Awaitable<StoreResult<UndeleteResult>> AccountState::undelete(std::vector<ExpungedPlace> places) {
    if (places.size() > kDetailsMax) co_return failure(Error{ErrorCode::invalid, "too many messages at once"});
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    const StoreResult<Placed> absent = failure(Error{ErrorCode::not_found, "the message is not kept any more"});
    UndeleteResult result(places.size(), absent);
    CO_TRY(std::vector<Kept> records, co_await find_kept(&places));
    // Mailboxes first: making one is a commit of its own.
    std::map<MailboxId, StoreResult<MailboxId>> targets;
    for (const Kept& kept : records) {
        if (targets.contains(kept.mailbox)) continue;
        const StoreResult<MailboxId> target = co_await make_home(kept.mailbox);
        const bool theirs =
            !target && (target.error().code == ErrorCode::invalid || target.error().code == ErrorCode::damaged);
        if (!target && !theirs) co_return failure(target.error());
        targets.emplace(kept.mailbox, target);
    }
    Transaction whole = begin_transaction();
    for (Kept& kept : records) {
        const StoreResult<MailboxId>& target = targets.at(kept.mailbox);
        if (target) {
            const MailboxId mailbox = *target;
            CO_TRY_VOID(co_await bring_back(std::move(kept), mailbox, &whole, &result));
            continue;
        }
        for (const auto& [uid, position] : kept.wanted)
            result[position] = failure(target.error());
    }
    CO_TRY_VOID(co_await commit(&whole));
    co_return result;
}

/// All that is wanted of one record, in as many commits as it needs; the last one is left to the caller.
async::Awaitable<StoreResult<>> AccountState::bring_back(Kept kept, MailboxId target, Transaction* whole,
                                                         UndeleteResult* result) {
    for (std::size_t at = 0; at < kept.wanted.size(); at += unit_rows_max()) {
        BroughtBack back;
        Transaction part = Transaction::part_of(*whole);
        CO_TRY_VOID(co_await bring_back_part(&part, &kept, target, at, &back));
        if (!fits(*whole, part)) {
            CO_TRY_VOID(co_await commit(whole));
            *whole = begin_transaction();
            part = Transaction::part_of(*whole);
            CO_TRY_VOID(co_await bring_back_part(&part, &kept, target, at, &back));
        }
        whole->merge(std::move(part));
        kept.vanished.rows = std::move(back.left);
        for (auto& [position, outcome] : back.outcomes)
            (*result)[position] = std::move(outcome);
        co_await async::give_way();
    }
    co_return StoreResult<>{};
}

/// Up to unit_rows_max() messages from the `first` wanted one on; those that cannot come back stay in the record.
async::Awaitable<StoreResult<>> AccountState::bring_back_part(Transaction* part, const Kept* kept, MailboxId target,
                                                              std::size_t first, BroughtBack* back) {
    back->outcomes.clear();
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
    const PageColumns& columns = kept->vanished.rows;
    const record::MailboxRow box = mailbox_in(*part, target);
    std::vector<MessageRow> arrivals;
    std::vector<Uid> gone;
    std::uint64_t bytes = 0;
    Uid uid = box.uid_next;
    const std::size_t end = std::min(kept->wanted.size(), first + unit_rows_max());
    for (std::size_t at = first; at < end; ++at) {
        const auto [old_uid, position] = kept->wanted[at];
        const auto place = std::ranges::lower_bound(columns.offset, old_uid.value - columns.first_uid);
        MessageRow row = columns.row(static_cast<std::size_t>(place - columns.offset.begin()));
        const auto email = co_await find_email(static_cast<std::uint32_t>(row.email.value));
        if (!email && email.error().code != ErrorCode::damaged) co_return failure(email.error());
        StoreResult<> outcome = check_quota(part->account, bytes + row.size_bytes, arrivals.size() + 1);
        if (!email || !*email) outcome = failure(Error{ErrorCode::damaged, "the message cannot be read"});
        if (uid.value >= kUidMax) outcome = failure(Error{ErrorCode::invalid, "mailbox has no UIDs left"});
        if (!outcome) {
            back->outcomes.emplace_back(position, failure(outcome.error()));
            continue;
        }
        back->outcomes.emplace_back(position, Placed{target, box.uid_validity, uid, row.email});
        gone.push_back(old_uid);
        bytes += row.size_bytes;
        row.uid = uid;
        row.flags = row.flags - Flags{Flag::deleted};
        row.modseq = part->modseq;
        row.saved = static_cast<std::uint32_t>(std::max<std::int64_t>(0, now));
        arrivals.push_back(std::move(row));
        uid = uid.next();
    }
    back->left = without(columns, gone);
    if (arrivals.empty()) co_return StoreResult<>{};
    CO_TRY_VOID(co_await add_rows(part, target, std::move(arrivals)));
    if (back->left.count() == 0)
        part->erase(kept->key);
    else
        part->put(kept->key, record::encode(record::Vanished{
                                 .time = kept->vanished.time, .why = kept->vanished.why, .rows = back->left}));
    co_return StoreResult<>{};
}

} // namespace tegami::store
