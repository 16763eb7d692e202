#include "directory/directory_fixture.h"

#include <gmock/gmock.h>

namespace tegami::directory {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

async::Awaitable<bool> is_added(Administration* administration, EmailAddress wanted) {
    const auto added = co_await administration->add_account({.address = std::move(wanted), .password = "pw"});
    co_return added.has_value();
}

/// Everything once with roomy limits and once with an engine that pages and splits all the time.
class ChangesTest : public DirectoryTest, public testing::WithParamInterface<bool> {
protected:
    ChangesTest()
        : DirectoryTest(GetParam() ? store::MemoryEngineOptions{.limits = store::tiny_limits()}
                                   : store::MemoryEngineOptions{}) {}

    std::vector<std::string> accounts(std::optional<message::Domain> of = std::nullopt, std::size_t page = 2) {
        std::vector<std::string> all;
        std::string from;
        do {
            const auto listing = run(administration().list_accounts(of, from, page)).value();
            EXPECT_LE(listing.items.size(), page);
            for (const Account& account : listing.items)
                all.push_back(account.address.to_string());
            from = listing.next;
        } while (!from.empty());
        return all;
    }
};

INSTANTIATE_TEST_SUITE_P(Engines, ChangesTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Tiny" : "Roomy"; });

TEST_P(ChangesTest, DomainsSurviveAReopening) {
    const DomainSettings wanted{
        .name = domain("b.test"), .catch_all = address("anna@a.test"), .subaddress_separator = "-"};
    ASSERT_TRUE(run(administration().add_domain(wanted)));
    ASSERT_TRUE(run(administration().add_domain({.name = domain("xn--r8jz45g.jp")})));
    reopen();
    EXPECT_TRUE(is_local("\xe4\xbe\x8b\xe3\x81\x88.jp"));
    EXPECT_EQ(administration().domains()->at(domain("b.test")), wanted);
    EXPECT_EQ(administration().domains()->size(), 2U);
}

TEST_P(ChangesTest, SaysWhatExistsAndWhatDoesNot) {
    ASSERT_TRUE(run(administration().add_domain({.name = domain("a.test")})));
    const auto again = run(administration().add_domain({.name = domain("A.test")}));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::exists);
    EXPECT_EQ(again.error().message, "the domain a.test exists already");
    const auto missing = run(administration().remove_domain(domain("b.test")));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_EQ(missing.error().message, "there is no domain b.test");
}

TEST_P(ChangesTest, ADomainInUseStays) {
    add("anna@b.test");
    const auto refused = run(administration().remove_domain(domain("b.test")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::in_use);
    ASSERT_TRUE(run(administration().remove_account(address("anna@b.test"))));
    ASSERT_TRUE(run(administration().remove_domain(domain("b.test"))));
    EXPECT_FALSE(is_local("b.test"));
    reopen();
    EXPECT_FALSE(is_local("b.test"));
}

TEST_P(ChangesTest, AnAccountIsWhatWasAskedFor) {
    ASSERT_TRUE(run(administration().add_domain({.name = domain("a.test")})));
    const auto added =
        run(administration().add_account({.address = address("Anna@a.test"), .password = "pw", .quota_bytes = 1000}));
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_EQ(added->quota_bytes, 1000U);
    EXPECT_EQ(added->created, clock_.now());
    EXPECT_THAT(stored(), Contains(added->id));
    reopen();
    EXPECT_EQ(run(administration().account_at(address("anna@a.test"))).value(), *added);
    EXPECT_EQ(account(added->id), *added);
    EXPECT_EQ(login("anna"), added->id);
    EXPECT_EQ(login("ANNA@A.test"), added->id);
    EXPECT_EQ(login("not an address@@"), std::nullopt);
    EXPECT_EQ(account(AccountId(99)), std::nullopt);
}

TEST_P(ChangesTest, RefusesAccountsThatCannotBe) {
    add("anna@a.test");
    ASSERT_TRUE(alias("sales@a.test", {"anna@a.test"}));
    const auto attempt = [this](std::string_view text, std::string password) {
        return run(administration().add_account({.address = address(text), .password = std::move(password)}));
    };
    EXPECT_EQ(attempt("x@elsewhere.test", "pw").error().message,
              "elsewhere.test is not a domain of this server: add it first (tegami domain add elsewhere.test)");
    EXPECT_EQ(attempt("ANNA@a.test", "pw").error().code, ErrorCode::exists);
    EXPECT_THAT(attempt("sales@a.test", "pw").error().message, HasSubstr("it is an alias"));
    EXPECT_EQ(attempt("new@a.test", "").error().message, "the password is empty");
    EXPECT_EQ(attempt("new@a.test", std::string(2000, 'x')).error().code, ErrorCode::invalid);
    EXPECT_EQ(attempt("new@a.test", "bell\x07").error().code, ErrorCode::invalid);
    EXPECT_EQ(accounts(), std::vector<std::string>{"anna@a.test"});
}

TEST_P(ChangesTest, IdsAreNeverUsedAgain) {
    const AccountId first = add("anna@a.test");
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    const AccountId second = add("anna@a.test");
    EXPECT_GT(second, first);
    EXPECT_EQ(stored(), (std::vector<AccountId>{first, second}));
    EXPECT_FALSE(is_open(first));
    EXPECT_TRUE(is_open(second));
}

TEST_P(ChangesTest, ListsByDomainThenName) {
    for (const std::string_view text : {"c@b.test", "a@b.test", "z@a.test", "B@a.test", "b@b.test"})
        add(text);
    EXPECT_EQ(accounts(), (std::vector<std::string>{"B@a.test", "z@a.test", "a@b.test", "b@b.test", "c@b.test"}));
    EXPECT_EQ(accounts(domain("b.test")), (std::vector<std::string>{"a@b.test", "b@b.test", "c@b.test"}));
    EXPECT_EQ(accounts(domain("a.tes")), std::vector<std::string>());
}

TEST_P(ChangesTest, ANewAddressIsSeenWhole) {
    add("anna@a.test");
    const std::string_view unseen[] = {
        "\xef\xbb\xbfzo@a.test",     // a byte order mark
        "b\xe2\x80\x8bo@a.test",     // a zero-width space
        "b\xc2\xado@a.test",         // a soft hyphen
        "bo\xef\xb8\x8f@a.test",     // a variation selector
        "b\xe2\x80\xaeo@a.test",     // right-to-left override
        "b\xf3\xa0\x81\xa1o@a.test", // a tag
        "b\xcd\x8fo@a.test",         // a grapheme joiner
        "b\xee\x80\x80o@a.test",     // private use
    };
    for (const std::string_view text : unseen) {
        const auto refused = run(administration().add_account({.address = address(text), .password = "pw"}));
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid);
        EXPECT_THAT(refused.error().message, HasSubstr("has characters that are not seen"));
        EXPECT_FALSE(alias(text, {"anna@a.test"}));
    }
    for (const std::string_view text : {"\xe8\xa6\x8b\xe5\xad\xa6@a.test", "gr\xc3\xbc\xc3\x9f@a.test"})
        add(text);
    EXPECT_EQ(accounts().size(), 3U);
}

TEST_P(ChangesTest, ADomainsSettingsChange) {
    add("anna@a.test");
    const DomainSettings wanted{.name = domain("a.test"),
                                .catch_all = address("anna@a.test"),
                                .subaddress_separator = "",
                                .sts_mode = tls_policy::StsMode::enforce};
    ASSERT_TRUE(run(administration().set_domain(wanted)));
    EXPECT_EQ(administration().domains()->at(domain("a.test")), wanted);
    reopen();
    EXPECT_EQ(administration().domains()->at(domain("a.test")), wanted);
    add("ben@a.test"); // which asserts the domain's row
    const auto missing = run(administration().set_domain({.name = domain("b.test")}));
    EXPECT_EQ(missing.error().message, "there is no domain b.test");
    EXPECT_FALSE(is_local("b.test"));
}

TEST_P(ChangesTest, AQuotaIsWhatTheStoreHoldsTo) {
    const AccountId id = add("anna@a.test");
    for (const std::uint64_t bytes : {1000U, 5U, 0U}) {
        ASSERT_TRUE(run(administration().set_quota(address("ANNA@a.test"), bytes)));
        EXPECT_EQ(account(id)->quota_bytes, bytes);
        EXPECT_EQ(run(store_->account(id)).value()->quota().limit.bytes_max, bytes);
        reopen();
        EXPECT_EQ(run(store_->account(id)).value()->quota().limit.bytes_max, bytes);
    }
    EXPECT_EQ(run(administration().set_quota(address("bo@a.test"), 1)).error().message,
              "there is no account bo@a.test");
}

TEST_P(ChangesTest, PasswordsChange) {
    const AccountId id = add("anna@a.test", "old");
    const StoredCredentials before = *credentials(id);
    EXPECT_TRUE(verify_password("old", before.hash));
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "new")));
    const StoredCredentials after = *credentials(id);
    EXPECT_FALSE(verify_password("old", after.hash));
    EXPECT_TRUE(verify_password("new", after.hash));
    EXPECT_NE(before.scram.stored_key, after.scram.stored_key);
    EXPECT_EQ(account(id)->credentials_version, 1U);
    EXPECT_EQ(run(administration().set_password(address("bo@a.test"), "new")).error().message,
              "there is no account bo@a.test");
}

