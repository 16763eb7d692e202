// Changing flags and keywords, and folding deltas into pages.
#include "base/ascii.h"
#include "store/account_state.h"

namespace tegami::store {

namespace {

/// Above this many deltas a mailbox is folded, so that opening it stays a matter of its pages.
constexpr std::uint32_t kMailboxDeltasMax = 4096;
/// After this many parts without a commit the executor gets a turn.
constexpr std::size_t kPartsPerTurn = 32;

KeywordSet changed_keywords(const KeywordSet& old, const KeywordSet& given, FlagChange::Mode mode) {
    KeywordSet result;
    switch (mode) {
    case FlagChange::Mode::add: std::ranges::set_union(old, given, std::back_inserter(result)); break;
    case FlagChange::Mode::remove: std::ranges::set_difference(old, given, std::back_inserter(result)); break;
    case FlagChange::Mode::replace: result = given; break;
    }
    return result;
}

Flags changed_flags(Flags old, const FlagChange& change) {
    switch (change.mode) {
    case FlagChange::Mode::add: return old | change.flags;
    case FlagChange::Mode::remove: return old - change.flags;
    case FlagChange::Mode::replace: break;
    }
    return change.flags;
}

/// The positions of a page's messages that are in the set.
std::vector<std::size_t> positions_in(const ViewPage& page, const UidSet& uids, std::uint32_t page_uids) {
    std::vector<std::size_t> positions;
    const std::uint64_t end = std::uint64_t{page.first_uid()} + page_uids;
    auto range =
        std::ranges::partition_point(uids.ranges(), [&](const UidRange& r) { return r.last.value < page.first_uid(); });
    for (; range != uids.ranges().end() && range->first.value < end; ++range)
        for (std::size_t at = page.lower_bound(range->first); at < page.size() && page.uid(at) <= range->last; ++at)
            positions.push_back(at);
    return positions;
}

} // namespace

StoreResult<> AccountState::flag_part(Transaction& part, const ViewPagePtr& page,
                                      const std::vector<std::size_t>& positions, const FlagChange& change,
                                      const KeywordSet& keywords, MailboxId mailbox) {
    const ViewPagePtr* const found = part.find_page({mailbox, page_of(Uid(page->first_uid()))});
    const ViewPagePtr old = found ? *found : page;
    PageColumns columns = old->columns();
    record::MailboxRow& box = mailbox_in(part, mailbox);
    std::vector<Uid> touched;
    touched.reserve(positions.size());
    for (const std::size_t at : positions) {
        const Flags flags_before = old->flags(at);
        const Flags flags = changed_flags(flags_before, change);
        const bool has_keywords = !keywords.empty() || !old->keywords(at).empty();
        const KeywordSet now = has_keywords ? changed_keywords(old->keywords(at), keywords, change.mode) : KeywordSet();
        if (flags == flags_before && (!has_keywords || now == old->keywords(at))) continue;
        if (now.size() > kKeywordsPerMessageMax) return failure(Error{ErrorCode::invalid, "too many keywords"});
        columns.set(at, flags, now, part.modseq);
        box.unseen += static_cast<std::uint32_t>(flags_before.has(Flag::seen)) - flags.has(Flag::seen);
        box.deleted += static_cast<std::uint32_t>(flags.has(Flag::deleted)) - flags_before.has(Flag::deleted);
        touched.push_back(page->uid(at));
    }
    if (touched.empty()) return {};
    UidSet& changed = part.change(mailbox).changed;
    for (const Uid uid : touched)
        changed.add(uid);
    return write_page(part, mailbox, std::move(columns), old, touched);
}

async::Awaitable<StoreResult<FlagResult>> AccountState::change_flags(MailboxId mailbox, UidSet uids, FlagChange change,
                                                                     std::optional<Modseq> unchanged_since) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    CO_TRY(const OpenStatePtr open, co_await open_locked(mailbox));
    const ViewPtr view = open->view;
    FlagResult result;
    Transaction whole = begin_transaction();
    if (change.mode == FlagChange::Mode::remove)
        std::erase_if(change.keywords, [&](const std::string& keyword) {
            return std::ranges::none_of(*keywords_, [&](const auto& name) { return ascii::iequals(name, keyword); });
        });
    // New keywords are committed first, so that every part may use them.
    CO_TRY(const KeywordSet keywords, intern(whole, change.keywords));
    if (!whole.operations.empty()) {
        CO_TRY_VOID(co_await commit(&whole));
        whole = begin_transaction();
    }
    std::size_t parts = 0;
    for (const ViewPagePtr& page : view->pages()) {
        std::vector<std::size_t> positions = positions_in(*page, uids, view->page_uids());
        if (unchanged_since) {
            std::erase_if(positions, [&](std::size_t at) {
                const bool modified = page->modseq(at) > *unchanged_since;
                if (modified) result.failed.add(page->uid(at));
                return modified;
            });
        }
        for (std::size_t at = 0; at < positions.size(); at += unit_rows_max()) {
            const std::vector<std::size_t> some(
                positions.begin() + static_cast<std::ptrdiff_t>(at),
                positions.begin() + static_cast<std::ptrdiff_t>(std::min(positions.size(), at + unit_rows_max())));
            Transaction part = Transaction::part_of(whole);
            CO_TRY_VOID(flag_part(part, page, some, change, keywords, mailbox));
            if (!fits(whole, part)) {
                result.changed.merge(whole.change(mailbox).changed);
                CO_TRY_VOID(co_await commit(&whole));
                whole = begin_transaction();
                part = Transaction::part_of(whole);
                // The page may have got a new picture with that commit.
                CO_TRY(const ViewPagePtr now, co_await this->page(&part, mailbox, page_of(Uid(page->first_uid()))));
                CO_TRY_VOID(flag_part(part, now, some, change, keywords, mailbox));
            }
            if (!part.operations.empty()) whole.merge(std::move(part));
            if (++parts % kPartsPerTurn == 0) {
                co_await async::give_way();
            }
        }
    }
    if (const auto changed = whole.changes.find(mailbox); changed != whole.changes.end())
        result.changed.merge(changed->second.changed);
    CO_TRY_VOID(co_await commit(&whole));
    result.modseq = version_;
    if (rows_.at(mailbox).deltas > kMailboxDeltasMax) {
        CO_TRY_VOID(co_await fold(mailbox));
    }
    co_return result;
}

