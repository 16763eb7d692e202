// RFC 8620: what a request is, how its calls refer to each other, the arguments of standard methods, patches, filters.
#include "protocol/jmap/answers.h"
#include "protocol/jmap/batch.h"
#include "protocol/jmap/filter.h"
#include "protocol/jmap/patch.h"
#include "protocol/jmap/socket_message.h"
#include "protocol/jmap/sort.h"
#include "protocol/jmap/standard.h"
#include "protocol/jmap/types.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::jmap {
namespace {

using ::testing::ElementsAre;

json::value read(std::string_view text) {
    return read_json(text, 100).value();
}

Result<Request, RequestFault> parsed(std::string_view text, const RequestLimits& limits = {}) {
    return parse_request(text, limits,
                         [](std::string_view capability) { return capability == "core" || capability == "mail"; });
}

TEST(Request, IsReadWhole) {
    const auto request =
        parsed(R"({"using":["core","mail"],"methodCalls":[["Foo\/get",{"ids":null},"0"],["Core/echo",{},"é"]],)"
               R"("createdIds":{"a":"b"},"more":1})");
    ASSERT_TRUE(request);
    EXPECT_THAT(request->capabilities, ElementsAre("core", "mail"));
    ASSERT_EQ(request->calls.size(), 2U);
    EXPECT_EQ(request->calls[0].name, "Foo/get");
    EXPECT_EQ(request->calls[0].arguments, read(R"({"ids":null})"));
    EXPECT_EQ(request->calls[1].call_id, "é");
    EXPECT_EQ(request->created_ids, read(R"({"a":"b"})").as_object());
}

// RFC 8887 §4.3
TEST(SocketMessage, IsARequestOrAboutPush) {
    const auto message = [](std::string_view text) {
        return parse_socket_message(text, {}, [](std::string_view capability) { return capability == "core"; });
    };
    const auto request = message(R"({"@type":"Request","id":"R1","using":["core"],"methodCalls":[["a",{},"b"]]})");
    ASSERT_TRUE(request && std::holds_alternative<SocketRequest>(*request));
    EXPECT_EQ(std::get<SocketRequest>(*request).id, "R1");
    EXPECT_EQ(std::get<SocketRequest>(*request).request.calls.size(), 1U);
    const auto enable = message(R"({"@type":"WebSocketPushEnable","dataTypes":["Email","X"],"pushState":"7"})");
    ASSERT_TRUE(enable && std::holds_alternative<PushEnable>(*enable));
    EXPECT_THAT(*std::get<PushEnable>(*enable).types, ElementsAre("Email", "X"));
    EXPECT_EQ(std::get<PushEnable>(*enable).push_state, "7");
    const auto all = message(R"({"@type":"WebSocketPushEnable","dataTypes":null})");
    ASSERT_TRUE(all);
    EXPECT_FALSE(std::get<PushEnable>(*all).types);
    EXPECT_TRUE(std::holds_alternative<PushDisable>(message(R"({"@type":"WebSocketPushDisable"})").value()));
    for (const char* const wrong : {R"({"@type":"WebSocketPushEnable","id":"R2","dataTypes":[1]})", R"({"id":"R2"})",
                                    R"({"@type":"WebSocketPushEnable","id":"R2","pushState":1})",
                                    R"({"@type":"Response","id":"R2"})", R"({"@type":"Request","id":"R2"})"}) {
        const auto told = message(wrong);
        ASSERT_FALSE(told) << wrong;
        EXPECT_EQ(told.error().fault.kind, RequestFault::Kind::not_request);
        EXPECT_EQ(told.error().request_id, "R2");
    }
    EXPECT_EQ(message(R"({"@type":"Request","id":1})").error().request_id, std::nullopt);
}

TEST(Request, WhatIsNoneSaysWhy) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "notJSON"},
        {R"({"using":["core"],"methodCalls":[]})"
         "x",
         "notJSON"},
        {"{\"using\":[\"core\xff\"],\"methodCalls\":[]}", "notJSON"},
        {R"({"using":["core"],"methodCalls":[["a",{"b":1,"b":1},"c"]]})", "notJSON"},
        {"[]", "notRequest"},
        {R"({"methodCalls":[]})", "notRequest"},
        {R"({"using":"core","methodCalls":[]})", "notRequest"},
        {R"({"using":[1],"methodCalls":[]})", "notRequest"},
        {R"({"using":["core"]})", "notRequest"},
        {R"({"using":["core"],"methodCalls":[["a",{}]]})", "notRequest"},
        {R"({"using":["core"],"methodCalls":[["a",{},1]]})", "notRequest"},
        {R"({"using":["core"],"methodCalls":[["a",[],"c"]]})", "notRequest"},
        {R"({"using":["core"],"methodCalls":[],"createdIds":{"a":1}})", "notRequest"},
        {R"({"using":["core"],"methodCalls":[],"createdIds":{"#a":"b"}})", "notRequest"},
        {R"({"using":["calendars"],"methodCalls":[]})", "unknownCapability"},
        {R"({"using":["core"],"methodCalls":[["a",{},"1"],["a",{},"2"],["a",{},"3"]]})", "limit maxCallsInRequest"},
        {R"({"using":["core"],"methodCalls":[["a",{"b":")"
         "012345678901234567890123456789012345678901234567890123456789"
         R"("},"1"]]})",
         "limit maxSizeRequest"},
    };
    for (const auto& [text, why] : cases) {
        const auto request = parsed(text, {.size_bytes = 100, .calls = 2});
        ASSERT_FALSE(request) << text;
        const json::object details = problem_details(request.error());
        std::string said(details.at("type").as_string());
        if (const auto* limit = details.if_contains("limit")) said += " " + std::string(limit->as_string());
        EXPECT_EQ(said, "urn:ietf:params:jmap:error:" + std::string(why)) << text;
        EXPECT_EQ(details.at("status"), 400);
    }
}