TEST_P(ChangesTest, AnErasingGoesOnAfterACrash) {
    const AccountId id = add("anna@a.test");
    // The first commit says that it goes, the next one is the store's.
    engine_.fail(store::MemoryEngine::Call::commit, 2, store::ErrorCode::unavailable);
    const auto removed = run(administration().erase_account(address("anna@a.test")));
    ASSERT_FALSE(removed);
    EXPECT_THAT(removed.error().message, HasSubstr("its mail is not yet"));
    EXPECT_EQ(run(administration().account_at(address("anna@a.test"))).value(), std::nullopt);
    EXPECT_THAT(stored(), Contains(id));
    reopen();
    EXPECT_THAT(stored(), Not(Contains(id)));
    EXPECT_EQ(run(administration().remove_account(address("anna@a.test"))).error().code, ErrorCode::not_found);
}

/// An alias that was removed may still be a target of others, and a catch-all hides it until it is back.
TEST_P(ChangesTest, AliasesThatLeadToNobodyButEachOther) {
    add("anna@a.test");
    ASSERT_TRUE(run(administration().set_domain({.name = domain("a.test"), .catch_all = address("anna@a.test")})));
    ASSERT_TRUE(alias("three@a.test", {"anna@a.test"}));
    ASSERT_TRUE(alias("two@a.test", {"three@a.test"}));
    ASSERT_TRUE(alias("one@a.test", {"two+x@a.test"}));
    ASSERT_TRUE(run(administration().remove_alias(address("three@a.test"))));
    EXPECT_EQ(alias("Three@a.test", {"anna@a.test", "one@a.test"}).error().message,
              "one@a.test leads back to Three@a.test and to nobody else");
    EXPECT_EQ(alias("self@a.test", {"self+x@a.test"}).error().code, ErrorCode::invalid);
    EXPECT_TRUE(alias("three@a.test", {"anna@a.test"}));
}

