// RFC 9051 §6.4.4: the three steps from facts to header to body.
#include "protocol/imap/search.h"

#include "protocol/imap/search_fixture.h"
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

NumberRanges resolve(const SequenceSet& set, Numbering numbering) {
    // Ten messages; UIDs are numbers + 100.
    if (numbering == Numbering::sequence) return set.resolve(10);
    NumberRanges numbers;
    for (const NumberRange& range : set.resolve(110)) {
        if (range.last > 100 && range.first <= 110)
            numbers.push_back({std::max(range.first, 101U) - 100, std::min(range.last, 110U) - 100});
    }
    return numbers;
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
         {"BODY \"münchen\"", "BODY \"GRÜSSE\"", "BODY \"日本語の本文\"", "TEXT \"München\"", "NOT BODY absent",
          "BODY aus BODY \"本文\"", "TEXT \"enclosed 日本\"", "NOT BODY \"enclosed 日本\""})
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

/// A message whose header is this field.
bool field_matches(std::string_view field, std::string_view arguments) {
    const std::string text = std::string(field) + "\r\n\r\n";
    const HeaderText header(text);
    return compiled(arguments)->decide({}, &header) == Verdict::yes;
}

// RFC 9051 §6.4.4: FROM, TO, CC and BCC look at the envelope's addresses.
TEST(Search, LooksAtAddressesAsTheEnvelopeHasThem) {
    struct Case {
        std::string_view field, found, not_found;
    };

    for (const Case& each : {
             Case{"From: Pete <pete(his account)@silly.example(his host)>", "FROM pete@silly.example",
                  "FROM pete@silly.examples"},
             Case{"To: \"Smith, Joe\" <joe . smith@\r\n example.test>", "TO joe.smith@example.test", "TO joe@smith"},
             Case{"Cc: =?UTF-8?B?5bGx55Sw?= (home) <yamada@example.test>", "CC \"山田 <yamada@\"",
                  "CC \"山田 yamada\""},
             Case{"Bcc: team:a@one.test, (x) b @ two.test;", "BCC b@two.test", "BCC a@two.test"},
             Case{"To: <@relay.test:c@three.test>", "TO \"<c@three.test>\"", "TO d@three"},
             Case{"From: u@xn--mnchen-3ya.test", "FROM \"u@münchen.test\"", "FROM u@muenchen.test"},
             Case{"Resent-From: q(a)@(b)four.test", "HEADER Resent-From q@four.test", "HEADER Sender q@four"},
             Case{"From: Pete <pete(his account)@silly.example>", "FROM \"his account\"", "FROM her"},
             Case{"To: a@one.test, b@two.test", "TEXT \"one.test, b@\"", "TO \"one.test> <b\""},
         }) {
        EXPECT_TRUE(field_matches(each.field, each.found)) << each.found;
        EXPECT_FALSE(field_matches(each.field, each.not_found)) << each.not_found;
    }
}

bool message_matches(std::string_view text, std::string_view arguments) {
    const Result<SearchProgram, SearchProgram::Error> program = compiled(arguments);
    const message::Structure structure = message::parse_structure(text);
    const HeaderText header(text);
    bool answer = false;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
        BodyMatcher body = program->match_body(structure.root);
        for (std::size_t at = 0; at < text.size(); at += piece)
            body.feed(text.substr(at, piece));
        body.finish();
        const bool yes = program->decide({}, &header, &body) == Verdict::yes;
        EXPECT_TRUE(piece == 1 || yes == answer) << arguments;
        answer = yes;
    }
    return answer;
}

