// The queue on the memory engine, normal and tiny.
#include "store/queue.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using std::chrono::seconds;
using testing::error_of;
using ::testing::IsEmpty;
using testing::must;
using testing::wait;
using testing::World;

class QueueTest : public ::testing::TestWithParam<bool> {
protected:
    QueueTest() : world(GetParam()), queue(&world.engine, &world.clock, 3) {}

    ~QueueTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    QueueEntry entry(int recipients = 2) {
        QueueEntry made{.reverse_path = "a@a.test", .blob = world.blob("mail")};
        for (int i = 0; i < recipients; ++i)
            made.recipients.push_back({.address = std::to_string(i) + "@b.test"});
        made.created = made.next_due = world.clock.time;
        made.expires = world.clock.time + std::chrono::hours(24);
        made.journey = "j";
        return made;
    }

    World world;
    Queue queue;
};

INSTANTIATE_TEST_SUITE_P(Limits, QueueTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(QueueTest, an_entry_is_read_as_it_was_added) {
    QueueEntry made = entry(40);
    made.smtputf8 = made.return_full = true;
    made.recipients[7].notify = 4;
    made.id = must(wait(queue.add(made)));
    world.engine.collect();
    Queue reopened(&world.engine, &world.clock, 3);
    EXPECT_EQ(must(wait(reopened.get(made.id))), made);
    EXPECT_EQ(must(wait(world.engine.read_blob(made.blob.id, 0, 10))), "mail");
    EXPECT_EQ(error_of(wait(queue.add(entry(0)))), ErrorCode::invalid);
    EXPECT_EQ(error_of(wait(queue.get(QueueId(5)))), ErrorCode::not_found);
}

TEST_P(QueueTest, entries_are_due_in_time) {
    std::vector<QueueId> ids;
    for (int i = 0; i < 6; ++i) {
        QueueEntry made = entry();
        made.next_due = world.clock.time + seconds(60 - 10 * i);
        ids.push_back(must(wait(queue.add(made))));
    }
    EXPECT_THAT(must(wait(queue.due(world.clock.time, 10))), IsEmpty());
    EXPECT_EQ(must(wait(queue.next_due())), world.clock.time + seconds(10));
    const auto due = must(wait(queue.due(world.clock.time + seconds(30), 2)));
    ASSERT_EQ(due.size(), 2u);
    EXPECT_EQ(due[0].id, ids[5]);
    EXPECT_EQ(due[1].id, ids[4]);
    must(wait(queue.retry(ids[0])));
    EXPECT_EQ(must(wait(queue.due(world.clock.time, 10))).size(), 1u);
}

TEST_P(QueueTest, what_a_wrong_clock_planned_is_due) {
    QueueEntry soon = entry();
    soon.next_due = world.clock.time + seconds(50);
    must(wait(queue.add(soon)));
    QueueEntry far = entry();
    far.next_due = world.clock.time + seconds(5000);
    const QueueId id = must(wait(queue.add(far)));
    EXPECT_THAT(must(wait(queue.due(world.clock.time, 10, {}, world.clock.time + seconds(5000)))), IsEmpty());
    const auto due = must(wait(queue.due(world.clock.time, 10, {}, world.clock.time + seconds(1000))));
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].id, id);
    EXPECT_EQ(must(wait(queue.due(far.next_due, 10, {}, world.clock.time + seconds(1000)))).size(), 2u) << "each once";
}

TEST_P(QueueTest, an_update_is_kept_and_moves_the_entry) {
    const QueueId id = must(wait(queue.add(entry(20))));
    QueueEntry changed = must(wait(queue.get(id)));
    for (const std::size_t at : {3u, 19u}) {
        changed.recipients[at].state = RecipientState::deferred;
        changed.recipients[at].last_reply = "451 4.7.1 later";
        changed.recipients[at].attempts = 1;
    }
    changed.attempts = 1;
    changed.next_due = world.clock.time + seconds(900);
    must(wait(queue.update(changed, {3, 19})));
    EXPECT_EQ(must(wait(queue.get(id))), changed);
    EXPECT_THAT(must(wait(queue.due(world.clock.time, 10))), IsEmpty());
    EXPECT_EQ(must(wait(queue.due(changed.next_due, 10))).size(), 1u);
    std::vector<std::size_t> all;
    for (std::size_t at = 0; at < 20; ++at) {
        changed.recipients[at].state = RecipientState::delivered;
        all.push_back(at);
    }
    must(wait(queue.update(changed, all)));
    EXPECT_EQ(must(wait(queue.get(id))), changed);
    EXPECT_EQ(error_of(wait(queue.update(changed, {20}))), ErrorCode::invalid);
}

TEST_P(QueueTest, a_removed_entry_lets_go_of_its_octets) {
    const QueueId first = must(wait(queue.add(entry())));
    const QueueId second = must(wait(queue.add(entry())));
    EXPECT_LT(first, second);
    must(wait(queue.remove(first)));
    must(wait(queue.remove(first)));
    EXPECT_EQ(world.engine.collect(), 1u);
    EXPECT_EQ(error_of(wait(queue.get(first))), ErrorCode::not_found);
    EXPECT_EQ(error_of(wait(queue.retry(first))), ErrorCode::not_found);
    EXPECT_EQ(must(wait(queue.due(world.clock.time, 10))).size(), 1u);
}

TEST_P(QueueTest, entries_are_listed_by_pages) {
    for (int i = 0; i < 7; ++i)
        must(wait(queue.add(entry(1))));
    std::vector<QueueId> listed;
    QueueId after;
    for (bool more = true; more;) {
        const QueuePage page = must(wait(queue.list(after, 3)));
        for (const QueueEntry& each : page.entries)
            listed.push_back(after = each.id);
        more = page.more;
    }
    EXPECT_EQ(listed.size(), 7u);
    EXPECT_TRUE(std::ranges::is_sorted(listed));
}

TEST_P(QueueTest, a_failed_add_leaves_nothing_due) {
    world.engine.fail(MemoryEngine::Call::commit, 1, ErrorCode::no_space);
    EXPECT_EQ(error_of(wait(queue.add(entry(30)))), ErrorCode::no_space);
    EXPECT_THAT(must(wait(queue.due(world.clock.time, 10))), IsEmpty());
    EXPECT_EQ(must(wait(queue.next_due())), std::nullopt);
}

/// Design §5: a crash between two steps repeats one of them, and nothing doubles.
TEST_P(QueueTest, a_delivery_to_two_accounts_survives_a_crash_in_between) {
    world.make();
    const QueueEntry made = entry(1);
    const QueueId id = must(wait(queue.add(made)));
    const NewMessage message{.blob = made.blob,
                             .placements = {{world.find("INBOX"), {}, {}}},
                             .internal_date = world.clock.time,
                             .thread = {}};
    must(wait(world.account->append({message}, queue.delivery_tag(id, 0))));
    world.reopen(); // before the recipient was marked
    Queue reopened(&world.engine, &world.clock, 3);
    const auto due = must(wait(reopened.due(world.clock.time, 10)));
    ASSERT_EQ(due.size(), 1u);
    const auto again = must(wait(world.account->append({message}, reopened.delivery_tag(due[0].id, 0))));
    EXPECT_TRUE(again.already_there);
    must(wait(reopened.remove(id)));
    world.engine.collect();
    EXPECT_EQ(world.view(world.find("INBOX"))->size(), 1u);
    EXPECT_EQ(must(wait(world.store->read_blob(made.blob.id, 0, 10))), "mail");
}

} // namespace
} // namespace tegami::store
