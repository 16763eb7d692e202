// Owners of OpenSSL's objects, and keys as text. Private to acme.
#pragma once

#include "base/freer.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace tegami::acme {

using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;

/// Null if the text has none in PEM form, or one behind a passphrase.
Key read_key(const std::string& pem);
/// A new ECDSA P-256 key as PEM text.
std::string new_key_pem();
/// What has been written to it.
std::string text_in(BIO* memory);

std::string sha256(std::string_view octets);
/// HMAC with SHA-256 (RFC 2104).
std::string hmac_sha256(std::string_view key, std::string_view octets);

} // namespace tegami::acme
