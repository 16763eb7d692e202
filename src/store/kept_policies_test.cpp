// RFC 8461 §3.3: what was promised is there for its time, and not for ever.
#include "store/kept_policies.h"

#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;
using testing::must;
using ::testing::Optional;
using testing::wait;
using testing::World;

class KeptPoliciesTest : public ::testing::TestWithParam<bool> {
protected:
    KeptPoliciesTest() : world(GetParam()) {}

    KeptPolicy policy(std::string domain, std::chrono::hours life, std::string id = "1") const {
        return {.domain = std::move(domain),
                .id = std::move(id),
                .fetched = world.clock.time,
                .expires = world.clock.time + life,
                .text = "version: STSv1\n"};
    }

    void keep(const KeptPolicy& one) { must(wait(kept.keep(one))); }

    /// Of these domains, those that have a policy.
    std::vector<std::string> known(const std::vector<std::string>& domains) {
        std::vector<std::string> found;
        for (const std::string& domain : domains)
            if (must(wait(kept.find(domain)))) found.push_back(domain);
        return found;
    }

    World world;
    KeptPolicies kept{&world.engine};
};

TEST_P(KeptPoliciesTest, TheLastOneOfADomainIsFound) {
    keep(policy("a.test", std::chrono::hours(1)));
    keep(policy("a.test", std::chrono::hours(2), "2"));
    keep(policy("ab.test", std::chrono::hours(3)));
    KeptPolicies others(&world.engine);
    EXPECT_THAT(must(wait(others.find("a.test"))), Optional(policy("a.test", std::chrono::hours(2), "2")));
    EXPECT_EQ(must(wait(others.find("b.test"))), std::nullopt);
}

TEST_P(KeptPoliciesTest, ASweepForgetsWhatHasExpired) {
    for (int number = 1; number <= 7; ++number)
        keep(policy(std::to_string(number) + ".test", std::chrono::hours(number)));
    world.clock.time += std::chrono::hours(2) + std::chrono::minutes(1);
    must(wait(kept.sweep(world.clock.time)));
    EXPECT_THAT(known({"1.test", "2.test", "3.test", "7.test"}), ElementsAre("3.test", "7.test"));
}

TEST_P(KeptPoliciesTest, OfTooManyThoseStayThatLiveLongest) {
    for (int number = 1; number <= 30; ++number)
        keep(policy(std::to_string(number) + ".test", std::chrono::hours(100 - number)));
    must(wait(kept.sweep(world.clock.time, 3)));
    EXPECT_THAT(known({"1.test", "2.test", "3.test", "4.test", "30.test"}), ElementsAre("1.test", "2.test", "3.test"));
}

INSTANTIATE_TEST_SUITE_P(Limits, KeptPoliciesTest, ::testing::Bool());

} // namespace
} // namespace tegami::store
