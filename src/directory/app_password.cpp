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

} // namespace

std::string_view word_of(LoginService service) {
    switch (service) {
    case LoginService::imap: return "imap";
    case LoginService::pop3: return "pop3";
    case LoginService::submission: return "submission";
    case LoginService::jmap: return "jmap";
    case LoginService::web: break;
    }
    return "web";
}

std::optional<LoginService> find_app_password_service(std::string_view word) {
    const auto* const found = std::ranges::find(kAppPasswordServices, word, word_of);
    return found == kAppPasswordServices.end() ? std::nullopt : std::optional(*found);
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
    if (wish.networks.size() > kAppPasswordNetworksMax)
        return invalid(fmt::format("an app password can have {} networks", kAppPasswordNetworksMax));
    return std::nullopt;
}

std::string generate_app_password(RandomSource& random) {
    std::string password;
    for (std::size_t at = 0; at < kGroups * kGroupLetters; ++at) {
        if (at != 0 && at % kGroupLetters == 0) password += '-';
        password += kLetters[random.below(kLetters.size())];
    }
    return password;
}

std::optional<std::string> app_password_letters(std::string_view shown) {
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
