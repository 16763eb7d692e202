// Microsoft's Autodiscover as Outlook and Windows' mail programs ask it: XML over POST (POX, MS-OXDSCLI), and JSON (v2),
// which only says where the XML is.
#pragma once

#include "discovery/offer.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::discovery {

/// Limit: octets of a request.
inline constexpr std::size_t kAutodiscoverBytesMax = 4096;

/// What a request in XML asks.
struct AutodiscoverRequest {
    std::string address; ///< as written
    std::string schema;  ///< of the answer that is wanted; empty: any
};

/// Reads a request, whose octets strangers wrote: one element Autodiscover in any namespace, without a document type
/// declaration. Nothing if it is no such document, is too long, or names no address.
std::optional<AutodiscoverRequest> read_autodiscover(std::string_view octets);

/// Whether the request wants what autodiscover_xml() is; others are for phones that synchronise with Exchange.
bool wants_settings(const AutodiscoverRequest& request);

/// The settings for an address.
std::string autodiscover_xml(const Offer& offer, const message::EmailAddress& address);

/// The answer to a request for something else: there is no such provider here (MS-OXDSCLI: error 601).
std::string autodiscover_refusal();

struct AutodiscoverJson {
    unsigned status = 200;
    std::string body;
};

/// The answer to GET …/autodiscover.json?Protocol=…; `protocol`: as the query has it.
AutodiscoverJson autodiscover_json(const Offer& offer, const std::optional<std::string>& protocol);

} // namespace tegami::discovery
