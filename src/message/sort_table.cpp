#include "message/sort_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace tegami::message {

namespace {

constexpr std::size_t kOctets = sizeof(std::uint64_t);
/// From here on counting octets is quicker than comparing entries.
constexpr std::size_t kRadixMin = 512;

} // namespace

void SortTable::add(std::uint32_t name, std::string_view key) {
    const auto place = static_cast<std::uint32_t>(names_.size());
    names_.push_back(name);
    keys_ += key;
    ends_.push_back(keys_.size());
    entries_.push_back({.octets = octets_at(place, 0), .place = place});
}

std::size_t SortTable::memory_bytes() const {
    return names_.capacity() * sizeof(std::uint32_t) + ends_.capacity() * sizeof(std::uint64_t) + keys_.capacity() +
           entries_.capacity() * sizeof(Entry);
}

/// Eight octets of the key; what is behind its end counts as 0.
std::uint64_t SortTable::octets_at(std::uint32_t place, std::size_t from) const {
    const std::size_t begin = (place == 0 ? 0 : ends_[place - 1]) + from;
    const std::size_t end = ends_[place];
    if (begin >= end) return 0;
    std::uint64_t octets = 0;
    std::memcpy(&octets, keys_.data() + begin, std::min(kOctets, end - begin));
    return std::endian::native == std::endian::little ? std::byteswap(octets) : octets;
}

/// By `octets`; entries that are the same there stay as they stand.
void SortTable::radix_sort(std::size_t begin, std::size_t end) {
    constexpr std::size_t kValues = 256;
    std::array<std::array<std::uint32_t, kValues>, kOctets> counts{};
    for (std::size_t at = begin; at < end; ++at)
        for (std::size_t octet = 0; octet < kOctets; ++octet)
            ++counts[octet][(entries_[at].octets >> (8 * octet)) & 0xff];
    spare_.resize(entries_.size());
    for (std::size_t octet = 0; octet < kOctets; ++octet) {
        std::array<std::uint32_t, kValues>& places = counts[octet];
        const std::uint64_t first = (entries_[begin].octets >> (8 * octet)) & 0xff;
        if (places[first] == end - begin) continue; // all have the same
        std::uint32_t place = 0;
        for (std::uint32_t& count : places)
            place += std::exchange(count, place);
        for (std::size_t at = begin; at < end; ++at)
            spare_[begin + places[(entries_[at].octets >> (8 * octet)) & 0xff]++] = entries_[at];
        std::copy(spare_.begin() + static_cast<std::ptrdiff_t>(begin),
                  spare_.begin() + static_cast<std::ptrdiff_t>(end),
                  entries_.begin() + static_cast<std::ptrdiff_t>(begin));
    }
}

void SortTable::sort(std::size_t begin, std::size_t end) {
    const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = entries_.begin() + static_cast<std::ptrdiff_t>(end);
    if (std::is_sorted(first, last, [](const Entry& a, const Entry& b) { return a.octets < b.octets; })) return;
    if (end - begin >= kRadixMin) return radix_sort(begin, end);
    // Places rise as long as octets are the same, so this is stable, too.
    std::sort(first, last, [](const Entry& a, const Entry& b) {
        return a.octets != b.octets ? a.octets < b.octets : a.place < b.place;
    });
}

std::vector<std::uint32_t> SortTable::order() && {
    struct Run {
        std::size_t begin;
        std::size_t end;
        std::size_t from; // octets of the key before are the same
    };

    std::vector<Run> runs;
    if (entries_.size() > 1) runs.push_back({0, entries_.size(), 0});
    while (!runs.empty()) {
        const Run run = runs.back();
        runs.pop_back();
        bool ended = run.from != 0; // whether all keys end before
        for (std::size_t at = run.begin; at < run.end && run.from != 0; ++at) {
            const std::uint32_t place = entries_[at].place;
            entries_[at].octets = octets_at(place, run.from);
            ended = ended && ends_[place] - (place == 0 ? 0 : ends_[place - 1]) <= run.from;
        }
        if (ended) continue;
        sort(run.begin, run.end);
        for (std::size_t begin = run.begin; begin < run.end;) {
            std::size_t end = begin + 1;
            while (end < run.end && entries_[end].octets == entries_[begin].octets)
                ++end;
            if (end - begin > 1) runs.push_back({begin, end, run.from + kOctets});
            begin = end;
        }
    }
    std::vector<std::uint32_t> order;
    order.reserve(entries_.size());
    for (const Entry& entry : entries_)
        order.push_back(names_[entry.place]);
    return order;
}

} // namespace tegami::message
