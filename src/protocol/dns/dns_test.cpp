#include "base/bytes.h"
#include "protocol/dns/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dns {
namespace {

using ::testing::ElementsAre;

Name name(std::string_view text) {
    return Name::parse(text).value();
}

TEST(Name, ParsesAndPrints) {
    EXPECT_EQ(name("Mail.B.test").to_string(), "Mail.B.test");
    EXPECT_EQ(name("b.test.").to_string(), "b.test");
    EXPECT_EQ(name(".").to_string(), ".");
    EXPECT_TRUE(name(".").is_root());
    EXPECT_EQ(name("b.test").wire(), std::string("\1b\4test\0", 8));
    EXPECT_THAT(name("a.b.c").labels(), ElementsAre("a", "b", "c"));
    EXPECT_EQ(name("a.b.c").label_count(), 3u);
}

TEST(Name, UndoesAndMakesEscapes) {
    // RFC 1035 §5.1: the mailbox form of an SOA.
    const Name dotted = name("first\\.last.example");
    EXPECT_THAT(dotted.labels(), ElementsAre("first.last", "example"));
    EXPECT_EQ(dotted.to_string(), "first\\.last.example");
    EXPECT_EQ(name("\\065\\000\\255.x").labels().front(), std::string("A\0\xff", 3));
    EXPECT_EQ(name("\\065\\000\\255.x").to_string(), "A\\000\\255.x");
}

TEST(Name, RefusesWhatIsNone) {
    const std::string label(64, 'a');
    for (const std::string& text :
         {std::string(), std::string(".."), std::string("a..b"), std::string(".a"), label, label + ".b",
          std::string("a\\"), std::string("a\\25"), std::string("a\\256"), std::string(2000, 'a')})
        EXPECT_FALSE(Name::parse(text)) << text;
    std::string longest;
    for (int i = 0; i < 127; ++i)
        longest += "a.";
    EXPECT_TRUE(Name::parse(longest));
    EXPECT_EQ(Name::parse(longest)->wire().size(), kNameBytesMax);
    EXPECT_FALSE(Name::parse("a." + longest));
    EXPECT_FALSE(Name::parse(longest)->below("a"));
}

TEST(Name, ComparesWithoutCase) {
    EXPECT_EQ(name("B.TEST"), name("b.test"));
    EXPECT_NE(name("b.test"), name("c.test"));
    EXPECT_TRUE((name("B.test") <=> name("b.TEST")) == 0);
    EXPECT_NE(name("b\\.test"), name("b.test"));
}

TEST(Name, KnowsItsFamily) {
    EXPECT_TRUE(name("mail.b.test").is_within(name("B.test")));
    EXPECT_TRUE(name("b.test").is_within(name("b.test")));
    EXPECT_TRUE(name("b.test").is_within(name(".")));
    EXPECT_FALSE(name("b.test").is_within(name("mail.b.test")));
    EXPECT_FALSE(name("xb.test").is_within(name("b.test")));
    EXPECT_EQ(name("mail.b.test").parent(), name("b.test"));
    EXPECT_EQ(name(".").parent(), name("."));
    EXPECT_EQ(name("b.test").below("_25._tcp"), name("_25._tcp.b.test"));
}

TEST(Name, TakesWireFormThatIsOneName) {
    EXPECT_EQ(Name::from_wire(std::string_view("\1b\4test\0", 8)), name("b.test"));
    EXPECT_FALSE(Name::from_wire(std::string_view("\1b\4test", 7)));
    EXPECT_FALSE(Name::from_wire(std::string_view("\1b\0\0", 4)));
    EXPECT_FALSE(Name::from_wire(std::string_view("\xc0\0", 2)));
    EXPECT_FALSE(Name::from_wire(""));
    EXPECT_FALSE(Name::from_labels({"a", ""}));
    EXPECT_EQ(Name::from_labels({"a", "b"}), name("a.b"));
}

TEST(Type, HasNames) {
    EXPECT_EQ(to_string(Type::tlsa), "TLSA");
    EXPECT_EQ(to_string(static_cast<Type>(65)), "TYPE65");
    EXPECT_EQ(parse_type("mx"), Type::mx);
    EXPECT_FALSE(parse_type("AXFR"));
}

TEST(Data, EveryFormSurvivesTheOthers) {
    for (const auto& [type, text] :
         std::vector<std::pair<Type, std::string>>{{Type::a, "192.0.2.1"},
                                                   {Type::aaaa, "2001:db8::1"},
                                                   {Type::mx, "10 mail.b.test"},
                                                   {Type::mx, "0 ."},
                                                   {Type::txt, "\"v=spf1 -all\""},
                                                   {Type::txt, "\"one\" \"two \\\"words\\\"\" \"\" \"\\009\\255\""},
                                                   {Type::cname, "elsewhere.test"},
                                                   {Type::ptr, "mail.b.test"},
                                                   {Type::srv, "1 2 993 imap.b.test"},
                                                   {Type::tlsa, "3 1 1 00ff10"}}) {
        const auto data = parse_rdata(type, text);
        ASSERT_TRUE(data) << text;
        EXPECT_EQ(to_string(*data), text);
        const auto decoded = decode_rdata(type, encode_rdata(*data));
        ASSERT_TRUE(decoded) << text;
        EXPECT_EQ(*decoded, *data);
    }
    EXPECT_EQ(to_string(decode_rdata(static_cast<Type>(99), "ab").value()), "\\# 2 6162");
}

TEST(Data, RefusesTextThatIsNone) {
    for (const auto& [type, text] : std::vector<std::pair<Type, std::string>>{{Type::a, "::1"},
                                                                              {Type::aaaa, "192.0.2.1"},
                                                                              {Type::mx, "mail.b.test"},
                                                                              {Type::mx, "65536 mail.b.test"},
                                                                              {Type::mx, "10 mail.b.test extra"},
                                                                              {Type::txt, ""},
                                                                              {Type::txt, "\"open"},
                                                                              {Type::txt, std::string(256, 'x')},
                                                                              {Type::tlsa, "3 1 1 abc"},
                                                                              {Type::srv, "1 2 x.test"}})
        EXPECT_FALSE(parse_rdata(type, text)) << text;
}

TEST(Data, RefusesWireFormThatIsShortOrLong) {
    for (const Type type : {Type::a, Type::aaaa, Type::mx, Type::srv, Type::tlsa, Type::cname, Type::txt})
        EXPECT_FALSE(decode_rdata(type, "")) << to_string(type);
    EXPECT_FALSE(decode_rdata(Type::a, "12345"));
    EXPECT_FALSE(decode_rdata(Type::mx, std::string_view("\0\1\1b\0x", 6)));
    EXPECT_FALSE(decode_rdata(Type::txt, "\5four"));
    EXPECT_FALSE(decode_rdata(Type::a, "1234", 2, 4));
    EXPECT_FALSE(decode_rdata(Type::a, "1234", 5, 4));
}

TEST(Data, JoinsTextWithoutSpaces) {
    // RFC 7208 §3.3
    EXPECT_EQ((TxtData{{"v=spf1 .... first", "second string..."}}.joined()), "v=spf1 .... firstsecond string...");
}

Record mx(std::string_view text) {
    return {name("b.test"), Type::mx, 60, parse_rdata(Type::mx, text).value()};
}

TEST(Mx, GoesByPreferenceAndByChanceAmongEquals) {
    const std::vector<Record> records = {mx("20 c.test"), mx("10 a.test"), mx("10 b.test"), mx("5 z.test")};
    SeededRandom random(3);
    std::map<std::string, int> second;
    for (int i = 0; i < 1000; ++i) {
        const std::vector<MxData> order = in_order_of_preference(records, random);
        ASSERT_EQ(order.size(), 4u);
        EXPECT_EQ(order[0].exchange, name("z.test"));
        EXPECT_EQ(order[3].exchange, name("c.test"));
        ++second[order[1].exchange.to_string()];
    }
    EXPECT_GT(second["a.test"], 400);
    EXPECT_GT(second["b.test"], 400);
}

TEST(Mx, KnowsTheNullMx) {
    EXPECT_TRUE(is_null_mx({mx("0 .")}));
    EXPECT_FALSE(is_null_mx({mx("0 mail.b.test")}));
    EXPECT_FALSE(is_null_mx({mx("0 ."), mx("10 mail.b.test")}));
    EXPECT_FALSE(is_null_mx({}));
}

/// A message with one question and the answers given, each with its owner in wire form.
std::string message_of(std::string_view question, Type type, const std::vector<std::string>& answers) {
    std::string out;
    for (const unsigned number : {7u, 0x8180u, 1u, static_cast<unsigned>(answers.size()), 0u, 0u})
        bytes::append_big_endian(out, static_cast<std::uint16_t>(number));
    out += name(question).wire();
    bytes::append_big_endian(out, static_cast<std::uint16_t>(type));
    bytes::append_big_endian(out, std::uint16_t{1});
    for (const std::string& answer : answers)
        out += answer;
    return out;
}

std::string answer(std::string owner, Type type, const std::string& rdata) {
    bytes::append_big_endian(owner, static_cast<std::uint16_t>(type));
    bytes::append_big_endian(owner, std::uint16_t{1});
    bytes::append_big_endian(owner, std::uint32_t{300});
    bytes::append_big_endian(owner, static_cast<std::uint16_t>(rdata.size()));
    return owner + rdata;
}

const std::string kToQuestion = "\xc0\x0c"; // the question's name is at offset 12

TEST(Message, UnfoldsCompressedNames) {
    const std::string octets =
        message_of("b.test", Type::mx, {answer(kToQuestion, Type::mx, std::string("\0\x0a\4mail", 7) + kToQuestion)});
    const auto message = parse_message(octets);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->question, name("b.test"));
    ASSERT_EQ(message->answers.size(), 1u);
    EXPECT_EQ(message->answers[0], (Record{name("b.test"), Type::mx, 300, MxData{10, name("mail.b.test")}}));
}

