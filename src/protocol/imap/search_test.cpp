// RFC 9051 §6.4.4: the three steps from facts to header to body.
#include "protocol/imap/search.h"

#include "protocol/imap/parser.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

constexpr std::string_view kMessage = "From: =?ISO-2022-JP?B?GyRCOzNFRBsoQg==?= <yamada@example.test>\r\n"
                                      "To: Fred Foobar <foobar@blurdybloop.example>\r\n"
                                      "Subject: Afternoon =?UTF-8?Q?Meeting_caf=C3=A9?=\r\n"
                                      "Date: Mon, 7 Feb 1994 23:52:25 -0800\r\n"
                                      "Content-Type: multipart/mixed; boundary=b\r\n"
                                      "\r\n"
                                      "--b\r\n"
                                      "Content-Type: text/plain; charset=iso-8859-1\r\n"
                                      "Content-Transfer-Encoding: quoted-printable\r\n"
                                      "\r\n"
                                      "Gr=FC=DFe aus M=FCn=\r\nchen\r\n"
                                      "--b\r\n"
                                      "Content-Type: application/octet-stream\r\n"
                                      "\r\n"
                                      "unsearched\r\n"
                                      "--b\r\n"
                                      "Content-Type: message/rfc822\r\n"
                                      "\r\n"
                                      "Subject: =?UTF-8?Q?enclosed_=E6=97=A5=E6=9C=AC?=\r\n"
                                      "Content-Type: text/plain; charset=utf-8\r\n"
                                      "Content-Transfer-Encoding: base64\r\n"
                                      "\r\n"
                                      "5pel5pys6Kqe44Gu5pys5paH\r\n"
                                      "--b--\r\n";

struct Outcome {
    Verdict facts{};
    Verdict header{};
    Verdict body{};

    bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    for (const Verdict verdict : {outcome.facts, outcome.header, outcome.body})
        out << (verdict == Verdict::yes ? "yes " : verdict == Verdict::no ? "no " : "open ");
    return out;
}

std::optional<NumberRanges> resolve(const SequenceSet& set, Numbering numbering) {
    // Ten messages; UIDs are numbers + 100.
    if (numbering == Numbering::sequence) {
        if (set.highest_named() > 10) return std::nullopt;
        return set.resolve(10);
    }
    NumberRanges numbers;
    for (const NumberRange& range : set.resolve(110)) {
        if (range.last > 100 && range.first <= 110)
            numbers.push_back({std::max(range.first, 101U) - 100, std::min(range.last, 110U) - 100});
    }
    return numbers;
}

Search search_of(std::string_view arguments) {
    const Result<TaggedCommand, ParseError> command = parse_command("a SEARCH " + std::string(arguments), {});
    EXPECT_TRUE(command.has_value()) << arguments;
    return command ? std::get<Search>(command->command) : Search{};
}

Result<SearchProgram, SearchProgram::Error> compiled(std::string_view arguments) {
    const Search search = search_of(arguments);
    return SearchProgram::compile(search.key, search.charset, resolve);
}

/// The three steps, for message 4 (UID 104) with these flags.
Outcome outcome_of(std::string_view arguments) {
    const Result<SearchProgram, SearchProgram::Error> program = compiled(arguments);
    EXPECT_TRUE(program.has_value()) << arguments;
    if (!program) return {};
    const std::vector<std::string> keywords{"$Forwarded"};
    const MessageFacts facts{.number = SequenceNumber(4),
                             .flags = {SystemFlag::seen, SystemFlag::recent},
                             .keywords = keywords,
                             .size = 1000,
                             .internal_day = std::chrono::sys_days(std::chrono::year(2020) / 3 / 5)};
    const message::Structure structure = message::parse_structure(kMessage);
    const HeaderText header(kMessage);
    BodyMatcher body = program->match_body(structure.root);
    body.feed(kMessage);
    body.finish();
    return {program->decide(facts), program->decide(facts, &header), program->decide(facts, &header, &body)};
}