/// The responses to calls that are all answered with what `results` has next, and to those that cannot be made.
json::object answered(std::string_view calls, std::vector<std::string_view> results, const RequestLimits& limits = {}) {
    auto request = parsed(R"({"using":["core"],"methodCalls":)" + std::string(calls) + "}");
    Batch batch(*std::move(request), limits);
    std::size_t at = 0;
    while (const Invocation* call = batch.next()) {
        if (at < results.size() && !results[at].empty())
            batch.answer(call->name, read(results[at]).as_object());
        else
            batch.answer(call->name, call->arguments); // Core/echo
        ++at;
    }
    return std::move(batch).finish("s");
}

TEST(Batch, LaterCallsReferToResults) {
    constexpr std::string_view kResult =
        R"({"list":[{"id":"a","mails":["x","y"],"n":{"0":"zero"}},{"id":"b","mails":["z"]}],"ids":["p","q"],"m~/n":7})";
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"/ids", R"(["p","q"])"},
        {"/ids/*", R"(["p","q"])"},
        {"/ids/1", R"("q")"},
        {"/list/*/id", R"(["a","b"])"},
        {"/list/*/mails", R"(["x","y","z"])"},
        {"/list/0/n/0", R"("zero")"},
        {"/m~0~1n", "7"},
        {"/ids/2", ""},
        {"/ids/01", ""},
        {"/list/*/n", ""},
        {"/nothing", ""},
        {"ids", ""},
        {"/ids/-", ""},
        {"/m~2", ""},
        {"/ids/*/x", ""},
    };
    for (const auto& [path, value] : cases) {
        const std::string calls = R"([["A/query",{},"1"],["B/get",{"#ids":{"resultOf":"1","name":"A/query","path":")" +
                                  std::string(path) + R"("}},"2"]])";
        const json::value second = answered(calls, {kResult}).at("methodResponses").as_array().at(1);
        if (value.empty())
            EXPECT_EQ(second.at(1).at("type"), "invalidResultReference") << path;
        else
            EXPECT_EQ(second, (json::array{"B/get", json::object{{"ids", read(value)}}, "2"})) << path;
    }
}

TEST(Batch, AFaultEndsOnlyItsCall) {
    const auto responses = answered(
        R"([["B/get",{"#ids":{"resultOf":"9","name":"A/query","path":"/ids"}},"1"],["Core/echo",{"a":1},"2"],)"
        R"(["Core/echo",{"a":1,"#a":{"resultOf":"2","name":"Core/echo","path":"/a"}},"3"],)"
        R"(["Core/echo",{"#a":{"resultOf":"2","name":"Core/ohce","path":"/a"}},"4"],["Core/echo",{"#a":[]},"5"]])",
        {});
    std::vector<std::string> said;
    for (const json::value& one : responses.at("methodResponses").as_array())
        said.emplace_back(one.at(0) == "error" ? one.at(1).at("type").as_string() : one.at(0).as_string());
    EXPECT_THAT(said, ElementsAre("invalidResultReference", "Core/echo", "invalidArguments", "invalidResultReference",
                                  "invalidResultReference"));
    EXPECT_EQ(responses.at("sessionState"), "s");
    EXPECT_FALSE(responses.contains("createdIds"));
}

