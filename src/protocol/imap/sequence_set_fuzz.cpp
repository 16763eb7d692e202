// A set that parses prints as it was, and resolves to sorted ranges that lie apart.
#include "base/assert.h"
#include "protocol/imap/sequence_set.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::imap;
    const std::string text(data, data + size);
    const std::optional<SequenceSet> set = SequenceSet::parse(text);
    if (!set) return 0;
    const std::optional<SequenceSet> again = SequenceSet::parse(set->to_string());
    ASSERT(again.has_value() && *again == *set);
    for (const std::uint32_t highest : {0U, 1U, 50U, 4294967295U}) {
        std::uint64_t after = 0;
        for (const NumberRange& range : set->resolve(highest)) {
            ASSERT(range.first > after && range.first <= range.last);
            after = std::uint64_t{range.last} + 1;
        }
    }
    return 0;
}
