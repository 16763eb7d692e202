// Accounts that were removed: nobody reaches them, they come back whole, or they go for good.
#include "directory/check.h"
#include "directory/directory_fixture.h"
#include "directory/engine_access.h"

#include <gmock/gmock.h>

namespace tegami::directory {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
            const auto page = run(administration().list_removed(from, 2));
            for (const RemovedAccount& one : page->items)
                addresses.push_back(one.account.address.to_string());
            from = page->next;
        } while (!from.empty());
        return addresses;
    }

    void remove(std::string_view text) { EXPECT_TRUE(run(administration().remove_account(address(text)))); }

    void pass(Duration time) { clock_.passed += time; }

    DirectoryResult<Account> restore(std::string_view text, std::optional<EmailAddress> as = {}) {
        return run(administration().restore_account(address(text), std::move(as)));
    }
};

TEST_F(RemovedAccountsTest, OneIsGoneForEverybodyAndComesBackWhole) {
    const AccountId id = add("anna@a.test", "secret");
    ASSERT_TRUE(alias("sales@a.test", {"anna@a.test"}));
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "other")));
    const Account before = *account(id);
    const StoredCredentials password = *credentials(id);
    remove("anna@a.test");
    for (const bool again : {false, true}) {
        if (again) reopen();
        EXPECT_EQ(resolve("anna@a.test"), Resolution(UnknownUser()));
        EXPECT_EQ(resolve("sales@a.test"), Resolution(UnknownUser()));
        EXPECT_EQ(login("anna"), std::nullopt);
        EXPECT_EQ(account(id), std::nullopt);
        EXPECT_FALSE(is_open(id));
        EXPECT_EQ(removed(), std::vector<std::string>{"anna@a.test"});
    }
    const auto back = restore("ANNA@a.test");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, before);
    EXPECT_EQ(account(id), before);
    EXPECT_EQ(credentials(id), password);
    EXPECT_TRUE(std::holds_alternative<Local>(resolve("sales@a.test")));
    EXPECT_TRUE(is_open(id));
    EXPECT_THAT(stored(), Contains(id));
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
    EXPECT_EQ(restore("anna@a.test", address("b\xe2\x80\x8bo@a.test")).error().code, ErrorCode::invalid)
        << "not seen whole";
    ASSERT_TRUE(alias("old@a.test", {"anna@a.test"}));
    EXPECT_EQ(restore("anna@a.test", address("old@a.test")).error().code, ErrorCode::exists);
    const auto back = restore("anna@a.test", address("anna.old@a.test"));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->id, first);
    EXPECT_EQ(account(first)->address, address("anna.old@a.test"));
    EXPECT_EQ(run(administration().account_at(address("anna@a.test"))).value()->id, second);
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
    pass(administration().retention());
    for (const std::string_view text : {"d@a.test", "e@a.test"}) {
        add(text);
        remove(text);
    }
    const auto first = run(administration().list_removed({}, 1));
    ASSERT_EQ(first->items.size(), 1u);
    EXPECT_EQ(first->items.front().account.address, address("d@a.test"));
    EXPECT_EQ(removed(), (std::vector<std::string>{"d@a.test", "e@a.test"}));
}

TEST_F(RemovedAccountsTest, ItIsErasedAfterItsTime) {
    const AccountId id = add("anna@a.test");
    remove("anna@a.test");
    pass(administration().retention() - std::chrono::seconds(1));
    ASSERT_TRUE(run(administration().sweep()));
    EXPECT_THAT(stored(), Contains(id));
    pass(std::chrono::seconds(1));
    EXPECT_THAT(removed(), IsEmpty());
    EXPECT_EQ(restore("anna@a.test").error().code, ErrorCode::not_found);
    // The first commit says that it goes, the next one is the store's.
    engine_.fail(store::MemoryEngine::Call::commit, 2, store::ErrorCode::unavailable);
    EXPECT_FALSE(run(administration().sweep()));
    reopen();
    EXPECT_THAT(stored(), Not(Contains(id)));
    EXPECT_EQ(credentials(id), std::nullopt);
    EXPECT_EQ(run(engine_.get(kShard, records::removal_key(id))).value(), std::nullopt);
}

TEST_F(RemovedAccountsTest, WithoutRetentionItIsErasedAtOnce) {
    const AccountId id = add("anna@a.test");
    reopen(Duration());
    remove("anna@a.test");
    EXPECT_THAT(stored(), Not(Contains(id)));
    EXPECT_THAT(removed(), IsEmpty());
}

TEST_F(RemovedAccountsTest, NowMeansNow) {
    const AccountId first = add("anna@a.test");
    remove("anna@a.test");
    const AccountId second = add("anna@a.test");
    ASSERT_TRUE(run(administration().erase_account(address("anna@a.test"))));
    EXPECT_EQ(stored(), std::vector<AccountId>{first});
    EXPECT_EQ(credentials(second), std::nullopt);
    ASSERT_TRUE(run(administration().erase_account(address("anna@a.test"))));
    EXPECT_THAT(stored(), IsEmpty());
    EXPECT_THAT(removed(), IsEmpty());
    EXPECT_EQ(run(administration().erase_account(address("anna@a.test"))).error().message,
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
