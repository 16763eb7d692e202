// RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 4731 §3.1
#include "protocol/imap/search_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

using ::testing::HasSubstr;

/// A search tree as text in the command's own grammar, with every AND in parentheses; parsing it gives the tree back.
struct Printer {
    std::string operator()(const SearchAll&) const { return "ALL"; }

    std::string operator()(const SearchFlag& key) const {
        return key.flag == SystemFlag::recent ? "RECENT" : std::string(name_of(key.flag).substr(1));
    }

    std::string operator()(const SearchKeyword& key) const { return "KEYWORD " + key.keyword; }

    std::string operator()(const SearchHeader& key) const { return "HEADER \"" + key.name + "\" \"" + key.text + "\""; }

    std::string operator()(const SearchText& key) const {
        return (key.where == SearchText::Where::body ? "BODY \"" : "TEXT \"") + key.text + "\"";
    }

    std::string operator()(const SearchDate& key) const {
        static constexpr const char* kOrders[] = {"BEFORE ", "ON ", "SINCE "};
        static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        static constexpr const char* kWhich[] = {"", "SENT", "SAVED"};
        return std::string(kWhich[static_cast<int>(key.which)]) + kOrders[static_cast<int>(key.order)] +
               std::to_string(static_cast<unsigned>(key.date.day())) + "-" +
               kMonths[static_cast<unsigned>(key.date.month()) - 1] + "-" +
               std::to_string(static_cast<int>(key.date.year()));
    }

    std::string operator()(const SearchSize& key) const {
        return (key.order == SearchSize::Order::larger ? "LARGER " : "SMALLER ") + std::to_string(key.size);
    }

    std::string operator()(const SearchWithin& key) const {
        return (key.order == SearchWithin::Order::older ? "OLDER " : "YOUNGER ") + std::to_string(key.seconds);
    }

    std::string operator()(const SearchModseq& key) const { return "MODSEQ " + std::to_string(key.modseq); }

    std::string operator()(const SearchObjectId& key) const {
        return (key.which == SearchObjectId::Which::email ? "EMAILID M" : "THREADID T") + std::to_string(*key.id);
    }

    std::string operator()(const SearchSet& key) const {
        return (key.numbering == Numbering::uid ? "UID " : "") + key.set.to_string();
    }

    std::string operator()(const SearchAnd& key) const {
        std::string text;
        for (const SearchKey& inner : key.keys)
            text += (text.empty() ? "(" : " ") + print(inner);
        return text + ")";
    }

    std::string operator()(const SearchOr& key) const { return "OR " + print(key.keys[0]) + " " + print(key.keys[1]); }

    std::string operator()(const SearchNot& key) const { return "NOT " + print(key.keys[0]); }

    std::string operator()(const SearchFuzzy& key) const { return "FUZZY " + print(key.keys[0]); }

    std::string print(const SearchKey& key) const { return std::visit(*this, key.value); }
};

std::string tree_of(std::string_view arguments) {
    const Search search = search_of(arguments);
    const std::string text = Printer().print(search.key);
    EXPECT_EQ(Printer().print(search_of(text).key), text);
    EXPECT_TRUE(search_of(text).key == search.key);
    return text;
}

/// "0 2(a b)": the sources of an ESEARCH, as numbers, with their names; or the answer to one that makes no sense.
std::string sources_of(std::string_view arguments) {
    const Result<TaggedCommand, ParseError> command = parse_command("a ESEARCH " + std::string(arguments), {});
    if (!command) return command.error().text;
    std::string text;
    for (const SearchSource& source : std::get<MultiSearch>(command->command).sources) {
        text += (text.empty() ? "" : " ") + std::to_string(static_cast<int>(source.which));
        for (const MailboxName& name : source.names)
            text += "," + name.utf8();
    }
    return text;
}

std::string search_error(std::string_view arguments) {
    const Result<TaggedCommand, ParseError> command = parse_command("a SEARCH" + std::string(arguments), {});
    EXPECT_FALSE(command.has_value()) << arguments;
    return command ? "" : command.error().text;
}