constexpr Outcome kYes{Verdict::yes, Verdict::yes, Verdict::yes};
constexpr Outcome kNo{Verdict::no, Verdict::no, Verdict::no};

TEST(Search, FactsNeedNoText) {
    for (const std::string_view yes :
         {"ALL", "SEEN", "RECENT", "NOT NEW", "UNANSWERED", "KEYWORD $forwarded", "UNKEYWORD x", "LARGER 999",
          "SMALLER 1001", "ON 5-Mar-2020", "SINCE 5-Mar-2020", "BEFORE 6-Mar-2020", "1:4", "UID 104", "UID 100:*",
          "SEEN 3:5 NOT DELETED", "OR DELETED SEEN", "BODY \"\"", "TEXT \"\""})
        EXPECT_EQ(outcome_of(yes), kYes) << yes;
    for (const std::string_view no :
         {"UNSEEN", "OLD", "ANSWERED", "KEYWORD x", "LARGER 1000", "SMALLER 1000", "ON 4-Mar-2020", "BEFORE 5-Mar-2020",
          "SINCE 6-Mar-2020", "5:*", "UID 1:103", "SEEN DELETED", "OR DELETED DRAFT", "NOT ALL", "UID 1:50"})
        EXPECT_EQ(outcome_of(no), kNo) << no;
}

TEST(Search, HeaderKeysNeedTheHeader) {
    constexpr Outcome kHeaderYes{Verdict::open, Verdict::yes, Verdict::yes};
    constexpr Outcome kHeaderNo{Verdict::open, Verdict::no, Verdict::no};
    for (const std::string_view yes :
         {"SUBJECT meeting", "SUBJECT \"AFTERNOON MEETING\"", "TO foobar", "FROM \"山田\"", "FROM YAMADA@",
          "SUBJECT \"CAFÉ\"", "HEADER Date \"\"", "HEADER date 1994", "SENTON 7-Feb-1994", "SENTBEFORE 8-Feb-1994",
          "SENTSINCE 7-Feb-1994", "NOT CC \"\""})
        EXPECT_EQ(outcome_of(yes), kHeaderYes) << yes;
    for (const std::string_view no :
         {"SUBJECT outing", "CC foobar", "HEADER X-None \"\"", "SENTON 8-Feb-1994", "SENTSINCE 8-Feb-1994", "BCC \"\""})
        EXPECT_EQ(outcome_of(no), kHeaderNo) << no;
}

TEST(Search, BodyKeysReadTextParts) {
    constexpr Outcome kBodyYes{Verdict::open, Verdict::open, Verdict::yes};
    constexpr Outcome kBodyNo{Verdict::open, Verdict::open, Verdict::no};
    for (const std::string_view yes :
         {"BODY \"münchen\"", "BODY \"GRÜSSE\"", "BODY \"日本語の本文\"", "BODY \"enclosed 日本\"", "TEXT \"München\"",
          "NOT BODY absent", "BODY aus BODY \"本文\""})
        EXPECT_EQ(outcome_of(yes), kBodyYes) << yes;
    for (const std::string_view no : {"BODY unsearched", "BODY Afternoon", "BODY yamada", "TEXT absent",
                                      "BODY aus BODY absent", "BODY \"chen日本\""})
        EXPECT_EQ(outcome_of(no), kBodyNo) << no;
    EXPECT_EQ(outcome_of("TEXT \"subject: AFTERNOON\""), (Outcome{Verdict::open, Verdict::yes, Verdict::yes}));
    EXPECT_EQ(outcome_of("TEXT afternoon"), (Outcome{Verdict::open, Verdict::yes, Verdict::yes}));
}

TEST(Search, ConcludesFromWhatIsAtHand) {
    EXPECT_EQ(outcome_of("BODY x UNSEEN"), kNo);
    EXPECT_EQ(outcome_of("OR BODY x SEEN"), kYes);
    EXPECT_EQ(outcome_of("NOT (BODY x DELETED)"), kYes);
    EXPECT_EQ(outcome_of("BODY x SUBJECT none"), (Outcome{Verdict::open, Verdict::no, Verdict::no}));
}

