// Signs what leaves here in the name of our domains (DKIM, RFC 6376), with all keys of the domain that sign now.
//
// 1. A letter that cannot be signed goes without: a signature is for the receiver's trust, never a reason to keep mail
//    back.
// 2. The private keys are computed with by workers, never on an I/O thread.
// May be called from any thread.
#pragma once

#include "async/awaitable.h"
#include "async/worker_pool.h"
#include "base/clock.h"
#include "directory/signing_keys.h"
#include "message/header.h"
#include "trust/arc/sealer.h"
#include "trust/dkim/signer.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tegami::signing {

/// A message that has come whole and is to be signed.
struct Draft {
    message::Domain domain; ///< in whose name
    std::string front;      ///< the fields that come before its header
    std::string header;     ///< its own, as octets
    dkim::Signer signer;    ///< that has seen it
};

/// A stranger's message that is passed on and to be sealed (ARC, RFC 8617 §5.1).
struct SealDraft {
    message::Domain domain; ///< in whose name
    std::string front;
    std::string header;
    arc::Sealer sealer;                     ///< that has seen it
    arc::Status status = arc::Status::none; ///< of the chain that it came with
    trust::AuthenticationResults results;   ///< what we found out
};

class Signatures {
public:
    /// All outlive it; `workers` compute for less than a millisecond a signature.
    Signatures(const directory::SigningKeys& keys, async::WorkerPool& workers, const Clock& clock)
        : keys_(keys), workers_(workers), clock_(clock) {}

    /// Whether mail of this domain is signed now.
    bool signs(const message::Domain& domain) const;
    /// The domain of the message's first author, if its mail is signed now.
    std::optional<message::Domain> domain_of(const message::Header& header) const;
    /// The signatures as fields with line ends, to stand before everything else; empty if there are none.
    async::Awaitable<std::string> sign(Draft draft);
    /// The set of ARC fields, likewise; with an RSA key, which everybody can verify.
    async::Awaitable<std::string> seal(SealDraft draft);

private:
    struct LoadedKey {
        message::Domain selector;
        dkim::PrivateKey key;
    };

    using LoadedKeys = std::vector<LoadedKey>;

    std::shared_ptr<const LoadedKeys> load(const message::Domain& domain);

    const directory::SigningKeys& keys_;
    async::WorkerPool& workers_;
    const Clock& clock_;
    std::mutex guard_; ///< of the two below
    std::shared_ptr<const directory::SigningKeyTable> table_;
    std::map<message::Domain, std::shared_ptr<const LoadedKeys>> loaded_; ///< of table_
};

} // namespace tegami::signing
