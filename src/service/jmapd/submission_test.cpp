// EmailSubmission/* (RFC 8621 §7): letters from a mailbox through the product's reception, queue and relay to an account here
// and to a server of others.
#include "service/jmapd/sending_fixture.h"

#include <fmt/format.h>

namespace tegami::jmapd::testing {
namespace {

using tegami::testing::address;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view kPlans = "From: Anna <anna@b.test>\r\n"
                                    "To: Ben <ben@b.test>, cleo@c.test\r\n"
                                    "Cc: BEN@b.test\r\n"
                                    "Bcc: Dora <dora@c.test>\r\n"
                                    "Subject: plans\r\n"
                                    "Date: Fri, 27 Nov 2026 10:00:00 +0000\r\n"
                                    "Message-ID: <1@b.test>\r\n"
                                    "\r\n"
                                    "Hello\r\n";

class SubmissionTest : public SendingTest {
protected:
    /// Its email id.
    std::string draft(std::string_view octets = kPlans) {
        return id_of(append(std::string(octets), {{mailbox("Drafts")->id, {store::Flag::draft}, {}}}));
    }

    std::string wanted(std::string_view email, std::string_view envelope = {}) const {
        return fmt::format("{{'identityId':'{}','emailId':'{}'{}{}}}", identity_, email,
                           envelope.empty() ? "" : ",'envelope':", envelope);
    }

    static std::string envelope(std::string_view to, std::string_view parameters = "null",
                                std::string_view sender = "anna@b.test") {
        return fmt::format("{{'mailFrom':{{'email':'{}','parameters':{}}},'rcptTo':[{}]}}", sender, parameters, to);
    }

    static std::string recipient(std::string_view email) {
        return fmt::format("{{'email':'{}','parameters':null}}", email);
    }

    /// The created object, or its error.
    json::value create(std::string_view properties) {
        const json::value answer = one("EmailSubmission/set", fmt::format("'create':{{'k':{}}}", properties));
        if (!answer.is_object()) return answer;
        if (const auto* const created = answer.at("created").if_object()) return created->at("k");
        return answer.at("notCreated").at("k");
    }

    /// The id, or the fault in words.
    std::string send(std::string_view properties) {
        const json::value created = create(properties);
        if (!created.is_object()) return "no object";
        const json::object& object = created.as_object();
        return object.contains("id") ? std::string(object.at("id").as_string()) : text_of_fault(object);
    }

    json::value shown(std::string_view id) {
        const json::value answer = one("EmailSubmission/get", fmt::format("'ids':['{}']", id));
        return answer.at("list").as_array().empty() ? json::value("none") : answer.at("list").at(0);
    }

    std::string update(std::string_view id, std::string_view patch) {
        const json::value answer = one("EmailSubmission/set", fmt::format("'update':{{'{}':{}}}", id, patch));
        if (answer.at("updated").is_object()) return "updated";
        return text_of_fault(answer.at("notUpdated").as_object().begin()->value().as_object());
    }

    std::string state() { return std::string(one("EmailSubmission/get", "'ids':[]").at("state").as_string()); }

