// The passkeys of accounts, kept in the directory's rows. docs/formats/directory.md, row `h`; passkey.h says what one is.
//
// They stay when the password changes, and come back with an account that was removed, but not with one from a backup: they know
// their account by its number.
// May be called from any thread.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/random.h"
#include "directory/credentials.h"
#include "directory/passkey.h"
#include "directory/passkey_challenges.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::directory {

class Passkeys {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Engine& engine;
        const Clock& clock;
        RandomSource& random;
    };

    /// Somebody who is signed in, and makes one.
    struct Maker {
        Identity owner;
        std::string web_session;
        ClientAddress client;
    };

    explicit Passkeys(Dependencies dependencies);

    /// The one made last at the end.
    async::Awaitable<DirectoryResult<std::vector<Passkey>>> list(AccountId account);

    /// What a browser is to have signed by a new one, as octets.
    std::string begin_making(const Maker& maker);
    /// Keeps one that was made so. Errors: invalid (the name; it is not what was asked for), exists (it is there already), in_use
    /// (there are kPasskeysMax), not_found (the account has changed), unavailable.
    async::Awaitable<DirectoryResult<Passkey>> add(Maker maker, std::string name, webauthn::Registration made,
                                                   webauthn::RelyingParty party);
    /// Whether there was one. Errors: in_use (the second factor in force needs the last one), unavailable.
    async::Awaitable<DirectoryResult<bool>> remove(AccountId account, std::string id);

    /// What a browser is to have signed by whichever passkey it has, to sign in with it alone.
    std::string begin_sign_in(const ClientAddress& client);
    /// Whether that was asked for so; it is not any more.
    bool end_sign_in(std::string_view challenge);
    /// Whether one of the account has signed what it must have, and why not. Notes its use.
    async::Awaitable<DirectoryResult<Result<void, webauthn::Fault>>> use(AccountId account, webauthn::Assertion shown,
                                                                         webauthn::RelyingParty party,
                                                                         webauthn::Verification verification);

private:
    Dependencies dependencies_;
    PasskeyChallenges challenges_;
};

} // namespace tegami::directory
