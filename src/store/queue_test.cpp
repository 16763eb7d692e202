// The queue on the memory engine, normal and tiny.
#include "store/queue.h"

#include "store/forwarding_engine_fixture.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::IsEmpty;
using testing::must;
using testing::queued;
using ::testing::SizeIs;
using testing::wait;
using testing::World;

message::EmailAddress address(std::string_view text) {
    return message::parse_email_address(text).value();
}

QueueDestination at(std::string_view domain) {
    return message::Domain::parse(domain).value();
}

class QueueTest : public ::testing::TestWithParam<bool> {
protected:
    QueueTest() : world(GetParam()), queue(&world.engine, &world.clock, 3) {}

    ~QueueTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    /// To somebody at each of these domains; due now.
    QueuedMessage message(const std::vector<std::string>& domains = {"b.test"}) {
        std::vector<std::string> to;
        for (const std::string& domain : domains)
            to.push_back(std::to_string(to.size()) + "@" + domain);
        QueuedMessage made = queued(world.blob("mail"), to);
        made.message.created = world.clock.time;
        made.message.expires = world.clock.time + std::chrono::hours(24);
        made.message.journey = "j";
        for (QueueItem& item : made.items)
            item.next_due = world.clock.time;
        return made;
    }

    static std::vector<std::string> many_domains(int count) {
        std::vector<std::string> domains;
        for (int i = 0; i < count; ++i)
            domains.push_back("d" + std::to_string(i) + ".test");
        return domains;
    }

    std::set<QueueDestination> destinations(std::size_t count_max = 1000) {
        return must(wait(queue.due_destinations(world.clock.time, count_max)));
    }

    std::vector<DueItem> due(std::string_view domain, std::size_t count_max = 10) {
        return must(wait(queue.due_items(at(domain), world.clock.time, count_max, &under_way)));
    }

    std::size_t left() { return must(wait(queue.list(QueueId(0), 100))).messages.size(); }

    static QueueItem with_state(QueueItem item, RecipientState state) {
        for (QueueRecipient& recipient : item.recipients)
            recipient.state = state;
        return item;
    }

    World world;
    Queue queue;
    std::set<QueueItemId> under_way;
};

INSTANTIATE_TEST_SUITE_P(Limits, QueueTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(QueueTest, a_message_is_read_as_it_was_added) {
    QueuedMessage made = message(many_domains(40));
    made.message.eight_bit = made.message.return_full = made.message.junk = made.message.passed_on = true;
    made.message.tls_optional = true;
    made.message.content_from = 3;
    made.message.prefix = "X: y\r\n";
    made.items[7].recipients[0].notify = 4;
    made.items.push_back(
        local_item(AccountId(5), {.address = address("c@c.test"), .detail = "lists"}, world.clock.time));
    const QueueId id = must(wait(queue.add(made)));
    world.engine.collect();
    Queue reopened(&world.engine, &world.clock, 3);
    const QueuedMessage read = must(wait(reopened.get(id)));
    made.message.id = id;
    made.message.items = 41;
    for (std::uint32_t number = 0; number < made.items.size(); ++number)
        made.items[number].id = {id, number};
    EXPECT_EQ(read, made);
    EXPECT_EQ(must(wait(world.engine.read_blob(made.message.blob.id, 0, 10))), "mail");
    QueuedMessage nobody = message();
    nobody.items.clear();
    EXPECT_EQ(error_of(wait(queue.add(nobody))), ErrorCode::invalid);
    EXPECT_EQ(error_of(wait(queue.get(QueueId(5)))), ErrorCode::not_found);
}

TEST_P(QueueTest, recipients_are_gathered_by_domain_and_an_item_is_bounded) {
    std::vector<QueueRecipient> recipients;
    for (std::size_t i = 0; i < 2 * kItemRecipientsMax + 1; ++i) {
        recipients.push_back({.address = address(std::to_string(i) + "@b.test")});
        if (i < 2) recipients.push_back({.address = address(std::to_string(i) + "@C.test")});
    }
    const std::vector<QueueItem> items = remote_items(recipients, world.clock.time);
    std::vector<std::size_t> sizes;
    for (const QueueItem& item : items)
        sizes.push_back(item.recipients.size());
    EXPECT_THAT(sizes, ElementsAre(kItemRecipientsMax, 2, kItemRecipientsMax, 1));
    EXPECT_EQ(items[1].destination, at("c.test"));
}

TEST_P(QueueTest, items_are_due_in_time) {
    std::vector<QueueId> ids;
    for (int i = 0; i < 6; ++i) {
        QueuedMessage made = message();
        made.items[0].next_due = world.clock.time + seconds(60 - 10 * i);
        ids.push_back(must(wait(queue.add(made))));
    }
    EXPECT_THAT(destinations(), IsEmpty());
    EXPECT_THAT(due("b.test"), IsEmpty());
    EXPECT_EQ(must(wait(queue.next_due(world.clock.time))), world.clock.time + seconds(10));
    world.clock.time += seconds(30);
    EXPECT_THAT(destinations(), ElementsAre(at("b.test")));
    const auto found = due("b.test", 2);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].message.id, ids[5]);
    EXPECT_EQ(found[1].message.id, ids[4]);
    EXPECT_EQ(must(wait(queue.next_due(world.clock.time))), world.clock.time + seconds(10));
    under_way = {found[0].item.id, found[1].item.id};
    EXPECT_THAT(due("b.test"), SizeIs(1)) << "not those under way";
    must(wait(queue.retry(ids[0])));
    EXPECT_THAT(due("b.test"), SizeIs(2));
}

