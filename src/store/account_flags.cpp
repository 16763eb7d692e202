// Changing flags and keywords.
#include "base/ascii.h"
#include "store/account_sweep.h"
#include "store/in_batches.h"
#include "store/keyword_table.h"
#include "store/message_pages.h"

#include <algorithm>

namespace tegami::store {

namespace {

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

/// The positions of a page's messages that are in the set and above `after`.
std::vector<std::size_t> positions_in(const ViewPage& page, const UidSet& uids, Uid after, std::uint32_t page_uids) {
    std::vector<std::size_t> positions;
    const std::uint64_t end = std::uint64_t{page.first_uid()} + page_uids;
    if (after.value >= end) return positions;
    auto range =
        std::ranges::partition_point(uids.ranges(), [&](const UidRange& r) { return r.last.value < page.first_uid(); });
    for (; range != uids.ranges().end() && range->first.value < end; ++range)
        for (std::size_t at = page.lower_bound(std::max(range->first, after.next()));
             at < page.size() && page.uid(at) <= range->last; ++at)
            positions.push_back(at);
    return positions;
}

class ChangeFlags {
public:
    ChangeFlags(AccountCore* core, MailboxId mailbox, UidSet uids, FlagChange change,
                std::optional<Modseq> unchanged_since)
        : core_(core), mailbox_(mailbox), uids_(std::move(uids)), change_(std::move(change)),
          unchanged_since_(unchanged_since) {}

    async::Awaitable<StoreResult<>> run() {
        CO_TRY(const OpenStatePtr open, co_await core_->open(mailbox_));
        const ViewPtr view = open->view;
        CO_TRY_VOID(co_await find_keywords());
        InBatches batches(core_);
        for (const ViewPagePtr& page : view->pages())
            CO_TRY_VOID(co_await change_page(&batches, page));
        CO_TRY_VOID(co_await batches.commit());
        result.modseq = core_->rows().version;
        is_deep = core_->rows().mailboxes.at(mailbox_).deltas > kMailboxDeltasMax;
        co_return StoreResult<>{};
    }

    FlagResult result; ///< of what is committed
    bool is_deep = false;

private:
    /// New ones are committed first, so that every step may use them.
    async::Awaitable<StoreResult<>> find_keywords() {
        std::vector<std::string> wanted = change_.keywords;
        if (change_.mode == FlagChange::Mode::remove) {
            const KeywordNames& names = *core_->rows().keywords;
            std::erase_if(wanted, [&](const std::string& keyword) {
                return std::ranges::none_of(names, [&](const auto& name) { return ascii::iequals(name, keyword); });
            });
        }
        PendingCommit interned = core_->begin();
        CO_TRY(keywords_, intern(interned, core_->rows(), wanted));
        co_return co_await core_->commit(&interned);
    }

    async::Awaitable<StoreResult<>> change_page(InBatches* batches, ViewPagePtr page) {
        std::vector<std::size_t> positions = positions_in(*page, uids_, done_, core_->rows().account.page_uids());
        if (unchanged_since_) {
            std::erase_if(positions, [&](std::size_t at) {
                const bool modified = page->modseq(at) > *unchanged_since_;
                if (modified) result.failed.add(page->uid(at));
                return modified;
            });
        }
        const std::uint32_t number = core_->rows().account.page_of(Uid(page->first_uid()));
        const std::size_t rows_max = messages::step_rows_max(*core_);
        for (std::size_t at = 0; at < positions.size(); at += rows_max) {
            const std::size_t end = std::min(positions.size(), at + rows_max);
            const std::vector<std::size_t> some(positions.begin() + static_cast<std::ptrdiff_t>(at),
                                                positions.begin() + static_cast<std::ptrdiff_t>(end));
            const auto step = [&](PendingCommit* part) { return change_some(part, number, &some); };
            CO_TRY_VOID(co_await batches->add(step));
        }
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> change_some(PendingCommit* part, std::uint32_t number,
                                                const std::vector<std::size_t>* positions) {
        CO_TRY(const ViewPagePtr old, co_await messages::page(core_, part, mailbox_, number));
        const Uid last = old->uid(positions->back());
        std::vector<messages::NewFlags> wanted;
        wanted.reserve(positions->size());
        for (const std::size_t at : *positions) {
            const KeywordSet& before = old->keywords(at);
            const bool has_keywords = !keywords_.empty() || !before.empty();
            wanted.push_back({old->uid(at), changed_flags(old->flags(at), change_),
                              has_keywords ? changed_keywords(before, keywords_, change_.mode) : KeywordSet()});
        }
        CO_TRY(UidSet changed, co_await messages::set_flags(core_, part, mailbox_, std::move(wanted)));
        part->then([this, last, changed = std::move(changed)] {
            done_ = last;
            result.changed.merge(changed);
        });
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    const MailboxId mailbox_;
    const UidSet uids_;
    const FlagChange change_;
    const std::optional<Modseq> unchanged_since_;
    KeywordSet keywords_;
    Uid done_; // up to here it is committed
};

} // namespace

async::Awaitable<StoreResult<FlagResult>> Account::change_flags(MailboxId mailbox, UidSet uids, FlagChange change,
                                                                std::optional<Modseq> unchanged_since) {
    ChangeFlags operation(core_.get(), mailbox, std::move(uids), std::move(change), unchanged_since);
    CO_TRY_VOID(co_await core_->write(&operation));
    if (operation.is_deep) {
        co_await fold_deep(core_.get(), mailbox);
    }
    co_return std::move(operation.result);
}

} // namespace tegami::store
