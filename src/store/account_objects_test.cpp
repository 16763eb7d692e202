// Objects of an account on the memory engine, normal and tiny.
#include "store/account_objects.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::IsEmpty;
using testing::must;
using ::testing::SizeIs;
using testing::wait;
using testing::World;

class ObjectsTest : public ::testing::TestWithParam<bool> {
protected:
    ObjectsTest() : world(GetParam()) { world.make(); }

    ~ObjectsTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    AccountObjects kind(ObjectKind kind) const { return {world.account, kind}; }

    AccountObjects identities() const { return kind(ObjectKind::identity); }

    Objects all() const { return must(wait(identities().read())); }

    World world;
};

INSTANTIATE_TEST_SUITE_P(Limits, ObjectsTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(ObjectsTest, they_are_there_after_a_restart_as_they_were_last_written) {
    const ObjectId first = must(wait(identities().add("first")));
    const ObjectId second = must(wait(identities().add("second")));
    must(wait(kind(ObjectKind::submission).add("of another kind")));
    Object changed = *all().find(first);
    changed.octets = "changed";
    must(wait(identities().put(changed)));
    must(wait(identities().remove(second, "remembered")));
    const Objects before = all();
    world.reopen();
    const Objects after = all();
    EXPECT_EQ(after.all, before.all);
    EXPECT_EQ(after.find(first)->octets, "changed");
    EXPECT_EQ(after.find(second), nullptr);
    EXPECT_EQ(after.all.back().octets, "remembered");
    EXPECT_EQ(after.version, world.account->mailboxes()->version());
}

TEST_P(ObjectsTest, of_two_changes_made_from_the_same_one_is_refused) {
    const ObjectId id = must(wait(identities().add("x")));
    const Object read = *all().find(id);
    must(wait(identities().put(read)));
    EXPECT_EQ(error_of(wait(identities().put(read))), ErrorCode::not_found);
    must(wait(identities().remove(id)));
    EXPECT_EQ(error_of(wait(identities().remove(id))), ErrorCode::not_found);
    EXPECT_EQ(error_of(wait(identities().put(all().all.front()))), ErrorCode::not_found);
    const ObjectId other = must(wait(identities().add("y")));
    Object large = *all().find(other);
    large.octets.resize(kObjectBytesMax + 1);
    EXPECT_EQ(error_of(wait(identities().put(large))), ErrorCode::invalid);
}

TEST_P(ObjectsTest, each_change_has_a_version_and_listeners_are_told) {
    const ListenerPtr listener = world.account->listen(testing::wait_context().get_executor());
    const Version before = all().version;
    const ObjectId id = must(wait(identities().add("x")));
    EXPECT_GT(id.value, before.value);
    EXPECT_TRUE(all().find(id)->is_made_since(before));
    const Version made = all().version;
    EXPECT_FALSE(all().find(id)->is_new_since(made));
    must(wait(identities().remove(id)));
    EXPECT_TRUE(all().all.front().gone);
    EXPECT_TRUE(all().all.front().is_new_since(made));
    testing::wait_context().restart();
    testing::wait_context().poll();
    const auto news = listener->take();
    ASSERT_THAT(news.items, SizeIs(2));
    EXPECT_THAT(news.items.front()->objects, ElementsAre(ObjectKind::identity));
}

TEST_P(ObjectsTest, those_that_are_over_go_and_are_told_of_as_long_as_the_log_reaches_back) {
    const ObjectId kept = must(wait(identities().add("kept")));
    const ObjectId over = must(wait(identities().add("over", world.clock.time)));
    const Version read = all().version;
    must(wait(world.account->sweep()));
    EXPECT_NE(all().find(over), nullptr);
    world.clock.time += world.options.retention + std::chrono::hours(1);
    must(wait(world.account->sweep()));
    EXPECT_EQ(all().find(over), nullptr);
    ASSERT_THAT(all().all, SizeIs(2));
    EXPECT_TRUE(all().all.back().is_new_since(read));

    // Then nobody who has not heard of it is answered any more.
    world.clock.time += world.options.retention + std::chrono::hours(1);
    must(wait(world.account->sweep()));
    ASSERT_THAT(all().all, SizeIs(1));
    EXPECT_NE(all().find(kept), nullptr);
    EXPECT_GT(all().floor, read);
}

TEST(ObjectsRoomTest, they_take_no_more_room_than_they_may) {
    World world;
    world.make();
    const AccountObjects identities(world.account, ObjectKind::identity);
    for (std::size_t taken = 0; taken < kObjectsBytesMax; taken += kObjectBytesMax)
        must(wait(identities.add(std::string(kObjectBytesMax, 'x'))));
    EXPECT_EQ(error_of(wait(identities.add("y"))), ErrorCode::invalid);
    Object less = must(wait(identities.read())).all.front();
    less.octets = "less";
    must(wait(identities.put(less)));
    must(wait(identities.add("y")));

    const Version before = must(wait(identities.read())).version;
    const AccountObjects submissions(world.account, ObjectKind::submission);
    const auto come_and_go = [&] { must(wait(submissions.remove(must(wait(submissions.add("x")))))); };
    for (std::size_t number = 0; number < kObjectsGoneMax; ++number)
        come_and_go();
    EXPECT_LE(must(wait(submissions.read())).floor, before);
    come_and_go();
    must(wait(submissions.add("x")));
    const Objects now = must(wait(submissions.read()));
    EXPECT_THAT(now.all, SizeIs(kObjectsGoneMax + 1));
    EXPECT_GT(now.floor, before); // who knows no more than that has to look at everything
    EXPECT_THAT(must(wait(verify(&world.engine, {}))).findings, IsEmpty());
}

} // namespace
} // namespace tegami::store
