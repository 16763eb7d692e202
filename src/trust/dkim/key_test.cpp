// RFC 6376 §3.6.1, RFC 8301 §3.2, RFC 8463 §4.2
#include "trust/dkim/dkim_fixture.h"
#include "trust/dkim/key_cache.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tegami::dkim {
namespace {

const std::string kDigest(kDigestBytes, 'd');

/// A key that `openssl genrsa` made, too short for anything.
constexpr std::string_view kShortKey = "-----BEGIN RSA PRIVATE KEY-----\n"
                                       "MIIBOwIBAAJBAJ8RQwJmbP727fjQwKTCSde4jHCwTOQUAk5JnSflD7R1E0DK8Jsc\n"
                                       "UQ9oXSVrRWuMmBbUZXHCRD3iBg3unpUgeP0CAwEAAQJBAJGsqlShXwKlO80ZyMNa\n"
                                       "12uDLMLrApACLxZpXk6x/Y8CE2dTgT7fYaj7O+aItEeaaEgdpNCPG48eKAIdSOeg\n"
                                       "DqECIQDP5xOjXCkVDOwOUuzmdf2C7WJbobeLEXkNC56HC39aJQIhAMPd8gqOWtdH\n"
                                       "SRuIZfPqYGhltd603i4dW+UKvFDTUS/5AiAEc2L1PVTX0YYALIBL0rzRn7laUtT2\n"
                                       "EjKwN851/6YDTQIhAJwXUEDhWbueb8ClXrqX2eTYyauF8FpHw2gwugqfnV/hAiAK\n"
                                       "iAnKaBnuR1RW8eNJz7J1aX4AFsdXOt94nfk62lj6SQ==\n"
                                       "-----END RSA PRIVATE KEY-----\n";
constexpr std::string_view kShortRecord =
    "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAJ8RQwJmbP727fjQwKTCSde4jHCwTOQUAk5JnSflD7R1E0DK8JscUQ9oXSVrRWuMmBb"
    "UZXHCRD3iBg3unpUgeP0CAwEAAQ==";
/// `openssl ecparam -genkey -name prime256v1`
constexpr std::string_view kCurveKey = "-----BEGIN EC PRIVATE KEY-----\n"
                                       "MHcCAQEEIMmufE2I1dDWb+0KqXJt6gJVQlADIjE11QFHeYRpuDtfoAoGCCqGSM49\n"
                                       "AwEHoUQDQgAE3aQQM1+UCsPqVcg18UjNnUmdbN2n4ehNnMXhTuFh7FgHxW62DSY4\n"
                                       "ULZVO/qaVD5t+CFBdqrXp6oh2y9TxXezNA==\n"
                                       "-----END EC PRIVATE KEY-----\n";
constexpr std::string_view kCurveRecord =
    "v=DKIM1; p=MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3aQQM1+UCsPqVcg18UjNnUmdbN2n4ehNnMXhTuFh7FgHxW62DSY4ULZVO/qaVD5"
    "t+CFBdqrXp6oh2y9TxXezNA==";

TEST(KeyRecord, IsRead) {
    const auto record =
        parse_key_record("v=DKIM1; h=sha1:x-new:sha256; k=ed25519; n=a note; p=QU JD; s=*:x; t=y:s:z; g=*");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->type, KeyType::ed25519);
    EXPECT_EQ(record->octets, "ABC");
    EXPECT_TRUE(record->for_sha256 && record->for_email && record->testing && record->exact_identity);
    const auto plain = parse_key_record("p=");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->type, KeyType::rsa);
    EXPECT_EQ(plain->octets, "");
    EXPECT_TRUE(plain->for_sha256 && plain->for_email);
    EXPECT_FALSE(plain->testing || plain->exact_identity);
    EXPECT_EQ(parse_key_record("k=x-new;p=")->type, std::nullopt);
    EXPECT_FALSE(parse_key_record("h=sha1;p=")->for_sha256);
    EXPECT_FALSE(parse_key_record("s=x;p=")->for_email);
}

