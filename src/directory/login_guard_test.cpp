#include "directory/login_guard.h"

#include <gtest/gtest.h>

#include <string>

namespace tegami::directory {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{Duration(1'000'000)};

TEST(LoginGuardTest, AnswersFailuresEverLater) {
    LoginGuard guard;
    EXPECT_EQ(guard.failed("192.0.2.1", "anna", kStart), 1s);
    EXPECT_EQ(guard.failed("192.0.2.1", "anna", kStart), 2s);
    EXPECT_EQ(guard.failed("192.0.2.1", "anna", kStart), 4s);
    for (int at = 0; at < 5; ++at)
        guard.failed("192.0.2.1", "anna", kStart);
    EXPECT_EQ(guard.failed("192.0.2.1", "anna", kStart), 16s);
}

TEST(LoginGuardTest, ForgetsFailuresWithTime) {
    LoginGuard guard;
    for (int at = 0; at < 4; ++at)
        guard.failed("192.0.2.1", "anna", kStart);
    EXPECT_EQ(guard.failed("192.0.2.1", "anna", kStart + 10min), 4s) << "two of four are left, and this one";
    EXPECT_EQ(guard.failed("192.0.2.1", "anna", kStart + 24h), 1s);
}

TEST(LoginGuardTest, RefusesALoginThatIsBeingGuessedFromManyPlaces) {
    LoginGuard guard;
    int tried = 0;
    while (!guard.refused("203.0.113." + std::to_string(tried), "anna", kStart)) {
        guard.failed("203.0.113." + std::to_string(tried), "anna", kStart);
        ASSERT_LT(++tried, 100);
    }
    EXPECT_EQ(tried, 11);
    EXPECT_EQ(guard.refused("192.0.2.1", "anna", kStart), 30s);
    EXPECT_EQ(guard.refused("192.0.2.1", "bo", kStart), std::nullopt);
    EXPECT_EQ(guard.refused("192.0.2.1", "anna", kStart + 30s), std::nullopt) << "the pause ends";
    guard.failed("192.0.2.1", "anna", kStart + 30s);
    EXPECT_GT(guard.refused("192.0.2.1", "anna", kStart + 30s), 45s) << "the next one is longer";
}

TEST(LoginGuardTest, RefusesAnAddressThatGuessesManyLogins) {
    LoginGuard guard;
    for (int at = 0; at <= 20; ++at)
        guard.failed("192.0.2.1", "login" + std::to_string(at), kStart);
    EXPECT_TRUE(guard.refused("192.0.2.1", "anna", kStart));
    EXPECT_FALSE(guard.refused("192.0.2.2", "anna", kStart));
}

TEST(LoginGuardTest, NeverLocksTheOwnerOutOfAKnownPlace) {
    LoginGuard guard;
    guard.succeeded("192.0.2.1", "anna", kStart);
    for (int at = 0; at < 1000; ++at)
        guard.failed("203.0.113.9", "anna", kStart + 1s);
    EXPECT_TRUE(guard.refused("198.51.100.1", "anna", kStart + 1s));
    EXPECT_FALSE(guard.refused("192.0.2.1", "anna", kStart + 1s));
    EXPECT_TRUE(guard.refused("192.0.2.1", "bo", kStart + 1s) == std::nullopt);
    EXPECT_TRUE(guard.refused("192.0.2.1", "anna", kStart + 31 * 24h) == std::nullopt) << "all is forgotten by then";
}

TEST(LoginGuardTest, ANeighbourBehindTheSameAddressDoesNotLockTheOwnerOut) {
    LoginGuard guard;
    guard.succeeded("192.0.2.1", "anna", kStart);
    for (int at = 0; at < 100; ++at)
        guard.failed("192.0.2.1", "bo", kStart + 1s);
    EXPECT_FALSE(guard.refused("192.0.2.1", "anna", kStart + 1s));
    EXPECT_TRUE(guard.refused("192.0.2.1", "carl", kStart + 1s));
}

TEST(LoginGuardTest, GuessingAtAKnownPlaceIsSlowedDownShortly) {
    LoginGuard guard;
    guard.succeeded("192.0.2.1", "anna", kStart);
    for (int at = 0; at < 200; ++at)
        guard.failed("192.0.2.1", "anna", kStart);
    EXPECT_EQ(guard.refused("192.0.2.1", "anna", kStart), 30s);
    EXPECT_FALSE(guard.refused("192.0.2.1", "anna", kStart + 30s));
}

TEST(LoginGuardTest, SuccessForgivesTheLoginButNotTheAddress) {
    LoginGuard guard;
    for (int at = 0; at < 15; ++at)
        guard.failed("203.0.113.9", "anna", kStart);
    ASSERT_TRUE(guard.refused("198.51.100.1", "anna", kStart));
    guard.succeeded("192.0.2.1", "anna", kStart);
    EXPECT_FALSE(guard.refused("198.51.100.1", "anna", kStart));
    EXPECT_EQ(guard.failed("203.0.113.9", "bo", kStart), 16s);
}

TEST(LoginGuardTest, CountsIpv6ByNetwork) {
    LoginGuard guard;
    for (int at = 0; at <= 20; ++at)
        guard.failed("2001:db8:1:2::" + std::to_string(at), "login" + std::to_string(at), kStart);
    EXPECT_TRUE(guard.refused("2001:db8:1:2:ffff::1", "anna", kStart));
    EXPECT_FALSE(guard.refused("2001:db8:1:3::1", "anna", kStart));
    for (int at = 0; at <= 20; ++at)
        guard.failed("::ffff:192.0.2.1", "login" + std::to_string(at), kStart);
    EXPECT_TRUE(guard.refused("192.0.2.1", "anna", kStart));
}

TEST(LoginGuardTest, RemembersABoundedNumber) {
    LoginGuard guard({.entries_max = 100});
    for (int at = 0; at < 15; ++at)
        guard.failed("192.0.2.1", "anna", kStart);
    EXPECT_TRUE(guard.refused("198.51.100.1", "anna", kStart));
    for (int at = 0; at < 100; ++at)
        guard.failed("203.0.113.9", "login" + std::to_string(at), kStart);
    EXPECT_FALSE(guard.refused("198.51.100.1", "anna", kStart)) << "touched longest ago, so forgotten";
    EXPECT_EQ(guard.failed("198.51.100.1", "login99", kStart), 2s) << "touched lately, so not";
}

} // namespace
} // namespace tegami::directory