// RFC 9051 §6.4.4: TEXT is header, MIME header and body; BODY matches no header field.
TEST(Search, TellsHeadersFromBodies) {
    constexpr std::string_view kText =
        "Subject: report\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: application/pdf; name=\"=?UTF-8?B?6KuL5rGC5pu4?=.pdf\"\r\n"
        "Content-Disposition: attachment; filename*0*=UTF-8''%E8%AB%8B; filename*1*=%E6%B1%82%E6%9B%B8.pdf\r\n"
        "Content-Description: yearly figures\r\n\r\nJVBER\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
        "Final-Recipient: rfc822; gone@away.test\r\n"
        "--b\r\nContent-Type: message/disposition-notification\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        "RGlzcG9zaXRpb246IGRpc3BsYXllZA==\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        "--b\r\nContent-Type: message/global-delivery-status\r\n\r\nFinal-Recipient: utf-8; 山田@例え.test\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: returned\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner words\r\nTo: x(y)@z.test\r\n\r\ninner body\r\n"
        "--b--\r\n";
    for (const std::string_view yes :
         {"TEXT \"請求書.pdf\"", "TEXT \"filename=請求書\"", "TEXT \"yearly figures\"",
          "TEXT \"content-type: application/pdf\"", "BODY gone@away.test", "TEXT gone@away.test",
          "BODY \"disposition: displayed\"", "BODY abuse", "BODY \"山田@例え\"", "BODY returned",
          "TEXT \"inner words\"", "TEXT x@z.test", "BODY \"inner body\"", "BODY \"inner body\" TEXT \"請求書\""})
        EXPECT_TRUE(message_matches(kText, yes)) << yes;
    for (const std::string_view no : {"BODY \"請求書\"", "BODY yearly", "BODY application/pdf", "BODY \"inner words\"",
                                      "BODY x@z.test", "BODY JVBER", "TEXT absent", "BODY \"subject: report\""})
        EXPECT_FALSE(message_matches(kText, no)) << no;
    constexpr std::string_view kSingle = "Content-Type: image/png; name*=UTF-8''%E5%86%99%E7%9C%9F.png\r\n\r\nx\r\n";
    EXPECT_TRUE(message_matches(kSingle, "TEXT \"写真.png\""));
    EXPECT_FALSE(message_matches(kSingle, "BODY \"写真.png\""));
}

/// A message of one part.
std::string message_of(std::string_view fields, std::string_view body) {
    return std::string(fields) + "\r\n\r\n" + std::string(body) + "\r\n";
}

TEST(Search, SeesWhatAReaderSees) {
    struct Case {
        std::string_view fields, body, found, not_found;
    };

    for (const Case& each : {
             Case{"Content-Type: text/html; charset=utf-8", "<p>見<b>学</b>会</p>", "BODY \"見学会\"", "BODY \"<b>\""},
             Case{"Content-Type: text/html; charset=utf-8", "<p>gr&uuml;<i>n</i></p><p>red</p>", "BODY \"grün\"",
                  "BODY \"grünred\""},
             Case{"Content-Type: text/html; charset=utf-8", "見<br>学", "BODY \"見\"", "BODY \"見学\""},
             Case{"Content-Type: text/html; charset=utf-8", "<style>p.x{}</style><script>secret</script>seen",
                  "BODY seen", "BODY secret"},
             Case{"Content-Type: text/html; charset=utf-8", "<a href=\"http://hidden\">見\r\n学会</a>",
                  "BODY \"見学会\"", "BODY hidden"},
             Case{"Content-Type: text/html; charset=utf-8", "<!DOCTYPE html><title>t1</title><body>1 &lt; 2",
                  "BODY \"1 < 2\"", "BODY t1"},
             Case{"Content-Type: text/plain; charset=utf-8", "見\r\n学会", "BODY \"見学会\"", "BODY \"学会x\""},
             Case{"Content-Type: text/plain; charset=utf-8; format=flowed", "> 見 \r\n> 学会", "BODY \"見学会\"",
                  "BODY \"見 学\""},
             Case{"Content-Type: text/plain; charset=utf-8", "two\r\nlines", "BODY \"two lines\"", "BODY twolines"},
             Case{"Content-Type: text/plain; charset=utf-8", "見\r\n\r\n学会", "BODY \"見\"", "BODY \"見学会\""},
             Case{"Content-Type: text/plain; charset=utf-8", "<b>raw</b>", "BODY \"<b>raw\"", "BODY \" raw\""},
         })
        for (const auto& [search, yes] : {std::pair(each.found, true), std::pair(each.not_found, false)})
            EXPECT_EQ(message_matches(message_of(each.fields, each.body), search), yes) << each.body << ' ' << search;
}

