// Any octets as a request for settings: they are read or refused, and what answers is XML that says the address.
#include "base/assert.h"
#include "discovery/apple_profile.h"
#include "discovery/autodiscover.h"
#include "discovery/query.h"
#include "message/utf8.h"

#include <cstdint>

using namespace tegami;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const discovery::Offer kOffer{.host = "mail.a.test",
                                         .services = {{discovery::Protocol::imap, discovery::Security::tls, 993}},
                                         .https_port = 443};
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    std::string asked(octets);
    if (const auto request = discovery::read_autodiscover(octets)) {
        ASSERT(!request->address.empty() && request->address.size() <= discovery::kAutodiscoverBytesMax * 3);
        asked = request->address;
    } else if (const auto value = discovery::query_value(octets, "emailaddress")) {
        asked = *value;
    }
    const auto address = message::parse_email_address(asked);
    if (!address) return 0;
    const std::string profile = discovery::apple_profile(kOffer, *address);
    ASSERT(profile.ends_with("</plist>\n"));
    // A request made of the answer's own text is read back as this address, but for what XML cannot have.
    const std::string answer = discovery::autodiscover_xml(kOffer, *address);
    constexpr std::string_view kBegin = "<DisplayName>";
    const auto begin = answer.find(kBegin) + kBegin.size();
    const std::string written = answer.substr(begin, answer.find("</DisplayName>") - begin);
    const auto again = discovery::read_autodiscover("<Autodiscover><Request><EMailAddress>" + written +
                                                    "</EMailAddress></Request></Autodiscover>");
    ASSERT(again && (again->address == address->to_string() || written.contains(message::kReplacement)));
    return 0;
}
