// Somebody who is signed in to the web face: one of the sessions of an account, and what becomes of it. Pure.
//
// 1. Of a token only its hash is kept. A token is 256 bits of chance: whoever has one knows nothing of another.
// 2. A token is replaced after a day. The one before counts until the new one has been used, since an answer can be lost, and for
//    a minute after it was replaced, since requests may be under way with it.
// 3. A session that nobody has used for kWebSessionTime is over.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "directory/types.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

/// Limit: sessions of one account; the one used longest ago gives way.
inline constexpr std::size_t kWebSessionsMax = 32;
inline constexpr auto kWebSessionTime = std::chrono::days(30);
/// How old a token is that is replaced.
inline constexpr auto kWebTokenTime = std::chrono::days(1);
/// How long requests with a token that was replaced may still come.
inline constexpr auto kWebTokenGrace = std::chrono::minutes(1);
/// Limit: octets kept of what a browser calls itself.
inline constexpr std::size_t kWebAgentBytesMax = 256;

struct WebSession {
    std::string id;          ///< what people call it by; not secret
    std::string hash;        ///< of its token
    std::string hash_before; ///< of the token that this one replaced, as long as that counts; empty: none
    Timestamp since{};
    Timestamp replaced{};  ///< when its token was made
    std::uint64_t day = 0; ///< of the last use, since 1970
    std::string client;    ///< the address that it was begun from
    std::string agent;     ///< what the browser called itself then

    bool operator==(const WebSession&) const = default;
};

/// The day of a moment, since 1970.
std::uint64_t day_of(Timestamp moment);

/// A token of the account's.
std::string new_web_token(AccountId account, RandomSource& random);
/// The account that a token says it is of; nothing if it has not the form of one.
std::optional<AccountId> account_of_token(std::string_view token);
/// What is kept of it.
std::string hash_of_token(std::string_view token);

bool is_over(const WebSession& session, Timestamp now);
/// Whether the token with this hash counts.
bool is_token_of(const WebSession& session, std::string_view hash);
/// Notes that the token was used; whether there is something new to keep, which is seldom.
bool note_use(WebSession& session, std::string_view hash, Timestamp now);
/// Puts `new_hash` in the place of the token with `hash` if that is old enough; whether it was.
bool replace_token(WebSession& session, std::string_view hash, std::string_view new_hash, Timestamp now);

} // namespace tegami::directory
