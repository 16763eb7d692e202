// A client that sends anything, in any mechanism, against a directory that answers anything: no crash, and never
// Success without the right password.
#include "base/assert.h"
#include "protocol/sasl/server.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace tegami;
using namespace tegami::sasl;

std::string_view take(std::string_view& input, std::size_t size) {
    const std::string_view taken = input.substr(0, size);
    input.remove_prefix(taken.size());
    return taken;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    if (input.size() < 2) return 0;
    SeededRandom random(1);
    const auto choice = static_cast<unsigned char>(input[0]);
    const auto first_size = static_cast<unsigned char>(input[1]);
    input.remove_prefix(2);
    ServerOptions options{.fake_salt_secret = "secret"};
    if (choice & 4) options.channel_bindings = {{"tls-exporter", "data"}, {"tls-unique", "other"}};
    const char* names[] = {"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"};

    Server server(options, random);
    Outcome outcome = choice & 8 ? server.start(names[choice & 3], std::nullopt)
                                 : server.start(names[choice & 3], take(input, first_size));
    for (int steps = 0; steps < 20; ++steps) {
        if (std::holds_alternative<Challenge>(outcome)) {
            const std::size_t length = input.empty() ? 0 : static_cast<unsigned char>(input[0]);
            take(input, 1);
            outcome = server.step(take(input, length));
        } else if (std::holds_alternative<NeedPassword>(outcome)) {
            outcome = server.password_checked(false);
        } else if (std::holds_alternative<NeedScramSecrets>(outcome)) {
            outcome = server.scram_secrets_found(
                choice & 16 ? std::optional(secrets_of({"salt", 4096, std::string(32, 'x'), std::string(32, 'y')}))
                            : std::nullopt,
                "user");
        } else {
            ASSERT(std::holds_alternative<Failure>(outcome));
            return 0;
        }
    }
    ASSERT(!"an exchange ends after a few steps");
}
