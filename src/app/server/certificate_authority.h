// Who gives certificates for our names, as the keeper of certificates sees it.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

struct CertificateOrder {
    std::vector<std::string> names; ///< at least one
    std::string key;                ///< PEM; the certificate is to be for it
    std::string replaces;           ///< as acme::certificate_id(), or empty
};

struct CertificateRefusal {
    std::string reason;                 ///< a sentence for the operator
    std::optional<Duration> not_before; ///< the authority wants to be left alone so long
};

/// When the authority would have a certificate renewed (RFC 9773).
struct RenewalAdvice {
    Timestamp moment; ///< one of those it suggests
    Timestamp end;    ///< the last of them
};

struct RenewalAnswer {
    std::optional<RenewalAdvice> advice; ///< nothing: it did not say
    Duration ask_again{};                ///< not before so long
};

class CertificateAuthority {
public:
    virtual ~CertificateAuthority() = default;
    /// Returns the chain, PEM, which has been checked. Takes minutes. One call at a time.
    virtual async::Awaitable<Result<std::string, CertificateRefusal>> obtain(CertificateOrder order) = 0;
    virtual async::Awaitable<RenewalAnswer> when_to_renew(std::string certificate_id) = 0;
};

} // namespace tegami::app
