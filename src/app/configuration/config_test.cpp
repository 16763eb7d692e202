#include "app/configuration/config.h"
#include "app/configuration/config_edit.h"
#include "app/configuration/config_words.h"
#include "app/configuration/units.h"
#include "disk/files.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <regex>

namespace tegami::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kHead = "host_name = \"mail.a.test\"\ndefault_domain = \"a.test\"\n";
constexpr std::string_view kListener = "[listen.smtp]\naddress = \"127.0.0.1\"\nport = 25\n";

std::string default_text() {
    return default_config_text(message::Domain::parse("a.test").value(), {"127.0.0.1"}, 20000);
}

Config parse_good(std::string_view text) {
    const ConfigResult result = parse_config(text, "/etc/tegami/tegami.toml");
    if (!result)
        for (const ConfigProblem& problem : result.error())
            ADD_FAILURE() << problem.to_string("tegami.toml");
    return result.value_or(Config());
}

/// The problems as lines of text.
std::vector<std::string> problems(std::string_view text) {
    const ConfigResult result = parse_config(text, "/etc/tegami/tegami.toml");
    std::vector<std::string> lines;
    if (!result)
        for (const ConfigProblem& problem : result.error())
            lines.push_back(problem.to_string("tegami.toml"));
    return lines;
}

/// The one problem of a text that has a good head and a good listener around the given part.
std::string problem(std::string_view part) {
    const auto lines = problems(std::string(kHead) + std::string(part) + "\n" + std::string(kListener));
    return lines.size() == 1 ? lines.front() : "not one problem: " + testing::PrintToString(lines);
}

/// A text with a good head and a good listener around the part.
std::string good_text(std::string_view part) {
    return std::string(kHead) + std::string(part) + std::string(kListener);
}

/// The one problem of a listening service with these lines.
std::string listen_problem(std::string_view service, std::string_view lines) {
    const auto found = problems(std::string(kHead) + "[listen." + std::string(service) + "]\n" + std::string(lines));
    return found.size() == 1 ? found.front() : "not one problem: " + testing::PrintToString(found);
}

TEST(ConfigTest, WhatInitWritesIsTheDefault) {
    const Config config = parse_good(default_text());
    Config expected;
    expected.file = "/etc/tegami/tegami.toml";
    expected.host_name = "mail.a.test";
    expected.default_domain = message::Domain::parse("a.test").value();
    expected.data_directory = "/etc/tegami/data";
    expected.listeners = config.listeners;
    EXPECT_EQ(config, expected);
    std::vector<std::string> ports;
    for (const Listener& listener : config.listeners) {
        EXPECT_FALSE(listener.password_without_tls);
        ports.push_back(std::string(name_of(listener.service)) + " " + listener.endpoint.to_string() + " " +
                        std::string(name_of(listener.tls)));
    }
    EXPECT_THAT(ports, ElementsAre("smtp 127.0.0.1:20025 starttls", "submission 127.0.0.1:20587 starttls",
                                   "submissions 127.0.0.1:20465 implicit", "pop3 127.0.0.1:20110 starttls",
                                   "pop3s 127.0.0.1:20995 implicit", "imap 127.0.0.1:20143 starttls",
                                   "imaps 127.0.0.1:20993 implicit", "https 127.0.0.1:20443 implicit"));
}

TEST(ConfigTest, TheDefaultsWrittenOutAndLeftOutAreTheSame) {
    Config short_one = parse_good(std::string(kHead) + std::string(kListener));
    Config long_one = parse_good(default_text());
    short_one.listeners = long_one.listeners = {};
    EXPECT_EQ(short_one, long_one);
}

TEST(ConfigTest, ListensOnIpv6Too) {
    const Config config =
        parse_good(default_config_text(message::Domain::parse("a.test").value(), {"0.0.0.0", "::"}, 0));
    EXPECT_EQ(config.listeners[0].endpoint.to_string(), "0.0.0.0:25");
    EXPECT_EQ(config.listeners[1].endpoint.to_string(), "[::]:25");
}

