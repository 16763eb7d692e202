// RFC 2136 and RFC 8945; the signed messages are those of dnspython 2.3.0.
#include "base/ascii.h"
#include "protocol/dns_update/response.h"
#include "protocol/dns_update/tsig.h"
#include "protocol/dns_update/update.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dns {
namespace {

Name name(std::string_view text) {
    return Name::parse(text).value();
}

std::string octets(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        out += static_cast<char>(ascii::hex_value(hex[i]) * 16 + ascii::hex_value(hex[i + 1]));
    return out;
}

std::string hex(std::string_view octets) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char octet : octets) {
        text += kDigits[static_cast<unsigned char>(octet) >> 4];
        text += kDigits[static_cast<unsigned char>(octet) & 15];
    }
    return text;
}

Data text(std::string text) {
    return TxtData{{std::move(text)}};
}

TsigKey some_key(TsigAlgorithm algorithm) {
    return {.name = name("Key.a.test"), .algorithm = algorithm, .secret = "0123456789abcdef0123456789abcdef"};
}

Timestamp at(std::int64_t seconds) {
    return Timestamp(std::chrono::seconds(seconds));
}

constexpr std::int64_t kSignedAt = 1'800'000'000;

/// "ZONE SECTION | prerequisites and changes" of an update of x.a.test TXT, after the header.
std::string encoded(SetUpdate update) {
    update.zone = name("a.test");
    update.name = name("x.a.test");
    update.type = Type::txt;
    return hex(encode_update(0x1234, update).value());
}

TEST(DnsUpdate, SaysWhatIsToBeChanged) {
    // Zone a.test SOA IN; then records of x.a.test TXT.
    const std::string zone = "01610474657374000006" + std::string("0001");
    const std::string set = "01780161047465737400" + std::string("0010");
    const std::string add = set + "000100000e1000060568656c6c6f";

    struct Row {
        SetUpdate update;
        std::string counts; ///< zones, prerequisites, changes, additional records
        std::string records;
    };

    const Row rows[] = {
        {{.expected = {{}}, .added = {text("hello")}, .ttl_seconds = 3600},
         "0001000100010000",
         set + "00fe000000000000" + add},
        {{.expected = {{text("a"), text("b")}}, .removes_others = true, .added = {text("hello")}, .ttl_seconds = 3600},
         "0001000200020000",
         set + "00010000000000020161" + set + "00010000000000020162" + set + "00ff000000000000" + add},
        {{.removes_others = true}, "0001000000010000", set + "00ff000000000000"}};
    for (const Row& row : rows)
        EXPECT_EQ(encoded(row.update), "12342800" + row.counts + zone + row.records);
}

TEST(DnsUpdate, HasRoomForOneMessageOnly) {
    SetUpdate update{.zone = name("a.test"), .name = name("x.a.test"), .type = Type::txt};
    const std::string longest(250, 'x');
    update.added.push_back(TxtData{std::vector<std::string>(250, longest)});
    EXPECT_TRUE(encode_update(1, update));
    update.added.push_back(TxtData{std::vector<std::string>(20, longest)});
    EXPECT_FALSE(encode_update(1, update));
    EXPECT_FALSE(encode_update(1, {.zone = name("a.test"), .name = name("x.a.test"), .expected = update.added}));
}

TEST(DnsUpdate, AsksWithoutRecursion) {
    EXPECT_EQ(hex(encode_question(7, name("a.test"), Type::mx)), "000700000001000000000000"
                                                                 "01610474657374"
                                                                 "00"
                                                                 "000f0001");
    EXPECT_EQ(hex(encode_zone_question(7, name("a.test"))), "000700000001000000000000"
                                                            "01610474657374"
                                                            "00"
                                                            "00060001");
}

struct Vector {
    TsigAlgorithm algorithm;
    const char* mac;
    const char* response;
};

constexpr std::string_view kUnsigned =
    "1234280000010001000200000161047465737400000600010178c00c001000fe000000000000c01800"
    "1000ff000000000000c0180010000100000e1000060568656c6c6f";
