#include "directory/web_sessions.h"

#include "directory/check.h"
#include "directory/directory_fixture.h"

#include <gmock/gmock.h>

#include <set>

namespace tegami::directory {
namespace {

using testing::IsEmpty;

class WebSessionsTest : public DirectoryTest {
protected:
    WebSessionsTest() { anna_ = add("anna@a.test"); }

    ~WebSessionsTest() override { EXPECT_THAT(run(check(&engine_)).value().findings, IsEmpty()); }

    WebSessions& sessions() { return directory_->web_sessions(); }

    Identity anna() {
        const auto found = run(directory_->credentials().find("anna@a.test")).value();
        return *found;
    }

    std::string begin() { return run(sessions().begin(anna(), "192.0.2.7", "Browser/1")).value(); }

    bool opens(const std::string& token) { return run(sessions().find(token)).value().has_value(); }

    std::optional<std::string> replace(const std::string& token) { return run(sessions().replace(token)).value(); }

    std::string row() { return run(engine_.get(kShard, records::web_sessions_key(anna_))).value().value_or(""); }

    store::Version version() { return run(engine_.scan(kShard, {.rows_max = 1})).value().version; }

    void pass(Duration time) { clock_.passed += time; }

    AccountId anna_;
};

TEST_F(WebSessionsTest, OneOutlivesARestartAndItsTokenIsWrittenNowhere) {
    const std::string token = begin();
    reopen();
    const auto found = run(sessions().find(token)).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->identity, anna());
    EXPECT_EQ(found->since, clock_.now());
    for (const store::Row& each : run(engine_.scan(kShard, {})).value().rows)
        EXPECT_FALSE(each.value.contains(token.substr(token.find('.') + 1))) << each.key;
}

TEST_F(WebSessionsTest, OnlyItsVeryTokenOpens) {
    const std::string token = begin();
    for (const std::string& other : {std::string(), token + "a", token.substr(1), "0" + token, "7" + token,
                                     token.substr(0, token.size() - 1) + "A", std::string("1."), std::string(60, '1')})
        EXPECT_FALSE(opens(other)) << other;
    EXPECT_TRUE(opens(token));
}

TEST_F(WebSessionsTest, WhatTakesTheRightToLogInTakesThem) {
    const EmailAddress address = directory::address("anna@a.test");
    std::string token = begin();
    ASSERT_TRUE(run(administration().set_password(address, "another word")));
    EXPECT_FALSE(opens(token));
    token = begin();
    ASSERT_TRUE(run(administration().set_enabled(address, false)));
    ASSERT_TRUE(run(administration().set_enabled(address, true)));
    EXPECT_FALSE(opens(token));
    token = begin();
    ASSERT_TRUE(run(administration().remove_account(address)));
    ASSERT_TRUE(run(administration().restore_account(address, {})));
    EXPECT_FALSE(opens(token));
    token = begin();
    ASSERT_TRUE(run(administration().set_quota(address, 1U << 30)));
    EXPECT_TRUE(opens(token));
}

TEST_F(WebSessionsTest, NoneBeginsWithAPasswordOfBefore) {
    const Identity before = anna();
    ASSERT_TRUE(run(administration().set_password(before.address, "another word")));
    EXPECT_EQ(run(sessions().begin(before, "", "")).error().code, ErrorCode::not_found);
    EXPECT_EQ(row(), "");
    ASSERT_TRUE(run(administration().remove_account(before.address)));
    EXPECT_EQ(run(sessions().begin(before, "", "")).error().code, ErrorCode::not_found);
}

TEST_F(WebSessionsTest, OneThatRestsForAMonthIsOverAndAnotherGoesOn) {
    const std::string used = begin();
    const std::string unused = begin();
    for (int week = 0; week < 4; ++week) {
        pass(std::chrono::days(7));
        EXPECT_TRUE(opens(used));
    }
    pass(std::chrono::days(2));
    EXPECT_TRUE(opens(used));
    EXPECT_FALSE(opens(unused));
    EXPECT_EQ(run(sessions().list(anna_)).value().size(), 1U);
}

TEST_F(WebSessionsTest, ItsUseIsWrittenOnceADay) {
    const std::string token = begin();
    const store::Version begun = version();
    for (int hour = 0; hour < 20; ++hour)
        EXPECT_TRUE(opens(token));
    EXPECT_EQ(version(), begun);
    pass(std::chrono::days(1));
    EXPECT_TRUE(opens(token));
    EXPECT_TRUE(opens(token));
    EXPECT_EQ(version().value, begun.value + 1);
}

TEST_F(WebSessionsTest, AReplacedTokenCountsUntilTheNewOneHasArrived) {
    const std::string first = begin();
    EXPECT_FALSE(replace(first)) << "it is new";
    pass(std::chrono::days(1));
    const std::string lost = replace(first).value();
    EXPECT_FALSE(replace(first)) << "the answer may be under way";
    pass(std::chrono::hours(1));
    EXPECT_TRUE(opens(first)) << "the new one was never used";
    const std::string second = replace(first).value();
    EXPECT_FALSE(opens(lost));
    EXPECT_TRUE(opens(second));
    EXPECT_TRUE(opens(first)) << "within the minute";
    pass(std::chrono::minutes(1));
    EXPECT_TRUE(opens(first));
    EXPECT_TRUE(opens(second));
    EXPECT_FALSE(opens(first));
    EXPECT_FALSE(replace(first));
}

TEST_F(WebSessionsTest, AnAccountHasSoManyAndTheOneUsedLongestAgoGoes) {
    std::vector<std::string> tokens;
    for (std::size_t at = 0; at < kWebSessionsMax; ++at) {
        tokens.push_back(begin());
        pass(std::chrono::seconds(1));
    }
    pass(std::chrono::days(1));
    EXPECT_TRUE(opens(tokens[0]));
    begin();
    EXPECT_EQ(run(sessions().list(anna_)).value().size(), kWebSessionsMax);
    EXPECT_TRUE(opens(tokens[0]));
    EXPECT_FALSE(opens(tokens[1]));
    EXPECT_TRUE(opens(tokens[2]));
}

TEST_F(WebSessionsTest, OneIsEndedByItsNameAndWhatRunsWithItEnds) {
    const std::string first = begin();
    const std::string second = begin();
    const std::string id = run(sessions().find(first)).value()->id;
    const std::string other = run(sessions().find(second)).value()->id;
    int ended = 0;
    int others = 0;
    const auto stream = run(sessions().attend(anna_, id, context_.get_executor(), [&] { ++ended; })).value();
    const auto of_other = run(sessions().attend(anna_, other, context_.get_executor(), [&] { ++others; })).value();
    const auto of_program = directory_->sessions().add(anna_, context_.get_executor(), [] { FAIL(); });
    ASSERT_TRUE(stream && of_other);
    EXPECT_EQ(run(sessions().end(anna_, "nonsense")), 0U);
    EXPECT_EQ(run(sessions().end(anna_, id)), 1U);
    context_.restart();
    context_.poll();
    EXPECT_EQ(std::pair(ended, others), std::pair(1, 0));
    EXPECT_FALSE(opens(first));
    EXPECT_TRUE(opens(second));
    EXPECT_FALSE(run(sessions().attend(anna_, id, context_.get_executor(), [] { FAIL(); })).value());
    EXPECT_EQ(run(sessions().end(anna_, {})), 1U);
    context_.restart();
    context_.poll();
    EXPECT_EQ(others, 1);
    EXPECT_EQ(row(), "");
}

TEST_F(WebSessionsTest, ABackupThatIsBroughtBackBringsNone) {
    const std::string token = begin();
    ASSERT_TRUE(run(forget_web_sessions(&engine_)));
    EXPECT_FALSE(opens(token));
    EXPECT_TRUE(login("anna@a.test"));
}

} // namespace
} // namespace tegami::directory
