// Every record of the table, in a store that has them all: each is read by the table, missed by verify if it is
// damaged, and made sound by repair. A record that is new to the table fails here until the store below has one.
#include "message/card.h"
#include "store/account_objects.h"
#include "store/audit.h"
#include "store/journey.h"
#include "store/kept_policies.h"
#include "store/kept_reports.h"
#include "store/queue.h"
#include "store/recovery/recovery_fixture.h"
#include "store/traffic.h"

#include <set>

namespace tegami::store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::must;
using testing::queued;
using testing::wait;

/// A store with at least one record of each kind: enough mail that pages are written, and not all of it in them.
struct FullWorld : testing::RecoveryWorld {
    FullWorld() {
        Account& mine = *world.account;
        for (int number = 0; number < 70; ++number) {
            const std::string id = std::to_string(number) + "@x";
            NewMessage message = world.message(inbox(), "octets " + id, {}, {"$Work"});
            if (number == 1) message.blob = blob_with_card(); // it can be sorted by something
            message.thread = {.message_id = id, .in_reply_to = {}, .references = {"0@x"}};
            std::vector<NewMessage> messages{std::move(message)};
            must(wait(mine.append(std::move(messages), "tag " + id)));
        }
        must(wait(mine.subscribe("Nowhere")));
        must(wait(mine.change_flags(inbox(), {2, 21}, {FlagChange::Mode::add, {Flag::flagged}, {}})));
        UidSet many;
        many.add(UidRange{Uid(1), Uid(60)});
        must(wait(mine.copy(inbox(), many, world.find("Archive")))); // their counts in a page
        must(wait(mine.copy(inbox(), {1, 69}, world.find("Sent")))); // and single ones
        must(wait(mine.expunge(inbox(), {5}, Account::Expunge::forced)));
        const MailboxId old = must(wait(mine.create_mailbox("Old")));
        world.append(old, 2);
        must(wait(mine.remove_mailbox(old)));
        Queue queue(&world.engine, &world.clock);
        must(wait(queue.add(queued(world.blob("queued"), {"b@b.test"}))));
        QueuedMessage held = queued(world.blob("held"), {"b@b.test"});
        held.message.held_until = world.clock.time + std::chrono::hours(1);
        must(wait(queue.add(std::move(held))));
        must(wait(queue.holds().hold_destination(message::Domain::parse("z.test").value(), {.reason = "x"})));
        must(wait(AccountObjects(world.account, ObjectKind::identity).add("octets")));
        Journeys journeys(&world.engine, &world.clock, &world.random);
        journeys.record({.journey = journeys.new_journey(),
                         .kind = "received",
                         .fields = {},
                         .message_id = "1@x",
                         .addresses = {"b@b.test"}});
        must(wait(journeys.flush()));
        SilentLog log;
        Tally tally(&world.engine, &world.clock, &log);
        tally.count(TallyKind::dmarc, "a.test", "row");
        must(wait(tally.flush()));
        const TallyPlace place{.kind = TallyKind::dmarc,
                               .day = std::chrono::floor<std::chrono::days>(world.clock.time),
                               .domain = "a.test"};
        KeptReports reports(&world.engine);
        for (const ReportWay way : {ReportWay::received, ReportWay::sent})
            must(wait(reports.keep(way, {.place = place, .id = "1", .value = "report"})));
        Traffic traffic(&world.engine, &world.clock, [](std::string_view) { return true; });
        traffic.note({.time = world.clock.time, .kind = "received", .fields = {{"to", "anna@a.test"}}}, "");
        must(wait(traffic.flush()));
        Audit audit(&world.engine, &world.clock);
        must(wait(audit.add({.who = "anna@a.test", .operation = "/account/add"})));
        KeptPolicies policies(&world.engine);
        must(wait(policies.keep({.domain = "b.test",
                                 .id = "1",
                                 .fetched = world.clock.time,
                                 .expires = world.clock.time,
                                 .text = "policy"})));
    }

    BlobRef blob_with_card() {
        const std::string octets = "Subject: x\r\n\r\n";
        const std::unique_ptr<BlobWriter> writer = world.engine.new_blob();
        must(wait(writer->append(octets)));
        message::Card card;
        card.size = octets.size();
        return must(wait(writer->finish(message::encode_card(card), {})));
    }

    std::vector<Domain> domains() {
        std::vector<Domain> all{account, shard};
        for (const DomainKind kind : {DomainKind::journey, DomainKind::tally, DomainKind::audit})
            for (const Domain day : must(wait(world.engine.domains(kind, 0, 10))))
                all.push_back(day);
        return all;
    }

    std::map<std::string, BlobRef> references() {
        auto all = testing::held_blobs_of(world.engine, account);
        all.merge(testing::held_blobs_of(world.engine, shard));
        return all;
    }

    std::set<char> letters(Domain domain) {
        std::set<char> found;
        for (const Row& row : testing::rows_of(world.engine, domain))
            found.insert(row.key.front());
        return found;
    }
};

TEST(RecordTable, the_store_has_every_record_and_each_is_read) {
    FullWorld full;
    EXPECT_THAT(full.findings({.read_blobs = true}), IsEmpty());
    for (const Domain domain : full.domains()) {
        std::set<char> known;
        for (const RecordKind& kind : record_kinds(domain.kind))
            known.insert(kind.letter);
        EXPECT_EQ(full.letters(domain), known) << record_owner_text(domain, "");
    }
}

TEST(RecordTable, held_blobs_are_the_ones_that_the_engine_keeps) {
    FullWorld full;
    const auto references = full.references();
    EXPECT_EQ(references.size(), 74u); // 70 and 2 emails, two letters in the queue
    full.world.clock.time += std::chrono::hours(2);
    full.world.engine.collect();
    for (const auto& [tag, blob] : references)
        EXPECT_TRUE(wait(full.world.engine.read_card(blob.id)).has_value());
    // Without the references that the table tells of, nothing keeps them.
    for (const auto& [tag, blob] : references)
        full.change(tag.starts_with('a') ? full.account : full.shard, {RemoveReference{blob.id, tag}});
    full.world.engine.collect();
    for (const auto& [tag, blob] : references)
        EXPECT_FALSE(wait(full.world.engine.read_card(blob.id)).has_value());
}

/// For one record of each kind: verify names it, repair makes the store sound.
void damage_each(bool unreadable) {
    FullWorld first;
    for (const Domain domain : first.domains()) {
        for (const char letter : first.letters(domain)) {
            FullWorld full;
            const auto references = full.references();
            for (const Row& row : testing::rows_of(full.world.engine, domain)) {
                if (row.key.front() != letter) continue;
                const std::string name = record_name(domain, row.key);
                if (unreadable)
                    full.world.engine.damage_row(domain, row.key);
                else
                    full.put(domain, row.key, "\x07garbage");
                EXPECT_THAT(full.findings(), Contains(HasSubstr(name)));
                full.repair(references);
                break;
            }
        }
    }
}

TEST(RecordTable, each_record_is_missed_and_mended_if_it_means_nothing) {
    damage_each(false);
}

TEST(RecordTable, each_record_is_missed_and_mended_if_the_disk_cannot_read_it) {
    damage_each(true);
}

} // namespace
} // namespace tegami::store
