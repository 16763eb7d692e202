// Sets of UIDs as sorted, disjoint, not adjacent ranges: what "1:1000000" costs is one range, not a million numbers.
#pragma once

#include "base/uid.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace tegami {

/// From `first` to `last`, both included.
struct UidRange {
    Uid first;
    Uid last;

    bool operator==(const UidRange&) const = default;
};

class UidSet {
public:
    UidSet() = default;

    /// Any order, doubles allowed.
    UidSet(std::initializer_list<std::uint32_t> uids);
    explicit UidSet(std::span<const Uid> uids);

    static UidSet range(Uid first, Uid last);
    /// Every UID there can be.
    static UidSet all();

    /// Adds a UID or a range (first <= last); cheapest in rising order.
    void add(Uid uid) { add(UidRange{uid, uid}); }

    void add(UidRange range);

    /// Adds every UID of the other set; costs one pass over both.
    void merge(const UidSet& other);

    /// Takes every UID of the other set out; costs one pass over both.
    void subtract(const UidSet& other);

    /// Takes every UID out that is not in the other set; costs one pass over both.
    void intersect(const UidSet& other);

    /// Takes the highest `count` UIDs out, which costs as much as the ranges that go.
    void remove_highest(std::uint64_t count);

    bool contains(Uid uid) const;

    bool empty() const { return ranges_.empty(); }

    /// How many UIDs.
    std::uint64_t size() const;

    const std::vector<UidRange>& ranges() const { return ranges_; }

    /// All of them, one by one: for sets known to be of messages that exist.
    std::vector<Uid> uids() const;

    /// What it takes in memory beside the object itself.
    std::size_t memory_bytes() const { return ranges_.capacity() * sizeof(UidRange); }

    bool operator==(const UidSet&) const = default;

private:
    std::vector<UidRange> ranges_;
};

} // namespace tegami
