// RFC 9051 §9 and RFC 3501 §9, command by command: what is taken and what is refused.
#include "protocol/imap/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr EnabledSet kRev2{Enabled::imap4rev2};

template <class Value>
Value parsed(std::string_view text, EnabledSet enabled = {}) {
    const Result<TaggedCommand, ParseError> command = parse_command(text, enabled);
    EXPECT_TRUE(command.has_value()) << text << ": " << (command ? "" : command.error().text);
    if (!command) return {};
    EXPECT_TRUE(std::holds_alternative<Value>(command->command)) << text;
    return std::holds_alternative<Value>(command->command) ? std::get<Value>(command->command) : Value{};
}

ParseError error_of(std::string_view text) {
    const Result<TaggedCommand, ParseError> command = parse_command(text, {});
    EXPECT_FALSE(command.has_value()) << text;
    return command ? ParseError{} : command.error();
}

TEST(Parser, CommandsWithoutArguments) {
    for (const std::string_view name :
         {"CAPABILITY", "NOOP", "LOGOUT", "STARTTLS", "NAMESPACE", "IDLE", "CHECK", "CLOSE", "UNSELECT", "EXPUNGE"}) {
        const Result<TaggedCommand, ParseError> command = parse_command("a1 " + std::string(name), {});
        ASSERT_TRUE(command.has_value()) << name;
        EXPECT_EQ(command->tag, "a1");
        EXPECT_EQ(name_of(command->command), name);
        EXPECT_THAT(error_of("a1 " + std::string(name) + " x").text, HasSubstr("Unexpected argument"));
    }
    parsed<Noop>("x.y-z]1 noop");
    parsed<Noop>("a NOOP ");
}

TEST(Parser, TagsAreChecked) {
    for (const std::string_view text :
         {"", " NOOP", "+ NOOP", "a+b NOOP", "* NOOP", "(a) NOOP", "a\x01 NOOP", "\xff NOOP", "\"a\" NOOP"})
        EXPECT_EQ(error_of(text).tag, "") << text;
    EXPECT_EQ(error_of(std::string(kTagBytesMax + 1, 'a') + " NOOP").tag, "");
    EXPECT_EQ(error_of("a1").tag, "a1");
    EXPECT_EQ(error_of("a1 ").text, "Missing argument: a command");
    EXPECT_EQ(error_of("a1 FROBNICATE").text, "Unknown command: FROBNICATE");
    EXPECT_EQ(error_of("GET / HTTP/1.1").tag, "GET");
}

TEST(Parser, Login) {
    const Login quoted = parsed<Login>("a LOGIN fred \"fat \\\"man\\\\\"");
    EXPECT_EQ(quoted.user, "fred");
    EXPECT_EQ(quoted.password, "fat \"man\\");
    const Login literal = parsed<Login>("a LOGIN {11}\r\nFRED FOOBAR {7+}\r\nfat man");
    EXPECT_EQ(literal.user, "FRED FOOBAR");
    EXPECT_EQ(literal.password, "fat man");
    EXPECT_EQ(parsed<Login>("a LOGIN x@y.test p]ss").password, "p]ss");
    EXPECT_EQ(parsed<Login>("a LOGIN x \"\"").password, "");
    EXPECT_EQ(parsed<Login>("a LOGIN x \"pässword\"").password, "pässword");
    for (const std::string_view text :
         {"a LOGIN", "a LOGIN x", "a LOGIN x ", "a LOGIN  x y", "a LOGIN x y z", "a LOGIN x \"y", "a LOGIN x \"y\\",
          "a LOGIN x \"\\y\"", "a LOGIN x {3}\r\nab", "a LOGIN x {3}ab", "a LOGIN x {a}\r\nb", "a LOGIN x (y)"})
        EXPECT_EQ(error_of(text).answer, ParseError::Answer::bad);
    EXPECT_THAT(error_of(std::string_view("a LOGIN x {1}\r\n\0", 16)).text, HasSubstr("NUL"));
}

TEST(Parser, Authenticate) {
    EXPECT_EQ(parsed<Authenticate>("a AUTHENTICATE plain").mechanism, "PLAIN");
    EXPECT_EQ(parsed<Authenticate>("a AUTHENTICATE plain").initial_response, std::nullopt);
    EXPECT_EQ(parsed<Authenticate>("a AUTHENTICATE PLAIN AGEAYg==").initial_response, std::string("\0a\0b", 4));
    EXPECT_EQ(parsed<Authenticate>("a AUTHENTICATE EXTERNAL =").initial_response, "");
    EXPECT_THAT(error_of("a AUTHENTICATE PLAIN !").text, HasSubstr("base64"));
    error_of("a AUTHENTICATE");
}

