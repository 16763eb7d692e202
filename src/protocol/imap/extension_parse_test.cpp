// RFC 7162 §7, RFC 8474 §7, RFC 9394 §4, RFC 5032 §3, RFC 8514 §5, RFC 8970 §6: what the extensions add to commands.
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

constexpr EnabledSet kQresync{Enabled::condstore, Enabled::qresync};

template <class Value>
Value read(std::string_view text) {
    Result<TaggedCommand, ParseError> command = parse_command(text, kQresync);
    EXPECT_TRUE(command.has_value()) << text << ": " << (command ? "" : command.error().text);
    return command ? std::get<Value>(std::move(command->command)) : Value{};
}

void expect_bad(std::initializer_list<std::string_view> commands, EnabledSet enabled = kQresync) {
    for (const std::string_view text : commands)
        EXPECT_FALSE(parse_command(text, enabled).has_value()) << text;
}

TEST(ParseExtensions, SelectParameters) {
    EXPECT_TRUE(read<Select>("a SELECT x (CONDSTORE)").parameters.condstore);
    const SelectParameters all = read<Examine>("a EXAMINE x (QRESYNC (7 90 1:4,9 (1,3:4 2,7:8)) condstore)").parameters;
    EXPECT_TRUE(all.condstore);
    ASSERT_TRUE(all.resync.has_value());
    EXPECT_EQ(all.resync->uid_validity, 7U);
    EXPECT_EQ(all.resync->modseq, 90U);
    EXPECT_EQ(all.resync->known_uids->to_string(), "1:4,9");
    EXPECT_EQ(all.resync->match->numbers.to_string(), "1,3:4");
    EXPECT_EQ(all.resync->match->uids.to_string(), "2,7:8");
    const SelectParameters some = read<Select>("a SELECT x (QRESYNC (7 90 (1 2)))").parameters;
    EXPECT_TRUE(some.resync->match.has_value());
    EXPECT_FALSE(some.resync->known_uids.has_value());
    EXPECT_FALSE(read<Select>("a SELECT x (QRESYNC (7 90))").parameters.resync->match.has_value());
    expect_bad({"a SELECT x ()", "a SELECT x (FOO)", "a SELECT x (QRESYNC)", "a SELECT x (QRESYNC (0 1))",
                "a SELECT x (QRESYNC (1 0))", "a SELECT x (QRESYNC (1 2 3:*))", "a SELECT x (QRESYNC (1 2 5,3))",
                "a SELECT x (QRESYNC (1 2 1:5 (1:2 3)))", "a SELECT x (QRESYNC (1 2 1:5 (1:2 $)))",
                "a SELECT x (QRESYNC (1 2 3 4))", "a SELECT x (QRESYNC (1 2) QRESYNC (1 2))"});
    expect_bad({"a SELECT x (QRESYNC (7 90))", "a UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)"}, {});
}

TEST(ParseExtensions, FetchAndStoreModifiers) {
    const Fetch changed = read<Fetch>("a UID FETCH 1:* (FLAGS) (PARTIAL -1:-30 CHANGEDSINCE 98305 VANISHED)");
    EXPECT_EQ(changed.changed_since, 98305U);
    EXPECT_TRUE(changed.vanished);
    EXPECT_EQ(changed.partial, (PartialRange{.from = 1, .to = 30, .from_end = true}));
    EXPECT_EQ(changed.items,
              (std::vector<FetchItem>{FetchAttribute::uid, FetchAttribute::flags, FetchAttribute::modseq}));
    EXPECT_EQ(read<Fetch>("a FETCH 1 ALL (CHANGEDSINCE 1)").items.size(), 5U);
    EXPECT_EQ(read<Fetch>("a FETCH 1 (EMAILID THREADID SAVEDATE MODSEQ PREVIEW (LAZY) UID)").items.size(), 6U);
    EXPECT_EQ(read<Fetch>("a FETCH 1 PREVIEW (LAZY)").items, std::vector<FetchItem>{FetchAttribute::preview});
    EXPECT_EQ(read<Store>("a STORE 1 (UNCHANGEDSINCE 0) -FLAGS.SILENT \\Seen").unchanged_since, 0U);
    EXPECT_FALSE(read<Store>("a STORE 1 FLAGS ()").unchanged_since.has_value());
    expect_bad({"a FETCH 1 FLAGS (CHANGEDSINCE 0)", "a FETCH 1 FLAGS ()", "a FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)",
                "a UID FETCH 1 FLAGS (VANISHED)", "a FETCH 1 FLAGS (PARTIAL 1:2)", "a UID FETCH 1 FLAGS (PARTIAL 0:2)",
                "a UID FETCH 1 FLAGS (PARTIAL -1:2)", "a UID FETCH 1 FLAGS (PARTIAL 1:*)", "a FETCH 1 PREVIEW (FAST)",
                "a STORE 1 (UNCHANGEDSINCE) FLAGS ()", "a STORE 1 (CHANGEDSINCE 1) FLAGS ()",
                "a FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)"});
}

