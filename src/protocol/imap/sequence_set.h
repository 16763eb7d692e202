// Sequence sets (RFC 9051 §9, sequence-set): "1:4,7,9:*", and "$", the saved search result (RFC 5182).
//
// 1. The elements are kept as sent; which messages they mean is known only
//    with a mailbox at hand (resolve, and imapd's SessionView::resolve).
// 2. A resolved set is sorted, its ranges are disjoint and not adjacent.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::imap {

/// Limit: elements between commas; with the line limit of the reader this is the lesser one only for literals.
inline constexpr std::size_t kSequenceSetElementsMax = 20000;

/// From `first` to `last`, both included, first <= last, first >= 1.
struct NumberRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;

    bool operator==(const NumberRange&) const = default;
};

/// Sorted, disjoint, not adjacent ranges.
using NumberRanges = std::vector<NumberRange>;

/// Some of a list of results (RFC 9394 §4, partial-range): from the one at place `from` to the one at `to`, counted from 1
/// at the beginning or, with `from_end`, at the end.
struct PartialRange {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    bool from_end = false;

    bool operator==(const PartialRange&) const = default;
};

/// "1:500", "-1:-100": as it was asked for.
std::string to_string(const PartialRange& range);

/// The numbers of `ranges` that stand at these places.
NumberRanges part_of(std::span<const NumberRange> ranges, const PartialRange& part);

/// How many numbers the ranges hold.
std::uint64_t count_of(std::span<const NumberRange> ranges);

/// Sorts and joins ranges in any order.
NumberRanges normalised(NumberRanges ranges);

/// Sorted, distinct numbers as ranges.
NumberRanges ranges_of(std::span<const std::uint32_t> sorted_numbers);

/// "1:4,7"; empty text for no ranges.
std::string to_string(std::span<const NumberRange> ranges);

class SequenceSet {
public:
    /// One element: a number, or a range in either order. kStar stands for "*".
    struct Element {
        std::uint32_t from = 0;
        std::uint32_t to = 0;

        bool operator==(const Element&) const = default;
    };

    /// "*", the highest number in the mailbox.
    static constexpr std::uint32_t kStar = 0;

    /// The set that `text` spells, or nothing if it is malformed or beyond the limit.
    static std::optional<SequenceSet> parse(std::string_view text);
    /// The set "$".
    static SequenceSet saved_result();
    /// The set of one range.
    static SequenceSet range(std::uint32_t from, std::uint32_t to);

    /// True for "$": the caller takes the saved search result instead of elements.
    bool is_saved_result() const { return saved_; }

    const std::vector<Element>& elements() const { return elements_; }

    /// True if the elements name no "*", rise and do not overlap: RFC 7162 §3.2.5.2 wants it so of sets that are compared.
    bool is_plain() const;
    /// The highest number named, kStar not counted; 0 if there is none.
    std::uint32_t highest_named() const;
    /// The numbers meant when the highest in the mailbox is `highest`. With an empty mailbox (0) "*" means nothing.
    /// RFC 9051 §9 (seq-range): "5:*" and "*:5" are the same, and always include "*".
    NumberRanges resolve(std::uint32_t highest) const;

    /// The set as text, as it was sent.
    std::string to_string() const;

    bool operator==(const SequenceSet&) const = default;

private:
    std::vector<Element> elements_;
    bool saved_ = false;
};

} // namespace tegami::imap
