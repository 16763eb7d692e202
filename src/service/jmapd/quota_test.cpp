// Quotas (RFC 9425).
#include "service/jmapd/email_fixture.h"
#include "service/jmapd/quotas.h"

#include <fmt/format.h>

namespace tegami::jmapd::testing {
namespace {

class QuotaTest : public EmailTest {
protected:
    void limit(std::uint64_t bytes, std::uint64_t messages) {
        EXPECT_TRUE(run(annas()->set_quota({.bytes_max = bytes, .messages_max = messages})));
    }

    json::value changes(std::string_view since, std::string_view more = {}) {
        return one("Quota/changes", fmt::format("'sinceState':'{}'{}", since, more));
    }

    json::value told(std::string_view since, std::string_view what) {
        return from(fmt::format("{{'accountId':'ACCOUNT','oldState':'{}','newState':'{}','hasMoreChanges':false,{}}}",
                                since, state(), what));
    }

    std::string state() { return std::string(one("Quota/get", "'ids':[]").at("state").as_string()); }
};

TEST_F(QuotaTest, EveryLimitIsOne) {
    EXPECT_EQ(one("Quota/get", "'ids':null").at("list"), json::array());
    limit(100'000, 10);
    append("Subject: x\r\n\r\nhello\r\n");
    const std::uint64_t size = annas()->quota().bytes;
    const json::value got = one("Quota/get", "'ids':['Q1','Q2','Q3']");
    EXPECT_EQ(got.at("notFound"), from("['Q3']"));
    EXPECT_EQ(
        got.at("list").at(0),
        from(fmt::format("{{'id':'Q1','resourceType':'octets','used':{},'hardLimit':100000,'scope':'account',"
                         "'name':'storage','types':['Email'],'warnLimit':null,'softLimit':null,'description':null}}",
                         size)));
    EXPECT_EQ(one("Quota/get", "'ids':['Q2'],'properties':['used','hardLimit']").at("list"),
              from("[{'id':'Q2','used':1,'hardLimit':10}]"));
    EXPECT_EQ(one("Quota/get", "'properties':['free']"), "error: invalidArguments properties");
    limit(0, 10);
    EXPECT_EQ(one("Quota/get", "'properties':['name']").at("list"), from("[{'id':'Q2','name':'messages'}]"));
    const Answer without_mail = post_api(in_quotes("{'using':['urn:ietf:params:jmap:quota'],'methodCalls':[['Quota/"
                                                   "get',{'accountId':'ACCOUNT','ids':null},'a']]}"));
    EXPECT_EQ(without_mail.json().at("methodResponses").at(0).at(1).at("list"), json::array())
        << "a client that knows no emails";
}

TEST_F(QuotaTest, ChangesAreKnownForEver) {
    limit(100'000, 0);
    const std::string before = state();
    EXPECT_EQ(changes(before), told(before, "'created':[],'updated':[],'destroyed':[],'updatedProperties':null"));
    append("Subject: x\r\n\r\nhello\r\n");
    EXPECT_EQ(changes(before),
              told(before, "'created':[],'updated':['Q1'],'destroyed':[],'updatedProperties':['used']"));
    limit(200'000, 5);
    EXPECT_EQ(changes(before),
              told(before, "'created':['Q2'],'updated':['Q1'],'destroyed':[],'updatedProperties':null"));
    const json::value first = one("Quota/changes", fmt::format("'sinceState':'{}','maxChanges':1", before));
    EXPECT_EQ(first.at("hasMoreChanges"), true);
    EXPECT_EQ(first.at("updated"), from("['Q1']"));
    const std::string middle(first.at("newState").as_string());
    EXPECT_EQ(changes(middle, ",'maxChanges':1"),
              told(middle, "'created':['Q2'],'updated':[],'destroyed':[],'updatedProperties':null"));
    limit(0, 0);
    EXPECT_EQ(changes(before), told(before, "'created':[],'updated':[],'destroyed':['Q1'],'updatedProperties':null"));
    for (const char* const wrong : {"", "7", "1-2-3", "1-2-3-04", "a-b-c-d"})
        EXPECT_EQ(one("Quota/changes", fmt::format("'sinceState':'{}'", wrong)), "error: cannotCalculateChanges")
            << wrong;
}

TEST_F(QuotaTest, AreFoundByWhatTheySay) {
    limit(100'000, 10);
    const auto ids = [this](std::string_view query) { return write_json(one("Quota/query", query).at("ids")); };
    EXPECT_EQ(ids("'filter':null"), R"(["Q1","Q2"])");
    EXPECT_EQ(ids("'filter':{'name':'ess'}"), R"(["Q2"])");
    EXPECT_EQ(ids("'filter':{'resourceType':'octets','type':'Email','scope':'account'}"), R"(["Q1"])");
    EXPECT_EQ(ids("'filter':{'operator':'NOT','conditions':[{'type':'Email'}]}"), "[]");
    EXPECT_EQ(ids("'sort':[{'property':'name'}]"), R"(["Q2","Q1"])");
    append("Subject: x\r\n\r\nhello\r\n");
    EXPECT_EQ(ids("'sort':[{'property':'used','isAscending':false}]"), R"(["Q1","Q2"])");
    EXPECT_EQ(one("Quota/query", "'filter':{'used':1}"), "error: unsupportedFilter");
    EXPECT_EQ(one("Quota/query", "'filter':{'name':1}"), "error: invalidArguments filter");
    EXPECT_EQ(one("Quota/query", "'sort':[{'property':'hardLimit'}]"), "error: unsupportedSort");
    const json::value before = one("Quota/query", "'sort':[{'property':'used'}]");
    limit(100'000, 0);
    const json::value changed =
        one("Quota/queryChanges", fmt::format("'sort':[{{'property':'used'}}],'sinceQueryState':'{}'",
                                              std::string(before.at("queryState").as_string())));
    EXPECT_EQ(changed.at("removed"), from("['Q2']"));
    EXPECT_EQ(changed.at("added"), json::array());
}

} // namespace
} // namespace tegami::jmapd::testing
