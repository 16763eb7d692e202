// RFC 6376 §6, RFC 8301, RFC 8463
#include "trust/dkim/dkim_fixture.h"

#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dkim {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kMessage = "Received: by a\r\n"
                                      "From: Ann <ann@a.test>\r\n"
                                      "Subject: A  subject\r\n"
                                      " in two lines\r\n"
                                      "To: b@b.test\r\n"
                                      "\r\n"
                                      "One  line \r\n"
                                      "\r\n"
                                      "another\r\n"
                                      "\r\n";
constexpr std::string_view kClaims = "v=1; a=rsa-sha256; d=a.test; s=k; h=From:Subject:To:Cc";

trust::Zone rfc_zone() {
    trust::Zone zone;
    zone.add_text("brisbane._domainkey.example.com", kRfc6376Record);
    zone.add_text("brisbane._domainkey.football.example.com", kRfc8463Ed25519Record);
    zone.add_text("test._domainkey.football.example.com", kRfc8463RsaRecord);
    return zone;
}

std::string record_with(KeyType type, std::string_view tags) {
    const std::string record = key_pair(type).record();
    return std::string(tags) + record.substr(record.find(';') + 1);
}

/// k is an RSA key, e one of Ed25519; the others have something to them.
trust::Zone zone_of_a() {
    trust::Zone zone;
    zone.add_text("k._domainkey.a.test", key_pair(KeyType::rsa).record());
    zone.add_text("e._domainkey.a.test", key_pair(KeyType::ed25519).record());
    zone.add_text("testing._domainkey.a.test", record_with(KeyType::rsa, "v=DKIM1; t=y:other;"));
    zone.add_text("exact._domainkey.a.test", record_with(KeyType::rsa, "v=DKIM1; t=s;"));
    zone.add_text("revoked._domainkey.a.test", "v=DKIM1; p=");
    zone.add_text("syntax._domainkey.a.test", "v=spf1 -all");
    zone.add_text("sha1._domainkey.a.test", record_with(KeyType::rsa, "h=sha1;"));
    zone.add_text("both._domainkey.a.test", record_with(KeyType::rsa, "h=sha1 : sha256;"));
    zone.add_text("other._domainkey.a.test", record_with(KeyType::rsa, "s=other;"));
    zone.add_text("email._domainkey.a.test", record_with(KeyType::rsa, "s=other:email;"));
    zone.add("alias._domainkey.a.test CNAME k._domainkey.a.test");
    zone.add_text("many._domainkey.a.test", "a text");
    zone.add_text("many._domainkey.a.test", "v=DKIM1; p=");
    zone.add_text("many._domainkey.a.test", key_pair(KeyType::rsa).record());
    zone.break_name("broken._domainkey.a.test");
    return zone;
}

TEST(Verifier, ExamplesOfTheRfcsInAnySplit) {
    trust::Zone zone = rfc_zone();
    EXPECT_THAT(reasons(verify(zone, {kRfc6376Message})), ElementsAre(Reason::verified));
    testing::for_every_split(kRfc8463Message, [&](const std::vector<std::string_view>& pieces) {
        EXPECT_THAT(reasons(verify(zone, pieces)), ElementsAre(Reason::verified, Reason::verified));
    });
}

TEST(Verifier, TellsWhatItVerified) {
    trust::Zone zone = rfc_zone();
    const std::vector<SignatureResult> results = verify(zone, {kRfc8463Message});
    ASSERT_THAT(results, SizeIs(2));
    EXPECT_EQ(results[0].claims, (Claims{.domain = domain("football.example.com"),
                                         .selector = "brisbane",
                                         .identity = "@football.example.com",
                                         .algorithm = "ed25519-sha256",
                                         .signature_start = "/gCrinpc"}));
    EXPECT_EQ(results[1].claims.algorithm, "rsa-sha256");
    EXPECT_EQ(results[0].verdict(), Verdict::pass);
    EXPECT_FALSE(results[0].testing);
    EXPECT_EQ(results[0].signed_length, std::nullopt);
    EXPECT_EQ(zone.questions(), 2);
}

