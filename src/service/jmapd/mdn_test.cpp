// MDN/send and MDN/parse (RFC 9007): a notification through the product's reception and delivery, and what it says when it is read.
#include "service/jmapd/sending_fixture.h"

#include <fmt/format.h>

namespace tegami::jmapd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class MdnTest : public SendingTest {
protected:
    MdnTest() { start_relay(); }

    static std::string letter(std::string_view more = "") {
        return fmt::format(
            "Return-Path: <ben@b.test>\r\nFrom: Ben <ben@b.test>\r\nTo: anna@b.test\r\nSubject: =?UTF-8?Q?plans_"
            "f=C3=BCr_Mai?=\r\nMessage-ID: <1@b.test>\r\nDisposition-Notification-To: Ben <ben@b.test>\r\n{}"
            "\r\nsecret text\r\n",
            more);
    }

    static std::string mdn(std::string_view email, std::string_view more = "") {
        return fmt::format("{{'forEmailId':'{}','disposition':{{'actionMode':'manual-action','sendingMode':"
                           "'mdn-sent-manually','type':'displayed'}}{}{}}}",
                           email, more.empty() ? "" : ",", more);
    }

    static constexpr std::string_view kMark = "{'keywords/$mdnsent':true}";

    std::string arguments(std::string_view wanted, std::string_view patch = kMark) const {
        return fmt::format("'identityId':'{}','send':{{'k':{}}},'onSuccessUpdateEmail':{{'#k':{}}}", identity_, wanted,
                           patch);
    }

    /// The responses to one call.
    json::array send(std::string_view wanted, std::string_view patch = kMark) {
        json::array responses =
            call(fmt::format("['MDN/send',{{'accountId':'ACCOUNT',{}}},'a']", arguments(wanted, patch)));
        run(pause(std::chrono::seconds(1)));
        return responses;
    }

    /// What became of it: "sent", or the fault.
    std::string outcome(std::string_view wanted, std::string_view patch = kMark) {
        const json::array responses = send(wanted, patch);
        const json::object& answer = responses.at(0).at(1).as_object();
        if (responses.at(0).at(0) == "error") return "error: " + text_of_fault(answer);
        if (answer.at("sent").is_object()) return "sent";
        return text_of_fault(answer.at("notSent").at("k").as_object());
    }

    json::value parse(std::string_view blob) { return one("MDN/parse", fmt::format("'blobIds':['{}']", blob)); }
};

TEST_F(MdnTest, IsSentOnceAndTheLetterSaysSo) {
    const std::string email = id_of(append(letter("Original-Recipient: rfc822;sales@b.test\r\n")));
    const json::array responses = send(mdn(email, "'reportingUA':'Mail 1','extensionFields':{'X-Colour':'green'}"));
    ASSERT_THAT(responses, SizeIs(2));
    const json::object& sent = responses.at(0).at(1).at("sent").at("k").as_object();
    EXPECT_EQ(sent.at("finalRecipient"), "rfc822; anna@b.test");
    EXPECT_EQ(sent.at("originalMessageId"), "<1@b.test>");
    EXPECT_EQ(sent.at("originalRecipient"), "rfc822;sales@b.test");
    EXPECT_EQ(sent.at("subject"), "Disposition notification: plans f\xc3\xbcr Mai");
    EXPECT_EQ(sent.at("includeOriginalMessage"), false);
    EXPECT_FALSE(sent.contains("reportingUA") || sent.contains("disposition") || sent.contains("forEmailId"));
    EXPECT_EQ(responses.at(1).at(0), "Email/set");
    EXPECT_TRUE(responses.at(1).at(1).at("updated").as_object().contains(email));
    EXPECT_EQ(
        one("Email/get", fmt::format("'ids':['{}'],'properties':['keywords']", email)).at("list").at(0).at("keywords"),
        from("{'$mdnsent':true}"));
    ASSERT_THAT(mail_of(ben_), SizeIs(1));
    EXPECT_THAT(mail_of(ben_).front(),
                AllOf(HasSubstr("Return-Path: <>\r\n"), HasSubstr("From: anna@b.test\r\n"),
                      HasSubstr("In-Reply-To: <1@b.test>\r\n"), HasSubstr("report-type=disposition-notification"),
                      HasSubstr("Reporting-UA: Mail 1\r\nOriginal-Recipient: rfc822;sales@b.test\r\nFinal-Recipient: "
                                "rfc822; anna@b.test\r\nOriginal-Message-ID: <1@b.test>\r\nDisposition: "
                                "manual-action/MDN-sent-manually; displayed\r\nX-Colour: green\r\n"),
                      Not(HasSubstr("secret text"))));
    EXPECT_EQ(outcome(mdn(email)), "mdnAlreadySent");
    EXPECT_THAT(mail_of(ben_), SizeIs(1));
}

