// Recipients and destinations on hold, on the memory engine, normal and tiny.
#include "store/queue.h"
#include "store/recovery/repair.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::IsEmpty;
using testing::must;
using testing::queued;
using ::testing::SizeIs;
using testing::wait;
using testing::World;

message::Domain domain(std::string_view name) {
    return message::Domain::parse(name).value();
}

message::EmailAddress someone(std::string_view text) {
    return message::parse_email_address(text).value();
}

class QueueHoldsTest : public ::testing::TestWithParam<bool> {
protected:
    QueueHoldsTest() : world(GetParam()), queue(&world.engine, &world.clock, 3), holds(queue.holds()) {}

    ~QueueHoldsTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    /// Due now, with a day to live.
    QueueId add(const std::vector<std::string>& to) {
        QueuedMessage made = queued(world.blob("mail"), to);
        made.message.created = world.clock.time;
        made.message.expires = world.clock.time + hours(24);
        for (QueueItem& item : made.items)
            item.next_due = world.clock.time;
        return must(wait(queue.add(made)));
    }

    QueueHold because(std::string reason) { return {.since = world.clock.time, .by = "root", .reason = reason}; }

    std::set<QueueDestination> destinations() { return must(wait(queue.due_destinations(world.clock.time, 1000))); }

    std::vector<DueItem> due(std::string_view name) {
        return must(wait(queue.due_items(domain(name), world.clock.time, 10, &under_way)));
    }

    QueuedMessage get(QueueId id) { return must(wait(queue.get(id))); }

    World world;
    Queue queue;
    QueueHolds& holds;
    std::set<QueueItemId> under_way;
};

