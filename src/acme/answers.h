// What an authority answers, read within limits (RFC 8555 §7.1).
#pragma once

#include "acme/challenge.h"
#include "acme/problem.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::acme {

/// Limit: names of one certificate, as authorities have it.
inline constexpr std::size_t kNamesMax = 100;
/// Limit: octets of an answer; a chain of certificates is the longest.
inline constexpr std::size_t kAnswerBytesMax = 256 * 1024;
/// Limit: challenges of one name.
inline constexpr std::size_t kChallengesMax = 20;

// Errors below are a few words: what is wrong with the answer. All addresses have been checked by parse_url().

struct Directory {
    std::string new_nonce;
    std::string new_account;
    std::string new_order;
    std::string renewal_info; ///< empty: the authority does not say when to renew (RFC 9773)
    std::string terms;        ///< where they are to be read; empty: there are none
    bool needs_external_account = false;
};

Result<Directory, std::string> parse_directory(std::string_view body);

/// The contacts of an account (RFC 8555 §7.1.2), such as "mailto:a@example.org"; none if the answer does not say.
std::vector<std::string> parse_contacts(std::string_view body);

enum class Status : std::uint8_t { pending, processing, ready, valid, invalid };

struct Order {
    Status status = Status::pending;
    std::vector<std::string> authorizations;
    std::string finalize;
    std::string certificate; ///< empty: it is not there yet
    std::optional<Problem> problem;
};

Result<Order, std::string> parse_order(std::string_view body);

struct Challenge {
    std::string kind; ///< as the authority calls it
    std::string url;
    std::string token;
    std::optional<Problem> problem;
};

/// How far the authority is with one name.
struct Authorization {
    std::string name;
    Status status = Status::pending;
    std::vector<Challenge> challenges;
};

Result<Authorization, std::string> parse_authorization(std::string_view body);

} // namespace tegami::acme