TEST_F(MdnTest, NothingIsSentUnlessTheLetterIsMarked) {
    const std::string email = id_of(append(letter()));
    for (const char* const patch :
         {"{}", "{'keywords/$seen':true}", "{'keywords/$mdnsent':null}", "{'keywords':{'$seen':true}}"})
        EXPECT_EQ(outcome(mdn(email), patch), "error: invalidArguments onSuccessUpdateEmail") << patch;
    EXPECT_EQ(error("MDN/send", fmt::format("'identityId':'{}','send':{{'k':{}}}", identity_, mdn(email))),
              "error: invalidArguments onSuccessUpdateEmail");
    EXPECT_EQ(outcome(mdn(email), "{'keywords/$mdnsent':true,'mailboxIds/none':true}"), "invalidProperties mailboxIds");
    EXPECT_THAT(mail_of(ben_), IsEmpty());
    // By the email, as some drafts of the standard have it; and with all keywords at once.
    const json::array responses =
        call(fmt::format("['MDN/send',{{'accountId':'ACCOUNT','identityId':'{}','send':{{'k':{}}},"
                         "'onSuccessUpdateEmail':{{'{}':{{'keywords':{{'$mdnsent':true}}}}}}}},'a']",
                         identity_, mdn(email), email));
    EXPECT_TRUE(responses.at(0).at(1).at("sent").is_object());
    EXPECT_THAT(responses, SizeIs(2));
}

TEST_F(MdnTest, OnlyAskedForAndNeverToAReport) {
    EXPECT_EQ(outcome(mdn("M99")), "notFound");
    EXPECT_EQ(outcome(mdn(id_of(append("From: ben@b.test\r\n\r\nx\r\n")))), "notFound");
    EXPECT_EQ(outcome(mdn(id_of(append("Disposition-Notification-To: nobody\r\n\r\nx\r\n")))), "notFound");
    EXPECT_EQ(outcome(mdn(id_of(append(letter("Auto-Submitted: auto-replied\r\n"))))), "forbidden");
    EXPECT_EQ(outcome(mdn(id_of(append(letter("Content-Type: multipart/report; boundary=b\r\n"))))), "forbidden");
    EXPECT_EQ(outcome(mdn(id_of(append(letter("Auto-Submitted: no\r\n"))))), "sent");
    EXPECT_EQ(error("MDN/send", "'identityId':'I99','send':{}"), "error: invalidArguments identityId");
    EXPECT_EQ(error("MDN/send", "'identityId':'I99'"), "error: invalidArguments send");
}

// RFC 8098 §2.1
TEST_F(MdnTest, ByItselfAProgramAnswersTheSenderAlone) {
    const auto automatic = [](std::string_view email) {
        return fmt::format("{{'forEmailId':'{}','disposition':{{'actionMode':'manual-action','sendingMode':"
                           "'mdn-sent-automatically','type':'displayed'}}}}",
                           email);
    };
    EXPECT_EQ(
        outcome(automatic(id_of(append("Return-Path: <list@c.test>\r\n" + letter().substr(letter().find("From")))))),
        "forbidden");
    EXPECT_EQ(outcome(automatic(id_of(append(letter("Disposition-Notification-To: cleo@c.test\r\n"))))), "forbidden");
    EXPECT_EQ(outcome(automatic(id_of(append(letter())))), "sent");
}