TEST(Verifier, EveryReason) {
    trust::Zone zone = zone_of_a();
    constexpr std::string_view kOwn = "v=1; a=rsa-sha256; d=a.test; h=From; ";
    const auto claims = [&](std::string_view more) { return std::string(kOwn).append(more); };

    struct Row {
        std::string claims;
        Reason reason;
        Verdict verdict;
        const char* tag = "";
    };

    for (const Row& row : {
             Row{claims("s=k"), Reason::verified, Verdict::pass},
             Row{"v=1; a=ed25519-sha256; d=a.test; s=k; h=From", Reason::key_of_other_type, Verdict::permerror, "k"},
             Row{"v=1; a=ed25519-sha256; d=a.test; s=e; h=From", Reason::signature_mismatch, Verdict::fail, "b"},
             Row{claims("s=alias"), Reason::verified, Verdict::pass},
             Row{claims("s=both"), Reason::verified, Verdict::pass},
             Row{claims("s=email"), Reason::verified, Verdict::pass},
             Row{claims("s=many"), Reason::verified, Verdict::pass},
             Row{claims("s=exact; i=x@a.test"), Reason::verified, Verdict::pass},
             Row{claims("s=k; i=x@sub.a.test"), Reason::verified, Verdict::pass},
             Row{claims("s=k; t=1764115000; x=1795651199"), Reason::verified, Verdict::pass},
             Row{claims("s=k; x=1795650900"), Reason::verified, Verdict::pass},
             Row{claims("s=k; x=1795650899"), Reason::expired, Verdict::policy, "x"},
             Row{claims("s=k; t=1795651500"), Reason::verified, Verdict::pass},
             Row{claims("s=k; t=1795651501"), Reason::in_future, Verdict::policy, "t"},
             Row{claims("s=k; t=999999999999"), Reason::in_future, Verdict::policy, "t"},
             Row{claims("s=k; l=1000"), Reason::body_too_short, Verdict::fail, "l"},
             Row{"v=1; a=rsa-sha1; d=a.test; s=k; h=From", Reason::algorithm_not_allowed, Verdict::policy, "a"},
             Row{"v=1; a=dsa-sha256; d=a.test; s=k; h=From", Reason::algorithm_unknown, Verdict::neutral, "a"},
             Row{"v=2; a=rsa-sha256; d=a.test; s=k; h=From", Reason::version_unknown, Verdict::neutral, "v"},
             Row{claims("s=k; c=nowsp"), Reason::canonicalization_unknown, Verdict::neutral, "c"},
             Row{claims("s=k; q=http"), Reason::query_unknown, Verdict::neutral, "q"},
             Row{claims("s=k; s=k"), Reason::signature_syntax, Verdict::neutral, "s"},
             Row{claims("z=x"), Reason::tag_missing, Verdict::neutral, "s"},
             Row{"v=1; a=rsa-sha256; d=a.test; s=k; h=To", Reason::from_not_signed, Verdict::permerror, "h"},
             Row{claims("s=k; i=x@b.test"), Reason::domain_mismatch, Verdict::permerror, "i"},
             Row{claims("s=exact; i=x@sub.a.test"), Reason::identity_not_exact, Verdict::permerror, "i"},
             Row{claims("s=none"), Reason::key_missing, Verdict::permerror},
             Row{claims("s=syntax"), Reason::key_syntax, Verdict::permerror, "v"},
             Row{claims("s=revoked"), Reason::key_revoked, Verdict::permerror, "p"},
             Row{claims("s=e"), Reason::key_of_other_type, Verdict::permerror, "k"},
             Row{claims("s=sha1"), Reason::key_not_for_hash, Verdict::permerror, "h"},
             Row{claims("s=other"), Reason::key_not_for_email, Verdict::permerror, "s"},
             Row{claims("s=broken"), Reason::key_unavailable, Verdict::temperror},
         }) {
        const std::string message = hand_signed(kMessage, row.claims, key_pair(KeyType::rsa));
        const auto results = verify(zone, {message});
        ASSERT_THAT(results, SizeIs(1)) << row.claims;
        EXPECT_EQ(results[0].fault, (Fault{row.reason, row.tag})) << row.claims;
        EXPECT_EQ(results[0].verdict(), row.verdict) << row.claims;
    }
}

