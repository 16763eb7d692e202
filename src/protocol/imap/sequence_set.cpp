#include "protocol/imap/sequence_set.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::imap {

std::uint64_t count_of(std::span<const NumberRange> ranges) {
    std::uint64_t count = 0;
    for (const NumberRange& range : ranges)
        count += std::uint64_t{range.last} - range.first + 1;
    return count;
}

NumberRanges normalised(NumberRanges ranges) {
    std::ranges::sort(ranges, {}, &NumberRange::first);
    NumberRanges joined;
    for (const NumberRange& range : ranges) {
        if (!joined.empty() && range.first <= std::uint64_t{joined.back().last} + 1)
            joined.back().last = std::max(joined.back().last, range.last);
        else
            joined.push_back(range);
    }
    return joined;
}

NumberRanges ranges_of(std::span<const std::uint32_t> sorted_numbers) {
    NumberRanges ranges;
    for (const std::uint32_t number : sorted_numbers) {
        if (!ranges.empty() && std::uint64_t{ranges.back().last} + 1 == number)
            ranges.back().last = number;
        else
            ranges.push_back({number, number});
    }
    return ranges;
}

std::string to_string(std::span<const NumberRange> ranges) {
    std::string text;
    for (const NumberRange& range : ranges) {
        if (!text.empty()) text += ',';
        text += std::to_string(range.first);
        if (range.last != range.first) text += ':' + std::to_string(range.last);
    }
    return text;
}

namespace {

/// A seq-number of RFC 9051 §9: "*" or a number that is not 0.
std::optional<std::uint32_t> parse_seq_number(std::string_view text) {
    if (text == "*") return SequenceSet::kStar;
    const std::optional<std::uint32_t> number = ascii::parse_number<std::uint32_t>(text);
    return number && *number != 0 ? number : std::nullopt;
}

std::string seq_number_text(std::uint32_t number) {
    return number == SequenceSet::kStar ? "*" : std::to_string(number);
}

} // namespace

std::optional<SequenceSet> SequenceSet::parse(std::string_view text) {
    SequenceSet set;
    if (text == "$") {
        set.saved_ = true;
        return set;
    }
    for (;;) {
        if (set.elements_.size() == kSequenceSetElementsMax) return std::nullopt;
        const std::size_t comma = text.find(',');
        const std::string_view element = text.substr(0, comma);
        const std::size_t colon = element.find(':');
        const std::optional<std::uint32_t> from = parse_seq_number(element.substr(0, colon));
        const std::optional<std::uint32_t> to =
            colon == std::string_view::npos ? from : parse_seq_number(element.substr(colon + 1));
        if (!from || !to) return std::nullopt;
        set.elements_.push_back({*from, *to});
        if (comma == std::string_view::npos) return set;
        text.remove_prefix(comma + 1);
    }
}

SequenceSet SequenceSet::saved_result() {
    SequenceSet set;
    set.saved_ = true;
    return set;
}

SequenceSet SequenceSet::range(std::uint32_t from, std::uint32_t to) {
    SequenceSet set;
    set.elements_.push_back({from, to});
    return set;
}

std::uint32_t SequenceSet::highest_named() const {
    std::uint32_t highest = 0;
    for (const Element& element : elements_)
        highest = std::max({highest, element.from, element.to});
    return highest;
}

NumberRanges SequenceSet::resolve(std::uint32_t highest) const {
    NumberRanges ranges;
    ranges.reserve(elements_.size());
    for (const Element& element : elements_) {
        const bool has_star = element.from == kStar || element.to == kStar;
        if (has_star && highest == 0) continue;
        const std::uint32_t from = element.from == kStar ? highest : element.from;
        const std::uint32_t to = element.to == kStar ? highest : element.to;
        ranges.push_back({std::min(from, to), std::max(from, to)});
    }
    return normalised(std::move(ranges));
}

std::string SequenceSet::to_string() const {
    if (saved_) return "$";
    std::string text;
    for (const Element& element : elements_) {
        if (!text.empty()) text += ',';
        text += seq_number_text(element.from);
        if (element.to != element.from) text += ':' + seq_number_text(element.to);
    }
    return text;
}

} // namespace tegami::imap
