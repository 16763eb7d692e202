// The configuration file that `tegami init` writes. Its values are the defaults of config.h: a test reads it back.
#include "app/configuration/config.h"

#include "app/configuration/units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace tegami::app {

namespace {

struct DefaultListener {
    Service service;
    std::uint16_t port;
    TlsMode tls;
    std::string_view comment;
};

constexpr std::array kListeners{
    DefaultListener{Service::smtp, 25, TlsMode::starttls, "Mail from other servers."},
    DefaultListener{Service::submission, 587, TlsMode::starttls, "Mail programs send here, switching to TLS first."},
    DefaultListener{Service::submissions, 465, TlsMode::implicit, "Mail programs send here, TLS from the start."},
    DefaultListener{Service::pop3, 110, TlsMode::starttls, "Mail programs fetch mail here, switching to TLS first."},
    DefaultListener{Service::pop3s, 995, TlsMode::implicit, "Mail programs fetch mail here, TLS from the start."},
    DefaultListener{Service::imap, 143, TlsMode::starttls, "Mail programs read mail here, switching to TLS first."},
    DefaultListener{Service::imaps, 993, TlsMode::implicit, "Mail programs read mail here, TLS from the start."},
    DefaultListener{Service::https, 443, TlsMode::implicit,
                    "The web mail and JMAP; and other servers fetch the policies of the domains here (MTA-STS)."},
};

constexpr std::string_view kHead =
    R"(# Configuration of Tegami. Every key there is stands here with its default; docs/configuration.md says more.
# Sizes: "512KiB", "50MiB", "2GiB". Times: "30s", "5min", "4h", "5d". Relative paths start at this file's folder.
# After a change: tegami check-config, then tegami reload (it says what needs a restart).

# The full name of this server in the DNS. Other servers see it in the greeting and in trace headers.
host_name = "{host_name}"

# Users of this domain may log in with their name alone; all others with the full address.
default_domain = "{domain}"

# Where all mail, accounts and the queue are kept. Nothing else may write there.
data_directory = "data"

# How much memory the server may use for itself. At the limit new connections are turned away, running ones go on.
memory_budget = "{memory_budget}"

# Folders, such as ["/mnt/backup/mail"], in which the server may make backups (tegami backup) and read them; they and all
# below them. It can write nowhere else but in the data directory. They must be there, and mounted, when it starts.
backup_directories = []

# Clients in these networks may send mail to anywhere without logging in, such as ["192.0.2.0/24", "2001:db8::/32"].
trusted_networks = []

# Confirms networks there that hold a large part of the Internet (shorter than /8, or /16 of IPv6).
trust_wide_networks = false

# Servers that pass letters on (mailing lists, forwarders) and seal them (ARC), by the domain of the seal, such as
# ["lists.example.org"]: what they found right is not refused because it was changed on the way.
trusted_sealers = []

# Proxies and load balancers in front of this server, such as ["192.0.2.10"], whose word about the client is taken: of
# services with proxy_protocol (below), and in the fields Forwarded and X-Forwarded-For of those who speak HTTP.
trusted_proxies = []

# Puts what SPF found into a field Received-SPF, too, for programs that read no Authentication-Results.
received_spf = false

[tls]
# Certificate chain and private key, PEM files. Without them the server makes its own in the data directory: other servers
# accept it, mail programs once they trust tls/ca.pem there.
#certificate = "/etc/tegami/certificate.pem"
#key = "/etc/tegami/key.pem"
# More of them, for clients that ask for a name which only one of these is for (SNI), such as
# [{{ certificate = "/etc/tegami/other.pem", key = "/etc/tegami/other.key" }}].
others = []

[acme]
# An authority that gives certificates by itself (ACME) for host_name, and for the policies of the domains (MTA-STS).
#directory = "https://acme-v02.api.letsencrypt.org/directory"
# You have read its terms, and agree to them.
terms_agreed = false
# Where it may write to when something is wrong.
#contact = "postmaster@{domain}"
# How it finds out that a name leads here: "http-01" (at port 80, so it needs a section [listen.http] with address and
# port), "tls-alpn-01" (at port 443), "dns-01" (by a record that [dns_update] publishes).
challenge = "http-01"
# Names that the certificate is to be for besides host_name; wildcards such as "*.{domain}" take "dns-01".
names = []
# Who proves the authority's own server, a PEM file, where it is one of your own.
#authorities = "/etc/tegami/authorities.pem"
# An account that the authority gave you (EAB), and a file with nothing but its secret (base64url).
#external_account = "kid-1"
#external_account_file = "/etc/tegami/external-account"

[resolver]
# Who is asked about names: "system" (the servers of /etc/resolv.conf), "recursive" (nobody: this server asks the root
# and all below it itself), "servers" (the servers listed: recursive ones, or one that knows every name there is).
mode = "system"
# Such as ["192.0.2.53", "127.0.0.1:5353"]; for the mode "servers".
#servers = []
# The root's DNSSEC key, for example /usr/share/dns/root.key (package dns-root-data). Without it answers are believed
# unproven.
#trust_anchor = "/usr/share/dns/root.key"

[dns_update]
# A name server that lets this one change the records of its domains (RFC 2136), as tegami dns publish does; records of new
# DKIM keys are then published by themselves. The primary server of the zones, with an address such as "192.0.2.53" or
# "192.0.2.53:5353".
#server = "127.0.0.1"
# The key (TSIG) that it knows: its name there, "hmac-sha256", "hmac-sha384" or "hmac-sha512", and a file with nothing but the
# secret in base64, which not everybody may read.
#key_name = "tegami"
algorithm = "hmac-sha256"
#secret_file = "/etc/tegami/dns-update-secret"

[login]
# How users may prove who they are: "SCRAM-SHA-256" (the password itself is never sent), "PLAIN" and "LOGIN" (it is sent,
# under TLS), "SCRAM-SHA-256-PLUS" (bound to the TLS connection; mutt and NeoMutt fail where it is offered).
mechanisms = [{mechanisms}]

[limits]
# The largest message that is accepted.
message_size = "{message_size}"
# Recipients of one message.
recipients = {recipients}
# Connections at one time: in all, and from one address (loopback is not counted).
connections = {connections}
connections_per_address = {connections_per_address}

[queue]
# When a message cannot be handed over, it is tried again after first_retry, then after twice that and so on, at most
# longest_retry apart; after expiry the sender gets it back.
first_retry = "{first_retry}"
longest_retry = "{longest_retry}"
expiry = "{expiry}"

[relay]
# The port of other domains' servers. Only for trying things out without root is it not 25.
port = {relay_port}
# The port of the servers that have policies of MTA-STS; likewise not 443 only there.
policy_port = {policy_port}

[smarthost]
# Another server that passes on what this one sends, where the network lets no mail out by itself (port 25 is closed): its
# name, which its certificate is for, and "starttls" or, at port 465, "implicit". Mail goes there under proven TLS only.
#host = "smtp.example.net"
#port = 587
#tls = "starttls"
# Who we are there, and a file with nothing but the password, which not everybody may read.
#user = "me@example.net"
#password_file = "/etc/tegami/smarthost-password"
# Domains whose senders' mail goes through it, such as ["{domain}"]; none: all mail.
domains = []
# More of them, each for domains of its own, such as
# [{{ host = "smtp.example.com", port = 587, user = "me", password_file = "/etc/tegami/other", domains = ["{domain}"] }}].
others = []

[reports]
# Tell domains that ask for it, once a day, what came here in their name (DMARC) and whether connections to them were
# encrypted (TLS-RPT).
send = true

[web]
# Fetch pictures that letters name, for those who read them in the web mail and ask for them: the sender's server then
# sees this server, not the reader.
pictures = true
# Networks from where administrators may do their work over HTTPS; elsewhere they are users like others. [] switches it off.
administration_from = ["0.0.0.0/0", "::/0"]
# Whoever has a role must have a second factor.
second_factor_for_roles = false

[retention]
# How many days it stays known what happened to each message (tegami trace).
journeys_days = {journeys_days}
# How many days deleted messages and removed accounts are kept: so long tegami account undelete brings them back. Then
# they are erased and their space is used again. 0 keeps nothing.
expunged_days = {expunged_days}
# How many days the audit log says who changed what (tegami audit).
audit_days = {audit_days}

[store]
# Larger messages lie in segment files of this size. One that has become half empty is copied and removed, so a small
# size gives space back sooner, a large one makes fewer files.
segment_size = "{segment_size}"
# How often the store looks for such segments, and for messages that nothing refers to any more.
collect_interval = "{collect_interval}"

[log]
# The least that is written: "debug" (also what was looked up and spoken, and who read what), "info", "warning", "error".
level = "info"
# "text" or "json", one line for each event either way; docs/logs.md.
format = "text"

# Where the server listens: one [listen.SERVICE] for each service; one that is removed is not served.
#   address               one or several: "127.0.0.1", or ["0.0.0.0", "::"] for every IPv4 and IPv6 address
#   port                  below 1024 root's rights are needed
#   tls                   "none", "starttls" (the client switches it on), "implicit" (from the start)
#   password_without_tls  true allows logins that show the password without TLS; on loopback addresses only
#   proxy_protocol        true takes connections of trusted_proxies alone, which say first for whom (PROXY protocol)
# [listen.metrics] with a port such as 9464 tells Prometheus figures about the server, on 127.0.0.1 (docs/metrics.md).
)";

} // namespace

