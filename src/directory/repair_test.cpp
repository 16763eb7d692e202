// After repair the directory is sound, and every account that has mail can be reached.
#include "directory/repair.h"

#include "directory/check.h"
#include "directory/directory_fixture.h"
#include "directory/engine_access.h"
#include "directory/known_networks.h"
#include "directory/record_table.h"

#include <gmock/gmock.h>

#include <set>

namespace tegami::directory {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class RepairTest : public DirectoryTest {
protected:
    RepairTest() { id_ = add("anna@a.test"); }

    void commit(store::Operation operation) {
        EXPECT_TRUE(run(engine_.commit({.domain = kShard, .operations = {std::move(operation)}})));
    }

    RepairResult repaired(std::vector<AccountId> with_mail) {
        SystemClock clock;
        SeededRandom random{7};
        auto result = run(
            repair(&engine_, &clock, &random, {.default_domain = domain("a.test"), .with_mail = std::move(with_mail)}));
        EXPECT_THAT(run(check(&engine_)).value().findings, IsEmpty());
        return *std::move(result);
    }

    AccountId id_;
};

TEST_F(RepairTest, ASoundDirectoryIsLeftAlone) {
    const RepairResult result = repaired({id_});
    EXPECT_THAT(result.notes, IsEmpty());
    EXPECT_EQ(result.accounts.at(id_).address, address("anna@a.test"));
}

TEST_F(RepairTest, AnAccountIsFoundByWhatIsLeftOfIt) {
    commit(store::Delete{records::account_key(address("anna@a.test"))});
    EXPECT_THAT(repaired({id_}).notes, Contains(HasSubstr("the record of anna@a.test was lost")));
    commit(store::Delete{records::id_key(id_)});
    EXPECT_THAT(repaired({id_}).notes, IsEmpty());
    commit(store::Delete{records::credentials_key(id_)});
    EXPECT_THAT(repaired({id_}).notes, Contains(HasSubstr("the password of anna@a.test is lost")));
}

TEST_F(RepairTest, ARemovedAccountCanStillComeBack) {
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    EXPECT_THAT(repaired({id_}).notes, IsEmpty());
    commit(store::Delete{records::credentials_key(id_)});
    EXPECT_THAT(repaired({id_}).notes, Contains(HasSubstr("the password of anna@a.test is lost")));
    EXPECT_EQ(run(administration().restore_account(address("anna@a.test"), {}))->id, id_);
}

TEST_F(RepairTest, ARemovalThatCannotBeReadDidNotHappen) {
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    commit(store::Put{records::removal_key(id_), "\x01garbage"});
    const RepairResult result = repaired({id_});
    EXPECT_EQ(result.accounts.at(id_).address.local_part, "recovered-" + std::to_string(id_.value));
}

TEST_F(RepairTest, MailWithoutAnAddressGetsOneThatNobodyElseHas) {
    commit(store::DeleteRange{"", ""});
    const AccountId other(id_.value + 5);
    const RepairResult result = repaired({id_, other});
    EXPECT_EQ(result.accounts.at(other).address.local_part, "recovered-" + std::to_string(other.value));
    const auto next = run(engine_.get(kShard, records::next_id_key())).value();
    EXPECT_EQ(records::decode_number(*next), other.value + 1);
}

TEST_F(RepairTest, WhatCannotBeReadGoes) {
    commit(store::Put{records::domain_key(domain("a.test")), "\x01garbage"});
    commit(store::Put{"?", "unknown kind"});
    const RepairResult result = repaired({id_});
    EXPECT_THAT(result.notes, Contains(HasSubstr("the record of the domain a.test was lost")));
    EXPECT_THAT(result.notes, Contains(HasSubstr("directory record ? cannot be read")));
}

/// Every record of the table in turn, in a directory that has one of each: a kind that is new to the table fails here
/// until there is one of it.
TEST_F(RepairTest, EveryKindOfRecordIsReadFoundDamagedAndMended) {
    const AccountId gone = add("gone@a.test");
    ASSERT_TRUE(run(administration().remove_account(address("gone@a.test"))));
    ASSERT_TRUE(alias("sales@a.test", {"anna@a.test"}));
    KnownNetworks known(engine_, clock_);
    ASSERT_TRUE(run(known.note(id_, "192.0.2.0/24")));
    const auto anna = run(directory_->credentials().find("anna@a.test")).value();
    ASSERT_TRUE(run(directory_->web_sessions().begin(*anna, "192.0.2.7", "Browser/1")));
    ASSERT_TRUE(run(directory_->app_passwords().add(address("anna@a.test"), {.name = "phone"})));
    ASSERT_TRUE(run(directory_->second_factors().begin_totp(*anna)));
    PushSubscription subscription{.id = "1", .owner = push_owner(*anna, ""), .url = "https://push.test/"};
    subscription.expires = clock_.now() + std::chrono::hours(1);
    subscription.types = {"Email", "Thread"};
    ASSERT_TRUE(run(directory_->push_subscriptions().add(id_, subscription)));
    EXPECT_EQ(run(directory_->push_subscriptions().list(id_)).value(), std::vector{subscription});
    EXPECT_EQ(run(directory_->push_subscriptions().server_key("key")).value(), "key");
    EXPECT_EQ(run(directory_->push_subscriptions().server_key("another")).value(), "key");
    commit(store::Put{records::passkeys_key(id_), records::encode({Passkey{.id = "P1", .name = "key"}})});
    ASSERT_TRUE(run(directory_->roles().set(*account(id_), {RoleKind::domain_administrator, {domain("a.test")}})));
    const SigningKey key{
        .domain = domain("a.test"), .selector = "k1", .algorithm = "rsa", .private_key = {}, .record = "p="};
    commit(store::Put{records::signing_key_key(key.domain, key.selector), records::encode(key)});
    const auto sound = run(engine_.scan(kShard, {})).value().rows;
    std::set<std::size_t> kinds;
    for (const store::Row& row : sound) {
        const auto record = records::decode_row(row);
        ASSERT_TRUE(record) << row.key;
        kinds.insert(record->index());
        EXPECT_FALSE(records::decode_row({.key = row.key, .value = "\x01garbage"})) << row.key;
        EXPECT_FALSE(records::decode_row({.key = row.key + "?", .value = row.value})) << row.key;
        commit(store::Put{row.key, "\x01garbage"});
        EXPECT_GT(run(check(&engine_)).value().problems, 0U) << row.key;
        EXPECT_THAT(repaired({id_, gone}).notes, Contains(HasSubstr("cannot be read"))) << row.key;
        commit(store::DeleteRange{"", ""});
        for (const store::Row& again : sound)
            commit(store::Put{again.key, again.value});
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<records::AnyRow>);
}

} // namespace
} // namespace tegami::directory