TEST_P(ChangesTest, AliasesAreKeptAndListed) {
    add("anna@a.test");
    ASSERT_TRUE(alias("sales@a.test", {"anna@a.test", "ext@elsewhere.test"}));
    EXPECT_EQ(alias("sales@a.test", {"anna@a.test"}).error().message, "sales@a.test exists already");
    EXPECT_EQ(alias("anna@a.test", {"ext@elsewhere.test"}).error().code, ErrorCode::exists);
    EXPECT_EQ(alias("self@a.test", {"SELF@a.test"}).error().message, "self@a.test cannot stand for itself");
    EXPECT_EQ(alias("typo@a.test", {"nobody@a.test"}).error().message, "there is no account or alias nobody@a.test");
    EXPECT_EQ(alias("none@a.test", {}).error().code, ErrorCode::invalid);
    EXPECT_EQ(alias("x@elsewhere.test", {"anna@a.test"}).error().code, ErrorCode::not_found);
    const auto listing = run(administration().list_aliases(std::nullopt, "", 10)).value();
    EXPECT_EQ(listing.items,
              (std::vector<Alias>{{.address = address("sales@a.test"),
                                   .targets = {address("anna@a.test"), address("ext@elsewhere.test")}}}));
    ASSERT_TRUE(run(administration().remove_alias(address("Sales@a.test"))));
    EXPECT_EQ(run(administration().remove_alias(address("sales@a.test"))).error().message,
              "there is no alias sales@a.test");
}