/// What waits is told once; what becomes due behind the search's back is told again.
TEST_P(QueueTest, destinations_are_told_when_something_comes_due) {
    must(wait(queue.add(message({"b.test", "c.test"}))));
    EXPECT_THAT(destinations(), ElementsAre(at("b.test"), at("c.test")));
    EXPECT_THAT(destinations(), IsEmpty());
    QueuedMessage late = message({"d.test"});
    late.items[0].next_due -= seconds(5);
    const QueueId id = must(wait(queue.add(late)));
    EXPECT_TRUE(destinations().contains(at("d.test")));
    EXPECT_THAT(destinations(), IsEmpty());
    must(wait(queue.retry(id)));
    EXPECT_TRUE(destinations().contains(at("d.test")));
    const auto found = due("d.test");
    ASSERT_EQ(found.size(), 1u);
    must(wait(queue.conclude({with_state(found[0].item, RecipientState::deferred)})));
    EXPECT_TRUE(destinations().contains(at("d.test"))) << "its plan says now";
}

TEST_P(QueueTest, destinations_are_told_in_portions) {
    must(wait(queue.add(message(many_domains(10)))));
    std::set<QueueDestination> all;
    int calls = 0;
    for (;;) {
        const std::set<QueueDestination> some = destinations(3);
        if (some.empty()) break;
        EXPECT_LE(some.size(), 3u);
        all.insert(some.begin(), some.end());
        ++calls;
    }
    EXPECT_EQ(all.size(), 10u);
    EXPECT_GE(calls, 4);
}

