// The certificate the server shows: the files the configuration names, or its own in the data directory.
#pragma once

#include "app/configuration/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "directory/administration.h"
#include "net/tls_context.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tegami::app {

/// The files to use: DATA/tls/certificate.pem and DATA/tls/key.pem if the configuration names none.
TlsConfig certificate_files(const Config& config);

/// Reads the certificate, and those for other names beside it (tls.others, and those of domains that an authority gave;
/// of these such as cannot be read are left out: they are got anew). If the configuration names none and there is none yet, the server's own is made first, for
/// the host name, the default domain and the addresses listened on; DATA/tls/ca.pem then has the authority that signed
/// it, for mail programs to trust. Its key is the next one, if there is one. The error is a sentence for the operator.
Result<std::shared_ptr<const net::TlsServerContext>, std::string> load_certificate(const Config& config, Timestamp now);

/// Reads the certificate if it is there; one of the server's own that is not made yet is no fault. What is to be said
/// about it all the same are warnings.
Result<std::vector<std::string>, std::string> check_certificate(const Config& config, Timestamp now);

/// The key that the next certificate is to have, so that its TLSA record is in the DNS before (RFC 7672 §8.1, §8.4):
/// DATA/tls/next-key.pem.
std::string next_key_file(const Config& config);

/// Makes the next key if there is none, or if the certificate in use has come to it. Returns its SHA-256 as in
/// CertificateSummary::sha256_of_key; the error is a sentence for the operator.
Result<std::string, std::string> keep_next_key(const Config& config, const net::CertificateSummary& in_use);

/// The keys whose TLSA records the server has told of when it last looked, as CertificateSummary::sha256_of_key: of the
/// certificate in use then, and the next one. None if that is not known.
std::vector<std::string> announced_keys(const Config& config);
/// Notes them for the next start, in DATA/tls/announced-keys.
Result<void, std::string> note_announced_keys(const Config& config, const std::vector<std::string>& keys);

enum class CertificateKey : std::uint8_t { same, next };

/// Makes the server's own certificate anew, with a new authority, and reads it. Where that fails, or is cut short, what
/// was there counts, or load_certificate() ends it.
Result<std::shared_ptr<const net::TlsServerContext>, std::string> renew_certificate(const Config& config, Timestamp now,
                                                                                    CertificateKey key);

/// Takes a chain for the key that an authority gave in place of the certificate in use, and reads it. The error is a
/// sentence; what was there counts then.
Result<std::shared_ptr<const net::TlsServerContext>, std::string>
install_certificate(const Config& config, const std::string& chain, CertificateKey key);

/// The names under which other servers fetch the policies of our domains (MTA-STS), where they may want to.
std::vector<std::string> policy_hosts(const Config& config, const directory::DomainTable& domains);

/// The names under which mail programs ask for the settings of our domains: autoconfig and autodiscover.
std::vector<std::string> settings_hosts(const Config& config, const directory::DomainTable& domains);

/// What makes clients complain about a certificate, as sentences with names and dates: it has ended, ends within two
/// weeks, has not begun, or is for other names than the server's. An operator's own one should name these
/// `policy_hosts`, too.
std::vector<std::string> certificate_warnings(const Config& config, const net::CertificateSummary& certificate,
                                              Timestamp now, const std::vector<std::string>& policy_hosts = {});

} // namespace tegami::app