std::string default_config_text(const message::Domain& domain, const std::vector<std::string>& listen_addresses,
                                std::uint16_t port_offset) {
    const Config defaults;
    const std::string quoted = fmt::format("\"{}\"", fmt::join(listen_addresses, "\", \""));
    const std::string addresses = listen_addresses.size() == 1 ? quoted : fmt::format("[{}]", quoted);
    std::string text = fmt::format(
        kHead, fmt::arg("host_name", "mail." + domain.ascii()), fmt::arg("domain", domain.ascii()),
        fmt::arg("memory_budget", print_bytes(defaults.memory_budget_bytes)),
        fmt::arg("mechanisms", fmt::format("\"{}\"", fmt::join(defaults.login.mechanisms, "\", \""))),
        fmt::arg("message_size", print_bytes(defaults.limits.message_bytes)),
        fmt::arg("recipients", defaults.limits.recipients), fmt::arg("connections", defaults.limits.connections),
        fmt::arg("connections_per_address", defaults.limits.connections_per_address),
        fmt::arg("first_retry", print_duration(defaults.queue.first_retry)),
        fmt::arg("longest_retry", print_duration(defaults.queue.longest_retry)),
        fmt::arg("expiry", print_duration(defaults.queue.expiry)), fmt::arg("relay_port", defaults.relay.port),
        fmt::arg("policy_port", defaults.relay.policy_port),
        fmt::arg("journeys_days", defaults.retention.journeys_days),
        fmt::arg("expunged_days", defaults.retention.expunged_days),
        fmt::arg("audit_days", defaults.retention.audit_days),
        fmt::arg("segment_size", print_bytes(defaults.store.segment_bytes)),
        fmt::arg("collect_interval", print_duration(defaults.store.collect_interval)));
    for (const DefaultListener& listener : kListeners)
        text += fmt::format("\n# {}\n[listen.{}]\naddress = {}\nport = {}\ntls = \"{}\"\n", listener.comment,
                            name_of(listener.service), addresses, listener.port + port_offset, name_of(listener.tls));
    return text;
}

} // namespace tegami::app
