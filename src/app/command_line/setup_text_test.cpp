// What setup writes is a configuration that says what was asked for.
#include "app/command_line/setup_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::app {
namespace {

using ::testing::SizeIs;

constexpr const char* kSetupFile = "/t/tegami.toml";

TEST(SetupTextTest, EveryWishIsInTheConfiguration) {
    const std::string text = default_config_text(*message::Domain::parse("a.test"), {"0.0.0.0", "::"}, 100);
    const Config before = *parse_config(text, kSetupFile);
    const SetupWishes wishes{
        .host_name = "mx.a.test",
        .data_directory = "/var/lib/tegami",
        .resolver = ResolverConfig{.mode = ResolverMode::recursive, .trust_anchor = "/usr/share/dns/root.key"},
        .memory_budget = 256ULL << 20,
        .acme = SetupWishes::Acme{.directory = "https://ca.test/dir"},
        .smarthost =
            SetupWishes::Through{.host = "smtp.b.test", .port = 465, .user = "me", .password_file = "/t/secret \"1\""}};
    const std::string changed = with_wishes(text, wishes, before, 100);
    const ConfigResult after = parse_config(changed, kSetupFile);
    ASSERT_TRUE(after) << after.error().front().to_string(kSetupFile);
    EXPECT_EQ(after->host_name, "mx.a.test");
    EXPECT_EQ(after->data_directory, "/var/lib/tegami");
    EXPECT_EQ(after->memory_budget_bytes, 256ULL << 20);
    EXPECT_EQ(after->resolver, wishes.resolver);
    EXPECT_EQ(after->acme,
              (AcmeConfig{.directory = "https://ca.test/dir", .terms_agreed = true, .contact = "postmaster@a.test"}));
    EXPECT_EQ(after->smarthost, (SmarthostConfig{.host = "smtp.b.test",
                                                 .port = 465,
                                                 .tls = TlsMode::implicit,
                                                 .user = "me",
                                                 .password_file = "/t/secret \"1\""}));
    EXPECT_THAT(after->listeners, SizeIs(before.listeners.size() + 2)); // port 180 on both addresses
    EXPECT_EQ(with_wishes(changed, wishes, *after, 100), changed);
}

TEST(SetupTextTest, ASmarthostAndAPort) {
    EXPECT_EQ(parse_smarthost("SMTP.b.test")->host, "smtp.b.test");
    EXPECT_EQ(parse_smarthost("smtp.b.test")->port, 587);
    EXPECT_EQ(parse_smarthost("smtp.b.test:465")->port, 465);
    for (const char* const wrong :
         {"", "smtp", "192.0.2.1", "smtp.b.test:", "smtp.b.test:0", "smtp.b.test:99999", "[::1]:25"})
        EXPECT_FALSE(parse_smarthost(wrong)) << wrong;
}

TEST(SetupTextTest, ASmallMachineGivesLess) {
    EXPECT_EQ(memory_budget_for(0), std::nullopt);
    EXPECT_EQ(memory_budget_for(2ULL << 30), std::nullopt);
    EXPECT_EQ(memory_budget_for(600ULL << 20), 300ULL << 20);
    EXPECT_EQ(memory_budget_for(256ULL << 20), 192ULL << 20);
}

} // namespace
} // namespace tegami::app
