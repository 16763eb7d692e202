#include "app/server/issued_certificates.h"

#include "acme/certificate.h"
#include "app/server/certificate_files.h"
#include "disk/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tegami::app {

namespace {

constexpr std::string_view kIssuedThrough = "Issued through ";
constexpr std::string_view kDomainSuffix = ".pem";
/// Limit: a chain with its key.
constexpr std::size_t kIssuedBytesMax = 1U << 20;

std::string domains_folder(const Config& config) {
    return config.data_directory + "/tls/domains";
}

} // namespace

WantedCertificate host_certificate(const Config& config) {
    WantedCertificate wanted{.names = {config.host_name}, .is_host = true};
    for (const std::string& name : config.acme.names)
        if (name != config.host_name) wanted.names.push_back(name);
    return wanted;
}

bool is_needed_beside(const Config& config, std::string_view name) {
    const net::CertificateSummary host{.names = host_certificate(config).names};
    return !host.is_for(name);
}

IssuedFacts look_at_issued(const Config& config, const WantedCertificate& wanted) {
    const std::string file =
        wanted.is_host ? certificate_files(config).certificate : domain_certificate_file(config, wanted.name());
    const auto text = disk::read_file(file, kIssuedBytesMax);
    if (!text || issued_through(*text) != config.acme.directory) return {};
    const auto read = net::summarize_certificate(*text);
    if (!read) return {};
    // A name that is not wanted any more waits for the next renewal.
    const auto has = [&](const std::string& name) { return std::ranges::find(read->names, name) != read->names.end(); };
    return {.is_right = std::ranges::all_of(wanted.names, has),
            .not_before = read->not_before,
            .not_after = read->not_after,
            .id = acme::certificate_id(*text).value_or("")};
}

std::string issued_head(std::string_view directory) {
    return fmt::format("{}{}\n", kIssuedThrough, directory);
}

std::string issued_through(std::string_view chain) {
    if (!chain.starts_with(kIssuedThrough)) return {};
    chain.remove_prefix(kIssuedThrough.size());
    return std::string(chain.substr(0, chain.find('\n')));
}

std::string issued_through(const Config& config) {
    return issued_through(disk::read_file(certificate_files(config).certificate, kIssuedBytesMax).value_or(""));
}

std::string domain_certificate_file(const Config& config, std::string_view name) {
    return fmt::format("{}/{}{}", domains_folder(config), name, kDomainSuffix);
}

Result<void, std::string> keep_domain_certificate(const Config& config, const std::string& name,
                                                  const std::string& chain, const std::string& key) {
    const std::string path = domain_certificate_file(config, name);
    const std::string fresh = path + ".new";
    std::error_code error;
    auto written = disk::make_directory(domains_folder(config), 0700);
    std::filesystem::remove(fresh, error);
    if (written) written = disk::create_file(fresh, issued_head(config.acme.directory) + chain + key, 0600);
    if (written) std::filesystem::rename(fresh, path, error);
    if (written && error) written = failure(error.message());
    if (!written) return failure(fmt::format("{} cannot be written: {}", path, written.error()));
    return {};
}

void forget_other_domains(const Config& config, const std::vector<std::string>& names) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(domains_folder(config), error))
        if (std::ranges::find(names, entry.path().stem().string()) == names.end())
            std::filesystem::remove(entry.path(), error);
}

std::vector<std::shared_ptr<const net::TlsServerContext>> issued_for_domains(const Config& config) {
    std::vector<std::shared_ptr<const net::TlsServerContext>> found;
    if (!config.acme.is_used()) return found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(domains_folder(config), error)) {
        if (entry.path().extension() != kDomainSuffix) continue;
        auto read = net::TlsServerContext::create(
            {.certificate_chain_path = entry.path(), .key_path = entry.path(), .applications = {}});
        if (read) found.push_back(*std::move(read));
    }
    return found;
}

} // namespace tegami::app
