// Cards of many emails, and what they are sorted by: always what the blobs say, from few reads, and gone with their emails.
#include "message/card.h"
#include "store/account_records.h"
#include "store/card_records.h"
#include "store/record_coding.h"
#include "store/sort_records.h"
#include "store/store_test_support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tegami::store {
namespace {

using testing::must;
using testing::wait;
using testing::World;

constexpr Domain kAccount{DomainKind::account, 1};

std::string card_text(int number) {
    return "card " + std::to_string(number) + (number % 50 == 7 ? std::string(10'000, 'l') : std::string(300, 'c'));
}

/// Messages with cards of their own; one in fifty has a card too long for a page.
struct CardWorld : World {
    explicit CardWorld(bool tiny) : World(tiny) { make(); }

    /// One after the other, without saying what their cards are.
    void add(int count) {
        for (int i = 0; i < count; ++i)
            ids.push_back(must(wait(account->append({message_with_card(ids.size())}))).messages.front().front().email);
    }

    /// All at once, with their cards.
    void add_together(std::size_t count) {
        std::vector<NewMessage> messages;
        for (std::size_t i = 0; i < count; ++i) {
            messages.push_back(message_with_card(ids.size() + i));
            messages.back().card = card_text(static_cast<int>(ids.size() + i));
        }
        for (const std::vector<Placed>& placed : must(wait(account->append(std::move(messages)))).messages)
            ids.push_back(placed.front().email);
    }

    NewMessage message_with_card(std::size_t number) {
        const std::unique_ptr<BlobWriter> writer = engine.new_blob();
        must(wait(writer->append("octets")));
        NewMessage message = this->message(find("INBOX"));
        message.blob = must(wait(writer->finish(card_text(static_cast<int>(number)), {})));
        return message;
    }

    void expect_cards(const std::vector<std::size_t>& which) {
        std::vector<EmailId> wanted;
        for (const std::size_t at : which)
            wanted.push_back(ids[at]);
        const Cards cards = must(wait(account->cards(wanted)));
        ASSERT_EQ(cards.each.size(), which.size());
        for (std::size_t at = 0; at < which.size(); ++at)
            EXPECT_TRUE(cards.each[at] == card_text(static_cast<int>(which[at]))) << which[at];
    }

    std::vector<Row> card_rows() { return must(wait(used().scan(kAccount, {.begin = "C", .end = "D"}))).rows; }

    std::vector<EmailId> ids;
};

std::vector<std::size_t> all(std::size_t count) {
    std::vector<std::size_t> which(count);
    std::ranges::generate(which, [at = std::size_t{0}]() mutable { return at++; });
    return which;
}

class CardsOnEngines : public ::testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Tiny, CardsOnEngines, ::testing::Bool());

TEST_P(CardsOnEngines, whatever_is_asked_the_cards_are_those_of_the_blobs) {
    CardWorld world(GetParam());
    world.add(200);
    world.expect_cards(all(200));
    world.expect_cards({199, 3, 70, 3, 107, 7, 0, 128});
    world.reopen();
    world.expect_cards(all(200));
    const Cards none = must(wait(world.account->cards({EmailId(9999), world.ids[5], EmailId(1ull << 40)})));
    EXPECT_EQ(none.each[0].error().code, ErrorCode::not_found);
    EXPECT_TRUE(none.each[1] == card_text(5));
    EXPECT_EQ(none.each[2].error().code, ErrorCode::not_found);
}

TEST_P(CardsOnEngines, those_that_come_together_are_as_if_they_had_come_one_by_one) {
    CardWorld world(GetParam());
    world.add(30);
    const std::uint64_t before = world.engine.calls(MemoryEngine::Call::blob_read);
    world.add_together(170);
    // A group that was begun before is read; what came now is known.
    if (!GetParam()) EXPECT_EQ(world.engine.calls(MemoryEngine::Call::blob_read) - before, 30u);
    world.expect_cards(all(200));
    CardWorld other(GetParam());
    other.add(200);
    const std::vector<Row> rows = world.card_rows();
    const std::vector<Row> others = other.card_rows();
    ASSERT_EQ(rows.size(), others.size());
    for (std::size_t at = 0; at < rows.size(); ++at)
        EXPECT_TRUE(rows[at].key == others[at].key && rows[at].value == others[at].value) << at;
}

TEST(CardPages, a_run_of_cards_costs_a_read_for_64_of_them) {
    CardWorld world(false);
    world.add(193); // ids begin with 1: groups are complete up to 191
    const std::uint64_t before = world.engine.calls(MemoryEngine::Call::any);
    world.expect_cards({1, 2, 3, 100, 101, 102});
    EXPECT_LE(world.engine.calls(MemoryEngine::Call::any) - before, 2u);
}

TEST(CardPages, a_page_that_is_damaged_or_gone_is_no_loss) {
    CardWorld world(false);
    world.add(150);
    ASSERT_EQ(world.card_rows().size(), 2u);
    must(wait(world.engine.commit({.domain = kAccount,
                                   .expected = {},
                                   .assertions = {},
                                   .operations = {Put{world.card_rows()[0].key, "\x01nonsense"}}})));
    world.reopen();
    world.expect_cards(all(150));
    world.engine.damage_row(kAccount, world.card_rows()[1].key);
    world.expect_cards(all(150));
}

TEST(CardPages, a_card_that_cannot_be_read_keeps_no_message_out) {
    CardWorld world(false);
    world.add(62);
    world.engine.fail(MemoryEngine::Call::blob_read, 1, ErrorCode::unavailable);
    world.add(10);
    EXPECT_TRUE(world.card_rows().empty());
    world.expect_cards(all(72));
}

TEST(CardPages, the_cards_of_forgotten_emails_are_erased) {
    CardWorld world(false);
    world.add(130);
    UidSet some;
    for (std::uint32_t uid = 10; uid <= 100; ++uid)
        some.add(Uid(uid));
    must(wait(world.account->expunge(world.find("INBOX"), some, Account::Expunge::forced)));
    world.clock.time += world.options.retention + std::chrono::hours(1);
    must(wait(world.account->sweep()));
    std::vector<std::uint32_t> left;
    for (const Row& row : world.card_rows()) {
        const auto page = record::decode_cards(record::number32(row.key, 1), 64, row.value);
        ASSERT_TRUE(page.has_value());
        for (const record::CardOfEmail& card : page->cards)
            left.push_back(card.email);
    }
    EXPECT_FALSE(left.empty());
    EXPECT_TRUE(std::ranges::none_of(left, [](std::uint32_t email) { return email >= 10 && email <= 100; }));
    world.expect_cards({0, 8, 100, 129});
    UidSet rest;
    rest.add(UidRange{Uid(1), Uid(127)});
    must(wait(world.account->expunge(world.find("INBOX"), rest, Account::Expunge::forced)));
    world.clock.time += world.options.retention + std::chrono::hours(1);
    must(wait(world.account->sweep()));
    EXPECT_TRUE(world.card_rows().empty());
}

TEST(CardRecords, a_page_reads_back_and_a_broken_one_is_refused) {
    const std::string large(5000, 'x');
    const std::vector<record::CardOfEmail> cards{{128, "one"}, {130, ""}, {191, large}};
    const std::string value = record::encode_cards(cards);
    const auto page = record::decode_cards(2, 64, value);
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->find(128), "one");
    EXPECT_EQ(page->find(129), std::nullopt);
    EXPECT_EQ(page->find(130), "");
    EXPECT_EQ(page->find(191), large);
    EXPECT_FALSE(record::decode_cards(1, 64, value)) << "another group";
    EXPECT_FALSE(record::decode_cards(2, 2, value)) << "more than the group has";
    for (std::size_t size = 0; size < value.size(); ++size)
        EXPECT_FALSE(record::decode_cards(2, 64, value.substr(0, size))) << size;
    EXPECT_FALSE(record::decode_cards(2, 64, value + "x"));
}

/// Messages with real cards; one in fifty has too much for a page, one in twenty has no date.
struct SortWorld : World {
    explicit SortWorld(bool tiny) : World(tiny) { make(); }

