// Pictures and lists, as the page asks for them: for letters of this person, of servers elsewhere, and nothing else.
#include "service/webd/outward_routes.h"

#include "base/address_reach.h"
#include "base/ascii.h"
#include "discovery/query.h"
#include "ingest/intake.h"
#include "net/simulated_resolver.h"
#include "net/test_support.h"
#include "service/webd/outward_fixture.h"
#include "testing/mail_world.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

namespace tegami::webd {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view kOutwardBase = "https://mail.b.test";

class SmallBody final : public net::BodySource {
public:
    explicit SmallBody(std::string octets) : octets_(std::move(octets)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override { co_return std::exchange(octets_, {}); }

private:
    std::string octets_;
};

/// "M7"
std::optional<store::EmailId> parse_email(std::string_view text) {
    if (!text.starts_with('M')) return std::nullopt;
    const auto number = ascii::parse_number<std::uint64_t>(text.substr(1));
    return number ? std::optional(store::EmailId(*number)) : std::nullopt;
}

bool is_outside(const IpAddress& address) {
    return reach_of(address) != Reach::inside;
}

class OutwardRoutesTest : public tegami::testing::ServerWorld {
protected:
    OutwardRoutesTest() {
        add_outward_routes(routes_, service_);
        anna_ = add_account("anna@b.test");
        cookie_ = sign_in("anna@b.test");
        resolver_.add("shop.test", "A", "192.0.2.2");
        resolver_.add("mail.b.test", "A", "192.0.2.2"); // the name in the certificate
        resolver_.add("inside.test", "A", "127.0.0.1");
        listen(80, [this](std::unique_ptr<net::Stream> stream) { return serve(std::move(stream), false); });
        listen(443, [this](std::unique_ptr<net::Stream> stream) { return serve(std::move(stream), true); });
    }

    ~OutwardRoutesTest() override { stop(); }

    std::string sign_in(std::string_view name) {
        const auto identity = run(directory_->credentials().find(std::string(name))).value();
        return "__Host-tegami=" + run(directory_->web_sessions().begin(*identity, "192.0.2.1", "Browser/1")).value();
    }

    /// A server elsewhere: answers with what the path has, at once, and notes what it was asked.
    async::Awaitable<> serve(std::unique_ptr<net::Stream> stream, bool secure) {
        if (secure) {
            const auto shaken = co_await stream->start_tls(tls_material().server);
            if (!shaken) co_return;
        }
        std::string request;
        while (!request.contains("\r\n\r\n")) {
            std::string buffer(4096, '\0');
            const auto got = co_await stream->read_some(buffer.data(), buffer.size());
            if (!got) co_return;
            request.append(buffer, 0, *got);
        }
        heard_.push_back(request);
        const std::size_t begin = request.find(' ') + 1;
        std::string answer = answers_[request.substr(begin, request.find(' ', begin) - begin)];
        if (answer.empty()) co_await async::sleep(&time_, seconds(100));
        const auto sent = co_await stream->write_all(std::move(answer));
        if (sent) co_await stream->finish();
    }

    static const net::testing::TlsMaterial& tls_material() {
        static const net::testing::TlsMaterial kMaterial;
        return kMaterial;
    }

    static std::string answer_with(std::string_view body, std::string_view status = "200 OK") {
        return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/html\r\nSet-Cookie: a=b\r\nContent-Length: {}\r\n\r\n{}",
                           status, body.size(), body);
    }