TEST(SearchParser, EveryKey) {
    const std::vector<std::pair<std::string_view, std::string_view>> keys{
        {"ALL", "ALL"},
        {"answered", "Answered"},
        {"BCC x", "HEADER \"Bcc\" \"x\""},
        {"BEFORE 1-Feb-1994", "BEFORE 1-Feb-1994"},
        {"BODY \"x y\"", "BODY \"x y\""},
        {"CC x", "HEADER \"Cc\" \"x\""},
        {"DELETED", "Deleted"},
        {"DRAFT", "Draft"},
        {"FLAGGED", "Flagged"},
        {"FROM \"SMITH\"", "HEADER \"From\" \"SMITH\""},
        {"HEADER Message-ID \"\"", "HEADER \"Message-ID\" \"\""},
        {"KEYWORD $Junk", "KEYWORD $Junk"},
        {"UNKEYWORD \"Gmail\"", "NOT KEYWORD Gmail"},
        {"LARGER 10", "LARGER 10"},
        {"NEW", "(RECENT NOT Seen)"},
        {"NOT SEEN", "NOT Seen"},
        {"OLD", "NOT RECENT"},
        {"ON \"01-Mar-2020\"", "ON 1-Mar-2020"},
        {"OR SEEN 1:3", "OR Seen 1:3"},
        {"RECENT", "RECENT"},
        {"SEEN", "Seen"},
        {"SENTBEFORE 1-feb-1994", "SENTBEFORE 1-Feb-1994"},
        {"SENTON 29-Feb-2024", "SENTON 29-Feb-2024"},
        {"SENTSINCE 31-Dec-1999", "SENTSINCE 31-Dec-1999"},
        {"SINCE 1-Feb-1994", "SINCE 1-Feb-1994"},
        {"SMALLER 9223372036854775807", "SMALLER 9223372036854775807"},
        {"SUBJECT {4}\r\nx\r\ny", "HEADER \"Subject\" \"x\r\ny\""},
        {"TEXT x", "TEXT \"x\""},
        {"TO x", "HEADER \"To\" \"x\""},
        {"UID 5,7:*", "UID 5,7:*"},
        {"UNANSWERED", "NOT Answered"},
        {"UNDELETED", "NOT Deleted"},
        {"UNDRAFT", "NOT Draft"},
        {"UNFLAGGED", "NOT Flagged"},
        {"UNKEYWORD k", "NOT KEYWORD k"},
        {"UNSEEN", "NOT Seen"},
        {"2,4:*", "2,4:*"},
        {"*", "*"},
        {"$", "$"},
        {"(SEEN)", "Seen"},
        {"(SEEN (DRAFT 1)) UNSEEN", "((Seen (Draft 1)) NOT Seen)"},
        {"OR (SEEN DRAFT) NOT (1 2)", "OR (Seen Draft) NOT (1 2)"},
        {"SEEN ", "Seen"},
    };
    for (const auto& [text, tree] : keys) {
        if (text.starts_with("SUBJECT {"))
            EXPECT_EQ(Printer().print(search_of(text).key), tree);
        else
            EXPECT_EQ(tree_of(text), tree);
    }
}

