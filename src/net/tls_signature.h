// Texts signed with the key of a server's certificate.
#pragma once

#include "net/tls_context.h"

#include <string>
#include <string_view>

namespace tegami::net {

/// The octets within a signature (CMS, RFC 5652 §5, DER) that whoever trusts the certificate can check; the chain is in
/// it. Computes for about a millisecond if the key is of RSA. Errors: the key is of a kind that cannot sign so.
Result<std::string, TlsError> sign_message(const TlsServerContext& signer, std::string_view octets);

} // namespace tegami::net
