#include "store/engine/batch_check.h"

#include <fmt/format.h>

namespace tegami::store {

namespace {

struct Size {
    std::size_t key = 0;
    std::size_t value = 0;
};

Size size_of(const Operation& operation) {
    if (const auto* put = std::get_if<Put>(&operation)) return {put->key.size(), put->value.size()};
    if (const auto* erased = std::get_if<Delete>(&operation)) return {erased->key.size(), 0};
    if (const auto* range = std::get_if<DeleteRange>(&operation))
        return {std::max(range->begin.size(), range->end.size()), 0};
    if (const auto* added = std::get_if<AddReference>(&operation)) return {added->tag.size(), sizeof(BlobId)};
    return {std::get<RemoveReference>(operation).tag.size(), sizeof(BlobId)};
}

std::unexpected<Error> over(std::string_view what, std::size_t size, std::size_t size_max) {
    return failure(Error{ErrorCode::invalid, fmt::format("{} of {} is over the limit of {}", what, size, size_max)});
}

} // namespace

std::size_t batch_bytes(const Batch& batch) {
    std::size_t total = 0;
    for (const Operation& operation : batch.operations) {
        const Size size = size_of(operation);
        total += size.key + size.value;
    }
    for (const KeyAssertion& assertion : batch.assertions)
        total += assertion.key.size() + (assertion.value ? assertion.value->size() : 0);
    return total;
}

StoreResult<> check_limits(const Batch& batch, const Limits& limits) {
    const std::size_t count = batch.operations.size() + batch.assertions.size();
    if (count > limits.batch_operations_max) return over("operations", count, limits.batch_operations_max);
    for (const Operation& operation : batch.operations) {
        const Size size = size_of(operation);
        if (size.key > kKeyBytesMax) return over("key", size.key, kKeyBytesMax);
        if (size.value > limits.value_bytes_max) return over("value", size.value, limits.value_bytes_max);
    }
    const std::size_t total = batch_bytes(batch);
    if (total > limits.batch_bytes_max) return over("batch", total, limits.batch_bytes_max);
    return {};
}

} // namespace tegami::store
