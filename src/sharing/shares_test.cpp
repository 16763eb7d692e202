// Mailboxes that two accounts share: rights on the owner's side, and the other side's way to them.
#include "sharing/shares.h"

#include "directory/directory_fixture.h"

#include <gmock/gmock.h>

namespace tegami::sharing {
namespace {

using store::ErrorCode;
using store::ObjectKind;
using store::Right;
using store::Rights;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SharesTest : public directory::DirectoryTest {
protected:
    SharesTest() : shares({.store = *store_, .credentials = directory_->credentials(), .clock = clock_}) {
        anna = add("anna@a.test");
        ben = add("ben@b.test");
    }

    store::AccountPtr open(store::AccountId id) { return run(store_->account(id)).value(); }

    store::MailboxId inbox() { return open(anna)->mailboxes()->find("INBOX")->id; }

    store::StoreResult<> grant(store::AccountId who, Rights rights) {
        return run(shares.change({.owner = open(anna),
                                  .mailbox = inbox(),
                                  .changed_by = anna,
                                  .grants = {{.grantee = who, .add = rights, .remove = Rights::all()}}}));
    }

    std::vector<std::string> shared_with(store::AccountId who) {
        std::vector<std::string> addresses;
        const auto shared = run(shares.shared_with(open(who)));
        for (const SharedAccount& each : shared.value())
            addresses.push_back(each.address.to_string());
        return addresses;
    }

    std::vector<store::Object> objects(ObjectKind kind) {
        std::vector<store::Object> there;
        const store::Objects all = run(store::AccountObjects(open(ben), kind).read()).value();
        for (const store::Object& object : all.all)
            if (!object.gone) there.push_back(object);
        return there;
    }

    std::vector<std::string> news() {
        std::vector<std::string> texts;
        for (const store::Object& object : objects(ObjectKind::share_news)) {
            const ShareNews one = decode_share_news(object.octets).value();
            texts.push_back(one.name + " " + letters_of(one.before) + ">" + letters_of(one.after));
        }
        return texts;
    }

    Shares shares;
    store::AccountId anna;
    store::AccountId ben;
};

TEST_F(SharesTest, both_sides_know_of_a_share_until_its_last_right_is_gone) {
    EXPECT_THAT(shared_with(ben), IsEmpty());
    ASSERT_TRUE(grant(ben, store::kReading));
    EXPECT_THAT(shared_with(ben), ElementsAre("anna@a.test"));
    EXPECT_EQ(run(shares.find_shared(ben, anna)).value(), open(anna));
    EXPECT_EQ(run(shares.find_shared(anna, ben)).value(), nullptr);
    ASSERT_TRUE(grant(ben, store::kReading | Rights{Right::insert}));
    EXPECT_EQ(objects(ObjectKind::share).size(), 1u);
    EXPECT_THAT(news(), ElementsAre("INBOX >lr", "INBOX lr>lri"));
    ASSERT_TRUE(grant(ben, {}));
    EXPECT_THAT(shared_with(ben), IsEmpty());
    EXPECT_THAT(objects(ObjectKind::share), IsEmpty());
    EXPECT_EQ(run(shares.find_shared(ben, anna)).value(), nullptr);
}

TEST_F(SharesTest, rights_count_on_the_owners_side_alone) {
    // As a crash leaves it: ben knows of a share that was never made.
    const store::AccountObjects kept(open(ben), ObjectKind::share);
    ASSERT_TRUE(run(kept.add(encode(ShareRecord{anna}))));
    ASSERT_TRUE(run(kept.add("no share")));
    EXPECT_THAT(shared_with(ben), IsEmpty());
    // And what takes a right away at the owner's ends it, whatever ben keeps.
    ASSERT_TRUE(grant(ben, store::kReading));
    ASSERT_TRUE(run(open(anna)->update_mailbox(inbox(), {.grants = {{ben, {}, Rights::all()}}})));
    EXPECT_THAT(shared_with(ben), IsEmpty());
}

TEST_F(SharesTest, grants_end_with_an_account) {
    ASSERT_TRUE(grant(ben, store::kReading));
    const auto unknown = grant(store::AccountId(99), store::kReading);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
    ASSERT_TRUE(run(administration().remove_account(directory::address("anna@a.test"))));
    EXPECT_THAT(shared_with(ben), IsEmpty());
    EXPECT_EQ(run(shares.find_shared(ben, anna)).value(), nullptr);
}

TEST_F(SharesTest, what_is_left_of_an_account_that_is_gone_can_be_taken_away) {
    ASSERT_TRUE(grant(ben, store::kReading));
    ASSERT_TRUE(run(administration().remove_account(directory::address("ben@b.test"))));
    EXPECT_TRUE(grant(ben, {}));
    EXPECT_THAT(open(anna)->mailboxes()->find("INBOX")->access, IsEmpty());
}

TEST_F(SharesTest, the_owner_is_in_no_list) {
    EXPECT_TRUE(grant(anna, store::kReading));
    EXPECT_THAT(open(anna)->mailboxes()->find("INBOX")->access, IsEmpty());
}

TEST_F(SharesTest, news_are_bounded) {
    for (std::size_t round = 0; round < kShareNewsMax / 2 + 2; ++round) {
        ASSERT_TRUE(grant(ben, store::kReading));
        ASSERT_TRUE(grant(ben, {}));
    }
    EXPECT_EQ(objects(ObjectKind::share_news).size(), kShareNewsMax);
}

TEST(ShareRecord, is_read_as_it_was_written) {
    const ShareNews news{.owner = store::AccountId(3),
                         .mailbox = store::MailboxId(4),
                         .name = "Work/\"Team\"",
                         .changed_by = store::AccountId(5),
                         .before = {},
                         .after = Rights::all(),
                         .time = Timestamp(Duration(123'456))};
    EXPECT_EQ(decode_share_news(encode(news)), news);
    EXPECT_EQ(decode_share(encode(ShareRecord{store::AccountId(7)})), ShareRecord{store::AccountId(7)});
    for (const char* const text : {"", "[]", "{}", R"({"owner":"x"})", R"({"owner":-1})"}) {
        EXPECT_FALSE(decode_share(text).has_value()) << text;
        EXPECT_FALSE(decode_share_news(text).has_value()) << text;
    }
}

} // namespace
} // namespace tegami::sharing