TEST(Parser, EnableAndId) {
    EXPECT_THAT(parsed<Enable>("a ENABLE imap4rev2 UTF8=ACCEPT X").capabilities,
                ElementsAre("IMAP4REV2", "UTF8=ACCEPT", "X"));
    EXPECT_THAT(parsed<Id>("a ID NIL").fields, IsEmpty());
    EXPECT_THAT(parsed<Id>("a ID ()").fields, IsEmpty());
    EXPECT_THAT(parsed<Id>("a023 ID (\"name\" \"sodr\" \"version\" NIL)").fields,
                ElementsAre(Pair("name", "sodr"), Pair("version", std::nullopt)));
    error_of("a ID");
    error_of("a ID (\"name\")");
    error_of("a ENABLE");
}

TEST(Parser, Mailboxes) {
    EXPECT_TRUE(parsed<Select>("a SELECT inbox").mailbox.is_inbox());
    EXPECT_EQ(parsed<Examine>("a EXAMINE \"a b\"").mailbox.utf8(), "a b");
    EXPECT_EQ(parsed<Delete>("a DELETE &ZeVnLIqe-").mailbox.utf8(), "日本語");
    EXPECT_EQ(parsed<Delete>("a DELETE \"日本語\"", kRev2).mailbox.utf8(), "日本語");
    EXPECT_EQ(parsed<Create>("a CREATE owatagusiam/").mailbox.utf8(), "owatagusiam");
    EXPECT_EQ(parsed<Rename>("a RENAME x y").to.utf8(), "y");
    EXPECT_EQ(parsed<Subscribe>("a SUBSCRIBE {3}\r\nx y").mailbox.utf8(), "x y");
    EXPECT_EQ(parsed<Unsubscribe>("a UNSUBSCRIBE x").mailbox.utf8(), "x");
    const ParseError error = error_of("a SELECT &bad");
    EXPECT_EQ(error.answer, ParseError::Answer::no);
    EXPECT_EQ(error.code, "CANNOT");
    EXPECT_EQ(error.tag, "a");
    EXPECT_EQ(error_of("a SELECT \"\"").answer, ParseError::Answer::no);
    EXPECT_TRUE(error_of("a SELECT \"\"").ends_selection);
    EXPECT_TRUE(error_of("a EXAMINE a//b").ends_selection);
    EXPECT_FALSE(error_of("a SELECT").ends_selection);
    EXPECT_FALSE(error_of("a STATUS \"\" (MESSAGES)").ends_selection);
    EXPECT_EQ(error_of("a SELECT a*").answer, ParseError::Answer::bad);
    EXPECT_EQ(error_of("a SELECT x (FOO)").answer, ParseError::Answer::bad);
    error_of("a RENAME x");
}

// RFC 6154 §5.3.
TEST(Parser, CreateWithSpecialUse) {
    EXPECT_THAT(parsed<Create>("t2 CREATE MySpecial (USE (\\Drafts \\sent \\Drafts))").special_use,
                ElementsAre(SpecialUse::drafts, SpecialUse::sent));
    EXPECT_THAT(parsed<Create>("t2 CREATE MySpecial (USE ())").special_use, IsEmpty());
    EXPECT_EQ(error_of("t2 CREATE x (USE (\\Foo))").code, "USEATTR");
    error_of("t2 CREATE x (FOO)");
    error_of("t2 CREATE x (USE (\\Sent)");
}

