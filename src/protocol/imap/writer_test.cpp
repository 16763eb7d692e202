// RFC 9051 §4.3, §7; RFC 4315 §3; RFC 4731 §3.1; RFC 5258 §3.5
#include "protocol/imap/writer.h"

#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

constexpr EnabledSet kAnsweredRev2{Enabled::imap4rev2};

template <class Function, class... Arguments>
std::string written(Function function, const Arguments&... arguments) {
    std::string out;
    function(out, arguments...);
    return out;
}

TEST(Writer, ChoosesTheRightString) {
    EXPECT_EQ(written(append_string, "", EnabledSet{}), "\"\"");
    EXPECT_EQ(written(append_string, "a\"b\\c", EnabledSet{}), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(written(append_string, "a\r\nb", EnabledSet{}), "{4}\r\na\r\nb");
    EXPECT_EQ(written(append_string, "é", EnabledSet{}), "{2}\r\né");
    EXPECT_EQ(written(append_string, "é", kAnsweredRev2), "\"é\"");
    EXPECT_EQ(written(append_string, "\xe9", kAnsweredRev2), "{1}\r\n\xe9");
    EXPECT_EQ(written(append_string, std::string("a\0b", 3), kAnsweredRev2), "{3}\r\na?b");
    EXPECT_EQ(written(append_astring, "a]b", EnabledSet{}), "a]b");
    EXPECT_EQ(written(append_astring, "nil", EnabledSet{}), "\"nil\"");
    EXPECT_EQ(written(append_astring, "", EnabledSet{}), "\"\"");
    EXPECT_EQ(written(append_astring, "a b", EnabledSet{}), "\"a b\"");
    EXPECT_EQ(written(append_nstring, std::optional<std::string_view>(), EnabledSet{}), "NIL");
    EXPECT_EQ(written(append_nstring, std::optional<std::string_view>("NIL"), EnabledSet{}), "\"NIL\"");
    EXPECT_EQ(written(append_mailbox, "日本語/a&b", EnabledSet{}), "&ZeVnLIqe-/a&-b");
    EXPECT_EQ(written(append_mailbox, "日本語", kAnsweredRev2), "\"日本語\"");
}

TEST(Writer, StatusLines) {
    EXPECT_EQ(written(append_status, "a1", StatusWord::ok, "", "Done"), "a1 OK Done\r\n");
    EXPECT_EQ(written(append_status, "", StatusWord::bye, code::kUnavailable, "Later"),
              "* BYE [UNAVAILABLE] Later\r\n");
    EXPECT_EQ(written(append_status, "a1", StatusWord::no, code::kTryCreate, "No\r\n* EVIL é"),
              "a1 NO [TRYCREATE] No??* EVIL ??\r\n");
    EXPECT_EQ(written(append_continuation, "OK"), "+ OK\r\n");
}

TEST(Writer, Codes) {
    EXPECT_EQ(code::uid_validity(UidValidity(7)), "UIDVALIDITY 7");
    EXPECT_EQ(code::uid_next(Uid(8)), "UIDNEXT 8");
    EXPECT_EQ(code::first_unseen(SequenceNumber(3)), "UNSEEN 3");
    EXPECT_EQ(code::permanent_flags({.system = {SystemFlag::seen}, .keywords = {"k"}}, true),
              "PERMANENTFLAGS (\\Seen k \\*)");
    EXPECT_EQ(code::permanent_flags({}, true), "PERMANENTFLAGS (\\*)");
    EXPECT_EQ(code::permanent_flags({}, false), "PERMANENTFLAGS ()");
    // RFC 4315 §3.
    EXPECT_EQ(code::append_uid(UidValidity(38505), UidSet{3955}), "APPENDUID 38505 3955");
    EXPECT_EQ(code::copy_uid(UidValidity(38505), UidSet{304, 319, 320}, UidSet{3956, 3957, 3958}),
              "COPYUID 38505 304,319:320 3956:3958");
}

TEST(Writer, UntaggedData) {
    EXPECT_EQ(written(append_capability, "IMAP4rev2 IDLE"), "* CAPABILITY IMAP4rev2 IDLE\r\n");
    EXPECT_EQ(written(append_enabled, std::vector<std::string>{}), "* ENABLED\r\n");
    EXPECT_EQ(written(append_enabled, std::vector<std::string>{"IMAP4REV2"}), "* ENABLED IMAP4REV2\r\n");
    EXPECT_EQ(written(append_flags_line, FlagList{.system = {SystemFlag::answered, SystemFlag::recent}}),
              "* FLAGS (\\Answered \\Recent)\r\n");
    EXPECT_EQ(written(append_exists, 172U), "* 172 EXISTS\r\n");
    EXPECT_EQ(written(append_recent, 1U), "* 1 RECENT\r\n");
    EXPECT_EQ(written(append_expunged, std::vector{SequenceNumber(5), SequenceNumber(3)}),
              "* 5 EXPUNGE\r\n* 3 EXPUNGE\r\n");
    EXPECT_EQ(written(append_search_begin), "* SEARCH");
    EXPECT_EQ(written(append_search_number, 6U), " 6");
    EXPECT_EQ(written(append_namespace, "", "Other Users/"),
              "* NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) NIL\r\n");
    EXPECT_EQ(written(append_id, std::vector<std::pair<std::string, std::string>>{{"name", "Tegami"}}),
              "* ID (\"name\" \"Tegami\")\r\n");
    EXPECT_EQ(written(append_id, std::vector<std::pair<std::string, std::string>>{}), "* ID NIL\r\n");
}

TEST(Writer, Rights) {
    const std::vector<AclEntry> entries{{"anna@a.test", "lrswikxtea"}, {"b c@a.test", "lr"}};
    EXPECT_EQ(written(append_acl, "Te am", entries, EnabledSet{}),
              "* ACL \"Te am\" \"anna@a.test\" \"lrswikxtea\" \"b c@a.test\" \"lr\"\r\n");
    const std::vector<std::string> optional{"l", "r"};
    EXPECT_EQ(written(append_list_rights, "Team", "b@a.test", "", optional, EnabledSet{}),
              "* LISTRIGHTS Team \"b@a.test\" \"\" \"l\" \"r\"\r\n");
    EXPECT_EQ(written(append_my_rights, "Team", "lr", EnabledSet{}), "* MYRIGHTS Team \"lr\"\r\n");
}

TEST(Writer, ListAndStatus) {
    EXPECT_EQ(written(append_list,
                      ListEntry{.attributes = {ListAttribute::has_no_children, ListAttribute::subscribed},
                                .special_use = {SpecialUse::sent},
                                .name = "Sent items"},
                      EnabledSet{}),
              "* LIST (\\HasNoChildren \\Subscribed \\Sent) \"/\" \"Sent items\"\r\n");
    EXPECT_EQ(written(append_list, ListEntry{.attributes = {ListAttribute::no_select}, .name = ""}, EnabledSet{}),
              "* LIST (\\Noselect) \"/\" \"\"\r\n");
    // RFC 5258 §5, RFC 9051 §6.3.9.7.
    EXPECT_EQ(written(append_list, ListEntry{.name = "Foo", .child_subscribed = true, .old_name = "Bär"}, EnabledSet{}),
              "* LIST () \"/\" Foo (\"CHILDINFO\" (\"SUBSCRIBED\") \"OLDNAME\" (B&AOQ-r))\r\n");
    EXPECT_EQ(written(append_lsub, ListEntry{.name = "x"}, EnabledSet{}), "* LSUB () \"/\" x\r\n");
    EXPECT_EQ(written(append_status_data, *MailboxName::from_utf8("blurdybloop"),
                      StatusItems{StatusItem::messages, StatusItem::uid_next, StatusItem::size},
                      StatusValues{.messages = 231, .uid_next = Uid(44292), .size = 5'000'000'000}, EnabledSet{}),
              "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 SIZE 5000000000)\r\n");
}

// RFC 4731 §3.1.
TEST(Writer, Esearch) {
    EXPECT_EQ(written(append_esearch_begin, "A282", Numbering::sequence, EsearchCounts{.min = 2, .count = 3}, nullptr),
              "* ESEARCH (TAG \"A282\") MIN 2 COUNT 3");
    EXPECT_EQ(written(append_esearch_begin, "A", Numbering::uid, EsearchCounts{.count = 0}, nullptr),
              "* ESEARCH (TAG \"A\") UID COUNT 0");
    // RFC 7377 §2.1.
    const EsearchMailbox mailbox{.name = "\xe6\x97\xa5 x", .uid_validity = UidValidity(503)};
    EXPECT_EQ(written(append_esearch_begin, "A", Numbering::uid, EsearchCounts{}, &mailbox),
              "* ESEARCH (TAG \"A\" MAILBOX \"&ZeU- x\" UIDVALIDITY 503) UID");
    std::string out;
    EsearchSet set(&out);
    for (const std::uint32_t number : {2U, 10U, 11U})
        set.add(number);
    EXPECT_EQ(out, " ALL 2") << "what is complete is written at once";
    out.clear();
    set.finish();
    EXPECT_EQ(out, ",10:11");
    EsearchSet empty(&out);
    empty.finish();
    EXPECT_EQ(out, ",10:11");
}

TEST(Writer, ExtensionCodesAndLines) {
    EXPECT_EQ(code::append_uid(UidValidity(3), UidSet{4, 5, 6}), "APPENDUID 3 4:6");
    EXPECT_EQ(code::highest_modseq(17), "HIGHESTMODSEQ 17");
    EXPECT_EQ(code::modified(NumberRanges{{7, 7}, {9, 10}}), "MODIFIED 7,9:10");
    EXPECT_EQ(code::mailbox_id(3), "MAILBOXID (F3)");
    std::string out;
    append_vanished(out, UidSet{405, 407, 408}.ranges(), false);
    append_vanished(out, UidSet{9}.ranges(), true);
    append_vanished(out, {}, true);
    EXPECT_EQ(out, "* VANISHED 405,407:408\r\n* VANISHED (EARLIER) 9\r\n");
    out.clear();
    FetchResponse fetch(out, SequenceNumber(1), {});
    fetch.modseq(12);
    fetch.email_id(5);
    fetch.thread_id(4);
    fetch.save_date({std::chrono::sys_days(std::chrono::year(2026) / 7 / 17), {}});
    fetch.preview("Gr\xc3\xbc\xc3\x9f"
                  "e");
    fetch.finish();
    EXPECT_EQ(out, "* 1 FETCH (MODSEQ (12) EMAILID (M5) THREADID (T4) SAVEDATE \"17-Jul-2026 00:00:00 +0000\" "
                   "PREVIEW {7}\r\nGr\xc3\xbc\xc3\x9f"
                   "e)\r\n");
}

TEST(Writer, Dates) {
    using namespace std::chrono;
    const sys_seconds moment = sys_days(year(1996) / July / 17) + 9h + 44min + 25s;
    EXPECT_EQ(to_string(DateTime{moment, -hours(7)}), "17-Jul-1996 02:44:25 -0700");
    EXPECT_EQ(to_string(DateTime{sys_days(year(2026) / January / 1), minutes(570)}), " 1-Jan-2026 09:30:00 +0930");
}

TEST(Writer, FetchLine) {
    std::string out;
    FetchResponse fetch(out, SequenceNumber(12), {});
    EXPECT_TRUE(fetch.empty());
    fetch.uid(Uid(99));
    fetch.flags({.system = {SystemFlag::seen}});
    fetch.rfc822_size(44827);
    fetch.internal_date({std::chrono::sys_days(std::chrono::year(1996) / 7 / 17), {}});
    fetch.raw(FetchAttribute::body, "(x)");
    fetch.text(FetchBody{.section = {.text = SectionText::header}}, "Subject: x\r\n\r\n");
    fetch.text(FetchBody{.section = {.part = {2}}}, std::nullopt);
    fetch.text(FetchBinary{.part = {1}}, std::string_view("a\0", 2));
    fetch.text(FetchBinary{.part = {1}, .partial = Partial{5, 2}}, "ab");
    fetch.binary_size({{1}}, 7);
    fetch.stream(FetchBody{.partial = Partial{0, 100}}, 3);
    out += "abc";
    fetch.finish();
    EXPECT_EQ(out, std::string("* 12 FETCH (UID 99 FLAGS (\\Seen) RFC822.SIZE 44827 "
                               "INTERNALDATE \"17-Jul-1996 00:00:00 +0000\" BODY (x) "
                               "BODY[HEADER] {14}\r\nSubject: x\r\n\r\n BODY[2] NIL BINARY[1] ~{2}\r\na") +
                       '\0' + " BINARY[1]<5> {2}\r\nab BINARY.SIZE[1] 7 BODY[]<0> {3}\r\nabc)\r\n");
}

} // namespace
} // namespace tegami::imap
