// RFC 6376 §3.5, §6.1.1
#include "trust/dkim/signature.h"

#include "base/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dkim {
namespace {

using ::testing::ElementsAre;

const std::string kBodyHash = base64::encode(std::string(kDigestBytes, 'h'));

/// All that is required, but `without`, and then `more`.
std::string value_with(std::string_view more, std::string_view without = {}) {
    std::string value;
    for (const std::string& tag : {std::string("v=1"), std::string("a=rsa-sha256"), std::string("d=a.test"),
                                   std::string("s=k"), std::string("h=From"), "bh=" + kBodyHash, std::string("b=QUJD")})
        if (tag.substr(0, tag.find('=')) != without) value += tag + ";";
    return value.append(more);
}

Fault fault_of(const std::string& value, SignatureKind kind = SignatureKind::dkim) {
    const auto tags = TagList::parse(value);
    if (!tags) return {.reason = Reason::signature_syntax, .tag = tags.error().name};
    const auto signature = parse_signature(*tags, kind);
    return signature ? Fault{} : signature.error();
}

TEST(Signature, HasDefaults) {
    const std::string value = value_with("");
    const auto signature = parse_signature(*TagList::parse(value));
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->key_type, KeyType::rsa);
    EXPECT_EQ(signature->octets, "ABC");
    EXPECT_EQ(signature->body_hash, std::string(kDigestBytes, 'h'));
    EXPECT_EQ(signature->header_form, Canonicalization::simple);
    EXPECT_EQ(signature->body, (BodyScope{.form = Canonicalization::simple, .length = std::nullopt}));
    EXPECT_EQ(signature->domain, "a.test");
    EXPECT_EQ(signature->identity_domain, "a.test");
    EXPECT_EQ(signature->key_name.to_string(), "k._domainkey.a.test");
    EXPECT_EQ(signature->made_at, std::nullopt);
    EXPECT_EQ(signature->expires_at, std::nullopt);
}

TEST(Signature, IsReadWithAllItsTags) {
    const std::string value =
        "v = 1 ; a=ed25519-sha256; c=relaxed/simple; d=Sub.A.test; s=Two.parts; i=Ann=20B@x.sub.a\r\n .test;"
        "h=From :\r\n\tTo:from; l=10; q=other/x:dns/txt; t=100; x=101; z=From:x|To:y; unknown=; bh=" +
        kBodyHash.substr(0, 7) + "\r\n " + kBodyHash.substr(7) + "; b= QU\r\n JD ;";
    const auto tags = TagList::parse(value);
    const auto signature = parse_signature(*tags);
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->key_type, KeyType::ed25519);
    EXPECT_EQ(signature->octets, "ABC");
    EXPECT_EQ(signature->header_form, Canonicalization::relaxed);
    EXPECT_EQ(signature->body, (BodyScope{.form = Canonicalization::simple, .length = 10}));
    EXPECT_EQ(signature->key_name.to_string(), "two.parts._domainkey.sub.a.test");
    EXPECT_EQ(signature->identity_domain, "x.sub.a.test");
    EXPECT_THAT(signature->signed_names, ElementsAre("From", "To", "from"));
    EXPECT_EQ(signature->made_at, 100);
    EXPECT_EQ(signature->expires_at, 101);
    const Claims claims = read_claims(*tags);
    EXPECT_EQ(claims.domain->ascii(), "sub.a.test");
    EXPECT_EQ(claims.selector, "two.parts");
    EXPECT_EQ(claims.identity, "Ann B@x.sub.a.test");
    EXPECT_EQ(claims.algorithm, "ed25519-sha256");
    EXPECT_EQ(claims.signature_start, "QUJD");
}

TEST(Signature, LabelsMayBeUtf8) {
    // RFC 8616 §5
    const std::string value = value_with("d=bücher.test; s=schlüssel; i=jürgen@bücher.test", "d");
    std::string without_s = value;
    without_s.erase(without_s.find("s=k;"), 4);
    const auto signature = parse_signature(*TagList::parse(without_s));
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->key_name.to_string(), "xn--schlssel-95a._domainkey.xn--bcher-kva.test");
    EXPECT_EQ(signature->identity_domain, "xn--bcher-kva.test");
}

TEST(Signature, WhatIsRequired) {
    for (const char* tag : {"v", "a", "d", "s", "h", "bh", "b"})
        EXPECT_EQ(fault_of(value_with("", tag)), (Fault{Reason::tag_missing, tag}));
}

