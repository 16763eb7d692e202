// WebAuthn level 2 §7.1, §7.2: a passkey that was made, and what one has signed, step by step.
#include "webauthn/ceremony.h"

#include "testing/soft_passkey.h"

#include <fmt/format.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::webauthn {
namespace {

constexpr std::string_view kParty = "mail.b.test";
constexpr std::string_view kOrigin = "https://mail.b.test:8443";

const RelyingParty kUs = RelyingParty::of(kOrigin);

SoftPasskey passkey(Algorithm algorithm = Algorithm::es256) {
    return SoftPasskey(std::string(kParty), algorithm);
}

Fault fault_of(const SoftPasskey& made, std::string_view origin = kOrigin) {
    const auto checked = check_registration(made.make(origin, "challenge"), kUs);
    EXPECT_FALSE(checked);
    return checked ? Fault::counter_back : checked.error();
}

TEST(RelyingParty, IsTheHostWithoutThePort) {
    EXPECT_EQ(kUs.id, "mail.b.test");
    EXPECT_EQ(kUs.origin, kOrigin);
    EXPECT_EQ(RelyingParty::of("https://mail.b.test").id, "mail.b.test");
}

TEST(Passkey, IsMadeAndSignsWithEachAlgorithm) {
    for (const Algorithm algorithm : kAlgorithms) {
        SoftPasskey soft = passkey(algorithm);
        const auto made = check_registration(soft.make(kOrigin, "challenge"), kUs);
        ASSERT_TRUE(made) << word_of(made.error());
        EXPECT_EQ(*made, (Credential{.id = soft.id, .key = soft.cose_key(), .counter = 0}));
        EXPECT_EQ(check_assertion(soft.use(kOrigin, "another"), *made, kUs, Verification::needed), 0U);
        Assertion changed = soft.use(kOrigin, "another");
        changed.signature.back() = static_cast<char>(changed.signature.back() ^ 1);
        EXPECT_EQ(check_assertion(changed, *made, kUs, Verification::needed).error(), Fault::wrong_signature);
        changed = soft.use(kOrigin, "another");
        changed.client_data.back() = ' ';
        EXPECT_FALSE(check_assertion(changed, *made, kUs, Verification::needed));
        EXPECT_EQ(check_assertion(passkey(algorithm).use(kOrigin, "x"), *made, kUs, Verification::needed).error(),
                  Fault::wrong_signature)
            << "one with the same id and another key";
    }
}

TEST(Passkey, IsMadeForUsAloneAndUnlocked) {
    SoftPasskey soft = passkey();
    EXPECT_EQ(fault_of(soft, "https://mail.b.test"), Fault::wrong_origin) << "another port is another page";
    EXPECT_EQ(fault_of(soft, "http://mail.b.test:8443"), Fault::wrong_origin);
    soft.cross_origin = true;
    EXPECT_EQ(fault_of(soft), Fault::wrong_origin);
    soft = passkey();
    soft.party_id = "b.test";
    EXPECT_EQ(fault_of(soft), Fault::wrong_party);
    soft = passkey();
    soft.flags = 0x01;
    EXPECT_EQ(fault_of(soft), Fault::not_verified);
    soft.flags = 0x04;
    EXPECT_EQ(fault_of(soft), Fault::not_present);
    const Assertion used = passkey().use(kOrigin, "challenge");
    EXPECT_EQ(check_registration(
                  {.client_data = used.client_data, .attestation = passkey().make(kOrigin, "").attestation}, kUs)
                  .error(),
              Fault::wrong_type);
}

TEST(Passkey, SignsForUsAloneAndTouched) {
    SoftPasskey soft = passkey();
    const Credential kept = *check_registration(soft.make(kOrigin, "challenge"), kUs);
    const auto fault = [&](Verification verification = Verification::needed, std::string_view origin = kOrigin) {
        const auto checked = check_assertion(soft.use(origin, "c"), kept, kUs, verification);
        return checked ? "none" : word_of(checked.error());
    };
    EXPECT_EQ(fault(), "none");
    EXPECT_EQ(fault(Verification::needed, "https://evil.test"), "wrong-origin");
    soft.flags = 0x01;
    EXPECT_EQ(fault(), "not-verified");
    EXPECT_EQ(fault(Verification::not_needed), "none");
    soft.flags = 0x04;
    EXPECT_EQ(fault(Verification::not_needed), "not-present");
    soft.flags = 0x05;
    soft.party_id = "mail.c.test";
    EXPECT_EQ(fault(), "wrong-party");
    soft.party_id = kParty;
    soft.id = "another";
    EXPECT_EQ(fault(), "malformed");
    soft.id = kept.id;
    soft.extensions = cbor_head(5, 1) + cbor_text("appid") + std::string(1, '\xf5');
    EXPECT_EQ(fault(), "none");
    soft.extensions = cbor_text("no map");
    EXPECT_EQ(fault(), "malformed");
}

/// What a page got from Chromium, with an authenticator of its own for tests.
TEST(Passkey, OfABrowserIsTaken) {
    const RelyingParty party = RelyingParty::of("https://mail.example.test");
    const auto object = [](std::string_view response) {
        return read_json(
                   fmt::format(
                       R"({{"id":"9gECQ3k7hFALmhQf45fizb83dF8MdUDswq6EIp8C0yI","type":"public-key","response":{{{}}}}})",
                       response),
                   4)
            ->as_object();
    };
    const auto made = read_registration(object(
        R"("clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiWTJnIiwib3JpZ2luIjoiaHR0cHM6Ly9tYWlsLmV4YW1wbGUudGVzdCIsImNyb3NzT3JpZ2luIjpmYWxzZX0",)"
        R"("attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikZGeqGzhUqGcgXHSh8CA68ZQO2JjY4Vp4YIGRrdXAQDRFAAAAAQECAwQFBgcIAQIDBAUGBwgAIPYBAkN5O4RQC5oUH-OX4s2_N3RfDHVA7MKuhCKfAtMipQECAyYgASFYIJaEoA6uQAGc31KKAu5IkwXMikDUDZ6hObzdje5dadL_IlggGUtme4srkQaPwFrHEwrthHzRcwkYBDDnLDSkqUXbBM0")"));
    ASSERT_TRUE(made);
    const auto credential = check_registration(*made, party);
    ASSERT_TRUE(credential) << word_of(credential.error());
    EXPECT_EQ(credential->counter, 1U);
    const auto alone = read_assertion(object(
        R"("clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiWTJnIiwib3JpZ2luIjoiaHR0cHM6Ly9tYWlsLmV4YW1wbGUudGVzdCIsImNyb3NzT3JpZ2luIjpmYWxzZX0",)"
        R"("authenticatorData":"ZGeqGzhUqGcgXHSh8CA68ZQO2JjY4Vp4YIGRrdXAQDQFAAAAAg","userHandle":"AAAAAAAAAAE",)"
        R"("signature":"MEUCIFcDx46RBgmyFlPdk8dCwWBTRYeHrv3X0KUFSXk8i87CAiEArHxq3C8RZ0C7J3um2WOqiVz2rBAnYH9zlTgNfAXeFgM")"));
    const auto beside = read_assertion(object(
        R"("clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiZEdsamF3Iiwib3JpZ2luIjoiaHR0cHM6Ly9tYWlsLmV4YW1wbGUudGVzdCIsImNyb3NzT3JpZ2luIjpmYWxzZX0",)"
        R"("authenticatorData":"ZGeqGzhUqGcgXHSh8CA68ZQO2JjY4Vp4YIGRrdXAQDQBAAAAAw","userHandle":"AAAAAAAAAAE",)"
        R"("signature":"MEQCIAY2ggu6V4ACS1xrKH7BXFTBu_xoijKyB9X-MnVpJ6S3AiA7qgRlmw1unWWvEg8h20O49msyynsH_5hNaka8-ruGyg")"));
    ASSERT_TRUE(alone && beside);
    EXPECT_EQ(check_assertion(*alone, *credential, party, Verification::needed), 2U);
    EXPECT_EQ(check_assertion(*beside, *credential, party, Verification::not_needed), 3U);
    EXPECT_EQ(check_assertion(*beside, *credential, party, Verification::needed).error(), Fault::not_verified)
        << "it was asked to touch alone";
}

TEST(Passkey, ACounterThatGoesBackIsOfASecondOne) {
    SoftPasskey soft = passkey();
    soft.counter = 7;
    Credential kept = *check_registration(soft.make(kOrigin, "challenge"), kUs);
    EXPECT_EQ(kept.counter, 7U);
    const auto counted = [&](std::uint32_t counter) {
        soft.counter = counter;
        return check_assertion(soft.use(kOrigin, "c"), kept, kUs, Verification::needed);
    };
    EXPECT_EQ(counted(8), 8U);
    EXPECT_EQ(counted(4'000'000'000), 4'000'000'000U);
    for (const std::uint32_t counter : {7U, 6U, 0U})
        EXPECT_EQ(counted(counter).error(), Fault::counter_back) << counter;
    kept.counter = 0;
    EXPECT_EQ(counted(0), 0U) << "one that does not count";
}

TEST(PublicKeys, HaveOneFormEach) {
    const auto number = [](int label, int value) { return cbor_number(label) + cbor_number(value); };
    const auto octets = [](int label, std::size_t count, char each = 'x') {
        return cbor_number(label) + cbor_octets(std::string(count, each));
    };
    const auto key = [](std::initializer_list<std::string> members) {
        std::string all = cbor_head(5, members.size());
        for (const std::string& each : members)
            all += each;
        return all;
    };
    EXPECT_TRUE(parse_public_key(key({number(1, 2), number(3, -7), number(-1, 1), octets(-2, 32), octets(-3, 32)})));
    EXPECT_TRUE(parse_public_key(key({number(1, 1), number(3, -8), number(-1, 6), octets(-2, 32)})));
    EXPECT_TRUE(parse_public_key(key({number(1, 3), number(3, -257), octets(-1, 256), octets(-2, 3)})));
    for (const std::string& wrong : {
             std::string(), key({}),
             key({number(1, 2), number(3, -7), number(-1, 2), octets(-2, 32), octets(-3, 32)}),       // P-384
             key({number(1, 2), number(3, -7), number(-1, 1), octets(-2, 32)}),                       // no y
             key({number(1, 2), number(3, -7), number(-1, 1), octets(-2, 31), octets(-3, 32)}),       // short
             key({number(1, 2), number(3, -7), number(-1, 1), octets(-2, 32), octets(-2, 32)}),       // twice
             key({number(1, 2), number(3, -35), number(-1, 1), octets(-2, 32), octets(-3, 32)}),      // ES384
             key({number(1, 1), number(3, -7), number(-1, 1), octets(-2, 32), octets(-3, 32)}),       // type
             key({number(1, 1), number(3, -8), number(-1, 6), octets(-2, 32), octets(-3, 32)}),       // one too many
             key({number(1, 1), number(3, -8), number(-1, 6), octets(-2, 32), number(4, 1)}),         // unknown
             key({number(1, 3), number(3, -257), octets(-1, 255), octets(-2, 3)}),                    // small
             key({number(1, 3), number(3, -257), octets(-1, 513), octets(-2, 3)}),                    // large
             key({number(1, 3), number(3, -257), octets(-1, 256), octets(-2, 5)}),                    // slow
             key({number(1, 2), number(3, -7), number(-1, 1), octets(-2, 32), octets(-3, 32)}) + "x", // a rest
         })
        EXPECT_FALSE(parse_public_key(wrong)) << wrong.size();
    EXPECT_FALSE(
        is_sound({.algorithm = Algorithm::es256, .first = std::string(32, 'x'), .second = std::string(32, 'y')}))
        << "a point that is not on the curve";
    for (const char* const exponent : {"\x01", "\x02"})
        EXPECT_FALSE(is_sound({.algorithm = Algorithm::rs256, .first = std::string(256, '\x7f'), .second = exponent}));
    EXPECT_FALSE(is_sound({.algorithm = Algorithm::rs256, .first = std::string(255, '\0') + '\x03', .second = "\x03"}))
        << "zeros make no number longer";
}

TEST(Cbor, GivesWhatIsThereAndNoMore) {
    const std::string octets =
        cbor_number(-257) + cbor_octets("ab") + cbor_head(5, 1) + cbor_number(1) + cbor_text("é");
    CborReader reader(octets);
    EXPECT_EQ(reader.number(), -257);
    EXPECT_EQ(reader.octets(), "ab");
    EXPECT_TRUE(reader.skip());
    EXPECT_TRUE(reader.at_end());
    EXPECT_FALSE(reader.next());
    // More than are there; without an end; with a tag; another item after something wrong.
    for (const std::string& wrong :
         {std::string("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9),
          std::string("\xbb\x7f\xff\xff\xff\xff\xff\xff\xff", 9), std::string("\x9f\x01\xff"),
          std::string("\x5f\x41x\xff"), std::string("\xc0\x01"), std::string("\x82\x01"), std::string("\x58\x05x"),
          std::string("\x1c"), std::string("\x1b\xff\xff\xff\xff\xff\xff\xff\xff", 9)}) {
        CborReader broken(wrong);
        EXPECT_FALSE(broken.skip());
        EXPECT_FALSE(broken.next());
    }
    const std::string deep(4000, '\x81');
    EXPECT_FALSE(CborReader(deep).skip());
    EXPECT_TRUE(CborReader(deep + '\x01').skip());
}

TEST(AuthenticatorDataTest, EndsWhereItEnds) {
    const std::string attestation = passkey().make(kOrigin, "c").attestation;
    ASSERT_TRUE(parse_attestation(attestation));
    for (std::size_t size = 0; size < attestation.size(); ++size)
        ASSERT_FALSE(parse_attestation(attestation.substr(0, size))) << size;
    EXPECT_FALSE(parse_attestation(attestation + "x"));
    const std::string data = passkey().use(kOrigin, "c").authenticator_data;
    EXPECT_FALSE(parse_attestation(cbor_head(5, 3) + cbor_text("fmt") + cbor_text("none") + cbor_text("attStmt") +
                                   cbor_head(5, 0) + cbor_text("authData") + cbor_octets(data)))
        << "no passkey in it";
    // Makers that were not asked say who they are: nobody listens.
    const auto packed = parse_attestation(attestation);
    std::string told = attestation;
    const std::string none = cbor_text("none") + cbor_text("attStmt") + cbor_head(5, 0);
    const std::string statement = cbor_text("packed") + cbor_text("attStmt") + cbor_head(5, 2) + cbor_text("alg") +
                                  cbor_number(-7) + cbor_text("sig") + cbor_octets("s");
    told.replace(told.find(none), none.size(), statement);
    EXPECT_TRUE(parse_attestation(told));
    SoftPasskey long_id = passkey();
    long_id.id.assign(kCredentialIdBytesMax, 'i');
    EXPECT_TRUE(parse_attestation(long_id.make(kOrigin, "c").attestation));
    long_id.id += 'i';
    EXPECT_FALSE(parse_attestation(long_id.make(kOrigin, "c").attestation));
}

TEST(ClientDataTest, IsReadStrictlyButForWhatIsNew) {
    const auto read = parse_client_data(
        R"({"type":"webauthn.get","challenge":"Y2g","origin":"https://a.test","topOrigin":"x","more":{"a":[1]}})");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, (ClientData{.type = "webauthn.get", .challenge = "ch", .origin = "https://a.test"}));
    for (const char* const wrong :
         {"", "[]", "{}", R"({"type":"t","challenge":"Y2g"})", R"({"type":"t","challenge":"Y2g=","origin":"o"})",
          R"({"type":"t","challenge":"","origin":"o"})", R"({"type":1,"challenge":"Y2g","origin":"o"})",
          R"({"type":"t","challenge":"Y2g","origin":"o","origin":"p"})",
          R"({"type":"t","challenge":"Y2g","origin":"o","crossOrigin":"no"})"})
        EXPECT_FALSE(parse_client_data(wrong)) << wrong;
    EXPECT_FALSE(parse_client_data(
        fmt::format(R"({{"type":"t","challenge":"Y2g","origin":"{}"}})", std::string(kClientDataBytesMax, 'o'))));
}

TEST(CredentialJson, IsWhatPagesSend) {
    const SoftPasskey soft = passkey();
    const Registration made = soft.make(kOrigin, "c");
    const auto object = [](const std::string& text) { return read_json(text, 4)->as_object(); };
    const auto registration = read_registration(object(json_of(made)));
    ASSERT_TRUE(registration);
    EXPECT_EQ(std::pair(registration->client_data, registration->attestation),
              std::pair(made.client_data, made.attestation));
    const Assertion used = soft.use(kOrigin, "c", "handle");
    const auto assertion = read_assertion(object(json_of(used)));
    ASSERT_TRUE(assertion);
    EXPECT_EQ(assertion->id, used.id);
    EXPECT_EQ(assertion->signature, used.signature);
    EXPECT_EQ(assertion->user_handle, "handle");
    EXPECT_FALSE(read_assertion(object(json_of(made))));
    EXPECT_FALSE(read_registration(object(json_of(used))));
    for (
        const char* const wrong :
        {"{}", R"({"type":"public-key","response":1})", R"({"type":"password","response":{}})",
         R"({"type":"public-key","id":"aWQ","response":{"clientDataJSON":"aWQ","authenticatorData":"aWQ","signature":"+"}})"}) {
        EXPECT_FALSE(read_assertion(object(wrong))) << wrong;
        EXPECT_FALSE(read_registration(object(wrong))) << wrong;
    }
    const json::object asked = request_options(kUs, "ch", {"id"}, Verification::not_needed);
    EXPECT_EQ(
        write_json(asked),
        R"({"challenge":"Y2g","timeout":300000,"rpId":"mail.b.test","userVerification":"discouraged","allowCredentials":[{"type":"public-key","id":"aWQ"}]})");
    const json::object wanted = creation_options(kUs, {.handle = "h", .name = "anna@b.test"}, "ch", {});
    EXPECT_EQ(wanted.at("user"), (json::value{{"id", "aA"}, {"name", "anna@b.test"}, {"displayName", "anna@b.test"}}));
}

} // namespace
} // namespace tegami::webauthn
