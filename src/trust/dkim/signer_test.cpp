// RFC 6376 §5
#include "trust/dkim/dkim_fixture.h"

#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dkim {
namespace {

using ::testing::ElementsAre;

std::vector<SigningKey> both_keys() {
    return {{.domain = domain("a.test"), .selector = domain("e"), .key = &key_pair(KeyType::ed25519)},
            {.domain = domain("a.test"), .selector = domain("r"), .key = &key_pair(KeyType::rsa)}};
}

trust::Zone zone_of_both() {
    trust::Zone zone;
    zone.add_text("e._domainkey.a.test", key_pair(KeyType::ed25519).record());
    zone.add_text("r._domainkey.a.test", key_pair(KeyType::rsa).record());
    return zone;
}

const std::string kHeader = "From: Ann <ann@a.test>\r\nTo: b@b.test\r\nSubject: Hi\r\n";

TEST(Signer, WhatItSignsVerifies) {
    trust::Zone zone = zone_of_both();
    std::string folded = "From: Ann\r\n\t<ann@a.test>  \r\nSubject:\r\n  folded\r\n \r\n twice\r\n";
    for (int number = 0; number < 30; ++number)
        folded += "To: b@b.test\r\nCc:\r\n";
    std::string big = kHeader + "\r\n";
    while (big.size() < 10 * 1024 * 1024)
        big += "  lines of \t different  length   \r\n" + std::string(big.size() % 977, 'x') + "\r\n\r\n";

    for (const std::string& message : {
             kHeader + "\r\nbody\r\n",
             kHeader + "\r\n",
             kHeader,
             kHeader + "\r\n\r\n\r\n\r\n",
             kHeader + "\r\nbody\r\n\r\n\r\n\r\n",
             kHeader + "\r\n  \r\n\t\r\n",
             kHeader + "\r\nends in space \t \r\n  begins with it\r\n",
             kHeader + "\r\n.\r\n..\r\n.dots\r\n",
             kHeader + "\r\n\xe6\x89\x8b\xe7\xb4\x99 \xff\xfe \r\n",
             kHeader + "\r\n" + std::string(5000, 'x') + " \t" + std::string(5000, ' ') + "\r\n",
             kHeader + "X-Long: " + std::string(3000, 'x') + "\r\nFrom : twice\r\n\r\nbody\r\n",
             kHeader + "no field\r\n\r\nbody\r\n",
             kHeader + "Subject: \xe6\x89\x8b\xe7\xb4\x99\r\n\r\nbody\r\n",
             "From ann Thu Nov 26 2026\r\n" + kHeader + "\r\nbody\r\n",
             folded + "\r\nbody\r\n",
             std::string("\r\nno header\r\n"),
             std::string("X: no From\r\n\r\nbody\r\n"),
             big,
         }) {
        const std::string front = "Received: from x\r\n by y\r\nDate: today\r\n";
        const std::string signatures = sign(message, both_keys(), front);
        EXPECT_THAT(reasons(verify(zone, {signatures, front, message})),
                    ElementsAre(Reason::verified, Reason::verified))
            << message.substr(0, 300);
    }
}

TEST(Signer, HowTheOctetsAreCutDoesNotMatter) {
    const std::string message = kHeader + "\r\nA  body \r\n\r\nof lines\r\n\r\n";
    const std::vector<SigningKey> keys{both_keys().front()};
    const std::string whole = sign(message, keys);
    testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
        Signer signer;
        for (const std::string_view piece : pieces)
            signer.feed(piece);
        signer.finish();
        EXPECT_EQ(signer.sign("", message::Header(message), keys, kNow), whole);
    });
}

TEST(Signer, FieldsAreShortLinesWithWhatIsNeeded) {
    const std::string signatures = sign(kHeader + "List-Id: <l.a.test>\r\n\r\nbody\r\n", both_keys(), "Date: now\r\n");
    const message::Header header(signatures);
    ASSERT_EQ(header.fields().size(), 2);
    EXPECT_TRUE(
        signatures.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=a.test; s=e;\r\n "));
    EXPECT_TRUE(signatures.ends_with("\r\n"));
    for (const std::string_view line : ascii::split(signatures, '\n'))
        EXPECT_LE(line.size(), 79) << line;
    const auto tags = TagList::parse(header.raw_value(header.fields()[1]));
    ASSERT_TRUE(tags);
    EXPECT_EQ(tags->find("t")->value, "1795651200");
    EXPECT_EQ(tags->find("s")->value, "r");
    EXPECT_EQ(tags->find("l"), nullptr);
    EXPECT_EQ(without_space(tags->find("h")->value),
              "From:From:To:To:Cc:Subject:Subject:Date:Date:Reply-To:Message-ID:In-Reply-To:References:MIME-Version:"
              "Content-Type:Content-Transfer-Encoding:List-Id");
    EXPECT_EQ(sign(kHeader, {}), "");
}

TEST(Signer, NobodyAddsAFieldThatIsSealed) {
    trust::Zone zone = zone_of_both();
    const std::string message = kHeader + "Sender: s@a.test\r\n\r\nbody\r\n";
    const std::string signed_message = sign(message, both_keys()) + message;
    ASSERT_THAT(reasons(verify(zone, {signed_message})), ElementsAre(Reason::verified, Reason::verified));

    struct Row {
        const char* field;
        Reason reason;
    };

    for (const Row& row : {
             Row{"From: eve@e.test\r\n", Reason::signature_mismatch},
             Row{"SUBJECT : other\r\n", Reason::signature_mismatch},
             Row{"Cc: eve@e.test\r\n", Reason::signature_mismatch},
             Row{"Reply-To: eve@e.test\r\n", Reason::signature_mismatch},
             Row{"Content-Type: text/html\r\n", Reason::signature_mismatch},
             Row{"Received: by list\r\n", Reason::verified},
             Row{"List-Id: <l.a.test>\r\n", Reason::verified},
             Row{"Sender: list@l.test\r\n", Reason::verified},
             Row{"Return-Path: <x@a.test>\r\n", Reason::verified},
         }) {
        EXPECT_THAT(reasons(verify(zone, {row.field + signed_message})), ElementsAre(row.reason, row.reason))
            << row.field;
        std::string lower = signed_message;
        lower.insert(lower.find("\r\n\r\n") + 2, row.field);
        EXPECT_EQ(verify(zone, {lower})[0].verdict(),
                  row.reason == Reason::verified && !std::string_view(row.field).starts_with("Sender") ? Verdict::pass
                                                                                                       : Verdict::fail)
            << row.field;
    }
}

TEST(Signer, AHeaderThatIsNotSeenWholeIsNotSigned) {
    std::string message = kHeader;
    while (message.size() <= message::kHeaderBytesMax)
        message += "X: " + std::string(900, 'x') + "\r\n";
    message += "\r\nbody\r\n";
    Signer signer;
    signer.feed(message);
    signer.finish();
    EXPECT_EQ(signer.sign("", message::Header(message), both_keys(), kNow), std::nullopt);
}

TEST(Signer, ADamagedFieldDoesNotVerify) {
    trust::Zone zone = zone_of_both();
    const std::string message = kHeader + "\r\nbody\r\n";
    const std::string signatures = sign(message, {both_keys().front()});
    for (std::size_t at = signatures.find(':') + 1; at + 2 < signatures.size(); ++at) {
        std::string damaged = signatures;
        damaged[at] = damaged[at] == 'q' ? 'z' : 'q';
        for (const SignatureResult& result : verify(zone, {damaged + message}))
            EXPECT_NE(result.verdict(), Verdict::pass) << damaged;
    }
}

} // namespace
} // namespace tegami::dkim
