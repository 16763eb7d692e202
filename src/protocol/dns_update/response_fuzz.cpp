// Any octets as what a name server answers to an update, its signature looked at.
#include "base/assert.h"
#include "protocol/dns_update/response.h"
#include "protocol/dns_update/tsig.h"

#include <cstddef>
#include <cstdint>

using namespace tegami;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto response = dns::parse_response(octets);
    if (!response) return 0;
    ASSERT(!response->tsig || response->tsig_offset < octets.size());
    // Nobody guesses a MAC of 32 octets.
    const dns::TsigKey key{.name = response->tsig ? response->tsig->key_name : dns::Name(), .secret = "unguessable"};
    ASSERT(!dns::verify(octets, *response, key, "mac", Timestamp()));
    return 0;
}
