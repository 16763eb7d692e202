// Cards of many emails: always what the blobs say, from few reads, and gone with their emails.
#include "store/account_records.h"
#include "store/card_records.h"
#include "store/record_coding.h"
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

    void add(int count) {
        for (int i = 0; i < count; ++i) {
            const std::unique_ptr<BlobWriter> writer = engine.new_blob();
            must(wait(writer->append("octets")));
            NewMessage message = this->message(find("INBOX"));
            message.blob = must(wait(writer->finish(card_text(static_cast<int>(ids.size())), {})));
            ids.push_back(must(wait(account->append({message}))).messages.front().front().email);
        }
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

} // namespace
} // namespace tegami::store
