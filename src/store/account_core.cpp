#include "store/account_core.h"

#include "base/assert.h"
#include "store/page_records.h"

#include <algorithm>
#include <utility>

namespace tegami::store {

namespace {

/// What the rows that write_rows() adds take at most: the account and a log entry without its ranges; a mailbox without
/// its name; a range of UIDs; an email in its page.
constexpr std::size_t kRowsBytesMax = 140;
constexpr std::size_t kLogBytesMax = 100;
constexpr std::size_t kMailboxBytesMax = 100;
constexpr std::size_t kRangeBytesMax = 10;
/// Limit: groups noted as missing; the others are when somebody asks again.
constexpr std::size_t kMissingGroupsMax = 4096;

/// Marks the state in memory stale if an exception, such as a cancellation, leaves a commit without its answer, or the
/// answer leaves it open what is on disk now.
class StaleUnlessAnswered {
public:
    explicit StaleUnlessAnswered(std::atomic<bool>* stale) : stale_(stale) {}

    StaleUnlessAnswered(const StaleUnlessAnswered&) = delete;
    StaleUnlessAnswered& operator=(const StaleUnlessAnswered&) = delete;

    ~StaleUnlessAnswered() {
        if (stale_ != nullptr) *stale_ = true;
    }

    void arrived() { stale_ = nullptr; }

private:
    std::atomic<bool>* stale_;
};

std::size_t ranges_of(const PendingCommit& pending) {
    std::size_t ranges = 0;
    for (const auto& [mailbox, change] : pending.changes)
        ranges += change.appended.ranges().size() + change.changed.ranges().size() + change.marked.ranges().size() +
                  change.expunged.ranges().size();
    return ranges;
}

/// Pages of cards and of what emails are sorted by, which may be missing: where a batch is full without them, they are.
void write_group_pages(PendingCommit& pending, const Limits& limits) {
    for (auto& [key, value] : pending.group_pages) {
        if (pending.operations.size() >= limits.batch_operations_max) return;
        if (value.empty() || pending.bytes + key.size() + value.size() > limits.batch_bytes_max)
            pending.erase(key);
        else
            pending.put(key, std::move(value));
    }
}

/// What the commit does to the mailbox itself, for the log.
MailboxChanges::Itself change_of_itself(const PendingCommit& pending, const AccountRows& rows,
                                        const MailboxChange& change) {
    using Itself = MailboxChanges::Itself;
    if (!change.mailbox_itself) return Itself::nothing;
    if (!rows.mailboxes.contains(change.mailbox)) return Itself::made;
    const auto row = pending.mailboxes.find(change.mailbox);
    return row != pending.mailboxes.end() && row->second.removed ? Itself::removed : Itself::changed;
}

/// The records that follow from what the commit changes: pages of emails, mailboxes, the account and the log.
void write_rows(PendingCommit& pending, const AccountRows& rows, Timestamp now, const Limits& limits) {
    record::LogRow log{.time = now, .mailboxes = {}};
    for (const auto& [number, emails] : pending.email_pages) {
        if (emails.empty())
            pending.erase(record::email_page_key(number));
        else
            pending.put(record::email_page_key(number), record::encode_emails(emails));
    }
    for (auto at = pending.tail_emails.lower_bound(pending.account.email_tail()); at != pending.tail_emails.end(); ++at)
        pending.put(record::email_key(at->first), record::encode(at->second));
    for (auto& [mailbox, change] : pending.changes) {
        const bool messages = !change.appended.empty() || !change.changed.empty() || !change.expunged.empty();
        if (!messages && !change.mailbox_itself) continue;
        log.mailboxes.push_back({mailbox, change_of_itself(pending, rows, change), change.appended, change.changed,
                                 change.marked, change.expunged});
        if (!messages) continue;
        if (const auto row = pending.mailboxes.find(mailbox); row != pending.mailboxes.end())
            row->second.highest_modseq = pending.modseq;
    }
    for (const auto& [mailbox, row] : pending.mailboxes) {
        const auto old = rows.mailboxes.find(mailbox);
        if (rows.damaged.contains(mailbox)) continue;
        if (!pending.removed.contains(mailbox) && (old == rows.mailboxes.end() || old->second != row))
            pending.put(record::mailbox_key(mailbox), record::encode(row));
    }
    for (const MailboxId mailbox : pending.removed)
        pending.erase(record::mailbox_key(mailbox));
    if (pending.account != rows.account) pending.put(record::account_key(), record::encode(pending.account));
    if (!log.mailboxes.empty() || !pending.objects.empty())
        pending.put(record::log_key(pending.modseq), record::encode(log));
    write_group_pages(pending, limits);
}

/// Makes `rows` what they are after the commit.
void apply(PendingCommit& pending, Version version, AccountRows& rows) {
    rows.version = version;
    rows.account = pending.account;
    if (pending.keywords) rows.keywords = std::move(pending.keywords);
    if (pending.subscribed_names) rows.subscribed_names = *pending.subscribed_names;
    for (const auto& [id, row] : pending.mailboxes)
        rows.mailboxes.insert_or_assign(id, row);
    for (const MailboxId id : pending.removed)
        rows.mailboxes.erase(id);
}

} // namespace

AccountCore::AccountCore(Engine* engine, Clock* clock, AccountOptions options, AccountId id)
    : dependencies_{.engine = engine, .clock = clock, .options = options, .limits = engine->limits()},
      domain_{DomainKind::account, id.value}, rows_{.domain = domain_, .version = {}, .account = {}},
      published_(options.memory), views_(options.memory) {}

std::uint32_t AccountCore::now_seconds() const {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(dependencies_.clock->now().time_since_epoch()).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(now, 0, record::kIdMax));
}

