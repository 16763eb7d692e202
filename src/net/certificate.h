// Certificates as OpenSSL has them: what is in one, and making one. Private to net.
#pragma once

#include "net/tls_context.h"

struct x509_st;

namespace tegami::net {

CertificateSummary summarize(x509_st* certificate);

/// `what`, with the reason that OpenSSL left behind.
TlsError openssl_problem(const std::string& what);

} // namespace tegami::net