/// Each call says twice what the one before said.
TEST(Batch, WhatIsReferredToDoesNotGrowWithoutBound) {
    std::string calls = R"([["Core/echo",{"a":"0123456789"},"0"])";
    for (int number = 1; number < 60; ++number) {
        const std::string reference =
            R"({"resultOf":")" + std::to_string(number - 1) + R"(","name":"Core/echo","path":""})";
        calls += fmt::format(R"(,["Core/echo",{{"#a":{0},"#b":{0}}},"{1}"])", reference, number);
    }
    const auto responses = answered(calls + "]", {}, {.referenced = 10'000});
    EXPECT_LT(json::serialize(responses).size(), 100'000U);
    EXPECT_EQ(responses.at("methodResponses").as_array().back().at(1).at("type"), "invalidResultReference");
}

TEST(Batch, CreatedIdsAreToldWhoAsked) {
    Batch batch(*parsed(R"({"using":["core"],"methodCalls":[],"createdIds":{"a":"old","b":"b1"}})"), {});
    batch.created_ids().add("a", "new");
    EXPECT_EQ(batch.created_ids().resolve("#a"), "new");
    EXPECT_EQ(batch.created_ids().resolve("#c"), std::nullopt);
    EXPECT_EQ(batch.created_ids().resolve("x"), "x");
    EXPECT_TRUE(batch.uses("core"));
    EXPECT_FALSE(batch.uses("mail"));
    EXPECT_EQ(std::move(batch).finish("").at("createdIds"), read(R"({"a":"new","b":"b1"})"));
}

TEST(Types, IdsAndInts) {
    for (const std::string_view id : {"a", "-_09", "Z"})
        EXPECT_TRUE(is_id(id)) << id;
    for (const std::string& id : {std::string(), std::string("a.b"), std::string("#a"), std::string(256, 'a')})
        EXPECT_FALSE(is_id(id)) << id;
    const std::pair<std::string_view, std::optional<std::int64_t>> cases[] = {
        {"1", 1},
        {"-1", -1},
        {"1.0", 1},
        {"1e3", 1000},
        {"9007199254740991", kIntMax},
        {"1.5", {}},
        {"9007199254740992", {}},
        {"1e300", {}},
        {"18446744073709551615", {}},
        {"\"1\"", {}},
    };
    for (const auto& [text, number] : cases)
        EXPECT_EQ(read_int(read(text)), number) << text;
}

/// The names that are wrong among the arguments of `take`.
template <class Take>
std::vector<std::string> wrong(std::string_view text, Take take) {
    const json::value values = read(text);
    CreatedIds created;
    created.add("new", "made");
    Arguments arguments(values.as_object(), created);
    const auto taken = take(arguments, created);
    if constexpr (requires { taken.error(); })
        if (!taken) return {taken.error().type};
    const auto finished = arguments.finish();
    return finished ? std::vector<std::string>() : finished.error().names;
}

TEST(Arguments, WhatIsWrongIsNamed) {
    const RequestLimits limits{.objects_in_get = 2, .objects_in_set = 2};
    const auto get = [&](Arguments& arguments, const CreatedIds&) { return take_get(arguments, limits); };
    const auto changes = [](Arguments& arguments, const CreatedIds&) { return take_changes(arguments); };
    const auto query = [](Arguments& arguments, const CreatedIds&) { return take_query(arguments); };
    const auto set = [&](Arguments& arguments, const CreatedIds& created) {
        return take_set(arguments, created, limits);
    };
    EXPECT_THAT(wrong(R"({"accountId":"a","ids":null,"properties":["id"]})", get), ElementsAre());
    EXPECT_THAT(wrong(R"({"accountId":"a","ids":["b","b","c","#new","#new"]})", get), ElementsAre("requestTooLarge"));
    EXPECT_THAT(wrong(R"({"accountId":"a","ids":["b","b","#new","made"]})", get), ElementsAre());
    EXPECT_THAT(wrong(R"({"ids":"b","properties":[1],"id":1})", get),
                ElementsAre("accountId", "ids", "properties", "id"));
    EXPECT_THAT(wrong(R"({"accountId":"a b"})", get), ElementsAre("accountId"));
    EXPECT_THAT(wrong(R"({"accountId":"a","sinceState":1,"maxChanges":0})", changes),
                ElementsAre("maxChanges", "sinceState"));
    EXPECT_THAT(wrong(R"({"accountId":"a","sinceState":"1","maxChanges":1})", changes), ElementsAre());
    EXPECT_THAT(wrong(R"({"accountId":"a","position":-5,"anchorOffset":-1,"limit":0,"calculateTotal":true})", query),
                ElementsAre());
    EXPECT_THAT(wrong(R"({"accountId":"a","position":1.5,"limit":-1,"calculateTotal":1,"anchor":"!"})", query),
                ElementsAre("anchor", "calculateTotal", "limit", "position"));
    EXPECT_THAT(wrong(R"({"accountId":"a","create":{"x":{}},"update":{"#new":{}}})", set), ElementsAre());
    EXPECT_THAT(wrong(R"({"accountId":"a","create":{"#x":{}},"update":{"y":1},"destroy":[1]})", set),
                ElementsAre("create", "destroy", "update"));
    EXPECT_THAT(wrong(R"({"accountId":"a","create":{"x":{},"y":{}},"destroy":["z"]})", set),
                ElementsAre("requestTooLarge"));
}

TEST(Query, WindowOfTheResults) {
    struct Case {
        QueryArguments query;
        std::size_t begin, end;
        std::optional<std::size_t> limit;
    };

    const Case cases[] = {
        {{}, 0, 5, 5},
        {{.limit = 2}, 0, 2, {}},
        {{.limit = 9}, 0, 5, 5},
        {{.position = 8, .limit = 5}, 8, 10, {}},
        {{.position = 80, .limit = 5}, 10, 10, {}},
        {{.position = -3, .limit = 5}, 7, 10, {}},
        {{.position = -30, .limit = 1}, 0, 1, {}},
        {{.position = 9, .anchor = "4", .limit = 1}, 4, 5, {}},
        {{.anchor = "4", .anchor_offset = -9, .limit = 2}, 0, 2, {}},
        {{.anchor = "4", .anchor_offset = 3, .limit = 2}, 7, 9, {}},
        {{.limit = 0}, 0, 0, {}},
        {{.position = -kIntMax, .limit = 1}, 0, 1, {}},
        {{.anchor = "4", .anchor_offset = kIntMax, .limit = 1}, 10, 10, {}},
    };
    const auto place_of = [](const std::string& id) {
        return id == "4" ? std::optional<std::size_t>(4) : std::nullopt;
    };
    for (const Case& each : cases) {
        const auto window = find_window(each.query, 10, 5, place_of);
        ASSERT_TRUE(window);
        EXPECT_EQ(std::tuple(window->begin, window->end, window->limit), std::tuple(each.begin, each.end, each.limit))
            << each.query.position << " " << each.query.anchor_offset;
    }
    EXPECT_EQ(find_window({.anchor = "x"}, 10, 5, place_of).error().type, "anchorNotFound");
}

TEST(Patch, ChangesByPath) {
    constexpr std::string_view kRecord = R"({"a":1,"b":{"c":{"7":true},"d":[1]},"e/f":2})";
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"({"a":2,"b\/c\/8":true,"b\/c\/7":null})", R"({"a":2,"b":{"c":{"8":true},"d":[1]},"e/f":2})"},
        {R"({"a":null,"x":null,"b":5,"e~1f":3})", R"({"b":5,"e/f":3})"},
        {R"({"b\/d":[2,3],"n":{}})", R"({"a":1,"b":{"c":{"7":true},"d":[2,3]},"e/f":2,"n":{}})"},
        {R"({})", kRecord},
        {R"({"b\/d\/0":5})", ""},
        {R"({"x\/y":5})", ""},
        {R"({"a\/y":5})", ""},
        {R"({"b":{},"b\/c":1})", ""},
        {R"({"b\/c\/7":1,"b\/c":1,"b\/b":2})", ""},
        {R"({"e~1f":1,"e~1f\/x":1})", ""},
    };
    for (const auto& [patch, after] : cases) {
        const auto patched = apply_patch(read(kRecord).as_object(), read(patch).as_object());
        if (after.empty()) {
            ASSERT_FALSE(patched) << patch;
            EXPECT_EQ(set_error(patched.error()).at("type"), "invalidPatch");
        } else {
            ASSERT_TRUE(patched) << patch;
            EXPECT_EQ(*patched, read(after)) << patch;
        }
    }
}

TEST(FilterTree, IsReadWithinLimits) {
    const json::value value =
        read(R"({"operator":"OR","conditions":[{"text":"x"},{"operator":"NOT","conditions":[{"from":"y"}]}]})");
    const auto filter = parse_filter(value);
    ASSERT_TRUE(filter);
    const auto& group = std::get<Filter::Group>(filter->is);
    EXPECT_EQ(group.how, Filter::Operator::any);
    EXPECT_TRUE(std::get<const json::object*>(group.parts[0].is)->contains("text"));
    EXPECT_EQ(std::get<Filter::Group>(group.parts[1].is).how, Filter::Operator::none);
    for (const std::string_view text :
         {"1", R"({"operator":"XOR","conditions":[]})", R"({"operator":"AND"})",
          R"({"operator":"AND","conditions":{}})", R"({"operator":"AND","conditions":[1]})"})
        EXPECT_EQ(parse_filter(read(text)).error().type, "invalidArguments") << text;
    std::string deep = "{}";
    for (std::size_t level = 0; level <= kFilterDepthMax; ++level)
        deep = fmt::format(R"({{"operator":"AND","conditions":[{}]}})", deep);
    EXPECT_EQ(parse_filter(read(deep)).error().type, "unsupportedFilter");
    json::array many(kFilterPartsMax, json::object());
    EXPECT_EQ(parse_filter(json::object{{"operator", "AND"}, {"conditions", many}}).error().type, "unsupportedFilter");
}

TEST(Sort, IsReadWithinLimits) {
    const json::value value = read(
        R"([{"property":"name","isAscending":false,"collation":"i;x"},{"property":"hasKeyword","keyword":"$seen"}])");
    const auto sort = parse_sort(&value);
    ASSERT_TRUE(sort);
    EXPECT_EQ(sort->at(0).property, "name");
    EXPECT_FALSE(sort->at(0).ascending);
    EXPECT_EQ(sort->at(0).collation, "i;x");
    EXPECT_TRUE(sort->at(1).ascending);
    EXPECT_TRUE(sort->at(1).more->contains("keyword"));
    EXPECT_TRUE(parse_sort(nullptr)->empty());
    for (const std::string_view text :
         {"1", "{}", "[1]", "[{}]", R"([{"property":1}])", R"([{"property":"a","isAscending":1}])",
          R"([{"property":"a","collation":1}])"}) {
        const json::value wrong = read(text);
        EXPECT_EQ(parse_sort(&wrong).error().type, "invalidArguments") << text;
    }
    const json::value many = json::array(kComparatorsMax + 1, json::object{{"property", "a"}});
    EXPECT_EQ(parse_sort(&many).error().type, "unsupportedSort");
}

TEST(Answers, ListsOfNothingAreNull) {
    SetAnswer some;
    some.created("k", {{"id", "F1"}});
    some.updated("F2");
    some.updated("F3", {{"size", 3}});
    some.not_destroyed("F4", {.type = "notFound", .description = {}});
    EXPECT_EQ(std::move(some).finish("A1", "1", "2"),
              read(R"({"accountId":"A1","oldState":"1","newState":"2","created":{"k":{"id":"F1"}},)"
                   R"("updated":{"F2":null,"F3":{"size":3}},"destroyed":null,"notCreated":null,"notUpdated":null,)"
                   R"("notDestroyed":{"F4":{"type":"notFound"}}})"));
    EXPECT_EQ(SetAnswer().finish("A1", "1", "1").at("created"), nullptr);
}

TEST(Answers, AQueryTellsItsWindow) {
    const QueryResult result{.state = "7", .can_calculate_changes = true, .ids = {"a", "b", "c", "d"}};
    EXPECT_EQ(query_answer({.account = "A1", .position = 1, .limit = 9, .calculate_total = true}, result, 2).value(),
              read(R"({"accountId":"A1","queryState":"7","canCalculateChanges":true,"position":1,"ids":["b","c"],)"
                   R"("total":4,"limit":2})"));
    EXPECT_EQ(query_answer({.account = "A1", .anchor = "x"}, result, 2).error().type, "anchorNotFound");
    EXPECT_EQ(query_answer({.account = "A1", .anchor = "c", .limit = 1}, result, 2)->at("ids"), read(R"(["c"])"));
}

TEST(Answers, WhatWasTouchedIsRemovedAndAddedAgain) {
    const QueryResult result{.state = "7", .can_calculate_changes = true, .ids = {"a", "b", "c"}};
    QueryChangesArguments asked{.account = "A1", .since_query_state = "5", .calculate_total = true};
    EXPECT_EQ(query_changes_answer(asked, result, {"gone", "c", "a"}).value(),
              read(R"({"accountId":"A1","oldQueryState":"5","newQueryState":"7","removed":["gone","c","a"],)"
                   R"("added":[{"id":"a","index":0},{"id":"c","index":2}],"total":3})"));
    asked.changes_max = 5;
    EXPECT_TRUE(query_changes_answer(asked, result, {"gone", "c", "a"}));
    asked.changes_max = 4;
    EXPECT_EQ(query_changes_answer(asked, result, {"gone", "c", "a"}).error().type, "tooManyChanges");
}

} // namespace
} // namespace tegami::jmap
