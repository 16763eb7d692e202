#include "app/server/smarthosts.h"

#include "disk/files.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

/// Limit: a file with a password.
constexpr std::size_t kPasswordFileBytesMax = 4096;

Result<smtp::ClientCredentials, std::string> credentials_of(const SmarthostConfig& config) {
    const auto text = disk::read_secret_file(config.password_file, kPasswordFileBytesMax);
    if (!text)
        return failure(
            fmt::format("{} (smarthost.password_file) cannot be used: {}", config.password_file, text.error()));
    smtp::ClientCredentials credentials{.user = config.user, .password = text->substr(0, text->find_first_of("\r\n"))};
    if (credentials.password.empty() || credentials.password.contains('\0'))
        return failure(fmt::format("{} (smarthost.password_file) must hold nothing but the password, in one line",
                                   config.password_file));
    return credentials;
}

} // namespace

Result<std::vector<relay::Smarthost>, std::string> smarthosts_of(const Config& config) {
    std::vector<relay::Smarthost> all;
    for (const SmarthostConfig& each : config.smarthosts()) {
        relay::Smarthost smarthost{.host = each.host,
                                   .port = each.port,
                                   .implicit_tls = each.tls == TlsMode::implicit,
                                   .domains = each.domains};
        if (!each.user.empty()) {
            TRY(smarthost.credentials, credentials_of(each));
        }
        all.push_back(std::move(smarthost));
    }
    return all;
}

} // namespace tegami::app