    static std::string hold(std::string_view name, std::string_view value) {
        return fmt::format("{{'{}':'{}'}}", name, value);
    }
};

// web-face statement 27
TEST_F(SubmissionTest, ALetterGoesToAllItNamesWithoutItsBcc) {
    relay::Sink sink(&time_, &network_, "192.0.2.9");
    start_relay();
    const std::string email = draft();
    const json::value created = create(wanted(email));
    ASSERT_TRUE(created.as_object().contains("id")) << write_json(created);
    EXPECT_EQ(created.at("undoStatus"), "final");
    EXPECT_EQ(created.at("envelope"), from(envelope(recipient("ben@b.test") + "," + recipient("cleo@c.test") + "," +
                                                    recipient("dora@c.test"))));
    time_.run_for(std::chrono::seconds(30));

    ASSERT_THAT(sink.taken, SizeIs(1));
    EXPECT_THAT(sink.commands,
                AllOf(Contains(HasSubstr("RCPT TO:<cleo@c.test>")), Contains(HasSubstr("RCPT TO:<dora@c.test>")),
                      Contains(HasSubstr("MAIL FROM:<anna@b.test>"))));
    EXPECT_THAT(sink.taken.front(), AllOf(HasSubstr("Received: by mail.b.test"), HasSubstr("with JMAP id "),
                                          HasSubstr("To: Ben"), Not(HasSubstr("Bcc")), Not(HasSubstr("Return-Path"))));
    ASSERT_THAT(mail_of(ben_), SizeIs(1));
    EXPECT_THAT(mail_of(ben_).front(), AllOf(HasSubstr("Return-Path: <anna@b.test>"), Not(HasSubstr("Bcc"))));
    // What the sender keeps is as it was.
    const std::vector<store::EmailId> ids{*parse_email_id(email)};
    EXPECT_EQ(octets_of(run(annas()->emails(ids)).value().front()->blob), kPlans);

    const json::value now = shown(created.at("id").as_string());
    EXPECT_EQ(now.at("deliveryStatus").at("ben@b.test").at("delivered"), "yes");
    EXPECT_EQ(now.at("deliveryStatus").at("cleo@c.test"),
              from("{'smtpReply':'250 2.0.0 ok','delivered':'unknown','displayed':'unknown'}"));
    EXPECT_EQ(now.at("threadId"), created.at("threadId"));
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(SubmissionTest, WhatBecomesOfItIsAChange) {
    relay::Sink sink(&time_, &network_, "192.0.2.9");
    sink.answers["RCPT TO:<busy@"] = "450 4.2.1 come again";
    start_relay();
    const std::string before = state();
    const std::string id = send(wanted(draft(), envelope(recipient("nobody@c.test") + "," + recipient("busy@c.test"))));
    const json::value made = one("EmailSubmission/changes", "'sinceState':'" + before + "'");
    EXPECT_EQ(made.at("created"), from("['" + id + "']"));
    const std::string sent = state();
    time_.run_for(std::chrono::seconds(30));
    const json::value changed = one("EmailSubmission/changes", "'sinceState':'" + sent + "'");
    EXPECT_EQ(changed.at("updated"), from("['" + id + "']"));
    EXPECT_EQ(changed.at("newState"), json::string(state()));
    EXPECT_EQ(shown(id).at("deliveryStatus"),
              from("{'nobody@c.test':{'smtpReply':'550 5.1.1 no such user','delivered':'no','displayed':'unknown'},"
                   "'busy@c.test':{'smtpReply':'450 4.2.1 come again','delivered':'queued','displayed':'unknown'}}"));
    EXPECT_EQ(state(), std::string(changed.at("newState").as_string()));
    EXPECT_EQ(shown(id).at("undoStatus"), "final");
    EXPECT_EQ(update(id, "{'undoStatus':'canceled'}"), "cannotUnsend");
}

// web-face statement 27
TEST_F(SubmissionTest, WhoSendsItIsInSenderOrFromOrTheIdentity) {
    const auto sender_of = [this](std::string_view header) {
        const json::value created = create(wanted(draft(std::string(header) + "To: ben@b.test\r\n\r\nx\r\n")));
        if (const auto* const envelope_of = created.as_object().if_contains("envelope"))
            return std::string(envelope_of->at("mailFrom").at("email").as_string());
        return text_of_fault(created.as_object());
    };
    EXPECT_EQ(sender_of("From: anna+a@b.test\r\n"), "anna+a@b.test");
    EXPECT_EQ(sender_of("From: anna+a@b.test\r\nSender: anna+b@b.test\r\n"), "anna+b@b.test");
    EXPECT_EQ(sender_of("From: anna@b.test\r\nSender: host@c.test\r\n"), "anna@b.test");
    EXPECT_EQ(sender_of("From: anna@b.test, anna+a@b.test\r\n"), "invalidEmail from");
    EXPECT_EQ(sender_of("From: anna@b.test, anna+a@b.test\r\nSender: anna@b.test\r\n"), "anna@b.test");
    EXPECT_EQ(sender_of("From: ben@b.test\r\n"), "forbiddenFrom");
    EXPECT_EQ(sender_of("Subject: nobody's\r\n"), "invalidEmail from");
    EXPECT_THAT(queued(), SizeIs(4));
}

// web-face statement 27
TEST_F(SubmissionTest, WhatCannotBeSentIsRefusedByItsName) {
    const std::string email = draft();
    EXPECT_EQ(send("{'identityId':'I999','emailId':'" + email + "'}"), "invalidProperties identityId");
    EXPECT_EQ(send(wanted("M999")), "invalidProperties emailId");
    EXPECT_EQ(send("{'identityId':'I999','emailId':'x','sendAt':'2026-11-27T00:00:00Z'}"),
              "invalidProperties emailId,identityId,sendAt");
    EXPECT_EQ(send(wanted(draft("From: anna@b.test\r\nTo: friends:;\r\n\r\nx\r\n"))), "noRecipients");
    EXPECT_EQ(send(wanted(email, envelope(""))), "noRecipients");
    EXPECT_EQ(send(wanted(email, envelope(recipient("ben@b.test"), "null", "ben@b.test"))), "forbiddenMailFrom");
    EXPECT_EQ(send(wanted(email, envelope(recipient("ben@b.test"), "null", "nonsense"))), "invalidProperties envelope");
    EXPECT_EQ(send(wanted(email, "{'mailFrom':{'email':'anna@b.test'}}")), "invalidProperties envelope");
    EXPECT_EQ(send(wanted(email, envelope(recipient("ben@b.test"), "{'COLOUR':'red'}"))), "invalidProperties envelope");

    const json::value invalid =
        create(wanted(email, envelope(recipient("nobody@b.test") + "," + recipient("ben@b.test") + "," +
                                      recipient("no address") + "," + recipient("no.one@b.test"))));
    EXPECT_EQ(invalid.at("type"), "invalidRecipients");
    EXPECT_EQ(invalid.at("invalidRecipients"), from("['no address','nobody@b.test','no.one@b.test']"));

    std::string many;
    for (int number = 0; number < 1001; ++number)
        many += fmt::format("{}{}", many.empty() ? "" : ",", recipient(fmt::format("r{}@c.test", number)));
    const json::value too_many = create(wanted(email, envelope(many)));
    EXPECT_EQ(too_many.at("type"), "tooManyRecipients");
    EXPECT_EQ(too_many.at("maxRecipients"), 1000);
    const json::value large = create(wanted(draft(std::string(kPlans) + std::string(200'000, 'x'))));
    EXPECT_EQ(large.at("type"), "tooLarge");
    EXPECT_EQ(large.at("maxSize"), 200'000);
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_THAT(one("EmailSubmission/get", "").at("list").as_array(), IsEmpty());
}

// web-face statement 26
TEST_F(SubmissionTest, WhatWorkedChangesItsEmailInOneEmailSet) {
    const std::string good = draft();
    const std::string other = draft();
    const std::string moved = fmt::format("{{'mailboxIds/{}':null,'mailboxIds/{}':true,'keywords/$draft':null}}",
                                          mailbox_id("Drafts"), mailbox_id("Sent"));
    const json::array responses = call(fmt::format(
        "['EmailSubmission/set',{{'accountId':'ACCOUNT','create':{{'good':{},'bad':{},'gone':{}}},"
        "'onSuccessUpdateEmail':{{'#good':{},'#bad':{},'{}':{}}},'onSuccessDestroyEmail':['#gone','#bad']}},'x'],"
        "['Email/get',{{'accountId':'ACCOUNT','ids':['{}'],'properties':['mailboxIds','keywords']}},'y']",
        wanted(good), wanted("M999"), wanted(other), moved, moved, good, moved, good));
    ASSERT_THAT(responses, SizeIs(3));
    EXPECT_THAT(responses[0].at(1).at("created").as_object(), SizeIs(2));
    EXPECT_THAT(responses[0].at(1).at("notCreated").as_object(), SizeIs(1));
    EXPECT_EQ(responses[1].at(0), "Email/set");
    EXPECT_EQ(responses[1].at(2), "x");
    EXPECT_EQ(responses[1].at(1).at("updated"), from("{'" + good + "':null}"));
    EXPECT_EQ(responses[1].at(1).at("destroyed"), from("['" + other + "']"));
    EXPECT_EQ(responses[2].at(1).at("list").at(0).at("mailboxIds"), from("{'" + mailbox_id("Sent") + "':true}"));
    EXPECT_EQ(responses[2].at(1).at("list").at(0).at("keywords"), from("{}"));

    // A failure of its own is shown; without success there is none.
    const json::array wrong = call(fmt::format("['EmailSubmission/set',{{'accountId':'ACCOUNT','create':{{'k':{}}},"
                                               "'onSuccessUpdateEmail':{{'#k':{{'subject':'x'}}}}}},'x']",
                                               wanted(good)));
    ASSERT_THAT(wrong, SizeIs(2));
    EXPECT_TRUE(wrong[1].at(1).at("notUpdated").as_object().contains(good));
    EXPECT_THAT(call(fmt::format("['EmailSubmission/set',{{'accountId':'ACCOUNT','create':{{'k':{}}},"
                                 "'onSuccessDestroyEmail':['#k']}},'x']",
                                 wanted("M999"))),
                SizeIs(1));
    EXPECT_EQ(one("EmailSubmission/set", "'onSuccessUpdateEmail':{'#k':'x'}"),
              "error: invalidArguments onSuccessUpdateEmail");
}

// web-face statement 28
TEST_F(SubmissionTest, AHeldLetterIsSentAtItsMoment) {
    start_relay();
    const std::string email = draft();
    const json::value created = create(wanted(email, envelope(recipient("ben@b.test"), hold("HOLDFOR", "3600"))));
    ASSERT_TRUE(created.as_object().contains("id")) << write_json(created);
    const std::string id(created.at("id").as_string());
    EXPECT_EQ(created.at("undoStatus"), "pending");
    ASSERT_THAT(queued(), SizeIs(1));
    const Timestamp release = queued().front().message.held_until.value();
    EXPECT_GE(release, time_.now() + std::chrono::seconds(3599));
    EXPECT_EQ(queued().front().message.expires, release + std::chrono::days(5));
    const std::string send_at(shown(id).at("sendAt").as_string());
    EXPECT_EQ(created.at("sendAt"), json::string(send_at));
    // The email may go, and the record: the letter stays (RFC 8621 §7.5).
    EXPECT_TRUE(run(annas()->expunge(mailbox("Drafts")->id, UidSet::all(), store::Account::Expunge::forced)));
    time_.run_for(std::chrono::minutes(50));
    EXPECT_THAT(mail_of(ben_), IsEmpty());
    EXPECT_EQ(shown(id).at("undoStatus"), "pending");
    EXPECT_EQ(one("EmailSubmission/query", "'filter':{'undoStatus':'pending'}").at("ids"), from("['" + id + "']"));
    const std::string before = state();
    time_.run_for(std::chrono::minutes(11));
    EXPECT_THAT(mail_of(ben_), SizeIs(1));
    EXPECT_EQ(one("EmailSubmission/changes", "'sinceState':'" + before + "'").at("updated"), from("['" + id + "']"));
    EXPECT_EQ(shown(id).at("undoStatus"), "final");
    EXPECT_EQ(update(id, "{'undoStatus':'canceled'}"), "cannotUnsend");
    EXPECT_EQ(one("EmailSubmission/query", "'filter':{'undoStatus':'pending'}").at("ids"), json::array());
}

// web-face statement 28
TEST_F(SubmissionTest, AHeldLetterIsTakenBack) {
    start_relay();
    const std::string held =
        send(wanted(draft(), envelope(recipient("ben@b.test"), hold("HOLDUNTIL", "1970-01-02T00:00:00Z"))));
    EXPECT_EQ(shown(held).at("undoStatus"), "final"); // a moment that has passed
    time_.run_for(std::chrono::seconds(10));
    EXPECT_THAT(mail_of(ben_), SizeIs(1));

    const std::string id = send(wanted(draft(), envelope(recipient("ben@b.test"), hold("HOLDFOR", "600"))));
    EXPECT_EQ(update(id, "{'sendAt':'2030-01-01T00:00:00Z'}"), "invalidProperties sendAt");
    EXPECT_EQ(update(id, "{'undoStatus':'final'}"), "invalidProperties undoStatus");
    EXPECT_EQ(update(id, "{'undoStatus':'pending'}"), "updated");
    EXPECT_EQ(shown(id).at("undoStatus"), "pending");
    EXPECT_EQ(update(id, "{'undoStatus':'canceled'}"), "updated");
    EXPECT_EQ(shown(id).at("undoStatus"), "canceled");
    EXPECT_EQ(shown(id).at("deliveryStatus"), json::value());
    EXPECT_EQ(update(id, "{'undoStatus':'canceled'}"), "updated"); // as it is
    EXPECT_THAT(queued(), IsEmpty());
    time_.run_for(std::chrono::hours(1));
    EXPECT_THAT(mail_of(ben_), SizeIs(1));
}

// web-face statement 28
TEST_F(SubmissionTest, DestroyingTheRecordCancelsNothing) {
    start_relay();
    const std::string id = send(wanted(draft(), envelope(recipient("ben@b.test"), hold("HOLDFOR", "600"))));
    const std::string before = state();
    EXPECT_EQ(one("EmailSubmission/set", "'destroy':['" + id + "']").at("destroyed"), from("['" + id + "']"));
    EXPECT_EQ(one("EmailSubmission/changes", "'sinceState':'" + before + "'").at("destroyed"), from("['" + id + "']"));
    EXPECT_EQ(shown(id), "none");
    time_.run_for(std::chrono::hours(1));
    EXPECT_THAT(mail_of(ben_), SizeIs(1));
}

// web-face statement 28
TEST_F(SubmissionTest, ALetterIsHeldForOneMomentOfThirtyDays) {
    const json::value session = JmapTest::get("/jmap/session").json();
    const json::value& capability =
        session.at("accounts").at(id_of(anna_)).at("accountCapabilities").at("urn:ietf:params:jmap:submission");
    EXPECT_EQ(capability.at("maxDelayedSend"), 2'592'000);
    EXPECT_TRUE(capability.at("submissionExtensions").as_object().contains("FUTURERELEASE"));
    const auto tried = [this](std::string_view parameters) {
        return send(wanted(draft(), envelope(recipient("ben@b.test"), parameters)));
    };
    EXPECT_EQ(tried(hold("HOLDFOR", "2592001")), "invalidProperties envelope");
    EXPECT_EQ(tried(hold("HOLDFOR", "-1")), "invalidProperties envelope");
    EXPECT_EQ(tried(hold("HOLDUNTIL", "tomorrow")), "invalidProperties envelope");
    EXPECT_EQ(tried(hold("HOLDUNTIL", "2099-01-01T00:00:00Z")), "invalidProperties envelope");
    EXPECT_EQ(tried("{'HOLDFOR':'5','HOLDUNTIL':'1970-01-01T00:00:00Z'}"), "invalidProperties envelope");
    EXPECT_THAT(tried(hold("holdfor", "2592000")), HasSubstr("S"));
    EXPECT_THAT(queued(), SizeIs(1));
}

// web-face statement 28
TEST_F(SubmissionTest, TheyAreFoundAndSorted) {
    const std::string first_email = draft();
    const std::string second_email = draft();
    const auto held = [&](std::string_view email, std::string_view seconds) {
        return send(wanted(email, envelope(recipient("ben@b.test"), hold("HOLDFOR", seconds))));
    };
    const std::string late = held(first_email, "2000");
    const std::string early = held(second_email, "1000");
    const auto ids = [this](std::string_view arguments) {
        const json::value answer = one("EmailSubmission/query", arguments);
        if (!answer.is_object()) return std::string(answer.as_string());
        std::string all;
        for (const json::value& id : answer.at("ids").as_array())
            all += (all.empty() ? "" : " ") + std::string(id.as_string());
        return all;
    };
    EXPECT_EQ(ids(""), early + " " + late);
    for (const char* const name : {"sentAt", "sendAt"}) {
        EXPECT_EQ(ids(fmt::format("'sort':[{{'property':'{}'}}]", name)), early + " " + late);
        EXPECT_EQ(ids(fmt::format("'sort':[{{'property':'{}','isAscending':false}}]", name)), late + " " + early);
    }
    EXPECT_EQ(ids("'sort':[{'property':'emailId'}]"), late + " " + early);
    EXPECT_EQ(ids("'sort':[{'property':'subject'}]"), "error: unsupportedSort");
    EXPECT_EQ(ids("'filter':{'emailIds':['" + first_email + "']}"), late);
    EXPECT_EQ(ids("'filter':{'identityIds':['I999']}"), "");
    const std::string moment(shown(late).at("sendAt").as_string());
    EXPECT_EQ(ids("'filter':{'before':'" + moment + "'}"), early);
    EXPECT_EQ(ids("'filter':{'after':'" + moment + "'}"), late);
    EXPECT_EQ(ids("'filter':{'after':'soon'}"), "error: invalidArguments filter");
    EXPECT_EQ(ids("'filter':{'subject':'x'}"), "error: unsupportedFilter");

    const std::string since(
        one("EmailSubmission/query", "'filter':{'undoStatus':'pending'}").at("queryState").as_string());
    EXPECT_EQ(update(late, "{'undoStatus':'canceled'}"), "updated");
    const json::value changes =
        one("EmailSubmission/queryChanges", "'filter':{'undoStatus':'pending'},'sinceQueryState':'" + since + "'");
    EXPECT_EQ(changes.at("removed"), from("['" + late + "']"));
    EXPECT_EQ(changes.at("added"), json::array());
}

} // namespace
} // namespace tegami::jmapd::testing
