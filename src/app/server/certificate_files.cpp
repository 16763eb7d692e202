#include "app/server/certificate_files.h"

#include "app/server/issued_certificates.h"
#include "app/server/mail_offer.h"
#include "base/ascii.h"
#include "disk/files.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

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

/// Limit: a file with a certificate chain or a key.
constexpr std::size_t kPemBytesMax = 1U << 20;
constexpr auto kEndsSoon = std::chrono::days(14);
/// Of a certificate of an authority, which may live for a few days: the sixth part. A renewal that works comes when there
/// is a third left.
constexpr int kEndsSoonPart = 6;
/// Limit: names of a certificate that a sentence lists.
constexpr std::size_t kNamesShown = 5;

/// Says better than the TLS library why a file is of no use.
Result<void, std::string> check_pem(const std::string& path, std::string_view what, std::string_view label) {
    const auto text = disk::read_file(path, kPemBytesMax);
    if (!text) return failure(fmt::format("the {} {} cannot be read: {}", what, path, text.error()));
    if (!text->contains(label)) return failure(fmt::format("{0}: there is no {1} in PEM form in it", path, what));
    if (text->contains("BEGIN ENCRYPTED PRIVATE KEY") || text->contains("Proc-Type: 4,ENCRYPTED"))
        return failure(fmt::format("{}: the key is encrypted, and nobody is there to type its passphrase: keep it "
                                   "without one",
                                   path));
    return {};
}

Result<void, std::string> check_files(const CertificateFiles& files) {
    TRY_VOID(check_pem(files.certificate, "certificate", "CERTIFICATE-----"));
    return check_pem(files.key, "private key", "PRIVATE KEY-----");
}

Result<std::shared_ptr<const net::TlsServerContext>, std::string> read(const Config& config) {
    const TlsConfig files = certificate_files(config);
    net::TlsServerOptions options{
        .certificate_chain_path = files.certificate, .key_path = files.key, .applications = {}};
    TRY_VOID(check_files({.certificate = files.certificate, .key = files.key}));
    for (const CertificateFiles& other : config.tls.others) {
        TRY_VOID(check_files(other));
        TRY(auto read, net::TlsServerContext::create(
                           {.certificate_chain_path = other.certificate, .key_path = other.key, .applications = {}}));
        options.others.push_back(std::move(read));
    }
    std::ranges::move(issued_for_domains(config), std::back_inserter(options.others));
    return net::TlsServerContext::create(std::move(options));
}

std::string authority_file(const Config& config) {
    return config.data_directory + "/tls/ca.pem";
}

/// Writes the authority at the end of our own chain to a file of its own, if that is not there: Thunderbird imports
/// what a file begins with. Backups have the chain alone.
Result<void, std::string> show_authority(const Config& config) {
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    const std::string path = authority_file(config);
    std::error_code error;
    if (std::filesystem::exists(path, error)) return {};
    TRY(const std::string chain, disk::read_file(certificate_files(config).certificate, kPemBytesMax));
    const auto last = chain.rfind(kBegin);
    // Behind a certificate from elsewhere there is no authority of ours.
    if (!issued_through(chain).empty()) return {};
    if (last == chain.find(kBegin)) return {}; // no authority: somebody put a certificate there that signed itself
    if (const auto written = disk::create_file(path, chain.substr(last), 0644); !written)
        return failure(fmt::format("{} cannot be written: {}", path, written.error()));
    return {};
}

/// What lies beside the certificate in use takes its place; the next key that of its key, if it is for that.
Result<void, std::string> put_in_place(const Config& config, CertificateKey key) {
    const TlsConfig files = certificate_files(config);
    std::error_code error;
    std::filesystem::remove(authority_file(config), error);
    if (key == CertificateKey::next) {
        // Never a certificate beside another one's key: a start without a certificate ends this, or makes one for the
        // next key.
        std::filesystem::remove(files.certificate, error);
        std::filesystem::rename(next_key_file(config), files.key, error);
        if (error) return failure(fmt::format("{} cannot be written: {}", files.key, error.message()));
    }
    std::filesystem::rename(files.certificate + ".new", files.certificate, error);
    if (error) return failure(fmt::format("{} cannot be written: {}", files.certificate, error.message()));
    return {};
}

/// Whether a crash has left a certificate for the key beside the place where it belongs.
bool has_come_beside(const TlsConfig& files) {
    const auto made = net::TlsServerContext::create(
        {.certificate_chain_path = files.certificate + ".new", .key_path = files.key, .applications = {}});
    return made.has_value();
}