constexpr Vector kVectors[] = {
    {TsigAlgorithm::hmac_sha256, "18b41c8eb2539db02d48c4b35a05aa6a476ae4a423ec3001a69284ca40a2069f",
     "1234a8000001000000000001016104746573740000060001034b6579c00c00fa00ff00000000003d0b686d61632d736861323536000000"
     "6b49d200012c0020e4f8f6a2ef5e28fc3870290b6446bdcfd5e2f16337030d98e48aa95cdd7b3da4123400000000"},
    {TsigAlgorithm::hmac_sha384,
     "0a8a36b2d9fe4009ff05ac659c151bc0fc436b921d57d6b30485fccfc4d35f3a55b1a8c3ce161a8105e893cc126b1bd6",
     "1234a8000001000000000001016104746573740000060001034b6579c00c00fa00ff00000000004d0b686d61632d736861333834000000"
     "6b49d200012c0030bca0b21c711d50f9521d45de9231c5c03f0830109c85e634784e38d9c1b33d17d05f73f50fcc634a35d0cc013fba3f"
     "2b123400000000"},
    {TsigAlgorithm::hmac_sha512,
     "55a871ffb666f7ac4dd73a95d9cff6e4ab5126b4153026516e21681b6eb89c807562ce8022c37b97bd3b79ee528ade3239462528b124bc"
     "91cf71bb15ff4c3172",
     "1234a8000001000000000001016104746573740000060001034b6579c00c00fa00ff00000000005d0b686d61632d736861353132000000"
     "6b49d200012c0040bb82ca49a1f41c73a64b86d353e01f61b88528c8f7f6b64035b9defcd800e95ab617f33002a414a6dc9f2d4442400c"
     "89cb8083a1c38b27c2e6e4a13a7979ee12123400000000"}};
constexpr std::string_view kBadTimeResponse =
    "1234a8090001000000000001016104746573740000060001034b6579c00c00fa00ff0000000000430b686d61632d7368613235360000006b49"
    "d200012c0020dddd03eb341996c780ed2eeec924815862d470d5c18c9116cc4c9c4cbd20c8e812340012000600006b49e588";

/// The fault; nothing if the response is good.
std::optional<TsigFault> fault(const std::string& response, std::int64_t now = kSignedAt,
                               TsigKey key = some_key(TsigAlgorithm::hmac_sha256),
                               std::string_view request_mac = kVectors[0].mac) {
    const auto parsed = parse_response(response);
    if (!parsed) return TsigFault::refused;
    const auto verified = verify(response, *parsed, key, octets(request_mac), at(now));
    return verified ? std::nullopt : std::optional(verified.error());
}

TEST(Tsig, SignsAsOthersDo) {
    for (const Vector& each : kVectors) {
        const SignedMessage made = sign(octets(kUnsigned), some_key(each.algorithm), at(kSignedAt));
        EXPECT_EQ(hex(made.mac), each.mac);
        EXPECT_EQ(fault(octets(each.response), kSignedAt, some_key(each.algorithm), each.mac), std::nullopt);
        EXPECT_EQ(parse_tsig_algorithm(to_string(each.algorithm)), each.algorithm);
    }
    const std::string made = sign(octets(kUnsigned), some_key(TsigAlgorithm::hmac_sha256), at(kSignedAt))
                                 .octets.substr(kUnsigned.size() / 2);
    EXPECT_EQ(hex(made), "034b657901610474657374"
                         "0000fa00ff00000000003d"
                         "0b686d61632d73686132353600"
                         "00006b49d200"
                         "012c"
                         "0020" +
                             std::string(kVectors[0].mac) +
                             "1234"
                             "0000"
                             "0000");
}

TEST(Tsig, RefusesWhatIsNotSignedForUs) {
    const std::string good = octets(kVectors[0].response);
    const TsigKey key = some_key(TsigAlgorithm::hmac_sha256);
    EXPECT_EQ(fault(good, kSignedAt + 300), std::nullopt);
    EXPECT_EQ(fault(good, kSignedAt + 301), TsigFault::wrong_time);
    EXPECT_EQ(fault(good, kSignedAt - 301), TsigFault::wrong_time);
    TsigKey other = key;
    other.secret = "another";
    EXPECT_EQ(fault(good, kSignedAt, other), TsigFault::wrong_mac);
    other = key;
    other.name = name("b.test");
    EXPECT_EQ(fault(good, kSignedAt, other), TsigFault::other_key);
    EXPECT_EQ(fault(good, kSignedAt, some_key(TsigAlgorithm::hmac_sha512)), TsigFault::other_key);
    EXPECT_EQ(fault(good, kSignedAt, key, kVectors[1].mac), TsigFault::wrong_mac) << "an answer to something else";
    EXPECT_EQ(fault(octets("1234a8000001000000000000016104746573740000060001")), TsigFault::not_signed);
    EXPECT_EQ(fault(octets(kBadTimeResponse)), TsigFault::clocks_differ);
    // The id is compared by whoever asked (RFC 8945 §5.3).
    for (std::size_t at = 2; at < good.size(); ++at) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        EXPECT_NE(fault(damaged), std::nullopt) << at;
    }
}

