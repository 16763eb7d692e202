// What a large batch does in the order of its keys, so that each finds its place in RocksDB's memory table beside the one before.
#pragma once

#include "store/engine/engine.h"

#include <cstddef>
#include <vector>

namespace tegami::store {

/// From so many operations on it pays to put them in order.
inline constexpr std::size_t kOrderedOperationsMin = 256;

/// The ranges that a batch deletes, then the rest in the order of keys, those of one key in their own: done one after the
/// other they leave what the operations leave. What lies in a range that the batch deletes later is left out.
struct InKeyOrder {
    /// The operations stay where they are as long as this lives.
    explicit InKeyOrder(const std::vector<Operation>& operations);

    std::vector<const DeleteRange*> ranges;
    std::vector<const Operation*> others;
};

} // namespace tegami::store