std::string announced_keys_file(const Config& config) {
    return config.data_directory + "/tls/announced-keys";
}

std::string day_of(Timestamp time) {
    return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string listed(const std::vector<std::string>& names) {
    const std::size_t shown = std::min(names.size(), kNamesShown);
    const std::size_t more = names.size() - shown;
    return fmt::format("{}{}", fmt::join(names.begin(), names.begin() + static_cast<long>(shown), ", "),
                       more == 0 ? "" : fmt::format(" and {} more", more));
}

Result<void, std::string> make_tls_folder(const Config& config) {
    if (const auto made = disk::make_directory(config.data_directory + "/tls", 0700); !made)
        return failure(fmt::format("{}/tls cannot be made: {}", config.data_directory, made.error()));
    return {};
}

} // namespace

std::string next_key_file(const Config& config) {
    return config.data_directory + "/tls/next-key.pem";
}

Result<std::string, std::string> keep_next_key(const Config& config, const net::CertificateSummary& in_use) {
    const std::string path = next_key_file(config);
    std::error_code error;
    auto known = net::sha256_of_key(path);
    if (known && *known != in_use.sha256_of_key) return *std::move(known);
    // Whose certificate lies beside the key itself keeps it.
    if (known && std::filesystem::equivalent(path, certificate_files(config).key, error)) return *std::move(known);
    if (!known && std::filesystem::exists(path, error))
        return failure(fmt::format("the key of the next certificate, {}, cannot be used: {}. If its TLSA record is "
                                   "published, bring it back; else remove it, and another is made",
                                   path, known.error()));
    TRY_VOID(make_tls_folder(config));
    std::filesystem::remove(path, error);
    if (const auto made = net::create_key(path); !made)
        return failure(fmt::format("the key of the next certificate cannot be made: {}", made.error()));
    return net::sha256_of_key(path);
}

std::vector<std::string> announced_keys(const Config& config) {
    std::vector<std::string> keys;
    const auto text = disk::read_file(announced_keys_file(config), kPemBytesMax);
    for (const std::string_view line : ascii::split(text.value_or(""), '\n'))
        if (!line.empty()) keys.emplace_back(line);
    return keys;
}

Result<void, std::string> note_announced_keys(const Config& config, const std::vector<std::string>& keys) {
    const std::string path = announced_keys_file(config);
    const std::string fresh = path + ".new";
    TRY_VOID(make_tls_folder(config));
    std::error_code error;
    std::filesystem::remove(fresh, error);
    auto written = disk::create_file(fresh, fmt::format("{}\n", fmt::join(keys, "\n")), 0644);
    if (written) std::filesystem::rename(fresh, path, error);
    if (written && error) written = failure(error.message());
    if (!written) return failure(fmt::format("{} cannot be written: {}", path, written.error()));
    return {};
}

Result<std::shared_ptr<const net::TlsServerContext>, std::string> renew_certificate(const Config& config, Timestamp now,
                                                                                    CertificateKey key) {
    const TlsConfig files = certificate_files(config);
    const std::string fresh = files.certificate + ".new";
    const std::string key_path = key == CertificateKey::next ? next_key_file(config) : files.key;
    TRY_VOID(net::sha256_of_key(key_path));
    std::error_code error;
    std::filesystem::remove(fresh, error);
    if (const auto made = net::create_own_certificate(
            {.names = certificate_names(config), .certificate_chain_path = fresh, .key_path = key_path, .now = now});
        !made)
        return failure(fmt::format("a certificate cannot be made: {}", made.error()));
    TRY_VOID(put_in_place(config, key));
    TRY_VOID(show_authority(config));
    return read(config);
}

Result<std::shared_ptr<const net::TlsServerContext>, std::string>
install_certificate(const Config& config, const std::string& chain, CertificateKey key) {
    const std::string fresh = certificate_files(config).certificate + ".new";
    const std::string key_path = key == CertificateKey::next ? next_key_file(config) : certificate_files(config).key;
    std::error_code error;
    std::filesystem::remove(fresh, error);
    const std::string text = issued_head(config.acme.directory) + chain;
    if (const auto written = disk::create_file(fresh, text, 0644); !written)
        return failure(fmt::format("{} cannot be written: {}", fresh, written.error()));
    // Before the one in use makes way: is it good beside its key?
    TRY_VOID(
        net::TlsServerContext::create({.certificate_chain_path = fresh, .key_path = key_path, .applications = {}}));
    TRY_VOID(put_in_place(config, key));
    return read(config);
}