    static inline const std::string kLong = std::string(1500, 'l');

    static message::Card card(std::size_t number) {
        message::Card card;
        card.message_id = "id" + std::to_string(number) + "@x";
        for (std::size_t at = number % 7; at > 0; --at)
            card.references.push_back("id" + std::to_string(number + at) + "@x");
        card.envelope.subject = (number % 3 == 0 ? "Re: h\u00e9llo " : "hello ") + std::to_string(number % 10);
        card.envelope.from = message::parse_address_list("Fred <fred" + std::to_string(number % 4) + "@x>");
        if (number % 50 == 7) card.envelope.from.front().name = card.envelope.from.front().local_part = kLong;
        card.envelope.to = card.envelope.cc = card.envelope.from;
        if (number % 20 != 0) card.date = message::parse_date("1 Jun 2026 12:00:00 +0900");
        return card;
    }

    void add(int count) {
        for (int i = 0; i < count; ++i) {
            const std::unique_ptr<BlobWriter> writer = engine.new_blob();
            must(wait(writer->append("octets")));
            NewMessage message = this->message(find("INBOX"));
            message.internal_date = clock.time - std::chrono::hours(ids.size() * 31 % 100);
            message.blob = must(wait(writer->finish(message::encode_card(card(ids.size())), {})));
            dates.push_back(message.internal_date);
            ids.push_back(must(wait(account->append({message}))).messages.front().front().email);
        }
    }

