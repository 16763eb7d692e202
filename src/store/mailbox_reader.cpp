#include "store/mailbox_reader.h"

#include "async/turns.h"
#include "store/page_records.h"

#include <set>

namespace tegami::store {

namespace {

/// Records taken apart before others on this thread get their turn.
constexpr std::size_t kReadPagesPerTurn = 64;
constexpr std::size_t kDeltasPerTurn = 2000;

struct Damage {
    std::set<std::uint32_t> pages; ///< with records that cannot be read
    UidSet uids;                   ///< whose deltas cannot be read
};

ViewPagePtr make_page(std::uint32_t number, PageColumns columns, const std::vector<record::Delta>* deltas,
                      const Damage& damage) {
    std::size_t records = 0;
    if (deltas != nullptr) {
        columns = record::overlay(std::move(columns), *deltas);
        records = deltas->size();
    }
    if (!damage.pages.contains(number)) {
        if (columns.count() == 0) return nullptr;
        return std::make_shared<ViewPage>(std::move(columns), static_cast<std::uint32_t>(records));
    }
    PageColumns known{.first_uid = columns.first_uid};
    for (std::size_t at = 0; at < columns.count(); ++at)
        if (!damage.uids.contains(Uid(columns.first_uid + columns.offset[at]))) known.push_back(columns.row(at));
    return std::make_shared<ViewPage>(std::move(known), static_cast<std::uint32_t>(records), true);
}

} // namespace

async::Awaitable<StoreResult<ViewPages>> read_pages(RecordReader reader, record::AccountRow account, MailboxId mailbox,
                                                    std::uint32_t first, std::uint32_t last) {
    Damage damage;
    std::map<std::uint32_t, std::vector<record::Delta>> deltas;
    std::string prefix = record::delta_key(mailbox, Uid(0)).substr(0, 5);
    const Uid last_uid(account.first_uid(last) + (account.page_uids() - 1));
    CO_TRY(const std::vector<NumberedRow> delta_rows,
           co_await reader.numbered(std::move(prefix), account.first_uid(first), last_uid.value, &damage.uids));
    std::size_t taken = 0;
    for (const auto& [uid, row] : delta_rows) {
        if (++taken % kDeltasPerTurn == 0) co_await async::give_way();
        auto delta = record::decode_delta(Uid(uid), row.value);
        if (delta) {
            deltas[account.page_of(Uid(uid))].push_back(*std::move(delta));
            continue;
        }
        reader.tell_damage(record_name(reader.domain(), row.key));
        damage.uids.add(Uid(uid));
    }
    for (const UidRange& range : damage.uids.ranges())
        for (std::uint64_t page = account.page_of(range.first); page <= account.page_of(range.last); ++page)
            damage.pages.insert(static_cast<std::uint32_t>(page));
    UidSet unreadable;
    prefix = record::page_key(mailbox, 0).substr(0, 5);
    CO_TRY(std::vector<NumberedRow> page_rows, co_await reader.numbered(std::move(prefix), first, last, &unreadable));
    for (const UidRange& range : unreadable.ranges())
        for (std::uint64_t page = range.first.value; page <= range.last.value; ++page)
            damage.pages.insert(static_cast<std::uint32_t>(page));
    ViewPages pages;
    const auto add = [&](std::uint32_t number, PageColumns columns) {
        const auto over = deltas.find(number);
        const std::vector<record::Delta>* const rows = over == deltas.end() ? nullptr : &over->second;
        if (ViewPagePtr page = make_page(number, std::move(columns), rows, damage))
            pages.emplace(number, std::move(page));
    };
    for (auto& [number, row] : page_rows) {
        if (++taken % kReadPagesPerTurn == 0) {
            co_await async::give_way();
        }
        auto page = record::open_page(account.first_uid(number), account.page_uids(), std::move(row.value));
        if (page && page->columns.count() != 0 && !deltas.contains(number) && !damage.pages.contains(number)) {
            pages.emplace(number, std::make_shared<ViewPage>(*std::move(page)));
            continue;
        }
        if (page) {
            record::read_later(page->later, page->columns);
            add(number, std::move(page->columns));
            continue;
        }
        reader.tell_damage(record_name(reader.domain(), row.key));
        damage.pages.insert(number);
    }
    for (const auto& [number, rows] : deltas)
        if (!pages.contains(number)) add(number, PageColumns{.first_uid = account.first_uid(number)});
    for (const std::uint32_t number : damage.pages)
        if (!pages.contains(number)) add(number, PageColumns{.first_uid = account.first_uid(number)});
    co_return pages;
}

async::Awaitable<StoreResult<ViewPtr>> read_view(RecordReader reader, const AccountRows* rows, MailboxId mailbox) {
    const record::AccountRow& account = rows->account;
    const record::MailboxRow& row = rows->mailboxes.at(mailbox);
    const std::uint32_t last = account.page_of(Uid(std::max(row.uid_next.value, 2u) - 1));
    CO_TRY(ViewPages read, co_await read_pages(reader, account, mailbox, 0, last));
    std::vector<ViewPagePtr> pages;
    pages.reserve(read.size() + 1);
    for (auto& [number, page] : read)
        pages.push_back(std::move(page));
    co_return std::make_shared<MailboxView>(mailbox, rows->version, row.uid_validity, row.uid_next, rows->keywords,
                                            account.page_uids(), std::move(pages));
}

} // namespace tegami::store