std::vector<std::string> policy_hosts(const Config& config, const directory::DomainTable& domains) {
    std::vector<std::string> hosts;
    const bool serves = mail_offer(config).https_port.has_value();
    for (const auto& [name, domain] : domains)
        if (serves && domain.sts_mode != tls_policy::StsMode::none) hosts.push_back("mta-sts." + name.ascii());
    return hosts;
}

std::vector<std::string> settings_hosts(const Config& config, const directory::DomainTable& domains) {
    std::vector<std::string> hosts;
    const discovery::Offer offer = mail_offer(config);
    if (!offer.https_port || offer.services.empty()) return hosts;
    for (const auto& [name, domain] : domains)
        for (const std::string_view prefix : {discovery::kAutoconfigHost, discovery::kAutodiscoverHost})
            hosts.push_back(std::string(prefix) + name.ascii());
    return hosts;
}

TlsConfig certificate_files(const Config& config) {
    if (!config.tls.certificate.empty()) return {.certificate = config.tls.certificate, .key = config.tls.key};
    return {.certificate = config.data_directory + "/tls/certificate.pem",
            .key = config.data_directory + "/tls/key.pem"};
}

Result<std::shared_ptr<const net::TlsServerContext>, std::string> load_certificate(const Config& config,
                                                                                   Timestamp now) {
    const TlsConfig files = certificate_files(config);
    std::error_code error;
    if (!config.tls.certificate.empty()) return read(config);
    if (!std::filesystem::exists(files.certificate, error)) {
        TRY_VOID(make_tls_folder(config));
        std::filesystem::remove(authority_file(config), error);
        std::filesystem::rename(next_key_file(config), files.key, error);
        // A key without its certificate is what a crash between the two leaves: good, unless it is a part of one.
        if (!net::sha256_of_key(files.key)) std::filesystem::remove(files.key, error);
        if (has_come_beside(files)) {
            TRY_VOID(put_in_place(config, CertificateKey::same));
            TRY_VOID(show_authority(config));
            return read(config);
        }
        if (const auto made = net::create_own_certificate({.names = certificate_names(config),
                                                           .certificate_chain_path = files.certificate,
                                                           .key_path = files.key,
                                                           .now = now});
            !made)
            return failure(fmt::format("a certificate cannot be made: {}", made.error()));
    }
    TRY_VOID(show_authority(config));
    return read(config);
}

Result<std::vector<std::string>, std::string> check_certificate(const Config& config, Timestamp now) {
    const TlsConfig files = certificate_files(config);
    std::error_code error;
    if (config.tls.certificate.empty() && !std::filesystem::exists(files.certificate, error) && !error)
        return std::vector<std::string>();
    TRY(const auto context, read(config));
    return certificate_warnings(config, context->certificate(), now);
}

std::vector<std::string> certificate_warnings(const Config& config, const net::CertificateSummary& certificate,
                                              Timestamp now, const std::vector<std::string>& policy_hosts) {
    const std::string what = fmt::format("the certificate {}", certificate_files(config).certificate);
    const Duration sixth = (certificate.not_after - certificate.not_before) / kEndsSoonPart;
    const Duration soon = config.acme.is_used() ? std::min<Duration>(kEndsSoon, sixth) : Duration(kEndsSoon);
    std::vector<std::string> warnings;
    if (certificate.not_after <= now)
        warnings.push_back(fmt::format("{} ended on {}: mail programs refuse it", what, day_of(certificate.not_after)));
    else if (certificate.not_after <= now + soon)
        warnings.push_back(fmt::format("{} ends on {}", what, day_of(certificate.not_after)));
    if (certificate.not_before > now)
        warnings.push_back(
            fmt::format("{} is not valid before {}: mail programs refuse it", what, day_of(certificate.not_before)));
    const bool for_us = certificate.is_for(config.host_name);
    if (certificate.names.empty())
        warnings.push_back(fmt::format("{} names no server: mail programs refuse it", what));
    else if (!for_us)
        warnings.push_back(fmt::format("{} is for {}, not for {} (host_name): mail programs that connect to that name "
                                       "refuse it",
                                       what, listed(certificate.names), config.host_name));
    std::vector<std::string> missing = policy_hosts;
    std::erase_if(missing, [&](const std::string& host) { return certificate.is_for(host); });
    // One of the server's own convinces no other server, whatever it names.
    if (!config.tls.certificate.empty() && !missing.empty())
        warnings.push_back(fmt::format("{} does not name {}: other servers cannot fetch the policies of these domains "
                                       "(MTA-STS)",
                                       what, listed(missing)));
    return warnings;
}

} // namespace tegami::app
