// The configuration: what `tegami.toml` can say, and its defaults. docs/configuration.md explains every key.
//
// 1. Reading never stops at the first fault: all of them are reported, each with file, line, key, what is wrong and
//    what would be right. An unknown key is a fault.
// 2. A Config that was returned is complete and consistent: paths are absolute, no listener contradicts another.
#pragma once

#include "acme/challenge.h"
#include "base/ip_address.h"
#include "base/log.h"
#include "base/result.h"
#include "message/domain.h"
#include "net/address.h"
#include "net/tls_mode.h"
#include "protocol/dns_update/tsig.h"
#include "protocol/sasl/server.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

enum class Service : std::uint8_t { smtp, submission, submissions, pop3, pop3s, imap, imaps, https, http, metrics };

inline constexpr std::size_t kServiceCount = 10;

using net::TlsMode;

struct Listener {
    Service service = Service::smtp;
    net::Endpoint endpoint;
    TlsMode tls = TlsMode::starttls;
    /// Logins that show the password are offered without TLS too; possible on loopback addresses only.
    bool password_without_tls = false;
    /// Every connection begins with a header of the PROXY protocol, and comes from one of `trusted_proxies`.
    bool proxy_protocol = false;

    bool operator==(const Listener&) const = default;
};

enum class ResolverMode : std::uint8_t {
    system,    ///< the servers of /etc/resolv.conf
    recursive, ///< our own recursion from the root
    servers,   ///< the servers listed
};

struct ResolverConfig {
    ResolverMode mode = ResolverMode::system;
    std::vector<net::Endpoint> servers;
    /// File with the root's DNSSEC key; empty: answers are not validated.
    std::string trust_anchor;

    bool operator==(const ResolverConfig&) const = default;
};

/// Where records of our domains are changed (RFC 2136). All of it is there, or the server is not.
struct DnsUpdateConfig {
    std::optional<net::Endpoint> server; ///< the primary name server; nothing: people publish the records
    dns::Name key_name;
    dns::TsigAlgorithm algorithm = dns::TsigAlgorithm::hmac_sha256;
    std::string secret_file; ///< the secret in base64; it is read when it is used

    bool operator==(const DnsUpdateConfig&) const = default;
};

/// PEM files: a chain, the server's own certificate first, and its key.
struct CertificateFiles {
    std::string certificate;
    std::string key;

    bool operator==(const CertificateFiles&) const = default;
};

struct TlsConfig {
    /// PEM files. Both empty: the server's own in the data directory, made on first start.
    std::string certificate;
    std::string key;
    /// For clients that ask for a host which only one of these is for (SNI).
    std::vector<CertificateFiles> others{};

    bool operator==(const TlsConfig&) const = default;
};

/// An authority that gives certificates by itself (RFC 8555).
struct AcmeConfig {
    std::string directory; ///< address of what it offers; empty: there is none
    bool terms_agreed = false;
    std::string contact; ///< an address of e-mail, or empty
    acme::ChallengeKind challenge = acme::ChallengeKind::http;
    std::vector<std::string> names;    ///< that the certificate is for besides `host_name`; A-labels, perhaps wildcards
    std::string authorities;           ///< PEM file with who proves the authority's server; empty: those of the system
    std::string external_account;      ///< an account that it gave out by other ways; empty: none
    std::string external_account_file; ///< its secret in base64url; it is read when it is used

    bool is_used() const { return !directory.empty(); }

    bool operator==(const AcmeConfig&) const = default;
};

struct LimitsConfig {
    std::uint64_t message_bytes = 50ULL << 20;
    std::uint32_t recipients = 1000; ///< of one message
    std::uint32_t connections = 10'000;
    std::uint32_t connections_per_address = 100; ///< loopback is not counted

    bool operator==(const LimitsConfig&) const = default;
};

struct LoginConfig {
    std::vector<std::string> mechanisms = sasl::usual_mechanisms();

    bool operator==(const LoginConfig&) const = default;
};

/// Ports of other domains' servers; other ones than these only where servers are tried out without root.
struct RelayConfig {
    std::uint16_t port = 25;
    std::uint16_t policy_port = 443; ///< of the servers with policies of MTA-STS
    bool operator==(const RelayConfig&) const = default;
};

/// A server that passes on what this one sends.
struct SmarthostConfig {
    std::string host; ///< its name, in A-labels; empty: there is none
    std::uint16_t port = 587;
    TlsMode tls = TlsMode::starttls;
    std::string user;
    std::string password_file;         ///< nothing but the password; it is read at the start
    std::set<message::Domain> domains; ///< of the senders; empty: of all

