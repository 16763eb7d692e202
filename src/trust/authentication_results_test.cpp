// RFC 8601: what is printed and read. The examples of its appendix B in our own words.
#include "trust/authentication_results.h"

#include <gtest/gtest.h>

namespace tegami::trust {
namespace {

using Property = MethodResult::Property;

MethodResult result(std::string method, std::string verdict, std::vector<Property> properties = {},
                    std::string reason = {}) {
    return {.method = std::move(method),
            .result = std::move(verdict),
            .reason = std::move(reason),
            .comment = {},
            .properties = std::move(properties)};
}

TEST(AuthenticationResults, WhatIsPrintedIsReadAgain) {
    const std::vector<AuthenticationResults> all{
        {.server = "mail.b.test", .results = {}},
        {.server = "mail.b.test", .results = {result("spf", "pass", {{"smtp", "mailfrom", "a.test"}})}},
        {.server = "mail.b.test",
         .results = {result("dkim", "fail", {{"header", "d", "a.test"}, {"header", "s", "k1"}}, "the body was changed"),
                     result("spf", "softfail", {{"smtp", "mailfrom", "\"odd one\"@a.test"}}),
                     result("dmarc", "fail", {{"header", "from", "a.test"}, {"policy", "dmarc", "reject"}})}},
        {.server = "mail.b.test", .results = {result("spf", "pass", {{"smtp", "mailfrom", "b\u00fcro@a.test"}})}},
        {.server = "mail.b.test",
         .results = {result("dkim", "pass", {{"header", "b", "a/b+c=d"}, {"header", "i", "@a.test"}},
                            "quotes \" and \\ and (brackets)")}},
    };
    for (const AuthenticationResults& results : all) {
        const std::string text = to_string(results);
        EXPECT_EQ(parse_authentication_results(text), results) << text;
        EXPECT_EQ(authentication_results_field(results), "Authentication-Results: " + text + "\r\n");
    }
    EXPECT_EQ(authentication_results_field(all[0]), "Authentication-Results: mail.b.test; none\r\n");
    EXPECT_EQ(authentication_results_field(all[1]),
              "Authentication-Results: mail.b.test;\r\n\tspf=pass smtp.mailfrom=a.test\r\n");
}

TEST(AuthenticationResults, WhatStrangersWroteStaysInsideItsValue) {
    for (const std::string evil :
         {"a\r\nEvil: yes", "a; dkim=pass", "a\" ; dkim=pass x=\"", "(", ")", "\\", "\x7f\x01", ""}) {
        AuthenticationResults results{.server = "b.test",
                                      .results = {result("spf", "fail", {{"smtp", "helo", evil}}, evil)}};
        results.results[0].comment = evil;
        const std::string text = authentication_results_field(results);
        EXPECT_EQ(text.find("\r\nEvil"), std::string::npos) << text;
        const auto again = parse_authentication_results(std::string_view(text).substr(text.find(':') + 1));
        ASSERT_TRUE(again) << text;
        EXPECT_EQ(again->results.size(), 1U) << text;
        EXPECT_EQ(again->results[0].properties.size(), 1U) << text;
    }
}

TEST(AuthenticationResults, LongOnesAreFolded) {
    AuthenticationResults results{.server = "mail.b.test", .results = {}};
    for (int i = 0; i < 20; ++i)
        results.results.push_back(
            result("dkim", "pass", {{"header", "d", std::string(40, 'd')}, {"header", "i", std::string(40, 'i')}}));
    const std::string text = to_string(results);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find("\r\n", at), text.size());
        EXPECT_LE(end - at, 78U);
        at = end + 2;
    }
}

