// One HTTPS request; what may be read from a policy's server is tested where it is used (relay/sts_policies_test.cpp).
#include "net/https_client.h"
#include "net/test_support.h"

#include <gmock/gmock.h>

namespace tegami::net::testing {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Awaitable<> answer_one(World* world, Listener* listener, std::shared_ptr<const TlsServerContext> tls,
                       std::string answer, std::string* heard) {
    auto stream = co_await listener->accept(world->executor());
    if (!stream) co_return;
    const auto shaken = co_await (*stream)->start_tls(std::move(tls));
    if (!shaken) co_return;
    std::string request(4096, '\0');
    const auto got = co_await (*stream)->read_some(request.data(), request.size());
    if (!got) co_return;
    *heard = request.substr(0, *got);
    const auto sent = co_await (*stream)->write_all(std::move(answer));
    if (sent) co_await (*stream)->finish();
}

/// What a client gets that asks `host`, whose first address has nobody; the words of the error, or status and body.
/// With a body it is a POST.
Awaitable<> get(SimulatedWorld* world, const TlsMaterial* tls, std::shared_ptr<const TlsClientContext> context,
                std::string host, std::string answer, std::string* found, std::string* heard, std::string body = {}) {
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    const std::unique_ptr<Listener> listener = world->listen();
    group.spawn("server", answer_one(world, listener.get(), tls->server, std::move(answer), heard));
    HttpsQuestion question{.host = std::move(host),
                           .target = "/x",
                           .endpoints = {{IpAddress::parse("192.0.2.77").value(), 25}, listener->local_endpoint()},
                           .body_bytes_max = 10,
                           .deadline = world->timers().instant() + seconds(20),
                           .body = body,
                           .body_type = body.empty() ? "" : "application/x"};
    auto asked = body.empty() ? https_get(&world->client(), context, std::move(question))
                              : https_post(&world->client(), context, std::move(question));
    const auto response = co_await std::move(asked);
    *found = response                       ? std::to_string(response->status) + " " + response->body
             : response.error().certificate ? "unproven: " + response.error().text
                                            : response.error().text;
    co_await group.join();
}

TEST(HttpsClient, AsksTheFirstAddressThatAnswersAndTakesWhatItSays) {
    SimulatedWorld world;
    const TlsMaterial tls;
    std::shared_ptr<const TlsClientContext> trusting =
        TlsClientContext::create({TlsVerification::opportunistic, tls.folder.file("certificate.pem")}).value();
    const auto ask = [&](const std::string& host, const std::string& answer) {
        std::string found;
        std::string heard;
        world.run(get(&world, &tls, trusting, host, answer, &found, &heard));
        return found;
    };
    EXPECT_EQ(ask("mail.b.test", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nword"), "200 word");
    EXPECT_EQ(ask("mail.b.test", "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"), "302 ");
    EXPECT_EQ(
        ask("mail.b.test", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwo\r\n2\r\nrd\r\n0\r\n\r\n"),
        "200 word");
    EXPECT_THAT(ask("mail.b.test", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"),
                HasSubstr("gave no proper answer"));
    EXPECT_THAT(ask("mail.b.test", "HTTP/1.1 200 OK\r\n\r\nword"),
                HasSubstr("the connection ended before the answer did"));
    trusting = tls.opportunistic;
    EXPECT_THAT(ask("mail.b.test", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                AllOf(StartsWith("unproven"), HasSubstr("no authority")));
    trusting = tls.trusting;
    EXPECT_THAT(ask("mail.a.test", ""), HasSubstr("the certificate is for another name"));
}

TEST(HttpsClient, PostsABody) {
    SimulatedWorld world;
    const TlsMaterial tls;
    const auto trusting =
        TlsClientContext::create({TlsVerification::opportunistic, tls.folder.file("certificate.pem")}).value();
    std::string found;
    std::string heard;
    const std::string answer = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
    world.run(get(&world, &tls, trusting, "mail.b.test", answer, &found, &heard, "octets"));
    EXPECT_EQ(found, "201 ");
    EXPECT_THAT(heard, AllOf(StartsWith("POST /x HTTP/1.1\r\n"), HasSubstr("Content-Type: application/x\r\n"),
                             HasSubstr("Content-Length: 6\r\n"), EndsWith("\r\n\r\noctets")));
}

} // namespace
} // namespace tegami::net::testing
