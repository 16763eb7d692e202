// Accounts that were removed: nobody reaches them, they come back whole, or they go for good.
#include "directory/check.h"
#include "directory/directory_fixture.h"
#include "directory/engine_access.h"

#include <gmock/gmock.h>

namespace tegami::directory {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// On a normal engine and on one with tiny limits.
class RemovedAccountsTest : public DirectoryTest {
protected:
    ~RemovedAccountsTest() override {
        const auto report = run(check(&engine_));
        EXPECT_THAT(report->findings, IsEmpty());
    }

    std::vector<std::string> removed() {
        std::vector<std::string> addresses;
        std::string from;
        do {
            const auto page = run(directory_->list_removed(from, 2));
            for (const RemovedAccount& one : page->items)
                addresses.push_back(one.account.address.to_string());
            from = page->next;
        } while (!from.empty());
        return addresses;
    }

    void remove(std::string_view text) { EXPECT_TRUE(run(directory_->remove_account(address(text)))); }

    void pass(Duration time) { clock_.passed += time; }

    DirectoryResult<Account> restore(std::string_view text, std::optional<EmailAddress> as = {}) {
        return run(directory_->restore_account(address(text), std::move(as)));
    }
};

TEST_F(RemovedAccountsTest, OneIsGoneForEverybodyAndComesBackWhole) {
    const AccountId id = add("anna@a.test", "secret");
    ASSERT_TRUE(alias("sales@a.test", {"anna@a.test"}));
    ASSERT_TRUE(run(directory_->set_password(address("anna@a.test"), "other")));
    const Account before = **run(directory_->account(id));
    const Credentials credentials = **run(directory_->credentials(id));
    remove("anna@a.test");
    for (const bool again : {false, true}) {
        if (again) reopen();
        EXPECT_EQ(resolve("anna@a.test"), Resolution(UnknownUser()));
        EXPECT_EQ(resolve("sales@a.test"), Resolution(UnknownUser()));
        EXPECT_EQ(run(directory_->account_for_login("anna")).value(), std::nullopt);
        EXPECT_EQ(run(directory_->account(id)).value(), std::nullopt);
        EXPECT_TRUE(stores_.hidden.contains(id));
        EXPECT_EQ(removed(), std::vector<std::string>{"anna@a.test"});
    }
    const auto back = restore("ANNA@a.test");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, before);
    EXPECT_EQ(run(directory_->account(id)).value(), before);
    EXPECT_EQ(run(directory_->credentials(id)).value(), credentials);
    EXPECT_TRUE(std::holds_alternative<Local>(resolve("sales@a.test")));
    EXPECT_FALSE(stores_.hidden.contains(id));
    EXPECT_TRUE(stores_.existing.contains(id));
    EXPECT_THAT(removed(), IsEmpty());
    EXPECT_EQ(restore("anna@a.test").error().code, ErrorCode::not_found);
}

TEST_F(RemovedAccountsTest, AnAddressInUseIsNotTakenAway) {
    const AccountId first = add("anna@a.test");
    remove("anna@a.test");
    const AccountId second = add("anna@a.test");
    const auto refused = restore("anna@a.test");
    EXPECT_EQ(refused.error().code, ErrorCode::exists);
    EXPECT_THAT(refused.error().message, HasSubstr("--as"));
    EXPECT_EQ(restore("anna@a.test", address("x@elsewhere.test")).error().code, ErrorCode::not_found);
    ASSERT_TRUE(alias("old@a.test", {"anna@a.test"}));
    EXPECT_EQ(restore("anna@a.test", address("old@a.test")).error().code, ErrorCode::exists);
    const auto back = restore("anna@a.test", address("anna.old@a.test"));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->id, first);
    EXPECT_EQ(run(directory_->account(first)).value()->address, address("anna.old@a.test"));
    EXPECT_EQ(run(directory_->account_at(address("anna@a.test"))).value()->id, second);
}