TEST(ConfigTest, EveryKeyIsInTheFileThatInitWritesAndInTheDocument) {
    const std::string text = default_text();
    const auto document = disk::read_file(std::string(TEGAMI_SOURCE_DIR) + "/docs/configuration.md", 1 << 20);
    ASSERT_TRUE(document) << document.error();
    EXPECT_GT(known_config_keys().size(), 20U);
    for (const std::string& key : known_config_keys()) {
        const std::string name = key.substr(key.rfind('.') + 1);
        // Set, commented out, or explained in the list of a listener's keys.
        EXPECT_TRUE(std::regex_search(text, std::regex("(^|\n)#? *" + name + "( = |  )"))) << key;
        const ConfigWords* const words = words_for(key);
        ASSERT_TRUE(words) << key;
        const bool is_toml = std::string_view("\"[tf0123456789").contains(words->otherwise.front()) &&
                             words->otherwise != "those of the system";
        const std::string quote = is_toml ? "`" : "";
        // The document goes on where the sentence ends.
        EXPECT_TRUE(document->contains("| `" + key + "` | " + quote + std::string(words->otherwise) + quote + " | " +
                                       std::string(words->meaning.substr(0, words->meaning.size() - 1))))
            << key;
    }
}

TEST(ConfigTest, SecretsThatSystemdBrings) {
    constexpr std::string_view kText =
        "[smarthost]\nhost = \"smtp.example.net\"\nuser = \"me\"\npassword_file = "
        "\"$CREDENTIALS_DIRECTORY/smarthost\"\n"
        "[dns_update]\nserver = \"192.0.2.53\"\nkey_name = \"k\"\nsecret_file = \"$CREDENTIALS_DIRECTORY_/x\"\n";
    ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/other.service", 1), 0);
    EXPECT_EQ(parse_good(good_text(kText)).smarthost.password_file, "/run/credentials/other.service/smarthost");
    ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
    const Config by_hand = parse_good(good_text(kText));
    EXPECT_EQ(by_hand.smarthost.password_file, "/run/credentials/tegami.service/smarthost");
    EXPECT_EQ(by_hand.dns_update.secret_file, "/etc/tegami/$CREDENTIALS_DIRECTORY_/x");
}