TEST(Message, FollowsTheAliases) {
    const auto message = parse_message(message_of("a.test", Type::a,
                                                  {answer(name("b.test").wire(), Type::cname, name("c.test").wire()),
                                                   answer(kToQuestion, Type::cname, name("B.TEST").wire()),
                                                   answer(name("c.test").wire(), Type::a, "1234")}));
    ASSERT_TRUE(message);
    EXPECT_THAT(alias_chain(*message), ElementsAre(name("b.test"), name("c.test")));
}

TEST(Message, EndsAtALoopOfAliases) {
    const auto message = parse_message(message_of("a.test", Type::a,
                                                  {answer(kToQuestion, Type::cname, name("b.test").wire()),
                                                   answer(name("b.test").wire(), Type::cname, name("a.test").wire())}));
    ASSERT_TRUE(message);
    EXPECT_THAT(alias_chain(*message), ElementsAre(name("b.test")));
}

TEST(Message, RefusesPointersThatGoForwardOrRound) {
    for (const std::string& owner : {std::string("\xc0\x18"), std::string("\xc0\xff"), std::string("\1a\xc0\x18")})
        EXPECT_FALSE(parse_message(message_of("b.test", Type::a, {answer(owner, Type::a, "1234")})));
}

TEST(Message, RefusesEveryCutOfAMessage) {
    const std::string octets = message_of("b.test", Type::a, {answer(kToQuestion, Type::a, "1234")});
    for (std::size_t size = 0; size < octets.size(); ++size)
        EXPECT_FALSE(parse_message(std::string_view(octets).substr(0, size))) << size;
    EXPECT_TRUE(parse_message(octets));
}

TEST(Message, LeavesOutRdataThatDoesNotDecode) {
    const auto message = parse_message(
        message_of("b.test", Type::a, {answer(kToQuestion, Type::a, "123"), answer(kToQuestion, Type::a, "1234")}));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->answers.size(), 1u);
}

TEST(Message, ChainsOfPointersCostLittle) {
    // Rdata full of pointers, each to the one before, and owners that start at the last of them.
    std::string pointers = std::string(1, '\0');
    const std::size_t base = message_of("b.test", Type::a, {}).size() + 2 + 10;
    std::size_t last = base;
    while (pointers.size() < 16000) {
        pointers += static_cast<char>(0xc0 | (last >> 8));
        pointers += static_cast<char>(last & 0xff);
        last = base + pointers.size() - 2;
    }
    const std::string to_last = {static_cast<char>(0xc0 | (last >> 8)), static_cast<char>(last & 0xff)};
    EXPECT_FALSE(parse_message(message_of(
        "b.test", Type::a, {answer(kToQuestion, static_cast<Type>(99), pointers), answer(to_last, Type::a, "1234")})));
}

} // namespace
} // namespace tegami::dns