TEST(Parser, List) {
    const List plain = parsed<List>("a LIST \"\" %");
    EXPECT_EQ(plain.reference, "");
    EXPECT_THAT(plain.patterns, ElementsAre("%"));
    EXPECT_FALSE(plain.extended);
    EXPECT_THAT(parsed<List>("a LIST ~/Mail/ \"\"").patterns, ElementsAre(""));
    EXPECT_THAT(parsed<List>("a LIST \"\" &ZeVnLIqe-/*").patterns, ElementsAre("日本語/*"));
    EXPECT_THAT(parsed<List>("a LIST \"\" a&b*").patterns, ElementsAre("a&b*"));
    EXPECT_THAT(parsed<List>("a LIST \"\" \"Nature's Way/V \\\"Vxx\\\" \\\\/%\"").patterns,
                ElementsAre("Nature's Way/V \"Vxx\" \\/%"));
    // RFC 5258 §5, RFC 5819 §3, RFC 6154 §5.2.
    const List many = parsed<List>(
        "A04 LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (INBOX \"Drafts\" Sent/%) RETURN (CHILDREN STATUS (MESSAGES SIZE))");
    EXPECT_TRUE(many.extended);
    EXPECT_THAT(many.patterns, ElementsAre("INBOX", "Drafts", "Sent/%"));
    EXPECT_EQ(many.selection, (EnumSet<ListSelection>{ListSelection::subscribed, ListSelection::recursive_match}));
    EXPECT_EQ(many.returns, (EnumSet<ListReturn>{ListReturn::subscribed, ListReturn::children, ListReturn::status}));
    EXPECT_EQ(many.status, (StatusItems{StatusItem::messages, StatusItem::size}));
    EXPECT_TRUE(parsed<List>("a LIST (SPECIAL-USE) \"\" *").returns.contains(ListReturn::special_use));
    EXPECT_TRUE(parsed<List>("a LIST () \"\" * RETURN ()").extended);
    for (const std::string_view text :
         {"a LIST", "a LIST \"\"", "a LIST (RECURSIVEMATCH) \"\" *", "a LIST (FOO) \"\" *", "a LIST \"\" * RETURN",
          "a LIST \"\" * RETURN (FOO)", "a LIST \"\" ()", "a LIST \"\" (a", "a LIST \"\" * RETURN (STATUS)",
          "a LIST \"\" * x", "a LIST (SUBSCRIBED \"\" *"})
        EXPECT_EQ(error_of(text).answer, ParseError::Answer::bad);
    EXPECT_EQ(parsed<Lsub>("a LSUB #news. comp.mail.*").pattern, "comp.mail.*");
}

TEST(Parser, Status) {
    EXPECT_EQ(parsed<Status>("a STATUS blurdybloop (UIDNEXT messages RECENT)").items,
              (StatusItems{StatusItem::uid_next, StatusItem::messages, StatusItem::recent}));
    error_of("a STATUS x");
    error_of("a STATUS x ()");
    error_of("a STATUS x (FOO)");
}

TEST(Parser, Append) {
    const Append full =
        parsed<Append>("A003 APPEND saved-messages (\\Seen $Forwarded) \" 7-Feb-1994 21:52:25 -0800\" {310}");
    EXPECT_EQ(full.mailbox.utf8(), "saved-messages");
    EXPECT_EQ(full.message.flags.system, SystemFlags{SystemFlag::seen});
    EXPECT_THAT(full.message.flags.keywords, ElementsAre("$Forwarded"));
    EXPECT_EQ(full.message.size, 310U);
    ASSERT_TRUE(full.message.date.has_value());
    EXPECT_EQ(full.message.date->zone, -std::chrono::hours(8));
    EXPECT_EQ(full.message.date->moment.time_since_epoch(), std::chrono::seconds(760686745));
    EXPECT_EQ(parsed<Append>("a APPEND {5+}\r\nINBOX {10+}").mailbox.utf8(), "INBOX");
    EXPECT_TRUE(parsed<Append>("a APPEND x () ~{10}").message.binary);
    EXPECT_TRUE(parsed<Append>("a APPEND x UTF8 (~{10+}").message.utf8);
    for (const std::string_view text :
         {"a APPEND x", "a APPEND x \"hello\"", "a APPEND x (\\Foo) {3}",
          "a APPEND x \"31-Feb-2020 00:00:00 +0000\" {3}", "a APPEND x \"01-Feb-2020 24:00:00 +0000\" {3}",
          "a APPEND x \"01-Feb-2020 00:00:00\" {3}", "a APPEND x CATENATE {3}", "a APPEND x {3} y"})
        EXPECT_EQ(error_of(text).answer, ParseError::Answer::bad);
}

