#include "signing/key_plan.h"

#include "trust/zone_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::signing {
namespace {

using directory::SigningKey;
using directory::SigningKeyState;
using std::chrono::days;

const Timestamp kNow{std::chrono::seconds(1'790'000'000)};

class KeyPlanTest : public ::testing::Test {
protected:
    SigningKey key(const std::string& selector, SigningKeyState state, days age, std::string algorithm = "rsa") {
        return {.domain = *message::Domain::parse("a.test"),
                .selector = selector,
                .algorithm = algorithm,
                .private_key = "secret",
                .record = "v=DKIM1; k=" + algorithm + "; p=" + (algorithm == "rsa" ? "AAAA" : "BBBB"),
                .state = state,
                .since = kNow - age};
    }

    /// The Ed25519 key is there and signs, so that plans are about RSA keys alone.
    KeyPlan plan(std::vector<SigningKey> keys, bool renew = false) {
        keys.push_back(key("e1", SigningKeyState::signing, days(1), "ed25519"));
        return zone_.ask([&](const trust::DnsAnswers& answers) { return plan_keys(keys, answers, kNow, renew); });
    }

    /// Each step on a line.
    static std::vector<std::string> lines(const KeyPlan& plan) {
        std::vector<std::string> all;
        for (const dkim::KeyType type : plan.make)
            all.push_back("make " + std::string(dkim::to_string(type)));
        for (const SigningKey& key : plan.change) {
            const bool retires = key.state == SigningKeyState::retired;
            EXPECT_EQ(key.private_key.empty(), retires);
            EXPECT_EQ(key.since, kNow);
            all.push_back(key.selector + (retires ? " retires" : " signs"));
        }
        for (const std::string& selector : plan.forget)
            all.push_back("forget " + selector);
        std::ranges::sort(all);
        return all;
    }

    void publish(const std::string& selector, const std::string& record = "v=DKIM1; k=rsa; p=AAAA") {
        zone_.add_text(selector + "._domainkey.a.test", record);
    }

    trust::Zone zone_;
};

using Lines = std::vector<std::string>;

TEST_F(KeyPlanTest, AKeySignsWhenItHasBeenSeen) {
    EXPECT_EQ(lines(plan({})), Lines{"make rsa"});
    const SigningKey made = key("k1", SigningKeyState::announced, days(400));
    EXPECT_EQ(lines(plan({made})), Lines{}) << "however long it takes";
    publish("k1", "v=spf1 -all");
    EXPECT_EQ(lines(plan({made})), Lines{}) << "something else is there";
    publish("k1", "v=DKIM1; k=rsa; p=CCCC");
    EXPECT_EQ(lines(plan({made})), Lines{}) << "another key is there";
    publish("k1", "v=DKIM1;k=rsa; t=y; p=AA AA;");
    EXPECT_EQ(lines(plan({made})), Lines{"k1 signs"}) << "as the operator wrote it";
}

TEST_F(KeyPlanTest, ASuccessorTakesOverWhenItHasBeenSeen) {
    const SigningKey old = key("k1", SigningKeyState::signing, kSigningTime);
    const SigningKey young = key("k1", SigningKeyState::signing, kSigningTime - days(1));
    EXPECT_EQ(lines(plan({young})), Lines{});
    EXPECT_EQ(lines(plan({young}, true)), (Lines{"make ed25519", "make rsa"}));
    EXPECT_EQ(lines(plan({old})), Lines{"make rsa"});
    const SigningKey next = key("k2", SigningKeyState::announced, days(1));
    EXPECT_EQ(lines(plan({old, next})), Lines{}) << "one waits already";
    EXPECT_EQ(lines(plan({old, next}, true)), Lines{"make ed25519"});
    zone_.break_name("k2._domainkey.a.test");
    EXPECT_EQ(lines(plan({old, next})), Lines{}) << "name servers that do not answer change nothing";
    zone_ = trust::Zone();
    publish("k2");
    EXPECT_EQ(lines(plan({old, next})), (Lines{"k1 retires", "k2 signs"}));
}

TEST_F(KeyPlanTest, ARetiredOneIsForgottenWhenItsLettersHaveArrived) {
    const SigningKey signs = key("k2", SigningKeyState::signing, days(1));
    EXPECT_EQ(lines(plan({key("k1", SigningKeyState::retired, kRetiredTime - days(1)), signs})), Lines{});
    EXPECT_EQ(lines(plan({key("k1", SigningKeyState::retired, kRetiredTime), signs})), Lines{"forget k1"});
}

TEST_F(KeyPlanTest, OfTwoThatSignAfterACrashTheNewerStays) {
    EXPECT_EQ(lines(plan({key("k1", SigningKeyState::signing, days(2)), key("k2", SigningKeyState::signing, days(1))})),
              Lines{"k1 retires"});
}

} // namespace
} // namespace tegami::signing