/// The signature of a response that has a MAC of this length and this error.
std::string tsig_with(std::size_t mac_bytes, unsigned error) {
    TsigRecord tsig = parse_response(octets(kVectors[0].response))->tsig.value();
    std::string response = octets(kVectors[0].response).substr(0, 24);
    std::string rdata = tsig.algorithm.wire() + octets("00006b49d200012c") + '\0' + static_cast<char>(mac_bytes) +
                        tsig.mac.substr(0, mac_bytes) + octets("1234") + '\0' + static_cast<char>(error) +
                        octets("0000");
    return response + tsig.key_name.wire() + octets("00fa00ff00000000") + '\0' + static_cast<char>(rdata.size()) +
           rdata;
}

TEST(Tsig, TakesNoShortenedSignature) {
    EXPECT_EQ(fault(tsig_with(32, 0)), std::nullopt);
    for (const std::size_t bytes : {0U, 1U, 16U, 31U})
        EXPECT_EQ(fault(tsig_with(bytes, 0)), TsigFault::wrong_mac) << bytes;
}

TEST(Tsig, TellsWhatTheServerFindsWrong) {
    EXPECT_EQ(fault(tsig_with(0, kBadKey)), TsigFault::key_unknown);
    EXPECT_EQ(fault(tsig_with(0, kBadSignature)), TsigFault::secret_differs);
    EXPECT_EQ(fault(tsig_with(32, kBadTime)), TsigFault::wrong_mac) << "what is signed says no error";
}

TEST(DnsResponse, ReadsAnswersAndTheZone) {
    // b.a.test MX: no such record, with the SOA of a.test beside.
    const std::string question = "0162016104746573740000"
                                 "0f0001";
    const std::string soa = "c00e00060001000000000016"
                            "c00ec00e"
                            "000000010000000200000003000000040000000"
                            "5";
    const auto none = parse_response(octets("0007840000010000000100"
                                            "00" +
                                            question + soa + "0000"));
    EXPECT_FALSE(none) << "octets left over";
    const auto nothing = parse_response(octets("000784030001000000010000" + question +
                                               "c00e000600010000000000"
                                               "18"
                                               "c00ec00e"
                                               "0000000100000002000000030000000400000005"));
    ASSERT_TRUE(nothing);
    EXPECT_EQ(nothing->id, 7);
    EXPECT_EQ(nothing->code, kNoSuchName);
    EXPECT_TRUE(nothing->is_authoritative);
    EXPECT_FALSE(nothing->is_update);
    EXPECT_EQ(nothing->zone, name("a.test"));
    EXPECT_TRUE(nothing->answers.empty());
    const auto one = parse_response(octets("000780000001000100000000" + question +
                                           "c00c000f00010000000a0004"
                                           "0005c00e"));
    ASSERT_TRUE(one);
    EXPECT_FALSE(one->is_authoritative);
    ASSERT_EQ(one->answers.size(), 1U);
    EXPECT_EQ(one->answers[0].name, name("b.a.test"));
    EXPECT_EQ(one->answers[0].data, Data(MxData{5, name("a.test")}));
    EXPECT_FALSE(one->zone);
}

TEST(DnsResponse, RefusesWhatIsNone) {
    const std::string good = octets(kVectors[0].response);
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(parse_response(good.substr(0, size))) << size;
    for (const char* const header :
         {"000700000000000000000000", "000782000000000000000000", "0007a0000000000000000000"})
        EXPECT_FALSE(parse_response(octets(header))) << header;
    // A signature that is not the last record, or not in its section.
    const std::string tsig = good.substr(24);
    EXPECT_FALSE(parse_response(octets("1234a8000001000000000002016104746573740000060001") + tsig + tsig));
    EXPECT_FALSE(parse_response(octets("1234a8000001000100000000016104746573740000060001") + tsig));
    EXPECT_EQ(response_code_name(kNotAuthority), "NOTAUTH");
    EXPECT_EQ(response_code_name(15), "RCODE 15");
}

} // namespace
} // namespace tegami::dns
