// A walk over messages of a view, in pieces that one step of a commit can take.
#pragma once

#include "store/ids.h"
#include "store/mailbox_view.h"

#include <utility>
#include <vector>

namespace tegami::store {

/// The rows of the view that are in the set and above `after`, in
/// pieces that lie in one page each and have at most `rows_max` rows.
class RowPieces {
public:
    RowPieces(ViewPtr view, const UidSet* uids, Uid after, std::size_t rows_max)
        : view_(std::move(view)), uids_(uids), after_(after), rows_max_(rows_max) {}

    /// The next piece; empty at the end. `wanted` decides about the flags of each row.
    template <class Wanted>
    std::vector<MessageRow> next(Wanted wanted) {
        std::vector<MessageRow> rows;
        while (page_ < view_->pages().size() && rows.empty()) {
            const ViewPage& page = *view_->pages()[page_];
            for (; at_ < page.size() && rows.size() < rows_max_; ++at_)
                if (in_set(page.uid(at_)) && wanted(page.flags(at_))) rows.push_back(page.row(at_));
            if (at_ == page.size()) ++page_, at_ = 0;
        }
        return rows;
    }

    std::vector<MessageRow> next() {
        return next([](Flags) { return true; });
    }

private:
    /// UIDs are asked for in rising order, so the ranges are walked once.
    bool in_set(Uid uid) {
        const auto& ranges = uids_->ranges();
        while (range_ < ranges.size() && ranges[range_].last < uid)
            ++range_;
        return uid > after_ && range_ < ranges.size() && ranges[range_].first <= uid;
    }

    const ViewPtr view_;
    const UidSet* const uids_;
    const Uid after_;
    const std::size_t rows_max_;
    std::size_t page_ = 0;
    std::size_t at_ = 0;
    std::size_t range_ = 0;
};

} // namespace tegami::store
