#include "store/engine/key_order.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tegami::store {

namespace {

/// Where an operation writes: rows before references.
std::pair<bool, std::string_view> place_of(const Operation& operation) {
    const auto of_blob = [](const BlobId& blob) {
        return std::pair(true, std::string_view(reinterpret_cast<const char*>(blob.octets.data()), blob.octets.size()));
    };
    if (const auto* put = std::get_if<Put>(&operation)) return {false, put->key};
    if (const auto* erased = std::get_if<Delete>(&operation)) return {false, erased->key};
    if (const auto* range = std::get_if<DeleteRange>(&operation)) return {false, range->begin};
    if (const auto* added = std::get_if<AddReference>(&operation)) return of_blob(added->blob);
    return of_blob(std::get<RemoveReference>(operation).blob);
}

} // namespace

InKeyOrder::InKeyOrder(const std::vector<Operation>& operations) {
    struct Write {
        std::pair<bool, std::string_view> place;
        const Operation* operation; // in one vector: those that come later are higher
    };

    std::vector<Write> writes;
    writes.reserve(operations.size());
    for (const Operation& operation : operations) {
        if (const auto* range = std::get_if<DeleteRange>(&operation))
            ranges.push_back(range);
        else
            writes.push_back({place_of(operation), &operation});
    }
    std::ranges::sort(writes, [](const Write& a, const Write& b) {
        return a.place != b.place ? a.place < b.place : a.operation < b.operation;
    });
    for (const Operation& operation : operations) {
        const auto* range = std::get_if<DeleteRange>(&operation);
        if (range == nullptr) continue;
        auto at = std::ranges::lower_bound(writes, std::pair(false, std::string_view(range->begin)), {}, &Write::place);
        for (; at != writes.end() && !at->place.first; ++at) {
            if (!range->end.empty() && at->place.second >= range->end) break;
            if (at->operation < &operation) at->operation = nullptr;
        }
    }
    others.reserve(writes.size());
    for (const Write& write : writes)
        if (write.operation != nullptr) others.push_back(write.operation);
}

} // namespace tegami::store
