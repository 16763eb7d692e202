#include "store/message_pages.h"

#include "base/assert.h"
#include "base/sabotage.h"
#include "store/page_records.h"

#include <algorithm>

namespace tegami::store::messages {

namespace {

/// A page with more deltas than this is written anew.
std::uint32_t deltas_max(const record::AccountRow& account) {
    return std::max(1u, account.page_uids() / 16);
}

/// One message more (`sign` 1) or fewer (-1) in the counts of mailbox and account.
void count(PendingCommit& part, record::MailboxRow& mailbox, const MessageRow& row, int sign) {
    const auto by = static_cast<std::uint32_t>(sign);
    mailbox.messages += by;
    if (!row.flags.has(Flag::seen)) mailbox.unseen += by;
    if (row.flags.has(Flag::deleted)) mailbox.deleted += by;
    if (row.uid >= mailbox.first_recent) mailbox.recent += by;
    const auto bytes = sign > 0 ? std::uint64_t{row.size_bytes} : std::uint64_t{0} - row.size_bytes;
    mailbox.size_bytes += bytes;
    part.account.bytes += bytes;
    part.account.messages += static_cast<std::uint64_t>(static_cast<std::int64_t>(sign));
}

} // namespace

std::size_t step_rows_max(const AccountCore& core) {
    return std::clamp<std::size_t>(core.dependencies().limits.batch_operations_max / 8, 1,
                                   core.rows().account.page_uids());
}

async::Awaitable<StoreResult<ViewPagePtr>> page(const AccountCore* core, PendingCommit* part, MailboxId mailbox,
                                                std::uint32_t number) {
    const record::AccountRow& account = core->rows().account;
    if (const ViewPagePtr* found = part->find_page({mailbox, number})) co_return *found;
    if (const OpenStatePtr open = core->published().find_open(mailbox)) {
        const auto& pages = open->view->pages();
        const auto found = std::ranges::lower_bound(pages, account.first_uid(number), {},
                                                    [](const ViewPagePtr& each) { return each->first_uid(); });
        const bool there = found != pages.end() && (*found)->first_uid() == account.first_uid(number);
        co_return there ? *found : nullptr;
    }
    CO_TRY(const ViewPages read, co_await read_pages(core->reader(), account, mailbox, number, number));
    const ViewPagePtr found = read.empty() ? nullptr : read.begin()->second;
    std::vector<record::Delta> deltas;
    for (const MessageRow& row : part->unread_rows({mailbox, number}))
        deltas.push_back({row.uid, row});
    if (deltas.empty()) co_return found;
    PageColumns columns = found ? found->columns() : PageColumns{.first_uid = account.first_uid(number)};
    const auto count = static_cast<std::uint32_t>(deltas.size()) + (found ? found->deltas() : 0);
    co_return std::make_shared<ViewPage>(record::overlay(std::move(columns), deltas), count, found && found->damaged());
}

StoreResult<> write_page(const AccountCore& core, PendingCommit& part, MailboxId mailbox, PageColumns columns,
                         const ViewPagePtr& old, const std::vector<Uid>& touched) {
    const record::AccountRow& account = core.rows().account;
    const std::uint32_t number = account.page_of(Uid(columns.first_uid));
    const std::uint32_t deltas_before = old ? old->deltas() : 0;
    const bool damaged = old && old->damaged();
    const Uid first(columns.first_uid);
    const std::uint64_t end = std::uint64_t{first.value} + account.page_uids();
    std::uint32_t deltas = deltas_before + static_cast<std::uint32_t>(touched.size());
    // Its last message has come: from now on it seldom changes, and is read without deltas.
    const bool filled =
        touched.back().value + std::uint64_t{1} == end && (!old || old->lower_bound(touched.back()) == old->size());
    if (!damaged && (deltas > deltas_max(account) || filled || columns.count() == 0)) {
        if (columns.count() == 0) {
            part.erase(record::page_key(mailbox, number));
        } else {
            std::string value = record::encode_page(columns);
            if (value.size() > core.dependencies().limits.value_bytes_max)
                return failure(Error{ErrorCode::invalid, "too many different keywords near each other"});
            part.put(record::page_key(mailbox, number), std::move(value));
        }
        // Where no message was, there may be deltas that say so.
        if (!old || deltas_before != 0)
            part.erase_range(record::delta_key(mailbox, first),
                             end >> 32 ? record::delta_key(MailboxId(mailbox.value + 1), Uid(0))
                                       : record::delta_key(mailbox, Uid(static_cast<std::uint32_t>(end))));
        deltas = 0;
    } else {
        std::size_t at = 0;
        for (const Uid uid : touched) {
            while (at < columns.count() && columns.first_uid + columns.offset[at] < uid.value)
                ++at;
            const bool here = at < columns.count() && columns.first_uid + columns.offset[at] == uid.value;
            part.put(record::delta_key(mailbox, uid),
                     here ? record::encode_delta(columns.row(at)) : record::encode_gone());
        }
    }
    record::MailboxRow& row = part.mailbox(mailbox, core.rows());
    row.deltas += deltas - deltas_before;
    if (number == account.page_of(Uid(row.uid_next.value - 1))) row.tail_deltas = deltas;
    ViewPagePtr made;
    if (damaged || columns.count() != 0) made = std::make_shared<ViewPage>(std::move(columns), deltas, damaged);
    part.pages.insert_or_assign({mailbox, number}, std::move(made));
    return {};
}

async::Awaitable<StoreResult<>> add(const AccountCore* core, PendingCommit* part, MailboxId mailbox,
                                    std::vector<MessageRow> rows) {
    const record::AccountRow& account = core->rows().account;
    for (std::size_t at = 0; at < rows.size();) {
        const std::uint32_t number = account.page_of(rows[at].uid);
        std::vector<MessageRow> here;
        for (; at < rows.size() && account.page_of(rows[at].uid) == number; ++at)
            here.push_back(rows[at]);
        record::MailboxRow& box = part->mailbox(mailbox, core->rows());
        ASSERT(here.front().uid == box.uid_next);
        const bool new_page = account.page_of(Uid(box.uid_next.value - 1)) != number;
        const std::uint32_t deltas = new_page ? 0 : box.tail_deltas;
        box.uid_next = here.back().uid.next();
        if (new_page) box.tail_deltas = 0;
        for (const MessageRow& row : here) {
            count(*part, box, row, 1);
            part->change(mailbox).appended.add(row.uid);
        }
        const bool known =
            core->published().find_open(mailbox) != nullptr || part->find_page({mailbox, number}) != nullptr;
        const bool fills = account.page_of(box.uid_next) != number;
        if (!known && !fills && deltas + here.size() <= deltas_max(account)) {
            // The usual delivery: nobody has the mailbox open, and its last page need not be read.
            for (const MessageRow& row : here) {
                part->put(record::delta_key(mailbox, row.uid), record::encode_delta(row));
                part->unread[{mailbox, number}].push_back(row);
            }
            box.tail_deltas = deltas + static_cast<std::uint32_t>(here.size());
            box.deltas += static_cast<std::uint32_t>(here.size());
            continue;
        }
        CO_TRY(const ViewPagePtr old, co_await page(core, part, mailbox, number));
        PageColumns columns{.first_uid = account.first_uid(number)};
        if (old) columns = old->columns();
        std::vector<Uid> touched;
        for (const MessageRow& row : here) {
            columns.push_back(row);
            touched.push_back(row.uid);
        }
        CO_TRY_VOID(write_page(*core, *part, mailbox, std::move(columns), old, touched));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<UidSet>> set_flags(const AccountCore* core, PendingCommit* part, MailboxId mailbox,
                                                std::vector<NewFlags> messages) {
    CO_TRY(const ViewPagePtr old,
           co_await page(core, part, mailbox, core->rows().account.page_of(messages.front().uid)));
    if (!old) co_return failure(Error{ErrorCode::damaged, "the page of a message is missing"});
    PageColumns columns = old->columns();
    record::MailboxRow& box = part->mailbox(mailbox, core->rows());
    std::vector<Uid> touched;
    touched.reserve(messages.size());
    UidSet changed;
    UidSet marked;
    std::size_t at = 0;
    for (const NewFlags& wanted : messages) {
        at = old->lower_bound(wanted.uid, at);
        if (at == old->size() || old->uid(at) != wanted.uid)
            co_return failure(Error{ErrorCode::damaged, "a message is missing in its page"});
        const Flags before = old->flags(at);
        if (wanted.flags == before && wanted.keywords == old->keywords(at)) continue;
        if (wanted.keywords.size() > kKeywordsPerMessageMax)
            co_return failure(Error{ErrorCode::invalid, "too many keywords"});
        columns.set(at, wanted.flags, wanted.keywords, part->modseq);
        box.unseen += static_cast<std::uint32_t>(before.has(Flag::seen)) - wanted.flags.has(Flag::seen);
        box.deleted += static_cast<std::uint32_t>(wanted.flags.has(Flag::deleted)) - before.has(Flag::deleted);
        touched.push_back(wanted.uid);
        changed.add(wanted.uid);
        if (wanted.flags.has(Flag::deleted) != before.has(Flag::deleted)) marked.add(wanted.uid);
    }
    if (touched.empty()) co_return changed;
    part->change(mailbox).changed.merge(changed);
    part->change(mailbox).marked.merge(marked);
    CO_TRY_VOID(write_page(*core, *part, mailbox, std::move(columns), old, touched));
    co_return changed;
}

StoreResult<> remove(const AccountCore& core, PendingCommit& part, MailboxId mailbox, ViewPagePtr page,
                     const std::vector<MessageRow>& rows, record::Gone why) {
    const record::AccountRow& account = core.rows().account;
    const std::uint32_t number = account.page_of(rows.front().uid);
    if (const ViewPagePtr* found = part.find_page({mailbox, number})) page = *found;
    if (!page) return failure(Error{ErrorCode::damaged, "the page of an expunged message is missing"});
    const std::uint32_t first = account.first_uid(number);
    record::Vanished vanished{.time = core.dependencies().clock->now(), .why = why, .rows = {.first_uid = first}};
    PageColumns left{.first_uid = first};
    left.reserve(page->size());
    std::vector<Uid> touched;
    record::MailboxRow& box = part.mailbox(mailbox, core.rows());
    auto gone = rows.begin();
    for (std::size_t at = 0; at < page->size(); ++at) {
        if (gone == rows.end() || gone->uid != page->uid(at)) {
            left.push_back(page->row(at));
            continue;
        }
        const MessageRow row = page->row(at);
        count(part, box, row, -1);
        vanished.rows.push_back(row);
        part.change(mailbox).expunged.add(row.uid);
        touched.push_back(row.uid);
        ++gone;
    }
    if (kSabotage == Sabotage::reuse_uid && touched.back().next() == box.uid_next) box.uid_next = touched.front();
    part.put(record::vanished_key(mailbox, part.modseq, touched.front().value), record::encode(vanished));
    return write_page(core, part, mailbox, std::move(left), page, touched);
}

async::Awaitable<StoreResult<>> find_and_remove(const AccountCore* core, PendingCommit* part, MailboxId mailbox,
                                                std::vector<MessageRow> rows, record::Gone why) {
    const std::uint32_t number = core->rows().account.page_of(rows.front().uid);
    CO_TRY(ViewPagePtr found, co_await page(core, part, mailbox, number));
    co_return remove(*core, *part, mailbox, std::move(found), rows, why);
}

} // namespace tegami::store::messages