void AccountCore::note_missing_group(std::uint32_t group) {
    const std::lock_guard lock(missing_guard_);
    if (missing_groups_.size() < kMissingGroupsMax) missing_groups_.insert(group);
}

std::set<std::uint32_t> AccountCore::take_missing_groups() {
    const std::lock_guard lock(missing_guard_);
    return std::exchange(missing_groups_, {});
}

RecordReader AccountCore::reader() const {
    return {dependencies_.engine, domain_, rows_.version, dependencies_.options.log};
}

async::Awaitable<StoreResult<>> AccountCore::load() {
    const async::Mutex::Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await reload());
    if (rows_.account.removed) co_return failure(Error{ErrorCode::not_found, "account is removed"});
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountCore::ready(Access access) {
    if (access == Access::user) CO_TRY_VOID(published_.check_there());
    if (stale_) {
        const StoreResult<> read = co_await reload();
        const bool gone = !read && read.error().code == ErrorCode::not_found;
        if (!read && !(gone && access == Access::life)) co_return read;
    }
    if (rows_.account.removed && access != Access::life)
        co_return failure(Error{ErrorCode::not_found, "account is removed"});
    co_return StoreResult<>{};
}

/// Reads everything, at one version, and tells every listener.
async::Awaitable<StoreResult<>> AccountCore::reload() {
    StoreResult<> read;
    for (int attempts = kCommitAttemptsMax; attempts > 0; --attempts) {
        read = co_await read_everything();
        if (read || read.error().code != ErrorCode::conflict) break;
    }
    co_return read;
}

async::Awaitable<StoreResult<>> AccountCore::read_everything() {
    CO_TRY(AccountRows rows, co_await read_account_rows(dependencies_.engine, domain_, dependencies_.options.log));
    const RecordReader reader(dependencies_.engine, rows.domain, rows.version, dependencies_.options.log);
    std::map<MailboxId, ViewPtr> views;
    for (const MailboxId mailbox : published_.open_mailboxes()) {
        const auto row = rows.mailboxes.find(mailbox);
        const bool there = row != rows.mailboxes.end() && !row->second.removed && row->second.selectable;
        if (!there) continue;
        CO_TRY(ViewPtr view, co_await read_view(reader, &rows, mailbox));
        views.emplace(mailbox, std::move(view));
    }
    const bool emails_added = rows_.account.next_email < rows.account.next_email && rows_.version != Version();
    rows_ = std::move(rows);
    stale_ = false;
    published_.replace(rows_, std::move(views));
    if (emails_added) dependencies_.options.appends->tell(id());
    co_return StoreResult<>{};
}