/// The search for items goes on behind those under way; nothing that comes due before them is missed.
TEST_P(QueueTest, items_are_found_again_when_they_are_due_again) {
    std::vector<QueueId> ids;
    for (int i = 0; i < 4; ++i)
        ids.push_back(must(wait(queue.add(message()))));
    const auto all = due("b.test");
    ASSERT_THAT(all, SizeIs(4));
    for (const DueItem& each : all)
        under_way.insert(each.item.id);
    EXPECT_THAT(due("b.test"), IsEmpty());
    const auto leaves = [&](std::size_t which, RecipientState state) {
        must(wait(queue.conclude({with_state(all[which].item, state)})));
        under_way.erase(all[which].item.id);
    };
    leaves(3, RecipientState::delivered);
    EXPECT_THAT(due("b.test"), IsEmpty());
    leaves(1, RecipientState::deferred);
    ASSERT_THAT(due("b.test"), SizeIs(1)) << "its plan says now";
    under_way.erase(all[0].item.id);
    EXPECT_THAT(due("b.test"), SizeIs(1)) << "it was not concluded";
    queue.look_again(at("b.test"));
    EXPECT_THAT(due("b.test"), SizeIs(2));
    QueuedMessage early = message();
    early.items[0].next_due -= seconds(5);
    must(wait(queue.add(early)));
    EXPECT_THAT(due("b.test"), SizeIs(3));
    world.engine.fail(MemoryEngine::Call::scan, 1, ErrorCode::unavailable);
    EXPECT_EQ(error_of(wait(queue.due_items(at("b.test"), world.clock.time, 10, &under_way))), ErrorCode::unavailable);
    EXPECT_THAT(due("b.test"), SizeIs(3));
}

TEST_P(QueueTest, a_failed_search_is_made_again) {
    for (const int scan : {1, 2}) { // of what was held, of what is due
        must(wait(queue.add(message())));
        world.engine.fail(MemoryEngine::Call::scan, scan, ErrorCode::unavailable);
        EXPECT_EQ(error_of(wait(queue.due_destinations(world.clock.time, 10))), ErrorCode::unavailable);
        EXPECT_THAT(destinations(), SizeIs(1));
    }
}

TEST_P(QueueTest, what_a_wrong_clock_planned_is_due) {
    QueuedMessage soon = message();
    soon.items[0].next_due += seconds(50);
    must(wait(queue.add(soon)));
    QueuedMessage far = message();
    far.items[0].next_due += seconds(5000);
    const QueueId id = must(wait(queue.add(far)));
    const Timestamp now = world.clock.time;
    EXPECT_THAT(must(wait(queue.due_destinations(now, 10, now + seconds(5000)))), IsEmpty());
    EXPECT_THAT(must(wait(queue.due_destinations(now, 10, now + seconds(1000)))), SizeIs(1));
    EXPECT_THAT(must(wait(queue.due_items(at("b.test"), now, 10, &under_way, now + seconds(5000)))), IsEmpty());
    const auto found = must(wait(queue.due_items(at("b.test"), now, 10, &under_way, now + seconds(1000))));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].message.id, id);
    const Timestamp later = far.items[0].next_due;
    EXPECT_EQ(must(wait(queue.due_items(at("b.test"), later, 10, &under_way, later))).size(), 2u) << "each once";
}

TEST_P(QueueTest, an_outcome_is_kept_and_moves_the_item) {
    QueuedMessage made = queued(world.blob("mail"), {"0@b.test", "1@b.test", "2@b.test"});
    const QueueId id = must(wait(queue.add(made)));
    QueueItem item = must(wait(queue.get(id))).items.at(0);
    item.recipients[0].state = RecipientState::delivered;
    item.recipients[1].state = RecipientState::deferred;
    item.recipients[1].last_reply = "451 4.7.1 later";
    item.recipients[2].state = RecipientState::failed;
    item.attempts = 1;
    item.next_due = world.clock.time + seconds(900);
    must(wait(queue.conclude({item})));
    const QueueItem kept = must(wait(queue.get(id))).items.at(0);
    ASSERT_EQ(kept.recipients.size(), 2u) << "the delivered one is over";
    EXPECT_EQ(kept.recipients[0], item.recipients[1]);
    EXPECT_EQ(kept.recipients[1], item.recipients[2]);
    EXPECT_EQ(kept.attempts, 1u);
    EXPECT_THAT(due("b.test"), IsEmpty());
    world.clock.time += seconds(900);
    EXPECT_THAT(due("b.test"), SizeIs(1));
    EXPECT_EQ(error_of(wait(queue.conclude({item}))), ErrorCode::not_found) << "it has been concluded already";
    EXPECT_EQ(must(wait(queue.get(id))).items.at(0), kept);
}

