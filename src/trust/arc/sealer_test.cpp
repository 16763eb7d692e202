// RFC 8617 §5.1
#include "trust/arc/arc_fixture.h"

#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::arc {
namespace {

const Hop kOne{"one.test"};
const Hop kTwo{"two.test", KeyType::rsa};

TEST(ArcSealer, WhatItSealsValidates) {
    trust::Zone zone = zone_of({kOne, kTwo});
    const std::string header = "From: Ann <ann@a.test>\r\nTo: b@b.test\r\n";
    for (const std::string& message : {
             header + "\r\nbody\r\n",
             header,
             header + "\r\n \r\n\t\r\n\r\n",
             header + "DKIM-Signature: a=1\r\nDKIM-Signature: a=2\r\nDKIM-SIGNATURE:\r\n\r\nbody",
             header + "Subject:\r\n  folded\r\n \r\nno field\r\n\r\nbody\r\n",
             header + "Authentication-Results: x; none\r\n\r\n\xe6\x89\x8b \xff\r\n",
             std::string("\r\nno header\r\n"),
             std::string("X: no From\r\n\r\nbody\r\n"),
         }) {
        std::string whole = message;
        Status status = Status::none;
        for (int hop = 0; hop < 5; ++hop) {
            whole = sealed(whole, hop % 2 == 0 ? kOne : kTwo, status);
            status = Status::pass;
            const Verdict verdict = validate(zone, {whole});
            EXPECT_EQ(words(verdict), "pass") << whole;
            EXPECT_EQ(verdict.sets.size(), hop + 1);
            EXPECT_EQ(verdict.oldest_pass, 0);
        }
    }
}

TEST(ArcSealer, FieldsAreInTheirOrderAndShort) {
    const std::string message =
        "From: a@a.test\r\nDKIM-Signature: a\r\nAuthentication-Results: x\r\nReceived: y\r\nList-Id: <l>\r\n\r\n";
    const std::string fields = *seal(message, kTwo, Status::none, "DKIM-Signature: b\r\nDate: now\r\n");
    for (const std::string_view line : ascii::split(fields, '\n'))
        EXPECT_LE(line.size(), 79) << line;
    const message::Header header(fields);
    ASSERT_EQ(header.fields().size(), 3);
    EXPECT_TRUE(fields.starts_with("ARC-Seal: i=1; a=rsa-sha256; cv=none; d=two.test; s=k; t=1795651200; b=\r\n "));
    EXPECT_EQ(header.text(header.fields()[2]),
              "ARC-Authentication-Results: i=1; mx.two.test;\r\n\tdmarc=pass header.from=a.test\r\n");
    EXPECT_EQ(header.name(header.fields()[1]), "ARC-Message-Signature");
    const auto tags = dkim::TagList::parse(header.raw_value(header.fields()[1]));
    ASSERT_TRUE(tags);
    EXPECT_EQ(tags->tags()[0].name, "i");
    EXPECT_EQ(tags->find("v"), nullptr);
    EXPECT_EQ(tags->find("t")->value, "1795651200");
    EXPECT_EQ(dkim::without_space(tags->find("h")->value),
              "From:From:To:Cc:Subject:Date:Date:Reply-To:Message-ID:In-Reply-To:References:MIME-Version:Content-Type:"
              "Content-Transfer-Encoding:List-Id:DKIM-Signature:DKIM-Signature");
}

TEST(ArcSealer, WhatStandsInFrontBelongsToTheMessage) {
    trust::Zone zone = zone_of({kOne, kTwo});
    const std::string first = *seal(kMessage, kOne, Status::none);
    const std::string front = "DKIM-Signature: x\r\n" + first;
    const auto second = seal(kMessage, kTwo, Status::pass, front);
    ASSERT_TRUE(second);
    EXPECT_EQ(words(validate(zone, {*second, front, kMessage})), "pass");
    EXPECT_EQ(words(validate(zone, {*second, first, kMessage})), "message-signature-failed(2): signature-mismatch b");
}

TEST(ArcSealer, HowTheOctetsAreCutDoesNotMatter) {
    const auto whole = seal(kMessage, kOne, Status::none);
    testing::for_every_split(kMessage, [&](const std::vector<std::string_view>& pieces) {
        Sealer sealer;
        for (const std::string_view piece : pieces)
            sealer.feed(piece);
        sealer.finish();
        EXPECT_EQ(sealer.seal({}, message::Header(kMessage), Status::none, results_of("mx.one.test"),
                              {.domain = domain("one.test"), .selector = domain("k"), .key = &key_pair(kOne.type)},
                              kNow),
                  whole);
    });
}

TEST(ArcSealer, AChainThatFailedIsSealedOnce) {
    trust::Zone zone = zone_of({kOne, kTwo});
    for (const std::string& broken : {
             chain_of({kOne, kTwo}) + "changed\r\n",
             "ARC-Seal: i=7; cv=pass\r\n" + std::string(kMessage),
             "ARC-Seal: nothing\r\n" + std::string(kMessage),
             hand_sealed(kMessage, {HandSet{}, HandSet{}, HandSet{"", "", ""}, HandSet{}}),
         }) {
        ASSERT_EQ(validate(zone, {broken}).status, Status::fail);
        const std::string marked = sealed(broken, kTwo, Status::fail);
        const Verdict verdict = validate(zone, {marked});
        EXPECT_EQ(verdict.reason, Reason::already_failed);
        EXPECT_EQ(seal(marked, kOne, Status::fail), std::nullopt);

        // §5.1.2: the seal is one of this set alone.
        const message::Header header(marked);
        const auto& fields = header.fields();
        const std::string_view own = header.text(fields[0]);
        const auto tags = dkim::TagList::parse(header.raw_value(fields[0]));
        const auto seal = dkim::parse_signature(*tags, dkim::SignatureKind::arc_seal);
        ASSERT_TRUE(seal);
        const std::size_t value_at = fields[0].value_offset;
        const dkim::Tag* b = tags->find("b");
        const std::string digest =
            dkim::header_digest(dkim::Canonicalization::relaxed, {header.text(fields[2]), header.text(fields[1])}, own,
                                value_at + b->begin, value_at + b->end);
        const auto record = dkim::parse_key_record(key_pair(kTwo.type).record());
        EXPECT_TRUE(dkim::usable_key(*record, seal->key_type)->verifies(digest, seal->octets));
    }
}

TEST(ArcSealer, WhatIsNotToBeContinuedIsNotSealed) {
    const std::string message(kMessage);
    const std::string good = chain_of({kOne, kTwo});
    const std::string bad = "ARC-Seal: nothing\r\n" + message;
    const std::string full = hand_sealed(kMessage, std::vector<HandSet>(kSetsMax));
    const std::string nearly = hand_sealed(kMessage, std::vector<HandSet>(kSetsMax - 1));
    std::string large = message;
    std::string names = message;
    std::string many = message;
    while (large.size() <= message::kHeaderBytesMax)
        large.insert(0, "X: " + std::string(900, 'x') + "\r\n");
    for (std::size_t number = 0; number <= dkim::kSignedNamesMax; ++number) {
        names.insert(0, "DKIM-Signature: x\r\n");
        many.insert(0, "ARC-Seal: i=1\r\n");
    }

    struct Row {
        const std::string& message;
        Status status;
        bool is_sealed;
    };

    for (const Row& row : {
             Row{message, Status::none, true},
             Row{message, Status::pass, false},
             Row{message, Status::fail, false},
             Row{good, Status::none, false},
             Row{good, Status::pass, true},
             Row{good, Status::fail, true},
             Row{bad, Status::none, false},
             Row{bad, Status::pass, false},
             Row{bad, Status::fail, true},
             Row{nearly, Status::pass, true},
             Row{full, Status::pass, false},
             Row{full, Status::fail, false},
             Row{large, Status::none, false},
             Row{names, Status::none, false},
             Row{many, Status::fail, false},
         })
        EXPECT_EQ(seal(row.message, kOne, row.status).has_value(), row.is_sealed)
            << row.message.substr(0, 100) << to_string(row.status);
}

} // namespace
} // namespace tegami::arc