    void expect_rows(const std::vector<std::size_t>& which, SortWanted wanted) {
        std::vector<EmailId> asked;
        for (const std::size_t at : which)
            asked.push_back(ids[at]);
        const SortRows rows = must(wait(account->sort_rows(asked, wanted)));
        ASSERT_EQ(rows.each.size(), which.size());
        for (std::size_t at = 0; at < which.size(); ++at) {
            const HeldSortFields held(message::sort_fields(card(which[at])), dates[which[at]]);
            const SortRow expected = held.row();
            ASSERT_TRUE(rows.each[at].has_value()) << which[at];
            const SortRow& row = *rows.each[at];
            ASSERT_EQ(row.arrival, expected.arrival) << which[at];
            ASSERT_EQ(row.sent, expected.sent);
            ASSERT_EQ(row.is_reply, expected.is_reply);
            if (wanted.subject) ASSERT_EQ(row.subject, expected.subject);
            if (wanted.threads) ASSERT_EQ(row.id, expected.id);
            if (wanted.threads) ASSERT_TRUE(std::ranges::equal(row.references, expected.references));
            if (wanted.people) ASSERT_EQ(row.people, expected.people);
        }
    }

    std::vector<Row> sort_records() { return must(wait(used().scan(kAccount, {.begin = "S", .end = "T"}))).rows; }

