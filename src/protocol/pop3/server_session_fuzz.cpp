// Anything a client can send, cut anywhere, against a driver whose answers fail as the input says: no crash, no growth,
// every byte of output part of a reply, nothing deleted without QUIT.
#include "base/assert.h"
#include "protocol/pop3/driver_twin_fixture.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::pop3;
    std::string_view input(reinterpret_cast<const char*>(data), size);
    if (input.size() < 3) return 0;
    const auto choice = static_cast<unsigned char>(input[0]);
    const auto fail_at = static_cast<unsigned char>(input[1]);
    const std::size_t step = static_cast<unsigned char>(input[2]) + std::size_t{1};
    input.remove_prefix(3);

    ServerOptions options{.host_name = "b.test", .implementation = "Tegami", .auth_mechanisms = {"PLAIN"}};
    options.tls = choice & 1 ? TlsState::active : TlsState::available;
    DriverTwin driver(options, {"Subject: 1\r\n\r\n.one\r\n", "Subject: 2\r\n\r\ntwo\nthree"}, fail_at);
    driver.mechanisms_after_tls = {"PLAIN"};
    while (!input.empty() && !driver.closed) {
        driver.feed(input.substr(0, step));
        input.remove_prefix(std::min(step, input.size()));
        ASSERT(driver.closed || driver.session.wants_input());
    }
    ASSERT(driver.output.ends_with("\r\n"));
    ASSERT(driver.deleted.empty() || driver.closed);
    driver.perform(driver.session.timed_out());
    ASSERT(driver.session.closed() || driver.closed);
    return 0;
}
