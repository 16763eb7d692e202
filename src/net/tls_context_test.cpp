#include "net/address.h"
#include "net/test_support.h"
#include "net/tls_handshake_fixture.h"

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <fstream>
#include <sys/stat.h>

namespace tegami::net::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

OwnCertificateOptions options_in(const TemporaryFolder& folder) {
    return {{"mail.b.test", "192.0.2.1", "2001:db8::1"}, folder.file("c"), folder.file("k"), SystemClock().now()};
}

using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;

std::vector<X509Pointer> certificates_in(const std::string& path) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
    std::vector<X509Pointer> found;
    while (X509* const one = PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr))
        found.emplace_back(one, X509_free);
    ERR_clear_error(); // the end of the file is one
    return found;
}

TEST(OwnCertificate, MakesACertificateAndAKeyThatOnlyWeMayRead) {
    const TemporaryFolder folder;
    const OwnCertificateOptions options = options_in(folder);
    ASSERT_TRUE(create_own_certificate(options).has_value());
    struct stat found{};
    ASSERT_EQ(::stat(options.key_path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0600u);
    const auto context = TlsServerContext::create({options.certificate_chain_path, options.key_path, {}});
    ASSERT_TRUE(context.has_value()) << context.error();
    const CertificateSummary& certificate = (*context)->certificate();
    EXPECT_THAT(certificate.names, ElementsAre("mail.b.test", "192.0.2.1", "2001:db8::1"));
    EXPECT_LT(certificate.not_before, options.now);
    EXPECT_GT(certificate.not_after, options.now + std::chrono::days(3600));
    EXPECT_EQ(certificate.sha256_fingerprint.size(), 64u);
}

/// OpenSSL's word on the certificate that `path` begins with, for a server called `host`, if only `trusted` signs
/// others.
std::string verdict(const std::string& path, X509* trusted, const std::string& host) {
    const std::vector<X509Pointer> chain = certificates_in(path);
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
    X509_STORE_add_cert(store.get(), trusted);
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(X509_STORE_CTX_new(),
                                                                                X509_STORE_CTX_free);
    X509_STORE_CTX_init(check.get(), store.get(), chain.front().get(), nullptr);
    X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(check.get());
    X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
    if (IpAddress::parse(host))
        X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
    else
        X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
    X509_verify_cert(check.get());
    return X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
}

TEST(OwnCertificate, IsGoodForItsNamesToWhoTrustsItsAuthority) {
    const TemporaryFolder folder;
    const TemporaryFolder other;
    OwnCertificateOptions options = options_in(folder);
    options.names.push_back(std::string(60, 'a') + ".b.test"); // longer than a common name may be
    std::ranges::rotate(options.names, options.names.end() - 1);
    ASSERT_TRUE(create_own_certificate(options).has_value());
    ASSERT_TRUE(create_own_certificate(options_in(other)).has_value());
    const std::vector<X509Pointer> ours = certificates_in(options.certificate_chain_path);
    const std::vector<X509Pointer> theirs = certificates_in(options_in(other).certificate_chain_path);
    ASSERT_EQ(ours.size(), 2u);
    ASSERT_EQ(theirs.size(), 2u);
    for (const std::string& name : options.names)
        EXPECT_EQ(verdict(options.certificate_chain_path, ours.back().get(), name), "ok") << name;
    EXPECT_EQ(verdict(options.certificate_chain_path, ours.back().get(), "c.test"), "hostname mismatch");
    EXPECT_EQ(verdict(options.certificate_chain_path, theirs.back().get(), "mail.b.test"),
              "unable to get local issuer certificate");
    EXPECT_EQ(X509_check_ca(ours.front().get()), 0);
    EXPECT_EQ(X509_check_ca(ours.back().get()), 1);
}

TEST(OwnCertificate, NeverOverwrites) {
    const TemporaryFolder folder;
    const OwnCertificateOptions options = options_in(folder);
    std::ofstream(options.key_path) << "precious";
    for (const auto& made : {create_own_certificate(options), create_key(options.key_path)})
        EXPECT_FALSE(made.has_value());
    EXPECT_EQ(std::filesystem::file_size(options.key_path), 8U);
    EXPECT_FALSE(sha256_of_key(options.key_path).has_value());
    std::filesystem::remove(options.key_path);
    std::ofstream(options.certificate_chain_path) << "precious";
    const auto made = create_own_certificate(options);
    ASSERT_FALSE(made.has_value());
    EXPECT_THAT(made.error(), HasSubstr("File exists"));
}

TEST(OwnCertificate, TakesTheKeyThatIsThere) {
    const TemporaryFolder folder;
    const OwnCertificateOptions options = options_in(folder);
    ASSERT_TRUE(create_key(options.key_path).has_value());
    const std::string key = sha256_of_key(options.key_path).value();
    EXPECT_EQ(key.size(), 64U);
    ASSERT_TRUE(create_own_certificate(options).has_value());
    const auto context = TlsServerContext::create({options.certificate_chain_path, options.key_path, {}});
    EXPECT_EQ(context.value()->certificate().sha256_of_key, key);
}

TEST(OwnCertificate, TakesNoNameThatCouldMeanMore) {
    const TemporaryFolder folder;
    for (const std::string& name : {"", "a,DNS:evil.test", "a\nb", "a b"}) {
        OwnCertificateOptions options = options_in(folder);
        options.names = {name};
        EXPECT_FALSE(create_own_certificate(options).has_value()) << name;
    }
}

TEST(TlsServerContext, SaysWhatIsWrong) {
    const TemporaryFolder folder;
    const TemporaryFolder other;
    const OwnCertificateOptions options = options_in(folder);
    const OwnCertificateOptions others = options_in(other);
    ASSERT_TRUE(create_own_certificate(options).has_value());
    ASSERT_TRUE(create_own_certificate(others).has_value());
    const auto missing = TlsServerContext::create({"/nonexistent", options.key_path, {}});
    ASSERT_FALSE(missing.has_value());
    EXPECT_THAT(missing.error(), HasSubstr("/nonexistent"));
    const auto foreign = TlsServerContext::create({options.certificate_chain_path, others.key_path, {}});
    ASSERT_FALSE(foreign.has_value());
    EXPECT_THAT(foreign.error(), HasSubstr(others.key_path));
    std::ofstream(folder.file("junk")) << "-----BEGIN CERTIFICATE-----\njunk\n";
    EXPECT_FALSE(TlsServerContext::create({folder.file("junk"), options.key_path, {}}).has_value());
    EXPECT_FALSE(TlsClientContext::create({TlsVerification::required, folder.file("junk")}).has_value());
}

TEST(TlsServerContext, ANewContextTakesNoTicketsOfOldKeys) {
    const TlsMaterial material;
    const auto renewed = material.server->with_new_ticket_keys();
    EXPECT_EQ(renewed->certificate().sha256_fingerprint, material.server->certificate().sha256_fingerprint);
    EXPECT_EQ(renewed->applications(), material.server->applications());
    const Handshake first = shake_hands(*material.server, nullptr);
    EXPECT_FALSE(first.resumed);
    EXPECT_TRUE(shake_hands(*material.server, first.session.get()).resumed);
    EXPECT_FALSE(shake_hands(*renewed, first.session.get()).resumed);
}

TEST(TlsServerContext, ShowsTheCertificateOfTheHostThatTheClientNames) {
    const TemporaryFolder folder;
    const auto make = [&](const std::vector<std::string>& names) -> TlsServerOptions {
        const std::string file = folder.file(names.front() + ".pem");
        EXPECT_TRUE(create_own_certificate({names, file, file + ".key", SystemClock().now()}));
        return {file, file + ".key", {}};
    };
    TlsServerOptions options = make({"mail.b.test", "both.b.test"});
    for (const std::vector<std::string>& names :
         {std::vector<std::string>{"www.b.test", "both.b.test"}, {"wide.c.test", "*.c.test"}, {"other.c.test"}})
        options.others.push_back(TlsServerContext::create(make(names)).value());
    const TlsServerOptions challenge = make({"x.test", "www.b.test"});
    const auto read = [](const std::string& path) {
        std::ifstream file(path);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const auto answer =
        TlsServerContext::from_pem(read(challenge.certificate_chain_path) + read(challenge.key_path), {"acme-tls/1"})
            .value();
    EXPECT_FALSE(TlsServerContext::from_pem(read(challenge.certificate_chain_path), {}));
    EXPECT_FALSE(TlsServerContext::from_pem(read(challenge.key_path), {}));
    const auto plain = TlsServerContext::create(options).value();
    EXPECT_EQ(shake_hands(*plain, nullptr, {"www.b.test", "acme-tls/1"}).application, "");
    for (const auto& context : {plain, plain->with_new_ticket_keys(), plain->with_challenges({answer}),
                                plain->with_challenges({answer})->with_new_ticket_keys()}) {
        for (const auto& [host, name] : std::vector<std::pair<std::string, std::string>>{
                 {"", "mail.b.test"},
                 {"mail.b.test", "mail.b.test"},
                 {"WWW.B.test", "www.b.test"},
                 {"both.b.test", "mail.b.test"},
                 {"any.c.test", "wide.c.test"},
                 {"other.c.test", "other.c.test"},
                 {"a.any.c.test", "mail.b.test"},
                 {"c.test", "mail.b.test"},
                 {"stranger.test", "mail.b.test"},
             })
            EXPECT_EQ(shake_hands(*context, nullptr, {host, "imap"}).common_name, name) << host;
        const Handshake first = shake_hands(*context, nullptr, {"www.b.test", ""});
        EXPECT_TRUE(shake_hands(*context, first.session.get(), {"www.b.test", ""}).resumed);
    }
    const auto challenged = plain->with_challenges({answer});
    const Handshake checked = shake_hands(*challenged, nullptr, {"x.test", "acme-tls/1"});
    EXPECT_EQ(checked.application, "acme-tls/1");
    EXPECT_EQ(checked.common_name, "x.test");
    EXPECT_EQ(shake_hands(*challenged, nullptr, {"mail.b.test", "acme-tls/1"}).application, "");
    EXPECT_EQ(shake_hands(*challenged->with_challenges({}), nullptr, {"x.test", "acme-tls/1"}).application, "");
}

TEST(TlsServerContext, IsReplacedForNewHandshakesOnly) {
    const TlsMaterial one;
    const TlsMaterial two;
    CurrentTlsServerContext current(one.server);
    const auto held = current.get();
    current.set(two.server);
    EXPECT_EQ(held, one.server);
    EXPECT_EQ(current.get(), two.server);
    EXPECT_NE(one.server->certificate().sha256_fingerprint, two.server->certificate().sha256_fingerprint);
}

TEST(Endpoint, ParsesAndPrints) {
    for (const std::string_view text : {"127.0.0.1:25", "[::1]:993", "[2001:db8::1]:65535"})
        EXPECT_EQ(Endpoint::parse(text).value().to_string(), text);
    for (const std::string_view text : {"127.0.0.1", "::1:25", "[127.0.0.1]:25", "127.0.0.1:65536", "127.0.0.1:", ":25",
                                        "[]:25", "localhost:25", "127.0.0.1:+1"})
        EXPECT_FALSE(Endpoint::parse(text)) << text;
}

} // namespace
} // namespace tegami::net::testing
