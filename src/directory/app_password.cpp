#include "directory/app_password.h"

#include "base/ascii.h"
#include "message/utf8.h"
#include "protocol/sasl/scram.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::directory {

namespace {

/// Without i, l and o, which people confuse when they copy by hand.
constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz";
constexpr std::size_t kGroups = 5;
constexpr std::size_t kGroupLetters = 6;
constexpr std::string_view kTokenPrefix = "tegami_";

/// What a token has: the account's number as it is written, and its letters.
std::optional<std::pair<std::string_view, std::string_view>> parts_of_token(std::string_view shown) {
    if (!shown.starts_with(kTokenPrefix)) return std::nullopt;
    shown.remove_prefix(kTokenPrefix.size());
    const std::size_t end = shown.find('_');
    if (end == std::string_view::npos) return std::nullopt;
    return std::pair(shown.substr(0, end), shown.substr(end + 1));
}

} // namespace

std::string_view word_of(LoginService service) {
    switch (service) {
    case LoginService::imap: return "imap";
    case LoginService::pop3: return "pop3";
    case LoginService::submission: return "submission";
    case LoginService::jmap: return "jmap";
    case LoginService::api: return "api";
    case LoginService::web: break;
    }
    return "web";
}

std::optional<LoginService> find_app_password_service(std::string_view word) {
    const auto* const found = std::ranges::find(kAppPasswordServices, word, word_of);
    return found == kAppPasswordServices.end() ? std::nullopt : std::optional(*found);
}

bool AppPasswordWish::is_token() const {
    return std::ranges::all_of(
        services, [](LoginService service) { return service == LoginService::jmap || service == LoginService::api; });
}

std::optional<Error> check_wish(const AppPasswordWish& wish) {
    const auto invalid = [](std::string message) {
        return Error{.code = ErrorCode::invalid, .message = std::move(message)};
    };
    if (wish.name.empty()) return invalid("an app password needs a name");
    if (wish.name.size() > kAppPasswordNameBytesMax)
        return invalid(fmt::format("the name is longer than {} octets", kAppPasswordNameBytesMax));
    if (!message::is_utf8(wish.name) || std::ranges::any_of(wish.name, ascii::is_control))
        return invalid("the name must be UTF-8 text without control characters");
    if (wish.services.empty()) return invalid("an app password needs a protocol that it is for");
    if (wish.services.contains(LoginService::api) && !wish.is_token())
        return invalid("what opens the administration (api) opens nothing else but jmap");
    if (wish.networks.size() > kAppPasswordNetworksMax)
        return invalid(fmt::format("an app password can have {} networks", kAppPasswordNetworksMax));
    return std::nullopt;
}

std::string generate_app_password(const AppPasswordWish& wish, AccountId account, RandomSource& random) {
    const bool is_token = wish.is_token();
    std::string password = is_token ? fmt::format("{}{}_", kTokenPrefix, account.value) : std::string();
    for (std::size_t at = 0; at < kGroups * kGroupLetters; ++at) {
        if (!is_token && at != 0 && at % kGroupLetters == 0) password += '-';
        password += kLetters[random.below(kLetters.size())];
    }
    return password;
}

std::optional<AccountId> account_of_access_token(std::string_view shown) {
    const auto parts = parts_of_token(shown);
    const auto number = parts ? ascii::parse_number<std::uint64_t>(parts->first) : std::nullopt;
    return number ? std::optional(AccountId(*number)) : std::nullopt;
}

std::optional<std::string> app_password_letters(std::string_view shown) {
    if (const auto parts = parts_of_token(shown)) shown = parts->second;
    std::string letters;
    for (const char each : ascii::lower(shown)) {
        if (each == ' ' || each == '-') continue;
        if (!kLetters.contains(each) || letters.size() == kGroups * kGroupLetters) return std::nullopt;
        letters += each;
    }
    if (letters.size() != kGroups * kGroupLetters) return std::nullopt;
    return letters;
}

std::string hash_app_password(std::string_view salt, std::string_view letters) {
    return sasl::hmac_sha256(salt, letters);
}

std::string_view why_refused(const AppPassword& password, const LoginClient& client) {
    if (!password.wish.services.contains(client.service)) return "wrong-protocol";
    if (password.wish.networks.empty()) return {};
    const auto address = IpAddress::parse(client.address);
    const bool inside = address && std::ranges::any_of(password.wish.networks, [&](const IpNetwork& network) {
                            return network.contains(*address);
                        });
    return inside ? std::string_view() : "wrong-network";
}

} // namespace tegami::directory