TEST(Parser, Store) {
    const Store store = parsed<Store>("A003 STORE 2:4 +FLAGS (\\Deleted \\deleted KW kw)");
    EXPECT_EQ(store.mode, StoreMode::add);
    EXPECT_FALSE(store.silent);
    EXPECT_EQ(store.numbering, Numbering::sequence);
    EXPECT_EQ(store.flags.system, SystemFlags{SystemFlag::deleted});
    EXPECT_THAT(store.flags.keywords, ElementsAre("KW"));
    const Store silent = parsed<Store>("a UID STORE $ -flags.silent \\Seen \\Answered");
    EXPECT_EQ(silent.mode, StoreMode::remove);
    EXPECT_TRUE(silent.silent);
    EXPECT_TRUE(silent.set.is_saved_result());
    EXPECT_EQ(silent.flags.system, (SystemFlags{SystemFlag::seen, SystemFlag::answered}));
    EXPECT_EQ(parsed<Store>("a STORE 1 FLAGS ()").mode, StoreMode::replace);
    EXPECT_EQ(parsed<Store>("a STORE 1 FLAGS (\\Recent)").flags, FlagList{});
    for (const std::string_view text : {"a STORE 1 FLAGS", "a STORE 1 FLAG (\\Seen)", "a STORE 0 FLAGS ()",
                                        "a STORE 1 FLAGS (\\Bogus)", "a STORE 1 *FLAGS ()", "a STORE FLAGS ()",
                                        "a STORE 1 FLAGS (\\*)", "a STORE 1 FLAGS (a", "a STORE 1 FLAGS (a  b)"})
        EXPECT_EQ(error_of(text).answer, ParseError::Answer::bad);
    error_of("a STORE 1 FLAGS (" + std::string(kKeywordBytesMax + 1, 'k') + ")");
}

TEST(Parser, LeavesOutKeywordsThatNoAnswerCanShow) {
    for (const std::string_view text : {"a STORE 1 +FLAGS (\\Seen OIB-Seen-[Gmail]/Spam Wichtig! Pers\xc3\xb6nlich)",
                                        "a APPEND x (OIB-Seen-[Gmail]/Spam \\Seen Wichtig! \xff) {3}"}) {
        const FlagList flags = text.contains("APPEND") ? parsed<Append>(text).message.flags : parsed<Store>(text).flags;
        EXPECT_EQ(flags.system, SystemFlags{SystemFlag::seen}) << text;
        EXPECT_THAT(flags.keywords, ElementsAre("Wichtig!")) << text;
    }
    EXPECT_EQ(parsed<Store>("a STORE 1 -FLAGS ()").flags, FlagList{});
    EXPECT_THAT(parsed<Store>("a STORE 1 +FLAGS (+)").flags.keywords, ElementsAre("+"));
    for (const std::string_view text : {"a STORE 1 FLAGS (a\"b)", "a STORE 1 FLAGS (\"a\")", "a STORE 1 FLAGS (a\\b)",
                                        "a STORE 1 FLAGS (\\$NotJunk)", "a STORE 1 FLAGS (\\Se\xc3\xa9n)"})
        EXPECT_EQ(error_of(text).answer, ParseError::Answer::bad) << text;
}

// Whatever a literal holds, the answer is one line (writer_test), and it repeats none of it.
TEST(Parser, ErrorsRepeatNoLineEnds) {
    for (const std::string_view text : {"a DELETE {16}\r\nx\r\n* 3 EXISTS\r\ny", "a CREATE {4}\r\n\r\n\r\n",
                                        "a NOOP {3}\r\n\r\nx", "a LIST () \"\" * RETURN ({2}\r\n\r\n)"}) {
        const std::string error = error_of(text).text;
        EXPECT_FALSE(error.contains('\r') || error.contains('\n') || error.contains("EXISTS")) << error;
    }
}

TEST(Parser, CopyMoveExpunge) {
    EXPECT_EQ(parsed<Copy>("a COPY 2:4 MEETING").mailbox.utf8(), "MEETING");
    EXPECT_EQ(parsed<Move>("a UID MOVE 42:69 foo").numbering, Numbering::uid);
    EXPECT_EQ(parsed<Expunge>("A003 UID EXPUNGE 3000:3002").uids->to_string(), "3000:3002");
    EXPECT_EQ(parsed<Expunge>("A003 EXPUNGE").uids, std::nullopt);
    EXPECT_THAT(error_of("a UID NOOP").text, HasSubstr("UID knows no command"));
    error_of("a UID");
    error_of("a UID EXPUNGE");
    error_of("a COPY 1");
}

/// Items printed as they are labelled in the answer.
std::vector<std::string> items_of(std::string_view text) {
    std::vector<std::string> names;
    for (const FetchItem& item : parsed<Fetch>("a FETCH 1 " + std::string(text)).items)
        names.push_back(response_name(item));
    return names;
}