TEST(Search, BelievesNoLabelThatTheOctetsRefute) {
    constexpr std::string_view kVisit = "\x8c\xa9\x8a\x77\x89\xef\x82\xcc"; // 見学会の in cp932
    for (const std::string_view fields :
         {"Content-Type: text/plain; charset=utf-8", "Content-Type: text/plain; charset=iso-2022-jp",
          "Content-Type: text/plain", "Content-Type: text/html; charset=euc-jp",
          "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: \"8 bit\"",
          "Content-Transfer-Encoding: utf-8", "Content-Type: text/plain; charset=x-nobody-knows"})
        EXPECT_TRUE(message_matches(message_of(fields, kVisit), "BODY \"見学会\"")) << fields;
    EXPECT_TRUE(
        message_matches(message_of("Content-Transfer-Encoding: base-64 (x)", "jKmKd4nvgsw="), "BODY \"見学会\""));
    const std::string raw(kVisit);
    for (const std::string& field :
         {"Subject: " + raw, std::string("Subject: =?ISO-2022-JP?B?jKmKd4nvgsw=?="),
          std::string("Subject: =?utf-8?Q?=8C=A9=8Aw=89=EF=82=CC?="),
          std::string("Subject: =?ISO-2022-JP?B?6KaL5a2m5Lya?="), std::string("Subject: \x1b$B8+3X2q\x1b(B")})
        EXPECT_TRUE(field_matches(field, "SUBJECT \"見学会\"")) << field;
    EXPECT_TRUE(field_matches("From: " + raw + " <a@b.test>", "FROM \"見学会の\""));
    EXPECT_TRUE(field_matches("From: =?utf-8?B?jKmKd4nvgsw=?= <a@b.test>", "FROM \"見学会の <a@b\""));
    EXPECT_TRUE(field_matches("Content-Disposition: attachment; filename*=utf-8''%8C%A9%8Aw%89%EF%82%CC.txt",
                              "TEXT \"見学会の.txt\""));
    EXPECT_TRUE(field_matches("Content-Type: text/plain; name=\"" + raw + ".txt\"", "TEXT \"name=見学会の.txt\""));
}

TEST(Search, TakesTheInternalDateWhereNoneWasSaid) {
    const MessageFacts facts{.internal_day = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)};
    for (const std::string_view field : {"Subject: x", "Date: yesterday", "Date:", "Date: 2026", "Date: 99 Nov 2026"}) {
        const std::string text = std::string(field) + "\r\n\r\n";
        const HeaderText header(text);
        EXPECT_EQ(compiled("SENTON 26-Nov-2026")->decide(facts, &header), Verdict::yes) << field;
        EXPECT_EQ(compiled("SENTBEFORE 26-Nov-2026")->decide(facts, &header), Verdict::no) << field;
    }
    EXPECT_TRUE(field_matches("Date: Do, 26 Nov 2026 00:30:00 +0100", "SENTON 26-Nov-2026"));
    EXPECT_TRUE(field_matches("Date: 木, 26 Nov 2026 23:30:00 -0800", "SENTON 26-Nov-2026"));
}

// RFC 7162 §3.1.5, RFC 8474 §6, RFC 5032 §2, RFC 8514 §4.3.
TEST(Search, LooksAtWhatExtensionsAsk) {
    using namespace std::chrono;
    const sys_seconds now = sys_days(year(2026) / 11 / 27) + 12h;
    const MessageFacts facts{
        .internal_date = now - 60s, .saved_day = sys_days(year(2026) / 11 / 27), .modseq = 7, .email = 5, .thread = 4};
    const auto all = [](const SequenceSet& set, Numbering) { return set.resolve(100); };
    const auto matches = [&](std::string_view arguments) {
        const Search search = search_of(arguments);
        return SearchProgram::compile(search.key, {}, all, now)->decide(facts) == Verdict::yes;
    };
    for (const std::string_view key :
         {"MODSEQ 7", "MODSEQ 0", "NOT MODSEQ 8", "EMAILID M5", "NOT EMAILID M6", "THREADID T4", "NOT THREADID M4",
          "OLDER 60", "YOUNGER 60", "NOT OLDER 61", "NOT YOUNGER 59", "SAVEDON 27-Nov-2026", "SAVEDBEFORE 28-Nov-2026",
          "NOT SAVEDSINCE 28-Nov-2026"})
        EXPECT_TRUE(matches(key)) << key;
}

