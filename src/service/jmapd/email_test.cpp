// Email/get, Email/changes, Thread/get and Thread/changes over HTTPS.
#include "service/jmapd/changes_state.h"
#include "service/jmapd/email_fixture.h"

#include <fmt/chrono.h>

#include <set>

namespace tegami::jmapd::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// web-face statements 20 and 21
TEST_F(EmailTest, AnEmailHasWhatItsMessagesAndItsHeaderSay) {
    using store::Flag;
    const store::EmailId email =
        append(std::string(kLetter), {{mailbox("INBOX")->id, {Flag::seen, Flag::flagged}, {"Work"}},
                                      {mailbox("Archive")->id, {Flag::seen}, {}}});
    const json::object own = get(email, "'id','threadId','mailboxIds','keywords','size','receivedAt'");
    EXPECT_EQ(own, from(fmt::format(
                       "{{'id':'{0}','threadId':'T{1}','mailboxIds':{{'{2}':true,'{3}':true}},"
                       "'keywords':{{'$seen':true,'$flagged':true,'work':true}},'size':{4},'receivedAt':'{5:%FT%T}Z'}}",
                       id_of(email), email.value, mailbox_id("INBOX"), mailbox_id("Archive"), kLetter.size(),
                       std::chrono::floor<std::chrono::seconds>(time_.now()))));
    const json::object header = get(email, "'from','to','subject','sentAt','messageId','replyTo','header:X-Odd',"
                                           "'header:x-odd:asText:all','header:X-None','header:X-None:all'");
    EXPECT_EQ(header.at("from"), from("[{'name':'Jo','email':'jo@example.net'}]"));
    EXPECT_EQ(header.at("to"), from("[{'name':null,'email':'anna@b.test'},{'name':'B, o','email':'bo@b.test'}]"));
    EXPECT_EQ(header.at("subject"), "こんにちは");
    EXPECT_EQ(header.at("sentAt"), "2026-12-01T10:00:00+09:00");
    EXPECT_EQ(header.at("messageId"), from("['one@example.net']"));
    EXPECT_EQ(header.at("replyTo"), nullptr);
    EXPECT_EQ(header.at("header:X-Odd"), " again");
    EXPECT_EQ(header.at("header:x-odd:asText:all"), from("['left ÿ right','again']"));
    EXPECT_EQ(get(email, "'header:x-odd:all'").at("header:x-odd:all"), from("['  left \xef\xbf\xbd right',' again']"));
    EXPECT_EQ(header.at("header:X-None"), nullptr);
    EXPECT_EQ(header.at("header:X-None:all"), json::array());
    EXPECT_EQ(get(email, "'headers'").at("headers").as_array().size(), 9U);
}

TEST_F(EmailTest, HeadersOfManyAreReadTogetherHoweverLongTheyAre) {
    std::vector<std::string> ids;
    std::string asked;
    for (const std::size_t size : {10U, 9'000U, 100U, 70'000U, 20U}) {
        const std::string octets = fmt::format("X: {}\r\nSubject: {}\r\n\r\nText\r\n", std::string(size, 'x'), size);
        ids.push_back(id_of(append(octets)));
        asked += fmt::format("{}'{}'", asked.empty() ? "" : ",", ids.back());
    }
    const json::value answer = one("Email/get", "'properties':['subject'],'ids':[" + asked + "]");
    EXPECT_EQ(
        answer.at("list"),
        from(fmt::format("[{{'id':'{}','subject':'10'}},{{'id':'{}','subject':'9000'}},{{'id':'{}','subject':'100'}},"
                         "{{'id':'{}','subject':'70000'}},{{'id':'{}','subject':'20'}}]",
                         ids[0], ids[1], ids[2], ids[3], ids[4])));
}