TEST(Parser, FetchItems) {
    EXPECT_THAT(items_of("ALL"), ElementsAre("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"));
    EXPECT_THAT(items_of("fast"), ElementsAre("FLAGS", "INTERNALDATE", "RFC822.SIZE"));
    EXPECT_THAT(items_of("FULL"), ElementsAre("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"));
    EXPECT_THAT(items_of("(UID FLAGS uid)"), ElementsAre("UID", "FLAGS"));
    EXPECT_THAT(items_of("(RFC822 RFC822.HEADER RFC822.TEXT BODYSTRUCTURE)"),
                ElementsAre("RFC822", "RFC822.HEADER", "RFC822.TEXT", "BODYSTRUCTURE"));
    EXPECT_THAT(items_of("BODY[]"), ElementsAre("BODY[]"));
    EXPECT_THAT(items_of("(BODY.PEEK[1.2.HEADER]<0.100> BODY[4.1.MIME] BODY[text]<5.1>)"),
                ElementsAre("BODY[1.2.HEADER]<0>", "BODY[4.1.MIME]", "BODY[TEXT]<5>"));
    EXPECT_THAT(items_of("BODY.PEEK[HEADER.FIELDS (DATE \"From\" {2}\r\nTo)]"),
                ElementsAre("BODY[HEADER.FIELDS (DATE From To)]"));
    EXPECT_THAT(items_of("BODY[3.HEADER.FIELDS.NOT (X)]"), ElementsAre("BODY[3.HEADER.FIELDS.NOT (X)]"));
    EXPECT_THAT(items_of("(BINARY[1.2] BINARY.PEEK[]<1.2> BINARY.SIZE[3])"),
                ElementsAre("BINARY[1.2]", "BINARY[]<1>", "BINARY.SIZE[3]"));
    EXPECT_EQ(response_name(parsed<Fetch>("a UID FETCH 1 FLAGS").items.front()), "UID");
}

TEST(Parser, FetchThatSetsSeen) {
    const auto seen = [](std::string_view item) {
        return sets_seen(parsed<Fetch>("a FETCH 1 " + std::string(item)).items.front());
    };
    for (const std::string_view item : {"BODY[]", "BODY[HEADER]", "RFC822", "RFC822.TEXT", "BINARY[1]"})
        EXPECT_TRUE(seen(item)) << item;
    for (const std::string_view item :
         {"BODY.PEEK[]", "RFC822.HEADER", "RFC822.SIZE", "BINARY.PEEK[1]", "BINARY.SIZE[1]", "BODY", "FLAGS"})
        EXPECT_FALSE(seen(item)) << item;
}

TEST(Parser, FetchErrors) {
    for (const std::string_view text : {"a FETCH",
                                        "a FETCH 1",
                                        "a FETCH 1 ()",
                                        "a FETCH 1 (FLAGS",
                                        "a FETCH 1 FOO",
                                        "a FETCH 1 BODY[",
                                        "a FETCH 1 BODY[0]",
                                        "a FETCH 1 BODY[1.]",
                                        "a FETCH 1 BODY[1..2]",
                                        "a FETCH 1 BODY[MIME]",
                                        "a FETCH 1 BODY[1.FOO]",
                                        "a FETCH 1 BODY[HEADER.FIELDS]",
                                        "a FETCH 1 BODY[HEADER.FIELDS ()]",
                                        "a FETCH 1 BODY[]<0>",
                                        "a FETCH 1 BODY[]<0.0>",
                                        "a FETCH 1 BODY[]<.5>",
                                        "a FETCH 1 BODY[]<0.5",
                                        "a FETCH 1 BINARY[TEXT]",
                                        "a FETCH 1 BINARY[1.TEXT]",
                                        "a FETCH 1 FLAGS UID",
                                        "a FETCH 1 FLAGS[1]",
                                        "a FETCH 1 (ALL)",
                                        "a FETCH 1 BODY[4294967296]"})
        EXPECT_EQ(error_of(text).answer, ParseError::Answer::bad);
    std::string deep = "1";
    for (std::size_t n = 0; n < kPartDepthMax; ++n)
        deep += ".1";
    error_of("a FETCH 1 BODY[" + deep + "]");
}

} // namespace
} // namespace tegami::imap