TEST(ParseExtensions, SearchKeys) {
    const auto key = [](std::string_view text) { return read<Search>("a SEARCH " + std::string(text)).key; };
    EXPECT_EQ(key("MODSEQ 7"), SearchKey{SearchModseq{7}});
    EXPECT_EQ(key("MODSEQ \"/flags/\\\\draft\" all 0"), SearchKey{SearchModseq{0}});
    EXPECT_EQ(key("OLDER 60"), (SearchKey{SearchWithin{SearchWithin::Order::older, 60}}));
    EXPECT_EQ(key("YOUNGER 60"), (SearchKey{SearchWithin{SearchWithin::Order::younger, 60}}));
    EXPECT_EQ(key("EMAILID M17"), (SearchKey{SearchObjectId{SearchObjectId::Which::email, 17}}));
    EXPECT_EQ(key("THREADID M17"), (SearchKey{SearchObjectId{SearchObjectId::Which::thread, std::nullopt}}));
    EXPECT_EQ(key("SAVEDATESUPPORTED"), SearchKey{SearchAll{}});
    const Search partial = read<Search>("a UID SEARCH RETURN (COUNT PARTIAL 1:500) UNSEEN");
    EXPECT_TRUE(partial.returns->contains(SearchReturn::partial));
    EXPECT_EQ(to_string(*partial.partial), "1:500");
    expect_bad({"a SEARCH MODSEQ", "a SEARCH MODSEQ \"/x\" all 1", "a SEARCH MODSEQ \"/flags/x\" 1", "a SEARCH OLDER 0",
                "a SEARCH YOUNGER x", "a SEARCH EMAILID \"a b\"", "a SEARCH RETURN (ALL PARTIAL 1:2) ALL",
                "a SEARCH RETURN (PARTIAL 1:2 PARTIAL 1:2) ALL", "a SEARCH RETURN (PARTIAL) ALL"});
}

// RFC 5256 §5, RFC 5957 §4, RFC 5267 §4.
TEST(ParseExtensions, Rights) {
    const SetAcl set = read<SetAcl>("a SETACL Team ben@b.test lrs");
    EXPECT_EQ(set.mailbox.utf8(), "Team");
    EXPECT_EQ(set.identifier, "ben@b.test");
    EXPECT_EQ(set.mode, StoreMode::replace);
    EXPECT_EQ(set.rights, "lrs");
    EXPECT_EQ(read<SetAcl>("a SETACL Team ben@b.test +s").mode, StoreMode::add);
    const SetAcl less = read<SetAcl>("a SETACL Team \"ben@b.test\" \"-sw\"");
    EXPECT_EQ(less.mode, StoreMode::remove);
    EXPECT_EQ(less.rights, "sw");
    EXPECT_EQ(read<SetAcl>("a SETACL Team ben@b.test \"\"").rights, "");
    EXPECT_EQ(read<DeleteAcl>("a DELETEACL Team ben@b.test").identifier, "ben@b.test");
    EXPECT_EQ(read<ListRights>("a LISTRIGHTS inbox x").mailbox.utf8(), "INBOX");
    EXPECT_EQ(read<GetAcl>("a GETACL Team").mailbox.utf8(), "Team");
    EXPECT_EQ(read<MyRights>("a MYRIGHTS Team").mailbox.utf8(), "Team");
    expect_bad({"a SETACL Team ben@b.test", "a SETACL Team", "a DELETEACL Team", "a GETACL", "a LISTRIGHTS Team",
                "a MYRIGHTS"});
}

