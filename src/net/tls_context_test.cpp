#include "net/address.h"
#include "net/test_support.h"
#include "net/tls_handshake_fixture.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sys/stat.h>

namespace tegami::net::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SelfSignedOptions options_in(const TemporaryFolder& folder) {
    return {{"mail.b.test", "192.0.2.1", "2001:db8::1"}, folder.file("c"), folder.file("k"), SystemClock().now()};
}

TEST(SelfSigned, MakesACertificateAndAKeyThatOnlyWeMayRead) {
    const TemporaryFolder folder;
    const SelfSignedOptions options = options_in(folder);
    ASSERT_TRUE(create_self_signed(options).has_value());
    struct stat found{};
    ASSERT_EQ(::stat(options.key_path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0600u);
    const auto context = TlsServerContext::create({options.certificate_path, options.key_path, {}});
    ASSERT_TRUE(context.has_value()) << context.error();
    const CertificateSummary& certificate = (*context)->certificate();
    EXPECT_THAT(certificate.names, ElementsAre("mail.b.test", "192.0.2.1", "2001:db8::1"));
    EXPECT_LT(certificate.not_before, options.now);
    EXPECT_GT(certificate.not_after, options.now + std::chrono::days(3600));
    EXPECT_EQ(certificate.sha256_fingerprint.size(), 64u);
}

TEST(SelfSigned, NeverOverwrites) {
    const TemporaryFolder folder;
    const SelfSignedOptions options = options_in(folder);
    std::ofstream(options.key_path) << "precious";
    const auto made = create_self_signed(options);
    ASSERT_FALSE(made.has_value());
    EXPECT_THAT(made.error(), HasSubstr("File exists"));
}

TEST(SelfSigned, TakesNoNameThatCouldMeanMore) {
    const TemporaryFolder folder;
    for (const std::string& name : {"", "a,DNS:evil.test", "a\nb", "a b"}) {
        SelfSignedOptions options = options_in(folder);
        options.names = {name};
        EXPECT_FALSE(create_self_signed(options).has_value()) << name;
    }
}

TEST(TlsServerContext, SaysWhatIsWrong) {
    const TemporaryFolder folder;
    const TemporaryFolder other;
    const SelfSignedOptions options = options_in(folder);
    const SelfSignedOptions others = options_in(other);
    ASSERT_TRUE(create_self_signed(options).has_value());
    ASSERT_TRUE(create_self_signed(others).has_value());
    const auto missing = TlsServerContext::create({"/nonexistent", options.key_path, {}});
    ASSERT_FALSE(missing.has_value());
    EXPECT_THAT(missing.error(), HasSubstr("/nonexistent"));
    const auto foreign = TlsServerContext::create({options.certificate_path, others.key_path, {}});
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
