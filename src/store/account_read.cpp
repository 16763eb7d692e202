// Reading emails, conversations and the change log. Readers take no turn among the writers: what they read may move
// from one record to another meanwhile, so what is missing in one place is looked for in the other.
#include "store/account_state.h"
#include "store/engine/scan.h"

namespace tegami::store {

namespace {

/// Limit: decoded email pages kept by an account.
constexpr std::size_t kEmailPagesCached = 16;

EmailRow row_of(const record::EmailRecord& email) {
    return {EmailId(email.id), ThreadId(email.thread), email.blob, email.internal_date};
}

std::optional<record::EmailRecord> email_in(const std::vector<record::EmailRecord>& page, std::uint32_t email) {
    const auto found = std::ranges::lower_bound(page, email, {}, &record::EmailRecord::id);
    if (found == page.end() || found->id != email) return std::nullopt;
    return *found;
}

} // namespace

async::Awaitable<StoreResult<AccountState::EmailPage>> AccountState::read_email_page(std::uint32_t page,
                                                                                     std::uint32_t page_emails) {
    {
        const std::lock_guard guard(guard_);
        if (const auto found = email_cache_.find(page); found != email_cache_.end()) co_return found->second;
    }
    const std::string key = record::email_page_key(page);
    CO_TRY(const Page scanned, co_await engine_->scan(domain_, {key, key + '\0', 1, false}));
    auto emails = std::make_shared<std::vector<record::EmailRecord>>();
    if (!scanned.rows.empty()) {
        auto decoded = record::decode_emails(page, page_emails, scanned.rows.front().value);
        if (!decoded) co_return failure(damaged_record(domain_, key));
        *emails = *std::move(decoded);
    }
    const std::lock_guard guard(guard_);
    // A page read before a commit that was published meanwhile must not stay in the cache.
    if (scanned.version == version_) {
        if (email_cache_.size() >= kEmailPagesCached) email_cache_.erase(email_cache_.begin());
        email_cache_.insert_or_assign(page, emails);
    }
    co_return emails;
}

async::Awaitable<StoreResult<std::optional<record::EmailRecord>>> AccountState::find_single_email(std::uint32_t email) {
    CO_TRY(const auto value, co_await engine_->get(domain_, record::email_key(email)));
    if (!value) co_return std::nullopt;
    auto decoded = record::decode_email(email, *value);
    if (!decoded) co_return failure(damaged_record(domain_, record::email_key(email)));
    co_return decoded;
}

async::Awaitable<StoreResult<std::optional<record::EmailRecord>>> AccountState::find_email(std::uint32_t email) {
    std::uint32_t tail = 0;
    std::uint32_t page_emails = 0;
    {
        const std::lock_guard guard(guard_);
        tail = row_.email_tail();
        page_emails = row_.page_emails();
    }
    const std::uint32_t number = email / page_emails;
    if (email < tail) {
        const StoreResult<EmailPage> page = co_await read_email_page(number, page_emails);
        if (page) {
            if (const auto found = email_in(**page, email)) co_return found;
        }
        // It is still a single record if its page could not be read when it should have moved there.
        CO_TRY(const auto single, co_await find_single_email(email));
        if (!single && !page) co_return failure(page.error());
        co_return single;
    }
    CO_TRY(const auto single, co_await find_single_email(email));
    if (single) co_return single;
    // It has moved into its page, by a commit that may not be published yet: then a cached page would be too old.
    CO_TRY(const auto octets, co_await engine_->get(domain_, record::email_page_key(number)));
    if (!octets) co_return std::nullopt;
    const auto page = record::decode_emails(number, page_emails, *octets);
    if (!page) co_return failure(damaged_record(domain_, record::email_page_key(number)));
    co_return email_in(*page, email);
}

async::Awaitable<StoreResult<std::vector<StoreResult<EmailRow>>>> AccountState::emails(std::vector<EmailId> ids) {
    CO_TRY_VOID(check_shown());
    std::vector<StoreResult<EmailRow>> rows;
    if (ids.size() > kDetailsMax) co_return failure(Error{ErrorCode::invalid, "too many emails at once"});
    rows.reserve(ids.size());
    for (const EmailId id : ids) {
        StoreResult<std::optional<record::EmailRecord>> email = std::nullopt;
        if (id.value <= 0xffff'ffff) {
            email = co_await find_email(static_cast<std::uint32_t>(id.value));
        }
        if (!email && email.error().code != ErrorCode::damaged) co_return failure(email.error());
        if (email && *email) {
            rows.emplace_back(row_of(**email));
        } else if (email) {
            rows.emplace_back(failure(Error{ErrorCode::not_found, "email"}));
        } else {
            tell_damage(record_name(domain_, record::email_key(static_cast<std::uint32_t>(id.value))));
            rows.emplace_back(failure(email.error()));
        }
    }
    co_return rows;
}

async::Awaitable<StoreResult<std::vector<MessageDetails>>> AccountState::details(MailboxId mailbox,
                                                                                 std::vector<Uid> uids) {
    CO_TRY(const OpenStatePtr opened, co_await open(mailbox));
    const ViewPtr now = view(*opened);
    std::vector<MessageDetails> details;
    std::vector<EmailId> ids;
    for (const Uid uid : uids) {
        const auto message = now->find(uid);
        if (!message) continue;
        ids.push_back(message->email);
        details.push_back({*message, {}});
    }
    CO_TRY(const auto rows, co_await emails(std::move(ids)));
    std::vector<MessageDetails> found;
    found.reserve(details.size());
    for (std::size_t at = 0; at < details.size(); ++at)
        if (rows[at]) found.push_back({std::move(details[at].message), *rows[at]});
    co_return found;
}

async::Awaitable<StoreResult<std::vector<EmailId>>> AccountState::thread(ThreadId thread) {
    CO_TRY_VOID(check_shown());
    std::vector<EmailId> emails;
    if (thread.value > 0xffff'ffff) co_return emails;
    std::string begin = record::thread_key(thread, 0);
    std::string end = record::behind(record::thread_key(thread, ~0u));
    Scan scan(engine_, domain_, {std::move(begin), std::move(end), kDetailsMax});
    while (scan.more() && emails.size() < kDetailsMax) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows)
            if (emails.size() < kDetailsMax) emails.push_back(EmailId(record::number32(row.key, 5)));
    }
    co_return emails;
}