TEST(ParseExtensions, SortAndThread) {
    const Sort sort = read<Sort>("a UID SORT (REVERSE DATE displayfrom) UTF-8 UNSEEN FROM \"x\"");
    EXPECT_EQ(name_of(Command(sort)), "UID SORT");
    EXPECT_EQ(sort.criteria, (std::vector<SortCriterion>{{SortBy::date, true}, {SortBy::display_from, false}}));
    EXPECT_EQ(sort.search.charset, "UTF-8");
    EXPECT_FALSE(sort.search.returns.has_value());
    EXPECT_TRUE(std::holds_alternative<SearchAnd>(sort.search.key.value));
    EXPECT_TRUE(read<Sort>("a SORT RETURN (COUNT) (SIZE) US-ASCII ALL").search.returns->contains(SearchReturn::count));
    EXPECT_EQ(read<Thread>("a THREAD REFS UTF-8 ALL").algorithm, message::ThreadAlgorithm::refs);
    EXPECT_EQ(name_of(Command(read<Thread>("a UID THREAD orderedsubject UTF-8 1:5"))), "UID THREAD");
    expect_bad({"a SORT () UTF-8 ALL", "a SORT (FOO) UTF-8 ALL", "a SORT (REVERSE) UTF-8 ALL", "a SORT DATE UTF-8 ALL",
                "a SORT (DATE) UTF-8", "a SORT (DATE)", "a THREAD FOO UTF-8 ALL", "a THREAD REFERENCES UTF-8"});
    std::string many = "a SORT (DATE";
    for (std::size_t count = 1; count < kSortCriteriaMax; ++count)
        many += " DATE";
    EXPECT_TRUE(parse_command(many + ") UTF-8 ALL", {}).has_value());
    expect_bad({many + " DATE) UTF-8 ALL"});
}

TEST(ParseExtensions, Contexts) {
    const Search search = read<Search>("a SEARCH RETURN (UPDATE CONTEXT COUNT) UNSEEN");
    EXPECT_TRUE(search.returns->contains(SearchReturn::update));
    EXPECT_TRUE(search.returns->contains(SearchReturn::context));
    EXPECT_EQ(read<CancelUpdate>("a CANCELUPDATE \"b\" \"c\"").tags, (std::vector<std::string>{"b", "c"}));
    expect_bad({"a CANCELUPDATE", "a CANCELUPDATE b", "a SORT RETURN (SAVE) (DATE) UTF-8 ALL"});
}

TEST(ParseExtensions, NextMessage) {
    const auto next = parse_next_message(" (\\Seen) \" 7-Feb-1994 21:52:25 -0800\" {310+}", {});
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(next->size, 310U);
    EXPECT_EQ(next->flags.system, SystemFlags{SystemFlag::seen});
    EXPECT_TRUE(parse_next_message(" UTF8 (~{3}", {})->utf8);
    for (const std::string_view text : {"", "{3}", " x {3}", " (\\Seen {3}", " {3} x"})
        EXPECT_FALSE(parse_next_message(text, {}).has_value()) << text;
}

TEST(ObjectId, IsALetterAndANumber) {
    EXPECT_EQ(object_id(ObjectKind::mailbox, 7), "F7");
    EXPECT_EQ(parse_object_id(ObjectKind::email, "M4294967295"), 4294967295U);
    for (const std::string_view text : {"", "M", "m7", "T7", "M07", "M7x", "M-7", "7"})
        EXPECT_FALSE(parse_object_id(ObjectKind::email, text).has_value()) << text;
    EXPECT_TRUE(is_object_id("a-_9"));
    EXPECT_FALSE(is_object_id(std::string(256, 'a')));
}

// RFC 9394 §3.1: places count from either end, in either order, and what is beyond the results is left out.
TEST(PartialRange, TakesSomeOfTheResults) {
    const NumberRanges ranges{{1, 3}, {7, 7}, {9, 12}};
    const auto part = [&](std::uint32_t from, std::uint32_t to, bool from_end = false) {
        return to_string(part_of(ranges, {from, to, from_end}));
    };
    EXPECT_EQ(part(1, 4), "1:3,7");
    EXPECT_EQ(part(5, 3), "3,7,9");
    EXPECT_EQ(part(8, 100), "12");
    EXPECT_EQ(part(9, 100), "");
    EXPECT_EQ(part(1, 2, true), "11:12");
    EXPECT_EQ(part(6, 4, true), "3,7,9");
    EXPECT_EQ(part(8, 4294967295, true), "1");
    EXPECT_EQ(part(9, 10, true), "");
    EXPECT_EQ(to_string(PartialRange{1, 100, true}), "-1:-100");
    EXPECT_TRUE(part_of({}, {1, 1}).empty());
}

} // namespace
} // namespace tegami::imap
