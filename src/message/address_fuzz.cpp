// Header address lists and envelope paths from any octets: printing and reading again gives the same.
#include "base/assert.h"
#include "message/address.h"

#include <cstdint>

using namespace tegami::message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto list = parse_address_list(octets);
    for (const HeaderAddress& entry : list) {
        if (const auto email = entry.email()) {
            ASSERT(parse_email_address(email->to_string()) == *email);
            ASSERT(parse_email_address(email->display()) == *email);
        }
    }
    (void)parse_address_list(print_address_list(list));
    if (const auto path = parse_envelope_path(octets)) {
        ASSERT(path->length <= size && octets[path->length - 1] == '>');
        if (path->address) ASSERT(parse_email_address(path->address->to_string()) == *path->address);
    }
    return 0;
}