    std::vector<EmailId> ids;
    std::vector<Timestamp> dates;
};

constexpr SortWanted kAllWanted{.subject = true, .threads = true, .people = true};

TEST_P(CardsOnEngines, whatever_is_asked_mail_is_sorted_by_what_the_cards_say) {
    SortWorld world(GetParam());
    world.add(200);
    for (const SortWanted wanted : {SortWanted{}, SortWanted{.subject = true}, SortWanted{.threads = true}, kAllWanted})
        world.expect_rows(all(200), wanted);
    world.expect_rows({199, 3, 70, 3, 107, 7, 0, 128}, kAllWanted);
    world.reopen();
    world.expect_rows(all(200), kAllWanted);
    const SortRows none = must(wait(world.account->sort_rows({EmailId(9999), EmailId(1ull << 40)}, kAllWanted)));
    EXPECT_EQ(none.each[0].error().code, ErrorCode::not_found);
    EXPECT_EQ(none.each[1].error().code, ErrorCode::not_found);
}

TEST(SortPages, a_mailbox_is_sorted_with_a_record_for_64_messages) {
    SortWorld world(false);
    world.add(191); // ids begin with 1: three groups are complete
    std::vector<std::size_t> paged = all(191);
    std::erase_if(paged, [](std::size_t number) { return number % 50 == 7; });
    const std::uint64_t before = world.engine.calls(MemoryEngine::Call::any);
    world.expect_rows(paged, kAllWanted);
    EXPECT_LE(world.engine.calls(MemoryEngine::Call::any) - before, 3u);
}

TEST(SortPages, a_page_that_is_damaged_or_gone_is_no_loss_and_made_anew) {
    SortWorld world(false);
    world.add(250);
    const std::vector<Row> sound = world.sort_records();
    ASSERT_EQ(sound.size(), 3u);
    must(wait(world.engine.commit({.domain = kAccount,
                                   .expected = {},
                                   .assertions = {},
                                   .operations = {Put{sound[0].key, "\x01nonsense"}, Delete{sound[1].key}}})));
    world.reopen();
    world.expect_rows(all(250), kAllWanted);
    must(wait(world.account->sweep()));
    const std::vector<Row> again = world.sort_records();
    ASSERT_EQ(again.size(), 3u);
    for (std::size_t at = 0; at < again.size(); ++at)
        EXPECT_EQ(again[at].value, sound[at].value) << at;
    world.engine.damage_row(kAccount, sound[2].key);
    world.expect_rows(all(250), kAllWanted);
}

TEST(SortPages, rows_of_forgotten_emails_are_erased) {
    SortWorld world(false);
    world.add(130);
    UidSet some;
    some.add(UidRange{Uid(10), Uid(100)});
    must(wait(world.account->expunge(world.find("INBOX"), some, Account::Expunge::forced)));
    world.clock.time += world.options.retention + std::chrono::hours(1);
    must(wait(world.account->sweep()));
    std::vector<std::uint32_t> left;
    for (const Row& row : world.sort_records())
        for (const auto& [email, sort] : record::decode_sort(record::number32(row.key, 1), 64, row.value, {})->emails)
            left.push_back(email);
    EXPECT_FALSE(left.empty());
    EXPECT_TRUE(std::ranges::none_of(left, [](std::uint32_t email) { return email >= 10 && email <= 100; }));
    world.expect_rows({0, 8, 100, 129}, kAllWanted);
}

TEST(SortRecords, a_broken_page_is_refused) {
    const HeldSortFields one(message::sort_fields(SortWorld::card(1)), Timestamp(std::chrono::microseconds(-5)));
    const HeldSortFields two(message::sort_fields(SortWorld::card(20)), Timestamp::max());
    const std::string value = record::encode_sort({{128, one.row()}, {191, two.row()}});
    const auto page = record::decode_sort(2, 64, value, kAllWanted);
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->find(191, 0)->people, two.row().people);
    EXPECT_EQ(page->find(191, 1)->sent, two.row().sent);
    EXPECT_EQ(page->find(129, 1), nullptr);
    EXPECT_FALSE(record::decode_sort(1, 64, value, {})) << "another group";
    EXPECT_FALSE(record::decode_sort(2, 1, value, {})) << "more than the group has";
    for (std::size_t size = 0; size < value.size(); ++size)
        EXPECT_FALSE(record::decode_sort(2, 64, value.substr(0, size), kAllWanted)) << size;
    EXPECT_FALSE(record::decode_sort(2, 64, value + "x", kAllWanted));
}

} // namespace
} // namespace tegami::store
