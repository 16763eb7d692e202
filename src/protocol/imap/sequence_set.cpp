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

std::string to_string(const PartialRange& range) {
    const std::string_view sign = range.from_end ? "-" : "";
    return std::string(sign) + std::to_string(range.from) + ':' + std::string(sign) + std::to_string(range.to);
}

NumberRanges part_of(std::span<const NumberRange> ranges, const PartialRange& part) {
    const std::uint64_t count = count_of(ranges);
    std::uint64_t first = std::min(part.from, part.to);
    std::uint64_t last = std::min<std::uint64_t>(std::max(part.from, part.to), count);
    if (first > last) return {};
    if (part.from_end) {
        const std::uint64_t lowest = count + 1 - last;
        last = count + 1 - first;
        first = lowest;
    }
    NumberRanges wanted;
    std::uint64_t before = 0; // numbers in the ranges looked at
    for (const NumberRange& range : ranges) {
        const std::uint64_t size = std::uint64_t{range.last} - range.first + 1;
        const std::uint64_t begin = std::max(first, before + 1);
        const std::uint64_t end = std::min(last, before + size);
        if (begin <= end)
            wanted.push_back({static_cast<std::uint32_t>(range.first + (begin - before - 1)),
                              static_cast<std::uint32_t>(range.first + (end - before - 1))});
        before += size;
        if (before >= last) break;
    }
    return wanted;
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

bool SequenceSet::is_plain() const {
    std::uint32_t before = 0;
    for (const Element& element : elements_) {
        // kStar is 0, so no element that has it passes.
        if (element.from <= before || element.to < element.from) return false;
        before = element.to;
    }
    return !saved_;
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
