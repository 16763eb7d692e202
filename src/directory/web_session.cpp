#include "directory/web_session.h"

#include "base/ascii.h"
#include "protocol/sasl/scram.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::directory {

namespace {

/// 258 bits.
constexpr std::size_t kSecretLength = 50;

} // namespace

std::uint64_t day_of(Timestamp moment) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::days>(moment).time_since_epoch().count());
}

std::string new_web_token(AccountId account, RandomSource& random) {
    return fmt::format("{}.{}", account.value, random.token(kSecretLength));
}

std::optional<AccountId> account_of_token(std::string_view token) {
    const auto dot = token.find('.');
    if (dot == std::string_view::npos || token.size() - dot - 1 != kSecretLength) return std::nullopt;
    const auto is_of_secret = [](char c) { return ascii::is_lower(c) || ascii::is_digit(c); };
    if (!std::ranges::all_of(token.substr(dot + 1), is_of_secret)) return std::nullopt;
    const auto number = ascii::parse_number<std::uint64_t>(token.substr(0, dot));
    return number ? std::optional(AccountId(*number)) : std::nullopt;
}

std::string hash_of_token(std::string_view token) {
    return sasl::sha256(token);
}

bool is_over(const WebSession& session, Timestamp now) {
    return day_of(now) >= session.day + static_cast<std::uint64_t>(kWebSessionTime.count());
}

bool is_token_of(const WebSession& session, std::string_view hash) {
    return hash == session.hash || (!session.hash_before.empty() && hash == session.hash_before);
}

bool note_use(WebSession& session, std::string_view hash, Timestamp now) {
    const std::uint64_t today = day_of(now);
    bool changed = std::exchange(session.day, today) != today;
    if (hash == session.hash && !session.hash_before.empty() && now >= session.replaced + kWebTokenGrace) {
        session.hash_before.clear();
        changed = true;
    }
    return changed;
}

bool replace_token(WebSession& session, std::string_view hash, std::string_view new_hash, Timestamp now) {
    const bool is_current = hash == session.hash;
    // With the one before, the new one has got lost; unless it is only on its way.
    if (now < session.replaced + (is_current ? Duration(kWebTokenTime) : Duration(kWebTokenGrace))) return false;
    if (is_current) session.hash_before = session.hash;
    session.hash = new_hash;
    session.replaced = now;
    return true;
}

} // namespace tegami::directory