TEST(BodyMatcher, SameForEverySplit) {
    const message::Structure structure = message::parse_structure(kMessage);
    const std::vector<BodyNeedle> needles{
        {"münchen"}, {"日本語の本文"}, {"enclosed 日本", true}, {"unsearched", true}, {"grüsse aus"}};
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

TEST(SearchProgram, BelievesWhatIsKnownOfItsTexts) {
    constexpr Verdict kWithout = Verdict::no;
    constexpr Verdict kWith = Verdict::yes;
    constexpr Verdict kUnknown = Verdict::open;

    struct Case {
        std::string_view search;
        std::vector<Verdict> texts;
        bool ruled_out;
        Verdict verdict; ///< for a message that was not seen
    };

    const Case cases[] = {
        {"SUBJECT a", {kWithout}, true, kWithout},
        {"SUBJECT a", {kWith}, false, kWith},
        {"SUBJECT a", {kUnknown}, false, kUnknown},
        {"SUBJECT a", {}, false, kUnknown},
        {"NOT SUBJECT a", {kWith}, true, kWithout},
        {"OR SUBJECT a BODY b", {kWithout, kWithout}, true, kWithout},
        {"OR SUBJECT a BODY b", {kWithout, kUnknown}, false, kUnknown},
        {"SEEN TEXT a", {kWithout}, true, kWithout},
        {"SEEN TEXT a", {kWith}, false, kWithout},
        {"OR SEEN BODY a", {kWithout}, false, kWithout},
        {"BODY a LARGER 5", {kWith}, false, kWith},
        {"HEADER X-Tag \"\" BODY b", {kWith}, false, kUnknown},
        {"ALL", {}, false, kWith},
    };
    for (const Case& each : cases) {
        const auto program = compiled(each.search);
        ASSERT_TRUE(program.has_value());
        EXPECT_EQ(program->ruled_out(each.texts), each.ruled_out) << each.search;
        const MessageFacts facts{.number = SequenceNumber(4), .size = 10, .texts = each.texts};
        EXPECT_EQ(program->decide(facts), each.verdict) << each.search;
    }
    const auto program = compiled("TEXT Ab FROM cD BODY \"\"");
    ASSERT_EQ(program->texts().size(), 2U);
    EXPECT_EQ(program->texts()[0].folded, "ab");
    EXPECT_EQ(program->texts()[0].where, SearchedText::Where::header_and_body);
    EXPECT_EQ(program->texts()[1].folded, "cd");
    EXPECT_EQ(program->texts()[1].field, "From");
}

TEST(BodyMatcher, GuessesUnlabelledTextAndStopsEarly) {
    constexpr std::string_view kRaw = "Subject: x\r\n\r\n\x1b$BF|K\\8l\x1b(B and more text\r\n";
    const message::Structure structure = message::parse_structure(kRaw);
    BodyMatcher matcher(structure.root, {{"日本語"}});
    matcher.feed(kRaw);
    matcher.finish();
    EXPECT_TRUE(matcher.found(0));
    EXPECT_TRUE(matcher.done());
    std::string large = "Subject: x\r\n\r\n";
    for (int line = 0; line < 6000; ++line)
        large += "1234567日本語x" + std::to_string(line) + "\r\n";
    const std::string needle = "語x2730 1234567日";
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{65536}, large.size()}) {
        BodyMatcher pieces(message::parse_structure(large).root, {{needle}, {"日本語x5999"}, {"\xef\xbf\xbd"}});
        for (std::size_t at = 0; at < large.size(); at += piece)
            pieces.feed(std::string_view(large).substr(at, piece));
        pieces.finish();
        EXPECT_TRUE(pieces.found(0));
        EXPECT_TRUE(pieces.found(1));
        EXPECT_FALSE(pieces.found(2));
    }
    // A message that ends too early, as no stored one does, gives an answer all the same.
    BodyMatcher cut(structure.root, {{"日本語"}});
    cut.feed(kRaw.substr(0, 20));
    cut.finish();
    EXPECT_FALSE(cut.found(0));
}

} // namespace
} // namespace tegami::imap
