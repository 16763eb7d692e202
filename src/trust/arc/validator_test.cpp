// RFC 8617 §5.2
#include "trust/arc/arc_fixture.h"

#include "testing/splits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::arc {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::vector<Hop> kHops{{"one.test"}, {"two.test", KeyType::rsa}, {"three.test"}};

/// Records of one.test: k is good, the others have something to them.
trust::Zone zone_of_one() {
    trust::Zone zone = zone_of({{"one.test"}});
    zone.add_text("revoked._domainkey.one.test", "v=DKIM1; p=");
    zone.add_text("rsa._domainkey.one.test", key_pair(KeyType::rsa).record());
    zone.break_name("broken._domainkey.one.test");
    return zone;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return at == text.npos ? text : text.replace(at, from.size(), to);
}

HandSet with(std::string HandSet::* part, std::string_view from, std::string_view to) {
    HandSet set;
    set.*part = replaced(set.*part, from, to);
    return set;
}

HandSet without(std::string HandSet::* part) {
    HandSet set;
    (set.*part).clear();
    return set;
}

constexpr auto kSeal = &HandSet::seal;
constexpr auto kSignature = &HandSet::message_signature;
constexpr auto kResults = &HandSet::results;

TEST(ArcValidator, EveryStepInTurn) {
    trust::Zone zone = zone_of_one();
    const HandSet good;

    struct Row {
        std::vector<HandSet> sets;
        const char* verdict;
    };

    for (const Row& row : {
             // Step 1
             Row{{}, "none"},
             Row{{good}, "pass"},
             Row{{good, good, good}, "pass"},
             Row{std::vector<HandSet>(50), "pass"},
             Row{std::vector<HandSet>(51), "too-many-sets"},
             Row{{with(kResults, "i=%", "i=51")}, "too-many-sets"},
             Row{std::vector<HandSet>(51, with(kResults, "i=%", "i=1")), "too-many-sets"},
             // Step 2
             Row{{with(kSeal, "cv=?", "cv=fail")}, "already-failed(1)"},
             Row{{good, with(kSeal, "cv=?", "cv=FAIL")}, "already-failed(2)"},
             Row{{without(kResults), with(kSeal, "cv=?", "cv=fail")}, "already-failed(2)"},
             Row{{with(kSeal, "i=%", "i=9"), with(kSeal, "cv=?", "cv=fail")}, "field-missing(1)"},
             // Step 3A
             Row{{without(kResults)}, "field-missing(1)"},
             Row{{good, without(kSignature)}, "field-missing(2)"},
             Row{{good, without(kSeal)}, "field-missing(2)"},
             Row{{good, with(kResults, "i=%", "i=1")}, "field-repeated(1)"},
             Row{{good, with(kSignature, "i=%", "i=1")}, "field-repeated(1)"},
             Row{{good, good, with(kSeal, "i=%", "i=2")}, "field-repeated(2)"},
             Row{{with(kResults, "i=%;", "")}, "field-unreadable: signature-syntax i"},
             Row{{with(kResults, "i=%", "i=0")}, "field-unreadable: signature-syntax i"},
             Row{{with(kResults, "i=%", "i=001")}, "field-unreadable: signature-syntax i"},
             Row{{with(kSignature, "i=%", "i=x")}, "field-unreadable: signature-syntax i"},
             Row{{with(kSignature, "i=%", "i=")}, "field-unreadable: signature-syntax i"},
             Row{{with(kSignature, "i=%; ", "")}, "field-unreadable: tag-missing i"},
             Row{{with(kSeal, "i=%; ", "")}, "field-unreadable: tag-missing i"},
             Row{{with(kSeal, "i=%", "i=100")}, "field-unreadable: signature-syntax i"},
             Row{{with(kSeal, "s=k", "s=k; s=k")}, "field-unreadable: signature-syntax s"},
             Row{{with(kSeal, "s=k", "s=k;;")}, "field-unreadable: signature-syntax"},
             Row{{with(kResults, "i=%", "i=01"), good}, "pass"},
             // Step 3B
             Row{{HandSet{"", "", ""}, good}, "set-missing(1)"},
             Row{{good, HandSet{"", "", ""}, good}, "set-missing(2)"},
             // Step 3C
             Row{{with(kSeal, "cv=?", "cv=pass")}, "wrong-status(1)"},
             Row{{with(kSeal, "; cv=?", "")}, "wrong-status(1)"},
             Row{{with(kSeal, "cv=?", "cv=")}, "wrong-status(1)"},
             Row{{with(kSeal, "cv=?", "CV=none")}, "wrong-status(1)"},
             Row{{good, with(kSeal, "cv=?", "cv=none")}, "wrong-status(2)"},
             Row{{with(kSeal, "cv=?", "cv=fail"), good}, "wrong-status(1)"},
             Row{{with(kSeal, "cv=?", "cv=None"), with(kSeal, "cv=?", "cv=PASS")}, "pass"},
             // Step 4
             Row{{with(kSignature, "h=From:Subject", "h=To")}, "message-signature-failed(1): from-not-signed h"},
             Row{{with(kSignature, "h=", "h=ARC-Seal:")}, "message-signature-failed(1): signature-syntax h"},
             Row{{with(kSignature, "s=k", "s=none")}, "message-signature-failed(1): key-missing"},
             Row{{with(kSignature, "s=k", "s=revoked")}, "message-signature-failed(1): key-revoked p"},
             Row{{with(kSignature, "s=k", "s=rsa")}, "message-signature-failed(1): key-of-other-type k"},
             Row{{with(kSignature, "s=k", "s=broken")}, "message-signature-failed(1): key-unavailable"},
             Row{{with(kSignature, "a=ed25519", "a=dsa")}, "message-signature-failed(1): algorithm-unknown a"},
             Row{{with(kSignature, "s=k", "s=k; l=1000")}, "message-signature-failed(1): body-too-short l"},
             Row{{with(kSignature, "s=k", "s=k; x=1795650899")}, "message-signature-failed(1): expired x"},
             Row{{good, with(kSignature, "s=k", "s=k; t=1795651501")}, "message-signature-failed(2): in-future t"},
             Row{{with(kSignature, "h=", "v=9; h=")}, "pass"},
             Row{{with(kSignature, "relaxed/relaxed", "simple/simple")}, "pass"},
             Row{{with(kSignature, "h=", "h=Received:ARC-Seal-X:X:")}, "pass"},
             // Step 6
             Row{{with(kSeal, "s=k", "s=k; h=From")}, "seal-failed(1): signature-syntax h"},
             Row{{good, good, with(kSeal, "s=k", "s=none")}, "seal-failed(3): key-missing"},
             Row{{with(kSeal, "s=k", "s=none"), good, good}, "seal-failed(1): key-missing"},
             Row{{with(kSeal, "s=k", "s=revoked"), with(kSeal, "s=k", "s=none"), good}, "seal-failed(2): key-missing"},
             Row{{with(kSeal, "s=k", "s=broken"), good}, "seal-failed(1): key-unavailable"},
             Row{{with(kSeal, "d=one.test", "d=one"), good}, "seal-failed(1): signature-syntax d"},
             Row{{with(kSeal, "s=k", "s=k; t=1795651501"), good}, "seal-failed(1): in-future t"},
             Row{{with(kSeal, "s=k", "s=k; t=1795651500; x=1; bh=?; c=?; unknown=")}, "pass"},
         }) {
        const Verdict verdict = validate(zone, {hand_sealed(kMessage, row.sets)});
        const bool is_missing_key = verdict.fault.reason == dkim::Reason::key_unavailable;
        EXPECT_EQ(words(verdict), row.verdict);
        EXPECT_EQ(verdict.is_temporary(), is_missing_key) << row.verdict;
        EXPECT_EQ(verdict.status == Status::pass, verdict.reason == Reason::verified);
        EXPECT_EQ(verdict.status == Status::none, verdict.reason == Reason::no_sets);
    }
}

