// Anything a server can send to our SCRAM client: no crash, no endless hashing, and no proof of a server that does not
// know the password.
#include "base/assert.h"
#include "protocol/sasl/client.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    using namespace tegami::sasl;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = input.find('\n');
    const std::string_view server_first = input.substr(0, middle);
    const std::string_view server_final = middle == std::string_view::npos ? "" : input.substr(middle + 1);
    // Many iterations are allowed and slow; they show nothing here.
    if (server_first.find(",i=") != std::string_view::npos && server_first.size() - server_first.find(",i=") > 6)
        return 0;

    SeededRandom random(1);
    ScramClient client({.user = "alice", .password = "secret"}, random);
    const std::string first = client.first();
    const std::string nonce = first.substr(first.find(",r=") + 3);
    const auto as_it_is = client.final(server_first);
    const auto with_our_nonce = client.final("r=" + nonce + std::string(server_first));
    ASSERT(!as_it_is || as_it_is->starts_with("c=biws,r=" + nonce));
    ASSERT(!with_our_nonce || with_our_nonce->starts_with("c=biws,r=" + nonce));
    ASSERT(!client.verify(server_final));
    return 0;
}