TEST(KeyRecord, IsIgnoredIfItBreaksTheSyntax) {
    struct Row {
        const char* text;
        const char* tag;
    };

    for (const Row& row :
         {Row{"", ""}, Row{"some text", ""}, Row{"v=DKIM1", "p"}, Row{"v=DKIM2;p=", "v"}, Row{"v=dkim1;p=", "v"},
          Row{"p=;v=DKIM1", "v"}, Row{"p=*", "p"}, Row{"p=QUJ", "p"}, Row{"p=;p=", "p"}, Row{"k=;p=", "k"},
          Row{"k=a b;p=", "k"}, Row{"h=;p=", "h"}, Row{"h=sha256:;p=", "h"}, Row{"s=**;p=", "s"}, Row{"t=y:*;p=", "t"},
          Row{"t=-;p=", "t"}, Row{"v=spf1 include:x", "v"}}) {
        const auto record = parse_key_record(row.text);
        ASSERT_FALSE(record) << row.text;
        EXPECT_EQ(record.error(), (Fault{Reason::key_syntax, row.tag})) << row.text;
    }
}

std::optional<Fault> fault_of(const KeyRecord& record) {
    const auto key = PublicKey::create(record);
    return key ? std::nullopt : std::optional(key.error());
}

TEST(PublicKey, MustFitItsTypeAndTheLimits) {
    const KeyRecord rsa = *parse_key_record(kRfc8463RsaRecord);
    const KeyRecord ed25519 = *parse_key_record(kRfc8463Ed25519Record);
    // SubjectPublicKeyInfo is this much longer than the RSAPublicKey in it (RFC 6376 §3.6.1 has either).
    constexpr std::size_t kWrapBytes = 22;
    const std::string plain = rsa.octets.substr(kWrapBytes);
    const Fault syntax{Reason::key_syntax, "p"};

    struct Row {
        KeyRecord record;
        std::optional<Fault> fault;
    };

    const auto with = [](KeyRecord record, std::string octets, std::optional<KeyType> type) {
        record.octets = std::move(octets);
        record.type = type;
        return record;
    };
    for (const Row& row : {
             Row{rsa, std::nullopt},
             Row{ed25519, std::nullopt},
             Row{with(rsa, plain, KeyType::rsa), std::nullopt},
             Row{with(rsa, plain + "x", KeyType::rsa), syntax},
             Row{with(rsa, rsa.octets + "x", KeyType::rsa), syntax},
             Row{with(rsa, rsa.octets.substr(0, 100), KeyType::rsa), syntax},
             Row{with(rsa, "x", KeyType::rsa), syntax},
             Row{with(rsa, "", KeyType::rsa), syntax},
             Row{with(rsa, std::string(plain).replace(1, 2, "\x80"), KeyType::rsa), syntax},
             Row{with(rsa, "\x30\x81\x90" + plain.substr(3, 132) + "\x02\x0a" + std::string(10, 'e'), KeyType::rsa),
                 Fault{Reason::key_too_long, "p"}},
             Row{with(rsa, ed25519.octets, KeyType::rsa), syntax},
             Row{with(rsa, rsa.octets, KeyType::ed25519), syntax},
             Row{with(ed25519, ed25519.octets + "x", KeyType::ed25519), syntax},
             Row{with(rsa, rsa.octets, std::nullopt), Fault{Reason::key_of_other_type, "k"}},
             Row{*parse_key_record(kShortRecord), Fault{Reason::key_too_short, "p"}},
             Row{*parse_key_record(kCurveRecord), Fault{Reason::key_of_other_type, "p"}},
         })
        EXPECT_EQ(fault_of(row.record), row.fault);
}

TEST(PrivateKey, SignsWhatItsRecordVerifies) {
    for (const KeyType type : {KeyType::rsa, KeyType::ed25519}) {
        const PrivateKey& key = key_pair(type);
        const auto loaded = PrivateKey::load(key.pem());
        ASSERT_TRUE(loaded);
        EXPECT_EQ(loaded->type(), type);
        EXPECT_EQ(loaded->record(), key.record());
        const auto published = PublicKey::create(*parse_key_record(key.record()));
        ASSERT_TRUE(published);
        std::string signature = loaded->sign(kDigest);
        EXPECT_TRUE(published->verifies(kDigest, signature));
        EXPECT_FALSE(published->verifies(std::string(kDigestBytes, 'e'), signature));
        EXPECT_FALSE(published->verifies(kDigest, signature.substr(1)));
        EXPECT_FALSE(published->verifies(kDigest, ""));
        signature[5] = static_cast<char>(signature[5] ^ 1);
        EXPECT_FALSE(published->verifies(kDigest, signature));
    }
}