TEST(ConfigTest, ReadsEveryValue) {
    const Config config = parse_good(std::string(kHead) + R"(
data_directory = "/srv/mail"
memory_budget = "2GiB"
trusted_networks = ["192.0.2.0/24", "2001:db8::/32", "127.0.0.1"]
trusted_proxies = ["192.0.2.10"]
trusted_sealers = ["Lists.Example.org", "b\u00fcro.example"]
received_spf = true
[tls]
certificate = "tls/c.pem"
key = "../k.pem"
others = [{ certificate = "o.pem", key = "/o.key" }]
[acme]
contact = "postmaster@example.org"
challenge = "tls-alpn-01"
names = ["WWW.example.org", "b\u00fcro.example", "www.example.org"]
authorities = "ca.pem"
external_account = "kid"
external_account_file = "eab"
[resolver]
mode = "servers"
servers = ["127.0.0.1:5353", "[::1]:53", "192.0.2.1", "192.0.2.1@5353"]
trust_anchor = "root.key"
[dns_update]
server = "192.0.2.53"
key_name = "tegami.example.org."
algorithm = "hmac-sha512"
secret_file = "secret"
[limits]
message_size = "10MiB"
recipients = 100
connections = 50
connections_per_address = 5
[queue]
first_retry = "1s"
longest_retry = "2min"
expiry = "3h"
[web]
pictures = false
administration_from = ["192.0.2.0/24"]
second_factor_for_roles = true
[retention]
journeys_days = 7
expunged_days = 1
audit_days = 30
[store]
segment_size = "16MiB"
collect_interval = "5s"
[relay]
port = 2525
policy_port = 8443
[smarthost]
host = "SMTP.example.net"
port = 465
tls = "implicit"
user = "me"
password_file = "secret"
others = [{ host = "two.example.net", domains = ["b\u00fcro.example"] }]
[listen.imap]
address = ["127.0.0.1", "::1"]
port = 1143
tls = "none"
password_without_tls = true
proxy_protocol = true
)");
    EXPECT_EQ(config.data_directory, "/srv/mail");
    EXPECT_EQ(config.admin_socket(), "/srv/mail/admin.sock");
    EXPECT_EQ(config.memory_budget_bytes, 2ULL << 30);
    EXPECT_EQ(config.trusted_networks.size(), 3U);
    EXPECT_EQ(config.trusted_proxies, std::vector{*IpNetwork::parse("192.0.2.10")});
    EXPECT_TRUE(config.received_spf);
    EXPECT_THAT(config.trusted_sealers, ElementsAre(*message::Domain::parse("lists.example.org"),
                                                    *message::Domain::parse("xn--bro-hoa.example")));
    EXPECT_TRUE(config.trusted_networks[0].contains(IpAddress::parse("192.0.2.200").value()));
    EXPECT_EQ(config.tls, (TlsConfig{.certificate = "/etc/tegami/tls/c.pem",
                                     .key = "/etc/k.pem",
                                     .others = {{.certificate = "/etc/tegami/o.pem", .key = "/o.key"}}}));
    EXPECT_EQ(config.acme, (AcmeConfig{.contact = "postmaster@example.org",
                                       .challenge = acme::ChallengeKind::tls_alpn,
                                       .names = {"www.example.org", "xn--bro-hoa.example"},
                                       .authorities = "/etc/tegami/ca.pem",
                                       .external_account = "kid",
                                       .external_account_file = "/etc/tegami/eab"}));
    EXPECT_EQ(config.resolver.mode, ResolverMode::servers);
    std::vector<std::string> servers;
    for (const net::Endpoint& server : config.resolver.servers)
        servers.push_back(server.to_string());
    EXPECT_THAT(servers, ElementsAre("127.0.0.1:5353", "[::1]:53", "192.0.2.1:53", "192.0.2.1:5353"));
    EXPECT_EQ(config.relay, (RelayConfig{.port = 2525, .policy_port = 8443}));
    EXPECT_EQ(config.smarthost, (SmarthostConfig{.host = "smtp.example.net",
                                                 .port = 465,
                                                 .tls = TlsMode::implicit,
                                                 .user = "me",
                                                 .password_file = "/etc/tegami/secret"}));
    ASSERT_EQ(config.smarthosts().size(), 2U);
    EXPECT_EQ(config.smarthosts()[1], (SmarthostConfig{.host = "two.example.net",
                                                       .domains = {*message::Domain::parse("xn--bro-hoa.example")}}));
    EXPECT_EQ(config.dns_update, (DnsUpdateConfig{.server = net::Endpoint::parse("192.0.2.53:53"),
                                                  .key_name = *dns::Name::parse("tegami.example.org"),
                                                  .algorithm = dns::TsigAlgorithm::hmac_sha512,
                                                  .secret_file = "/etc/tegami/secret"}));
    EXPECT_EQ(config.resolver.trust_anchor, "/etc/tegami/root.key");
    EXPECT_EQ(config.limits, (LimitsConfig{10ULL << 20, 100, 50, 5}));
    EXPECT_EQ(config.queue, (QueueConfig{std::chrono::seconds(1), std::chrono::minutes(2), std::chrono::hours(3)}));
    EXPECT_EQ(config.retention, (RetentionConfig{7, 1, 30}));
    EXPECT_EQ(config.web.administration_from, std::vector{*IpNetwork::parse("192.0.2.0/24")});
    EXPECT_FALSE(config.web.pictures);
    EXPECT_TRUE(config.web.second_factor_for_roles);
    EXPECT_EQ(config.store, (StoreConfig{16ULL << 20, std::chrono::seconds(5)}));
    ASSERT_EQ(config.listeners.size(), 2U);
    EXPECT_EQ(config.listeners[1], (Listener{.service = Service::imap,
                                             .endpoint = net::Endpoint::parse("[::1]:1143").value(),
                                             .tls = TlsMode::none,
                                             .password_without_tls = true,
                                             .proxy_protocol = true}));
}

