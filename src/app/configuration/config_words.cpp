#include "app/configuration/config_words.h"

#include <algorithm>
#include <array>

namespace tegami::app {

namespace {

constexpr std::array kWords{
    ConfigWords{"host_name", "required", "The full name of this server in the DNS."},
    ConfigWords{
        "default_domain", "required",
        "Users of this domain may log in with their name alone, users of other domains with the full address only."},
    ConfigWords{"data_directory", "\"data\"",
                "All mail, accounts and the queue; also the socket that the command line talks to."},
    ConfigWords{"memory_budget", "\"512MiB\"", "What the server may use for itself."},
    ConfigWords{"backup_directories", "[]",
                "Folders, with absolute paths, that `tegami backup` and `tegami restore` may use while the server "
                "runs; it reaches no other."},
    ConfigWords{"trusted_networks", "[]", "Networks whose clients may send to anywhere without logging in."},
    ConfigWords{
        "trusted_proxies", "[]",
        "Proxies and load balancers in front of this server, by address or network, whose word about the client "
        "is taken."},
    ConfigWords{"trusted_sealers", "[]",
                "Domains of servers that pass letters on and seal them (ARC, RFC 8617): mailing lists, forwarders."},
    ConfigWords{"received_spf", "false",
                "Puts what SPF found into a field `Received-SPF` (RFC 7208 §9.1), beside `Authentication-Results`."},
    ConfigWords{"trust_wide_networks", "false",
                "Confirms networks in `trusted_networks` that hold a large part of the Internet."},
    ConfigWords{"tls.certificate", "none", "PEM file, the server's own certificate first, then the chain."},
    ConfigWords{"tls.key", "none", "PEM file with its private key."},
    ConfigWords{"tls.others", "[]", "More certificates."},
    ConfigWords{"acme.directory", "none", "Where the authority says what it offers."},
    ConfigWords{"acme.terms_agreed", "false",
                "`true` says that you have read the terms of the authority and agree to them."},
    ConfigWords{"acme.contact", "none", "An address that the authority may write to."},
    ConfigWords{"acme.challenge", "\"http-01\"", "How the authority finds out that a name leads here."},
    ConfigWords{"acme.names", "[]", "Names that the certificate is for besides `host_name`."},
    ConfigWords{"acme.authorities", "those of the system",
                "PEM file with the authorities that the server of `acme.directory` has its own certificate from, where "
                "it is one of your own."},
    ConfigWords{"acme.external_account", "none",
                "An account that the authority gave you by other ways, where it wants one (external account binding)."},
    ConfigWords{"acme.external_account_file", "none",
                "File with nothing but its secret in base64url, which not everybody may read."},
    ConfigWords{"resolver.mode", "\"system\"", "Whom the DNS is asked of."},
    ConfigWords{"resolver.servers", "[]", "Addresses, with ports other than 53 if needed."},
    ConfigWords{"resolver.trust_anchor", "none", "File with the root's DNSSEC key."},
    ConfigWords{"dns_update.server", "none", "The primary server."},
    ConfigWords{"dns_update.key_name", "none", "The key's name (TSIG, RFC 8945), as the name server has it."},
    ConfigWords{"dns_update.algorithm", "\"hmac-sha256\"", "What the key is for."},
    ConfigWords{"dns_update.secret_file", "none", "A file with nothing but the key's secret in base64."},
    ConfigWords{"login.mechanisms", "[\"SCRAM-SHA-256\", \"PLAIN\", \"LOGIN\"]",
                "The SASL mechanisms that are offered."},
    ConfigWords{"limits.message_size", "\"50MiB\"", "The largest message accepted, 64 KiB to 2 GiB."},
    ConfigWords{"limits.recipients", "1000", "Recipients of one message, 100 to 10000."},
    ConfigWords{"limits.connections", "10000", "Connections at one time, over all services."},
    ConfigWords{"limits.connections_per_address", "100", "Connections at one time from one address."},
    ConfigWords{"queue.first_retry", "\"5min\"",
                "The wait after the first failed attempt; it doubles with every further one."},
    ConfigWords{"queue.longest_retry", "\"4h\"", "The longest wait between two attempts."},
    ConfigWords{"queue.expiry", "\"5d\"", "After this time the sender gets the message back with the reason."},
    ConfigWords{"relay.port", "25", "The port of other domains' servers."},
    ConfigWords{"relay.policy_port", "443", "The port of the servers that have other domains' policies (MTA-STS)."},
    ConfigWords{"smarthost.host", "none", "The other server's name."},
    ConfigWords{"smarthost.port", "587", "Its port."},
    ConfigWords{"smarthost.tls", "\"starttls\"",
                "`\"starttls\"`, or `\"implicit\"`: TLS from the start, as at port 465."},
    ConfigWords{"smarthost.user", "none", "Who we are there (AUTH PLAIN, or LOGIN)."},
    ConfigWords{"smarthost.password_file", "none", "File with nothing but the password, which not everybody may read."},
    ConfigWords{"smarthost.domains", "[]", "Only the mail of senders in these domains goes there."},
    ConfigWords{"smarthost.others", "[]", "More of them, each for the domains that it names."},
    ConfigWords{"reports.send", "true", "Domains that ask for it in their DNS get a report once a day."},
    ConfigWords{"web.pictures", "true",
                "A picture that a letter names, and that is elsewhere, is fetched by this server when whoever reads "
                "the letter asks for it."},
    ConfigWords{"web.administration_from", "[\"0.0.0.0/0\", \"::/0\"]",
                "Networks from where accounts with a role may use it."},
    ConfigWords{"web.second_factor_for_roles", "false",
                "With `true` every account with a role must have a second factor."},
    ConfigWords{"retention.journeys_days", "30", "Days that `tegami trace` can look back."},
    ConfigWords{"retention.expunged_days", "30",
                "Days that deleted messages and removed accounts are kept, 0 to 3650."},
    ConfigWords{"retention.audit_days", "365", "Days that `tegami audit` can look back."},
    ConfigWords{"store.segment_size", "\"256MiB\"",
                "Messages above 8 KiB lie in segment files of this size, 1 MiB to 4 GiB."},
    ConfigWords{
        "store.collect_interval", "\"1min\"",
        "How often the store looks for such segments, and for messages that nothing has referred to for an hour."},
    ConfigWords{"log.level", "\"info\"", "The least that is written."},
    ConfigWords{"log.format", "\"text\"", "`\"text\"` or `\"json\"`: one line for each event either way."},
    ConfigWords{"listen.SERVICE.address", "required", "An IP address of this machine or a list of them."},
    ConfigWords{"listen.SERVICE.port", "required", "1 to 65535."},
    ConfigWords{"listen.SERVICE.tls", "by service", "`\"implicit\"` (from the start)."},
    ConfigWords{"listen.SERVICE.password_without_tls", "false",
                "`true` allows logins that show the password on an unencrypted connection."},
    ConfigWords{"listen.SERVICE.proxy_protocol", "false",
                "`true`: every connection begins with a header of the PROXY protocol (version 1 or 2)."},
};

} // namespace

const ConfigWords* words_for(std::string_view key) {
    const auto found = std::ranges::find(kWords, key, &ConfigWords::key);
    return found == kWords.end() ? nullptr : &*found;
}

} // namespace tegami::app
