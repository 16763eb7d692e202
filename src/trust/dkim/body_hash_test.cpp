// RFC 6376 §3.4, §3.7
#include "trust/dkim/body_hash.h"

#include "base/base64.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::dkim {
namespace {

constexpr Canonicalization kSimple = Canonicalization::simple;
constexpr Canonicalization kRelaxed = Canonicalization::relaxed;

std::string sha256(std::string_view octets) {
    Sha256 hash;
    hash.update(octets);
    return hash.digest();
}

TEST(BodyHash, OfNothingIsWhatTheRfcSays) {
    BodyHasher body({{kSimple, std::nullopt}, {kRelaxed, std::nullopt}});
    body.finish();
    EXPECT_EQ(base64::encode(body.find({kSimple, std::nullopt}).digest),
              "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
    EXPECT_EQ(base64::encode(body.find({kRelaxed, std::nullopt}).digest),
              "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(BodyHash, SeveralScopesInOnePassInAnySplit) {
    constexpr std::string_view kBody = "a  b\r\n\r\n c \r\n\r\n";
    constexpr std::string_view kSimpleBody = "a  b\r\n\r\n c \r\n";
    constexpr std::string_view kRelaxedBody = "a b\r\n\r\n c\r\n";
    testing::for_every_split(kBody, [&](const std::vector<std::string_view>& pieces) {
        std::vector<BodyScope> scopes;
        for (std::uint64_t length = 0; length < 20; ++length) {
            scopes.push_back({kSimple, 19 - length});
            scopes.push_back({kRelaxed, length / 2});
        }
        scopes.push_back({kRelaxed, std::nullopt});
        BodyHasher body(scopes);
        for (const std::string_view piece : pieces)
            body.feed(piece);
        body.finish();
        for (const BodyScope& scope : scopes) {
            const std::string_view canonical = scope.form == kSimple ? kSimpleBody : kRelaxedBody;
            const std::uint64_t length = scope.length.value_or(canonical.size());
            const BodyHash found = body.find(scope);
            const bool fits = length <= canonical.size();
            EXPECT_EQ(found.digest, fits ? sha256(canonical.substr(0, length)) : "");
            EXPECT_EQ(found.left_out, fits ? canonical.size() - length : 0);
        }
    });
}

} // namespace
} // namespace tegami::dkim
