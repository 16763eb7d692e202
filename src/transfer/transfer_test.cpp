// What other programs keep mail in, read and written: Maildir's names and files, mbox (RFC 4155), the stream of items.
#include "testing/splits.h"
#include "transfer/maildir.h"
#include "transfer/mbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace tegami::transfer {
namespace {

using ::testing::ElementsAre;

struct Message {
    std::string octets;
    Marks marks;
    std::optional<std::int64_t> date;

    bool operator==(const Message&) const = default;
};

std::vector<Message> read_mbox(const std::vector<std::string_view>& pieces) {
    std::vector<Message> messages;
    MboxReader reader;
    const auto take = [&](std::vector<MboxReader::Event> events) {
        for (MboxReader::Event& event : events) {
            if (const auto* const begin = std::get_if<MboxReader::Begin>(&event))
                messages.push_back({"", begin->marks, begin->date});
            else if (const auto* const octets = std::get_if<MboxReader::Octets>(&event))
                messages.back().octets += octets->octets;
        }
    };
    for (const std::string_view piece : pieces)
        take(reader.feed(piece));
    take(reader.finish());
    return messages;
}

TEST(Mbox, IsReadAsOthersWriteIt) {
    struct Case {
        std::string_view file;
        std::vector<Message> messages;
    };

    constexpr std::int64_t kDate = 1'795'694'400; // 2026-11-26T12:00:00Z
    const Case cases[] = {
        {"", {}},
        {"Subject: an EML file\n\nhello\n", {}},
        {"From a@b.test Thu Nov 26 12:00:00 2026\nA: b\n\nbody\n", {{"A: b\n\nbody\n", {}, kDate}}},
        {"From - Thu Nov 26 12:00:00 2026\r\nA: b\r\n\r\nbody\r\n\r\nFrom - Thu Nov 26 12:00:00 2026\r\n\r\nx",
         {{"A: b\r\n\r\nbody\r\n", {}, kDate}, {"\r\nx", {}, kDate}}},
        {"From a\nA: b\n\nFrom here on no date\n\n\nFrom x Thu Nov 26 12:00:00 2026\nC: d\n",
         {{"A: b\n\nFrom here on no date\n\n", {}, {}}, {"C: d\n", {}, kDate}}},
        {"From a\nA: b\n\n>From x\n>>From y\n>>>Fro\n>From\n> From z\nline\nFrom a Thu Nov 26 12:00:00 2026\n",
         {{"A: b\n\nFrom x\n>From y\n>>>Fro\n>From\n> From z\nline\nFrom a Thu Nov 26 12:00:00 2026\n", {}, {}}}},
        {"From a\nStatus: RO\nA: b\nX-Status: AFDT\nStatus: of the message\nX-Keywords: $Forwarded Work  \n\nx\n",
         {{"A: b\nStatus: of the message\n\nx\n", {"DFRST", {"$Forwarded", "Work"}}, {}}}},
    };
    for (const Case& each : cases)
        testing::for_every_split(each.file, [&](const std::vector<std::string_view>& pieces) {
            EXPECT_EQ(read_mbox(pieces), each.messages) << each.file;
        });
    MboxReader eml;
    eml.feed("Subject: x\n");
    EXPECT_TRUE(eml.is_no_mbox());
}

/// The lines that programs are known to write.
TEST(Mbox, FromLinesOfManyPrograms) {
    for (const std::string_view line :
         {"From a@b.test Thu Nov 26 12:00:00 2026", "From - Thu Nov 26 12:00:00 2026",
          "From 1790@xxx Thu Nov 26 12:00:00 +0000 2026", "From a@b.test Thu Nov 26 12:00:00 UTC 2026",
          "From a@b.test Thu Nov 26 12:00 2026", "From a@b.test  Thu Nov 26 12:00:00 2026 +0000",
          "From a@b.test Thu, 26 Nov 2026 12:00:00 +0000", "From a@b.test Thu Nov 26 12:00:00 2026 remote from host",
          "From \"a b\"@b.test Thu Nov 26 12:00:00 2026"}) {
        const std::string file = "From x\nA: b\n\n" + std::string(line) + "\nC: d\n";
        const auto messages = read_mbox({file});
        ASSERT_EQ(messages.size(), 2u) << line;
        EXPECT_EQ(messages[1].date, 1'795'694'400) << line;
    }
}

std::string to_lf(std::string text) {
    std::erase(text, '\r');
    return text;
}

/// Whatever is written is read again, wherever it is cut.
TEST(Mbox, WrittenAndReadIsTheSame) {
    std::mt19937 random(11);
    const std::vector<std::string> pieces{"From ",  ">", ">From x",         "\r\n", "\r\n\r\n", "A: b", " fold", "Fro",
                                          "Status", ":", "X-Keywords: a b", "x",    "日本"};
    const auto pick = [&](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    for (int round = 0; round < 300; ++round) {
        std::vector<Message> messages;
        std::string file;
        for (std::size_t count = 1 + pick(3); count > 0; --count) {
            Item item{.bytes = 0,
                      .date = 1'000'000'000 + static_cast<std::int64_t>(pick(900'000'000)),
                      .marks = {},
                      .mailbox = {}};
            for (const char letter : kLetters)
                if (pick(2) == 0) add_letter(item.marks, letter);
            for (const std::string_view keyword : {"$Junk", "Work"})
                if (pick(2) == 0) add_keyword(item.marks, keyword);
            std::string octets;
            for (std::size_t parts = pick(12); parts > 0; --parts)
                octets += pieces[pick(pieces.size())];
            octets += "\r\n";
            MboxWriter writer;
            const std::size_t cut = pick(octets.size());
            file += print_mbox_begin(item) + writer.write(octets.substr(0, cut)) + writer.write(octets.substr(cut)) +
                    writer.finish();
            messages.push_back({to_lf(octets), item.marks, item.date});
        }
        const std::size_t cut = pick(file.size());
        EXPECT_EQ(read_mbox({std::string_view(file).substr(0, cut), std::string_view(file).substr(cut)}), messages)
            << file;
    }
}

TEST(Maildir, NamesHaveFlags) {
    KeywordLetters letters = parse_keyword_letters("0 $Junk\r\n2 Work\nx y\n99 z\n25 last\n");
    EXPECT_EQ(letters[0], "$Junk");
    EXPECT_EQ(letters[2], "Work");
    EXPECT_EQ(letters[25], "last");

    struct Case {
        std::string_view name;
        Marks marks;
    };

    for (const Case& each :
         {Case{"1.M1P2.host", {}}, Case{"1.host:2,", {}}, Case{"1.host,S=3:2,FS", {"FS", {}}},
          Case{"1.host:2,SRTDF", {"DFRST", {}}}, Case{"1.host:2,Pacb", {"", {"$Forwarded", "$Junk", "Work"}}},
          Case{"1.host:2,S,x", {"S", {}}}, Case{"1:2,F:2,S", {"S", {}}}})
        EXPECT_EQ(parse_name_marks(each.name, letters), each.marks) << each.name;

    std::size_t left_out = 0;
    EXPECT_EQ(print_name_marks({"FS", {"new", "work"}}, letters, left_out), ":2,FSbc");
    EXPECT_EQ(parse_keyword_letters(print_keyword_letters(letters)), letters);
    letters.fill("taken");
    EXPECT_EQ(print_name_marks({"", {"another"}}, letters, left_out), ":2,");
    EXPECT_EQ(left_out, 1u);
    EXPECT_TRUE(is_earlier("9.x", "10.a"));
    EXPECT_FALSE(is_earlier("10.b", "10.a"));
}

TEST(Maildir, FoldersAreMailboxes) {
    struct Case {
        std::string_view mailbox, folder;
    };

    for (const Case& each : {Case{"INBOX", ""}, Case{"Work", ".Work"}, Case{"Work/2026", ".Work.2026"},
                             Case{"Work/日本語", ".Work.&ZeVnLIqe-"}, Case{"a & b", ".a &- b"},
                             Case{"v1.2/x", ".v1&AC4-2.x"}, Case{"..", ".&AC4-&AC4-"}}) {
        EXPECT_EQ(folder_of_mailbox(each.mailbox), each.folder);
        if (!each.folder.empty()) {
            EXPECT_EQ(mailbox_of_folder(each.folder), each.mailbox);
        }
    }
    EXPECT_EQ(mailbox_of_folder(".Gelöscht"), "Gelöscht");
    EXPECT_EQ(mailbox_of_folder(".a..b"), std::nullopt);
    EXPECT_EQ(mailbox_of_folder("cur"), std::nullopt);
    EXPECT_EQ(folder_of_mailbox(std::string(300, 'x')), std::nullopt);
}

TEST(Maildir, SubscriptionsAndUids) {
    EXPECT_THAT(parse_subscriptions("V\t2\n\nINBOX\nWork\t&ZeVnLIqe-\nWork\n"),
                ElementsAre("INBOX", "Work/日本語", "Work"));
    EXPECT_THAT(parse_subscriptions("INBOX\r\nINBOX.Sent\nWork.2026\n..\n"), ElementsAre("INBOX", "Sent", "Work/2026"));
    const std::vector<std::string> names{"INBOX", "Work/日本語", "a.b"};
    EXPECT_EQ(parse_subscriptions(print_subscriptions(names)), names);

    const auto uids = parse_uid_list("3 V1 N9 Gabc\n4 W10 :b.host:2,S\n3 :a.host\nx\n5 none\n");
    EXPECT_EQ(uids.size(), 2u);
    EXPECT_EQ(uids.at("a.host"), 3u);
    EXPECT_EQ(uids.at("b.host"), 4u);
    EXPECT_EQ(parse_uid_list(print_uid_list(7, {"x", "y"})).at("y"), 2u);
}

TEST(Items, GoThroughAStream) {
    const std::vector<Item> items{{.bytes = 5, .date = -7, .marks = {"DS", {"$Junk", "Work"}}, .mailbox = "日本/x y"},
                                  {.bytes = 0, .date = {}, .marks = {}, .mailbox = "INBOX"}};
    const std::string stream = print_item(items[0]) + "a\n\tb\n" + print_item(items[1]);
    testing::for_every_split(stream, [&](const std::vector<std::string_view>& pieces) {
        ItemReader reader;
        std::vector<Item> found;
        std::string octets;
        int ends = 0;
        for (const std::string_view piece : pieces) {
            reader.feed(std::string(piece));
            for (ItemReader::Event event = reader.next(); !std::holds_alternative<ItemReader::NeedMore>(event);
                 event = reader.next()) {
                ASSERT_FALSE(std::holds_alternative<ItemReader::Malformed>(event));
                if (const auto* const item = std::get_if<Item>(&event)) found.push_back(*item);
                if (const auto* const some = std::get_if<ItemReader::Octets>(&event)) octets += some->octets;
                ends += std::holds_alternative<ItemReader::End>(event) ? 1 : 0;
            }
        }
        EXPECT_EQ(found, items);
        EXPECT_EQ(octets, "a\n\tb\n");
        EXPECT_EQ(ends, 2);
        EXPECT_TRUE(reader.at_end());
    });
    for (const std::string& bad : {std::string("x\n"), std::string("1\t-\t\tINBOX\n"),
                                   std::string("-1\t-\t\tINBOX\t\n"), std::string("9999999999\t-\t\tINBOX\t\n"),
                                   std::string("1\tx\t\tINBOX\t\n"), std::string(kItemLineBytesMax + 1, 'x')}) {
        ItemReader reader;
        reader.feed(bad);
        EXPECT_TRUE(std::holds_alternative<ItemReader::Malformed>(reader.next())) << bad.substr(0, 30);
    }
}

TEST(Items, AreTheSameByIdAndSize) {
    message::Card card;
    card.envelope.date = "today";
    const std::string by_date = fingerprint(10, card);
    EXPECT_EQ(by_date.size(), 16u);
    EXPECT_NE(by_date, fingerprint(11, card));
    card.message_id = "a@b";
    const std::string by_id = fingerprint(10, card);
    EXPECT_NE(by_id, by_date);
    card.envelope.date = "tomorrow";
    EXPECT_EQ(by_id, fingerprint(10, card));
}

} // namespace
} // namespace tegami::transfer
