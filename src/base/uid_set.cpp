#include "base/uid_set.h"

#include <algorithm>
#include <limits>

namespace tegami {

UidSet::UidSet(std::initializer_list<std::uint32_t> uids) {
    for (const std::uint32_t uid : uids)
        add(Uid(uid));
}

UidSet::UidSet(std::span<const Uid> uids) {
    for (const Uid uid : uids)
        add(uid);
}

UidSet UidSet::range(Uid first, Uid last) {
    UidSet set;
    set.add(UidRange{first, last});
    return set;
}

UidSet UidSet::all() {
    return range(Uid(1), Uid(std::numeric_limits<std::uint32_t>::max()));
}

void UidSet::add(UidRange range) {
    if (range.last < range.first) return;
    const auto touches = [](const UidRange& left, const UidRange& right) {
        return std::uint64_t{left.last.value} + 1 >= right.first.value;
    };
    const bool behind = ranges_.empty() || !touches(ranges_.back(), range);
    if (behind) {
        ranges_.push_back(range);
        return;
    }
    if (range.first > ranges_.back().last) { // the usual case: UIDs in rising order
        ranges_.back().last = range.last;
        return;
    }
    // The first range that is not wholly before the new one with a gap between, and the first one wholly behind.
    const auto first = std::ranges::partition_point(ranges_, [&](const UidRange& r) { return !touches(r, range); });
    const auto last = std::partition_point(first, ranges_.end(), [&](const UidRange& r) { return touches(range, r); });
    if (first == last) {
        ranges_.insert(first, range);
        return;
    }
    first->first = std::min(first->first, range.first);
    first->last = std::max(std::prev(last)->last, range.last);
    ranges_.erase(std::next(first), last);
}

void UidSet::merge(const UidSet& other) {
    if (other.empty()) return;
    if (ranges_.empty() || ranges_.back().last < other.ranges_.front().first) { // the usual case: later UIDs
        for (const UidRange& range : other.ranges_)
            add(range);
        return;
    }
    UidSet both;
    both.ranges_.reserve(ranges_.size() + other.ranges_.size());
    auto left = ranges_.begin();
    auto right = other.ranges_.begin();
    while (left != ranges_.end() || right != other.ranges_.end()) {
        const bool take_left = right == other.ranges_.end() || (left != ranges_.end() && left->first <= right->first);
        both.add(take_left ? *left++ : *right++);
    }
    *this = std::move(both);
}

void UidSet::subtract(const UidSet& other) {
    std::vector<UidRange> left;
    auto taken = other.ranges_.begin();
    for (UidRange range : ranges_) {
        while (taken != other.ranges_.end() && taken->last < range.first)
            ++taken;
        bool whole = false;
        for (auto at = taken; at != other.ranges_.end() && at->first <= range.last && !whole; ++at) {
            if (range.first < at->first) left.push_back({range.first, Uid(at->first.value - 1)});
            whole = range.last <= at->last;
            if (!whole) range.first = at->last.next();
        }
        if (!whole) left.push_back(range);
    }
    ranges_ = std::move(left);
}

void UidSet::intersect(const UidSet& other) {
    std::vector<UidRange> both;
    auto left = ranges_.begin();
    auto right = other.ranges_.begin();
    while (left != ranges_.end() && right != other.ranges_.end()) {
        const Uid first = std::max(left->first, right->first);
        const Uid last = std::min(left->last, right->last);
        if (first <= last) both.push_back({first, last});
        if (left->last < right->last)
            ++left;
        else
            ++right;
    }
    ranges_ = std::move(both);
}

void UidSet::remove_highest(std::uint64_t count) {
    while (count > 0 && !ranges_.empty()) {
        UidRange& range = ranges_.back();
        const std::uint64_t here = std::uint64_t{range.last.value} - range.first.value + 1;
        if (here > count) {
            range.last = Uid(static_cast<std::uint32_t>(range.last.value - count));
            return;
        }
        count -= here;
        ranges_.pop_back();
    }
}

bool UidSet::contains(Uid uid) const {
    const auto found = std::ranges::partition_point(ranges_, [&](const UidRange& r) { return r.last < uid; });
    return found != ranges_.end() && found->first <= uid;
}

std::uint64_t UidSet::size() const {
    std::uint64_t size = 0;
    for (const UidRange& range : ranges_)
        size += std::uint64_t{range.last.value} - range.first.value + 1;
    return size;
}

std::vector<Uid> UidSet::uids() const {
    std::vector<Uid> uids;
    uids.reserve(size());
    for (const UidRange& range : ranges_)
        for (std::uint64_t uid = range.first.value; uid <= range.last.value; ++uid)
            uids.push_back(Uid(static_cast<std::uint32_t>(uid)));
    return uids;
}

} // namespace tegami
