#include "service/imapd/session_view.h"

#include "base/assert.h"

#include <algorithm>
#include <utility>

namespace tegami::imapd {

using imap::NumberRange;
using imap::NumberRanges;
using imap::SequenceNumber;

SessionView::SessionView(store::ViewPtr view, UidSet claimed)
    : view_(std::move(view)), recent_(std::move(claimed)), known_end_(view_->uid_next()) {
    recent_told_ = recent();
}

void SessionView::count_gone() {
    gone_before_.clear();
    gone_before_.reserve(gone_.ranges().size());
    std::uint32_t before = 0;
    for (const UidRange& range : gone_.ranges()) {
        gone_before_.push_back(before);
        before += range.last.value - range.first.value + 1;
    }
}

std::uint32_t SessionView::gone_below(Uid uid) const {
    const std::vector<UidRange>& ranges = gone_.ranges();
    const auto behind = std::ranges::partition_point(ranges, [&](const UidRange& r) { return r.first < uid; });
    if (behind == ranges.begin()) return 0;
    const auto range = std::prev(behind);
    const Uid last = std::min(range->last, Uid(uid.value - 1));
    return gone_before_[static_cast<std::size_t>(range - ranges.begin())] + (last.value - range->first.value + 1);
}

std::uint32_t SessionView::count_below(Uid uid) const {
    return view_->lower_bound(uid) + gone_below(uid);
}

std::uint32_t SessionView::recent() const {
    std::uint32_t count = 0;
    for (const UidRange& range : recent_.ranges()) {
        if (range.first >= known_end_) break;
        const Uid end = range.last < known_end_ ? range.last.next() : known_end_;
        count += count_below(end) - count_below(range.first);
    }
    return count;
}

Uid SessionView::uid_of(SequenceNumber number) const {
    ASSERT(number.value >= 1 && number.value <= exists());
    const std::vector<UidRange>& ranges = gone_.ranges();
    const auto first_number = [&](const UidRange& range) {
        const auto index = static_cast<std::size_t>(&range - ranges.data());
        return view_->lower_bound(range.first) + gone_before_[index] + 1;
    };
    const auto behind =
        std::ranges::partition_point(ranges, [&](const UidRange& r) { return first_number(r) <= number.value; });
    if (behind == ranges.begin()) return view_->uid_at(number.value - 1);
    const UidRange& range = *std::prev(behind);
    const std::uint32_t into = number.value - first_number(range);
    const std::uint32_t length = range.last.value - range.first.value + 1;
    if (into < length) return Uid(range.first.value + into);
    const auto index = static_cast<std::size_t>(&range - ranges.data());
    return view_->uid_at(number.value - 1 - gone_before_[index] - length);
}

std::optional<store::MessageRow> SessionView::row(Uid uid) const {
    if (removed_) return std::nullopt;
    return view_->find(uid);
}

UidSet SessionView::known() const {
    if (known_end_.value <= 1) return {};
    return UidSet::range(Uid(1), Uid(known_end_.value - 1));
}

/// Before `gone_` becomes larger.
void SessionView::note_gone() {
    if (!owes_expunges()) settled_ = view_->version();
}

void SessionView::apply(const store::MailboxChange& change) {
    if (!change.view) {
        lose_everything();
        return;
    }
    // A message that is announced later has no older flags to correct, and one that went before that never was.
    UidSet gone = change.expunged;
    gone.intersect(known());
    UidSet changed = change.changed;
    changed.intersect(known());
    if (!gone.empty()) {
        note_gone();
        gone_.merge(gone);
        count_gone();
    }
    flags_.merge(changed);
    view_ = change.view;
}

bool SessionView::replace(store::ViewPtr newer, const Difference& difference) {
    UidSet reappeared = difference.reappeared;
    reappeared.intersect(known());
    UidSet unknown = reappeared;
    unknown.subtract(gone_);
    if (!unknown.empty()) return false;
    UidSet gone = difference.gone;
    gone.intersect(known());
    UidSet changed = difference.changed;
    changed.intersect(known());
    gone_.subtract(reappeared);
    if (!gone.empty()) note_gone();
    gone_.merge(gone);
    count_gone();
    flags_.merge(changed);
    flags_.merge(reappeared);
    view_ = std::move(newer);
    return true;
}

/// Takes the highest messages that are gone out of the client's numbers; true if there are more.
bool SessionView::announce_expunged(std::vector<SequenceNumber>& numbers, UidSet& uids) {
    if (removed_) {
        std::uint32_t left = exists();
        for (; left > 0 && numbers.size() < kLinesMax; --left)
            numbers.emplace_back(left);
        for (auto number = numbers.rbegin(); number != numbers.rend(); ++number)
            uids.add(uid_of(*number));
        if (!numbers.empty()) known_end_ = uid_of(numbers.back());
        return left > 0;
    }
    const std::vector<UidRange>& ranges = gone_.ranges();
    std::vector<UidRange> told; // highest first
    for (std::size_t at = ranges.size(); at > 0 && numbers.size() < kLinesMax; --at) {
        const UidRange& range = ranges[at - 1];
        const std::uint32_t first = view_->lower_bound(range.first) + gone_before_[at - 1] + 1;
        std::uint32_t left = range.last.value - range.first.value + 1;
        for (; left > 0 && numbers.size() < kLinesMax; --left)
            numbers.emplace_back(first + left - 1);
        told.push_back({.first = Uid(range.first.value + left), .last = range.last});
    }
    for (auto range = told.rbegin(); range != told.rend(); ++range)
        uids.add(*range);
    gone_.remove_highest(numbers.size());
    gone_before_.resize(gone_.ranges().size());
    if (!gone_.empty()) return true;
    gone_ = {};
    gone_before_ = {};
    return false;
}

/// True if there are more.
bool SessionView::announce_flags(std::vector<NumberedUid>& messages) {
    const std::vector<UidRange>& ranges = flags_.ranges();
    auto range = std::ranges::partition_point(ranges, [&](const UidRange& r) { return r.last < flags_from_; });
    for (std::size_t looked_at = 0; range != ranges.end(); ++range) {
        for (Uid uid = std::max(range->first, flags_from_); uid <= range->last; uid = uid.next()) {
            if (looked_at++ == kLinesMax) {
                flags_from_ = uid;
                return true;
            }
            if (row(uid)) messages.push_back({SequenceNumber(count_below(uid) + 1), uid});
        }
    }
    flags_ = {};
    flags_from_ = Uid(1);
    return false;
}

Announcement SessionView::announce(Moment moment) {
    Announcement news;
    const bool removal_told = removed_ && exists() == 0;
    if (moment == Moment::safe && !removal_told && (removed_ || !gone_.empty())) {
        news.more = announce_expunged(news.expunged, news.vanished);
        if (news.more) return news;
    }
    if (!removed_ && view_->lower_bound(known_end_) < view_->size()) {
        known_end_ = view_->uid_next();
        news.exists = exists();
    }
    if (news.exists || recent() != recent_told_) {
        recent_told_ = recent();
        news.recent = recent_told_;
    }
    news.more = announce_flags(news.flags);
    return news;
}

NumberRanges SessionView::numbers_of(const UidSet& uids) const {
    NumberRanges numbers;
    if (gone_.empty()) {
        const std::uint32_t count = exists();
        for (const auto& [begin, end] : view_->positions_of(uids))
            if (begin < count) numbers.push_back({.first = begin + 1, .last = std::min(end, count)});
        return normalised(std::move(numbers));
    }
    for (const UidRange& range : uids.ranges()) {
        if (range.first >= known_end_) break;
        const std::uint32_t before = count_below(range.first);
        const std::uint32_t last = range.last < known_end_ ? count_below(range.last.next()) : exists();
        if (before < last) numbers.push_back({.first = before + 1, .last = last});
    }
    return normalised(std::move(numbers));
}

Result<NumberRanges, ResolveError> SessionView::resolve(const imap::SequenceSet& set, imap::Numbering numbering) const {
    if (set.is_saved_result() || numbering == imap::Numbering::uid) return existing(set, numbering);
    const std::uint32_t count = exists();
    for (const imap::SequenceSet::Element& element : set.elements()) {
        // Interop: "n:*" is taken with n beyond the end, and in an empty mailbox: clients poll so for what is new.
        const bool has_star = element.from == imap::SequenceSet::kStar || element.to == imap::SequenceSet::kStar;
        if (!has_star && std::max(element.from, element.to) > count) return failure(ResolveError::no_such_number);
    }
    return existing(set, numbering);
}

NumberRanges SessionView::existing(const imap::SequenceSet& set, imap::Numbering numbering) const {
    if (set.is_saved_result()) return numbers_of(saved_);
    const std::uint32_t count = exists();
    if (numbering == imap::Numbering::uid) {
        UidSet uids;
        for (const NumberRange& range : set.resolve(count == 0 ? 0 : uid_of(SequenceNumber(count)).value))
            uids.add({Uid(range.first), Uid(range.last)});
        return numbers_of(uids);
    }
    NumberRanges numbers = set.resolve(count);
    std::erase_if(numbers, [&](const NumberRange& range) { return range.first > count; });
    if (!numbers.empty()) numbers.back().last = std::min(numbers.back().last, count);
    return numbers;
}

UidSet SessionView::uids_of(const NumberRanges& numbers) const {
    UidSet uids;
    for (const NumberRange& range : numbers)
        uids.add({uid_of(SequenceNumber(range.first)), uid_of(SequenceNumber(range.last))});
    return uids;
}

UidSet SessionView::gone_of(UidSet uids) const {
    if (!removed_) uids.intersect(gone_);
    return uids;
}

std::size_t SessionView::memory_bytes() const {
    return gone_.memory_bytes() + gone_before_.capacity() * sizeof(std::uint32_t) + flags_.memory_bytes() +
           saved_.memory_bytes() + recent_.memory_bytes();
}

} // namespace tegami::imapd
