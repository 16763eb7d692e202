// The endpoints over HTTPS: who gets in, the session, requests as a whole and their limits (RFC 8620 §2, §3, §8).
#include "service/jmapd/jmapd_fixture.h"

#include "service/jmapd/basic.h"

#include <fmt/format.h>

namespace tegami::jmapd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class EndpointTest : public JmapTest {
protected:
    /// "TYPE LIMIT" of a problem.
    static std::string problem_of(const Answer& answer) {
        const json::value body = answer.json();
        if (!body.is_object() || !answer.header.contains("application/problem+json")) return "no problem";
        std::string type(body.at("type").as_string());
        type.erase(0, type.rfind(':') + 1);
        if (const json::value* const limit = body.as_object().if_contains("limit"))
            type += " " + std::string(limit->as_string());
        return fmt::format("{} {}", answer.status, type);
    }

    static std::string request(std::string_view calls, std::string_view used = "urn:ietf:params:jmap:core") {
        return fmt::format(R"({{"using":["{}"],"methodCalls":{}}})", used, calls);
    }
};

TEST_F(EndpointTest, WhoIsNotLoggedInGetsNothing) {
    for (const char* const target : {"/jmap/session", "/jmap/download/A1/B1/x", "/jmap/eventsource/"}) {
        const Answer answer = send("GET", target, {}, {}, {});
        EXPECT_EQ(answer.status, 401U) << target;
        EXPECT_THAT(answer.header, HasSubstr("WWW-Authenticate: Basic realm=\"mail\", charset=\"UTF-8\"\r\n"));
    }
    EXPECT_EQ(send("POST", "/jmap/api/", {}, "{}", {}).status, 401U);
    EXPECT_EQ(send("POST", "/jmap/upload/A1/", {}, "x", {}).status, 401U);
    EXPECT_EQ(send("GET", "/jmap/session", basic("anna@b.test", "wrong"), {}, {}).status, 401U);
    EXPECT_EQ(send("GET", "/jmap/session", basic("nobody@b.test"), {}, {}).status, 401U);
    EXPECT_EQ(send("GET", "/jmap/session", "Authorization: Bearer abc\r\n", {}, {}).status, 401U);
    EXPECT_EQ(send("GET", "/jmap/session", basic("anna@b.test") + basic("anna@b.test"), {}, {}).status, 401U);
    EXPECT_EQ(get("/jmap/session").status, 200U);
}

TEST_F(EndpointTest, ALoginIsCountedOnceAndEndsWithThePassword) {
    EXPECT_EQ(get("/jmap/session").status, 200U);
    EXPECT_EQ(get("/jmap/session").status, 200U);
    EXPECT_EQ(authenticator_->counts().succeeded.value(), 1U);
    const auto address = tegami::testing::address("anna@b.test");
    ASSERT_TRUE(run(directory_->administration().set_password(address, "another password")));
    EXPECT_EQ(get("/jmap/session").status, 401U);
    EXPECT_EQ(send("GET", "/jmap/session", basic("anna@b.test", "another password"), {}, {}).status, 200U);
    ASSERT_TRUE(run(directory_->administration().set_enabled(address, false)));
    EXPECT_EQ(send("GET", "/jmap/session", basic("anna@b.test", "another password"), {}, {}).status, 401U);
}

TEST_F(EndpointTest, ATokenStandsAlone) {
    const auto token = [&](directory::LoginService service) {
        return "Authorization: Bearer " +
               run(directory_->app_passwords().add(tegami::testing::address("anna@b.test"),
                                                   {.name = "x", .services = {service}}))
                   .value()
                   .secret +
               "\r\n";
    };
    EXPECT_EQ(send("GET", "/jmap/session", token(directory::LoginService::jmap), {}, {}).status, 200U);
    const Answer other = send("GET", "/jmap/session", token(directory::LoginService::api), {}, {});
    EXPECT_EQ(other.status, 403U);
    EXPECT_THAT(other.header, HasSubstr("WWW-Authenticate: Bearer realm=\"mail\", error=\"insufficient_scope\", "
                                        "scope=\"jmap\"\r\n"));
    EXPECT_THAT(send("GET", "/jmap/session", "Authorization: Bearer tegami_1_abc\r\n", {}, {}).header,
                HasSubstr("WWW-Authenticate: Bearer realm=\"mail\", error=\"invalid_token\"\r\n"));
    EXPECT_THAT(send("GET", "/jmap/session", {}, {}, {}).header,
                HasSubstr("WWW-Authenticate: Bearer realm=\"mail\"\r\n"));
}

