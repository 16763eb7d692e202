// What is written is read again; what was not written so is refused, never half read.
#include "store/account_records.h"
#include "store/page_records.h"
#include "testing/turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;

PageColumns some_page() {
    PageColumns page{.first_uid = 1024};
    std::mt19937 random(3);
    for (std::uint32_t uid = 1024; uid < 2048; uid += 1 + random() % 3)
        page.push_back(
            {.uid = Uid(uid),
             .flags = Flags::from_bits(static_cast<std::uint8_t>(random() % 32)),
             .keywords = uid % 5 == 0 ? KeywordSet{1, static_cast<std::uint16_t>(2 + uid % 7)} : KeywordSet{},
             .email = EmailId(random()),
             .modseq = Modseq((std::uint64_t{random() % 3} << 33) + random()),
             .size_bytes = static_cast<std::uint32_t>(random()),
             .saved = 1'700'000'000 + uid});
    return page;
}

std::vector<MessageRow> rows_of(const PageColumns& page) {
    std::vector<MessageRow> rows;
    for (std::size_t at = 0; at < page.count(); ++at)
        rows.push_back(page.row(at));
    return rows;
}

TEST(PageRecords, a_page_is_read_as_it_was_written) {
    const PageColumns page = some_page();
    const auto read = record::decode_page(1024, 1024, record::encode_page(page));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(rows_of(*read), rows_of(page));
}

TEST(PageRecords, a_page_of_like_messages_is_small) {
    PageColumns page{.first_uid = 0};
    for (std::uint32_t uid = 1; uid < 1024; ++uid)
        page.push_back({.uid = Uid(uid),
                        .flags = {Flag::seen},
                        .keywords = {},
                        .email = EmailId(uid),
                        .modseq = Modseq(7),
                        .size_bytes = 4096,
                        .saved = 1'700'000'000});
    EXPECT_LT(record::encode_page(page).size(), 60u);
}

TEST(PageRecords, cut_or_changed_pages_never_crash) {
    const std::string sound = record::encode_page(some_page());
    for (std::size_t size = 0; size < sound.size(); ++size)
        if (tegami::testing::is_due(size, 6))
            EXPECT_FALSE(record::decode_page(1024, 1024, sound.substr(0, size)).has_value()) << size;
    EXPECT_FALSE(record::decode_page(1024, 1024, sound + "x").has_value());
    EXPECT_FALSE(record::decode_page(1024, 16, sound).has_value());
    std::mt19937_64 random(5 + tegami::testing::chance().value_or(0));
    for (int i = 0; i < 1000; ++i) {
        std::string changed = sound;
        changed[random() % changed.size()] = static_cast<char>(random());
        if (const auto page = record::decode_page(1024, 1024, changed))
            for (std::size_t at = 1; at < page->count(); ++at)
                ASSERT_GT(page->offset[at], page->offset[at - 1]);
    }
}

TEST(PageRecords, an_opened_page_is_the_same_page) {
    const PageColumns page = some_page();
    auto opened = record::open_page(1024, 1024, record::encode_page(page));
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->columns.offset, page.offset);
    EXPECT_EQ(opened->columns.flags, page.flags);
    EXPECT_TRUE(opened->columns.email.empty()); // left for later
    const ViewPage view(*std::move(opened));
    EXPECT_EQ(rows_of(view.columns()), rows_of(page));
}

TEST(PageRecords, many_may_ask_for_what_was_left_for_later) {
    const std::vector<MessageRow> rows = rows_of(some_page());
    const ViewPage view(*record::open_page(1024, 1024, record::encode_page(some_page())));
    std::vector<std::jthread> readers;
    for (int reader = 0; reader < 4; ++reader)
        readers.emplace_back([&] {
            EXPECT_GT(view.memory_bytes(), 0u);
            for (std::size_t at = 0; at < view.size(); ++at)
                EXPECT_EQ(view.row(at), rows[at]);
        });
}

TEST(PageRecords, what_opens_is_whole_and_what_is_cut_does_not_open) {
    const std::string sound = record::encode_page(some_page());
    for (std::size_t size = 0; size < sound.size(); ++size)
        if (tegami::testing::is_due(size, 6))
            EXPECT_FALSE(record::open_page(1024, 1024, sound.substr(0, size)).has_value()) << size;
    EXPECT_FALSE(record::open_page(1024, 1024, sound + "x").has_value());
    std::mt19937_64 random(5 + tegami::testing::chance().value_or(0));
    for (int i = 0; i < 1000; ++i) {
        std::string changed = sound;
        changed[random() % changed.size()] = static_cast<char>(random());
        const bool strict = record::decode_page(1024, 1024, changed).has_value();
        auto opened = record::open_page(1024, 1024, changed);
        ASSERT_TRUE(opened.has_value() || !strict);
        if (!opened) continue;
        const ViewPage view(*std::move(opened));
        ASSERT_EQ(view.columns().saved.size(), view.size());
    }
}

TEST(PageRecords, deltas_lie_over_the_page) {
    PageColumns page{.first_uid = 0};
    for (const std::uint32_t uid : {2u, 4u, 6u})
        page.push_back({.uid = Uid(uid), .email = EmailId(uid)});
    const auto delta = [](std::uint32_t uid, std::uint64_t email) {
        return record::Delta{Uid(uid), MessageRow{.uid = Uid(uid), .email = EmailId(email)}};
    };
    const PageColumns merged = record::overlay(
        page, {delta(1, 10), record::Delta{Uid(2), {}}, delta(4, 40), record::Delta{Uid(5), {}}, delta(9, 90)});
    std::vector<std::uint64_t> emails;
    for (const MessageRow& row : rows_of(merged))
        emails.push_back(row.email.value);
    EXPECT_THAT(emails, ElementsAre(10u, 40u, 6u, 90u));
}

TEST(AccountRecords, are_read_as_they_were_written) {
    const record::AccountRow account{.created = Timestamp(Duration(5)), .quota = {7, 8}, .bytes = 9, .next_email = 300};
    EXPECT_EQ(record::decode_account(record::encode(account)), account);
    record::MailboxRow mailbox{.id = MailboxId(3), .parent = MailboxId(1), .level = "caf\xc3\xa9", .role = Role::junk};
    mailbox.uid_next = Uid(77);
    mailbox.removed = true;
    mailbox.access = {{AccountId(5), kReading}, {AccountId(9), Rights::all()}};
    EXPECT_EQ(record::decode_mailbox(MailboxId(3), record::encode(mailbox)), mailbox);
    EXPECT_FALSE(record::decode_mailbox(MailboxId(3), record::encode(mailbox) + "x").has_value());
    EXPECT_FALSE(record::decode_mailbox(MailboxId(3), "").has_value());
    record::LogRow log{.time = Timestamp(Duration(4)), .mailboxes = {}};
    using Itself = MailboxChanges::Itself;
    log.mailboxes.push_back({MailboxId(2), Itself::removed, {1, 2, 9}, {3, 4}, {4}, UidSet::all()});
    const auto read = record::decode_log(record::encode(log));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->mailboxes[0].appended, (UidSet{1, 2, 9}));
    EXPECT_EQ(read->mailboxes[0].itself, Itself::removed);
    EXPECT_EQ(read->mailboxes[0].changed, (UidSet{3, 4}));
    EXPECT_EQ(read->mailboxes[0].marked, UidSet{4});
    EXPECT_EQ(read->mailboxes[0].expunged, UidSet::all());
}

TEST(AccountRecords, a_damaged_page_of_emails_names_no_thread_beyond_every_bound) {
    const std::string value = record::encode_emails({{.id = 1, .thread = 1}, {.id = 132, .thread = 132}});
    ASSERT_TRUE(record::decode_emails(0, 256, value).has_value());
    const std::string gap_to_second = "\x83\x01";
    const std::string largest_step = "\xfe" + std::string(8, '\xff') + "\x01";
    const std::size_t step_to_thread = value.find(gap_to_second) + gap_to_second.size();
    EXPECT_EQ(record::decode_emails(0, 256, std::string(value).replace(step_to_thread, 1, largest_step)), std::nullopt);
}

TEST(AccountRecords, dates_keep_their_zone) {
    using std::chrono::minutes;
    std::vector<record::EmailRecord> emails;
    for (const int zone : {0, 540, -480, 345, -1439, 1439, -1}) {
        const auto id = static_cast<std::uint32_t>(emails.size() + 1);
        emails.push_back(
            {.id = id, .thread = 1, .internal_date = Timestamp(minutes(-7 * zone)), .zone = minutes(zone)});
        EXPECT_EQ(record::decode_email(id, record::encode(emails.back())), emails.back());
    }
    EXPECT_EQ(record::decode_emails(0, 256, record::encode_emails(emails)), emails);
    std::string too_far = record::encode(record::EmailRecord{.id = 1, .zone = minutes(-1439)});
    too_far.replace(too_far.size() - 2, 2, "\xc0\x16"); // 1,440 minutes
    EXPECT_EQ(record::decode_email(1, too_far), std::nullopt);
}

TEST(AccountRecords, keys_sort_as_their_numbers) {
    EXPECT_LT(record::delta_key(MailboxId(1), Uid(255)), record::delta_key(MailboxId(1), Uid(256)));
    EXPECT_LT(record::vanished_key(MailboxId(1), Modseq(9), 7), record::vanished_key(MailboxId(1), Modseq(10), 1));
    EXPECT_EQ(record::behind("a\xff"), "b");
    EXPECT_EQ(record::behind("\xff"), "");
}

} // namespace
} // namespace tegami::store