TEST_P(ChangesTest, ImportsWhatItCanAndReportsTheRest) {
    add("taken@a.test");
    std::vector<ImportEntry> entries;
    for (int at = 0; at < 100; ++at)
        entries.push_back({.address = "user" + std::to_string(at) + "@a.test", .password = "pw" + std::to_string(at)});
    entries[3] = {.address = "not an address", .password = "x"};
    entries[50] = {.address = "Taken@a.test", .password = "x"};
    entries[51] = {.address = "user1@a.test", .password = "x"};
    entries[99] = {.address = "user99@elsewhere.test", .password = "x"};
    const auto outcomes = run(administration().import_accounts(entries));
    ASSERT_EQ(outcomes.size(), entries.size());
    for (std::size_t at = 0; at < outcomes.size(); ++at) {
        const bool bad = at == 3 || at == 50 || at == 51 || at == 99;
        EXPECT_EQ(outcomes[at].has_value(), bad) << at << (outcomes[at] ? outcomes[at]->message : "");
    }
    EXPECT_THAT(outcomes[3]->message, HasSubstr("not a mail address"));
    EXPECT_EQ(outcomes[51]->message, "the address user1@a.test comes twice");
    EXPECT_EQ(accounts(std::nullopt, 3).size(), 97U);
    EXPECT_EQ(stored().size(), 97U);
    const auto last = run(administration().account_at(address("user98@a.test"))).value();
    ASSERT_TRUE(last);
    EXPECT_TRUE(verify_password("pw98", credentials(last->id)->hash));
}

TEST_P(ChangesTest, TwoWritersCannotBothWin) {
    ASSERT_TRUE(run(administration().add_domain({.name = domain("a.test")})));
    std::vector<bool> outcomes;
    for (int writer = 0; writer < 3; ++writer)
        boost::asio::co_spawn(context_, is_added(&administration(), address("anna@a.test")),
                              [&outcomes](std::exception_ptr, bool added) { outcomes.push_back(added); });
    context_.restart();
    context_.run();
    EXPECT_EQ(std::ranges::count(outcomes, true), 1);
    EXPECT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(stored().size(), 1U);
}

TEST_P(ChangesTest, AnyFailureOfTheEngineLeavesAllOrNothing) {
    ASSERT_TRUE(run(administration().add_domain({.name = domain("a.test")})));
    for (std::uint64_t nth = 1;; ++nth) {
        engine_.clear_failures();
        engine_.fail(store::MemoryEngine::Call::any, nth, store::ErrorCode::unavailable);
        const auto added = run(administration().add_account({.address = address("anna@a.test"), .password = "pw"}));
        if (added) {
            EXPECT_GT(nth, 3U);
            break;
        }
        EXPECT_EQ(added.error().code, ErrorCode::unavailable);
        EXPECT_EQ(accounts(), std::vector<std::string>());
        EXPECT_THAT(stored(), IsEmpty());
    }
    engine_.clear_failures();
    EXPECT_EQ(accounts(), std::vector<std::string>{"anna@a.test"});
}

TEST_P(ChangesTest, TheSecretStaysTheSame) {
    const std::string secret = directory_->credentials().scram_decoy().salt_secret;
    EXPECT_EQ(secret.size(), 32U);
    reopen();
    EXPECT_EQ(directory_->credentials().scram_decoy().salt_secret, secret);
}

} // namespace
} // namespace tegami::directory
