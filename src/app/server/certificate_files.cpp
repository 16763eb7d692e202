#include "app/server/certificate_files.h"

#include "disk/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tegami::app {

namespace {

std::vector<std::string> certificate_names(const Config& config) {
    std::vector<std::string> names{config.host_name};
    const auto add = [&names](std::string name) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    };
    add(config.default_domain.ascii());
    for (const Listener& listener : config.listeners)
        if (!listener.endpoint.address.is_unspecified()) add(listener.endpoint.address.to_string());
    return names;
}

Result<std::shared_ptr<const net::TlsServerContext>, std::string> read(const TlsConfig& files) {
    auto context = net::TlsServerContext::create({.certificate_chain_path = files.certificate, .key_path = files.key});
    if (!context)
        return failure(fmt::format("the certificate {} cannot be used: {}", files.certificate, context.error()));
    return *std::move(context);
}

} // namespace

TlsConfig certificate_files(const Config& config) {
    if (!config.tls.certificate.empty()) return config.tls;
    return {.certificate = config.data_directory + "/tls/certificate.pem",
            .key = config.data_directory + "/tls/key.pem"};
}

Result<std::shared_ptr<const net::TlsServerContext>, std::string> load_certificate(const Config& config,
                                                                                   Timestamp now) {
    const TlsConfig files = certificate_files(config);
    std::error_code error;
    if (config.tls.certificate.empty() && !std::filesystem::exists(files.certificate, error)) {
        // A key without its certificate is what a crash between the two leaves.
        std::filesystem::remove(files.key, error);
        if (const auto made = disk::make_directory(config.data_directory + "/tls", 0700); !made)
            return failure(fmt::format("{}/tls cannot be made: {}", config.data_directory, made.error()));
        if (const auto made = net::create_self_signed({.names = certificate_names(config),
                                                       .certificate_path = files.certificate,
                                                       .key_path = files.key,
                                                       .now = now});
            !made)
            return failure(fmt::format("a self-signed certificate cannot be made: {}", made.error()));
    }
    return read(files);
}

Result<void, std::string> check_certificate(const Config& config) {
    const TlsConfig files = certificate_files(config);
    std::error_code error;
    if (config.tls.certificate.empty() && !std::filesystem::exists(files.certificate, error)) return {};
    const auto context = read(files);
    if (!context) return failure(context.error());
    return {};
}

} // namespace tegami::app