TEST(Signature, EveryValueIsLookedAt) {
    struct Row {
        const char* tag;
        std::vector<std::string> good;
        std::vector<std::string> bad;
        Reason reason = Reason::signature_syntax;
    };

    const std::string long_label(64, 'x');
    std::string long_name;
    for (int number = 0; number < 24; ++number)
        long_name += "longlabel.";
    for (const Row& row : {
             Row{"v", {"1"}, {"2", "01", "1.0", ""}, Reason::version_unknown},
             Row{"a",
                 {"rsa-sha256", "ed25519-sha256"},
                 {"rsa-sha512", "RSA-SHA256", "rsa", ""},
                 Reason::algorithm_unknown},
             Row{"a", {}, {"rsa-sha1"}, Reason::algorithm_not_allowed},
             Row{"d",
                 {"a.test", "A.Test", "_x.a.test"},
                 {"test", "a.test.", "[127.0.0.1]", "a..test", "", "a b.test", long_label + ".test", "a.\xff.test"}},
             Row{"s", {"k", "K.l", "2026_11"}, {"", ".", "k.", "k l", "[::1]", long_label, long_name + "x"}},
             Row{"h",
                 {"From", "fROM:To", "To : From", "From:From"},
                 {"", "From:", ":From", "From::To", "From To:x", "From:h\xc3\xbc"}},
             Row{"h", {}, {"To", "Fro", "From1"}, Reason::from_not_signed},
             Row{"bh", {kBodyHash}, {"", "QUJD", kBodyHash + "A", "*"}},
             Row{"b", {"QUJD", "Q UJ D"}, {"", "QUJ", "QUJD=", "Q*JD"}},
             Row{"c",
                 {"simple", "relaxed", "simple/relaxed", "relaxed/relaxed"},
                 {"", "Simple", "relaxed/", "/relaxed", "simple/simple/simple", "nofws"},
                 Reason::canonicalization_unknown},
             Row{"i",
                 {"@a.test", "x@a.test", "x@b.A.test", "=40@a.test", "\"a@b\"@a.test"},
                 {"", "a.test", "x@", "=4@a.test", "=zz@a.test", "=ff@a.test", "x@[127.0.0.1]",
                  std::string(kIdentityBytesMax, 'x') + "@a.test"}},
             Row{"i", {}, {"@test.test", "@xa.test", "@b.test", "a.test@b.test"}, Reason::domain_mismatch},
             Row{"l", {"0", "12", std::string(76, '9')}, {"", "-1", "1 2", "x", std::string(77, '9')}},
             Row{"q", {"dns/txt", "x/y : dns/txt"}, {"", "dns", "dns/mx", "DNS/TXT"}, Reason::query_unknown},
             Row{"t", {"0", "999999999999"}, {"", "-1", "1000000000000", "1.5"}},
             Row{"x", {"1", "999999999999"}, {"", "x", "1000000000000"}},
         }) {
        const auto with = [&](const std::string& text) {
            return value_with(std::string(row.tag) + "=" + text, row.tag);
        };
        for (const std::string& text : row.good)
            EXPECT_EQ(fault_of(with(text)), Fault{}) << row.tag << "=" << text;
        for (const std::string& text : row.bad)
            EXPECT_EQ(fault_of(with(text)), (Fault{row.reason, row.tag})) << row.tag << "=" << text;
    }
    EXPECT_EQ(fault_of(value_with("t=5;x=5")), (Fault{Reason::signature_syntax, "x"}));
    EXPECT_EQ(fault_of(value_with("t=5;x=6")), Fault{});
}

// RFC 8617 §4.1.2, §4.1.3
TEST(Signature, ThoseOfArcHaveOtherTags) {
    constexpr Reason kFine = Reason::verified;
    constexpr Reason kSyntax = Reason::signature_syntax;

    struct Row {
        std::string value;
        Fault of_message;
        Fault of_seal;
    };

    for (const Row& row : {
             Row{value_with("i=1"), {}, {kSyntax, "h"}},
             Row{value_with("i=1", "v"), {}, {kSyntax, "h"}},
             Row{value_with("v=2; i=x", "v"), {}, {kSyntax, "h"}},
             Row{"a=rsa-sha256; d=a.test; s=k; b=QUJD", {Reason::tag_missing, "bh"}, {}},
             Row{"a=rsa-sha256; d=a.test; s=k; b=QUJD; bh=?; c=?; l=?; q=?; x=?", {Reason::tag_missing, "h"}, {}},
             Row{"a=rsa-sha256; d=a.test; s=k; b=QUJD; t=?", {kSyntax, "t"}, {kSyntax, "t"}},
             Row{"a=rsa-sha256; d=a.test; s=k; b=", {Reason::tag_missing, "bh"}, {kSyntax, "b"}},
             Row{"a=rsa-sha256; d=a.test; s=k", {Reason::tag_missing, "b"}, {Reason::tag_missing, "b"}},
             Row{value_with("h=To", "h"), {Reason::from_not_signed, "h"}, {kSyntax, "h"}},
             Row{value_with("h=From:arc-seal", "h"), {kSyntax, "h"}, {kSyntax, "h"}},
             Row{value_with("h=From:ARC-Authentication-Results", "h"), {kFine, ""}, {kSyntax, "h"}},
         }) {
        EXPECT_EQ(fault_of(row.value, SignatureKind::arc_message_signature), row.of_message) << row.value;
        EXPECT_EQ(fault_of(row.value, SignatureKind::arc_seal), row.of_seal) << row.value;
    }
    EXPECT_EQ(read_claims(*TagList::parse("i=1; d=a.test"), SignatureKind::arc_seal).identity, "");
}

TEST(Signature, NamesAreNotEndless) {
    std::string names = "From";
    for (std::size_t number = 1; number < kSignedNamesMax; ++number)
        names += ":X";
    EXPECT_EQ(fault_of(value_with("h=" + names, "h")), Fault{});
    EXPECT_EQ(fault_of(value_with("h=" + names + ":X", "h")), (Fault{Reason::over_limit, "h"}));
}

TEST(Signature, ClaimsAreReadFromInvalidOnesToo) {
    const std::string value = "a=rsa-sha1; d=a.test; b=AB CDEFGHIJ; s=not a selector";
    EXPECT_EQ(read_claims(*TagList::parse(value)), (Claims{.domain = message::Domain::parse("a.test"),
                                                           .selector = "",
                                                           .identity = "@a.test",
                                                           .algorithm = "rsa-sha1",
                                                           .signature_start = "ABCDEFGH"}));
    EXPECT_EQ(read_claims(*TagList::parse("d=nodot; x=")), Claims{});
}

} // namespace
} // namespace tegami::dkim
