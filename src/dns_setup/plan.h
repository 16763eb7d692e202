// The records that a domain needs in the DNS, as a list of what to publish. Pure: the same facts give the same list.
#pragma once

#include "dns_setup/facts.h"
#include "protocol/dns/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::dns_setup {

enum class Purpose : std::uint8_t {
    exchanger,      ///< MX
    address,        ///< of the host
    reverse,        ///< PTR
    sender_policy,  ///< SPF of the domain
    host_policy,    ///< SPF of the host name
    signing_key,    ///< DKIM
    author_policy,  ///< DMARC
    tls_reports,    ///< TLS-RPT
    policy,         ///< MTA-STS: that there is one
    policy_host,    ///< MTA-STS: where it is served
    tls_key,        ///< TLSA
    next_tls_key,   ///< TLSA of the next certificate
    settings_host,  ///< where mail programs look for their settings
    client_service, ///< SRV
};

struct PlannedRecord {
    Purpose purpose = Purpose::exchanger;
    std::optional<dns::Name> name; ///< nothing: it depends on an address that is not known
    dns::Type type = dns::Type::a;
    std::optional<dns::Data> data; ///< nothing: an address that is not known
    bool needed = false;           ///< mail suffers without it; the others do good
    std::string what_for;          ///< a sentence or two
    std::string without;           ///< what happens without it, a sentence
};

/// In the order in which to read them: what is needed first. The host's own records are in it, whatever zone they
/// belong to.
std::vector<PlannedRecord> plan_records(const Facts& facts);

/// TLSA: of the key in use and of the next one, as far as they are known.
std::vector<PlannedRecord> tls_key_records(const Host& host);

/// What announces the domain's policy as it is now, whatever its mode.
PlannedRecord policy_record(const Facts& facts);

/// The value as forms of DNS providers want it: texts whole and without quotes, else as a zone file has it.
std::string plain_value(const dns::Data& data);

} // namespace tegami::dns_setup