TEST(ArcValidator, AFieldAloneIsAChainThatFails) {
    trust::Zone zone;
    for (const std::string_view field :
         {"ARC-Seal: x\r\n", "arc-message-signature:\r\n", "ARC-Authentication-Results: mx.a.test; none\r\n"})
        EXPECT_THAT(words(validate(zone, {std::string(field).append(kMessage)})), StartsWith("field-unreadable"));
    EXPECT_EQ(words(validate(zone, {std::string("ARC: i=1\r\nX-ARC-Seal: i=1\r\n").append(kMessage)})), "none");
}

TEST(ArcValidator, TellsWhatEachSealerSays) {
    trust::Zone zone = zone_of(kHops);
    const Verdict verdict = validate(zone, {chain_of(kHops)});
    EXPECT_EQ(words(verdict), "pass");
    ASSERT_THAT(verdict.sets, SizeIs(3));
    for (std::size_t at = 0; at < kHops.size(); ++at) {
        const Set& set = verdict.sets[at];
        for (const dkim::Claims& claims : {set.seal, set.message_signature}) {
            EXPECT_EQ(claims.domain, domain(kHops[at].domain));
            EXPECT_EQ(claims.selector, "k");
            EXPECT_EQ(claims.identity, "");
            EXPECT_EQ(claims.algorithm, at == 1 ? "rsa-sha256" : "ed25519-sha256");
        }
        EXPECT_EQ(set.results, results_of("mx." + kHops[at].domain));
    }
    EXPECT_EQ(verdict.oldest_pass, 0);
}