TEST_P(QueueTest, a_retry_does_not_take_the_item_from_who_works_on_it) {
    const QueueId id = must(wait(queue.add(message())));
    const QueueItem item = must(wait(queue.get(id))).items.at(0);
    world.clock.time += seconds(1);
    must(wait(queue.retry(id)));
    must(wait(queue.conclude({with_state(item, RecipientState::delivered)})));
    EXPECT_EQ(left(), 0u);
    EXPECT_THAT(due("b.test"), IsEmpty());
}

TEST_P(QueueTest, the_last_item_takes_the_message_with_it) {
    const QueueId id = must(wait(queue.add(message(many_domains(8)))));
    std::vector<QueueItem> items = must(wait(queue.get(id))).items;
    for (QueueItem& item : items)
        item = with_state(item, RecipientState::delivered);
    const QueueItem last = items.back();
    items.pop_back();
    must(wait(queue.conclude(items)));
    EXPECT_EQ(must(wait(queue.get(id))).message.items, 1u);
    EXPECT_EQ(world.engine.collect(), 0u);
    must(wait(queue.conclude({last})));
    EXPECT_EQ(error_of(wait(queue.get(id))), ErrorCode::not_found);
    EXPECT_EQ(world.engine.collect(), 1u);
    EXPECT_EQ(error_of(wait(queue.conclude({last}))), ErrorCode::not_found);
}

/// Something happens just before the next scan.
class InterruptedEngine final : public testing::ForwardingEngine {
public:
    async::Awaitable<StoreResult<Page>> scan(Domain domain, Range range) override {
        if (const auto first = std::exchange(before_scan, nullptr)) co_await first();
        co_return co_await memory().scan(domain, std::move(range));
    }

    std::function<async::Awaitable<>()> before_scan;
};

TEST(QueueReading, a_message_that_ends_while_it_is_read_is_not_found) {
    InterruptedEngine engine;
    testing::ManualClock clock;
    Queue queue(&engine, &clock);
    const std::unique_ptr<BlobWriter> writer = engine.new_blob();
    must(wait(writer->append("mail")));
    const QueueId id = must(wait(queue.add(queued(must(wait(writer->finish("card", {}))), {"bob@b.test"}))));
    engine.before_scan = [&]() -> async::Awaitable<> {
        const StoreResult<> removed = co_await queue.remove(id);
        EXPECT_TRUE(removed);
    };
    EXPECT_EQ(error_of(wait(queue.get(id))), ErrorCode::not_found);
}

TEST_P(QueueTest, items_of_one_message_end_at_once) {
    const QueueId id = must(wait(queue.add(message(many_domains(30)))));

    struct End {
        static async::Awaitable<> run(Queue* queue, QueueItem item, int* ended) {
            const auto concluded = co_await queue->conclude({std::move(item)});
            *ended += concluded.has_value();
        }
    };

    testing::Crowd crowd;
    int ended = 0;
    for (const QueueItem& item : must(wait(queue.get(id))).items)
        crowd.add(End::run(&queue, with_state(item, RecipientState::delivered), &ended));
    crowd.run(1);
    EXPECT_EQ(ended, 30);
    EXPECT_EQ(left(), 0u);
}

TEST_P(QueueTest, a_report_comes_with_the_end_of_what_it_tells) {
    const QueueId id = must(wait(queue.add(message({"b.test", "c.test"}))));
    std::vector<QueueItem> items = must(wait(queue.get(id))).items;
    for (QueueItem& item : items)
        item = with_state(item, RecipientState::reported);
    const QueuedMessage report = queued(world.blob("report"), {"a@a.test"});
    for (int step = 1;; ++step) {
        ASSERT_LT(step, 100);
        world.engine.fail(MemoryEngine::Call::any, static_cast<std::uint64_t>(step), ErrorCode::unavailable);
        const auto concluded = wait(queue.conclude(items, report));
        world.engine.clear_failures();
        if (concluded) {
            ASSERT_TRUE(concluded->has_value());
            EXPECT_EQ(must(wait(queue.get(**concluded))).items.size(), 1u);
            break;
        }
        if (GetParam() && concluded.error().code == ErrorCode::invalid) return; // not one batch of a tiny engine
        EXPECT_EQ(left(), 1u) << "neither the end nor the report";
        EXPECT_EQ(must(wait(queue.get(id))).items.size(), 2u);
    }
    EXPECT_EQ(error_of(wait(queue.get(id))), ErrorCode::not_found);
    EXPECT_EQ(left(), 1u);
    // As after a commit whose outcome was not known: the same again tells nobody anything.
    EXPECT_EQ(error_of(wait(queue.conclude(items, report))), ErrorCode::not_found);
    EXPECT_EQ(left(), 1u);
}

