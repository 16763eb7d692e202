// Pages of messages, emails and counts within a transaction: read through it, written into it.
#include "base/assert.h"
#include "store/account_state.h"

namespace tegami::store {

record::MailboxRow& AccountState::mailbox_in(Transaction& transaction, MailboxId mailbox) const {
    const auto found = transaction.mailboxes.find(mailbox);
    if (found != transaction.mailboxes.end()) return found->second;
    return transaction.mailboxes.emplace(mailbox, rows_.at(mailbox)).first->second;
}

void AccountState::count(Transaction& transaction, record::MailboxRow& mailbox, const MessageRow& row, int sign) const {
    const auto by = static_cast<std::uint32_t>(sign);
    mailbox.messages += by;
    if (!row.flags.has(Flag::seen)) mailbox.unseen += by;
    if (row.flags.has(Flag::deleted)) mailbox.deleted += by;
    if (row.uid >= mailbox.first_recent) mailbox.recent += by;
    const auto bytes = sign > 0 ? std::uint64_t{row.size_bytes} : std::uint64_t{0} - row.size_bytes;
    mailbox.size_bytes += bytes;
    transaction.account.bytes += bytes;
    transaction.account.messages += static_cast<std::uint64_t>(static_cast<std::int64_t>(sign));
}

/// Limit: rows that one part handles, so that even an engine with small batches has room for a part.
std::size_t AccountState::unit_rows_max() const {
    return std::clamp<std::size_t>(limits_.batch_operations_max / 8, 1, row_.page_uids());
}

async::Awaitable<StoreResult<ViewPagePtr>> AccountState::page(Transaction* transaction, MailboxId mailbox,
                                                              std::uint32_t page) {
    if (const ViewPagePtr* found = transaction->find_page({mailbox, page})) co_return *found;
    if (const ViewPtr view = loaded_view(mailbox)) {
        const auto& pages = view->pages();
        const auto found = std::ranges::lower_bound(pages, first_uid(page), {},
                                                    [](const ViewPagePtr& each) { return each->first_uid(); });
        co_return found != pages.end() && (*found)->first_uid() == first_uid(page) ? *found : nullptr;
    }
    CO_TRY(const Pages read, co_await read_pages(mailbox, page, page));
    const ViewPagePtr found = read.empty() ? nullptr : read.begin()->second;
    std::vector<record::Delta> deltas;
    for (const MessageRow& row : transaction->unread_rows({mailbox, page}))
        deltas.push_back({row.uid, row});
    if (deltas.empty()) co_return found;
    PageColumns columns = found ? found->columns() : PageColumns{.first_uid = first_uid(page)};
    const auto count = static_cast<std::uint32_t>(deltas.size()) + (found ? found->deltas() : 0);
    co_return std::make_shared<ViewPage>(record::overlay(std::move(columns), deltas), count, found && found->damaged());
}

StoreResult<> AccountState::write_page(Transaction& transaction, MailboxId mailbox, PageColumns columns,
                                       const ViewPagePtr& old, const std::vector<Uid>& touched) const {
    const std::uint32_t number = page_of(Uid(columns.first_uid));
    const std::uint32_t deltas_before = old ? old->deltas() : 0;
    const bool damaged = old && old->damaged();
    const Uid first(columns.first_uid);
    const std::uint64_t end = std::uint64_t{first.value} + row_.page_uids();
    std::uint32_t deltas = deltas_before + static_cast<std::uint32_t>(touched.size());
    // Its last message has come: from now on it seldom changes, and is read without deltas.
    const bool filled =
        touched.back().value + std::uint64_t{1} == end && (!old || old->lower_bound(touched.back()) == old->size());
    if (!damaged && (deltas > deltas_max() || filled || columns.count() == 0)) {
        if (columns.count() == 0) {
            transaction.erase(record::page_key(mailbox, number));
        } else {
            std::string value = record::encode_page(columns);
            if (value.size() > limits_.value_bytes_max)
                return failure(Error{ErrorCode::invalid, "too many different keywords near each other"});
            transaction.put(record::page_key(mailbox, number), std::move(value));
        }
        // Where no message was, there may be deltas that say so.
        if (!old || deltas_before != 0)
            transaction.erase_range(record::delta_key(mailbox, first),
                                    end >> 32 ? record::delta_key(MailboxId(mailbox.value + 1), Uid(0))
                                              : record::delta_key(mailbox, Uid(static_cast<std::uint32_t>(end))));
        deltas = 0;
    } else {
        std::size_t at = 0;
        for (const Uid uid : touched) {
            while (at < columns.count() && columns.first_uid + columns.offset[at] < uid.value)
                ++at;
            const bool here = at < columns.count() && columns.first_uid + columns.offset[at] == uid.value;
            transaction.put(record::delta_key(mailbox, uid),
                            here ? record::encode_delta(columns.row(at)) : record::encode_gone());
        }
    }
    record::MailboxRow& row = mailbox_in(transaction, mailbox);
    row.deltas += deltas - deltas_before;
    if (number == page_of(Uid(row.uid_next.value - 1))) row.tail_deltas = deltas;
    ViewPagePtr made;
    if (damaged || columns.count() != 0) made = std::make_shared<ViewPage>(std::move(columns), deltas, damaged);
    transaction.pages.insert_or_assign({mailbox, number}, std::move(made));
    return {};
}

async::Awaitable<StoreResult<>> AccountState::add_rows(Transaction* part, MailboxId mailbox,
                                                       std::vector<MessageRow> rows) {
    for (std::size_t at = 0; at < rows.size();) {
        const std::uint32_t number = page_of(rows[at].uid);
        std::vector<MessageRow> here;
        for (; at < rows.size() && page_of(rows[at].uid) == number; ++at)
            here.push_back(rows[at]);
        record::MailboxRow& box = mailbox_in(*part, mailbox);
        ASSERT(here.front().uid == box.uid_next);
        const bool new_page = page_of(Uid(box.uid_next.value - 1)) != number;
        const std::uint32_t deltas = new_page ? 0 : box.tail_deltas;
        box.uid_next = here.back().uid.next();
        if (new_page) box.tail_deltas = 0;
        for (const MessageRow& row : here) {
            count(*part, box, row, 1);
            part->change(mailbox).appended.add(row.uid);
        }
        const bool known = loaded_view(mailbox) != nullptr || part->find_page({mailbox, number}) != nullptr;
        const bool fills = page_of(box.uid_next) != number;
        if (!known && !fills && deltas + here.size() <= deltas_max()) {
            // The usual delivery: nobody has the mailbox open, and its last page need not be read.
            for (const MessageRow& row : here) {
                part->put(record::delta_key(mailbox, row.uid), record::encode_delta(row));
                part->unread[{mailbox, number}].push_back(row);
            }
            box.tail_deltas = deltas + static_cast<std::uint32_t>(here.size());
            box.deltas += static_cast<std::uint32_t>(here.size());
            continue;
        }
        CO_TRY(const ViewPagePtr old, co_await page(part, mailbox, number));
        PageColumns columns{.first_uid = first_uid(number)};
        if (old) columns = old->columns();
        std::vector<Uid> touched;
        for (const MessageRow& row : here) {
            columns.push_back(row);
            touched.push_back(row.uid);
        }
        CO_TRY_VOID(write_page(*part, mailbox, std::move(columns), old, touched));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<CountPage>> AccountState::count_page(const Transaction* transaction, std::uint32_t page) {
    if (const CountPage* found = transaction->find_counts(page)) co_return *found;
    CountPage result{.counts = std::vector<std::uint32_t>(row_.page_emails(), 1)};
    const std::string key = record::count_page_key(page);
    const auto value = co_await engine_->get(domain_, key);
    if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
    auto decoded = value && *value ? record::decode_counts(row_.page_emails(), **value) : std::nullopt;
    const bool none = value && !*value;
    if (decoded) {
        result.counts = *std::move(decoded);
    } else if (!none) {
        tell_damage(record_name(domain_, key));
        result.damaged = true;
        result.counts.assign(row_.page_emails(), record::kRowsUnknown);
    }
    const std::uint32_t first = page << row_.email_bits;
    UidSet unreadable; // of emails
    std::string prefix = record::count_key(0).substr(0, 1);
    CO_TRY(const std::vector<NumberedRow> rows,
           co_await read_numbered(std::move(prefix), first, first + (row_.page_emails() - 1), &unreadable));
    for (const auto& [email, row] : rows) {
        const auto number = record::decode_number(row.value);
        const bool sound = number && *number <= 0xffff'ffff;
        result.counts[email - first] = sound ? static_cast<std::uint32_t>(*number) : record::kRowsUnknown;
        if (sound) continue;
        tell_damage(record_name(domain_, row.key));
        result.damaged = true;
    }
    for (const Uid email : unreadable.uids())
        result.counts[email.value - first] = record::kRowsUnknown;
    result.damaged |= !unreadable.empty();
    result.deltas = static_cast<std::uint32_t>(rows.size());
    co_return result;
}

async::Awaitable<StoreResult<>> AccountState::adjust_counts(Transaction* part, std::vector<std::uint32_t> emails,
                                                            int by) {
    std::ranges::sort(emails);
    for (std::size_t at = 0; at < emails.size();) {
        const std::uint32_t number = emails[at] >> row_.email_bits;
        const std::uint32_t first = number << row_.email_bits;
        CO_TRY(CountPage page, co_await count_page(part, number));
        std::set<std::uint32_t> touched;
        for (; at < emails.size() && emails[at] >> row_.email_bits == number; ++at) {
            std::uint32_t& rows = page.counts[emails[at] - first];
            if (rows < record::kRowsUnknown) rows += static_cast<std::uint32_t>(by);
            touched.insert(emails[at]);
        }
        if (!page.damaged && page.deltas + touched.size() > count_deltas_max()) {
            part->put(record::count_page_key(number), record::encode_counts(page.counts));
            part->erase_range(record::count_key(first),
                              first + row_.page_emails() < first ? "n" : record::count_key(first + row_.page_emails()));
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

async::Awaitable<StoreResult<std::vector<record::EmailRecord>>> AccountState::email_page(const Transaction* transaction,
                                                                                         std::uint32_t page) {
    if (const auto* found = transaction->find_emails(page)) co_return *found;
    CO_TRY(const auto value, co_await engine_->get(domain_, record::email_page_key(page)));
    if (!value) co_return std::vector<record::EmailRecord>{};
    auto decoded = record::decode_emails(page, row_.page_emails(), *value);
    if (!decoded) co_return failure(damaged_record(domain_, record::email_page_key(page)));
    co_return *std::move(decoded);
}

async::Awaitable<StoreResult<>> AccountState::add_emails(Transaction* part, std::vector<record::EmailRecord> emails) {
    const std::uint32_t old_tail = part->account.email_tail();
    part->account.next_email = emails.back().id + 1;
    const std::uint32_t tail = part->account.email_tail();
    if (tail == old_tail) {
        for (const record::EmailRecord& email : emails) {
            part->put(record::email_key(email.id), record::encode(email));
            part->tail_emails.insert_or_assign(email.id, email);
        }
        co_return StoreResult<>{};
    }
    co_return co_await fill_email_pages(part, std::move(emails), old_tail);
}

/// A group is full: it leaves its single records for the page. Where a record of them or the page itself cannot be read
/// they stay single records, and nothing is written over what is damaged.
async::Awaitable<StoreResult<>>
AccountState::fill_email_pages(Transaction* part, std::vector<record::EmailRecord> emails, std::uint32_t old_tail) {
    const std::uint32_t tail = part->account.email_tail();
    std::map<std::uint32_t, record::EmailRecord> group = part->tail_emails_from(old_tail);
    UidSet unreadable; // of emails
    bool sound = true;
    std::string prefix = record::email_key(0).substr(0, 1);
    CO_TRY(const std::vector<NumberedRow> rows,
           co_await read_numbered(std::move(prefix), old_tail, tail - 1, &unreadable));
    for (const auto& [id, row] : rows) {
        const auto email = record::decode_email(id, row.value);
        if (email)
            group.emplace(id, *email);
        else
            tell_damage(record_name(domain_, row.key));
        sound = sound && email;
    }
    sound = sound && unreadable.empty();
    for (const record::EmailRecord& email : emails)
        group.insert_or_assign(email.id, email);
    for (auto at = group.begin(); at != group.end() && at->first < tail;) {
        const std::uint32_t number = at->first >> row_.email_bits;
        StoreResult<std::vector<record::EmailRecord>> page = co_await email_page(part, number);
        if (!page && page.error().code != ErrorCode::damaged) co_return failure(page.error());
        if (page && sound) part->erase_range(record::email_key(old_tail), record::email_key(tail));
        for (; at != group.end() && at->first < tail && at->first >> row_.email_bits == number; ++at) {
            if (page) {
                page->push_back(at->second);
                if (!sound) part->erase(record::email_key(at->first));
            } else {
                part->put(record::email_key(at->first), record::encode(at->second));
            }
        }
        if (!page) continue;
        part->put(record::email_page_key(number), record::encode_emails(*page));
        part->email_pages.insert_or_assign(number, *std::move(page));
    }
    for (auto at = group.lower_bound(tail); at != group.end(); ++at) {
        part->put(record::email_key(at->first), record::encode(at->second));
        part->tail_emails.insert_or_assign(at->first, at->second);
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store
