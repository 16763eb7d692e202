// RFC 5256 §2.1, §3: base subjects and threads; RFC 5957 §3 and RFC 5051 for sort keys.
#include "message/base_subject.h"
#include "message/collation.h"
#include "message/sort_key.h"
#include "message/sort_table.h"
#include "message/threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tegami::message {
namespace {

TEST(BaseSubject, LosesWhatAnswersAndListsAdd) {
    struct Case {
        const char* subject;
        const char* base;
        bool reply;
    };

    static constexpr Case kCases[] = {
        {"hello", "hello", false},
        {"Re: hello", "hello", true},
        {"re : RE:  hello world ", "hello world", true},
        {"Fw: Fwd: hello", "hello", true},
        {"Re[2]: hello", "hello", true},
        {"Re [list] : hello", "hello", true},
        {"[list] hello", "hello", false},
        {"[list] Re: [list] hello", "hello", true},
        {"[a][b]", "[b]", false},
        {"[list]", "[list]", false},
        {"Re: [list]", "[list]", true},
        {"hello (fwd)", "hello", true},
        {"hello (FWD) (fwd)  ", "hello", true},
        {"[Fwd: hello]", "hello", true},
        {"[fwd: Re: [x] hello (fwd)]", "hello", true},
        {"[fwd:[fwd: hello] ]", "hello", true},
        {"Re:", "", true},
        {"", "", false},
        {"(fwd)", "", true},
        {"[fwd:]", "", true},
        {"a\tb\r\n c", "a b c", false},
        {"=?UTF-8?Q?Re=3A_h=C3=A9llo?=", "h\xc3\xa9llo", true},
        {"reply: hello", "reply: hello", false},
        {"Re", "Re", false},
        {"[a [b] hello", "[a [b] hello", false},
        {"[a]hello", "hello", false},
        {"AW: hello", "AW: hello", false},
        {"Re\xef\xbc\x9a hello", "Re\xef\xbc\x9a hello", false},
    };
    for (const Case& each : kCases)
        EXPECT_EQ(base_subject(each.subject), (BaseSubject{each.base, each.reply})) << each.subject;
}

TEST(BaseSubject, IsBounded) {
    std::string blobs;
    for (int n = 0; n < 5'000; ++n)
        blobs += "[a]";
    EXPECT_EQ(base_subject(blobs + "x").text, "x");
    EXPECT_EQ(base_subject(blobs).text, "[a]");
    std::string nested = "x";
    for (int n = 0; n < 2'000; ++n)
        nested.insert(0, "[fwd:") += ']';
    EXPECT_EQ(base_subject(nested).text, "x");
    EXPECT_EQ(base_subject(std::string(1'000'000, 'x')).text.size(), kBaseSubjectBytesMax);
}

TEST(Collation, DisregardsCaseAndComposition) {
    EXPECT_EQ(casemap_key("stra\xc3\x9f"
                          "e"),
              casemap_key("STRA\xc3\x9f"
                          "E"));
    EXPECT_EQ(casemap_key("\xc3\xa9t\xc3\xa9"), casemap_key("E\xcc\x81T\xc3\x89"));
    EXPECT_LT(casemap_key("a"), casemap_key("B"));
    EXPECT_LT(casemap_key("z"), casemap_key("\xe3\x81\x82"));
    EXPECT_FALSE(casemap_key("\xff\xfe").empty());
}

TEST(SortKey, OrdersTextsAndNumbersBothWays) {
    const auto text = [](std::string_view utf8, bool reverse) {
        SortKey key;
        key.add(sort_text(utf8), reverse);
        key.add(std::int64_t{1}, false);
        return std::string(key.octets());
    };
    const auto number = [](std::int64_t value, bool reverse) {
        SortKey key;
        key.add(value, reverse);
        return std::string(key.octets());
    };
    EXPECT_LT(text("", false), text("a", false));
    EXPECT_LT(text("ab", false), text("abc", false));
    EXPECT_GT(text("ab", true), text("abc", true));
    EXPECT_EQ(text("Ab", false), text("aB", false));
    EXPECT_LT(text(std::string_view("a\0b", 3), false), text("b", false));
    EXPECT_LT(number(-5, false), number(-4, false));
    EXPECT_LT(number(-1, false), number(1, false));
    EXPECT_GT(number(255, true), number(256, true));
    EXPECT_EQ(text(std::string(5000, 'x'), false), text(std::string(6000, 'x'), false));
}

// As a stable sort by whole keys, for keys that differ early, late or not at all, in few and in many.
TEST(SortTable, OrdersAsComparingWholeKeysDoes) {
    std::mt19937 random(1);
    for (const std::size_t count : {0u, 1u, 2u, 100u, 3'000u}) {
        for (int shape = 0; shape < 4; ++shape) {
            std::vector<std::pair<std::string, std::uint32_t>> expected;
            SortTable table;
            for (std::uint32_t name = 1; name <= count; ++name) {
                SortKey key;
                if (shape == 0) key.add(static_cast<std::int64_t>(random()) - 1'000'000, name % 2 == 0);
                if (shape == 1) key.add(std::string(random() % 30, 'x') + std::to_string(random() % 20), false);
                if (shape == 2) key.add(std::string(100, 'y') + std::to_string(random() % 2'000), true);
                if (shape == 3) key.add(std::string(random() % 3 * 8, 'z'), random() % 2 == 0);
                table.add(name, key.octets());
                expected.emplace_back(key.octets(), name);
            }
            std::ranges::sort(expected);
            const std::vector<std::uint32_t> order = std::move(table).order();
            ASSERT_EQ(order.size(), count);
            for (std::size_t at = 0; at < count; ++at)
                ASSERT_EQ(order[at], expected[at].second) << shape << " " << at;
        }
    }
}

TEST(SortKey, TakesTheFirstAddress) {
    EXPECT_EQ(first_mailbox(parse_address_list("Fred <fred@a.test>, b@b.test")), "fred");
    EXPECT_EQ(first_mailbox(parse_address_list("Friends: a@a.test;")), "Friends");
    EXPECT_EQ(first_mailbox({}), "");
    EXPECT_EQ(first_display(parse_address_list("=?utf-8?q?J=C3=B6rg?= <j@a.test>")), "J\xc3\xb6rg");
    EXPECT_EQ(first_display(parse_address_list("j@a.test")), "j@a.test");
    EXPECT_EQ(first_display(parse_address_list("Friends: a@a.test;")), "Friends");
    EXPECT_EQ(first_display({}), "");
}

/// "id<references;subject@date", for a table of messages; an empty id is none.
struct Letter {
    std::string id;
    std::vector<std::string> references;
    std::string subject;
    std::int64_t date = 0;
};

/// The forest as THREAD writes it, by simple recursion.
std::string print(const ThreadForest& forest, std::uint32_t node) {
    std::string text;
    for (; node != ThreadForest::kNone; node = forest.nodes[node].next) {
        const ThreadForest::Node& at = forest.nodes[node];
        text += "(" + (at.number == 0 ? std::string() : std::to_string(at.number));
        if (at.first_child != ThreadForest::kNone) text += print(forest, at.first_child);
        text += ")";
    }
    return text;
}

std::string threads_of(ThreadAlgorithm algorithm, const std::vector<Letter>& letters) {
    Threads threads(algorithm, 7);
    std::uint32_t number = 0;
    for (const Letter& letter : letters) {
        ++number;
        Card card;
        card.envelope.subject = letter.subject;
        card.references = letter.references;
        if (!letter.id.empty()) card.message_id = letter.id;
        const SortFields fields = sort_fields(card);
        threads.add({.number = number,
                     .date = letter.date != 0 ? letter.date : number,
                     .subject = fields.subject,
                     .is_reply = fields.is_reply,
                     .id = fields.id,
                     .references = fields.references});
    }
    EXPECT_EQ(threads.memory_bytes() == 0, letters.empty());
    const ThreadForest forest = std::move(threads).build();
    return print(forest, forest.first);
}

std::string references(const std::vector<Letter>& letters) {
    return threads_of(ThreadAlgorithm::references, letters);
}

TEST(Threads, References) {
    EXPECT_EQ(references({}), "");
    EXPECT_EQ(references({{"a"}, {"b", {"a"}}, {"c", {"a", "b"}}, {"d", {"a"}}, {"e"}}), "(1(2(3))(4))(5)");
    // Answers before what they answer.
    EXPECT_EQ(references({{"c", {"a", "b"}, "", 3}, {"b", {"a"}, "", 2}, {"a", {}, "", 1}}), "(3(2(1)))");
    // A parent that is not there: one child takes its place, several stand below nothing.
    EXPECT_EQ(references({{"b", {"x"}}}), "(1)");
    EXPECT_EQ(references({{"b", {"x"}}, {"c", {"x"}}, {"d", {"x", "y"}}}), "((1)(2)(3))");
    EXPECT_EQ(references({{"b", {"a", "x"}}, {"c", {"a", "x"}}, {"a"}}), "(3(1)(2))");
    // Loops, oneself, twice the same id, quoting.
    EXPECT_EQ(references({{"a", {"b"}}, {"b", {"a"}}}), "(2(1))");
    EXPECT_EQ(references({{"a", {"a"}}, {"b", {"a", "b", "a"}}}), "(1(2))");
    EXPECT_EQ(references({{"a"}, {"a"}, {"b", {"a"}}, {"", {"a"}}}), "(1(3)(4))(2)");
    EXPECT_EQ(references({{"\"a\"@x"}, {"b", {"a@x"}}}), "(1(2))");
    // A truncated References is corrected by the message's own.
    EXPECT_EQ(references({{"a"}, {"b"}, {"d", {"a", "c"}}, {"c", {"a", "b"}}}), "(1(2(4(3))))");
    // By date, not by number; the first child stands for a parent that is not there.
    EXPECT_EQ(references({{"a", {}, "", 9}, {"b", {}, "", 2}, {"c", {"b"}, "", 8}, {"d", {"b"}, "", 7}}),
              "(2(4)(3))(1)");
}

TEST(Threads, ReferencesJoinSubjects) {
    EXPECT_EQ(references({{"a", {}, "Hello"}, {"b", {}, "Re: hello"}, {"c", {}, "hello"}}), "((1(2))(3))");
    EXPECT_EQ(references({{"b", {}, "Re: hello"}, {"a", {}, "Hello"}}), "(2(1))");
    EXPECT_EQ(references({{"b", {}, "Re: x"}, {"a", {}, "Re: x"}}), "((1)(2))");
    EXPECT_EQ(references({{"a", {}, ""}, {"b", {}, "Re:"}}), "(1)(2)");
    // Both below parents that are not there.
    EXPECT_EQ(references({{"a", {"x"}, "s"}, {"b", {"x"}, "s"}, {"c", {"y"}, "s"}, {"d", {"y"}, "s"}, {"e", {}, "s"}}),
              "((1)(2)(3)(4)(5))");
}

// Found by the fuzzer: parents that are not there, below another one, with a thread of the same subject beside them.
TEST(Threads, PrunedParentsHaveNoChildrenLeft) {
    EXPECT_EQ(references({{"a", {"x", "y"}, "Re: s"}, {"b", {"p", "q"}, "Re: s"}, {"c", {"r", "p"}, "Re: s"}}),
              "((1)(2)(3))");
}

TEST(Threads, RefsAreByReferencesAloneAndByTheNewest) {
    const std::vector<Letter> letters{{"a", {}, "s"}, {"b", {}, "s"}, {"c", {"a"}, "t"}};
    EXPECT_EQ(threads_of(ThreadAlgorithm::refs, letters), "(2)(1(3))");
}

TEST(Threads, OrderedSubject) {
    EXPECT_EQ(
        threads_of(ThreadAlgorithm::ordered_subject,
                   {{"", {}, "b", 5}, {"", {}, "Re: a", 6}, {"", {}, "a", 4}, {"", {}, "B", 3}, {"", {}, "A", 7}}),
        "(4(1))(3(2)(5))");
}

// Whatever references say, each message is there once, in time that grows with their number.
TEST(Threads, HostileReferencesCostNoMoreThanOthers) {
    std::mt19937 random(1);
    constexpr std::uint32_t kMessages = 5'000;
    for (int shape = 0; shape < 4; ++shape) {
        Threads threads(ThreadAlgorithm::references, 3);
        for (std::uint32_t number = 1; number <= kMessages; ++number) {
            std::vector<std::string> ids;
            const auto id = [](std::uint32_t n) { return "m" + std::to_string(n); };
            if (shape == 0) ids = {id(number - 1)};                                // one deep chain
            if (shape == 1) ids = {id(kMessages - number + 1), id(number), id(1)}; // folded chains
            if (shape == 2) ids = {id(random() % kMessages), id(random() % kMessages), id(random() % kMessages)};
            if (shape == 3) ids = {"d" + id(number), "d" + id(number + 1), "d" + id(number / 2)}; // dummies
            const std::string own = id(shape == 1 ? number * 7919 % kMessages : number);
            std::vector<std::uint64_t> hashes;
            for (const std::string& each : ids)
                hashes.push_back(message_id_hash(each));
            threads.add({.number = number, .date = 1, .subject = {}, .id = message_id_hash(own), .references = hashes});
        }
        const ThreadForest forest = std::move(threads).build();
        std::vector<bool> seen(kMessages + 1);
        std::vector<std::uint32_t> waiting{forest.first};
        std::size_t count = 0;
        while (!waiting.empty()) {
            const std::uint32_t node = waiting.back();
            waiting.pop_back();
            if (node == ThreadForest::kNone) continue;
            waiting.push_back(forest.nodes[node].first_child);
            waiting.push_back(forest.nodes[node].next);
            if (forest.nodes[node].number == 0) continue;
            EXPECT_FALSE(seen[forest.nodes[node].number]);
            seen[forest.nodes[node].number] = true;
            ++count;
        }
        EXPECT_EQ(count, kMessages) << shape;
    }
}

} // namespace
} // namespace tegami::message
