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

TEST(LoginGuardTest, RefusesAClientThatGuessesAtOneLogin) {
    LoginGuard guard;
    int tried = 0;
    while (!guard.refused("203.0.113.1", "anna", kStart)) {
        guard.failed("203.0.113.1", "anna", kStart);
        ASSERT_LT(++tried, 100);
    }
    EXPECT_EQ(tried, 11);
    EXPECT_EQ(guard.refused("203.0.113.1", "anna", kStart), 30s);
    EXPECT_FALSE(guard.refused("203.0.113.1", "bo", kStart));
    EXPECT_FALSE(guard.refused("203.0.113.1", "anna", kStart + 30s)) << "the pause ends";
    guard.failed("203.0.113.1", "anna", kStart + 30s);
    EXPECT_GT(guard.refused("203.0.113.1", "anna", kStart + 30s), 45s) << "the next one is longer";
}

TEST(LoginGuardTest, TellsWhomItRefusesAndLetsThemTryAgain) {
    LoginGuard guard;
    const auto fail = [&guard](std::string_view address, std::string_view login) {
        while (!guard.refused(address, login, kStart))
            guard.failed(address, login, kStart);
    };
    fail("203.0.113.1", "anna");
    fail("2001:db8::1", "bo");
    const auto pauses = guard.pauses(kStart);
    ASSERT_EQ(pauses.size(), 2U);
    EXPECT_EQ(pauses[0].client + " " + pauses[0].login, "2001:db8:: bo");
    EXPECT_EQ(pauses[1].client + " " + pauses[1].login, "203.0.113.1 anna");
    EXPECT_EQ(pauses[0].left, 30s);
    EXPECT_TRUE(guard.pauses(kStart + 31s).empty());
    EXPECT_EQ(guard.lift("203.0.113.2", "", kStart), 0U);
    EXPECT_EQ(guard.lift("203.0.113.1", "", kStart), 1U);
    EXPECT_FALSE(guard.refused("203.0.113.1", "anna", kStart));
    EXPECT_EQ(guard.lift("", "bo", kStart), 1U);
    EXPECT_FALSE(guard.refused("2001:db8::9", "bo", kStart));
    fail("203.0.113.1", "anna");
    EXPECT_EQ(guard.lift("", "", kStart), 1U);
    EXPECT_TRUE(guard.pauses(kStart).empty());
}

// One stranger keeps nobody out, wherever the owner comes from.
TEST(LoginGuardTest, OneStrangerDoesNotKeepTheOwnerFromNewPlaces) {
    LoginGuard guard;
    int tried = 0;
    for (int at = 0; at < 1000; ++at)
        if (!guard.refused("203.0.113.9", "anna", kStart + at * 1s)) {
            guard.failed("203.0.113.9", "anna", kStart + at * 1s);
            ++tried;
        }
    EXPECT_LT(tried, 30);
    EXPECT_FALSE(guard.refused("198.51.100.1", "anna", kStart + 1000s));
}

TEST(LoginGuardTest, AFloodFromManyPlacesIsBoundedAndSparesThePlacesThatAreKnown) {
    LoginGuard guard;
    guard.succeeded("192.0.2.1", "anna", kStart);
    int tried = 0;
    for (int at = 0; at < 10'000; ++at) {
        const std::string place = "10." + std::to_string(at / 250) + "." + std::to_string(at % 250) + ".1";
        if (guard.refused(place, "anna", kStart)) continue;
        guard.failed(place, "anna", kStart);
        ++tried;
    }
    EXPECT_EQ(tried, 51);
    EXPECT_TRUE(guard.refused("198.51.100.1", "anna", kStart)) << "a new place";
    EXPECT_FALSE(guard.refused("192.0.2.1", "anna", kStart));
    EXPECT_FALSE(guard.refused("192.0.2.77", "anna", kStart)) << "tomorrow's address at home";
    EXPECT_FALSE(guard.refused("198.51.100.1", "bo", kStart));
}

TEST(LoginGuardTest, AnHoursFloodAllowsFewGuesses) {
    LoginGuard guard;
    int tried = 0;
    for (int at = 0; at < 36'000; ++at) {
        const Instant now = kStart + at * 100ms;
        const std::string place = "10." + std::to_string(at / 250) + "." + std::to_string(at % 250) + ".1";
        if (guard.refused(place, "anna", now)) continue;
        guard.failed(place, "anna", now);
        ++tried;
    }
    EXPECT_LT(tried, 300);
}

TEST(LoginGuardTest, RefusesAnAddressThatGuessesManyLogins) {
    LoginGuard guard;
    for (int at = 0; at <= 20; ++at)
        guard.failed("192.0.2.1", "login" + std::to_string(at), kStart);
    EXPECT_TRUE(guard.refused("192.0.2.1", "anna", kStart));
    EXPECT_FALSE(guard.refused("192.0.2.2", "anna", kStart));
}

TEST(LoginGuardTest, WhatTheCallerRemembersIsKnown) {
    LoginGuard guard;
    EXPECT_FALSE(guard.knows("192.0.2.1", "anna"));
    guard.know("192.0.2.1", "anna", kStart);
    EXPECT_TRUE(guard.knows("192.0.2.200", "anna"));
    EXPECT_FALSE(guard.knows("192.0.3.1", "anna"));
    EXPECT_FALSE(guard.knows("192.0.2.1", "bo"));
    for (int at = 0; at < 100; ++at)
        guard.failed("203.0.113." + std::to_string(at), "anna", kStart);
    EXPECT_FALSE(guard.refused("192.0.2.1", "anna", kStart));
}

TEST(LoginGuardTest, TellsTheFirstSuccessOfADay) {
    LoginGuard guard;
    EXPECT_TRUE(guard.succeeded("192.0.2.1", "anna", kStart));
    EXPECT_FALSE(guard.succeeded("192.0.2.2", "anna", kStart + 23h)) << "the same place";
    EXPECT_TRUE(guard.succeeded("192.0.2.1", "anna", kStart + 24h));
    EXPECT_TRUE(guard.succeeded("198.51.100.1", "anna", kStart + 24h));
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
    EXPECT_FALSE(guard.refused("192.0.2.2", "anna", kStart)) << "the neighbour's address is another client";
}

TEST(LoginGuardTest, SuccessForgivesTheLoginButNotTheAddress) {
    LoginGuard guard;
    for (int at = 0; at < 60; ++at)
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
    EXPECT_EQ(network_of("::ffff:192.0.2.1"), network_of("192.0.2.99"));
    EXPECT_EQ(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:ffff::1"));
    EXPECT_NE(network_of("2001:db8:1:2::1"), network_of("2001:db8:2:2::1"));
}

TEST(LoginGuardTest, RemembersABoundedNumber) {
    LoginGuard guard({.entries_max = 100});
    for (int at = 0; at < 60; ++at)
        guard.failed("192.0.2.1", "anna", kStart);
    EXPECT_TRUE(guard.refused("198.51.100.1", "anna", kStart));
    for (int at = 0; at < 100; ++at)
        guard.failed("203.0.113.9", "login" + std::to_string(at), kStart);
    EXPECT_FALSE(guard.refused("198.51.100.1", "anna", kStart)) << "touched longest ago, so forgotten";
    EXPECT_EQ(guard.failed("198.51.100.1", "login99", kStart), 2s) << "touched lately, so not";
}

} // namespace
} // namespace tegami::directory
