// The pages as a browser asks for them. The program of the tests carries test_site/, embedded as the program carries its own.
#include "service/webd/page_routes.h"

#include "async/run.h"
#include "service/webd/negotiation.h"

#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

namespace tegami::webd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PagesTest : public ::testing::Test {
protected:
    PagesTest() { add_page_routes(routes_, "mail.b.test", embedded_files()); }

    net::HttpResponse get(std::string target, net::HttpFields fields = {}, std::string host = "mail.b.test") {
        fields.add("Host", std::move(host));
        net::HttpRequest request{.method = "GET", .target = std::move(target), .fields = std::move(fields)};
        const net::HttpHandler* const handler = routes_.find("GET", request.path());
        return handler == nullptr ? routes_.refusal(request.path()) : run((*handler)(&request, nullptr));
    }

    template <class T>
    T run(async::Awaitable<T> work) {
        return async::run_on(context_, std::move(work));
    }

    std::string body(net::HttpResponse response) {
        if (!response.stream) return response.body;
        std::string whole = run(net::read_whole(response.stream.get(), 1U << 20)).value();
        EXPECT_EQ(whole.size(), response.stream_bytes);
        return whole;
    }

    static std::string field(const net::HttpResponse& response, std::string_view name) {
        return std::string(response.fields.find(name).value_or("(none)"));
    }

    boost::asio::io_context context_{1};
    net::HttpRoutes routes_;
};

/// What is in octets of RFC 1952.
std::string unzip(std::string octets) {
    constexpr int kGzip = 16 + MAX_WBITS;
    std::string text(1U << 20, '\0');
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, kGzip), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(octets.data());
    stream.avail_in = static_cast<uInt>(octets.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
}