TEST_F(RemovedAccountsTest, TheLastOneOfAnAddressComesBack) {
    add("anna@a.test");
    remove("anna@a.test");
    pass(std::chrono::hours(1));
    const AccountId second = add("anna@a.test");
    remove("anna@a.test");
    EXPECT_EQ(removed().size(), 2u);
    EXPECT_EQ(restore("anna@a.test")->id, second);
}

TEST_F(RemovedAccountsTest, WhatIsPastItsTimeDoesNotHideOthers) {
    for (const std::string_view text : {"a@a.test", "b@a.test", "c@a.test"}) {
        add(text);
        remove(text);
    }
    pass(directory_->options().retention);
    for (const std::string_view text : {"d@a.test", "e@a.test"}) {
        add(text);
        remove(text);
    }
    const auto first = run(directory_->list_removed({}, 1));
    ASSERT_EQ(first->items.size(), 1u);
    EXPECT_EQ(first->items.front().account.address, address("d@a.test"));
    EXPECT_EQ(removed(), (std::vector<std::string>{"d@a.test", "e@a.test"}));
}

TEST_F(RemovedAccountsTest, ItIsErasedAfterItsTime) {
    const AccountId id = add("anna@a.test");
    remove("anna@a.test");
    pass(directory_->options().retention - std::chrono::seconds(1));
    ASSERT_TRUE(run(directory_->sweep()));
    EXPECT_TRUE(stores_.existing.contains(id));
    pass(std::chrono::seconds(1));
    EXPECT_THAT(removed(), IsEmpty());
    EXPECT_EQ(restore("anna@a.test").error().code, ErrorCode::not_found);
    stores_.broken = true;
    EXPECT_FALSE(run(directory_->sweep()));
    stores_.broken = false;
    reopen();
    EXPECT_FALSE(stores_.existing.contains(id));
    EXPECT_EQ(run(directory_->credentials(id)).value(), std::nullopt);
    EXPECT_EQ(run(engine_.get(kShard, records::removal_key(id))).value(), std::nullopt);
}

TEST_F(RemovedAccountsTest, WithoutRetentionItIsErasedAtOnce) {
    const AccountId id = add("anna@a.test");
    auto opened = run(
        Directory::open(dependencies(), {.default_domain = domain("a.test"), .cost = kCheap, .retention = Duration()}));
    directory_ = *std::move(opened);
    remove("anna@a.test");
    EXPECT_FALSE(stores_.existing.contains(id));
    EXPECT_THAT(removed(), IsEmpty());
}

TEST_F(RemovedAccountsTest, NowMeansNow) {
    const AccountId first = add("anna@a.test");
    remove("anna@a.test");
    const AccountId second = add("anna@a.test");
    ASSERT_TRUE(run(directory_->erase_account(address("anna@a.test"))));
    EXPECT_EQ(stores_.existing, std::set<AccountId>{first});
    EXPECT_EQ(run(directory_->credentials(second)).value(), std::nullopt);
    ASSERT_TRUE(run(directory_->erase_account(address("anna@a.test"))));
    EXPECT_THAT(stores_.existing, IsEmpty());
    EXPECT_THAT(removed(), IsEmpty());
    EXPECT_EQ(run(directory_->erase_account(address("anna@a.test"))).error().message,
              "there is no account anna@a.test");
}

TEST_F(RemovedAccountsTest, ARowIsDecodedWholeOrNotAtAll) {
    const RemovedAccount kept{.account = {.id = AccountId(7), .address = address("anna@a.test"), .quota_bytes = 5},
                              .removed = Timestamp(std::chrono::seconds(9))};
    EXPECT_EQ(records::decode_removed_account(AccountId(7), records::encode(kept)), kept);
    EXPECT_FALSE(records::decode_removed_account(AccountId(8), records::encode(kept)));
    EXPECT_FALSE(records::decode_removed_account(AccountId(7), records::encode(kept) + "x"));
}

} // namespace
} // namespace tegami::directory
