#include "discovery/autoconfig.h"

#include "discovery/xml_text.h"

#include <fmt/format.h>

namespace tegami::discovery {

namespace {

std::string autoconfig_server(const Offer& offer, const Service& service) {
    const bool outgoing = service.protocol == Protocol::submission;
    // The password goes as it is, within TLS: all programs can do that.
    return fmt::format("    <{0}Server type=\"{1}\">\n"
                       "      <hostname>{2}</hostname>\n"
                       "      <port>{3}</port>\n"
                       "      <socketType>{4}</socketType>\n"
                       "      <authentication>password-cleartext</authentication>\n"
                       "      <username>%EMAILADDRESS%</username>\n"
                       "    </{0}Server>\n",
                       outgoing ? "outgoing" : "incoming", outgoing ? "smtp" : to_string(service.protocol),
                       xml_text(offer.host), service.port, service.security == Security::tls ? "SSL" : "STARTTLS");
}

} // namespace

std::string autoconfig_xml(const Offer& offer, const message::Domain& domain) {
    std::string servers;
    for (const Service& service : offer.services)
        servers += autoconfig_server(offer, service);
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<clientConfig version=\"1.1\">\n"
                       "  <emailProvider id=\"{0}\">\n"
                       "    <domain>{0}</domain>\n"
                       "    <displayName>{1}</displayName>\n"
                       "    <displayShortName>{1}</displayShortName>\n"
                       "{2}"
                       "  </emailProvider>\n"
                       "</clientConfig>\n",
                       xml_text(domain.ascii()), xml_text(domain.display()), servers);
}

} // namespace tegami::discovery
