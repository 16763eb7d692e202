// Uploads and downloads over HTTPS (RFC 8620 §6).
#include "base/ascii.h"
#include "ingest/intake.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/http_text.h"
#include "service/jmapd/jmapd_fixture.h"

#include <fmt/format.h>

namespace tegami::jmapd::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class BlobTest : public JmapTest {
protected:
    Answer upload(std::string_view octets, std::string_view type = "image/png",
                  std::string_view login = "anna@b.test") {
        const store::AccountId account = login == "anna@b.test" ? anna_ : bo_;
        return send("POST", fmt::format("/jmap/upload/{}/", id_of(account)),
                    type.empty() ? "" : fmt::format("Content-Type: {}\r\n", type), octets, login);
    }

    static std::string blob_of(const Answer& uploaded) {
        const json::value body = uploaded.json();
        return body.is_object() ? std::string(body.at("blobId").as_string()) : "none";
    }

    std::string target(std::string_view blob, std::string_view name = "x",
                       std::string_view query = "?accept=image%2Fpng") {
        return fmt::format("/jmap/download/{}/{}/{}{}", id_of(anna_), blob, name, query);
    }

    Answer download(std::string_view blob, std::string_view fields = {}) { return get(target(blob), fields); }

    /// Stores a letter in anna's INBOX.
    store::EmailId append(std::string octets) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(std::move(octets))));
        EXPECT_TRUE(run(intake.complete()));
        ingest::Arrival arrival = run(intake.store({}, {})).value();
        std::vector<store::NewMessage> messages(1);
        messages.front().blob = arrival.blob;
        messages.front().placements = {{.mailbox = mailbox("INBOX")->id, .flags = {}, .keywords = {}}};
        messages.front().internal_date = time_.now();
        return run(annas()->append(std::move(messages))).value().messages.front().front().email;
    }

    store::AccountId bo_ = add_account("bo@b.test");
};

