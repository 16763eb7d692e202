// What is published of a server with this configuration.
#include "app/server/dns_facts.h"

#include "app/server/mail_offer.h"

#include <fmt/format.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Config listening_on(std::vector<std::string> addresses) {
    const auto config =
        parse_config(default_config_text(*message::Domain::parse("a.test"), addresses, 0), "/t/tegami.toml");
    EXPECT_TRUE(config);
    return *config;
}

TEST(DnsFactsTest, PublishesTheAddressesThatEverybodyCanReach) {
    using Texts = std::vector<std::string>;
    for (const auto& [listen, published] :
         {std::pair(Texts{"192.0.2.1", "2001:db8::1"}, Texts{"192.0.2.1", "2001:db8::1"}),
          std::pair(Texts{"0.0.0.0", "::"}, Texts{}),
          std::pair(Texts{"127.0.0.1", "10.0.0.1", "192.0.2.1"}, Texts{"192.0.2.1"})}) {
        Texts found;
        for (const IpAddress& address : dns_host(listening_on(listen), nullptr).addresses)
            found.push_back(address.to_string());
        EXPECT_EQ(found, published);
    }
}

TEST(DnsFactsTest, PublishesServicesWithTlsFromTheStartIfThereAreSuch) {
    using dns_setup::ClientService;
    Config config = listening_on({"192.0.2.1"});
    EXPECT_THAT(
        dns_host(config, nullptr).services,
        ElementsAre(ClientService{"_submissions", 465}, ClientService{"_imaps", 993}, ClientService{"_pop3s", 995}));
    std::erase_if(config.listeners, [](const Listener& listener) { return listener.tls == TlsMode::implicit; });
    EXPECT_THAT(
        dns_host(config, nullptr).services,
        ElementsAre(ClientService{"_submission", 587}, ClientService{"_imap", 143}, ClientService{"_pop3", 110}));
    for (Listener& listener : config.listeners)
        listener.tls = TlsMode::none;
    EXPECT_THAT(dns_host(config, nullptr).services, IsEmpty());
}

TEST(DnsFactsTest, PoliciesAreServedOverHttps) {
    Config config = listening_on({"192.0.2.1"});
    EXPECT_TRUE(dns_host(config, nullptr).has_https);
    EXPECT_EQ(dns_host(config, nullptr).https_port, 443U);
    std::erase_if(config.listeners, [](const Listener& listener) { return listener.service == Service::https; });
    EXPECT_FALSE(dns_host(config, nullptr).has_https);
}

TEST(DnsFactsTest, MailProgramsAreToldOfWhatIsEncryptedBestFirst) {
    Config config = listening_on({"192.0.2.1"});
    const auto told = [&] {
        std::string text;
        for (const discovery::Service& service : mail_offer(config).services)
            text += fmt::format("{} {} {}, ", to_string(service.protocol), to_string(service.security), service.port);
        return text;
    };
    EXPECT_EQ(told(), "imap tls 993, imap starttls 143, pop3 tls 995, pop3 starttls 110, submission tls 465, "
                      "submission starttls 587, ");
    EXPECT_EQ(mail_offer(config).https_port, 443U);
    for (Listener& listener : config.listeners)
        if (listener.tls == TlsMode::starttls) listener.tls = TlsMode::none;
    EXPECT_EQ(told(), "imap tls 993, pop3 tls 995, submission tls 465, ");
}

TEST(DnsFactsTest, PublishesTheKeyOfTheCertificateInUse) {
    const Config config = listening_on({"192.0.2.1"});
    EXPECT_EQ(dns_host(config, nullptr).public_key_sha256, "");
    const net::CertificateSummary certificate{.sha256_fingerprint = "00ff", .sha256_of_key = "4142"};
    const dns_setup::Host host = dns_host(config, &certificate);
    EXPECT_EQ(host.public_key_sha256, "AB");
    EXPECT_EQ(host.certificate_sha256, std::string("\0\xff", 2));
    EXPECT_EQ(host.name.to_string(), config.host_name);
    EXPECT_EQ(host.next_key_sha256, "");
    EXPECT_EQ(dns_host(config, &certificate, "4344").next_key_sha256, "CD");
}

} // namespace
} // namespace tegami::app
