// What is said about certificates and keys that cannot be used, or that clients will not like.
#include "app/server/certificate_files.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace tegami::app {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A key with the passphrase "x".
constexpr const char* kEncryptedKey = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                      "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiJa83ZbJcV3wICCAAw\n"
                                      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEENNER2VNJqs6EUh6abgVWJwEgZBE\n"
                                      "gOpx7mKjrm9IeB8D1XXAd4b8q1apDObsLRmic94ix+sLNLjbtHzzqa9MSMcTA116\n"
                                      "gFcRRH+VRCo+36T+KijY9TUJBKaeiV/qUzPFN7l+zmR9Kdnaqlplr7OoJfBdbcTg\n"
                                      "SDdibnT75xWqnNIN2VTQhi5rlrFUPtelWc1FT87BvBzbQXO1FGTS1dba5ofqO+s=\n"
                                      "-----END ENCRYPTED PRIVATE KEY-----\n";

class CertificateFilesTest : public ::testing::Test {
protected:
    CertificateFilesTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tegami-tls-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        config_.host_name = "mail.b.test";
        config_.data_directory = folder_ / "data";
        config_.tls = {.certificate = path("c"), .key = path("k")};
    }

    ~CertificateFilesTest() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return folder_ / name; }

    static std::string text_of(const std::string& file) {
        std::ifstream stream(file);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    /// Made at `now`: valid from an hour before, for 3650 days.
    void make(const std::string& name, std::vector<std::string> names, Timestamp now = kNow) const {
        for (const char* const old : {"c", "k"})
            std::filesystem::remove(path(old + name));
        ASSERT_TRUE(net::create_own_certificate({.names = std::move(names),
                                                 .certificate_chain_path = path("c" + name),
                                                 .key_path = path("k" + name),
                                                 .now = now}));
    }

    /// The sentences, with the folder left out.
    std::vector<std::string> said() const {
        const auto checked = check_certificate(config_, kNow);
        std::vector<std::string> sentences = checked ? *checked : std::vector<std::string>{checked.error()};
        for (std::string& sentence : sentences)
            for (auto at = sentence.find(folder_.string()); at != std::string::npos;
                 at = sentence.find(folder_.string()))
                sentence.erase(at, folder_.string().size() + 1);
        return sentences;
    }

    static constexpr Timestamp kNow{std::chrono::seconds(1'764'150'000)}; // 2025-11-26 09:40

    std::filesystem::path folder_;
    Config config_;
};

TEST_F(CertificateFilesTest, SaysWhatClientsWillNotLike) {
    struct Case {
        std::vector<std::string> names;
        std::chrono::days made; ///< from now
        std::vector<std::string> warnings;
    };

    const Case cases[] = {
        {{"mail.b.test"}, {}, {}},
        {{"b.test", "MAIL.b.test"}, {}, {}},
        {{"*.b.test"}, {}, {}},
        {{"*.test"},
         {},
         {"the certificate c is for *.test, not for mail.b.test (host_name): mail programs that connect to that name "
          "refuse it"}},
        {{"www.b.test", "192.0.2.1"},
         {},
         {"the certificate c is for www.b.test, 192.0.2.1, not for mail.b.test (host_name): mail programs that connect "
          "to that name refuse it"}},
        {{"1.test", "2.test", "3.test", "4.test", "5.test", "6.test", "7.test"},
         {},
         {"the certificate c is for 1.test, 2.test, 3.test, 4.test, 5.test and 2 more, not for mail.b.test "
          "(host_name): "
          "mail programs that connect to that name refuse it"}},
        {{"mail.b.test"},
         std::chrono::days(-3651),
         {"the certificate c ended on 2025-11-25 09:40 UTC: mail programs refuse it"}},
        {{"mail.b.test"}, std::chrono::days(-3640), {"the certificate c ends on 2025-12-06 09:40 UTC"}},
        {{"mail.b.test"},
         std::chrono::days(2),
         {"the certificate c is not valid before 2025-11-28 08:40 UTC: mail programs refuse it"}},
        {{"b.test"},
         std::chrono::days(-4000),
         {"the certificate c ended on 2024-12-11 09:40 UTC: mail programs refuse it",
          "the certificate c is for b.test, not for mail.b.test (host_name): mail programs that connect to that name "
          "refuse it"}},
    };
    for (const auto& [names, made, warnings] : cases) {
        make("", names, kNow + made);
        EXPECT_EQ(said(), warnings);
    }
}

TEST_F(CertificateFilesTest, SaysWhyFilesCannotBeUsed) {
    make("", {"mail.b.test"});
    make("2", {"mail.b.test"});
    std::ofstream(path("junk")) << "junk";
    std::ofstream(path("damaged")) << "-----BEGIN CERTIFICATE-----\nanVuaw==\n-----END CERTIFICATE-----\n";
    std::ofstream(path("encrypted")) << kEncryptedKey;

    struct Case {
        std::string certificate;
        std::string key;
        std::string reason;
    };

    const Case cases[] = {
        {"none", "k", "the certificate none cannot be read: No such file or directory"},
        {"c", "none", "the private key none cannot be read: No such file or directory"},
        {"c", ".", "the private key  cannot be read: Is a directory"},
        {"junk", "k", "junk: there is no certificate in PEM form in it"},
        {"k", "k", "k: there is no certificate in PEM form in it"},
        {"damaged", "k", "cannot use the certificate in damaged: "},
        {"c", "c", "c: there is no private key in PEM form in it"},
        {"c", "k2", "the key in k2 does not belong to the certificate in c"},
        {"c", "encrypted",
         "encrypted: the key is encrypted, and nobody is there to type its passphrase: keep it without one"},
    };
    for (const auto& [certificate, key, reason] : cases) {
        config_.tls = {.certificate = path(certificate), .key = key == "." ? path("") : path(key)};
        EXPECT_THAT(said(), ElementsAre(StartsWith(reason)));
    }
}

TEST_F(CertificateFilesTest, OneOfItsOwnThatIsNotMadeYetIsNoFault) {
    config_.tls = {};
    EXPECT_THAT(said(), IsEmpty());
    std::filesystem::create_directories(config_.data_directory);
    ASSERT_TRUE(load_certificate(config_, kNow));
    EXPECT_THAT(said(), IsEmpty());
    config_.host_name = "mail2.b.test"; // the name was changed afterwards
    EXPECT_THAT(said(), ElementsAre("the certificate data/tls/certificate.pem is for mail.b.test, localhost, not for "
                                    "mail2.b.test (host_name): mail programs that connect to that name refuse it"));
}

TEST_F(CertificateFilesTest, TheAuthorityOfItsOwnOneIsInAFileToImport) {
    config_.tls = {};
    const std::string tls = config_.data_directory + "/tls/";
    std::filesystem::create_directories(config_.data_directory);
    const auto after_a_start = [&](const std::string& without) {
        if (!without.empty()) std::filesystem::remove(tls + without);
        EXPECT_TRUE(load_certificate(config_, kNow));
        return std::pair(text_of(tls + "certificate.pem"), text_of(tls + "ca.pem"));
    };
    const auto [chain, authority] = after_a_start("");
    EXPECT_THAT(authority, StartsWith("-----BEGIN CERTIFICATE-----"));
    EXPECT_THAT(chain, EndsWith(authority));
    EXPECT_GT(chain.size(), authority.size());
    EXPECT_EQ(after_a_start(""), std::pair(chain, authority));
    EXPECT_EQ(after_a_start("ca.pem"), std::pair(chain, authority)); // as after a restore
    const auto [other_chain, other_authority] = after_a_start("certificate.pem");
    EXPECT_NE(other_authority, authority);
    EXPECT_THAT(other_chain, EndsWith(other_authority));
    std::ofstream(tls + "certificate.pem") << other_chain.substr(0, other_chain.size() - other_authority.size());
    EXPECT_EQ(after_a_start("ca.pem").second, ""); // there is none to show
}

TEST_F(CertificateFilesTest, AnOperatorsOwnOneShouldNameWherePoliciesAre) {
    const auto domain = [](std::string_view name) { return message::Domain::parse(name).value(); };
    directory::DomainTable domains;
    for (const char* const name : {"b.test", "c.test", "d.test"})
        domains.emplace(domain(name), directory::DomainSettings{.name = domain(name), .catch_all = {}});
    domains.at(domain("d.test")).sts_mode = tls_policy::StsMode::none;
    EXPECT_THAT(policy_hosts(config_, domains), IsEmpty()); // nobody serves them
    config_.listeners = {{.service = Service::https, .endpoint = {}, .tls = TlsMode::implicit}};
    const std::vector<std::string> hosts = policy_hosts(config_, domains);
    EXPECT_THAT(hosts, ElementsAre("mta-sts.b.test", "mta-sts.c.test"));
    EXPECT_THAT(settings_hosts(config_, domains), IsEmpty()); // there are no services
    config_.listeners.push_back({.service = Service::imaps, .endpoint = {}, .tls = TlsMode::implicit});
    domains.erase(domain("c.test"));
    EXPECT_THAT(settings_hosts(config_, domains),
                ElementsAre("autoconfig.b.test", "autodiscover.b.test", "autoconfig.d.test", "autodiscover.d.test"));
    const auto warnings = [&](const std::vector<std::string>& names) {
        return certificate_warnings(
            config_, {.names = names, .not_before = kNow, .not_after = kNow + std::chrono::days(90)}, kNow, hosts);
    };
    EXPECT_THAT(warnings({"mail.b.test", "*.b.test", "mta-sts.c.test"}), IsEmpty());
    EXPECT_THAT(warnings({"mail.b.test", "*.b.test"}),
                ElementsAre(EndsWith("c does not name mta-sts.c.test: other servers cannot fetch the policies of these "
                                     "domains (MTA-STS)")));
    config_.tls = {};
    EXPECT_THAT(warnings({"mail.b.test"}), IsEmpty());
}

TEST_F(CertificateFilesTest, WhoAsksForAnotherNameSeesTheCertificateForIt) {
    make("", {"mail.b.test"});
    make("2", {"www.b.test"});
    config_.tls.others = {{.certificate = path("c2"), .key = path("k2")}};
    const auto context = load_certificate(config_, kNow).value();
    EXPECT_THAT(context->for_client("www.b.test", {}).certificate().names, ElementsAre("www.b.test"));
    EXPECT_THAT(context->for_client("", {}).certificate().names, ElementsAre("mail.b.test"));
    EXPECT_THAT(said(), IsEmpty());
    config_.tls.others.front().key = path("k");
    EXPECT_THAT(said(), ElementsAre(StartsWith("the key in ")));
    config_.tls.others.front().certificate = path("nothing");
    EXPECT_THAT(said(), ElementsAre(StartsWith("the certificate ")));
}

TEST_F(CertificateFilesTest, TheNextCertificateHasTheKeyThatWasAnnounced) {
    config_.tls = {};
    const auto key_in_use = [&] { return load_certificate(config_, kNow).value()->certificate(); };
    const net::CertificateSummary first = key_in_use();
    const std::string next = keep_next_key(config_, first).value();
    EXPECT_NE(next, first.sha256_of_key);
    EXPECT_EQ(keep_next_key(config_, first).value(), next);
    EXPECT_EQ(std::filesystem::status(next_key_file(config_)).permissions(), std::filesystem::perms(0600));

    std::filesystem::remove(config_.data_directory + "/tls/certificate.pem"); // as who renews it does
    const net::CertificateSummary second = key_in_use();
    EXPECT_EQ(second.sha256_of_key, next);
    const std::string third = keep_next_key(config_, second).value();
    EXPECT_NE(third, next);

    // An operator's own one for a copy of the next key; for that key itself it stays where it is.
    std::filesystem::copy_file(next_key_file(config_), path("k2"));
    ASSERT_TRUE(net::create_own_certificate(
        {.names = {"mail.b.test"}, .certificate_chain_path = path("c2"), .key_path = path("k2"), .now = kNow}));
    for (const auto& [key, stays] : {std::pair(next_key_file(config_), true), std::pair(path("k2"), false)}) {
        config_.tls = {.certificate = path("c2"), .key = key};
        EXPECT_EQ(key_in_use().sha256_of_key, third);
        EXPECT_EQ(keep_next_key(config_, key_in_use()).value() == third, stays);
    }
}

TEST_F(CertificateFilesTest, AnInterruptedStartIsTakenUp) {
    config_.tls = {};
    const std::string tls = config_.data_directory + "/tls/";
    std::filesystem::create_directories(tls);
    std::ofstream(tls + "key.pem") << "-----BEGIN PRIV";
    EXPECT_TRUE(load_certificate(config_, kNow));
    const std::string key = text_of(tls + "key.pem");
    std::filesystem::remove(tls + "certificate.pem");
    EXPECT_TRUE(load_certificate(config_, kNow));
    EXPECT_EQ(text_of(tls + "key.pem"), key);
}

} // namespace
} // namespace tegami::app
