// Blob/upload, Blob/get and Blob/lookup (RFC 9404).
#include "service/jmapd/email_fixture.h"

#include <fmt/format.h>

namespace tegami::jmapd::testing {
namespace {

using ::testing::HasSubstr;

class BlobMethodsTest : public EmailTest {
protected:
    /// What became of one upload, "id" and "blobId" apart.
    json::value upload(std::string_view object) {
        json::value answer = one("Blob/upload", fmt::format("'create':{{'k':{}}}", object));
        if (answer.is_string()) return answer;
        if (!answer.at("notCreated").is_null()) return answer.at("notCreated").at("k");
        json::object& created = answer.at("created").at("k").as_object();
        id_ = std::string(created.at("id").as_string());
        EXPECT_EQ(created.at("blobId"), created.at("id"));
        created.erase("id");
        created.erase("blobId");
        return created;
    }

    std::string upload_error(std::string_view object) {
        const json::value told = upload(object);
        return told.get_object().contains("size") ? write_json(told) : text_of_fault(told.get_object());
    }

    /// The one blob, "id" apart.
    json::value get_blob(std::string_view id, std::string_view more = {}) {
        const json::value answer = one("Blob/get", fmt::format("'ids':['{}']{}", id, more));
        if (answer.is_string() || answer.at("list").as_array().empty()) return answer;
        json::object got = answer.at("list").at(0).as_object();
        EXPECT_EQ(got.at("id"), json::string(id));
        got.erase("id");
        return got;
    }

