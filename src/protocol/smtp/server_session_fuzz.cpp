// Anything a client can send, cut anywhere, to a driver whose answers fail as the input says: no crash, bounded memory,
// only whole replies, and a message is accepted only as the reference reads its text.
#include "base/assert.h"
#include "protocol/smtp/server_driver_twin_fixture.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::smtp;
    std::string_view input(reinterpret_cast<const char*>(data), size);
    if (input.size() < 3) return 0;
    const auto choice = static_cast<unsigned char>(input[0]);
    const auto fail_at = static_cast<unsigned char>(input[1]);
    const std::size_t step = static_cast<unsigned char>(input[2]) + std::size_t{1};
    input.remove_prefix(3);

    ServerOptions options{.host_name = "b.test", .auth_mechanisms = {"PLAIN"}};
    options.role = choice & 1 ? ServerRole::submission : ServerRole::mx;
    options.tls = choice & 2 ? TlsState::active : TlsState::available;
    options.auth_without_tls = choice & 4;
    options.postmaster_domain = tegami::message::Domain::parse("b.test");
    options.limits.message_bytes = 200;
    options.limits.refused_bytes = 500;
    options.limits.recipients = 3;
    ServerDriverTwin driver(options, fail_at);
    driver.mechanisms_after_tls = {"PLAIN"};
    while (!input.empty() && !driver.closed) {
        driver.feed(input.substr(0, step));
        input.remove_prefix(std::min(step, input.size()));
        ASSERT(driver.closed || driver.session.wants_input());
    }
    for (const ReceivedMessage& message : driver.accepted) {
        ASSERT(message.bytes.size() <= 200);
        ASSERT(!message.envelope.recipients.empty() && message.envelope.recipients.size() <= 3);
        ASSERT(message.bytes.empty() || message.bytes.ends_with("\r\n"));
        for (std::size_t at = 0; at < message.bytes.size(); ++at) {
            if (message.bytes[at] == '\n') ASSERT(at > 0 && message.bytes[at - 1] == '\r');
            if (message.bytes[at] == '\r') ASSERT(message.bytes[at + 1] == '\n');
        }
    }
    driver.perform(driver.closed ? ServerActions{} : driver.session.timed_out());
    ASSERT(driver.closed);
    return 0;
}