TEST(PrivateKey, IsLoadedInEveryUsualForm) {
    // PKCS #1 in PEM
    const auto rsa = PrivateKey::load(kRfc8463RsaKey);
    ASSERT_TRUE(rsa);
    EXPECT_EQ(rsa->record(), kRfc8463RsaRecord);
    // PKCS #8 in DER: RFC 8410 §7 around the seed
    constexpr std::string_view kBefore("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
    const auto ed25519 = PrivateKey::load(std::string(kBefore) + *base64::decode(kRfc8463Ed25519Seed));
    ASSERT_TRUE(ed25519);
    EXPECT_EQ(ed25519->record(), kRfc8463Ed25519Record);
}

TEST(PrivateKey, ThatIsNoneOfOursIsRefused) {
    // A letter of the modulus, in the first line of base64.
    std::string damaged(kRfc8463RsaKey);
    const std::size_t at = damaged.find('\n') + 30;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';

    struct Row {
        std::string octets;
        PrivateKeyFault fault;
    };

    for (const Row& row :
         {Row{"", PrivateKeyFault::unreadable}, Row{"key", PrivateKeyFault::unreadable},
          Row{std::string(kRfc8463RsaKey.substr(0, 300)), PrivateKeyFault::unreadable},
          Row{"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
              "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh9ajmiB8S3lwICCAAw\n"
              "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEEo1ItqmLM6bNCTNKn7NzDsEQFZt\n"
              "RCueMYbLQX9v9+l4aCWP9c3nIytopxzGkRT4Sv0iDDErEOMJ5sp6imUgD5Y2Vf9a\n"
              "gdL0uBPQpKy7nejeTWg=\n"
              "-----END ENCRYPTED PRIVATE KEY-----\n",
              PrivateKeyFault::unreadable},
          Row{damaged, PrivateKeyFault::unreadable}, Row{std::string(kShortKey), PrivateKeyFault::too_short},
          Row{std::string(kCurveKey), PrivateKeyFault::wrong_type}}) {
        const auto key = PrivateKey::load(row.octets);
        ASSERT_FALSE(key);
        EXPECT_EQ(key.error(), row.fault) << row.octets;
    }
}

TEST(KeyCache, GivesTheKeyOfTheRecordAndNoOther) {
    KeyCache cache;
    const PrivateKey first = PrivateKey::generate(KeyType::ed25519);
    const PrivateKey second = PrivateKey::generate(KeyType::ed25519);
    const std::string digest(kDigestBytes, 'd');
    for (int time = 0; time < 2; ++time) {
        for (const PrivateKey* pair : {&first, &second}) {
            const auto found = cache.find(pair->record(), KeyType::ed25519);
            ASSERT_TRUE(found);
            EXPECT_TRUE((*found)->key.verifies(digest, pair->sign(digest)));
        }
        EXPECT_FALSE((*cache.find(first.record(), KeyType::ed25519))->key.verifies(digest, second.sign(digest)));
        // What is no key, or none for this, is so each time.
        EXPECT_EQ(cache.find(first.record(), KeyType::rsa).error().reason, Reason::key_of_other_type);
        EXPECT_EQ(cache.find("v=DKIM1; p=", KeyType::rsa).error().reason, Reason::key_revoked);
    }
    for (std::size_t number = 0; number <= kCachedKeysMax; ++number)
        EXPECT_TRUE(cache.find(fmt::format("{}; n={}", first.record(), number), KeyType::ed25519));
    EXPECT_TRUE(cache.find(second.record(), KeyType::ed25519));
}

TEST(KeyCache, KeepsNoRecordThatIsLongerThanAKeyNeeds) {
    KeyCache cache;
    const std::string record = PrivateKey::generate(KeyType::ed25519).record() + "; n=";
    const std::string usual = record + std::string(kCachedRecordBytesMax - record.size(), 'x');
    EXPECT_EQ(cache.find(usual, KeyType::ed25519).value(), cache.find(usual, KeyType::ed25519).value());
    const auto once = cache.find(usual + 'x', KeyType::ed25519).value();
    EXPECT_NE(once, cache.find(usual + 'x', KeyType::ed25519).value());
}

} // namespace
} // namespace tegami::dkim
