// The certificate the server shows: the files the configuration names, or its own in the data directory.
#pragma once

#include "app/configuration/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/tls_context.h"

#include <memory>
#include <string>
#include <vector>

namespace tegami::app {

/// The files to use: DATA/tls/certificate.pem and DATA/tls/key.pem if the configuration names none.
TlsConfig certificate_files(const Config& config);

/// Reads the certificate. If the configuration names none and there is none yet, the server's own is made first, for
/// the host name, the default domain and the addresses listened on; DATA/tls/ca.pem then has the authority that signed
/// it, for mail programs to trust. The error is a sentence for the operator.
Result<std::shared_ptr<const net::TlsServerContext>, std::string> load_certificate(const Config& config, Timestamp now);

/// Reads the certificate if it is there; one of the server's own that is not made yet is no fault. What is to be said
/// about it all the same are warnings.
Result<std::vector<std::string>, std::string> check_certificate(const Config& config, Timestamp now);

/// What makes clients complain about a certificate, as sentences with names and dates: it has ended, ends within two
/// weeks, has not begun, or is for other names than the server's.
std::vector<std::string> certificate_warnings(const Config& config, const net::CertificateSummary& certificate,
                                              Timestamp now);

} // namespace tegami::app