TEST(Search, ConvertsTheCharset) {
    EXPECT_EQ(outcome_of("CHARSET ISO-8859-1 BODY \"M\xfcnchen\"").body, Verdict::yes);
    EXPECT_EQ(outcome_of("CHARSET ISO-2022-JP FROM {10+}\r\n\x1b$B;3ED\x1b(B").header, Verdict::yes);
    EXPECT_EQ(compiled("CHARSET X-UNKNOWN ALL").error(), SearchProgram::Error::bad_charset);
    EXPECT_EQ(compiled("SEEN 11").error(), SearchProgram::Error::no_such_number);
}

TEST(Search, Candidates) {
    const auto candidates = [](std::string_view arguments) {
        const std::optional<NumberRanges> numbers = compiled(arguments)->candidates();
        return numbers ? to_string(*numbers) : "any";
    };
    EXPECT_EQ(candidates("SEEN"), "any");
    EXPECT_EQ(candidates("1:5"), "1:5");
    EXPECT_EQ(candidates("1:5,8 UID 104:* BODY x"), "4:5,8");
    EXPECT_EQ(candidates("OR 1 (3:4 SEEN)"), "1,3:4");
    EXPECT_EQ(candidates("OR 1 SEEN"), "any");
    EXPECT_EQ(candidates("NOT 1"), "any");
    EXPECT_EQ(candidates("UID 500"), "");
}

TEST(BodyMatcher, SameForEverySplit) {
    const message::Structure structure = message::parse_structure(kMessage);
    const std::vector<std::string> needles{"münchen", "日本語の本文", "enclosed 日本", "unsearched", "grüsse aus"};
    tegami::testing::for_every_split(kMessage, [&](const std::vector<std::string_view>& pieces) {
        BodyMatcher matcher(structure.root, needles);
        for (const std::string_view piece : pieces)
            matcher.feed(piece);
        matcher.finish();
        EXPECT_TRUE(matcher.found(0));
        EXPECT_TRUE(matcher.found(1));
        EXPECT_TRUE(matcher.found(2));
        EXPECT_FALSE(matcher.found(3));
        EXPECT_TRUE(matcher.found(4));
    });
}

TEST(BodyMatcher, GuessesUnlabelledTextAndStopsEarly) {
    constexpr std::string_view kRaw = "Subject: x\r\n\r\n\x1b$BF|K\\8l\x1b(B and more text\r\n";
    const message::Structure structure = message::parse_structure(kRaw);
    BodyMatcher matcher(structure.root, {"日本語"});
    matcher.feed(kRaw);
    matcher.finish();
    EXPECT_TRUE(matcher.found(0));
    EXPECT_TRUE(matcher.done());
    std::string large = "Subject: x\r\n\r\n";
    for (int line = 0; line < 6000; ++line)
        large += "1234567日本語x" + std::to_string(line) + "\r\n";
    const std::string needle = "語x2730 1234567日";
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{65536}, large.size()}) {
        BodyMatcher pieces(message::parse_structure(large).root, {needle, "日本語x5999", "\xef\xbf\xbd"});
        for (std::size_t at = 0; at < large.size(); at += piece)
            pieces.feed(std::string_view(large).substr(at, piece));
        pieces.finish();
        EXPECT_TRUE(pieces.found(0));
        EXPECT_TRUE(pieces.found(1));
        EXPECT_FALSE(pieces.found(2));
    }
    // A message that ends too early, as no stored one does, gives an answer all the same.
    BodyMatcher cut(structure.root, {"日本語"});
    cut.feed(kRaw.substr(0, 20));
    cut.finish();
    EXPECT_FALSE(cut.found(0));
}

} // namespace
} // namespace tegami::imap