TEST(ArcValidator, ResultsThatCannotBeReadBreakNothing) {
    trust::Zone zone = zone_of_one();
    for (const char* results : {"", " ; ", "(", "mx.one.test; dkim", "mx.one.test; =;"}) {
        HandSet set;
        set.results = "ARC-Authentication-Results: i=1;" + std::string(results) + "\r\n";
        const Verdict verdict = validate(zone, {hand_sealed(kMessage, {set})});
        EXPECT_EQ(words(verdict), "pass") << results;
        EXPECT_EQ(verdict.sets.at(0).results, std::nullopt) << results;
    }
}

TEST(ArcValidator, OfAChainThatFailsNothingIsBelieved) {
    trust::Zone zone = zone_of_one();
    const Verdict broken = validate(zone, {hand_sealed(kMessage, {with(kSeal, "s=k", "s=none"), HandSet{}})});
    ASSERT_THAT(broken.sets, SizeIs(2));
    EXPECT_EQ(broken.sets[0].seal.selector, "none");
    EXPECT_EQ(broken.sets[1].results, std::nullopt);
    EXPECT_THAT(validate(zone, {hand_sealed(kMessage, {HandSet{}, without(kSeal)})}).sets, IsEmpty());
}

TEST(ArcValidator, HowTheOctetsAreCutDoesNotMatter) {
    trust::Zone zone = zone_of(kHops);
    const std::string message = chain_of({kHops[0]});
    const Verdict whole = validate(zone, {message});
    ASSERT_EQ(words(whole), "pass");
    testing::for_every_split(
        message, [&](const std::vector<std::string_view>& pieces) { EXPECT_EQ(validate(zone, pieces), whole); });
}

TEST(ArcValidator, WhatWasChangedIsNoticed) {
    trust::Zone zone = zone_of(kHops);
    const std::string message = chain_of(kHops);

    struct Row {
        const char* from;
        const char* to;
        const char* verdict;
    };

    for (const Row& row : {
             Row{"another", "other", "message-signature-failed(3): body-hash-mismatch bh"},
             Row{"A  subject", "A subject", "pass"},
             Row{"A  subject", "Other", "message-signature-failed(3): signature-mismatch b"},
             Row{"From: Ann", "From: Eve\r\nFrom: Ann", "message-signature-failed(3): signature-mismatch b"},
             Row{"Received: by a", "Received: by b", "pass"},
             Row{"i=3; mx.three.test;\r\n\tdmarc=pass", "i=3; mx.three.test;\r\n\tdmarc=fail",
                 "seal-failed(3): signature-mismatch b"},
             Row{"i=1; mx.one.test;\r\n\tdmarc=pass", "i=1; mx.one.test;\r\n\tdmarc=fail",
                 "seal-failed(3): signature-mismatch b"},
             Row{"i=1; mx.one.test;\r\n\tdmarc", "i=1;  mx.one.test; dmarc", "pass"},
             Row{"ARC-Seal: i=2", "ARC-SEAL:  i=2", "pass"},
             Row{"ARC-Seal: i=2; a=rsa-sha256;", "ARC-Seal: i=2; a=rsa-sha256; x=1;",
                 "seal-failed(3): signature-mismatch b"},
         })
        EXPECT_EQ(words(validate(zone, {replaced(message, row.from, row.to)})), row.verdict) << row.from;
}

TEST(ArcValidator, SaysHowFarBackTheMessageIsUnchanged) {
    trust::Zone zone = zone_of(kHops);
    const std::string one = chain_of({kHops[0]});
    const std::string two = sealed(one, kHops[1], Status::pass);
    EXPECT_EQ(validate(zone, {sealed(two, kHops[2], Status::pass)}).oldest_pass, 0);
    EXPECT_EQ(validate(zone, {sealed(two + "footer\r\n", kHops[2], Status::pass)}).oldest_pass, 3);
    const std::string changed = sealed(replaced(one, "Subject: A", "Subject: [list] A"), kHops[1], Status::pass);
    const Verdict verdict = validate(zone, {sealed(changed, kHops[2], Status::pass)});
    EXPECT_EQ(words(verdict), "pass");
    EXPECT_EQ(verdict.oldest_pass, 2);

    trust::Zone without_first = zone_of_one();
    HandSet first = with(kSignature, "s=k", "s=broken");
    const Verdict unknown = validate(without_first, {hand_sealed(kMessage, {first, HandSet{}})});
    EXPECT_EQ(words(unknown), "pass");
    EXPECT_EQ(unknown.oldest_pass, 2);
    EXPECT_FALSE(unknown.is_temporary());
}

