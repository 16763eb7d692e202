#include "directory/known_networks.h"

#include "directory/directory_fixture.h"

namespace tegami::directory {
namespace {

using namespace std::chrono_literals;

class KnownNetworksTest : public DirectoryTest {
protected:
    bool knows(std::string network) { return run(networks_.contains(id_, std::move(network))).value(); }

    void note(std::string network) { EXPECT_TRUE(run(networks_.note(id_, std::move(network)))); }

    AccountId id_ = add("anna@a.test");
    KnownNetworks networks_{engine_, clock_};
};

TEST_F(KnownNetworksTest, AreRememberedForHalfAYearAfterTheLastLogin) {
    EXPECT_FALSE(knows("192.0.2.0/24"));
    note("192.0.2.0/24");
    EXPECT_TRUE(knows("192.0.2.0/24"));
    EXPECT_FALSE(knows("198.51.100.0/24"));
    clock_.passed += std::chrono::days(179);
    EXPECT_TRUE(knows("192.0.2.0/24"));
    note("192.0.2.0/24");
    clock_.passed += std::chrono::days(179);
    EXPECT_TRUE(knows("192.0.2.0/24"));
    clock_.passed += std::chrono::days(2);
    EXPECT_FALSE(knows("192.0.2.0/24"));
}

TEST_F(KnownNetworksTest, AreABoundedNumber) {
    for (std::size_t at = 0; at <= kKnownNetworksMax; ++at)
        note("network " + std::to_string(at));
    EXPECT_FALSE(knows("network 0"));
    EXPECT_TRUE(knows("network 1"));
    EXPECT_TRUE(knows("network " + std::to_string(kKnownNetworksMax)));
}

TEST_F(KnownNetworksTest, AreWrittenOnceADay) {
    note("192.0.2.0/24");
    engine_.fail(store::MemoryEngine::Call::commit, 1, store::ErrorCode::unavailable);
    clock_.passed += 1h;
    EXPECT_TRUE(run(networks_.note(id_, "192.0.2.0/24")));
    clock_.passed += 24h;
    EXPECT_FALSE(run(networks_.note(id_, "192.0.2.0/24")));
}

TEST_F(KnownNetworksTest, EndWithTheAccount) {
    note("192.0.2.0/24");
    ASSERT_TRUE(run(administration().erase_account(address("anna@a.test"))));
    EXPECT_FALSE(knows("192.0.2.0/24"));
}

} // namespace
} // namespace tegami::directory