TEST_F(EndpointTest, GuessingIsSlowedDownAndRefused) {
    unsigned status = 401;
    const Instant begun = time_.instant();
    for (int guesses = 0; guesses < 30 && status == 401; ++guesses)
        status = send("GET", "/jmap/session", basic("anna@b.test", "wrong"), {}, {}).status;
    EXPECT_EQ(status, 429U);
    EXPECT_GT(time_.instant() - begun, std::chrono::seconds(30));
}

TEST(BasicCredentials, AreReadStrictly) {
    const auto read = [](std::string_view field) -> std::string {
        const auto pair = parse_basic(field);
        return pair ? pair->login + " " + pair->password : "none";
    };
    EXPECT_EQ(read("Basic " + base64::encode("a:b:c")), "a b:c");
    EXPECT_EQ(read("bAsIc  " + base64::encode("a@b.test:")), "a@b.test ");
    for (const char* const field : {"", "Basic", "Basic !", "Basic YQ==", "Digest YTpi", "BasicYTpi"})
        EXPECT_EQ(read(field), "none") << field;
    EXPECT_EQ(read("Basic " + base64::encode("a:" + std::string(3000, 'b'))), "none");
}

TEST_F(EndpointTest, PagesOfOtherOriginsHaveNoAccess) {
    for (const char* const field : {"Origin: https://evil.test\r\n", "Origin: null\r\n",
                                    "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n"}) {
        const Answer answer = get("/jmap/session", field);
        EXPECT_EQ(answer.status, 403U) << field;
        EXPECT_THAT(answer.header, Not(HasSubstr("Access-Control-Allow"))) << field;
    }
    EXPECT_EQ(get("/jmap/session", "Origin: https://mail.b.test\r\nSec-Fetch-Site: same-origin\r\n").status, 200U);
    EXPECT_EQ(send("OPTIONS", "/jmap/api/", "Origin: https://evil.test\r\n").status, 405U);
}

// web-face statement 1
TEST_F(EndpointTest, TheSessionSaysWhereEverythingIs) {
    const Answer answer = get("/jmap/session");
    EXPECT_THAT(answer.header,
                AllOf(HasSubstr("Cache-Control: no-cache, no-store, must-revalidate\r\n"),
                      HasSubstr("Content-Type: application/json\r\n"), HasSubstr("X-Content-Type-Options: nosniff\r\n"),
                      HasSubstr("Content-Security-Policy: default-src 'none'")));
    const json::value session = answer.json();
    EXPECT_EQ(session.at("username"), "anna@b.test");
    EXPECT_EQ(session.at("apiUrl"), "https://mail.b.test/jmap/api/");
    EXPECT_EQ(session.at("downloadUrl"), "https://mail.b.test/jmap/download/{accountId}/{blobId}/{name}?accept={type}");
    EXPECT_EQ(session.at("uploadUrl"), "https://mail.b.test/jmap/upload/{accountId}/");
    EXPECT_EQ(session.at("eventSourceUrl"),
              "https://mail.b.test/jmap/eventsource/?types={types}&closeafter={closeafter}&ping={ping}");
    const json::value& account = session.at("accounts").at(id_of(anna_));
    EXPECT_EQ(account.at("name"), "anna@b.test");
    EXPECT_EQ(account.at("isPersonal"), true);
    EXPECT_EQ(session.at("primaryAccounts").at("urn:ietf:params:jmap:mail"), json::string(id_of(anna_)));
    EXPECT_EQ(session.at("capabilities").at("urn:ietf:params:jmap:core").at("maxCallsInRequest"), 4);
    EXPECT_TRUE(account.at("accountCapabilities").as_object().contains("urn:ietf:params:jmap:mail"));
    call("['Core/echo',{},'a']");
    EXPECT_EQ(last_.at("sessionState"), session.at("state"));
}

