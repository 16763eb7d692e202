#include "app/server/dns_update.h"

#include "base/base64.h"
#include "disk/files.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

/// Limit: a file with a secret in base64.
constexpr std::size_t kSecretFileBytesMax = 4096;

Result<std::string, std::string> read_secret(const std::string& path) {
    const auto text = disk::read_secret_file(path, kSecretFileBytesMax);
    if (!text) return failure(fmt::format("{} (dns_update.secret_file) cannot be used: {}", path, text.error()));
    const auto end = text->find_last_not_of(" \t\r\n");
    auto secret = base64::decode(std::string_view(*text).substr(0, end == std::string::npos ? 0 : end + 1));
    if (!secret || secret->empty())
        return failure(fmt::format("{} (dns_update.secret_file) must hold nothing but the secret in base64", path));
    return *std::move(secret);
}

} // namespace

NewPrimary new_primary(const DnsUpdateConfig& config, net::DnsPrimary::Dependencies dependencies) {
    if (!config.server) return {};
    return [&config, dependencies]() -> Result<std::unique_ptr<net::DnsPrimary>, std::string> {
        TRY(std::string secret, read_secret(config.secret_file));
        return std::make_unique<net::DnsPrimary>(
            dependencies,
            net::DnsPrimarySettings{
                .server = *config.server,
                .key = {.name = config.key_name, .algorithm = config.algorithm, .secret = std::move(secret)}});
    };
}

} // namespace tegami::app