// web-face statement 18
TEST_F(BlobTest, WhatIsUploadedComesBack) {
    const std::string octets = std::string("\0\r\n\xff", 4) + std::string(150'000, 'x') + "end";
    const Answer uploaded = upload(octets);
    EXPECT_EQ(uploaded.status, 201U) << uploaded.body;
    const json::value told = uploaded.json();
    EXPECT_EQ(told.at("accountId"), json::string(id_of(anna_)));
    EXPECT_EQ(told.at("type"), "image/png");
    EXPECT_EQ(told.at("size").to_number<std::size_t>(), octets.size());
    const Answer downloaded = download(blob_of(uploaded));
    EXPECT_EQ(downloaded.status, 200U);
    EXPECT_EQ(downloaded.body, octets);
    EXPECT_THAT(downloaded.header,
                AllOf(HasSubstr("Content-Type: image/png\r\n"),
                      HasSubstr("Cache-Control: private, immutable, max-age=31536000\r\n"),
                      HasSubstr(fmt::format("Content-Length: {}\r\n", octets.size())), Not(HasSubstr("no-store"))));
    EXPECT_EQ(upload("a", {}).json().at("type"), "application/octet-stream");
    const Answer nothing = upload("");
    EXPECT_EQ(nothing.json().at("size"), 0);
    EXPECT_EQ(download(blob_of(nothing)).body, "");
}

TEST_F(BlobTest, OnlyWhoUploadedItReadsIt) {
    const std::string annas = blob_of(upload("secret"));
    const auto as_bo = [&](std::string_view account, std::string_view blob) {
        return send("GET", fmt::format("/jmap/download/{}/{}/x", account, blob), {}, {}, "bo@b.test").status;
    };
    EXPECT_EQ(as_bo(id_of(anna_), annas), 404U);
    EXPECT_EQ(as_bo(id_of(bo_), annas), 404U);
    EXPECT_EQ(send("POST", fmt::format("/jmap/upload/{}/", id_of(anna_)), {}, "x", "bo@b.test").status, 404U);
    EXPECT_EQ(send("POST", "/jmap/upload/", {}, "x").status, 404U);
    EXPECT_EQ(as_bo(id_of(bo_), blob_of(upload("mine", "text/plain", "bo@b.test"))), 200U);
}

TEST_F(BlobTest, UploadsHaveLimits) {
    const Answer large = upload(std::string(200'001, 'x'));
    EXPECT_EQ(large.status, 413U);
    EXPECT_THAT(large.body, AllOf(HasSubstr("urn:ietf:params:jmap:error:limit"), HasSubstr("maxSizeUpload")));
    const std::string chunked =
        fmt::format("POST /jmap/upload/{}/ HTTP/1.1\r\nHost: mail.b.test\r\nConnection: close\r\n"
                    "Transfer-Encoding: chunked\r\n{}\r\n30d41\r\n{}\r\n0\r\n\r\n",
                    id_of(anna_), basic("anna@b.test"), std::string(200'001, 'x'));
    EXPECT_THAT(exchange(chunked).body, HasSubstr("maxSizeUpload"));
    // 200,000 are counted of what was refused; so much within an hour, and then no more until it is over.
    EXPECT_EQ(upload(std::string(200'000, 'x')).status, 201U);
    const Answer often = upload(std::string(200'000, 'x'));
    EXPECT_EQ(often.status, 429U);
    EXPECT_THAT(often.header, HasSubstr("Retry-After: "));
    EXPECT_EQ(upload("x", "text/plain", "bo@b.test").status, 201U);
    run(pause(std::chrono::minutes(61)));
    EXPECT_EQ(upload(std::string(200'000, 'x')).status, 201U);
}

TEST_F(BlobTest, OneAccountUploadsOneThingAtATime) {
    const std::unique_ptr<net::Stream> slow = dial();
    ASSERT_TRUE(run(slow->write_all(fmt::format("POST /jmap/upload/{}/ HTTP/1.1\r\nHost: mail.b.test\r\n"
                                                "Content-Length: 9\r\n{}\r\nx",
                                                id_of(anna_), basic("anna@b.test")))));
    run(pause(std::chrono::seconds(1)));
    EXPECT_THAT(upload("x").body, HasSubstr("maxConcurrentUpload"));
    EXPECT_EQ(upload("x", "text/plain", "bo@b.test").status, 201U);
}

TEST_F(BlobTest, AStoreThatFailsIsToldAndNothingIsPromised) {
    using Call = store::MemoryEngine::Call;
    EXPECT_EQ(get("/jmap/session").status, 200U); // the network of the login is written down
    engine_.fail(Call::commit, 1, store::ErrorCode::no_space);
    EXPECT_EQ(upload("x").status, 507U);
    const std::string blob = blob_of(upload("x"));
    engine_.fail(Call::blob_read, 1, store::ErrorCode::unavailable);
    EXPECT_EQ(download(blob).status, 503U);
    EXPECT_EQ(download(blob).status, 200U);
}

// web-face statement 19
TEST_F(BlobTest, AMessageIsItsOctetsAndAPartIsDecoded) {
    const std::string letter = "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
                               "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                               "aGVsbG8g\r\nd29ybGQ=\r\n--b--\r\n";
    const std::string number = std::to_string(append(letter).value);
    const Answer whole = download("B" + number);
    EXPECT_EQ(whole.body, letter);
    EXPECT_EQ(download("B" + number + "-1").body, "text");
    const Answer part = download("B" + number + "-2", "Range: bytes=0-3\r\n");
    EXPECT_EQ(part.status, 200U) << "how many octets there are shows at the end";
    EXPECT_EQ(part.body, "hello world");
    for (const std::string& other :
         {"B" + number + "-3", "B" + number + "-1-1", "B" + number + "-", std::string("B999"), "B0" + number,
          std::string("B"), std::string("x"), std::string()})
        EXPECT_EQ(download(other).status, 404U) << other;
    EXPECT_EQ(send("GET", fmt::format("/jmap/download/{}/B{}/x", id_of(bo_), number), {}, {}, "bo@b.test").status,
              404U);
}

TEST_F(BlobTest, PartsOfItAreToBeHad) {
    const std::string blob = blob_of(upload("0123456789"));
    const Answer part = download(blob, "Range: bytes=2-4\r\n");
    EXPECT_EQ(part.status, 206U);
    EXPECT_EQ(part.body, "234");
    EXPECT_THAT(part.header, AllOf(HasSubstr("Content-Range: bytes 2-4/10\r\n"), HasSubstr("Content-Length: 3\r\n")));
    const Answer beyond = download(blob, "Range: bytes=10-\r\n");
    EXPECT_EQ(beyond.status, 416U);
    EXPECT_THAT(beyond.header, HasSubstr("Content-Range: bytes */10\r\n"));
    const std::string tag = fmt::format("\"{}\"", blob);
    EXPECT_THAT(part.header, HasSubstr("ETag: " + tag));
    EXPECT_EQ(download(blob, "Range: bytes=2-4\r\nIf-Range: " + tag + "\r\n").status, 206U);
    EXPECT_EQ(download(blob, "Range: bytes=2-4\r\nIf-Range: \"other\"\r\n").body, "0123456789");
    const Answer known = download(blob, "If-None-Match: \"other\", W/" + tag + "\r\n");
    EXPECT_EQ(known.status, 304U);
    EXPECT_EQ(known.body, "");
    const Answer head = send("HEAD", target(blob));
    EXPECT_EQ(head.status, 200U);
    EXPECT_THAT(head.header, HasSubstr("Content-Length: 10\r\n"));
    EXPECT_EQ(head.body, "");
}

TEST_F(BlobTest, TheNameIsTheOneAskedForAndTheTypeNoneThatRuns) {
    const std::string blob = blob_of(upload("x"));
    const Answer named = get(target(blob, "%E8%A6%8B%20%22a%22.png", "?accept=text%2Fplain%3B%20charset%3Dutf-8"));
    EXPECT_THAT(named.header, AllOf(HasSubstr("Content-Disposition: attachment; filename=\"___ _a_.png\"; "
                                              "filename*=UTF-8''%E8%A6%8B%20%22a%22.png\r\n"),
                                    HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"), HasSubstr("sandbox")));
    for (const char* const query : {"", "?accept=", "?accept=*%2F*", "?accept=a%0d%0aX-Evil:%20b%2Fc", "?accept=%zz"})
        EXPECT_THAT(get(target(blob, "x", query)).header,
                    AllOf(HasSubstr("Content-Type: application/octet-stream\r\n"), Not(HasSubstr("X-Evil"))))
            << query;
    EXPECT_THAT(get(target(blob, "a%0d%0aX-Evil:b")).header, Not(HasSubstr("\nX-Evil")));
    for (const std::string& name : {std::string("%ff"), std::string(1001, 'x')})
        EXPECT_EQ(get(target(blob, name)).status, 400U);
    for (const char* const name : {"a/b", "%4"})
        EXPECT_EQ(get(target(blob, name)).status, 404U);
}

TEST(BlobIds, SayWhatTheyNameToNobodyElse) {
    const store::AccountId account(7);
    UploadedBlob upload{.blob = {}, .size = 12};
    upload.blob.octets = {1, 2, 0xff};
    for (const BlobName& name : {BlobName(upload), BlobName(EmailBlob{store::EmailId(3), {}}),
                                 BlobName(EmailBlob{store::EmailId(3), "1.12"})}) {
        const std::string id = blob_id_of(name, account, "secret");
        EXPECT_EQ(parse_blob_id(id, account, "secret"), name) << id;
        EXPECT_TRUE(jmap::is_id(id)) << id;
    }
    const std::string id = blob_id_of(upload, account, "secret");
    EXPECT_FALSE(parse_blob_id(id, store::AccountId(8), "secret"));
    EXPECT_FALSE(parse_blob_id(id, account, "another"));
    for (std::size_t at = 0; at < id.size(); ++at) {
        std::string other = id;
        other[at] = other[at] == '0' ? '1' : '0';
        EXPECT_FALSE(parse_blob_id(other, account, "secret")) << other;
    }
    EXPECT_FALSE(parse_blob_id(ascii::upper(id), account, "secret"));
}

TEST(HttpText, RangesAreReadAsAnyServerDoes) {
    const auto range = [](std::string_view field) -> std::string {
        const AskedRange asked = parse_range(field, 10);
        if (asked.kind == RangeKind::whole) return "whole";
        if (asked.kind == RangeKind::unsatisfiable) return "none";
        return fmt::format("{}+{}", asked.octets.begin, asked.octets.length);
    };
    EXPECT_EQ(range("bytes=0-0"), "0+1");
    EXPECT_EQ(range("Bytes= 3-"), "3+7");
    EXPECT_EQ(range("bytes=-3"), "7+3");
    EXPECT_EQ(range("bytes=-30"), "0+10");
    EXPECT_EQ(range("bytes=9-99999999999"), "9+1");
    for (const char* const none : {"bytes=10-", "bytes=10-11", "bytes=-0"})
        EXPECT_EQ(range(none), "none") << none;
    for (const char* const whole : {"", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=a-2", "bytes=1-b",
                                    "bytes=0-1,3-4", "lines=0-1", "bytes=18446744073709551616-"})
        EXPECT_EQ(range(whole), "whole") << whole;
}

TEST(HttpText, PathsAreTakenApart) {
    EXPECT_THAT(*path_segments("/a/b%2Fc//%41", "/a/"), ElementsAre("b/c", "", "A"));
    EXPECT_FALSE(path_segments("/a/%4", "/a/"));
    EXPECT_FALSE(path_segments("/b/", "/a/"));
}

} // namespace
} // namespace tegami::jmapd::testing