TEST_P(QueueTest, a_report_about_what_has_changed_is_refused) {
    const QueueId id = must(wait(queue.add(message({"b.test", "c.test"}))));
    std::vector<QueueItem> items = must(wait(queue.get(id))).items;
    must(wait(queue.conclude({with_state(items[0], RecipientState::failed)})));
    for (QueueItem& item : items)
        item = with_state(item, RecipientState::reported);
    EXPECT_EQ(error_of(wait(queue.conclude(items, queued(world.blob("report"), {"a@a.test"})))), ErrorCode::conflict);
    EXPECT_EQ(left(), 1u);
}

TEST_P(QueueTest, a_removed_message_lets_go_of_its_octets) {
    const QueueId first = must(wait(queue.add(message({"b.test", "c.test"}))));
    const QueueId second = must(wait(queue.add(message())));
    EXPECT_LT(first, second);
    must(wait(queue.remove(first)));
    must(wait(queue.remove(first)));
    EXPECT_EQ(world.engine.collect(), 1u);
    EXPECT_EQ(error_of(wait(queue.get(first))), ErrorCode::not_found);
    EXPECT_EQ(error_of(wait(queue.retry(first))), ErrorCode::not_found);
    EXPECT_THAT(due("b.test"), SizeIs(1));
    EXPECT_THAT(due("c.test"), IsEmpty());
}

TEST_P(QueueTest, messages_are_listed_by_pages) {
    for (int i = 0; i < 7; ++i)
        must(wait(queue.add(message())));
    std::vector<QueueId> listed;
    QueueId after;
    for (bool more = true; more;) {
        const QueuePage page = must(wait(queue.list(after, 3)));
        for (const QueuedMessage& each : page.messages)
            listed.push_back(after = each.message.id);
        more = page.more;
    }
    EXPECT_EQ(listed.size(), 7u);
    EXPECT_TRUE(std::ranges::is_sorted(listed));
}

TEST_P(QueueTest, a_failed_add_leaves_nothing_due) {
    for (int step = 1; step < 4; ++step) {
        world.engine.fail(MemoryEngine::Call::commit, static_cast<std::uint64_t>(step), ErrorCode::no_space);
        const auto added = wait(queue.add(message(many_domains(12))));
        world.engine.clear_failures();
        if (added) {
            must(wait(queue.remove(*added)));
            continue;
        }
        EXPECT_EQ(error_of(added), ErrorCode::no_space);
        EXPECT_THAT(due("d0.test"), IsEmpty());
        EXPECT_EQ(left(), 0u);
    }
}

/// Design §5: a crash between two steps repeats one of them, and nothing doubles.
TEST_P(QueueTest, a_delivery_to_an_account_survives_a_crash_in_between) {
    world.make();
    QueuedMessage made = message();
    made.items = {local_item(AccountId(1), {.address = address("a@a.test")}, world.clock.time)};
    const QueueId id = must(wait(queue.add(made)));
    const NewMessage incoming{.blob = made.message.blob,
                              .placements = {{world.find("INBOX"), {}, {}}},
                              .internal_date = world.clock.time,
                              .thread = {}};
    must(wait(world.account->append({incoming}, queue.delivery_tag({id, 0}))));
    world.reopen(); // before the item was concluded
    Queue reopened(&world.engine, &world.clock, 3);
    EXPECT_THAT(must(wait(reopened.due_destinations(world.clock.time, 10))),
                ElementsAre(QueueDestination(AccountId(1))));
    const auto found = must(wait(reopened.due_items(AccountId(1), world.clock.time, 10, &under_way)));
    ASSERT_EQ(found.size(), 1u);
    const auto again = must(wait(world.account->append({incoming}, reopened.delivery_tag(found[0].item.id))));
    EXPECT_TRUE(again.already_there);
    must(wait(reopened.conclude({with_state(found[0].item, RecipientState::delivered)})));
    world.engine.collect();
    EXPECT_EQ(world.view(world.find("INBOX"))->size(), 1u);
    EXPECT_EQ(must(wait(world.store->read_blob(made.message.blob.id, 0, 10))), "mail");
}