INSTANTIATE_TEST_SUITE_P(Limits, QueueHoldsTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(QueueHoldsTest, a_message_on_hold_is_not_due_before_its_release_and_does_not_expire) {
    std::vector<std::string> to;
    for (int number = 0; number < 30; ++number)
        to.push_back(std::to_string(number) + "@d" + std::to_string(number) + ".test");
    const QueueId id = add(to);
    EXPECT_THAT(must(wait(holds.hold(id, {}, because("looks odd")))), SizeIs(30));
    Queue reopened(&world.engine, &world.clock, 3);
    world.clock.time += hours(48);
    for (Queue* each : {&queue, &reopened}) {
        EXPECT_THAT(must(wait(each->due_destinations(world.clock.time, 1000))), IsEmpty());
        EXPECT_EQ(must(wait(each->next_due(world.clock.time - hours(48) - seconds(1)))), std::nullopt);
    }
    EXPECT_EQ(get(id).items[7].recipients[0].hold->reason, "looks odd");
    must(wait(queue.retry(id)));
    EXPECT_THAT(destinations(), IsEmpty()) << "a retry is no release";

    EXPECT_THAT(must(wait(holds.release(id, {}))), SizeIs(30));
    EXPECT_THAT(must(wait(holds.release(id, {}))), IsEmpty()) << "once";
    EXPECT_THAT(destinations(), SizeIs(30));
    EXPECT_THAT(due("d7.test"), SizeIs(1));
    EXPECT_EQ(get(id).message.expires, world.clock.time + hours(24)) << "the time on hold does not count";
    EXPECT_EQ(error_of(wait(holds.hold(QueueId(1), {}, because("")))), ErrorCode::not_found);
    must(wait(holds.hold(id, {}, because(""))));
    must(wait(queue.remove(id)));
    EXPECT_THAT(must(wait(queue.list({}, 10))).messages, IsEmpty());
}

TEST_P(QueueHoldsTest, one_recipient_waits_while_the_others_go) {
    const QueueId id = add({"anna@b.test", "bo@b.test", "anna@c.test"});
    EXPECT_THAT(must(wait(holds.hold(id, {.recipient = someone("Anna@b.test")}, because("")))),
                ElementsAre(someone("anna@b.test")));
    std::vector<DueItem> found = due("b.test");
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_TRUE(found[0].item.recipients[0].hold);
    EXPECT_FALSE(found[0].item.recipients[1].hold);
    found[0].item.recipients[1].state = RecipientState::delivered;
    must(wait(queue.conclude({found[0].item})));
    EXPECT_THAT(due("b.test"), IsEmpty());
    EXPECT_THAT(get(id).items, SizeIs(2));
    EXPECT_THAT(must(wait(holds.release(id, {.destination = QueueDestination(domain("c.test"))}))), IsEmpty());
    EXPECT_THAT(must(wait(holds.release(id, {.destination = QueueDestination(domain("b.test"))}))), SizeIs(1));
    EXPECT_THAT(due("b.test"), SizeIs(1));
}

/// What is done while somebody works on an item stays, and so does what the attempt came to.
TEST_P(QueueHoldsTest, an_attempt_under_way_and_a_decision_keep_each_other) {
    const QueueId id = add({"anna@b.test", "bo@b.test", "cy@b.test", "di@b.test"});
    QueueItem item = due("b.test").at(0).item;
    must(wait(holds.hold(id, {.recipient = someone("anna@b.test")}, because(""))));
    must(wait(holds.hold(id, {.recipient = someone("bo@b.test")}, because(""))));
    must(wait(holds.give_up(id, {.recipient = someone("cy@b.test")}, "5.7.1 not wanted")));
    item.recipients[0].state = RecipientState::delivered;
    for (const std::size_t deferred : {1, 2, 3})
        item.recipients[deferred].state = RecipientState::deferred;
    item.next_due = world.clock.time + hours(1);
    must(wait(queue.conclude({item})));
    const QueueItem kept = get(id).items.at(0);
    ASSERT_THAT(kept.recipients, SizeIs(3)) << "who has it has it";
    EXPECT_TRUE(kept.recipients[0].hold);
    EXPECT_EQ(kept.recipients[1].state, RecipientState::failed);
    EXPECT_EQ(kept.recipients[1].last_reply, "5.7.1 not wanted");
    EXPECT_EQ(kept.recipients[2].state, RecipientState::deferred);
    EXPECT_THAT(due("b.test"), SizeIs(1)) << "for the report, at once";
}

TEST_P(QueueHoldsTest, a_destination_on_hold_keeps_what_comes_until_its_release) {
    const QueueId before = add({"anna@b.test", "anna@c.test"});
    must(wait(holds.hold_destination(domain("b.test"), because("their server loses mail"))));
    EXPECT_EQ(must(wait(holds.of(domain("b.test"))))->reason, "their server loses mail");
    EXPECT_EQ(must(wait(holds.of(domain("c.test")))), std::nullopt);
    EXPECT_EQ(must(wait(holds.of(AccountId(1)))), std::nullopt);
    const QueueId after = add({"bo@b.test"});
    for (int number = 0; number < 70; ++number)
        add({"many@b.test"});
    destinations();
    EXPECT_THAT(due("b.test"), IsEmpty());
    EXPECT_THAT(due("c.test"), SizeIs(1));
    EXPECT_EQ(must(wait(holds.destinations())).begin()->first, domain("b.test"));
    // Whoever is given up there is told all the same.
    must(wait(holds.give_up(after, {}, "5.7.1 not wanted")));
    const std::vector<DueItem> failed = due("b.test");
    ASSERT_THAT(failed, SizeIs(1));
    EXPECT_EQ(failed[0].message.id, after);
    QueueItem told = failed[0].item;
    told.recipients[0].state = RecipientState::reported;
    must(wait(queue.conclude({told})));
    world.clock.time += hours(48);
    EXPECT_THAT(due("b.test"), IsEmpty());
    EXPECT_TRUE(must(wait(holds.release_destination(domain("b.test")))));
    EXPECT_FALSE(must(wait(holds.release_destination(domain("b.test")))));
    EXPECT_THAT(destinations(), ::testing::Contains(QueueDestination(domain("b.test"))));
    EXPECT_EQ(due("b.test").at(0).message.id, before);
    EXPECT_EQ(get(before).message.expires, world.clock.time + hours(24)) << "the time on hold does not count";
}

/// Its sender wants it to wait, too: it leaves when both let it.
TEST_P(QueueHoldsTest, two_may_hold_the_same_message) {
    QueuedMessage made = queued(world.blob("mail"), {"anna@b.test"});
    made.message.held_until = world.clock.time + hours(1);
    made.items[0].next_due = *made.message.held_until;
    const QueueId id = must(wait(queue.add(made)));
    must(wait(holds.hold(id, {}, because(""))));
    world.clock.time += hours(2);
    EXPECT_THAT(destinations(), IsEmpty());
    EXPECT_FALSE(get(id).message.is_held());
    must(wait(holds.release(id, {})));
    EXPECT_THAT(due("b.test"), SizeIs(1));
}

TEST_P(QueueHoldsTest, a_hold_survives_a_repair) {
    const QueueId id = add({"anna@b.test", "bo@c.test"});
    must(wait(holds.hold(id, {.recipient = someone("anna@b.test")}, because("x"))));
    must(wait(holds.hold_destination(domain("c.test"), because("y"))));
    must(wait(repair(&world.engine, &world.clock, {})));
    Queue reopened(&world.engine, &world.clock, 3);
    EXPECT_THAT(must(wait(reopened.due_items(domain("b.test"), world.clock.time, 10, &under_way))), IsEmpty());
    EXPECT_THAT(must(wait(reopened.due_items(domain("c.test"), world.clock.time, 10, &under_way))), IsEmpty());
    EXPECT_EQ(must(wait(reopened.get(id))).items[0].recipients[0].hold->reason, "x");
    EXPECT_EQ(must(wait(reopened.holds().of(domain("c.test"))))->reason, "y");
}

TEST_P(QueueHoldsTest, a_change_that_fails_is_made_again) {
    const QueueId id = add({"anna@b.test", "bo@c.test"});
    for (int step = 1;; ++step) {
        ASSERT_LT(step, 100);
        world.engine.fail(MemoryEngine::Call::any, static_cast<std::uint64_t>(step), ErrorCode::unavailable);
        const auto stopped = wait(holds.hold(id, {}, because("")));
        world.engine.clear_failures();
        if (stopped) break;
        const auto let_go = must(wait(holds.release(id, {})));
        EXPECT_THAT(due("b.test"), SizeIs(1));
        EXPECT_THAT(due("c.test"), SizeIs(1));
    }
    EXPECT_THAT(due("b.test"), IsEmpty());
}

} // namespace
} // namespace tegami::store