// The examples of RFC 9051 §6.4.4 and RFC 4731 §3.1.
TEST(SearchParser, Examples) {
    const Search flagged = search_of("RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"");
    EXPECT_EQ(flagged.returns, (SearchReturns{SearchReturn::min, SearchReturn::count}));
    EXPECT_EQ(Printer().print(flagged.key), "(Flagged SINCE 1-Feb-1994 NOT HEADER \"From\" \"Smith\")");
    const Search charset = search_of("CHARSET utf-8 TEXT {12}\r\n\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");
    EXPECT_EQ(charset.charset, "UTF-8");
    EXPECT_EQ(charset.returns, std::nullopt);
    EXPECT_EQ(search_of("RETURN () ALL").returns, SearchReturns{SearchReturn::all});
    EXPECT_EQ(search_of("RETURN (SAVE) CHARSET \"KOI8-R\" (OR $ 1,3000:3021) TEXT x").charset, "KOI8-R");
}

TEST(SearchParser, Errors) {
    for (const std::string_view text : {"",
                                        " ",
                                        " FOO",
                                        " SEEN DRAFTS",
                                        " NOT",
                                        " OR SEEN",
                                        " (SEEN",
                                        " ()",
                                        " BEFORE 32-Jan-2020",
                                        " ON 1-Foo-2020",
                                        " ON 30-Feb-2020",
                                        " ON 1-Jan-20",
                                        " LARGER -1",
                                        " LARGER x",
                                        " LARGER 9223372036854775808",
                                        " UID",
                                        " UID x",
                                        " KEYWORD",
                                        " HEADER x",
                                        " FROM",
                                        " RETURN ALL",
                                        " RETURN (FOO) ALL",
                                        " RETURN (ALL)",
                                        " CHARSET UTF-8",
                                        " CHARSET",
                                        " 0",
                                        " 1,",
                                        " SEEN  DRAFT",
                                        " ON \"1-Jan-2020"})
        search_error(text);
    EXPECT_THAT(search_error(" FOO"), HasSubstr("Unknown search key: FOO"));
}

// RFC 6855 §3; RFC 9051 §6.4.4 has CHARSET.
TEST(SearchParser, TakesNoCharsetAfterUtf8Accept) {
    for (const std::string_view text : {"a SEARCH CHARSET UTF-8 ALL", "a UID SEARCH CHARSET us-ascii BODY x",
                                        "a SEARCH RETURN (COUNT) charset UTF-8 SEEN"}) {
        const Result<TaggedCommand, ParseError> refused = parse_command(text, {Enabled::utf8_accept});
        ASSERT_FALSE(refused.has_value()) << text;
        EXPECT_EQ(refused.error().answer, ParseError::Answer::bad);
        EXPECT_FALSE(parse_command(text, {Enabled::imap4rev2, Enabled::utf8_accept}).has_value());
        EXPECT_TRUE(parse_command(text, {Enabled::imap4rev2}).has_value());
        EXPECT_TRUE(parse_command(text, {}).has_value());
    }
    EXPECT_TRUE(parse_command("a SEARCH BODY CHARSET", {Enabled::utf8_accept}).has_value());
}

TEST(SearchParser, LimitsDepthAndCount) {
    std::string nots;
    for (std::size_t depth = 1; depth < kSearchDepthMax; ++depth)
        nots += "NOT ";
    EXPECT_FALSE(search_of(nots + "SEEN").key == SearchKey{});
    EXPECT_THAT(search_error(" NOT " + nots + "SEEN"), HasSubstr("too deeply"));
    EXPECT_THAT(search_error(" " + std::string(60000, '(')), HasSubstr("too deeply"));
    std::string many;
    for (std::size_t count = 0; count < kSearchKeysMax; ++count)
        many += " SEEN";
    EXPECT_EQ(std::get<SearchAnd>(search_of(many.substr(1)).key.value).keys.size(), kSearchKeysMax);
    EXPECT_THAT(search_error(many + " SEEN"), HasSubstr("Too many"));
}

// RFC 6203 §7.
TEST(SearchParse, Fuzzy) {
    EXPECT_EQ(tree_of("FUZZY SUBJECT \"a b\" FROM x"), "(FUZZY HEADER \"Subject\" \"a b\" HEADER \"From\" \"x\")");
    EXPECT_EQ(tree_of("RETURN (RELEVANCY ALL) NOT FUZZY (SEEN TEXT x)"), "NOT FUZZY (Seen TEXT \"x\")");
    EXPECT_THAT(search_error(" FUZZY"), HasSubstr("Missing argument: a search key"));
    EXPECT_THAT(search_error(" RETURN (RELEVANCY) TEXT x"), HasSubstr("FUZZY"));
    EXPECT_THAT(parse_command("a SORT (RELEVANCY) UTF-8 TEXT x", {}).error().text, HasSubstr("FUZZY"));
    EXPECT_THAT(parse_command("a SORT RETURN (RELEVANCY) (DATE) UTF-8 TEXT x", {}).error().text, HasSubstr("FUZZY"));
    EXPECT_TRUE(parse_command("a SORT RETURN (RELEVANCY) (REVERSE RELEVANCY) UTF-8 FUZZY TEXT x", {}));
}

// RFC 7377 §4.
TEST(SearchParse, Sources) {
    EXPECT_EQ(sources_of("ALL"), "");
    EXPECT_EQ(sources_of("IN (selected) ALL"), "0");
    EXPECT_EQ(sources_of("in (INBOXES Personal subscribed) RETURN () CHARSET UTF-8 UNSEEN"), "1 2 3");
    EXPECT_EQ(sources_of("IN (subtree-one inbox subtree (a \"b c\") mailboxes x) ALL"), "5,INBOX 4,a,b c 6,x");
    EXPECT_EQ(sources_of("IN (selected) RETURN (SAVE) ALL"), "0");
    const auto refused = [](std::string_view arguments, std::string_view why) {
        EXPECT_THAT(sources_of(arguments), HasSubstr(std::string(why))) << arguments;
    };
    refused("IN (personal) RETURN (SAVE) ALL", "Only a search in the selected");
    refused("IN (selected-delayed) ALL", "Unknown mailboxes to search: selected-delayed");
    refused("IN () ALL", "Unknown mailboxes to search");
    refused("IN (mailboxes) ALL", "Missing argument: a mailbox name");
    refused("IN (mailboxes ()) ALL", "Expected");
    refused("IN (personal (scope)) ALL", "Unknown");
    refused("IN (personal", "Expected");
    refused("IN (personal)", "Missing argument: a search key");
    std::string names = "IN (mailboxes (a";
    for (std::size_t count = 1; count <= kSearchSourceNamesMax; ++count)
        names += " a";
    refused(names + ")) ALL", "Too many mailbox names");
}

} // namespace
} // namespace tegami::imap
