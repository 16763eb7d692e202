// Reading never fails badly, and what was read is printed so that it is read again.
#include "base/assert.h"
#include "trust/authentication_results.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    static_cast<void>(trust::server_named(octets));
    const auto first = trust::parse_authentication_results(octets);
    if (!first) return 0;
    const auto second = trust::parse_authentication_results(trust::to_string(*first));
    ASSERT(second.has_value());
    ASSERT(second->results.size() == first->results.size());
    ASSERT(trust::to_string(*second) == trust::to_string(*first));
    return 0;
}