async::Awaitable<StoreResult<std::optional<AccountChanges>>> AccountState::changes_since(Version since) {
    CO_TRY_VOID(check_shown());
    Version until;
    {
        const std::lock_guard guard(guard_);
        if (since < row_.log_floor) co_return std::nullopt;
        until = version_;
    }
    AccountChanges changes{.until = until};
    std::map<MailboxId, MailboxChanges> mailboxes;
    Scan scan(engine_, domain_, {record::log_key(since.next()), record::log_key(until.next()), 1000, false, true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        if (!page.damaged.empty()) co_return std::nullopt;
        for (const Row& row : page.rows) {
            const auto log = record::decode_log(row.value);
            if (!log) co_return std::nullopt; // damaged: what is not known for certain is looked up anew
            changes.mailbox_list |= log->mailbox_list;
            for (const MailboxChanges& each : log->mailboxes) {
                MailboxChanges& sum = mailboxes[each.mailbox];
                sum.mailbox = each.mailbox;
                sum.appended.merge(each.appended);
                sum.changed.merge(each.changed);
                sum.expunged.merge(each.expunged);
            }
        }
    }
    for (auto& [id, sum] : mailboxes) {
        // Who knows nothing of a message need not hear of its flags, nor of its end once it is gone.
        const UidSet appended = sum.appended;
        sum.appended.subtract(sum.expunged);
        sum.changed.subtract(sum.expunged);
        sum.changed.subtract(appended);
        sum.expunged.subtract(appended);
        changes.mailboxes.push_back(std::move(sum));
    }
    // The log may have lost its beginning while it was read.
    const std::lock_guard guard(guard_);
    if (since < row_.log_floor) co_return std::nullopt;
    co_return changes;
}

} // namespace tegami::store