TEST_F(EndpointTest, TheWellKnownAddressLeadsToTheSession) {
    const Answer answer = send("GET", "/.well-known/jmap", {}, {}, {});
    EXPECT_EQ(answer.status, 307U);
    EXPECT_THAT(answer.header, HasSubstr("Location: /jmap/session\r\n"));
}

TEST_F(EndpointTest, CallsAreAnsweredInOrderAndReferToEachOther) {
    const json::array responses =
        call("['Core/echo',{'list':[{'id':'x'},{'id':'y'}],'n':1},'a'],['No/such',{},'b'],"
             "['Core/echo',{'#ids':{'resultOf':'a','name':'Core/echo','path':'/list/*/id'}},'c'],"
             "['Core/echo',{'#ids':{'resultOf':'b','name':'Core/echo','path':'/list'}},'d']");
    EXPECT_EQ(responses.at(0), from("['Core/echo',{'list':[{'id':'x'},{'id':'y'}],'n':1},'a']"));
    EXPECT_EQ(responses.at(1), from("['error',{'type':'unknownMethod'},'b']"));
    EXPECT_EQ(responses.at(2), from("['Core/echo',{'ids':['x','y']},'c']"));
    EXPECT_EQ(responses.at(3).at(1).at("type"), "invalidResultReference");
    EXPECT_FALSE(last_.contains("createdIds"));
    call("['Core/echo',{},'a']", ",'createdIds':{'k':'F1'}");
    EXPECT_EQ(last_.at("createdIds"), from("{'k':'F1'}"));
}

TEST_F(EndpointTest, AMethodNeedsItsCapability) {
    EXPECT_THAT(post_api(request(R"([["Mailbox/get",{"accountId":"A1"},"a"]])")).body, HasSubstr("unknownMethod"));
}