TEST(Verifier, WhatWasChangedIsNoticed) {
    trust::Zone zone = zone_of_a();

    struct Row {
        const char* from;
        const char* to;
        const char* simple; ///< what simple/simple says
        const char* relaxed;
    };

    const auto word = [](Reason reason) -> std::string {
        return reason == Reason::verified             ? "pass"
               : reason == Reason::body_hash_mismatch ? "body"
               : reason == Reason::signature_mismatch ? "header"
                                                      : "?";
    };
    for (const Row& row : {
             Row{"One  line \r\n", "One  line \r\n", "pass", "pass"},
             Row{"another\r\n\r\n", "another\r\n\r\n\r\n\r\n", "pass", "pass"},
             Row{"another\r\n\r\n", "another", "pass", "pass"},
             Row{"One  line \r\n", "One line\r\n", "body", "pass"},
             Row{"One  line \r\n", "Oneline\r\n", "body", "body"},
             Row{"One  line \r\n", "\r\nOne  line \r\n", "body", "body"},
             Row{"another", "other", "body", "body"},
             Row{"Subject: A  subject\r\n in two", "Subject: A  subject in two", "header", "pass"},
             Row{"\r\nSubject:", "\r\nSUBJECT:", "header", "pass"},
             Row{"Subject: A", "Subject: B", "header", "header"},
             Row{"To: b@b.test\r\n", "", "header", "header"},
             Row{"To: b@b.test\r\n", "To: b@b.test\r\nCc: c@c.test\r\n", "header", "header"},
             Row{"From: Ann", "From: Eve <eve@e.test>\r\nFrom: Ann", "pass", "pass"},
             Row{"Received: by a\r\n", "Received: by b\r\nX: y\r\n", "pass", "pass"},
         })
        for (const bool relaxed : {false, true}) {
            const std::string claims = std::string(kClaims) + (relaxed ? "; c=relaxed/relaxed" : "; c=simple/simple");
            std::string message = hand_signed(kMessage, claims, key_pair(KeyType::rsa));
            if (const std::size_t at = message.find(row.from); at != std::string::npos)
                message.replace(at, std::string_view(row.from).size(), row.to);
            const auto results = verify(zone, {message});
            ASSERT_THAT(results, SizeIs(1));
            EXPECT_EQ(word(results[0].fault.reason), relaxed ? row.relaxed : row.simple) << row.from << "->" << row.to;
        }
}

TEST(Verifier, OfFieldsOfOneNameTheLowestAreSigned) {
    trust::Zone zone = zone_of_a();
    constexpr std::string_view kThree = "From: a@a.test\r\nX: 1\r\nX: 2\r\nX: 3\r\n\r\n";

    struct Row {
        const char* names;
        const char* changed;
        bool passes;
    };

    for (const Row& row :
         {Row{"From:X:x", "X: 1", true}, Row{"From:X:x", "X: 2", false}, Row{"From:X:x", "X: 3", false},
          Row{"X:From", "X: 2", true}, Row{"X:From:X:X:X", "X: 1", false}}) {
        std::string message = hand_signed(kThree, std::string("v=1; a=rsa-sha256; d=a.test; s=k; h=") + row.names,
                                          key_pair(KeyType::rsa));
        EXPECT_THAT(reasons(verify(zone, {message})), ElementsAre(Reason::verified));
        message.replace(message.find(row.changed), 4, "X: 9");
        EXPECT_EQ(verify(zone, {message})[0].verdict() == Verdict::pass, row.passes) << row.names << row.changed;
    }
}

TEST(Verifier, ASignedLengthLeavesTheRestOpen) {
    trust::Zone zone = zone_of_a();

    struct Row {
        std::uint64_t length;
        const char* added;
        Reason reason;
        std::uint64_t unsigned_octets;
    };

    // The body is 23 octets in simple form.
    for (const Row& row : {
             Row{0, "", Reason::verified, 23},
             Row{5, "", Reason::verified, 18},
             Row{23, "", Reason::verified, 0},
             Row{23, "more\r\n", Reason::verified, 8},
             Row{24, "", Reason::body_too_short, 0},
             Row{24, "more\r\n", Reason::body_hash_mismatch, 7},
         }) {
        std::string message =
            hand_signed(kMessage, std::string(kClaims) + "; l=" + std::to_string(row.length), key_pair(KeyType::rsa));
        message += row.added;
        const std::size_t body_at = message.find("\r\n\r\n");
        const std::string_view whole = message;
        testing::for_every_split(whole.substr(body_at), [&](std::vector<std::string_view> pieces) {
            pieces.insert(pieces.begin(), whole.substr(0, body_at));
            const auto results = verify(zone, pieces);
            ASSERT_THAT(results, SizeIs(1));
            EXPECT_EQ(results[0].fault.reason, row.reason) << row.length;
            EXPECT_EQ(results[0].unsigned_octets, row.unsigned_octets) << row.length;
            EXPECT_EQ(results[0].signed_length, row.length);
        });
    }
}

TEST(Verifier, SaysThatAKeyIsForTesting) {
    trust::Zone zone = zone_of_a();
    std::string message =
        hand_signed(kMessage, "v=1; a=rsa-sha256; d=a.test; s=testing; h=From", key_pair(KeyType::rsa));
    EXPECT_TRUE(verify(zone, {message})[0].testing);
    message += "x";
    EXPECT_TRUE(verify(zone, {message})[0].testing);
}

