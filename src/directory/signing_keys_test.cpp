#include "directory/signing_keys.h"

#include "directory/check.h"
#include "directory/directory_fixture.h"
#include "directory/repair.h"

#include <gmock/gmock.h>

namespace tegami::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SigningKeysTest : public DirectoryTest {
protected:
    SigningKeysTest() { EXPECT_TRUE(run(administration().add_domain({.name = domain("a.test")}))); }

    static SigningKey key(std::string_view selector, SigningKeyState state = SigningKeyState::announced,
                          std::string_view of = "a.test") {
        return {.domain = domain(of),
                .selector = std::string(selector),
                .algorithm = "ed25519",
                .private_key = "-----BEGIN PRIVATE KEY-----\n",
                .record = "v=DKIM1; k=ed25519; p=AAAA",
                .state = state,
                .since = Timestamp(std::chrono::seconds(1'700'000'000))};
    }

    SigningKeys& keys() { return directory_->signing_keys(); }

    std::vector<SigningKey> of(std::string_view name) {
        const auto table = keys().table();
        const auto found = table->find(domain(name));
        return found == table->end() ? std::vector<SigningKey>() : found->second;
    }
};

TEST_F(SigningKeysTest, AreThereAgainAfterARestart) {
    ASSERT_TRUE(run(keys().put({key("b"), key("a", SigningKeyState::signing)})));
    ASSERT_TRUE(run(keys().put({key("b", SigningKeyState::retired)})));
    for (int start = 0; start < 2; ++start) {
        EXPECT_THAT(of("a.test"), ElementsAre(key("a", SigningKeyState::signing), key("b", SigningKeyState::retired)));
        EXPECT_THAT(run(check(&engine_)).value().findings, IsEmpty());
        reopen();
    }
    ASSERT_TRUE(run(keys().remove(domain("a.test"), "a")));
    EXPECT_EQ(run(keys().remove(domain("a.test"), "a")).error().code, ErrorCode::not_found);
    reopen();
    EXPECT_THAT(of("a.test"), ElementsAre(key("b", SigningKeyState::retired)));
}

TEST_F(SigningKeysTest, BelongToADomainOfOurs) {
    EXPECT_EQ(run(keys().put({key("a", SigningKeyState::signing, "b.test")})).error().code, ErrorCode::not_found);
    ASSERT_TRUE(run(keys().put({key("a")})));
    ASSERT_TRUE(run(administration().remove_domain(domain("a.test"))));
    EXPECT_THAT(of("a.test"), IsEmpty());
    EXPECT_THAT(run(check(&engine_)).value().findings, IsEmpty());
    ASSERT_TRUE(run(administration().add_domain({.name = domain("a.test")})));
    reopen();
    EXPECT_THAT(of("a.test"), IsEmpty());
}

TEST_F(SigningKeysTest, AreBoundedInNumber) {
    for (std::size_t i = 0; i < kSigningKeysMax; ++i)
        ASSERT_TRUE(run(keys().put({key("s" + std::to_string(i))})));
    EXPECT_TRUE(run(keys().put({key("s1", SigningKeyState::retired)}))) << "one that is there";
    EXPECT_EQ(run(keys().put({key("more")})).error().code, ErrorCode::invalid);
    EXPECT_EQ(of("a.test").size(), kSigningKeysMax);
}

TEST_F(SigningKeysTest, OneWithoutItsDomainIsFoundAndMended) {
    ASSERT_TRUE(run(keys().put({key("a")})));
    ASSERT_TRUE(run(engine_.commit({.domain = kShard,
                                    .expected = {},
                                    .assertions = {},
                                    .operations = {store::Delete{records::domain_key(domain("a.test"))}}})));
    EXPECT_THAT(run(check(&engine_)).value().findings, ElementsAre(HasSubstr("its domain does not exist")));
    ASSERT_TRUE(run(repair(&engine_, &clock_, &random_, {.default_domain = domain("c.test"), .with_mail = {}})));
    EXPECT_THAT(run(check(&engine_)).value().findings, IsEmpty());
}

} // namespace
} // namespace tegami::directory
