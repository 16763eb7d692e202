// What the rows of one domain will be once the batches of a group are written: looked at by those key assertions whose
// batch comes later in the same group, so that many guarded batches of one domain share one sync.
//
// It keeps views: the batches stay where they are until it is gone. It knows only what the group has changed; for every
// other key the database answers.
#pragma once

#include "store/engine/engine.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::store {

class GroupRows {
public:
    /// A row as the group leaves it: its value, or nothing if it is deleted.
    using Value = std::optional<std::string_view>;

    /// Applies the batch's operations in their order.
    void apply(const Batch& batch);

    /// Null if the group has not touched the key.
    const Value* find(std::string_view key) const;

private:
    void erase_range(std::string_view begin, std::string_view end);

    std::map<std::string_view, Value> rows_;
    /// Deleted ranges, merged: begin to end, which may be empty (the end of the domain). Keys put into them later are
    /// in rows_.
    std::map<std::string_view, std::string_view> erased_;
};

} // namespace tegami::store
