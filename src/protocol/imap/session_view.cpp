#include "protocol/imap/session_view.h"

#include "base/assert.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace tegami::imap {

namespace {

using Numbers = std::vector<std::uint32_t>;

void sort_unique(Numbers& numbers) {
    if (!std::ranges::is_sorted(numbers)) std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

/// Takes the members of `gone` out of `numbers`; both sorted. One pass, and none if there is nothing to take out.
void remove_sorted(Numbers& numbers, const Numbers& gone) {
    if (numbers.empty() || gone.empty() || gone.front() > numbers.back()) return;
    auto keep = std::ranges::lower_bound(numbers, gone.front());
    auto next_gone = gone.begin();
    for (auto from = keep; from != numbers.end(); ++from) {
        next_gone = std::find_if(next_gone, gone.end(), [&](std::uint32_t number) { return number >= *from; });
        if (next_gone == gone.end() || *next_gone != *from) *keep++ = *from;
    }
    numbers.erase(keep, numbers.end());
}

bool holds(const Numbers& sorted, std::uint32_t number) {
    return std::ranges::binary_search(sorted, number);
}

} // namespace

SessionView::SessionView(std::vector<std::uint32_t> uids, std::vector<std::uint32_t> recent)
    : uids_(std::move(uids)), recent_(std::move(recent)), highest_seen_(uids_.empty() ? 0 : uids_.back()) {
    ASSERT(std::ranges::is_sorted(uids_, std::less_equal<>()));
    ASSERT(uids_.size() < std::numeric_limits<std::uint32_t>::max());
    ASSERT(std::ranges::includes(uids_, recent_));
}

Uid SessionView::uid_of(SequenceNumber number) const {
    ASSERT(number.value >= 1 && number.value <= uids_.size());
    return Uid(uids_[number.value - 1]);
}

std::optional<SequenceNumber> SessionView::number_of(Uid uid) const {
    const auto at = std::ranges::lower_bound(uids_, uid.value);
    if (at == uids_.end() || *at != uid.value) return std::nullopt;
    return SequenceNumber(static_cast<std::uint32_t>(at - uids_.begin()) + 1);
}

bool SessionView::is_recent(Uid uid) const {
    return holds(recent_, uid.value);
}

bool SessionView::is_gone(Uid uid) const {
    settle();
    return holds(gone_, uid.value);
}

void SessionView::apply(std::span<const MailboxChange> changes) {
    for (const MailboxChange& change : changes) {
        if (const auto* added = std::get_if<NewMessage>(&change)) {
            if (added->uid.value <= highest_seen_) continue;
            highest_seen_ = added->uid.value;
            new_.push_back({added->uid.value, added->recent});
        } else if (const auto* changed = std::get_if<FlagsChanged>(&change)) {
            flags_.push_back(changed->uid.value);
        } else {
            gone_.push_back(std::get<Expunged>(change).uid.value);
        }
        settled_ = false;
    }
}

/// Puts the pending lists in order: gone_ within uids_, new_ without what is gone, flags_ of known messages only.
void SessionView::settle() const {
    if (settled_) return;
    settled_ = true;
    sort_unique(gone_);
    sort_unique(flags_);
    std::erase_if(new_, [&](const NewUid& added) { return holds(gone_, added.uid); });
    std::erase_if(gone_, [&](std::uint32_t uid) { return !holds(uids_, uid); });
    // A message that is announced only now has no older flags to correct.
    std::erase_if(flags_, [&](std::uint32_t uid) { return !holds(uids_, uid) || holds(gone_, uid); });
}

void SessionView::flags_told(std::span<const Uid> uids) {
    settle();
    Numbers told;
    told.reserve(uids.size());
    std::ranges::transform(uids, std::back_inserter(told), &Uid::value);
    sort_unique(told);
    remove_sorted(flags_, told);
}

bool SessionView::has_news() const {
    settle();
    return !new_.empty() || !gone_.empty() || !flags_.empty();
}

Announcement SessionView::announce(Moment moment) {
    settle();
    Announcement news;
    const std::size_t recent_before = recent_.size();
    if (moment == Moment::safe && !gone_.empty()) {
        news.expunged.reserve(gone_.size());
        for (auto uid = gone_.rbegin(); uid != gone_.rend(); ++uid)
            news.expunged.push_back(*number_of(Uid(*uid)));
        remove_sorted(uids_, gone_);
        remove_sorted(recent_, gone_);
        remove_sorted(saved_, gone_);
        gone_ = {};
    }
    if (!new_.empty()) {
        for (const NewUid& added : new_) {
            uids_.push_back(added.uid);
            if (added.recent) recent_.push_back(added.uid);
        }
        new_ = {};
        news.exists = exists();
    }
    if (news.exists || recent_.size() != recent_before) news.recent = recent();
    news.flags.reserve(flags_.size());
    for (const std::uint32_t uid : flags_)
        news.flags.push_back({*number_of(Uid(uid)), Uid(uid)});
    flags_ = {};
    return news;
}

NumberRanges SessionView::numbers_of_uids(std::span<const NumberRange> uid_ranges) const {
    NumberRanges numbers;
    for (const NumberRange& range : uid_ranges) {
        const auto first = std::ranges::lower_bound(uids_, range.first);
        const auto end = std::ranges::upper_bound(first, uids_.end(), range.last);
        if (first == end) continue;
        numbers.push_back(
            {static_cast<std::uint32_t>(first - uids_.begin()) + 1, static_cast<std::uint32_t>(end - uids_.begin())});
    }
    return normalised(std::move(numbers));
}

Result<NumberRanges, ResolveError> SessionView::resolve(const SequenceSet& set, Numbering numbering) const {
    if (set.is_saved_result()) return saved_result();
    if (numbering == Numbering::uid) return numbers_of_uids(set.resolve(uids_.empty() ? 0 : uids_.back()));
    for (const SequenceSet::Element& element : set.elements()) {
        // Interop: "n:*" is taken with n beyond the end, and in an empty mailbox: clients poll so for what is new.
        const bool has_star = element.from == SequenceSet::kStar || element.to == SequenceSet::kStar;
        if (!has_star && std::max(element.from, element.to) > exists()) return failure(ResolveError::no_such_number);
    }
    NumberRanges numbers = set.resolve(exists());
    std::erase_if(numbers, [&](const NumberRange& range) { return range.first > exists(); });
    if (!numbers.empty()) numbers.back().last = std::min(numbers.back().last, exists());
    return numbers;
}

void SessionView::save_result(std::span<const NumberRange> numbers) {
    saved_ = {};
    saved_.reserve(count_of(numbers));
    ASSERT(numbers.empty() || (numbers.front().first >= 1 && numbers.back().last <= exists()));
    for (const NumberRange& range : numbers)
        saved_.insert(saved_.end(), uids_.begin() + (range.first - 1), uids_.begin() + range.last);
}

NumberRanges SessionView::saved_result() const {
    return numbers_of_uids(ranges_of(saved_));
}

} // namespace tegami::imap
