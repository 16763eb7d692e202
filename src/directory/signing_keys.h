// The keys that sign the mail of our domains (RFC 6376 §3.6), kept in the store: every node signs with the same ones,
// and a backup has them. They are few and also held in memory, so that signing waits for nothing.
//
// 1. A domain that is removed takes its keys along.
// 2. What a key is worth (which algorithm, whether it is published) is for others to judge: see signing/.
#pragma once

#include "async/awaitable.h"
#include "async/mutex.h"
#include "base/clock.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tegami::directory {

/// Limit: keys of one domain, those that sign no more with them.
inline constexpr std::size_t kSigningKeysMax = 20;

enum class SigningKeyState : std::uint8_t {
    announced = 0, ///< to be published; it signs when it has been seen in the DNS
    signing = 1,
    retired = 2, ///< signs no more, and stays published while letters that it signed are on their way
};

struct SigningKey {
    message::Domain domain;
    std::string selector;
    std::string algorithm;   ///< as its DNS record names it (k=): "rsa", "ed25519"
    std::string private_key; ///< PEM (PKCS #8); empty once it is retired
    std::string record;      ///< the text to publish at selector._domainkey.domain
    SigningKeyState state = SigningKeyState::announced;
    Timestamp since{}; ///< when it came into this state

    bool operator==(const SigningKey&) const = default;
};

/// Keys by domain, in the order of their selectors; immutable.
using SigningKeyTable = std::map<message::Domain, std::vector<SigningKey>>;

class SigningKeys {
public:
    /// `engine` outlives it.
    explicit SigningKeys(store::Engine& engine) : engine_(engine), table_(std::make_shared<const SigningKeyTable>()) {}

    /// Reads them; once, before all else.
    async::Awaitable<DirectoryResult<>> load();

    /// The keys as of now; cheap, never waits; from any thread.
    std::shared_ptr<const SigningKeyTable> table() const;

    /// Adds keys of one domain, or replaces those with the same selector, all or none. Errors: not_found (the domain is
    /// not ours), invalid (too many keys), unavailable.
    async::Awaitable<DirectoryResult<>> put(std::vector<SigningKey> keys);
    /// Errors: not_found, unavailable.
    async::Awaitable<DirectoryResult<>> remove(message::Domain domain, std::string selector);
    /// The domain was removed, and its rows with it.
    void forget(const message::Domain& domain);

private:
    store::Engine& engine_;
    async::Mutex changing_;    // so that the table changes in the order of the commits
    mutable std::mutex mutex_; // guards table_ only, never held across a wait
    std::shared_ptr<const SigningKeyTable> table_;
};

} // namespace tegami::directory