TEST_P(QueueTest, a_held_message_is_due_at_its_moment_and_not_before) {
    const std::vector<std::string> domains = many_domains(30);
    QueuedMessage held = message(domains);
    held.message.held_until = world.clock.time + seconds(60);
    for (QueueItem& item : held.items)
        item.next_due = *held.message.held_until;
    const QueueId id = must(wait(queue.add(held)));
    EXPECT_THAT(destinations(), IsEmpty());
    // Nor does it count as planned by a clock that was wrong.
    EXPECT_THAT(must(wait(queue.due_destinations(world.clock.time, 100, world.clock.time + seconds(1)))), IsEmpty());
    EXPECT_EQ(must(wait(queue.next_due(world.clock.time))), held.message.held_until);
    EXPECT_TRUE(must(wait(queue.get(id))).message.is_held());
    // It is not what an operator has to do something about.
    EXPECT_EQ(must(wait(queue.depth())).messages, 1U);
    EXPECT_EQ(must(wait(queue.depth())).oldest, std::nullopt);

    Queue after_restart(&world.engine, &world.clock, 3);
    world.clock.time += seconds(60);
    EXPECT_THAT(must(wait(after_restart.due_destinations(world.clock.time, 1000))), SizeIs(30));
    const QueuedMessage released = must(wait(after_restart.get(id)));
    EXPECT_FALSE(released.message.is_held());
    EXPECT_EQ(must(wait(after_restart.depth())).oldest, world.clock.time);
    EXPECT_EQ(released.items.size(), 30U);
    EXPECT_THAT(due("d7.test"), SizeIs(1));
    EXPECT_EQ(error_of(wait(queue.cancel(id))), ErrorCode::not_found);
    EXPECT_EQ(left(), 1U);
}

TEST_P(QueueTest, a_held_message_is_cancelled_as_a_whole_until_it_is_released) {
    QueuedMessage held = message({"b.test", "c.test"});
    held.message.held_until = world.clock.time + seconds(60);
    const BlobId blob = held.message.blob.id;
    const QueueId id = must(wait(queue.add(held)));
    must(wait(queue.cancel(id)));
    EXPECT_EQ(left(), 0U);
    EXPECT_EQ(error_of(wait(queue.cancel(id))), ErrorCode::not_found);
    world.clock.time += std::chrono::hours(2);
    EXPECT_THAT(destinations(), IsEmpty());
    world.engine.collect();
    EXPECT_FALSE(wait(world.engine.read_card(blob)).has_value());
    const QueueId never_held = must(wait(queue.add(message())));
    EXPECT_EQ(error_of(wait(queue.cancel(never_held))), ErrorCode::not_found);
    EXPECT_EQ(left(), 1U);
}

TEST_P(QueueTest, an_operator_may_send_a_held_message_at_once) {
    QueuedMessage held = message();
    held.message.held_until = world.clock.time + seconds(60);
    for (QueueItem& item : held.items)
        item.next_due = *held.message.held_until;
    const QueueId id = must(wait(queue.add(held)));
    must(wait(queue.retry(id)));
    EXPECT_THAT(destinations(), ElementsAre(at("b.test")));
    EXPECT_THAT(due("b.test"), SizeIs(1));
}

} // namespace
} // namespace tegami::store