TEST_F(PagesTest, TheNameOfTheServerLeadsToThePage) {
    for (const char* const path : {"/", "/mail"}) {
        const net::HttpResponse response = get(path);
        EXPECT_EQ(response.status, 302U);
        EXPECT_EQ(field(response, "Location"), "/mail/");
    }
    EXPECT_THAT(body(get("/mail/")), HasSubstr("A page of the tests"));
    EXPECT_EQ(field(get("/mail/"), "Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(get("/mail/", {}, "mail.B.test:443").status, 200U);
    for (const char* const host : {"b.test", "mta-sts.b.test", "192.0.2.2", ""}) {
        EXPECT_EQ(get("/", {}, host).status, 404U) << host;
        EXPECT_EQ(get("/mail/", {}, host).status, 404U) << host;
    }
}

TEST_F(PagesTest, AddressesWithinThePageAreThePage) {
    const std::string page = body(get("/mail/"));
    for (const char* const target : {"/mail/inbox", "/mail/folder/F3/letter/M17", "/mail/search?q=a.b", "/mail/a.b/c"})
        EXPECT_EQ(body(get(target)), page) << target;
    for (const char* const target :
         {"/mail/page.js", "/mail/assets/", "/mail/assets/page", "/mail/assets/page-1a2c.js", "/mail/../index.html",
          "/mail/%2e%2e/x.html", "/mai", "/mail/assets//page-1a2b.js"})
        EXPECT_EQ(get(target).status, 404U) << target;
}

TEST_F(PagesTest, TheAdministrationIsAPageOfItsOwn) {
    EXPECT_EQ(field(get("/admin"), "Location"), "/admin/");
    const std::string page = body(get("/admin/"));
    EXPECT_THAT(page, HasSubstr("Another page of the tests"));
    EXPECT_EQ(body(get("/admin/queue?letter=7")), page);
    EXPECT_EQ(field(get("/admin/"), "Content-Security-Policy"), field(get("/mail/"), "Content-Security-Policy"));
    for (const char* const target : {"/admin/page.js", "/admin/assets/x", "/admin/assets/page-1a2b.js", "/admins"})
        EXPECT_EQ(get(target).status, 404U) << target;
    EXPECT_EQ(get("/admin/", {}, "b.test").status, 404U);
}

TEST_F(PagesTest, WhatHasItsContentInItsNameIsKeptForEverAndThePageIsAskedForAgain) {
    const net::HttpResponse asset = get("/mail/assets/page-1a2b.js");
    EXPECT_EQ(field(asset, "Cache-Control"), "public, immutable, max-age=31536000");
    EXPECT_EQ(field(asset, "Content-Type"), "text/javascript; charset=utf-8");
    const net::HttpResponse page = get("/mail/inbox");
    EXPECT_EQ(field(page, "Cache-Control"), "no-cache");
    const std::string tag = field(page, "ETag");
    EXPECT_NE(tag, field(asset, "ETag"));
    const net::HttpResponse same = get("/mail/inbox", {{"If-None-Match", "\"other\", W/" + tag}});
    EXPECT_EQ(same.status, 304U);
    EXPECT_EQ(field(same, "ETag"), tag);
    EXPECT_EQ(body(get("/mail/inbox", {{"If-None-Match", "\"other\""}})), body(get("/mail/")));
}

TEST_F(PagesTest, AWorkerIsAskedForAgainAndHasThePagesBelowMailAlone) {
    const net::HttpResponse worker = get("/mail/worker.js");
    EXPECT_EQ(field(worker, "Service-Worker-Allowed"), "/mail/");
    EXPECT_EQ(field(worker, "Cache-Control"), "no-cache");
    EXPECT_EQ(field(worker, "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(field(worker, "Content-Security-Policy"), field(get("/mail/"), "Content-Security-Policy"));
    EXPECT_EQ(field(get("/mail/assets/page-1a2b.js"), "Service-Worker-Allowed"), "(none)");
}

TEST_F(PagesTest, WhoeverTakesItCompressedGetsItSo) {
    const std::string plain = body(get("/mail/assets/page-1a2b.js"));
    EXPECT_GT(plain.size(), 20'000U);
    net::HttpResponse zipped = get("/mail/assets/page-1a2b.js", {{"Accept-Encoding", "deflate, gzip;q=0.5"}});
    EXPECT_EQ(field(zipped, "Content-Encoding"), "gzip");
    EXPECT_EQ(field(zipped, "Vary"), "Accept-Encoding");
    EXPECT_NE(field(zipped, "ETag"), field(get("/mail/assets/page-1a2b.js"), "ETag"));
    EXPECT_LT(zipped.stream_bytes, plain.size() / 4);
    EXPECT_EQ(unzip(body(std::move(zipped))), plain);
    const File& file = embedded_files()[2];
    const net::HttpResponse best = get(std::string(file.path), {{"Accept-Encoding", "gzip, br"}});
    EXPECT_EQ(field(best, "Content-Encoding"), file.brotli.empty() ? "gzip" : "br");
    const net::HttpResponse picture = get("/mail/assets/dot-3c4d.png", {{"Accept-Encoding", "gzip, br"}});
    EXPECT_EQ(field(picture, "Content-Encoding"), "(none)") << "it would not be smaller";
}

TEST_F(PagesTest, EveryAnswerClosesWhatABrowserLeavesOpen) {
    for (const char* const target : {"/", "/mail/", "/mail/frame.html", "/mail/assets/page-1a2b.js"}) {
        const net::HttpResponse response = get(target);
        EXPECT_THAT(field(response, "Content-Security-Policy"),
                    AllOf(HasSubstr("default-src 'none'; "), HasSubstr("form-action 'none'"),
                          HasSubstr("base-uri 'none'"), HasSubstr("frame-ancestors ")))
            << target;
        EXPECT_EQ(field(response, "Strict-Transport-Security"), "max-age=31536000");
        EXPECT_EQ(field(response, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(field(response, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(field(response, "Cross-Origin-Opener-Policy"), "same-origin");
        EXPECT_EQ(field(response, "Cross-Origin-Resource-Policy"), "same-origin");
        EXPECT_THAT(field(response, "Permissions-Policy"), HasSubstr("camera=()"));
    }
    EXPECT_THAT(field(get("/mail/inbox"), "Content-Security-Policy"),
                AllOf(HasSubstr("script-src 'self';"), HasSubstr("style-src 'self';"),
                      HasSubstr("trusted-types tegami dompurify"), HasSubstr("frame-ancestors 'none'"),
                      Not(HasSubstr("unsafe"))));
    EXPECT_THAT(field(get("/mail/frame.html"), "Content-Security-Policy"),
                AllOf(HasSubstr("sandbox allow-same-origin"), HasSubstr("frame-ancestors 'self'"),
                      Not(HasSubstr("script")), Not(HasSubstr("connect-src"))));
}

TEST_F(PagesTest, AProgramWithoutThemSaysSo) {
    routes_ = {};
    add_page_routes(routes_, "mail.b.test", {});
    const net::HttpResponse english = get("/mail/inbox");
    EXPECT_EQ(english.status, 404U);
    EXPECT_THAT(english.body, AllOf(HasSubstr("<html lang=\"en\">"), HasSubstr("built without the web mail")));
    EXPECT_THAT(get("/mail/", {{"Accept-Language", "ja"}}).body,
                AllOf(HasSubstr("<html lang=\"ja\">"), HasSubstr("ウェブメールを含めずに")));
    EXPECT_EQ(get("/mail/", {}, "b.test").body, "not found\n");
}

TEST(Negotiation, TheBestEncodingThatIsTaken) {
    const auto wanted = [](std::string_view field) { return encoding_wanted(field, true, true); };
    EXPECT_EQ(wanted("gzip, deflate, br"), Encoding::brotli);
    EXPECT_EQ(wanted("br;q=0, GZIP"), Encoding::gzip);
    EXPECT_EQ(wanted("br;q=0.000,gzip; q=0"), Encoding::plain);
    EXPECT_EQ(wanted("br ; q=0.1"), Encoding::brotli);
    for (const char* const field : {"", "*", "identity", "brotli", "x-gzip", ";q=1", "gzip-br"})
        EXPECT_EQ(wanted(field), Encoding::plain) << field;
    EXPECT_EQ(encoding_wanted("gzip, br", true, false), Encoding::gzip);
    EXPECT_EQ(encoding_wanted("br", true, false), Encoding::plain);
}

TEST(EmbeddedFiles, AreInTheOrderOfTheirPathsAndEachHasATagOfItsOwn) {
    const auto files = embedded_files();
    ASSERT_EQ(files.size(), 6U);
    EXPECT_TRUE(std::ranges::is_sorted(files, {}, &File::path));
    EXPECT_EQ(files[1].path, "/mail/assets/dot-3c4d.png");
    EXPECT_EQ(files[1].plain, "\x89PNG\r\n\x1a\nnot smaller");
    for (const File& file : files)
        EXPECT_EQ(std::ranges::count(files, file.tag, &File::tag), 1) << file.path;
}

} // namespace
} // namespace tegami::webd
