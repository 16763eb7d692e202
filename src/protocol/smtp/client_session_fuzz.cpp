// Anything a server can say, cut anywhere, to a client whose driver does what the input says: no crash, and every
// message given ends in exactly one list of results.
#include "base/assert.h"
#include "protocol/smtp/client_session.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace tegami;
using namespace tegami::smtp;

struct Driver {
    ClientSession session;
    unsigned choice;
    std::size_t given = 0;
    std::size_t finished = 0;
    bool closed = false;

    void perform(const ClientActions& actions) {
        for (const ClientAction& action : actions) {
            ASSERT(!closed);
            if (const auto* send = std::get_if<ClientSend>(&action)) ASSERT(!send->bytes.empty());
            if (std::holds_alternative<ClientStartTls>(action))
                return perform(choice & 1 ? session.tls_failed("no") : session.tls_started());
            if (std::holds_alternative<ClientClose>(action)) closed = true;
            if (const auto* done = std::get_if<Finished>(&action)) {
                ++finished;
                ASSERT(done->results.size() == 3);
            }
            if (std::holds_alternative<WantBody>(action)) {
                perform(session.body("Subject: x\r\n\r\n.x\r\n"));
                return perform(choice & 2 ? session.body_failed("disk", (choice & 4) != 0) : session.body_end());
            }
            if (std::holds_alternative<Ready>(action)) {
                if (given == 3) return perform(session.quit());
                ++given;
                const auto bob = *message::parse_email_address("bob@b.test");
                return perform(session.send({.reverse_path = bob, .recipients = {bob, bob, bob}, .size = 10}));
            }
        }
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    if (input.size() < 2) return 0;
    const auto choice = static_cast<unsigned char>(input[0]);
    const std::size_t step = static_cast<unsigned char>(input[1]) + std::size_t{1};
    input.remove_prefix(2);
    ClientOptions options{.host_name = "a.test"};
    options.tls = static_cast<TlsPolicy>((choice >> 2) % 4);
    if (choice & 16) options.credentials = ClientCredentials{"me", "pw"};

    Driver driver{.session = ClientSession(options), .choice = choice};
    while (!input.empty() && !driver.closed) {
        driver.perform(driver.session.feed(input.substr(0, step)));
        input.remove_prefix(std::min(step, input.size()));
    }
    if (!driver.closed) driver.perform(driver.session.disconnected("end of input"));
    ASSERT(driver.closed && driver.finished == driver.given);
    return 0;
}
