#include "store/email_pages.h"

#include "store/card_pages.h"
#include "store/engine/scan.h"
#include "store/page_records.h"

#include <algorithm>
#include <set>

namespace tegami::store::emails {

namespace {

std::uint32_t count_deltas_max(const record::AccountRow& account) {
    return std::max(1u, account.page_emails() / 8);
}

std::optional<record::EmailRecord> email_in(const std::vector<record::EmailRecord>& page, std::uint32_t email) {
    const auto found = std::ranges::lower_bound(page, email, {}, &record::EmailRecord::id);
    if (found == page.end() || found->id != email) return std::nullopt;
    return *found;
}

async::Awaitable<StoreResult<CountPage>> count_page(const AccountCore* core, const PendingCommit* part,
                                                    std::uint32_t page) {
    const record::AccountRow account = core->rows().account;
    const RecordReader reader = core->reader();
    if (const CountPage* found = part->find_counts(page)) co_return *found;
    CountPage result{.counts = std::vector<std::uint32_t>(account.page_emails(), 1)};
    const std::string key = record::count_page_key(page);
    const auto value = co_await reader.get(key);
    if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
    auto decoded = value && *value ? record::decode_counts(account.page_emails(), **value) : std::nullopt;
    const bool none = value && !*value;
    if (decoded) {
        result.counts = *std::move(decoded);
    } else if (!none) {
        reader.tell_damage(record_name(reader.domain(), key));
        result.damaged = true;
        result.counts.assign(account.page_emails(), record::kRowsUnknown);
    }
    const std::uint32_t first = page << account.email_bits;
    UidSet unreadable; // of emails
    std::string prefix = record::count_key(0).substr(0, 1);
    CO_TRY(const std::vector<NumberedRow> rows,
           co_await reader.numbered(std::move(prefix), first, first + (account.page_emails() - 1), &unreadable));
    for (const auto& [email, row] : rows) {
        const auto number = record::decode_number(row.value);
        const bool sound = number && *number <= 0xffff'ffff;
        result.counts[email - first] = sound ? static_cast<std::uint32_t>(*number) : record::kRowsUnknown;
        if (sound) continue;
        reader.tell_damage(record_name(reader.domain(), row.key));
        result.damaged = true;
    }
    for (const Uid email : unreadable.uids())
        result.counts[email.value - first] = record::kRowsUnknown;
    result.damaged |= !unreadable.empty();
    result.deltas = static_cast<std::uint32_t>(rows.size());
    co_return result;
}

async::Awaitable<StoreResult<std::vector<record::EmailRecord>>>
email_page(const AccountCore* core, const PendingCommit* part, std::uint32_t page) {
    if (const auto* found = part->find_emails(page)) co_return *found;
    const RecordReader reader = core->reader();
    const std::string key = record::email_page_key(page);
    CO_TRY(const auto value, co_await reader.get(key));
    if (!value) co_return std::vector<record::EmailRecord>{};
    auto decoded = record::decode_emails(page, core->rows().account.page_emails(), *value);
    if (!decoded) co_return failure(damaged_record(reader.domain(), key));
    co_return *std::move(decoded);
}

/// A group is full: it leaves its single records for the page. Where a record of them or the page itself cannot be read
/// they stay single records, and nothing is written over what is damaged.
async::Awaitable<StoreResult<>> fill_pages(const AccountCore* core, PendingCommit* part,
                                           std::vector<record::EmailRecord> emails, std::uint32_t old_tail) {
    const RecordReader reader = core->reader();
    const std::uint32_t tail = part->account.email_tail();
    std::map<std::uint32_t, record::EmailRecord> group = part->tail_emails_from(old_tail);
    for (const record::EmailRecord& email : emails)
        group.insert_or_assign(email.id, email);
    // Those that are not in this commit have single records.
    const bool all_new =
        std::distance(group.begin(), group.lower_bound(tail)) == static_cast<std::ptrdiff_t>(tail - old_tail);
    UidSet unreadable; // of emails
    bool sound = true;
    std::vector<NumberedRow> rows;
    if (!all_new) {
        std::string prefix = record::email_key(0).substr(0, 1);
        CO_TRY(rows, co_await reader.numbered(std::move(prefix), old_tail, tail - 1, &unreadable));
    }
    for (const auto& [id, row] : rows) {
        const auto email = record::decode_email(id, row.value);
        if (email)
            group.emplace(id, *email);
        else
            reader.tell_damage(record_name(reader.domain(), row.key));
        sound = sound && email;
    }
    sound = sound && unreadable.empty();
    for (auto at = group.begin(); at != group.end() && at->first < tail;) {
        const std::uint32_t number = at->first >> core->rows().account.email_bits;
        StoreResult<std::vector<record::EmailRecord>> page = co_await email_page(core, part, number);
        if (!page && page.error().code != ErrorCode::damaged) co_return failure(page.error());
        if (page && sound && !all_new) part->erase_range(record::email_key(old_tail), record::email_key(tail));
        for (; at != group.end() && at->first < tail && at->first >> core->rows().account.email_bits == number; ++at) {
            if (page) {
                page->push_back(at->second);
                if (!sound) part->erase(record::email_key(at->first));
            } else {
                part->put(record::email_key(at->first), record::encode(at->second));
            }
        }
        if (!page) continue;
        part->email_pages.insert_or_assign(number, *std::move(page));
    }
    for (auto at = group.begin(); at != group.end() && at->first < tail;) {
        const std::uint32_t number = at->first / core->rows().account.email_group();
        std::vector<record::EmailRecord> complete;
        for (; at != group.end() && at->first / core->rows().account.email_group() == number; ++at)
            complete.push_back(at->second);
        co_await cards::fill(core, part, std::move(complete));
    }
    for (auto at = group.lower_bound(tail); at != group.end(); ++at)
        part->tail_emails.insert_or_assign(at->first, at->second);
    co_return StoreResult<>{};
}

/// What leads to a forgotten email: its reference to the blob, its conversation and the hashes of its message-ids.
async::Awaitable<StoreResult<>> forget_traces(const AccountCore* core, PendingCommit* part, record::EmailRecord email) {
    const RecordReader reader = core->reader();
    part->remove_reference(email.blob.id, record::reference_tag(core->id(), email.id));
    const std::string key = record::thread_key(ThreadId(email.thread), email.id);
    CO_TRY(const auto value, co_await reader.get(key));
    const auto hashes = value ? record::decode_hashes(*value) : std::nullopt;
    if (!hashes) co_return StoreResult<>{};
    for (const std::uint64_t hash : *hashes)
        part->erase(record::hash_key(hash, email.id));
    part->erase(key);
    co_return StoreResult<>{};
}

/// Takes emails, which are of one page and rising, out of it.
async::Awaitable<StoreResult<>> forget_in_page(const AccountCore* core, PendingCommit* part, std::uint32_t number,
                                               std::vector<std::uint32_t> emails) {
    const StoreResult<std::vector<record::EmailRecord>> read = co_await email_page(core, part, number);
    // Only the damaged page itself may keep the email: repair forgets what has no row any more.
    if (!read && read.error().code == ErrorCode::damaged) co_return StoreResult<>{};
    if (!read) co_return failure(read.error());
    std::vector<record::EmailRecord> left;
    for (const record::EmailRecord& email : *read) {
        if (!std::ranges::binary_search(emails, email.id)) {
            left.push_back(email);
            continue;
        }
        CO_TRY_VOID(co_await forget_traces(core, part, email));
    }
    CO_TRY_VOID(co_await cards::forget(core, part, std::move(emails)));
    if (left.size() != read->size()) part->email_pages.insert_or_assign(number, std::move(left));
    co_return StoreResult<>{};
}

} // namespace

async::Awaitable<StoreResult<>> add(const AccountCore* core, PendingCommit* part,
                                    std::vector<record::EmailRecord> emails) {
    const std::uint32_t old_tail = part->account.email_tail();
    part->account.next_email = emails.back().id + 1;
    const std::uint32_t tail = part->account.email_tail();
    if (tail == old_tail) {
        for (const record::EmailRecord& email : emails)
            part->tail_emails.insert_or_assign(email.id, email);
        co_return StoreResult<>{};
    }
    co_return co_await fill_pages(core, part, std::move(emails), old_tail);
}

async::Awaitable<StoreResult<>> adjust_counts(const AccountCore* core, PendingCommit* part,
                                              std::vector<std::uint32_t> emails, int by) {
    const record::AccountRow account = core->rows().account;
    std::ranges::sort(emails);
    for (std::size_t at = 0; at < emails.size();) {
        const std::uint32_t number = emails[at] >> account.email_bits;
        const std::uint32_t first = number << account.email_bits;
        CO_TRY(CountPage page, co_await count_page(core, part, number));
        std::set<std::uint32_t> touched;
        for (; at < emails.size() && emails[at] >> account.email_bits == number; ++at) {
            std::uint32_t& rows = page.counts[emails[at] - first];
            if (rows < record::kRowsUnknown) rows += static_cast<std::uint32_t>(by);
            touched.insert(emails[at]);
        }
        if (!page.damaged && page.deltas + touched.size() > count_deltas_max(account)) {
            part->put(record::count_page_key(number), record::encode_counts(page.counts));
            part->erase_range(record::count_key(first), first + account.page_emails() < first
                                                            ? "n"
                                                            : record::count_key(first + account.page_emails()));
            page.deltas = 0;
        } else {
            for (const std::uint32_t email : touched)
                part->put(record::count_key(email), record::encode_number(page.counts[email - first]));
            page.deltas += static_cast<std::uint32_t>(touched.size());
        }
        part->counts.insert_or_assign(number, std::move(page));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> forget(AccountCore* core, PendingCommit* part, std::vector<std::uint32_t> emails) {
    const record::AccountRow account = core->rows().account;
    std::map<std::uint32_t, std::vector<std::uint32_t>> gone; // by page
    std::vector<std::uint32_t> fewer;
    std::ranges::sort(emails);
    for (auto at = emails.begin(); at != emails.end();) {
        const std::uint32_t email = *at;
        const auto end = std::ranges::upper_bound(at, emails.end(), email);
        const auto times = static_cast<std::uint32_t>(end - at);
        CO_TRY(const CountPage counts, co_await count_page(core, part, email >> account.email_bits));
        const std::uint32_t rows = counts.counts[email & (account.page_emails() - 1)];
        if (rows >= record::kRowsUnknown) co_return failure(damaged_record(core->domain(), record::count_key(email)));
        const bool last = rows <= times;
        if (last) gone[email >> account.email_bits].push_back(email);
        // A forgotten email's count stays at one, which is what an email without a record has.
        const std::uint32_t taken = last ? std::max(rows, 1u) - 1 : times;
        fewer.insert(fewer.end(), taken, email);
        at = end;
    }
    CO_TRY_VOID(co_await adjust_counts(core, part, std::move(fewer), -1));
    for (auto& [number, of_page] : gone) {
        for (const std::uint32_t email : of_page) {
            if (email < account.email_tail()) continue;
            CO_TRY(const auto single, co_await find(core, email));
            part->erase(record::email_key(email));
            if (!single) continue; // damaged or forgotten before: verify() reports it
            CO_TRY_VOID(co_await forget_traces(core, part, *single));
        }
        std::erase_if(of_page, [&](std::uint32_t email) { return email >= account.email_tail(); });
        if (of_page.empty()) continue;
        CO_TRY_VOID(co_await forget_in_page(core, part, number, std::move(of_page)));
    }
    co_return StoreResult<>{};
}

namespace {

async::Awaitable<StoreResult<EmailPagePtr>> read_page(AccountCore* core, std::uint32_t page,
                                                      std::uint32_t page_emails) {
    if (EmailPagePtr found = core->published().find_emails(page)) co_return found;
    const Domain domain = core->domain();
    const std::string key = record::email_page_key(page);
    Scan scan(core->dependencies().engine, domain, {key, key + '\0', 1});
    CO_TRY(const Page scanned, co_await scan.next());
    auto emails = std::make_shared<std::vector<record::EmailRecord>>();
    if (!scanned.rows.empty()) {
        auto decoded = record::decode_emails(page, page_emails, scanned.rows.front().value);
        if (!decoded) co_return failure(damaged_record(domain, key));
        *emails = *std::move(decoded);
    }
    core->published().keep_emails(page, emails, scanned.version);
    co_return emails;
}

async::Awaitable<StoreResult<std::optional<record::EmailRecord>>> find_single(AccountCore* core, std::uint32_t email) {
    const Domain domain = core->domain();
    const std::string key = record::email_key(email);
    CO_TRY(const auto value, co_await core->dependencies().engine->get(domain, key));
    if (!value) co_return std::nullopt;
    auto decoded = record::decode_email(email, *value);
    if (!decoded) co_return failure(damaged_record(domain, key));
    co_return decoded;
}

} // namespace

/// A reader takes no turn among the writers: an email may move from its single record into its page meanwhile, so what
/// is missing in one place is looked for in the other.
async::Awaitable<StoreResult<std::optional<record::EmailRecord>>> find(AccountCore* core, std::uint32_t email) {
    const record::AccountRow account = core->published().row();
    const std::uint32_t number = email / account.page_emails();
    if (email < account.email_tail()) {
        const StoreResult<EmailPagePtr> page = co_await read_page(core, number, account.page_emails());
        if (page) {
            if (const auto found = email_in(**page, email)) co_return found;
        }
        // It is still a single record if its page could not be read when it should have moved there.
        CO_TRY(const auto single, co_await find_single(core, email));
        if (!single && !page) co_return failure(page.error());
        co_return single;
    }
    CO_TRY(const auto single, co_await find_single(core, email));
    if (single) co_return single;
    // It has moved into its page, by a commit that may not be published yet: then a cached page would be too old.
    const Domain domain = core->domain();
    const std::string key = record::email_page_key(number);
    CO_TRY(const auto octets, co_await core->dependencies().engine->get(domain, key));
    if (!octets) co_return std::nullopt;
    const auto page = record::decode_emails(number, account.page_emails(), *octets);
    if (!page) co_return failure(damaged_record(domain, key));
    co_return email_in(*page, email);
}

async::Awaitable<StoreResult<std::vector<StoreResult<std::optional<record::EmailRecord>>>>>
find_many(AccountCore* core, std::vector<EmailId> emails) {
    std::vector<StoreResult<std::optional<record::EmailRecord>>> found(emails.size());
    const std::uint32_t tail = core->published().row().email_tail();
    std::vector<std::size_t> singles; // places
    for (std::size_t at = 0; at < emails.size(); ++at)
        if (emails[at].value >= tail && emails[at].value <= record::kIdMax) singles.push_back(at);
    for (std::size_t next = 0; next < singles.size(); next += kGetManyMax) {
        std::vector<std::string> keys;
        for (std::size_t at = next; at < std::min(singles.size(), next + kGetManyMax); ++at)
            keys.push_back(record::email_key(static_cast<std::uint32_t>(emails[singles[at]].value)));
        const auto values = co_await core->dependencies().engine->get_many(core->domain(), std::move(keys));
        if (!values && values.error().code != ErrorCode::damaged) co_return failure(values.error());
        for (std::size_t at = 0; values && at < values->size(); ++at) {
            const std::size_t place = singles[next + at];
            if (const std::optional<std::string>& value = (*values)[at])
                found[place] = record::decode_email(static_cast<std::uint32_t>(emails[place].value), *value);
        }
    }
    for (std::size_t at = 0; at < emails.size(); ++at) {
        if (*found[at] || emails[at].value > record::kIdMax) continue;
        found[at] = co_await find(core, static_cast<std::uint32_t>(emails[at].value));
        if (!found[at] && found[at].error().code != ErrorCode::damaged) co_return failure(found[at].error());
    }
    co_return found;
}

async::Awaitable<StoreResult<std::vector<record::EmailRecord>>> in_group(const AccountCore* core, std::uint32_t group) {
    const record::AccountRow account = core->rows().account;
    const PendingCommit nothing;
    CO_TRY(std::vector<record::EmailRecord> page,
           co_await email_page(core, &nothing, group * account.email_group() >> account.email_bits));
    std::erase_if(page, [&](const record::EmailRecord& email) { return email.id / account.email_group() != group; });
    co_return page;
}

} // namespace tegami::store::emails