TEST(Verifier, SeveralSignaturesOfOneMessage) {
    trust::Zone zone = zone_of_a();
    std::string message(kMessage);
    for (const char* claims :
         {"v=1; a=rsa-sha256; d=a.test; s=k; h=From; l=3", "v=1; a=rsa-sha256; d=a.test; s=none; h=From",
          "v=1; a=rsa-sha256; d=a.test; s=k; h=From; c=simple/relaxed; l=3",
          "v=1; a=rsa-sha256; d=a.test; s=k; h=From:DKIM-Signature; c=relaxed", "junk"})
        message = hand_signed(message, claims, key_pair(KeyType::rsa));
    EXPECT_THAT(reasons(verify(zone, {message})), ElementsAre(Reason::signature_syntax, Reason::verified,
                                                              Reason::verified, Reason::key_missing, Reason::verified));
    // Each name is asked for once.
    EXPECT_EQ(zone.questions(), 2);
    // A signature that forbids others below or above itself is not one of them.
    const std::string sealed = hand_signed(
        kMessage, "v=1; a=rsa-sha256; d=a.test; s=k; h=DKIM-Signature:From:DKIM-Signature", key_pair(KeyType::rsa));
    EXPECT_THAT(reasons(verify(zone, {sealed})), ElementsAre(Reason::verified));
    const std::string_view own = std::string_view(sealed).substr(0, sealed.size() - kMessage.size());
    EXPECT_THAT(reasons(verify(zone, {own, sealed})),
                ElementsAre(Reason::signature_mismatch, Reason::signature_mismatch));
}

TEST(Verifier, ManySignaturesCostNoMoreThanAFew) {
    trust::Zone zone = zone_of_a();
    const std::string one = hand_signed(kMessage, kClaims, key_pair(KeyType::rsa));
    Verifier verifier;
    for (int number = 0; number < 1000; ++number)
        verifier.feed(std::string_view(one).substr(0, one.size() - kMessage.size()));
    verifier.feed(kMessage);
    verifier.finish();
    const auto results = zone.ask([&](const trust::DnsAnswers& answers) { return verifier.evaluate(answers, kNow); });
    EXPECT_THAT(reasons(results), SizeIs(kSignaturesMax));
    EXPECT_THAT(reasons(results), Each(Reason::verified));
    EXPECT_EQ(verifier.left_out(), 1000 - kSignaturesMax);
}

TEST(Verifier, HeadersOverTheLimitsAreNotVerified) {
    trust::Zone zone = zone_of_a();
    std::string filler;
    for (std::size_t number = 0; number <= message::kHeaderFieldsMax; ++number)
        filler += "X: y\r\n";
    const std::string signed_message = hand_signed(kMessage, kClaims, key_pair(KeyType::rsa));
    const std::size_t at = signed_message.find("Received");
    EXPECT_THAT(reasons(verify(zone, {std::string(signed_message).insert(at, filler)})),
                ElementsAre(Reason::header_too_long));
    const std::string long_field = "X: " + std::string(message::kHeaderBytesMax, 'x') + "\r\n";
    EXPECT_THAT(reasons(verify(zone, {std::string(signed_message).insert(at, long_field)})),
                ElementsAre(Reason::header_too_long));

    // Each signs a field that is nearly as long as a header may be.
    std::string costly = "From: a@a.test\r\nX: " + std::string(message::kHeaderBytesMax - 9000, 'x') + "\r\n\r\n";
    for (int number = 0; number < 4; ++number)
        costly = hand_signed(costly, "v=1; a=rsa-sha256; d=a.test; s=k; h=From:X", key_pair(KeyType::rsa));
    EXPECT_THAT(reasons(verify(zone, {costly})),
                ElementsAre(Reason::verified, Reason::verified, Reason::over_limit, Reason::over_limit));
}

TEST(Verifier, MessagesThatAreHardlyOnes) {
    trust::Zone zone = zone_of_a();
    for (const std::string_view message : {"", "\r\n", "\r\nbody", "From: a@a.test", "no field\r\n", "\n\n", "\r\r\n"})
        testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
            EXPECT_THAT(verify(zone, pieces), IsEmpty());
        });
    // The header is all there is.
    std::string message =
        hand_signed("From: a@a.test\r\n", "v=1; a=rsa-sha256; d=a.test; s=k; h=From", key_pair(KeyType::rsa));
    EXPECT_THAT(reasons(verify(zone, {message})), ElementsAre(Reason::verified));
    message += "\r\n\r\n";
    EXPECT_THAT(reasons(verify(zone, {message})), ElementsAre(Reason::verified));
}

} // namespace
} // namespace tegami::dkim
