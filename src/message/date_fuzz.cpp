// Dates from any octets: what is read can be printed and read again.
#include "base/assert.h"
#include "message/date.h"

#include <cstdint>

using namespace tegami::message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    if (const auto date = parse_date(octets)) {
        const auto again = parse_date(print_date(*date));
        ASSERT(again && again->utc == date->utc && again->offset == date->offset);
    }
    return 0;
}
