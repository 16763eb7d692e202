// Mozilla's autoconfig: what Thunderbird, and most other programs of free software, read from
// autoconfig.DOMAIN/mail/config-v1.1.xml or DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml.
#pragma once

#include "discovery/offer.h"

#include <string>

namespace tegami::discovery {

/// The document for a domain. Where the address is to stand it has %EMAILADDRESS%, which programs put in themselves:
/// the answer is the same for all.
std::string autoconfig_xml(const Offer& offer, const message::Domain& domain);

} // namespace tegami::discovery