void AccountCore::begin_empty(Version version) {
    rows_ = {.domain = domain_, .version = version, .account = {}};
}

bool AccountCore::fits(const PendingCommit& whole, const PendingCommit& part) const {
    const bool nothing = whole.operations.empty() && whole.mailboxes.empty() && whole.email_pages.empty() &&
                         whole.group_pages.empty() && whole.tail_emails.empty();
    if (nothing) return true; // nothing to commit first
    const std::size_t ranges = ranges_of(whole) + ranges_of(part);
    std::size_t bytes = whole.bytes + part.bytes + kRowsBytesMax + ranges * kRangeBytesMax;
    for (const auto& [mailbox, row] : part.mailboxes)
        bytes += kMailboxBytesMax + row.level.size();
    std::size_t pages = part.email_pages.size();
    for (const auto& [number, emails] : part.email_pages)
        bytes += emails.size() * record::kEmailRowBytesMax;
    for (const auto& [number, emails] : whole.email_pages) {
        if (part.email_pages.contains(number)) continue;
        ++pages;
        bytes += emails.size() * record::kEmailRowBytesMax;
    }
    for (const PendingCommit* const each : {&whole, &part})
        for (auto at = each->tail_emails.lower_bound(part.account.email_tail()); at != each->tail_emails.end(); ++at) {
            ++pages;
            bytes += record::kEmailRowBytesMax;
        }
    pages += part.group_pages.size() + whole.group_pages.size();
    for (const auto& [key, value] : part.group_pages)
        bytes += value.size();
    for (const auto& [key, value] : whole.group_pages)
        bytes += value.size();
    const std::size_t operations = whole.operations.size() + part.operations.size() + part.mailboxes.size() + pages + 2;
    return bytes <= dependencies_.limits.batch_bytes_max && operations <= dependencies_.limits.batch_operations_max &&
           ranges * kRangeBytesMax + kLogBytesMax <= dependencies_.limits.value_bytes_max;
}

async::Awaitable<StoreResult<>> AccountCore::commit(PendingCommit* pending) {
    write_rows(*pending, rows_, dependencies_.clock->now(), dependencies_.limits);
    if (pending->operations.empty()) {
        pending->tell_done();
        co_return StoreResult<>{};
    }
    Batch batch{
        .domain = domain_, .expected = rows_.version, .assertions = {}, .operations = std::move(pending->operations)};
    StaleUnlessAnswered answer(&stale_);
    const StoreResult<Version> version = co_await dependencies_.engine->commit(std::move(batch));
    const bool in_doubt =
        !version && (version.error().code == ErrorCode::conflict || version.error().code == ErrorCode::unknown);
    if (!in_doubt) answer.arrived();
    CO_TRY_VOID(version);
    const bool emails_added = pending->account.next_email != rows_.account.next_email;
    apply(*pending, *version, rows_);
    published_.publish(*pending, rows_);
    if (emails_added) dependencies_.options.appends->tell(id());
    ++commits_;
    pending->tell_done();
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<OpenStatePtr>> AccountCore::open(MailboxId mailbox) {
    CO_TRY_VOID(rows_.find_selectable(mailbox));
    if (OpenStatePtr found = published_.find_open(mailbox)) co_return found;
    CO_TRY(ViewPtr view, co_await read_view(reader(), &rows_, mailbox));
    co_return published_.add_open(mailbox, std::move(view));
}

} // namespace tegami::store