TEST(ConfigTest, OneKeyIsChangedAndTheRestStays) {
    constexpr std::string_view kText =
        "# a\nhost = \"x\"\n[tls]\n#key = \"k\"\n# key words\n\n[log]\nlevel = \"info\"\n";
    const auto is = [&](std::string_view key, std::string_view value, std::string_view before, std::string_view after) {
        std::string wanted(kText);
        wanted.replace(wanted.find(before), before.size(), after);
        EXPECT_EQ(with_key(kText, key, value), wanted) << key;
        EXPECT_EQ(with_key(wanted, key, value), wanted) << key;
    };
    is("host", "5", "host = \"x\"", "host = 5");
    is("tls.key", "5", "#key = \"k\"", "key = 5");
    is("log.format", "5", "[log]\n", "[log]\nformat = 5\n");
    is("listen.http.port", "80", "level = \"info\"\n", "level = \"info\"\n\n[listen.http]\nport = 80\n");
    is("budget", "5", "# a\n", "budget = 5\n# a\n");
    EXPECT_EQ(toml_text("a\"\\\n"), "\"a\\\"\\\\\\u000A\"");
}

TEST(ConfigTest, ChoosesTlsByService) {
    const Config config = parse_good(std::string(kHead) + "[listen.imaps]\naddress = \"::\"\nport = 993\n" +
                                     "[listen.imap]\naddress = \"::\"\nport = 143\n");
    ASSERT_EQ(config.listeners.size(), 2U);
    EXPECT_EQ(config.listeners[0].tls, TlsMode::starttls);
    EXPECT_EQ(config.listeners[1].tls, TlsMode::implicit);
}

TEST(ConfigTest, ReportsAllFaultsAtOnceInOrder) {
    EXPECT_THAT(problems("host_name = 5\ndefault_domain = \"a b\"\nmemory_budget = \"1MiB\"\n[queue]\nexpiry = 5\n" +
                         std::string(kListener)),
                ElementsAre("tegami.toml:1: host_name: must be text in quotes",
                            "tegami.toml:2: default_domain: must be a mail domain such as \"example.org\"",
                            "tegami.toml:3: memory_budget: must be a size from \"192MiB\" to \"1TiB\"",
                            "tegami.toml:5: queue.expiry: must be a time from \"1s\" to \"30d\" (units s, min, h, d)"));
}

TEST(ConfigTest, NamesTheLineOfASyntaxError) {
    const auto lines = problems("host_name = \"x\"\nport = = 5\n");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines.front().starts_with("tegami.toml:2: ")) << lines.front();
}