    std::string id_; ///< of the last upload
};

// RFC 9404 §4.1.2
TEST_F(BlobMethodsTest, BlobsAreMadeOfTextOctetsAndSlicesOfOthers) {
    const json::array responses = call(
        "['Blob/upload',{'accountId':'ACCOUNT','create':{'b4':{'data':[{'data:asText':'The quick brown fox jumped over "
        "the lazy dog.'}]}}},'a'],"
        "['Blob/upload',{'accountId':'ACCOUNT','create':{'cat':{'type':'text/plain','data':[{'data:asText':'How'},"
        "{'blobId':'#b4','length':7,'offset':3},{'data:asText':'was t'},{'blobId':'#b4','length':1,'offset':1},"
        "{'data:asBase64':'YXQ/'}]}}},'b'],"
        "['Blob/get',{'accountId':'ACCOUNT','ids':['#cat'],'properties':['data:asText','size']},'c']");
    EXPECT_EQ(responses.at(1).at(1).at("created").at("cat").at("type"), "text/plain");
    const json::value got = responses.at(2).at(1).at("list").at(0);
    EXPECT_EQ(got.at("data:asText"), "How quick was that?");
    EXPECT_EQ(got.at("size"), 19);
    const std::string id(got.at("id").as_string());
    EXPECT_EQ(send("GET", fmt::format("/jmap/download/{}/{}/x", id_of(anna_), id)).body, "How quick was that?");
    EXPECT_EQ(upload("{'data':[],'type':null}"), from("{'type':null,'size':0}"));
}

TEST_F(BlobMethodsTest, SlicesOfPartsAreDecoded) {
    const std::string part = fmt::format("B{}-2", append(std::string(kLetter)).value); // "Hello world" in base64
    EXPECT_EQ(upload(fmt::format("{{'data':[{{'blobId':'{}','offset':6}},{{'blobId':'{}','offset':0,'length':5}}]}}",
                                 part, part)),
              from("{'type':null,'size':10}"));
    EXPECT_EQ(get_blob(id_).at("data:asText"), "worldHello");
    EXPECT_EQ(get_blob(part, ",'properties':['size','data:asText'],'offset':4,'length':3"),
              from("{'size':11,'data:asText':'o w'}"));
    EXPECT_EQ(get_blob(part, ",'offset':4,'length':0"), from("{'size':11,'data:asText':''}"));
}

TEST_F(BlobMethodsTest, WhatIsWrongIsNotMade) {
    EXPECT_EQ(upload_error("{'data':'x'}"), "invalidProperties data");
    EXPECT_EQ(upload_error("{'data':[],'name':'x'}"), "invalidProperties name");
    for (const char* const source :
         {"'x'", "{}", "{'data:asText':1}", "{'data:asText':'a','data:asBase64':'YQ=='}", "{'data:asBase64':'YQ'}",
          "{'data:asBase64':'YQ==\\n'}", "{'data:asOctets':'a'}", "{'blobId':'x','offset':-1}",
          "{'blobId':'x','size':1}", "{'blobId':'x','data:asText':'a'}"})
        EXPECT_EQ(upload_error(fmt::format("{{'data':[{}]}}", source)), "invalidProperties data") << source;
    EXPECT_EQ(upload("{'data':[{'blobId':'nowhere'}]}").at("notFound"), from("['nowhere']"));
    EXPECT_EQ(upload_error("{'data':[{'blobId':'#nothing'}]}"), "blobNotFound");
    upload("{'data':[{'data:asText':'12345'}]}");
    for (const char* const range : {"'offset':6", "'offset':3,'length':3", "'length':6"})
        EXPECT_EQ(upload_error(fmt::format("{{'data':[{{'blobId':'{}',{}}}]}}", id_, range)), "invalidProperties data")
            << range;
    EXPECT_EQ(upload(fmt::format("{{'data':[{{'blobId':'{}','offset':5}}]}}", id_)).at("size"), 0);
    EXPECT_EQ(one("Blob/upload", "'create':{'k':1}"), "error: invalidArguments create");
}

TEST_F(BlobMethodsTest, UploadsCountAsTheyDoOverHttp) {
    upload(fmt::format("{{'data':[{{'data:asText':'{}'}}]}}", std::string(70'000, 'x')));
    const std::string thrice =
        fmt::format("{{'data':[{{'blobId':'{0}'}},{{'blobId':'{0}'}},{{'blobId':'{0}'}}]}}", id_);
    EXPECT_EQ(upload_error(thrice), "tooLarge") << "200,000 are the most";
    const std::string twice = fmt::format("{{'data':[{{'blobId':'{0}'}},{{'blobId':'{0}'}}]}}", id_);
    EXPECT_EQ(upload(twice).at("size"), 140'000);
    EXPECT_EQ(upload(twice).at("size"), 140'000);
    EXPECT_EQ(upload_error(twice), "rateLimit") << "500,000 within an hour";
    std::string many;
    for (int source = 0; source < 101; ++source)
        many += fmt::format("{}{{'data:asText':''}}", source == 0 ? "" : ",");
    EXPECT_EQ(upload_error(fmt::format("{{'data':[{}]}}", many)), "invalidProperties data");
}

// RFC 9404 §4.2.2
TEST_F(BlobMethodsTest, RangesAndEncodingsAreTold) {
    upload("{'data':[{'data:asBase64':'VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wZWQgb3ZlciB0aGUggYEgZG9nLg=='}]}");
    const std::string bad = id_;
    upload("{'data':[{'data:asText':'hello world'}]}");
    EXPECT_EQ(get_blob(bad), from("{'isEncodingProblem':true,'size':43,"
                                  "'data:asBase64':'VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wZWQgb3ZlciB0aGUggYEgZG9nLg=='}"));
    EXPECT_EQ(get_blob(bad, ",'properties':['data:asText','size']"),
              from("{'isEncodingProblem':true,'size':43,'data:asText':null}"));
    EXPECT_EQ(get_blob(id_, ",'properties':['data:asBase64','size']"),
              from("{'size':11,'data:asBase64':'aGVsbG8gd29ybGQ='}"));
    EXPECT_EQ(get_blob(bad, ",'offset':0,'length':5"), from("{'size':43,'data:asText':'The q'}"));
    EXPECT_EQ(get_blob(id_, ",'offset':20,'length':100"), from("{'size':11,'isTruncated':true,'data:asText':''}"));
    EXPECT_EQ(get_blob(id_, ",'offset':6,'length':100"), from("{'size':11,'isTruncated':true,'data:asText':'world'}"));
    EXPECT_EQ(get_blob(id_, ",'offset':6"), from("{'size':11,'data:asText':'world'}"));
    upload("{'data':[{'data:asText':'The quick brown fox jumped over the lazy dog.'}]}");
    EXPECT_EQ(get_blob(id_, ",'properties':['digest:sha-256'],'offset':4,'length':9"),
              from("{'digest:sha-256':'gdg9INW7lwHK6OQ9u0dwDz2ZY/gubi0En0xlFpKt0OA='}"));
    EXPECT_EQ(get_blob(id_, ",'properties':['digest:md5']"), "error: invalidArguments properties");
    EXPECT_EQ(one("Blob/get", "'ids':['nowhere']").at("notFound"), from("['nowhere']"));
    EXPECT_EQ(one("Blob/get", ""), "error: invalidArguments ids");
}

TEST_F(BlobMethodsTest, SoMuchIsReadAtOnce) {
    upload(fmt::format("{{'data':[{{'data:asText':'{}'}}]}}", std::string(70'000, 'x')));
    const std::string first = id_;
    upload(fmt::format("{{'data':[{{'blobId':'{}'}},{{'blobId':'{}'}}]}}", first, first));
    EXPECT_EQ(one("Blob/get", fmt::format("'ids':['{}','{}'],'properties':['digest:sha-256']", first, id_)),
              "error: requestTooLarge");
}

TEST_F(BlobMethodsTest, WhoseABlobIsCanBeLookedUp) {
    const store::EmailId email = append(std::string(kLetter));
    const std::string number = std::to_string(email.value);
    upload("{'data':[{'data:asText':'x'}]}");
    const auto find = [&](std::string_view id) {
        return one("Blob/lookup", fmt::format("'typeNames':['Email','Thread','Mailbox'],'ids':['{}']", id))
            .at("list")
            .at(0);
    };
    const json::value thread = get(email, "'threadId'").at("threadId");
    for (const std::string& id : {"B" + number, "B" + number + "-2"})
        EXPECT_EQ(find(id),
                  from(fmt::format("{{'id':'{}','matchedIds':{{'Email':['{}'],'Thread':['{}'],'Mailbox':['{}']}}}}", id,
                                   id_of(email), std::string(thread.as_string()), mailbox_id("INBOX"))));
    for (const std::string& id : {"B" + number + "-9", std::string("B999"), std::string("nowhere"), id_})
        EXPECT_EQ(find(id),
                  from(fmt::format("{{'id':'{}','matchedIds':{{'Email':[],'Thread':[],'Mailbox':[]}}}}", id)));
    EXPECT_EQ(one("Blob/lookup", "'typeNames':['Identity'],'ids':[]"), "error: unknownDataType");
}

TEST_F(BlobMethodsTest, TheAccountSaysWhatItTakes) {
    const json::value session = send("GET", "/jmap/session").json();
    EXPECT_EQ(session.at("accounts").at(id_of(anna_)).at("accountCapabilities").at("urn:ietf:params:jmap:blob"),
              from("{'maxSizeBlobSet':200000,'maxDataSources':100,'supportedTypeNames':['Email','Mailbox','Thread'],"
                   "'supportedDigestAlgorithms':['sha-256']}"));
}

} // namespace
} // namespace tegami::jmapd::testing
