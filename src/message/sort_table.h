// Many messages put in an order by their keys (sort_key.h).
//
// Time is that of looking a few times at each octet in which neighbours differ, whatever the keys are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

class SortTable {
public:
    /// `name` stands for the message in the answer. Of messages with the same key the one that was added first comes first.
    void add(std::uint32_t name, std::string_view key);

    std::size_t size() const { return entries_.size(); }

    /// What it holds in memory; order() takes no more than as much again.
    std::size_t memory_bytes() const;

    /// All names in order; once. Long work: of the order of 100 nanoseconds a message.
    std::vector<std::uint32_t> order() &&;

private:
    /// A message while it is sorted.
    struct Entry {
        std::uint64_t octets = 0; ///< eight of the key, from where it is compared now; the first one highest
        std::uint32_t place = 0;  ///< in names_
    };

    std::uint64_t octets_at(std::uint32_t place, std::size_t from) const;
    void sort(std::size_t begin, std::size_t end);
    void radix_sort(std::size_t begin, std::size_t end);

    std::vector<std::uint32_t> names_;
    std::vector<std::uint64_t> ends_; // of keys, in keys_
    std::string keys_;
    std::vector<Entry> entries_;
    std::vector<Entry> spare_;
};

} // namespace tegami::message