    /// Its id.
    std::string add_letter(store::AccountId owner, const std::string& octets, const std::string& front = "") {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(octets)));
        EXPECT_TRUE(run(intake.complete()));
        const ingest::Arrival arrival = run(intake.store(front, {})).value();
        const store::AccountPtr to = account(owner);
        std::vector<store::NewMessage> message{
            {.blob = arrival.blob,
             .placements = {{.mailbox = to->mailboxes()->find("INBOX")->id, .flags = {}, .keywords = {}}},
             .internal_date = time_.now(),
             .thread = {}}};
        const auto appended = run(to->append(std::move(message)));
        return fmt::format("M{}", appended.value().messages.front().front().email.value);
    }

    static std::string html_letter(std::string_view html) {
        return fmt::format("From: a@shop.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                           "--b\r\nContent-Type: text/plain\r\n\r\nhttp://shop.test/plain\r\n"
                           "--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: text/html\r\n"
                           "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
                           message::encode_transfer(std::string(html), message::TransferEncoding::base64));
    }

    net::HttpResponse send(std::string method, std::string target, net::HttpFields fields, std::string octets = {}) {
        net::HttpRequest request{.method = std::move(method),
                                 .target = std::move(target),
                                 .fields = std::move(fields),
                                 .client = {kClient, 5000},
                                 .secure = true};
        SmallBody body(std::move(octets));
        net::HttpResponse response = run((*routes_.find(request.method, request.path()))(&request, &body));
        while (response.stream) {
            const auto piece = run(response.stream->read());
            if (!piece) response.body += "! " + piece.error().text;
            if (!piece || piece->empty()) break;
            response.body += *piece;
        }
        return response;
    }

    static std::string target_of(std::string_view email, std::string_view url) {
        return fmt::format("/picture?url={}&email={}", discovery::encode_query_value(url), email);
    }

    net::HttpResponse picture(std::string_view email, std::string_view url) {
        return send("GET", target_of(email, url), {{"Cookie", cookie_}, {"Sec-Fetch-Site", "same-origin"}});
    }

    /// Status and body.
    std::string words(const net::HttpResponse& response) {
        return fmt::format("{} {}", response.status, response.body);
    }

    std::string unsubscribe(std::string_view email) {
        return words(
            send("POST", "/unsubscribe",
                 {{"Cookie", cookie_}, {"Origin", std::string(kOutwardBase)}, {"Content-Type", "application/json"}},
                 fmt::format(R"({{"email":"{}"}})", email)));
    }

    net::SimulatedResolver resolver_{&time_};
    MemoryBudget memory_{64U << 20};
    OutwardService service_{
        .sessions = directory_->web_sessions(),
        .store = store_,
        .workers = workers_,
        .memory = memory_,
        .log = log_,
        .web = net::WebClient({.network = client(),
                               .resolver = resolver_,
                               .timers = time_,
                               .tls = net::TlsClientContext::create({net::TlsVerification::opportunistic,
                                                                     tls_material().folder.file("certificate.pem")})
                                          .value(),
                               .may_reach = is_outside}),
        .parse_email_id = parse_email,
        .base_url = std::string(kOutwardBase)};
    net::HttpRoutes routes_;
    store::AccountId anna_;
    std::string cookie_;
    std::map<std::string, std::string> answers_; ///< by targets; none: it never answers
    std::vector<std::string> heard_;
};