// web-face statement 22
TEST_F(EmailTest, PartsAndTextsAreShownAsFarAsTheyAreAskedFor) {
    const store::EmailId email = append(std::string(kLetter));
    const json::object lists =
        get(email, "'textBody','htmlBody','attachments','hasAttachment','preview','bodyValues'",
            ",'fetchAllBodyValues':true,'bodyProperties':['partId','blobId','size','type','name']");
    const std::string blob = "B" + std::to_string(email.value);
    EXPECT_EQ(lists.at("textBody"),
              from("[{'partId':'1.1','type':'text/plain','name':null,'blobId':'" + blob + "-1-1','size':15}]"));
    EXPECT_EQ(lists.at("htmlBody").at(0).at("partId"), "1.2");
    EXPECT_EQ(lists.at("attachments"),
              from("[{'partId':'2','type':'application/pdf','name':'a.pdf','blobId':'" + blob + "-2','size':11}]"));
    EXPECT_EQ(lists.at("hasAttachment"), true);
    EXPECT_EQ(lists.at("preview"), "Hello あ there");
    EXPECT_EQ(lists.at("bodyValues").at("1.1"),
              from("{'value':'Hello あ there','isEncodingProblem':false,'isTruncated':false}"));
    EXPECT_EQ(lists.at("bodyValues").as_object().size(), 2U);
    const json::object cut = get(email, "'bodyValues'", ",'fetchTextBodyValues':true,'maxBodyValueBytes':8");
    EXPECT_EQ(cut.at("bodyValues"), from("{'1.1':{'value':'Hello ','isEncodingProblem':false,'isTruncated':true}}"));
    EXPECT_EQ(get(email, "'bodyValues'").at("bodyValues"), json::object());
    const json::object tree =
        get(email, "'bodyStructure'", ",'bodyProperties':['type','subParts','header:Content-Disposition']");
    EXPECT_EQ(tree.at("bodyStructure").at("type"), "multipart/mixed");
    EXPECT_EQ(tree.at("bodyStructure").at("subParts").at(1).at("header:Content-Disposition"), " attachment");
    EXPECT_EQ(tree.at("bodyStructure").at("subParts").at(0).at("subParts").as_array().size(), 2U);
}

TEST_F(EmailTest, WithoutPropertiesThoseOfTheStandardAreThere) {
    const store::EmailId email = append(std::string(kLetter));
    const json::value answer = one("Email/get", fmt::format("'ids':['{}']", id_of(email)));
    std::set<std::string> names;
    for (const auto& [name, value] : answer.at("list").at(0).as_object())
        names.insert(std::string(name));
    EXPECT_EQ(names, (std::set<std::string>{
                         "id",        "blobId",    "threadId",   "mailboxIds", "keywords",      "size",    "receivedAt",
                         "messageId", "inReplyTo", "references", "sender",     "from",          "to",      "cc",
                         "bcc",       "replyTo",   "subject",    "sentAt",     "hasAttachment", "preview", "bodyValues",
                         "textBody",  "htmlBody",  "attachments"}));
}

// web-face statement 23
TEST_F(EmailTest, WhatCannotBeAskedIsSaid) {
    const store::EmailId email = append(note("a"));
    const std::string id = id_of(email);
    EXPECT_EQ(error("Email/get", "'ids':['" + id + "'],'properties':['colour']"), "error: invalidArguments properties");
    EXPECT_EQ(error("Email/get", "'ids':['" + id + "'],'bodyProperties':['colour']"),
              "error: invalidArguments bodyProperties");
    EXPECT_TRUE(error("Email/get", "'ids':['" + id + "'],'properties':['header:From:asDate']")
                    .starts_with("error: invalidArguments"));
    EXPECT_EQ(error("Email/get", "'ids':[],'maxBodyValueBytes':-1"), "error: invalidArguments maxBodyValueBytes");
    EXPECT_EQ(error("Email/get", "'ids':[],'colour':1"), "error: invalidArguments colour");
    const json::value answer = one("Email/get", "'ids':['" + id + "','" + id + "','M999','x'],'properties':['id']");
    EXPECT_EQ(answer.at("list"), from("[{'id':'" + id + "'}]"));
    EXPECT_EQ(answer.at("notFound"), from("['M999','x']"));
    for (int more = 0; more < 20; ++more)
        append(note("b"));
    EXPECT_EQ(error("Email/get", "'ids':null"), "error: requestTooLarge");
    EXPECT_EQ(error("Thread/get", "'ids':['T1'],'properties':['colour']"), "error: invalidArguments properties");
    EXPECT_EQ(error("Email/changes", "'sinceState':1"), "error: invalidArguments sinceState");
    EXPECT_EQ(error("Email/changes", "'sinceState':'1','maxChanges':0"), "error: invalidArguments maxChanges");
    for (const char* const never : {"99999", "x", "", "-1", "1-", "1-2", "1-2-x", "2-1-0", "1-99999-0", "01"})
        EXPECT_EQ(error("Email/changes", fmt::format("'sinceState':'{}'", never)), "error: cannotCalculateChanges")
            << never;
}

