// Emails that a client makes (RFC 8621 §4.6), brings (§4.8), and has read (§4.9).
#include "service/jmapd/email_fixture.h"

#include <fmt/format.h>

#include <set>

namespace tegami::jmapd::testing {
namespace {

using store::Flag;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class EmailCreateTest : public EmailTest {
protected:
    /// The blob id of an upload.
    std::string upload(std::string_view octets, std::string_view type = "message/rfc822") {
        const Answer answer = send("POST", fmt::format("/jmap/upload/{}/", id_of(anna_)),
                                   fmt::format("Content-Type: {}\r\n", type), octets);
        EXPECT_EQ(answer.status, 201U) << answer.body;
        return std::string(answer.json().at("blobId").as_string());
    }

    std::string download(std::string_view blob) {
        const Answer answer = this->JmapTest::get(fmt::format("/jmap/download/{}/{}/x?accept=a/b", id_of(anna_), blob));
        return answer.status == 200 ? answer.body : fmt::format("status {}", answer.status);
    }

    /// What became of one import or creation, as an object; or the error.
    json::value outcome(const json::value& answer, std::string_view id) {
        if (!answer.is_object()) return answer;
        if (answer.at("created").is_object() && answer.at("created").as_object().contains(id))
            return answer.at("created").at(id);
        return json::string(text_of_fault(answer.at("notCreated").at(id).as_object()));
    }

    json::value import(std::string_view properties) {
        return outcome(one("Email/import", fmt::format("'emails':{{'a':{{{}}}}}", properties)), "a");
    }

    json::value create(std::string_view properties) {
        return outcome(one("Email/set", fmt::format("'create':{{'a':{{{}}}}}", properties)), "a");
    }

    std::string in_inbox() { return fmt::format("'mailboxIds':{{'{}':true}}", mailbox_id("INBOX")); }

    /// A created email's message.
    std::string message(const json::value& created) {
        if (created.is_object()) return download(created.at("blobId").as_string());
        ADD_FAILURE() << write_json(created);
        return {};
    }

    json::object shown(const json::value& created, std::string_view properties, std::string_view more = "") {
        if (!created.is_object()) {
            ADD_FAILURE() << write_json(created);
            return {};
        }
        return one("Email/get", fmt::format("'ids':['{}'],'properties':[{}]{}",
                                            std::string_view(created.at("id").as_string()), properties, more))
            .at("list")
            .at(0)
            .as_object();
    }
};

// web-face statement 16
TEST_F(EmailCreateTest, AnImportedReplyJoinsItsThread) {
    const store::EmailId first = append(note("a"));
    const std::string reply = "Received: from x by y;\r\n Fri, 27 Nov 2026 10:00:00 +0900\r\n" + note("b", "a");
    const std::string blob = upload(reply);
    const json::value created =
        import(fmt::format("'blobId':'{}','mailboxIds':{{'{}':true,'{}':true}},'keywords':{{'$SEEN':true,'Own':true}}",
                           blob, mailbox_id("INBOX"), mailbox_id("Archive")));
    ASSERT_TRUE(created.is_object()) << write_json(created);
    EXPECT_EQ(created.at("threadId"), json::string(fmt::format("T{}", first.value)));
    EXPECT_EQ(created.at("size"), reply.size());
    EXPECT_EQ(message(created), reply);
    const json::object email = shown(created, "'keywords','mailboxIds','receivedAt','size'");
    EXPECT_EQ(email.at("keywords"), from("{'$seen':true,'own':true}"));
    EXPECT_EQ(email.at("mailboxIds").as_object().size(), 2U);
    EXPECT_EQ(email.at("receivedAt"), "2026-11-27T01:00:00Z");
    const json::value dated =
        import(fmt::format("'blobId':'{}',{},'receivedAt':'2001-02-03T04:05:06Z'", blob, in_inbox()));
    EXPECT_EQ(shown(dated, "'receivedAt'").at("receivedAt"), "2001-02-03T04:05:06Z");
    EXPECT_NE(dated.at("id"), created.at("id"));
}

// web-face statement 16
TEST_F(EmailCreateTest, WhatCannotBeImportedIsNamed) {
    const std::string blob = upload(note("a"));
    const auto with = [&](std::string_view more) {
        return write_json(import(fmt::format("'blobId':'{}'{}", blob, more)));
    };
    const std::string in = "," + in_inbox();
    EXPECT_EQ(with(""), "\"invalidProperties mailboxIds\"");
    EXPECT_EQ(with(",'mailboxIds':{'F99':true}"), "\"invalidProperties mailboxIds\"");
    EXPECT_EQ(with(",'mailboxIds':{}"), "\"invalidProperties mailboxIds\"");
    EXPECT_EQ(with(in + ",'keywords':{'a b':true}"), "\"invalidProperties keywords\"");
    EXPECT_EQ(with(in + ",'keywords':{'a':false}"), "\"invalidProperties keywords\"");
    EXPECT_EQ(with(in + ",'receivedAt':'2001-02-03T04:05:06+01:00'"), "\"invalidProperties receivedAt\"");
    EXPECT_EQ(with(in + ",'colour':1"), "\"invalidProperties colour\"");
    EXPECT_EQ(write_json(import("'blobId':'B99'" + in)), "\"invalidProperties blobId\"");
    EXPECT_EQ(write_json(import(in_inbox())), "\"invalidProperties blobId\"");
    EXPECT_EQ(write_json(import(fmt::format("'blobId':'{}'{}", upload(std::string("a: b\r\n\r\n\0", 9)), in))),
              "\"invalidEmail\"");
    EXPECT_EQ(error("Email/import", "'emails':{'a':1}"), "error: invalidArguments emails");
    EXPECT_EQ(error("Email/import", "'emails':{},'ifInState':'x'"), "error: stateMismatch");
    EXPECT_EQ(run(annas()->set_quota({.bytes_max = 1, .messages_max = 0})).has_value(), true);
    EXPECT_EQ(with(in), "\"overQuota\"");
    EXPECT_EQ(mailbox("INBOX")->messages, 0U);
}

// web-face statement 18
TEST_F(EmailCreateTest, BlobsOfOthersAreNotThere) {
    const std::string account = id_of(add_account("bo@b.test"));
    const Answer answer =
        send("POST", "/jmap/upload/" + account + "/", "Content-Type: a/b\r\n", note("a"), "bo@b.test");
    const std::string blob(answer.json().at("blobId").as_string());
    EXPECT_EQ(write_json(import(fmt::format("'blobId':'{}',{}", blob, in_inbox()))), "\"invalidProperties blobId\"");
    EXPECT_EQ(one("Email/parse", "'blobIds':['" + blob + "']").at("notFound"), from("['" + blob + "']"));
    EXPECT_EQ(write_json(create(in_inbox() + ",'attachments':[{'blobId':'" + blob + "','type':'a/b'}]")),
              "\"blobNotFound\"");
}

TEST_F(EmailCreateTest, NothingIsCopiedFromAnAccountThatIsNotThere) {
    EXPECT_EQ(error("Email/copy", "'fromAccountId':'A77','create':{}"), "error: fromAccountNotFound");
    EXPECT_EQ(error("Email/copy", "'fromAccountId':'ACCOUNT','create':{}"), "error: invalidArguments fromAccountId");
    EXPECT_EQ(error("Email/copy", "'fromAccountId':'A77'"), "error: invalidArguments create");
}

TEST_F(EmailCreateTest, BlobsAreReadAsMessages) {
    const store::EmailId outer = append("Subject: outer\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
                                        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: "
                                        "base64\r\n\r\n" +
                                        base64::encode(kLetter) + "\r\n--o--\r\n");
    const std::string attached = fmt::format("B{}-1", outer.value);
    const std::string picture = upload(std::string("\x89PNG\r\n\x1a\n\0", 9), "image/png");
    const std::string uploaded = upload(kLetter);
    const json::value answer = one(
        "Email/parse", fmt::format("'blobIds':['{}','{}','{}','B{}','B99'],'properties':['id','blobId','threadId',"
                                   "'mailboxIds','keywords','receivedAt','subject','size','header:X-Odd:asText:all',"
                                   "'attachments','bodyValues'],'fetchTextBodyValues':true",
                                   attached, picture, uploaded, outer.value));
    ASSERT_TRUE(answer.is_object()) << write_json(answer);
    EXPECT_EQ(answer.at("notParsable"), from("['" + picture + "']"));
    EXPECT_EQ(answer.at("notFound"), from("['B99']"));
    EXPECT_EQ(answer.at("parsed").as_object().size(), 3U);
    EXPECT_EQ(answer.at("parsed").at(fmt::format("B{}", outer.value)).at("subject"), "outer");
    for (const std::string& blob : {attached, uploaded}) {
        const json::value& email = answer.at("parsed").at(blob);
        EXPECT_EQ(email.at("subject"), "こんにちは");
        EXPECT_EQ(email.at("blobId"), json::string(blob));
        EXPECT_EQ(email.at("size"), kLetter.size());
        EXPECT_EQ(email.at("bodyValues").at("1.1").at("value"), "Hello あ there");
        for (const char* const none : {"id", "threadId", "mailboxIds", "keywords", "receivedAt"})
            EXPECT_EQ(email.at(none), nullptr) << none;
        // A part of what was attached can be read and attached.
        const std::string part(email.at("attachments").at(0).at("blobId").as_string());
        EXPECT_EQ(download(part), "Hello world");
        const json::value created = create(in_inbox() + ",'attachments':[{'type':'a/b','blobId':'" + part + "'}]");
        EXPECT_THAT(message(created), HasSubstr(base64::encode("Hello world")));
    }
    std::set<std::string> names;
    const json::value plain = one("Email/parse", "'blobIds':['" + uploaded + "']");
    for (const auto& [name, value] : plain.at("parsed").at(uploaded).as_object())
        names.insert(std::string(name));
    EXPECT_EQ(names, (std::set<std::string>{"messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc",
                                            "replyTo", "subject", "sentAt", "hasAttachment", "preview", "bodyValues",
                                            "textBody", "htmlBody", "attachments"}));
    EXPECT_EQ(error("Email/parse", "'blobIds':[],'properties':['header:From:asDate']"),
              "error: invalidArguments properties");
}

// web-face statements 15 and 16
TEST_F(EmailCreateTest, ADraftIsWhatTheClientSays) {
    const std::string before = state();
    const json::value created = create(
        in_inbox() + ",'keywords':{'$draft':true,'$seen':true},'receivedAt':'2026-01-02T03:04:05Z',"
                     "'from':[{'name':'Ann','email':'anna@b.test'}],'to':[{'name':null,'email':'nobody at all'}],"
                     "'cc':[],'bcc':null,'subject':'Grüße','bodyValues':{'t':{'value':'Hello\\nyou'},"
                     "'h':{'value':'<p>Hello'}},'textBody':[{'partId':'t'}],'htmlBody':[{'partId':'h'}]");
    const std::string octets = message(created);
    EXPECT_EQ(created.at("size"), octets.size());
    EXPECT_EQ(octets.find("Cc:"), std::string::npos);
    EXPECT_EQ(octets.find("Bcc:"), std::string::npos);
    const json::object email = shown(created,
                                     "'subject','from','to','messageId','sentAt','keywords','receivedAt',"
                                     "'bodyValues','threadId'",
                                     ",'fetchAllBodyValues':true");
    EXPECT_EQ(email.at("subject"), "Grüße");
    EXPECT_EQ(email.at("from"), from("[{'name':'Ann','email':'anna@b.test'}]"));
    EXPECT_EQ(email.at("to"), from("[{'name':null,'email':'nobody at all'}]"));
    EXPECT_EQ(email.at("keywords"), from("{'$draft':true,'$seen':true}"));
    EXPECT_EQ(email.at("receivedAt"), "2026-01-02T03:04:05Z");
    EXPECT_EQ(email.at("threadId"), created.at("threadId"));
    EXPECT_EQ(email.at("messageId").as_array().size(), 1U);
    EXPECT_THAT(std::string(email.at("messageId").at(0).as_string()), HasSubstr("@b.test"));
    EXPECT_TRUE(email.at("sentAt").is_string());
    EXPECT_EQ(email.at("bodyValues").at("1").at("value"), "Hello\nyou");
    EXPECT_EQ(email.at("bodyValues").at("2").at("value"), "<p>Hello");
    EXPECT_EQ(one("Email/changes", "'sinceState':'" + before + "'").at("created"), json::array{created.at("id")});
}

// web-face statement 14; what the parts of an email may say is tested in protocol/jmap/mail
TEST_F(EmailCreateTest, WhatNoEmailCanBeIsNamed) {
    const auto refused = [&](std::string_view more) {
        return write_json(create(fmt::format("{}{}", in_inbox(), more)));
    };
    EXPECT_EQ(refused(",'headers':[]"), "\"invalidProperties headers\"");
    EXPECT_EQ(refused(",'from':[],'header:From':' x'"), "\"invalidProperties header:From\"");
    EXPECT_EQ(refused(",'header:Content-Type':' a/b'"), "\"invalidProperties header:Content-Type\"");
    EXPECT_EQ(refused(",'bodyStructure':{'partId':'1'},'textBody':[]"), "\"invalidProperties textBody\"");
    EXPECT_EQ(refused(",'textBody':[{'partId':'1'}]"), "\"invalidProperties bodyValues\"");
    EXPECT_EQ(refused(",'bodyStructure':{'partId':'1','blobId':'B1'}"), "\"invalidProperties bodyStructure\"");
    EXPECT_EQ(refused(",'id':'M1','size':3,'preview':'x'"), "\"invalidProperties id,size,preview\"");
    EXPECT_EQ(refused(",'receivedAt':'now'"), "\"invalidProperties receivedAt\"");
    EXPECT_EQ(refused(",'keywords':{'a':1}"), "\"invalidProperties keywords\"");
    EXPECT_EQ(write_json(create("'subject':'x'")), "\"invalidProperties mailboxIds\"");
    EXPECT_EQ(mailbox("INBOX")->messages, 0U);
}

// web-face statement 16
TEST_F(EmailCreateTest, EveryBlobThatIsMissingIsTold) {
    const std::string there = upload("octets", "a/b");
    const json::value answer =
        one("Email/set", fmt::format("'create':{{'a':{{{},'textBody':[{{'blobId':'B98'}}],'attachments':["
                                     "{{'blobId':'{}','type':'a/b'}},{{'blobId':'B99','type':'a/b'}},{{'blobId':'B99',"
                                     "'type':'c/d'}}]}},'b':{{{}}}}}",
                                     in_inbox(), there, in_inbox()));
    EXPECT_EQ(answer.at("notCreated"), from("{'a':{'type':'blobNotFound','notFound':['B98','B99']}}"));
    EXPECT_TRUE(answer.at("created").as_object().contains("b"));
}

// web-face statement 17
TEST_F(EmailCreateTest, ADraftTakesThePartsOfTheOneThatItReplaces) {
    const std::string text = "A long letter, in UTF-8: Grüße\n";
    const std::string blob = upload(text, "text/plain");
    const std::string file = upload(std::string(100'000, '\xfe'), "image/png");
    const json::value old = create(
        in_inbox() + fmt::format(",'textBody':[{{'blobId':'{}'}}],'attachments':[{{'blobId':'{}','type':'image/png',"
                                 "'name':'写真.png'}},{{'blobId':'B{}','type':'message/rfc822'}}]",
                                 blob, file, append(std::string(kLetter)).value));
    const json::object parts = shown(old, "'textBody','attachments'");
    EXPECT_EQ(parts.at("textBody").at(0).at("charset"), "utf-8");
    EXPECT_EQ(parts.at("attachments").at(0).at("name"), "写真.png");
    EXPECT_EQ(parts.at("attachments").at(0).at("size"), 100'000);
    EXPECT_EQ(parts.at("attachments").at(1).at("type"), "message/rfc822");
    EXPECT_EQ(download(parts.at("attachments").at(1).at("blobId").as_string()), kLetter);
    json::array attachments = parts.at("attachments").as_array();
    for (json::value& part : attachments)
        part.as_object()["partId"] = nullptr;
    const json::array responses = call(
        fmt::format("['Email/set',{{'accountId':'ACCOUNT','create':{{'n':{{{},'bodyValues':{{'1':{{'value':'new'}}}},"
                    "'textBody':[{{'partId':'1','type':'text/plain'}}],'attachments':{}}}}},'destroy':['{}']}},'a']",
                    in_inbox(), write_json(attachments), std::string_view(old.at("id").as_string())));
    const json::value& answer = responses.at(0).at(1);
    EXPECT_EQ(answer.at("destroyed"), json::array{old.at("id")}) << write_json(answer);
    const json::value made = answer.at("created").at("n");
    const json::object email = shown(made, "'textBody','attachments','bodyValues'", ",'fetchTextBodyValues':true");
    EXPECT_EQ(email.at("bodyValues").at("1").at("value"), "new");
    EXPECT_EQ(download(email.at("attachments").at(0).at("blobId").as_string()), std::string(100'000, '\xfe'));
    EXPECT_EQ(download(email.at("attachments").at(1).at("blobId").as_string()), kLetter);
    EXPECT_EQ(email.at("attachments").at(0).at("name"), "写真.png");
}

TEST_F(EmailCreateTest, WhatIsCopiedHasALimit) {
    const std::string file = upload(std::string(180'000, 'x'), "a/b");
    const std::string email = in_inbox() + ",'attachments':[{'blobId':'" + file + "','type':'a/b'}]";
    for (int count = 0; count < 5; ++count)
        EXPECT_TRUE(create(email).is_object());
    EXPECT_EQ(write_json(create(email)), "\"rateLimit\"");
    EXPECT_EQ(write_json(import("'blobId':'" + file + "'," + in_inbox())), "\"rateLimit\"");
    EXPECT_TRUE(create(in_inbox()).is_object());
    run(pause(std::chrono::minutes(61)));
    EXPECT_TRUE(create(email).is_object());
}

TEST_F(EmailCreateTest, AttachmentsHaveALimit) {
    const std::string part = "{'blobId':'" + upload(std::string(150'000, 'x'), "a/b") + "','type':'a/b'}";
    EXPECT_TRUE(create(in_inbox() + ",'attachments':[" + part + "]").is_object());
    EXPECT_EQ(write_json(create(in_inbox() + ",'attachments':[" + part + "," + part + "]")), "\"tooLarge\"");
}

// web-face statements 11 and 12
TEST_F(EmailCreateTest, WhatIsNewIsNamedInTheSameRequest) {
    const json::array responses =
        call("['Mailbox/set',{'accountId':'ACCOUNT','create':{'box':{'name':'Box'}}},'a'],"
             "['Email/set',{'accountId':'ACCOUNT','create':{'e':{'mailboxIds':{'#box':true},'subject':'x'},"
             "'bad':{'mailboxIds':{'#none':true}}},'update':{'#e':{'keywords/$seen':true}}},'b'],"
             "['Email/get',{'accountId':'ACCOUNT','#ids':{'resultOf':'b','name':'Email/set','path':'/created/e/id'},"
             "'properties':['keywords','mailboxIds']},'c'],"
             "['Email/set',{'accountId':'ACCOUNT','destroy':['#e']},'d']");
    ASSERT_EQ(responses.size(), 4U);
    const json::array later =
        call("['Email/set',{'accountId':'ACCOUNT','create':{'l':{'mailboxIds':{'#box':true}}}},'a']",
             fmt::format(",'createdIds':{{'box':'{}'}}", mailbox_id("Box")));
    EXPECT_TRUE(later.at(0).at(1).at("created").is_object()) << "createdIds of another request";
    const json::value& made = responses[1].at(1);
    ASSERT_TRUE(made.at("created").is_object()) << write_json(made);
    const json::value id = made.at("created").at("e").at("id");
    EXPECT_EQ(made.at("updated").as_object().size(), 1U);
    EXPECT_EQ(text_of_fault(made.at("notCreated").at("bad").as_object()), "invalidProperties mailboxIds");
    EXPECT_EQ(responses[3].at(1).at("destroyed"), json::array{id});
}

} // namespace
} // namespace tegami::jmapd::testing