TEST_F(OutwardRoutesTest, APictureOfALetterComesAsItIsAndTellsNobodyWhoLooks) {
    const std::string octets = png_of(7, 5) + std::string(100'000, 'x');
    answers_["/a?b=1&c"] = answer_with(octets);
    const std::string email = add_letter(anna_, html_letter(R"(<img src="https://mail.b.test/a?b=1&amp;c">)"));
    net::HttpResponse response = picture(email, "https://mail.b.test/a?b=1&c");
    EXPECT_EQ(response.status, 200U);
    EXPECT_TRUE(response.body == octets);
    EXPECT_EQ(response.stream_bytes, octets.size());
    EXPECT_EQ(response.fields.find("Content-Type"), "image/png") << "not what the server says";
    EXPECT_EQ(response.fields.find("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(response.fields.find("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(response.fields.find("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'; sandbox");
    EXPECT_EQ(response.fields.find("Cache-Control"), "private, max-age=86400");
    EXPECT_FALSE(response.fields.find("Set-Cookie"));
    ASSERT_THAT(heard_, SizeIs(1));
    EXPECT_THAT(heard_.front(), AllOf(HasSubstr("GET /a?b=1&c HTTP/1.1\r\n"), Not(HasSubstr("Cookie")),
                                      Not(HasSubstr("Referer")), Not(HasSubstr("Origin"))));
    response.stream.reset();
    EXPECT_EQ(memory_.used(), 0U) << "the answer is gone, and so is what it held";
}

TEST_F(OutwardRoutesTest, WhatIsNotInTheLetterIsNotAskedFor) {
    answers_["/x"] = answer_with(png_of(7, 5));
    const std::string email = add_letter(anna_, html_letter(R"(<img src="http://shop.test/x">)"));
    const store::AccountId ben = add_account("ben@b.test");
    const std::string other = add_letter(ben, html_letter(R"(<img src="http://shop.test/others">)"));
    const std::string own_other = add_letter(anna_, html_letter("nothing"));
    for (const auto& [letter, url] : {std::pair{email, "http://shop.test/y"},
                                      {email, "https://shop.test/x"},
                                      {email, "http://shop.test/plain"},
                                      {email, "http://shop.test/others"},
                                      {own_other, "http://shop.test/x"},
                                      {std::string("M999"), "http://shop.test/x"}})
        EXPECT_EQ(words(picture(letter, url)), R"(404 {"error":"not in this letter"})") << letter << url;
    for (const char* const letter : {"", "7", "F1"})
        EXPECT_EQ(words(picture(letter, "http://shop.test/x")), R"(400 {"error":"malformed"})") << letter;
    EXPECT_THAT(heard_, IsEmpty());
    EXPECT_EQ(picture(email, "http://shop.test/x").status, 200U);
    cookie_ = sign_in("ben@b.test");
    EXPECT_EQ(picture(other, "http://shop.test/x").status, 404U);
}

TEST_F(OutwardRoutesTest, OnlyAPageOfOursAsksAndOnlyForWhoIsSignedIn) {
    answers_["/x"] = answer_with(png_of(7, 5));
    const std::string email = add_letter(anna_, html_letter(R"(<img src="http://shop.test/x">)"));
    const std::string target = target_of(email, "http://shop.test/x");
    EXPECT_EQ(send("GET", target, {}).status, 403U) << "nobody is signed in";
    EXPECT_EQ(send("GET", target, {{"Cookie", "__Host-tegami=1.x"}}).status, 403U);
    EXPECT_EQ(send("GET", target, {{"Cookie", cookie_}, {"Sec-Fetch-Site", "cross-site"}}).status, 403U);
    EXPECT_EQ(send("POST", "/unsubscribe", {{"Cookie", cookie_}, {"Content-Type", "application/json"}},
                   fmt::format(R"({{"email":"{}"}})", email))
                  .status,
              403U)
        << "nothing says that it comes from a page of ours";
    EXPECT_THAT(heard_, IsEmpty());
    service_.pictures = false;
    EXPECT_EQ(words(picture(email, "http://shop.test/x")), R"(403 {"error":"off"})");
    EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(OutwardRoutesTest, WhatIsNoPictureOrLeadsInsideIsRefused) {
    struct Row {
        std::string path;
        std::string answer;
        std::string word;
    };

    const std::string redirect = "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n";
    for (const Row& row : {Row{"/html", answer_with("<html><script>alert(1)</script></html>"), "no-picture"},
                           Row{"/svg", answer_with("<svg xmlns='http://www.w3.org/2000/svg'/>"), "no-picture"},
                           Row{"/empty", answer_with(""), "no-picture"},
                           Row{"/short", answer_with(png_of(7, 5).substr(0, 20)), "no-picture"},
                           Row{"/wide", answer_with(png_of(50'000, 50'000)), "too-large"},
                           Row{"/gone", answer_with(png_of(7, 5), "404 Not Found"), "failed"},
                           Row{"/heavy", "HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\n", "failed"},
                           Row{"/inside", fmt::format(fmt::runtime(redirect), "http://inside.test/"), "refused"},
                           Row{"/number", fmt::format(fmt::runtime(redirect), "http://2130706433/"), "refused"},
                           Row{"/silent", "", "failed"}}) {
        answers_[row.path] = row.answer;
        const std::string url = "http://shop.test" + row.path;
        const std::string email = add_letter(anna_, html_letter(fmt::format("<img src={}>", url)));
        EXPECT_EQ(words(picture(email, url)), fmt::format(R"(502 {{"error":"{}"}})", row.word)) << row.path;
    }
    heard_.clear();
    for (const char* const url : {"http://inside.test/x", "http://127.0.0.1/x", "http://[::1]/x", "http://0x7f.1/x",
                                  "http://shop.test:25/x", "ftp://shop.test/x", "file:///etc/passwd"}) {
        const std::string email = add_letter(anna_, html_letter(fmt::format("<img src={}>", url)));
        EXPECT_EQ(words(picture(email, url)), R"(502 {"error":"refused"})") << url;
    }
    EXPECT_THAT(heard_, IsEmpty());
    answers_["/flood"] = "HTTP/1.1 200 OK\r\n\r\n" + png_of(7, 5) + std::string(9U << 20, 'x');
    const std::string email = add_letter(anna_, html_letter("<img src=http://shop.test/flood>"));
    const net::HttpResponse flood = picture(email, "http://shop.test/flood");
    EXPECT_THAT(flood.body.substr(flood.body.size() - 60), HasSubstr("! the answer is too large"));
    EXPECT_LE(flood.body.size(), kPictureBytesMax + 100);
}

async::Awaitable<> take_place(AccountPlaces* places, async::Timers* timers, store::AccountId account,
                              std::vector<int>* taken) {
    const auto place = co_await places->take(account);
    taken->push_back(place ? 1 : 0);
    co_await async::sleep(timers, seconds(10));
}

TEST_F(OutwardRoutesTest, AnAccountWaitsForItselfAndKeepsNobodyElseWaiting) {
    AccountPlaces places;
    async::TaskGroup tasks(time_.executor(), [](std::string_view, std::string_view why) { FAIL() << why; });
    const auto come = [&](std::uint32_t account, std::size_t times, std::vector<int>* taken) {
        for (; times > 0; --times)
            tasks.spawn("one", take_place(&places, &time_, store::AccountId(account), taken));
        time_.run_for(seconds(1));
    };
    std::vector<int> first;
    come(1, 20, &first);
    EXPECT_THAT(first, AllOf(SizeIs(AccountPlaces::kEachMax), Each(1)));
    std::vector<int> second;
    come(2, 1, &second);
    EXPECT_THAT(second, ElementsAre(1));
    time_.run_for(seconds(10));
    EXPECT_THAT(first, SizeIs(2 * AccountPlaces::kEachMax)) << "those that waited have theirs";
    std::vector<int> others;
    for (std::uint32_t account = 10; account < 30; ++account)
        come(account, AccountPlaces::kEachMax, &others);
    EXPECT_THAT(others, Contains(0)) << "all together have no more than kAllMax";
    tasks.cancel();
    run(tasks.join());
}

TEST_F(OutwardRoutesTest, AListIsLeftAsItsSignedLetterOffers) {
    const std::string front = "Authentication-Results: mail.b.test; dkim=pass header.d=shop.test header.s=s1 "
                              "header.a=rsa-sha256 header.b=QUJDREVG\r\n";
    const std::string letter =
        "DKIM-Signature: v=1; a=rsa-sha256; d=shop.test; s=s1; h=From:List-Unsubscribe:List-Unsubscribe-Post; "
        "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=QUJDREVGRw==\r\n"
        "List-Unsubscribe: <https://mail.b.test/u?id=7>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        "From: news@shop.test\r\n\r\nnews\r\n";
    answers_["/u?id=7"] = answer_with("<html>You have left.</html>");
    const std::string email = add_letter(anna_, letter, front);
    EXPECT_EQ(unsubscribe(email), "204 ");
    ASSERT_THAT(heard_, SizeIs(1));
    EXPECT_THAT(heard_.front(), AllOf(HasSubstr("POST /u?id=7 HTTP/1.1\r\nHost: mail.b.test\r\n"),
                                      HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"),
                                      Not(HasSubstr("Cookie")), HasSubstr("\r\n\r\nList-Unsubscribe=One-Click")));
    for (const char* const status : {"302 Found", "500 Oh", "404 No"}) {
        answers_["/u?id=7"] = answer_with("", status);
        EXPECT_EQ(unsubscribe(email), R"(409 {"error":"failed"})") << status;
    }
    heard_.clear();
    EXPECT_EQ(unsubscribe(add_letter(anna_, front + letter)), R"(409 {"error":"not-signed"})")
        << "what a person has put there says it, not this server";
    EXPECT_EQ(unsubscribe(add_letter(anna_, "Subject: x\r\n\r\n", front)), R"(409 {"error":"not-offered"})");
    std::string inside = letter;
    inside.replace(inside.find("mail.b.test"), 11, "inside.test");
    EXPECT_EQ(unsubscribe(add_letter(anna_, inside, front)), R"(409 {"error":"refused"})");
    EXPECT_EQ(unsubscribe("M999"), R"(404 {"error":"no such letter"})");
    EXPECT_EQ(unsubscribe(R"(M1","x":"y)"), R"(400 {"error":"malformed"})");
    EXPECT_THAT(heard_, IsEmpty());
}

} // namespace
} // namespace tegami::webd
