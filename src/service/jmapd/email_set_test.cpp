// Email/set (RFC 8621 §4.6) over HTTPS: updates and what is destroyed. What it makes is in email_create_test.cpp.
#include "service/jmapd/email_fixture.h"

#include <fmt/format.h>

#include <set>

namespace tegami::jmapd::testing {
namespace {

using store::Flag;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class EmailSetTest : public EmailTest {
protected:
    /// The answer to a patch of one email: "done", or the error and the properties it names.
    std::string update(store::EmailId email, std::string_view patch) {
        const json::value answer = one("Email/set", fmt::format("'update':{{'{}':{}}}", id_of(email), patch));
        if (!answer.is_object()) return write_json(answer);
        const auto& updated = answer.at("updated");
        if (updated.is_object() && updated.as_object().contains(id_of(email))) return "done";
        return text_of_fault(answer.at("notUpdated").at(id_of(email)).as_object());
    }

    json::value keywords(store::EmailId email) { return get(email, "'keywords'").at("keywords"); }

    json::value mailboxes(store::EmailId email) { return get(email, "'mailboxIds'").at("mailboxIds"); }

    json::value in(std::initializer_list<std::string_view> names) {
        json::object object;
        for (const std::string_view name : names)
            object[mailbox_id(name)] = true;
        return object;
    }
};

// web-face statements 9 and 21
TEST_F(EmailSetTest, KeywordsAreSetOneByOneOrAllAtOnce) {
    const store::EmailId email = append(note("a"), {{mailbox("INBOX")->id, {Flag::seen}, {"Work"}}});
    EXPECT_EQ(update(email, "{'keywords/$FLAGGED':true,'keywords/WORK':null,'keywords/never':null}"), "done");
    EXPECT_EQ(keywords(email), from("{'$seen':true,'$flagged':true}"));
    EXPECT_EQ(update(email, "{'keywords':{'$Draft':true,'New':true}}"), "done");
    EXPECT_EQ(keywords(email), from("{'$draft':true,'new':true}"));
    const std::string before = state();
    EXPECT_EQ(update(email, "{'keywords/NEW':true,'keywords/gone':null}"), "done");
    EXPECT_EQ(state(), before) << "the same again changes nothing";
    EXPECT_EQ(update(email, "{'keywords':null}"), "done");
    EXPECT_EQ(keywords(email), json::object());
    for (const char* const patch :
         {"{'keywords/x':false}", "{'keywords':{'x':false}}", "{'keywords':{'x':1}}", "{'keywords':['x']}",
          "{'keywords/a b':true}", "{'keywords/(':true}", "{'keywords/\\u00e4':true}", "{'keywords/':true}"})
        EXPECT_EQ(update(email, patch), "invalidProperties keywords") << patch;
    std::string many = "{'keywords':{";
    for (int count = 0; count < 101; ++count)
        many += fmt::format("'k{}':true,", count);
    many.back() = '}';
    EXPECT_EQ(update(email, many + "}"), "tooManyKeywords");
    EXPECT_EQ(keywords(email), json::object());
}

// web-face statements 9 and 13
TEST_F(EmailSetTest, AnEmailGoesFromMailboxToMailboxAndKeepsOne) {
    const store::EmailId email = append(note("a"), {{mailbox("INBOX")->id, {Flag::flagged}, {"Work"}}});
    const std::string inbox = mailbox_id("INBOX");
    const std::string archive = mailbox_id("Archive");
    EXPECT_EQ(update(email, fmt::format("{{'mailboxIds/{}':true}}", archive)), "done");
    EXPECT_EQ(mailboxes(email), in({"INBOX", "Archive"}));
    EXPECT_EQ(update(email, fmt::format("{{'mailboxIds/{}':null,'keywords/$seen':true}}", inbox)), "done");
    EXPECT_EQ(mailboxes(email), in({"Archive"}));
    EXPECT_EQ(keywords(email), from("{'$flagged':true,'$seen':true,'work':true}"));
    EXPECT_EQ(update(email, fmt::format("{{'mailboxIds':{{'{}':true}}}}", mailbox_id("Trash"))), "done");
    EXPECT_EQ(mailboxes(email), in({"Trash"}));
    for (const std::string& patch :
         {fmt::format("{{'mailboxIds/{}':null}}", mailbox_id("Trash")), std::string("{'mailboxIds':{}}"),
          std::string("{'mailboxIds':null}"), fmt::format("{{'mailboxIds/{}':false}}", mailbox_id("Trash")),
          std::string("{'mailboxIds/F999':true}"), std::string("{'mailboxIds/#new':true}")})
        EXPECT_EQ(update(email, patch), "invalidProperties mailboxIds") << patch;
    EXPECT_EQ(mailboxes(email), in({"Trash"}));
}

// web-face statement 10
TEST_F(EmailSetTest, WhatTheServerSetsMayBeSaidAsItIs) {
    const store::EmailId email = append(std::string(kLetter));
    json::object whole = get(email, "'id','blobId','threadId','size','receivedAt','subject','from','keywords'");
    whole["keywords"].as_object()["$seen"] = true;
    whole["replyTo"] = nullptr;
    std::string text = write_json(whole);
    EXPECT_EQ(update(email, text), "done");
    EXPECT_EQ(keywords(email), from("{'$seen':true}"));
    EXPECT_EQ(update(email, "{'keywords/x':true,'subject':'other'}"), "invalidProperties subject");
    EXPECT_EQ(update(email, "{'size':null,'threadId':'T77'}"), "invalidProperties size,threadId");
    EXPECT_EQ(update(email, "{'colour':1}"), "invalidProperties colour");
    EXPECT_EQ(update(email, "{'from/0/name':'x'}"), "invalidPatch from/0/name");
    EXPECT_EQ(update(email, "{'keywords':{},'keywords/x':true}"), "invalidPatch keywords/x");
    EXPECT_EQ(update(email, "{'keywords/A':true,'keywords/a':null}"), "invalidPatch keywords/a");
    EXPECT_EQ(update(email, "{'keywords/a/b':true}"), "invalidPatch keywords/a/b");
    EXPECT_EQ(update(email, "{'keywords/12':true}"), "done") << "a token of digits is a key";
    EXPECT_EQ(keywords(email), from("{'$seen':true,'12':true}"));
}

// web-face statements 11 and 12
TEST_F(EmailSetTest, OneBadRecordNeverStopsTheOthers) {
    const store::EmailId first = append(note("a"));
    const store::EmailId second = append(note("b"));
    const store::EmailId third = append(note("c"));
    const std::string before = state();
    EXPECT_EQ(error("Email/set", fmt::format("'ifInState':'{}9','destroy':['{}']", before, id_of(first))),
              "error: stateMismatch");
    const json::array responses =
        call(fmt::format("['Mailbox/set',{{'accountId':'ACCOUNT','create':{{'box':{{'name':'Box'}}}}}},'a'],"
                         "['Email/set',{{'accountId':'ACCOUNT','update':{{'{}':{{'mailboxIds/#box':true}}}}}},'b']",
                         id_of(first)));
    ASSERT_EQ(responses.size(), 2U);
    EXPECT_EQ(responses[1].at(1).at("updated"), from(fmt::format("{{'{}':null}}", id_of(first))));
    const json::value answer =
        one("Email/set", fmt::format("'ifInState':'{3}','update':{{'{0}':{{'keywords/$seen':true}},"
                                     "'{1}':{{'keywords/$seen':true,'mailboxIds':{{}}}},'{2}':{{'keywords/x':true}},"
                                     "'M999':{{'keywords/x':true}},'x':{{}}}},'destroy':['{2}','M998','{2}']",
                                     id_of(first), id_of(second), id_of(third), state()));
    EXPECT_EQ(answer.at("updated"), from(fmt::format("{{'{}':null}}", id_of(first))));
    EXPECT_EQ(answer.at("destroyed"), from(fmt::format("['{}']", id_of(third))));
    std::map<std::string, std::string> refused;
    for (const auto& [id, fault] : answer.at("notUpdated").as_object())
        refused[std::string(id)] = text_of_fault(fault.as_object());
    EXPECT_THAT(refused, UnorderedElementsAre(std::pair(id_of(second), "invalidProperties mailboxIds"),
                                              std::pair(id_of(third), "willDestroy"), std::pair("M999", "notFound"),
                                              std::pair("x", "notFound")));
    EXPECT_EQ(answer.at("notDestroyed"), from("{'M998':{'type':'notFound'}}"));
    EXPECT_EQ(answer.at("newState"), json::string(state()));
    EXPECT_EQ(mailboxes(first), in({"INBOX", "Box"}));
    EXPECT_EQ(keywords(second), json::object()) << "whole, or not at all";
    EXPECT_EQ(one("Email/get", "'ids':['" + id_of(third) + "']").at("list"), json::array());
}

// web-face statement 13
TEST_F(EmailSetTest, WhatIsDestroyedIsGoneEverywhere) {
    const store::EmailId email =
        append(note("a"), {{mailbox("INBOX")->id, {}, {}}, {mailbox("Archive")->id, {Flag::deleted}, {}}});
    const std::string before = state();
    const json::value answer = one("Email/set", fmt::format("'destroy':['{}']", id_of(email)));
    EXPECT_EQ(answer.at("oldState"), json::string(before));
    EXPECT_EQ(answer.at("destroyed"), from(fmt::format("['{}']", id_of(email))));
    EXPECT_EQ(mailbox("INBOX")->messages + mailbox("Archive")->messages, 0U);
    EXPECT_EQ(one("Email/changes", "'sinceState':'" + before + "'").at("destroyed"), answer.at("destroyed"));
}

TEST_F(EmailSetTest, AsManyEmailsAsOneCallTakesAreOneCommit) {
    std::string patches;
    for (int count = 0; count < 10; ++count)
        patches += fmt::format("'{}':{{'keywords/$seen':true}},", id_of(append(note(std::to_string(count)))));
    patches.pop_back();
    const std::uint64_t before = annas()->mailboxes()->version().value;
    EXPECT_EQ(one("Email/set", "'update':{" + patches + "}").at("updated").as_object().size(), 10U);
    EXPECT_EQ(annas()->mailboxes()->version().value, before + 1);
    EXPECT_EQ(mailbox("INBOX")->unseen, 0U);
    EXPECT_EQ(error("Email/set", "'update':{" + patches + ",'x':{}}"), "error: requestTooLarge");
}

} // namespace
} // namespace tegami::jmapd::testing