TEST_F(MdnTest, WhatIsNoNotificationIsNotSent) {
    const std::string email = id_of(append(letter()));
    EXPECT_EQ(outcome(mdn(email, "'finalRecipient':'rfc822; ben@b.test'")), "forbiddenFrom");
    EXPECT_EQ(outcome(mdn(email, "'finalRecipient':'ben@b.test'")), "invalidProperties finalRecipient");
    EXPECT_EQ(outcome(mdn(email, "'originalMessageId':'<2@b.test>'")), "invalidProperties originalMessageId");
    EXPECT_EQ(outcome(mdn(email, "'extensionFields':{'Disposition':'x'}")), "invalidProperties extensionFields");
    EXPECT_EQ(outcome(mdn(email, "'extensionFields':{'X':'a\\r\\nBcc: b'}")), "invalidProperties extensionFields");
    EXPECT_EQ(outcome(mdn(email, "'reportingUA':'a\\nb'")), "invalidProperties reportingUA");
    EXPECT_EQ(outcome(mdn(email, "'other':1")), "invalidProperties other");
    EXPECT_EQ(outcome("{'forEmailId':'" + email +
                      "','disposition':{'actionMode':'manual-action','sendingMode':"
                      "'mdn-sent-manually','type':'Displayed'}}"),
              "invalidProperties disposition");
    EXPECT_EQ(outcome("{'forEmailId':'" + email + "'}"), "invalidProperties disposition");
    EXPECT_THAT(mail_of(ben_), IsEmpty());
}

TEST_F(MdnTest, IsReadAsItWasSent) {
    // What anna sent is answered by ben; here both are anna's, so that one account has letter and notification.
    const std::string email = id_of(append(letter()));
    EXPECT_EQ(outcome(mdn(email, "'includeOriginalMessage':true,'subject':'Gelesen','textBody':'Größe\\n'")), "sent");
    const std::string notification = mail_of(ben_).at(0);
    EXPECT_THAT(notification, HasSubstr("secret text"));
    const store::EmailId copy = append(notification);
    const std::string blob(get(copy, "'blobId'").at("blobId").as_string());
    const json::value parsed = parse(blob).at("parsed").at(blob);
    EXPECT_EQ(parsed,
              from("{'forEmailId':'" + email +
                   "','subject':'Gelesen','textBody':'Größe\\r\\n','includeOriginalMessage':true,'reportingUA':null,"
                   "'disposition':{'actionMode':'manual-action','sendingMode':'mdn-sent-manually','type':'displayed'},"
                   "'mdnGateway':null,'originalRecipient':null,'finalRecipient':'rfc822; anna@b.test',"
                   "'originalMessageId':'<1@b.test>','error':null,'extensionFields':null}"));
}

TEST_F(MdnTest, OtherBlobsAreNotParsable) {
    const std::string blob(get(append(letter()), "'blobId'").at("blobId").as_string());
    EXPECT_EQ(parse(blob),
              from("{'accountId':'ACCOUNT','parsed':null,'notParsable':['" + blob + "'],'notFound':null}"));
    EXPECT_EQ(parse("none"), from("{'accountId':'ACCOUNT','parsed':null,'notParsable':null,'notFound':['none']}"));
    EXPECT_EQ(error("MDN/parse", ""), "error: invalidArguments blobIds");
    std::string many;
    for (int number = 0; number < 21; ++number)
        many += fmt::format("{}'n{}'", many.empty() ? "" : ",", number);
    EXPECT_EQ(error("MDN/parse", "'blobIds':[" + many + "]"), "error: requestTooLarge");
}

} // namespace
} // namespace tegami::jmapd::testing
