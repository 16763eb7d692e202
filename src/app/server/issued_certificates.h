// What an authority gives (ACME): which certificates are wanted, which there are, and the files of those of domains. The one
// of the host lies where the server's own would (certificate_files.h).
#pragma once

#include "app/configuration/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/tls_context.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

/// A certificate that an authority is to give.
struct WantedCertificate {
    std::vector<std::string> names; ///< the first is what it is called
    bool is_host = false;           ///< the one that clients see who ask for no name, and that TLSA records tell of

    const std::string& name() const { return names.front(); }
};

/// Of the host.
WantedCertificate host_certificate(const Config& config);
/// Whether one for this name is needed beside that of the host.
bool is_needed_beside(const Config& config, std::string_view name);

/// What there is of a wanted certificate.
struct IssuedFacts {
    bool is_right = false; ///< from the authority of now, for all these names; else the other members mean nothing
    Timestamp not_before;
    Timestamp not_after;
    std::string id; ///< as acme::certificate_id(), or empty
};

/// Blocks.
IssuedFacts look_at_issued(const Config& config, const WantedCertificate& wanted);

/// The line before a chain that says where it is from.
std::string issued_head(std::string_view directory);
/// What such a line says; empty: it is from elsewhere.
std::string issued_through(std::string_view chain);
/// The same of the host's certificate. Blocks.
std::string issued_through(const Config& config);

/// A domain's certificate, its chain and its key in one: DATA/tls/domains/NAME.pem.
std::string domain_certificate_file(const Config& config, std::string_view name);
/// Writes it. The error is a sentence.
Result<void, std::string> keep_domain_certificate(const Config& config, const std::string& name,
                                                  const std::string& chain, const std::string& key);
/// Removes those of other names than these.
void forget_other_domains(const Config& config, const std::vector<std::string>& names);
/// Those that can be read; none if no authority is used.
std::vector<std::shared_ptr<const net::TlsServerContext>> issued_for_domains(const Config& config);

} // namespace tegami::app