TEST_F(EmailTest, AThreadHasItsLettersInTheOrderOfArrival) {
    const store::EmailId first = append(note("a"));
    const store::EmailId second = append(note("b", "a"));
    const json::value answer = one("Thread/get", fmt::format("'ids':['T{}','T77']", first.value));
    EXPECT_EQ(answer.at("list"),
              from(fmt::format("[{{'id':'T{}','emailIds':['{}','{}']}}]", first.value, id_of(first), id_of(second))));
    EXPECT_EQ(answer.at("notFound"), from("['T77']"));
    const std::string before(answer.at("state").as_string());
    append(note("c", "b"));
    const json::value changes = one("Thread/changes", "'sinceState':'" + before + "'");
    EXPECT_EQ(changes.at("updated"), from(fmt::format("['T{}']", first.value)));
    EXPECT_EQ(changes.at("oldState"), json::string(before));
    EXPECT_EQ(changes.at("newState"), json::string(state()));
    flag("INBOX", {2}, {store::FlagChange::Mode::add, {store::Flag::seen}, {}});
    EXPECT_EQ(one("Thread/changes", "'sinceState':'" + state() + "'").at("updated"), json::array());
}

TEST_F(EmailTest, LettersMarkedDeletedAreNotThere) {
    const store::EmailId email = append(note("a"));
    const std::string before = state();
    flag("INBOX", {1}, {store::FlagChange::Mode::add, {store::Flag::deleted}, {}});
    EXPECT_EQ(one("Email/get", "'ids':['" + id_of(email) + "']").at("notFound"), from("['" + id_of(email) + "']"));
    EXPECT_EQ(one("Thread/get", "'ids':null").at("list"), json::array());
    EXPECT_EQ(one("Email/changes", "'sinceState':'" + before + "'").at("destroyed"), from("['" + id_of(email) + "']"));
}

// web-face statements 2 and 4
TEST_F(EmailTest, AClientThatFollowsTheChangesKnowsWhatIsThere) {
    SeededRandom random(3);
    std::set<std::string> known;
    std::set<std::string> ever;
    std::string since = state();
    for (int round = 0; round < 12; ++round) {
        for (std::uint64_t count = random.below(3); count > 0; --count)
            append(note(std::to_string(random.below(1000))));
        const store::ViewPtr view = run(annas()->open(mailbox("INBOX")->id)).value()->view();
        store::UidSet some;
        for (const store::Uid uid : view->uids())
            if (random.below(3) == 0) some.add(uid);
        switch (random.below(4)) {
        case 0: EXPECT_TRUE(run(annas()->move(mailbox("INBOX")->id, some, mailbox("Archive")->id))); break;
        case 1: EXPECT_TRUE(run(annas()->expunge(mailbox("INBOX")->id, some, store::Account::Expunge::forced))); break;
        case 2: flag("INBOX", some, {store::FlagChange::Mode::add, {store::Flag::deleted}, {}}); break;
        default: flag("INBOX", some, {store::FlagChange::Mode::remove, {store::Flag::deleted}, {}}); break;
        }
        for (bool more = true; more;) {
            const json::value told = one("Email/changes", "'sinceState':'" + since + "','maxChanges':2");
            const json::array& created = told.at("created").as_array();
            const json::array& destroyed = told.at("destroyed").as_array();
            ASSERT_LE(created.size() + destroyed.size() + told.at("updated").as_array().size(), 2U);
            for (const json::value& id : created)
                EXPECT_TRUE(known.insert(std::string(id.as_string())).second);
            ever.insert(known.begin(), known.end());
            for (const json::value& id : destroyed)
                EXPECT_EQ(known.erase(std::string(id.as_string())), 1U) << write_json(id);
            since = told.at("newState").as_string();
            more = told.at("hasMoreChanges").as_bool();
        }
        std::set<std::string> there;
        for (const json::value& email : one("Email/get", "'ids':null,'properties':['id']").at("list").as_array())
            there.insert(std::string(email.at("id").as_string()));
        EXPECT_EQ(known, there);
        EXPECT_EQ(since, state());
    }
    EXPECT_GT(ever.size(), 5U);
}

TEST(ChangesState, IsReadAsItIsWritten) {
    const ChangesState between{.since = store::Version(3), .until = store::Version(9), .last = 12};
    EXPECT_EQ(text_of(between), "3-9-12");
    EXPECT_EQ(parse_changes_state("3-9-12"), between);
    EXPECT_EQ(parse_changes_state("3"), ChangesState{.since = store::Version(3)});
}

} // namespace
} // namespace tegami::jmapd::testing
