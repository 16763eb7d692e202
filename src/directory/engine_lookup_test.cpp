#include "directory/directory_fixture.h"

#include <gmock/gmock.h>

namespace tegami::directory {
namespace {

class ResolveTest : public DirectoryTest {};

Resolution local(AccountId id, std::string_view text, std::string detail = "") {
    return Local{.accounts = {{.account = id, .address = address(text), .detail = std::move(detail)}}};
}

TEST_F(ResolveTest, FindsAnAccountWhateverTheCase) {
    const AccountId id = add("Anna.Berg@a.test");
    EXPECT_EQ(resolve("Anna.Berg@a.test"), local(id, "Anna.Berg@a.test"));
    EXPECT_EQ(resolve("anna.berg@A.TEST"), local(id, "Anna.Berg@a.test"));
}

TEST_F(ResolveTest, FindsANonAsciiAccountInAnySpelling) {
    const AccountId id = add("J\xc3\xb6rg@a.test");
    EXPECT_EQ(resolve("j\xc3\x96rg@a.test"), local(id, "J\xc3\xb6rg@a.test"));
    EXPECT_EQ(resolve("jo\xcc\x88rg@a.test"), local(id, "J\xc3\xb6rg@a.test")) << "decomposed";
    EXPECT_EQ(resolve("jorg@a.test"), Resolution(UnknownUser()));
}

TEST_F(ResolveTest, TellsForeignDomainsFromUnknownUsers) {
    add("anna@a.test");
    EXPECT_EQ(resolve("anna@elsewhere.test"), Resolution(NotLocalDomain()));
    EXPECT_EQ(resolve("nobody@a.test"), Resolution(UnknownUser()));
    EXPECT_EQ(resolve("anna@sub.a.test"), Resolution(NotLocalDomain()));
}

// RFC 5233 §1: what follows the separator is the detail.
TEST_F(ResolveTest, StripsTheSubaddress) {
    const AccountId id = add("anna@a.test");
    EXPECT_EQ(resolve("anna+lists@a.test"), local(id, "anna@a.test", "lists"));
    EXPECT_EQ(resolve("anna+a+b@a.test"), local(id, "anna@a.test", "a+b"));
    EXPECT_EQ(resolve("anna+@a.test"), local(id, "anna@a.test"));
    EXPECT_EQ(resolve("+anna@a.test"), Resolution(UnknownUser()));
}

TEST_F(ResolveTest, PrefersTheExactAddressToTheSubaddress) {
    add("anna@a.test");
    const AccountId exact = add("anna+lists@a.test");
    EXPECT_EQ(resolve("anna+lists@a.test"), local(exact, "anna+lists@a.test"));
}

// message/report_names.h
TEST_F(ResolveTest, ReportsAreForTheServerAndForWhoHasTheirAddress) {
    const Resolution server(Local{.accounts = {}, .remote = {}, .for_server = true});
    add("dmarc@a.test");
    ASSERT_TRUE(run(administration().add_domain({.name = domain("dash.test"), .subaddress_separator = "-"})));
    add("dmarc@dash.test");
    for (const std::string name : {"dmarc-reports@a.test", "TLS-Reports@a.test", "dmarc-reports@dash.test"})
        EXPECT_EQ(resolve(name), server) << name;
    EXPECT_EQ(resolve("dmarc-reports@elsewhere.test"), Resolution(NotLocalDomain()));
    const AccountId reader = add("dmarc-reports@a.test");
    Local both = std::get<Local>(local(reader, "dmarc-reports@a.test"));
    both.for_server = true;
    EXPECT_EQ(resolve("dmarc-reports@a.test"), Resolution(both));
}

TEST_F(ResolveTest, HonoursTheDomainsOwnSeparator) {
    ASSERT_TRUE(run(administration().add_domain({.name = domain("dash.test"), .subaddress_separator = "--"})));
    ASSERT_TRUE(run(administration().add_domain({.name = domain("plain.test"), .subaddress_separator = ""})));
    const AccountId dash = add("anna@dash.test");
    add("anna@plain.test");
    EXPECT_EQ(resolve("anna--x@dash.test"), local(dash, "anna@dash.test", "x"));
    EXPECT_EQ(resolve("anna+x@dash.test"), Resolution(UnknownUser()));
    EXPECT_EQ(resolve("anna+x@plain.test"), Resolution(UnknownUser()));
}

TEST_F(ResolveTest, FollowsNestedAliasesAndCopiesEachAccountOnce) {
    const AccountId anna = add("anna@a.test");
    const AccountId bo = add("bo@a.test");
    ASSERT_TRUE(alias("team@a.test", {"anna@a.test", "bo@a.test"}));
    ASSERT_TRUE(alias("all@a.test", {"team@a.test", "anna@a.test", "ext@elsewhere.test"}));
    EXPECT_EQ(resolve("ALL@a.test"),
              Resolution(Local{.accounts = {{anna, address("anna@a.test"), ""}, {bo, address("bo@a.test"), ""}},
                               .remote = {address("ext@elsewhere.test")}}));
}

TEST_F(ResolveTest, GivesTheDetailOfAnAliasToTheAccount) {
    const AccountId anna = add("anna@a.test");
    ASSERT_TRUE(alias("sales@a.test", {"anna@a.test"}));
    ASSERT_TRUE(alias("fixed@a.test", {"anna+orders@a.test"}));
    EXPECT_EQ(resolve("sales+x@a.test"), local(anna, "anna@a.test", "x"));
    EXPECT_EQ(resolve("fixed@a.test"), local(anna, "anna@a.test", "orders"));
    EXPECT_EQ(resolve("fixed+x@a.test"), local(anna, "anna@a.test", "orders"));
}

TEST_F(ResolveTest, EndsALoopOfAliasesWhereItCloses) {
    const AccountId anna = add("anna@a.test");
    const AccountId temporary = add("temporary@a.test");
    ASSERT_NE(temporary, AccountId());
    ASSERT_TRUE(alias("one@a.test", {"temporary@a.test", "anna@a.test"}));
    ASSERT_TRUE(alias("two@a.test", {"one@a.test"}));
    // The account makes way for an alias, which closes the circle.
    ASSERT_TRUE(run(administration().remove_account(address("temporary@a.test"))));
    ASSERT_TRUE(alias("temporary@a.test", {"two@a.test"}));
    EXPECT_EQ(resolve("one@a.test"), local(anna, "anna@a.test"));
    EXPECT_EQ(resolve("two@a.test"), local(anna, "anna@a.test"));
}

TEST_F(ResolveTest, AnAliasOfNobodyIsAnUnknownUser) {
    add("anna@a.test");
    ASSERT_TRUE(alias("gone@a.test", {"anna@a.test"}));
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    EXPECT_EQ(resolve("gone@a.test"), Resolution(UnknownUser()));
}

TEST_F(ResolveTest, ReportsAliasesNestedTooDeep) {
    add("anna@a.test");
    ASSERT_TRUE(alias("n0@a.test", {"anna@a.test"}));
    for (std::size_t at = 1; at <= kAliasDepthMax - 1; ++at) {
        const std::string from = "n" + std::to_string(at) + "@a.test";
        const std::string to = "n" + std::to_string(at - 1) + "@a.test";
        ASSERT_TRUE(alias(from, {to}));
    }
    const std::string deepest = "n" + std::to_string(kAliasDepthMax - 1) + "@a.test";
    EXPECT_TRUE(run(directory_->lookup().resolve(address(deepest))));
    const std::string beyond = "n" + std::to_string(kAliasDepthMax) + "@a.test";
    ASSERT_TRUE(alias(beyond, {deepest}));
    const auto refused = alias("further@a.test", {beyond});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("nested more than 10 deep"));
}

TEST_F(ResolveTest, SendsTheRestToTheCatchAll) {
    ASSERT_TRUE(run(administration().add_domain({.name = domain("a.test")})));
    ASSERT_TRUE(run(administration().add_domain({.name = domain("c.test"), .catch_all = address("anna@a.test")})));
    const AccountId bo = add("bo@c.test");
    EXPECT_EQ(resolve("x@c.test"), Resolution(UnknownUser())) << "a.test is local, but anna is missing";
    const AccountId anna = add("anna@a.test");
    EXPECT_EQ(resolve("x@c.test"), local(anna, "anna@a.test"));
    EXPECT_EQ(resolve("bo@c.test"), local(bo, "bo@c.test"));
    EXPECT_EQ(resolve("bo+x@c.test"), local(bo, "bo@c.test", "x"));
}

TEST_F(ResolveTest, ACatchAllThatCatchesItselfIsAnUnknownUser) {
    ASSERT_TRUE(run(administration().add_domain({.name = domain("c.test"), .catch_all = address("nobody@c.test")})));
    EXPECT_EQ(resolve("x@c.test"), Resolution(UnknownUser()));
}

// RFC 5321 §4.5.1: every domain has a postmaster.
TEST_F(ResolveTest, ThereIsAlwaysAPostmaster) {
    EXPECT_EQ(directory_->lookup().bare_postmaster(), address("postmaster@a.test"));
    ASSERT_TRUE(run(administration().add_domain({.name = domain("a.test")})));
    EXPECT_EQ(resolve("postmaster@a.test"), Resolution(UnknownUser())) << "nobody is there at all";
    const AccountId first = add("zoe@a.test");
    const AccountId second = add("anna@b.test");
    EXPECT_EQ(resolve("Postmaster@a.test"), local(first, "zoe@a.test")) << "the oldest account";
    EXPECT_EQ(resolve("postmaster@b.test"), local(first, "zoe@a.test"));
    ASSERT_TRUE(alias("postmaster@a.test", {"anna@b.test"}));
    EXPECT_EQ(resolve("postmaster@b.test"), local(second, "anna@b.test")) << "the default domain's postmaster";
    const AccountId own = add("postmaster@b.test");
    EXPECT_EQ(resolve("postmaster@b.test"), local(own, "postmaster@b.test"));
}

TEST_F(ResolveTest, ThePostmasterIsAskedBeforeTheCatchAll) {
    const AccountId anna = add("anna@a.test");
    ASSERT_TRUE(run(administration().add_domain({.name = domain("c.test"), .catch_all = address("x@elsewhere.test")})));
    EXPECT_EQ(resolve("postmaster@c.test"), local(anna, "anna@a.test"));
}

TEST_F(ResolveTest, FailsWhenTheEngineFails) {
    add("anna@a.test");
    engine_.fail(store::MemoryEngine::Call::get, 1, store::ErrorCode::unavailable);
    const auto resolved = run(directory_->lookup().resolve(address("anna@a.test")));
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().code, ErrorCode::unavailable);
}

TEST_F(ResolveTest, OwnersMaySendAsTheirAddressesOnly) {
    const AccountId anna = add("anna@a.test");
    const AccountId bo = add("bo@a.test");
    ASSERT_TRUE(alias("sales@a.test", {"anna@a.test", "ext@elsewhere.test"}));
    ASSERT_TRUE(run(administration().add_domain({.name = domain("c.test"), .catch_all = address("anna@a.test")})));
    const auto may = [this](AccountId id, std::string_view text) {
        return run(directory_->lookup().may_send_as(id, address(text))).value();
    };
    EXPECT_TRUE(may(anna, "ANNA@a.test"));
    EXPECT_TRUE(may(anna, "anna+shop@a.test"));
    EXPECT_TRUE(may(anna, "sales@a.test"));
    EXPECT_FALSE(may(bo, "sales@a.test"));
    EXPECT_FALSE(may(bo, "anna@a.test"));
    EXPECT_FALSE(may(anna, "anybody@c.test")) << "a catch-all receives, it does not own";
    EXPECT_FALSE(may(anna, "postmaster@a.test")) << "neither does the oldest account";
    EXPECT_FALSE(may(anna, "ext@elsewhere.test"));
}

} // namespace
} // namespace tegami::directory