TEST(ArcValidator, APartOfTheBodyMayBeOpen) {
    trust::Zone zone = zone_of_one();
    const Verdict verdict = validate(zone, {hand_sealed(kMessage, {with(kSignature, "s=k", "s=k; l=4")}) + "more\r\n"});
    EXPECT_EQ(words(verdict), "pass");
    EXPECT_EQ(verdict.unsigned_octets, 23);
    EXPECT_EQ(trusted_set(verdict, {domain("one.test")}), nullptr);
}

TEST(ArcValidator, AsksNoMoreThanItMust) {
    const std::string good = chain_of(kHops);

    struct Row {
        std::string message;
        std::vector<Hop> known;
        std::size_t questions;
    };

    for (const Row& row : {
             Row{std::string(kMessage), kHops, 0},
             Row{good, kHops, 3},
             Row{good, {kHops[0], kHops[1]}, 1},
             Row{replaced(good, "another", "other"), kHops, 0},
             Row{replaced(good, "i=3; mx", "i=3; my"), kHops, 1},
             Row{replaced(good, "ARC-Seal: i=1", "ARC-Seal: i=2"), kHops, 0},
         }) {
        trust::Zone zone = zone_of(row.known);
        validate(zone, {row.message});
        EXPECT_EQ(zone.questions(), row.questions);
    }
}

TEST(ArcValidator, AHeaderThatIsNotSeenWholeIsNotValidated) {
    trust::Zone zone = zone_of(kHops);
    const std::string good = chain_of(kHops);
    std::string filling;
    while (good.size() + filling.size() <= message::kHeaderBytesMax)
        filling += "X: " + std::string(900, 'x') + "\r\n";
    EXPECT_EQ(words(validate(zone, {replaced(good, "Received:", filling + "Received:")})), "header-too-long");
    EXPECT_EQ(words(validate(zone, {filling + good})), "field-missing(1)");
    EXPECT_EQ(words(validate(zone, {filling + filling + std::string(kMessage)})), "none");
}

TEST(ArcValidator, AHostileHeaderCostsNoMoreThanItsLimits) {
    trust::Zone zone = zone_of_one();
    // Thousands of fields end the reading early.
    std::string many;
    for (int number = 0; number < 5000; ++number)
        many += "ARC-Seal: i=" + std::to_string(number % 50 + 1) + "; cv=none\r\n";
    EXPECT_EQ(words(validate(zone, {many + std::string(kMessage)})), "too-many-sets");

    // Fifty message signatures over one large field: the newest are looked at, older ones not any more.
    const std::string message = "X: " + std::string(400'000, 'x') + "\r\n" + std::string(kMessage);
    const std::vector<HandSet> sets(50, with(kSignature, "h=", "h=X:"));
    const Verdict verdict = validate(zone, {hand_sealed(message, sets)});
    EXPECT_EQ(words(verdict), "pass");
    EXPECT_EQ(verdict.oldest_pass, 49);
}

// With what is peculiar in the examples of RFC 8617 §B: tags in other orders, folds of all kinds, results of old times.
// Nobody has the keys, so it is read and no more.
TEST(ArcValidator, ReadsAsOthersWrite) {
    const std::string octets = std::string(80, 'A') + "\r\n  " + std::string(86, 'A') + "==";
    const std::string digest = base64::encode(std::string(dkim::kDigestBytes, 'd'));
    std::string chain;
    for (const int instance : {3, 2, 1})
        chain +=
            fmt::format("ARC-Seal: i={0}; a=rsa-sha256; t=1700000107; s=s{0}; d=hop{0}.test;\r\n  cv={1};  b={2}\r\n"
                        "ARC-Message-Signature: a=rsa-sha256;\r\n\td=hop{0}.test; s=s{0}; i={0}; "
                        "t=1700000105;\r\n c=relaxed/simple; h=message-id : date:\r\n\tfrom:to; bh={3};\r\n b={2};\r\n"
                        "ARC-Authentication-Results: i={0};\r\n  mx.hop{0}.test; spf=fail smtp.from=ann@a.test;\r\n"
                        "  dkim=fail (512-bit key) header.i=@a.test; dmarc=fail; arc=pass (as.1=pass, ams.1=pass)\r\n",
                        instance, instance == 1 ? "none" : "pass", octets, digest);
    trust::Zone zone;
    const Verdict verdict = validate(zone, {chain + std::string(kMessage)});
    EXPECT_EQ(words(verdict), "message-signature-failed(3): body-hash-mismatch bh");
    ASSERT_THAT(verdict.sets, SizeIs(3));
    EXPECT_EQ(verdict.sets[1].seal.domain, domain("hop2.test"));
    EXPECT_EQ(verdict.sets[1].message_signature.selector, "s2");
}

} // namespace
} // namespace tegami::arc
