#include "discovery/autodiscover.h"

#include "base/ascii.h"
#include "discovery/xml_text.h"
#include "json/json.h"

#include <fmt/format.h>

#include <utility>

namespace tegami::discovery {

namespace {

constexpr std::string_view kSettingsSchema =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

std::string_view type_of(Protocol protocol) {
    switch (protocol) {
    case Protocol::imap: return "IMAP";
    case Protocol::pop3: return "POP3";
    case Protocol::submission: return "SMTP";
    }
    std::unreachable();
}

std::string autodiscover_server(const Offer& offer, const Service& service, const std::string& login) {
    const std::string_view of_submission = "        <UsePOPAuth>on</UsePOPAuth>\n        <SMTPLast>off</SMTPLast>\n";
    return fmt::format("      <Protocol>\n"
                       "        <Type>{}</Type>\n"
                       "        <Server>{}</Server>\n"
                       "        <Port>{}</Port>\n"
                       "        <DomainRequired>off</DomainRequired>\n"
                       "        <LoginName>{}</LoginName>\n"
                       "        <SPA>off</SPA>\n"
                       "        <SSL>on</SSL>\n"
                       "        <Encryption>{}</Encryption>\n"
                       "        <AuthRequired>on</AuthRequired>\n"
                       "{}"
                       "      </Protocol>\n",
                       type_of(service.protocol), xml_text(offer.host), service.port, login,
                       service.security == Security::tls ? "SSL" : "TLS",
                       service.protocol == Protocol::submission ? of_submission : std::string_view());
}

std::string envelope(std::string_view response_namespace, std::string_view content) {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\">\n"
        "  <Response{}>\n"
        "{}"
        "  </Response>\n"
        "</Autodiscover>\n",
        response_namespace.empty() ? "" : fmt::format(" xmlns=\"{}\"", response_namespace), content);
}

} // namespace

bool wants_settings(const AutodiscoverRequest& request) {
    return request.schema.empty() || ascii::iequals(request.schema, kSettingsSchema);
}

std::string autodiscover_xml(const Offer& offer, const message::EmailAddress& address) {
    const std::string login = xml_text(address.to_string());
    std::string servers;
    // Interop: Outlook takes one of each type.
    for (const Protocol protocol : {Protocol::imap, Protocol::pop3, Protocol::submission})
        if (const Service* const service = best_service(offer, protocol))
            servers += autodiscover_server(offer, *service, login);
    return envelope(kSettingsSchema, fmt::format("    <User>\n"
                                                 "      <DisplayName>{}</DisplayName>\n"
                                                 "    </User>\n"
                                                 "    <Account>\n"
                                                 "      <AccountType>email</AccountType>\n"
                                                 "      <Action>settings</Action>\n"
                                                 "{}"
                                                 "    </Account>\n",
                                                 login, servers));
}

std::string autodiscover_refusal() {
    return envelope({}, "    <Error>\n"
                        "      <ErrorCode>601</ErrorCode>\n"
                        "      <Message>Provider is not available</Message>\n"
                        "      <DebugData/>\n"
                        "    </Error>\n");
}

AutodiscoverJson autodiscover_json(const Offer& offer, const std::optional<std::string>& protocol) {
    const auto refused = [](std::string_view code, std::string_view words) {
        return AutodiscoverJson{400, write_json(json::object{{"ErrorCode", code}, {"ErrorMessage", words}})};
    };
    if (!protocol) return refused("MandatoryParameterMissing", "The parameter Protocol is missing.");
    const auto url = url_of(offer, kAutodiscoverPath);
    if (!url || !ascii::iequals(*protocol, "AutodiscoverV1"))
        return refused("InvalidProtocol", "There is no such protocol here. There is: AutodiscoverV1.");
    return {200, write_json(json::object{{"Protocol", "AutodiscoverV1"}, {"Url", *url}})};
}

} // namespace tegami::discovery
