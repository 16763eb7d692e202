// Any octets as a hash that another server made: what is taken has one spelling, keeps to the limits, and is checked
// without an accident. Dear ones are only read.
#include "base/assert.h"
#include "directory/foreign_hash.h"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace tegami;
using namespace tegami::directory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto hash = parse_foreign_hash(octets);
    if (!hash) {
        ASSERT(!hash.error().message.empty());
        return 0;
    }
    ASSERT(is_foreign_hash(octets) && !clear_password(octets));
    const auto again = parse_foreign_hash(hash->stored);
    ASSERT(again && again->stored == hash->stored && again->scheme == hash->scheme);
    if (hash->quick) static_cast<void>(verify_foreign_hash("secret", *hash));
    return 0;
}