async::Awaitable<StoreResult<>> AccountState::fold(MailboxId mailbox) {
    CO_TRY(const OpenStatePtr open, co_await open_locked(mailbox));
    const ViewPtr view = open->view;
    Transaction whole = begin_transaction();
    std::uint32_t left = 0;
    for (const ViewPagePtr& page : view->pages()) {
        if (page->deltas() == 0) continue;
        if (page->damaged()) {
            left += page->deltas();
            continue;
        }
        const std::uint32_t number = page_of(Uid(page->first_uid()));
        Transaction part = Transaction::part_of(whole);
        std::string value = record::encode_page(page->columns());
        const bool whole_page_fits = value.size() <= limits_.value_bytes_max;
        if (!whole_page_fits) {
            left += page->deltas();
            continue;
        }
        part.put(record::page_key(mailbox, number), std::move(value));
        part.erase_range(record::delta_key(mailbox, Uid(page->first_uid())),
                         record::delta_key(mailbox, Uid(page->first_uid() + row_.page_uids() - 1)) + '\0');
        part.pages.insert_or_assign({mailbox, number}, std::make_shared<ViewPage>(page->columns(), 0));
        mailbox_in(part, mailbox).deltas -= page->deltas();
        if (!fits(whole, part)) {
            CO_TRY_VOID(co_await commit(&whole));
            whole = begin_transaction();
            record::MailboxRow box = mailbox_in(whole, mailbox);
            box.deltas -= page->deltas();
            part.mailboxes.insert_or_assign(mailbox, box);
            part.account = whole.account;
        }
        whole.merge(std::move(part));
        co_await async::give_way();
    }
    // Only pages that are still there were counted: what is left is the truth again.
    record::MailboxRow& box = mailbox_in(whole, mailbox);
    box.deltas = left;
    box.tail_deltas = 0;
    co_return co_await commit(&whole);
}

} // namespace tegami::store