TEST(AuthenticationResults, WhatOthersWriteIsRead) {
    struct Row {
        std::string value;
        std::vector<MethodResult> results;
    };

    const std::vector<Row> rows{
        {" mx.a.test 1; none", {}},
        {"mx.a.test;none;", {}},
        {"mx.a.test", {}},
        {"mx.a.test (see (nested)) ; (c) spf (x) = (y) PASS (z) smtp (a) . (b) mailfrom (c) = (d) u@a.test\r\n",
         {result("spf", "pass", {{"smtp", "mailfrom", "u@a.test"}})}},
        {"mx.a.test; dkim/1 = pass reason=\"good signature\" header.d=a.test header.b=\"ab/c+\";",
         {result("dkim", "pass", {{"header", "d", "a.test"}, {"header", "b", "ab/c+"}}, "good signature")}},
        {"mx.a.test; dkim=pass header.i=@a.test header.b=ab/c+d=",
         {result("dkim", "pass", {{"header", "i", "@a.test"}, {"header", "b", "ab/c+d="}})}},
        {"mx.a.test;\r\n dmarc=fail (p=none dis=none) action=none header.from=a.test",
         {result("dmarc", "fail", {{"header", "from", "a.test"}})}},
        {"mx.a.test; iprev=pass policy.iprev=192.0.2.1; auth=pass smtp.auth=\"a b\"@a.test",
         {result("iprev", "pass", {{"policy", "iprev", "192.0.2.1"}}),
          result("auth", "pass", {{"smtp", "auth", "a b@a.test"}})}},
    };
    for (const Row& row : rows) {
        const auto read = parse_authentication_results(row.value);
        ASSERT_TRUE(read) << row.value;
        EXPECT_EQ(read->server, "mx.a.test");
        EXPECT_EQ(read->results, row.results) << row.value;
    }
}

TEST(AuthenticationResults, WhatBreaksTheGrammarGivesNothing) {
    for (const std::string value : {"", "  ", ";", "(a", "a.test; spf", "a.test; spf=", "a.test; =pass",
                                    "a.test; spf=pass smtp.", "a.test; spf=pass smtp=", "a.test; spf=pass smtp.helo",
                                    "a.test; spf=pass reason=", "a.test; spf=pass reason=\"x", "a.test; none; spf=pass",
                                    "a.test spf=pass", "a.test; spf=pass (", "a.test; spf=pass \x01"})
        EXPECT_FALSE(parse_authentication_results(value)) << value;
    std::string many = "a.test";
    for (std::size_t i = 0; i <= kResultsMax; ++i)
        many += "; spf=pass";
    EXPECT_FALSE(parse_authentication_results(many));
}

TEST(AuthenticationResults, TheServerNamedIsKnownEarly) {
    struct Row {
        std::string value;
        std::optional<std::string> server;
    };

    for (const Row& row :
         {Row{" mail.b.test; spf=pass", "mail.b.test"}, Row{"mail.b.test ", "mail.b.test"}, Row{"mail.b", {}},
          Row{"", {}}, Row{" \r\n\t", {}}, Row{"(a (b", {}}, Row{"(a) \"mail.b.test\";", "mail.b.test"},
          Row{"\"mail.b", {}}, Row{"; x", ""}, Row{"MAIL.B.TEST/1", {}}, Row{"MAIL.B.TEST\r\n", "MAIL.B.TEST"}})
        EXPECT_EQ(server_named(row.value), row.server) << row.value;
}

TEST(AuthenticationResults, AnInstanceStandsBeforeThoseOfArc) {
    for (const std::string_view before : {"i=1;", " i = 1 ;", "\r\n (a) i(b)=(c)1(d\\)) ;"}) {
        const auto split = split_instance(std::string(before).append("mx.a.test; spf=pass"));
        ASSERT_TRUE(split) << before;
        EXPECT_EQ(split->instance, "1");
    }
    EXPECT_EQ(split_instance("i=1;mx.a.test; spf=pass")->results, "mx.a.test; spf=pass");
    EXPECT_EQ(split_instance("i=0123;")->instance, "0123");
    for (const std::string_view bad :
         {"", "i", "i=", "i=;", "i=1", "i=x;", "I=1;", "i=1 2;", "mx.a.test; i=1;", "i=1(;"})
        EXPECT_FALSE(split_instance(bad)) << bad;
}

} // namespace
} // namespace tegami::trust