TEST(ConfigTest, SuggestsWhatAnUnknownKeyMayMean) {
    EXPECT_EQ(problem("hostname = \"x\""), "tegami.toml:3: hostname: there is no such key; did you mean host_name?");
    EXPECT_EQ(problem("message_size = \"1MiB\""),
              "tegami.toml:3: message_size: there is no such key; did you mean limits.message_size?");
    EXPECT_EQ(problem("[queue]\nexpire = \"1d\""),
              "tegami.toml:4: queue.expire: there is no such key; did you mean queue.expiry?");
    EXPECT_EQ(problem("xyzzy = 1"), "tegami.toml:3: xyzzy: there is no such key");
    EXPECT_THAT(listen_problem("smtp", "address = \"::\"\nport = 25\nTLS = \"none\""),
                HasSubstr("listen.smtp.TLS: there is no such key; did you mean listen.smtp.tls?"));
    EXPECT_EQ(problem(std::string(100'000, 'x') + " = 1").size(), 100'000U + 37);
}

TEST(ConfigTest, SaysWhatIsMissing) {
    EXPECT_THAT(problems(""), ElementsAre(HasSubstr("default_domain: is missing"), HasSubstr("host_name: is missing"),
                                          HasSubstr("listen: is missing")));
    EXPECT_THAT(listen_problem("smtp", "port = 25"), HasSubstr("listen.smtp.address: is missing"));
}

TEST(ConfigTest, RefusesValuesThatCannotBe) {
    EXPECT_THAT(problem("trusted_networks = [\"192.0.2.1/24\"]"), HasSubstr("\"192.0.2.1/24\" is not a network"));
    EXPECT_THAT(problem("[smarthost]\nport = 25"), HasSubstr("smarthost.host: is missing"));
    EXPECT_THAT(problem("[smarthost]\nhost = \"h.test\"\nuser = \"me\""), HasSubstr("give both or none"));
    EXPECT_THAT(problem("[smarthost]\nhost = \"h.test\"\nport = 465"), HasSubstr("must be \"implicit\" at port 465"));
    EXPECT_THAT(problem("[smarthost]\nhost = \"h.test\"\ntls = \"none\""), HasSubstr("under TLS only"));
    EXPECT_THAT(problem("[smarthost]\nothers = [{ host = \"h.test\" }]"), HasSubstr("must be a list such as"));
    EXPECT_THAT(problem("trusted_networks = 5"), HasSubstr("must be a list"));
    EXPECT_THAT(problem("trusted_proxies = [\"0.0.0.0/0\"]"), HasSubstr("could take any address"));
    EXPECT_THAT(listen_problem("https", "address = \"::1\"\nport = 443\nproxy_protocol = true"),
                HasSubstr("listen.https.proxy_protocol: nobody could connect"));
    EXPECT_THAT(problem("trusted_sealers = [\"a b\"]"), HasSubstr("\"a b\" is not a domain"));
    EXPECT_THAT(problem("data_directory = \"\""), HasSubstr("to use the default, remove the line"));
    EXPECT_THAT(problem("[limits]\nrecipients = 5"), HasSubstr("a whole number from 100 to 10000"));
    EXPECT_THAT(problem("[limits]\nrecipients = \"100\""), HasSubstr("a whole number from 100 to 10000"));
    EXPECT_THAT(problem("[resolver]\nmode = \"magic\""),
                HasSubstr("\"magic\" is not one of \"system\", \"recursive\", \"servers\""));
    EXPECT_THAT(problem("[resolver]\nmode = \"servers\""), HasSubstr("resolver.servers: is missing"));
    EXPECT_THAT(problem("[resolver]\nservers = [\"127.0.0.1:53\"]"), HasSubstr("only"));
    EXPECT_THAT(problem("[resolver]\nmode = \"servers\"\nservers = [\"dns.test\"]"),
                HasSubstr("\"dns.test\" is not an"));
    EXPECT_THAT(problem("[dns_update]\nserver = \"192.0.2.53\"\nkey_name = \"x\""),
                HasSubstr("dns_update.secret_file: is missing"));
    EXPECT_THAT(problem("[dns_update]\nalgorithm = \"hmac-md5\""), HasSubstr("is not one of \"hmac-sha256\", "));
    EXPECT_THAT(problem("[tls]\nkey = \"k.pem\""), HasSubstr("tls.key: tls.certificate and tls.key go together"));
    EXPECT_THAT(problem("[queue]\nfirst_retry = \"5h\""), HasSubstr("must not be shorter than queue.first_retry"));
    EXPECT_THAT(problem("[queue]\nexpiry = \"1h\""), HasSubstr("must not be shorter than queue.longest_retry"));
    EXPECT_THAT(problem("[relay]\nport = 70000"), HasSubstr("a port number from 1 to 65535"));
    EXPECT_THAT(problem("queue = 5"), HasSubstr("begin it with a line [queue]"));
    EXPECT_THAT(problems(std::string(kHead) + "listen = 5"),
                ElementsAre(HasSubstr("begin each service with a line such as [listen.smtp]")));
    EXPECT_THAT(problems(std::string(kHead) + "[listen]\nsmtp = 5"),
                ElementsAre(HasSubstr("begin it with a line [listen.smtp]")));
    EXPECT_THAT(problems(std::string(kHead) + "[listen.smpt]\nport = 5"),
                ElementsAre(HasSubstr("did you mean listen.smtp?")));
}

TEST(ConfigTest, AnAuthorityNeedsAWayToCheckNames) {
    const std::string used = "[acme]\ndirectory = \"https://ca.test/dir\"\n";
    const std::string agreed = used + "terms_agreed = true\n";
    const std::string http = "[listen.http]\naddress = \"::\"\nport = 80\n";
    const Config config = parse_good(good_text(agreed + http));
    EXPECT_TRUE(config.acme.is_used());
    EXPECT_EQ(config.listeners.back().tls, TlsMode::none);
    EXPECT_THAT(problem(used + http), HasSubstr("acme.terms_agreed: the authority gives certificates to those only"));
    EXPECT_THAT(problem(agreed), HasSubstr("acme.challenge: \"http-01\" is answered on port 80: add a section"));
    EXPECT_THAT(problem(agreed + "challenge = \"tls-alpn-01\""), HasSubstr("[listen.https]"));
    EXPECT_THAT(problem(agreed + "challenge = \"dns-01\""), HasSubstr("[dns_update]"));
    EXPECT_THAT(problem(agreed + "names = [\"*.a.test\"]\n" + http), HasSubstr("\"dns-01\" alone"));
    EXPECT_THAT(problem(agreed + "external_account = \"kid\"\n" + http), HasSubstr("give both or none"));
    EXPECT_THAT(problem(agreed + http + "[tls]\ncertificate = \"c\"\nkey = \"k\""),
                HasSubstr("there is tls.certificate already"));
    EXPECT_THAT(problem("[acme]\ndirectory = \"http://ca.test/\""), HasSubstr("with https://"));
    for (const char* name : {"localhost", "*.*.a.test", "192.0.2.1", "a test.test", ""})
        EXPECT_THAT(problem("[acme]\nnames = [\"" + std::string(name) + "\"]"), HasSubstr("is no name such as"))
            << name;
    for (const char* contact : {"a", "a@b.test?subject=x", "a@b.test,c@d.test", ""})
        EXPECT_THAT(problem("[acme]\ncontact = \"" + std::string(contact) + "\""), HasSubstr("must be an address"));
    for (const char* others :
         {"5", "[5]", "[{ certificate = \"c\" }]", "[{ certificate = \"c\", key = \"k\", x = 1 }]"})
        EXPECT_THAT(problem("[tls]\nothers = " + std::string(others)),
                    HasSubstr("must be a list such as [{ certificate"));
    EXPECT_THAT(listen_problem("http", "address = \"::\"\nport = 80\ntls = \"starttls\""),
                HasSubstr("never encrypted"));
    EXPECT_THAT(listen_problem("http", "address = \"::1\"\nport = 80\npassword_without_tls = true"),
                HasSubstr("no meaning"));
}

TEST(ConfigTest, MetricsAreForThisMachineUnlessAnAddressIsGiven) {
    const auto endpoint = [](const std::string& keys) {
        return parse_good(good_text("[listen.metrics]\n" + keys + "\n")).listeners.back();
    };
    EXPECT_EQ(endpoint("port = 9464").endpoint.to_string(), "127.0.0.1:9464");
    EXPECT_EQ(endpoint("port = 9464").tls, TlsMode::none);
    EXPECT_EQ(endpoint("port = 9464\naddress = \"::1\"").endpoint.to_string(), "[::1]:9464");
    EXPECT_THAT(listen_problem("metrics", "address = \"::1\""), HasSubstr("listen.metrics.port: is missing"));
    EXPECT_THAT(listen_problem("metrics", "port = 9464\ntls = \"starttls\""), HasSubstr("never encrypted"));
}

/// Spellings that other programs take, or that come of a hasty edit.
TEST(ConfigTest, SpellingsOfOtherPrograms) {
    const std::string text = good_text("[limits]\nrecipients = 200\n");
    std::string of_windows = "\xef\xbb\xbf";
    for (const char c : text)
        of_windows += c == '\n' ? "\r\n" : std::string(1, c);
    EXPECT_EQ(parse_good(of_windows).limits.recipients, 200U);
    for (const std::string_view address : {"[::1]", "127.0.0.1:25", "*", "localhost", ""})
        EXPECT_THAT(listen_problem("smtp", "address = \"" + std::string(address) + "\"\nport = 25"),
                    HasSubstr("\"" + std::string(address) + "\" is not an IP address such as \"127.0.0.1\""));
    EXPECT_THAT(listen_problem("smtp", "address = \"::1\"\nport = \"25\""),
                HasSubstr("must be a port number from 1 to 65535, without quotes"));
    EXPECT_THAT(problem("[limits]\nrecipients = \"500\""), HasSubstr("from 100 to 10000, without quotes"));
    for (const std::string_view name :
         {"localhost", "127.0.0.1", "::1", "[192.0.2.1]", "https://mail.a.test/", "mail.a.test:25", "a@b.test", ""})
        EXPECT_THAT(problems("default_domain = \"a.test\"\nhost_name = \"" + std::string(name) + "\"\n" +
                             std::string(kListener)),
                    ElementsAre(HasSubstr("host_name: must be the full name of this server in the DNS")))
            << name;
    EXPECT_EQ(
        parse_good("default_domain = \"A.test\"\nhost_name = \"Mail.A.test.\"\n" + std::string(kListener)).host_name,
        "mail.a.test");
}

TEST(ConfigTest, TrustInMuchOfTheInternetMustBeConfirmed) {
    for (const std::string_view wide :
         {"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/7", "2000::/3", "2000::/15"}) {
        const std::string line = "trusted_networks = [\"127.0.0.1\", \"" + std::string(wide) + "\"]\n";
        EXPECT_THAT(problem(line),
                    HasSubstr("trusted_networks: whoever is in " + std::string(wide) +
                              " could send mail to anywhere, without a password: if that is meant, confirm "
                              "it with trust_wide_networks = true"));
        EXPECT_TRUE(parse_good(good_text(line + "trust_wide_networks = true\n")).trust_wide_networks);
    }
    for (const std::string_view narrow : {"10.0.0.0/8", "192.0.2.0/24", "2001::/16", "::1", "fd00::/16"})
        parse_good(good_text("trusted_networks = [\"" + std::string(narrow) + "\"]\n"));
}

TEST(ConfigTest, RefusesListenersThatWouldNotServe) {
    EXPECT_THAT(listen_problem("imaps", "address = \"::\"\nport = 993\ntls = \"starttls\""),
                HasSubstr("use \"implicit\""));
    EXPECT_THAT(listen_problem("imap", "address = \"::\"\nport = 143\ntls = \"implicit\""),
                HasSubstr("or [listen.imaps]"));
    EXPECT_THAT(listen_problem("pop3", "address = \"127.0.0.1\"\nport = 110\ntls = \"none\""),
                HasSubstr("nobody could log in"));
    EXPECT_THAT(listen_problem("pop3", "address = \"192.0.2.1\"\nport = 110\npassword_without_tls = true"),
                HasSubstr("loopback"));
    EXPECT_THAT(listen_problem("pop3", "address = \"0.0.0.0\"\nport = 110\npassword_without_tls = true"),
                HasSubstr("loopback"));
    EXPECT_THAT(listen_problem("smtp", "address = \"127.0.0.1\"\nport = 25\npassword_without_tls = true"),
                HasSubstr("no meaning"));
    EXPECT_THAT(problem("[listen.pop3]\naddress = \"127.0.0.1\"\nport = 25\n"),
                HasSubstr("127.0.0.1:25 is taken by service"));
}

TEST(ConfigTest, SaysWhatAReloadChanges) {
    const Config before = parse_good(default_text());
    Config after = before;
    EXPECT_TRUE(compare_configs(before, after).live.empty());
    EXPECT_TRUE(compare_configs(before, after).restart.empty());
    after.tls.certificate = "/new.pem";
    after.host_name = "other.a.test";
    after.listeners.pop_back();
    EXPECT_THAT(compare_configs(before, after).live, ElementsAre("tls.certificate"));
    EXPECT_THAT(compare_configs(before, after).restart, ElementsAre("host_name", "listen"));
}

TEST(UnitsTest, ReadAndWriteSizesAndTimes) {
    EXPECT_EQ(parse_bytes("256MiB"), 256ULL << 20);
    EXPECT_EQ(parse_bytes("1 GiB"), 1ULL << 30);
    EXPECT_EQ(parse_bytes("0B"), 0U);
    for (const std::string_view bad :
         {"", "5", "MiB", "-1MiB", "1.5GiB", "1MB", "99999999999999999999B", "20000000TiB"})
        EXPECT_EQ(parse_bytes(bad), std::nullopt) << bad;
    EXPECT_EQ(print_bytes(3ULL << 19), "1536KiB");
    EXPECT_EQ(print_bytes(0), "0B");
    EXPECT_EQ(parse_duration("90s"), std::chrono::seconds(90));
    EXPECT_EQ(parse_duration("5d"), std::chrono::days(5));
    EXPECT_EQ(parse_duration("1000000d"), std::nullopt);
    EXPECT_EQ(parse_duration("5m"), std::nullopt);
    EXPECT_EQ(print_duration(std::chrono::seconds(90)), "90s");
    EXPECT_EQ(print_duration(std::chrono::hours(48)), "2d");
}

} // namespace
} // namespace tegami::app
