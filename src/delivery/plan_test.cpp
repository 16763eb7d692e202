// What becomes of a message, as tables: recipients in, copies out.
#include "delivery/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::delivery {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

message::EmailAddress address(std::string_view text) {
    return message::parse_email_address(text).value();
}

/// "1+detail" is an account with a detail, everything else an address elsewhere.
reception::AcceptedRecipient recipient(std::string_view named, const std::vector<std::string>& leads_to) {
    reception::AcceptedRecipient made{.address = address(named), .accounts = {}, .remote = {}};
    for (const std::string& place : leads_to) {
        if (place.find('@') != std::string::npos) {
            made.remote.push_back(address(place));
            continue;
        }
        const std::size_t plus = place.find('+');
        made.accounts.push_back({.account = store::AccountId(std::stoull(place)),
                                 .address = address("account" + place.substr(0, plus) + "@b.test"),
                                 .detail = plus == std::string::npos ? "" : place.substr(plus + 1)});
    }
    return made;
}

/// Each copy on a line: where, and for whom.
std::vector<std::string> copies(const Plan& plan) {
    std::vector<std::string> lines;
    for (const Placement& placement : plan.placements) {
        const std::string detail = placement.to.detail.empty() ? "" : "+" + placement.to.detail;
        lines.push_back(std::to_string(placement.to.account.value) + detail + " for " + placement.original.to_string());
    }
    for (const Forward& forward : plan.forwards)
        lines.push_back(forward.to.to_string() + " for " + forward.original.to_string());
    return lines;
}

struct Case {
    std::string name;
    std::vector<reception::AcceptedRecipient> recipients;
    std::vector<std::string> copies;
    bool one_commit = false;
};

class PlanTest : public ::testing::TestWithParam<Case> {};

TEST_P(PlanTest, EveryPlaceOnce) {
    const Plan plan = make_plan(GetParam().recipients);
    EXPECT_THAT(copies(plan), ::testing::ElementsAreArray(GetParam().copies));
    EXPECT_EQ(plan.is_one_commit(), GetParam().one_commit);
    EXPECT_EQ(plan.refusals.size(), GetParam().recipients.size());
    EXPECT_EQ(plan.refusal(), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    Recipients, PlanTest,
    ::testing::Values(
        Case{"one_account", {recipient("b@b.test", {"1"})}, {"1 for b@b.test"}, true},
        Case{"a_detail_is_kept", {recipient("b+lists@b.test", {"1+lists"})}, {"1+lists for b+lists@b.test"}, true},
        Case{"one_account_by_two_names",
             {recipient("b@b.test", {"1"}), recipient("b+x@b.test", {"1+x"})},
             {"1 for b@b.test"},
             true},
        Case{"two_accounts",
             {recipient("b@b.test", {"1"}), recipient("c@b.test", {"2"})},
             {"1 for b@b.test", "2 for c@b.test"}},
        Case{"an_alias_and_one_of_its_members",
             {recipient("all@b.test", {"1", "2", "x@c.test"}), recipient("c@b.test", {"2"})},
             {"1 for all@b.test", "2 for all@b.test", "x@c.test for all@b.test"}},
        Case{"elsewhere", {recipient("x@c.test", {"x@c.test"})}, {"x@c.test for x@c.test"}},
        Case{"elsewhere_twice",
             {recipient("x@c.test", {"x@c.test"}), recipient("x@C.test", {"x@c.test"})},
             {"x@c.test for x@c.test"}},
        Case{"an_account_and_elsewhere",
             {recipient("x@c.test", {"x@c.test"}), recipient("b@b.test", {"1"})},
             {"1 for b@b.test", "x@c.test for x@c.test"}}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(Plan, TheServerReadsALetterOnce) {
    reception::AcceptedRecipient reports{.address = address("dmarc-reports@b.test"), .for_server = true};
    const Plan alone = make_plan({reports, reports});
    EXPECT_TRUE(alone.for_server);
    EXPECT_THAT(copies(alone), IsEmpty());
    EXPECT_EQ(alone.refusal(), nullptr);
    const Plan both = make_plan({reports, recipient("b@b.test", {"1"})});
    EXPECT_TRUE(both.for_server);
    EXPECT_THAT(copies(both), ElementsAre("1 for b@b.test"));
    EXPECT_FALSE(make_plan({recipient("b@b.test", {"1"})}).for_server);
}

TEST(Plan, WhoLeadsToTooManyCopiesIsRefusedAlone) {
    std::vector<std::string> many;
    for (std::size_t at = 0; at < kCopiesMax; ++at)
        many.push_back(std::to_string(at + 1));
    const Plan plan = make_plan({recipient("all@b.test", many), recipient("x@c.test", {"x@c.test"})});
    EXPECT_EQ(plan.placements.size(), kCopiesMax);
    EXPECT_THAT(plan.forwards, IsEmpty());
    ASSERT_EQ(plan.refusals.size(), 2U);
    EXPECT_FALSE(plan.refusals[0].has_value());
    ASSERT_TRUE(plan.refusals[1].has_value());
    EXPECT_EQ(plan.refusals[1]->status, "4.5.3");
    EXPECT_FALSE(plan.refusals[1]->permanent);
    EXPECT_EQ(plan.refusal(), &*plan.refusals[1]);
    EXPECT_EQ(make_plan({recipient("x@c.test", {"x@c.test"}), recipient("all@b.test", many)}).placements.size(), 0U);
}

} // namespace
} // namespace tegami::delivery