    bool operator==(const SmarthostConfig&) const = default;
};

struct QueueConfig {
    std::chrono::seconds first_retry = std::chrono::minutes(5);
    std::chrono::seconds longest_retry = std::chrono::hours(4);
    std::chrono::seconds expiry = std::chrono::days(5);

    bool operator==(const QueueConfig&) const = default;
};

struct ReportsConfig {
    bool send = true; ///< to domains that ask for them (RFC 9990, RFC 8460)

    bool operator==(const ReportsConfig&) const = default;
};

struct WebConfig {
    bool second_factor_for_roles = false; ///< whoever has a role must have one
    bool pictures = true;                 ///< that letters name are fetched for those who read them
    /// From where accounts may administer over HTTPS; none: nobody does.
    std::vector<IpNetwork> administration_from{*IpNetwork::parse("0.0.0.0/0"), *IpNetwork::parse("::/0")};

    bool operator==(const WebConfig&) const = default;
};

struct RetentionConfig {
    std::uint32_t journeys_days = 30;
    std::uint32_t expunged_days = 30;
    std::uint32_t audit_days = 365;

    bool operator==(const RetentionConfig&) const = default;
};

struct StoreConfig {
    std::uint64_t segment_bytes = 256ULL << 20; ///< a segment takes no more records beyond this
    std::chrono::seconds collect_interval = std::chrono::minutes(1);

    bool operator==(const StoreConfig&) const = default;
};

struct Config {
    std::string file; ///< absolute path of the file it came from
    std::string host_name;
    message::Domain default_domain = *message::Domain::parse("localhost");
    std::string data_directory; ///< absolute
    std::uint64_t memory_budget_bytes = 512ULL << 20;
    /// The only folders outside of the data directory in which the running server writes: backups.
    std::vector<std::string> backup_directories;
    /// Clients that may relay without logging in.
    std::vector<IpNetwork> trusted_networks;
    /// Whose word is taken about the client that they connect or ask for.
    std::vector<IpNetwork> trusted_proxies;
    /// The operator has confirmed that some of them are a large part of the Internet.
    bool trust_wide_networks = false;
    /// Whose word on a letter that they passed on is taken (ARC).
    std::set<message::Domain> trusted_sealers;
    bool received_spf = false; ///< what SPF found has a field of its own
    std::vector<Listener> listeners;
    TlsConfig tls;
    AcmeConfig acme;
    ResolverConfig resolver;
    DnsUpdateConfig dns_update;
    LimitsConfig limits;
    LoginConfig login;
    QueueConfig queue;
    RelayConfig relay;
    SmarthostConfig smarthost;
    std::vector<SmarthostConfig> other_smarthosts; ///< each for domains of its own

    /// All there are.
    std::vector<SmarthostConfig> smarthosts() const;

    ReportsConfig reports;
    WebConfig web;
    RetentionConfig retention;
    StoreConfig store;
    LogOptions log;

    /// Where the running server listens for the command line.
    std::string admin_socket() const { return data_directory + "/admin.sock"; }

    bool operator==(const Config&) const = default;
};

/// One fault of a configuration file.
struct ConfigProblem {
    std::uint32_t line = 0; ///< 0: the file as a whole
    std::string key;        ///< such as `queue.expiry`; empty for syntax errors
    std::string message;    ///< what is wrong and what would be right

    /// `FILE:LINE: KEY: MESSAGE`.
    std::string to_string(std::string_view file) const;

    bool operator==(const ConfigProblem&) const = default;
};

using ConfigResult = Result<Config, std::vector<ConfigProblem>>;

/// Reads configuration text; `file` (absolute path) is for messages and to resolve relative paths.
ConfigResult parse_config(std::string_view text, const std::string& file);

/// Reads the file; a file that cannot be read is one problem.
ConfigResult load_config(const std::string& path);

/// The commented file that `tegami init` writes: every key with its meaning and default.
std::string default_config_text(const message::Domain& domain, const std::vector<std::string>& listen_addresses,
                                std::uint16_t port_offset);

/// Every key that the parser knows, such as `queue.expiry`; `listen.SERVICE.port` stands for that of each service.
std::vector<std::string> known_config_keys();

/// What differs between two configurations, as key names: what a
/// running server can change now, and what only a restart changes.
struct ConfigDifference {
    std::vector<std::string> live;
    std::vector<std::string> restart;
};

ConfigDifference compare_configs(const Config& before, const Config& after);

std::string_view name_of(Service service);
std::string_view name_of(TlsMode mode);

} // namespace tegami::app