// web-face statement 25
TEST_F(EndpointTest, RequestsThatAreNoneAreProblems) {
    const auto posted = [&](std::string_view body, std::string_view type = "application/json") {
        return problem_of(send("POST", "/jmap/api/", fmt::format("Content-Type: {}\r\n", type), body));
    };
    EXPECT_EQ(posted("{}"), "400 notRequest");
    EXPECT_EQ(posted("[]"), "400 notRequest");
    EXPECT_EQ(posted("{"), "400 notJSON");
    EXPECT_EQ(posted(""), "400 notJSON");
    EXPECT_EQ(posted(R"({"using":[],"using":[],"methodCalls":[]})"), "400 notJSON");
    EXPECT_EQ(posted(R"({"using":["\ud800"],"methodCalls":[]})"), "400 notJSON");
    EXPECT_EQ(posted(request("[]"), "text/plain"), "400 notJSON");
    EXPECT_EQ(posted(request("[]", "urn:other")), "400 unknownCapability");
    EXPECT_EQ(posted(request(R"([["Core/echo",{}]])")), "400 notRequest");
    EXPECT_EQ(posted(request(R"([["Core/echo",{},"1"],["Core/echo",{},"2"],["Core/echo",{},"3"],["Core/echo",{},"4"],)"
                             R"(["Core/echo",{},"5"]])")),
              "400 limit maxCallsInRequest");
    EXPECT_EQ(posted(request("[]") + std::string(100'000, ' ')), "400 limit maxSizeRequest");
    EXPECT_EQ(posted(request("[]"), "Application/JSON; charset=utf-8"), "no problem");
    EXPECT_EQ(post_api(request(R"([["Core\/echo",{"a":"\/"},"1"]])")).status, 200U);
}

TEST_F(EndpointTest, OneAccountHasSoManyRequestsAtATime) {
    std::vector<std::unique_ptr<net::Stream>> waiting;
    for (int number = 0; number < 2; ++number) {
        waiting.push_back(dial());
        ASSERT_TRUE(run(waiting.back()->write_all(
            "POST /jmap/api/ HTTP/1.1\r\nHost: mail.b.test\r\nContent-Type: application/json\r\nContent-Length: 9\r\n" +
            basic("anna@b.test") + "\r\n{")));
        run(pause(std::chrono::seconds(1)));
    }
    EXPECT_EQ(problem_of(post_api(request("[]"))), "400 limit maxConcurrentRequests");
    add_account("bo@b.test");
    EXPECT_EQ(post_api(request("[]"), "bo@b.test").status, 200U);
    waiting.clear();
    run(pause(std::chrono::seconds(1)));
    EXPECT_EQ(post_api(request("[]")).status, 200U);
}

TEST_F(EndpointTest, ACookieOfTheWebFaceIsAsGoodAsAPassword) {
    const std::string cookie = cookie_line(begin_web_session());
    const auto ask = [&](std::string_view method, std::string_view target, std::string_view fields) {
        return send(method, target, cookie + std::string(fields), in_quotes("{'using':[],'methodCalls':[]}"), "");
    };
    const Answer session = ask("GET", "/jmap/session", "");
    EXPECT_EQ(session.status, 200U);
    EXPECT_EQ(session.json().at("username"), "anna@b.test");
    constexpr std::string_view kJson = "Content-Type: application/json\r\n";
    const auto post = [&](std::string_view fields) {
        return ask("POST", "/jmap/api/", std::string(kJson) + std::string(fields)).status;
    };
    EXPECT_EQ(post("Origin: https://mail.b.test\r\n"), 200U);
    EXPECT_EQ(post("Sec-Fetch-Site: same-origin\r\n"), 200U);
    EXPECT_EQ(post(""), 403U) << "nothing says that it comes from a page of ours";
    EXPECT_EQ(post("Sec-Fetch-Site: none\r\n"), 403U);
    EXPECT_EQ(post("Origin: https://evil.test\r\n"), 403U);
    EXPECT_EQ(ask("GET", "/jmap/session", "Sec-Fetch-Site: same-site\r\n").status, 403U);
    EXPECT_EQ(ask("GET", "/jmap/session", basic("anna@b.test", "wrong")).status, 401U)
        << "a password that is shown counts";

    EXPECT_EQ(run(directory_->web_sessions().end(anna_, {})), 1U);
    const Answer over = ask("GET", "/jmap/session", "");
    EXPECT_EQ(over.status, 401U);
    EXPECT_THAT(over.header, HasSubstr("WWW-Authenticate: Cookie ")) << "a browser would open a dialog for Basic";
    EXPECT_THAT(send("GET", "/jmap/session", "Sec-Fetch-Mode: cors\r\n", {}, "").header, HasSubstr("Cookie realm"));
    EXPECT_THAT(send("GET", "/jmap/session", {}, {}, "").header, HasSubstr("Basic realm"));
}

TEST_F(EndpointTest, WithoutMemoryARequestIsForLater) {
    MemoryBudget::Charge others(&memory_);
    ASSERT_TRUE(others.resize(memory_.bytes_max() / 4 * 3 - 200'000));
    const Answer answer = post_api(request("[]") + std::string(90'000, ' '));
    EXPECT_EQ(answer.status, 503U);
    EXPECT_THAT(answer.header, HasSubstr("Retry-After: "));
    EXPECT_EQ(post_api(request("[]")).status, 200U);
}

TEST_F(EndpointTest, BlobsAreCopiedBetweenAccountsAlone) {
    EXPECT_EQ(one("Blob/copy", "'fromAccountId':'A999','blobIds':[]"), "error: fromAccountNotFound");
    EXPECT_EQ(one("Blob/copy", "'fromAccountId':'ACCOUNT','blobIds':[]"), "error: invalidArguments fromAccountId");
    EXPECT_EQ(one("Blob/copy", "'fromAccountId':'ACCOUNT'"), "error: invalidArguments blobIds");
    EXPECT_EQ(call("['Blob/copy',{'fromAccountId':'ACCOUNT','accountId':'A9','blobIds':[]},'a']"),
              from("[['error',{'type':'accountNotFound'},'a']]").as_array());
}

} // namespace
} // namespace tegami::jmapd::testing
