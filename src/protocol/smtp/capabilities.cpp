#include "protocol/smtp/capabilities.h"

#include "base/ascii.h"

namespace tegami::smtp {

Capabilities read_capabilities(const Reply& reply) {
    Capabilities offers;
    for (std::size_t index = 1; index < reply.lines.size(); ++index) {
        const std::string line = ascii::upper(reply.lines[index]);
        // Interop: some servers write "AUTH=PLAIN LOGIN", for clients older than RFC 2554.
        const std::size_t end = line.find_first_of(" =");
        const std::string_view keyword = std::string_view(line).substr(0, end);
        const std::string_view rest = end == std::string::npos ? "" : std::string_view(line).substr(end + 1);
        if (keyword == "STARTTLS") offers.starttls = true;
        if (keyword == "PIPELINING") offers.pipelining = true;
        if (keyword == "8BITMIME") offers.eight_bit_mime = true;
        if (keyword == "SMTPUTF8") offers.smtputf8 = true;
        if (keyword == "SIZE") {
            offers.size = true;
            offers.size_max = ascii::parse_number<std::uint64_t>(ascii::trim(rest)).value_or(0);
        }
        if (keyword == "AUTH") {
            for (const std::string_view mechanism : ascii::split(rest, ' ')) {
                if (mechanism == "PLAIN") offers.auth_plain = true;
                if (mechanism == "LOGIN") offers.auth_login = true;
            }
        }
    }
    return offers;
}

} // namespace tegami::smtp
