// The conversation with an authority, by the book and otherwise.
#include "acme/authority_fixture.h"
#include "acme/certificate.h"
#include "acme/url.h"
#include "base/base64.h"

#include <gmock/gmock.h>

namespace tegami::acme {
namespace {

using testing::Authority;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const AccountKey& account() {
    static const AccountKey kKey = AccountKey::parse(AccountKey::create()).value();
    return kKey;
}

const std::string& certificate_key() {
    static const std::string kKey = AccountKey::create();
    return kKey;
}

struct Course {
    Step end;
    std::vector<Proof> proofs;
    std::vector<Duration> pauses;

    std::string reason() const {
        const auto* const failed = std::get_if<Failed>(&end);
        return failed == nullptr ? "issued" : failed->reason;
    }
};

IssuanceOptions options(std::vector<std::string> names = {"mail.b.test", "mta-sts.b.test"}) {
    return {.directory_url = "https://ca.test/dir",
            .contact = "postmaster@b.test",
            .names = std::move(names),
            .key = certificate_key()};
}

Course run(Authority& authority, IssuanceOptions with = options()) {
    Issuance issuance(std::move(with), account());
    Course course{.end = issuance.begin(), .proofs = {}, .pauses = {}};
    for (;;) {
        if (const auto* ask = std::get_if<Ask>(&course.end)) {
            course.end = issuance.answered(authority.answer(*ask), authority.now);
        } else if (const auto* pause = std::get_if<Pause>(&course.end)) {
            course.pauses.push_back(pause->time);
            course.end = issuance.ready();
        } else if (const auto* present = std::get_if<Present>(&course.end)) {
            course.proofs = present->proofs;
            course.end = issuance.ready();
        } else {
            return course;
        }
    }
}

std::vector<std::string> paths(const Authority& authority) {
    std::vector<std::string> all;
    for (const auto& [path, payload] : authority.asked)
        all.push_back(path);
    return all;
}

TEST(Issuance, GoesByTheBook) {
    Authority authority;
    const Course course = run(authority);
    ASSERT_TRUE(std::holds_alternative<Issued>(course.end)) << course.reason();
    EXPECT_THAT(paths(authority),
                ElementsAre("dir", "nonce", "account", "order", "authorization/mail.b.test",
                            "authorization/mta-sts.b.test", "challenge/mail.b.test", "challenge/mta-sts.b.test",
                            "authorization/mail.b.test", "authorization/mta-sts.b.test", "finalize", "order/1",
                            "order/1", "certificate"));
    EXPECT_EQ(authority.asked[2].second, R"({"termsOfServiceAgreed":true,"contact":["mailto:postmaster@b.test"]})");
    EXPECT_EQ(authority.asked[3].second, R"({"identifiers":[{"type":"dns","value":"mail.b.test"},)"
                                         R"({"type":"dns","value":"mta-sts.b.test"}]})");
    EXPECT_EQ(authority.asked[6].second, "{}");
    EXPECT_EQ(authority.asked[8].second, "");
    ASSERT_EQ(course.proofs.size(), 2U);
    EXPECT_EQ(course.proofs.front(), (Proof{.name = "mail.b.test",
                                            .token = "token-mail",
                                            .authorization = account().authorization_for("token-mail")}));
    const std::string chain = std::get<Issued>(course.end).chain;
    EXPECT_TRUE(check_chain(chain, certificate_key(), {"MAIL.b.test"}, authority.now));
    // The example of RFC 9773 §4.1.
    EXPECT_EQ(certificate_id(chain), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
}

TEST(Issuance, TellsAnAccountThatWasThereOfAnotherContact) {
    const auto asked_of = [](std::string_view account_body, std::string contact, unsigned contact_status = 200) {
        Authority authority;
        authority.knows_names = true;
        authority.tamper = [&](const std::string& path, Answer& answer) {
            if (path == "account") answer.status = 200;
            if (path == "account") answer.body = account_body;
            if (path != "account/1") return;
            answer.status = contact_status;
            answer.body = contact_status == 200 ? "{}" : R"({"type":"urn:ietf:params:acme:error:invalidContact"})";
        };
        IssuanceOptions with = options();
        with.contact = std::move(contact);
        EXPECT_EQ(run(authority, std::move(with)).reason(), "issued");
        EXPECT_EQ(authority.asked[4].first == "order" || authority.asked[3].first == "order", true);
        return authority.asked[3].first == "account/1" ? authority.asked[3].second : std::string();
    };
    const char* const before = R"({"status":"valid","contact":["mailto:old@b.test"]})";
    EXPECT_EQ(asked_of(before, "new@b.test"), R"({"contact":["mailto:new@b.test"]})");
    EXPECT_EQ(asked_of(before, "new@b.test", 400), R"({"contact":["mailto:new@b.test"]})") << "and goes on";
    EXPECT_EQ(asked_of(before, ""), R"({"contact":[]})");
    EXPECT_EQ(asked_of(before, "old@b.test"), "");
    EXPECT_EQ(asked_of(R"({"status":"valid"})", ""), "");
}

TEST(Issuance, WhatWasProvenBeforeIsNotProvenAgain) {
    Authority authority;
    authority.knows_names = true;
    EXPECT_EQ(run(authority).reason(), "issued");
    EXPECT_THAT(paths(authority),
                ElementsAre("dir", "nonce", "account", "order", "authorization/mail.b.test",
                            "authorization/mta-sts.b.test", "finalize", "order/1", "order/1", "certificate"));
}

TEST(Issuance, ANonceThatIsNotTakenIsReplaced) {
    Authority authority;
    unsigned refusals = 0;
    authority.tamper = [&](const std::string& path, Answer& answer) {
        if (path == "dir" || path == "nonce" || refusals++ % 3 == 2) return;
        answer = {.status = 400, .nonce = answer.nonce, .body = R"({"type":"urn:ietf:params:acme:error:badNonce"})"};
    };
    EXPECT_EQ(run(authority).reason(), "issued");
    // And not for ever.
    Authority stubborn;
    stubborn.tamper = [](const std::string& path, Answer& answer) {
        if (path == "order") answer = {.status = 400, .body = R"({"type":"urn:ietf:params:acme:error:badNonce"})"};
    };
    EXPECT_THAT(run(stubborn).reason(), HasSubstr("badNonce"));
    EXPECT_EQ(std::ranges::count(paths(stubborn), "order"), kNonceTriesMax + 1);
}

TEST(Issuance, WaitsLongerAndLongerAndAsTheAuthorityWants) {
    Authority slow;
    slow.slowness = 5;
    const Course course = run(slow, options({"mail.b.test"}));
    EXPECT_EQ(course.reason(), "issued");
    using std::chrono::milliseconds;
    EXPECT_THAT(std::vector(course.pauses.begin(), course.pauses.begin() + 4),
                ElementsAre(milliseconds(500), milliseconds(1000), milliseconds(2000), milliseconds(4000)));
    Authority asking;
    asking.tamper = [](const auto&, Answer& answer) { answer.retry_after = "7"; };
    EXPECT_THAT(run(asking).pauses, ::testing::Each(std::chrono::seconds(7)));
    Authority endless;
    endless.slowness = 1000;
    EXPECT_THAT(run(endless).reason(), HasSubstr("has not come to an end"));
}

TEST(Issuance, AnAuthorityThatIsGoneForAMomentIsAskedAgain) {
    Authority authority;
    std::map<std::string, int> times;
    authority.tamper = [&](const std::string& path, Answer& answer) {
        const bool is_asked_often = path.starts_with("authorization/") || path == "order/1" || path == "certificate";
        const int time = ++times[path];
        const int first = path.starts_with("authorization/") ? 2 : 1; // the first tells the challenges
        if (is_asked_often && time == first) answer = {.status = 503, .body = "<html>"};
        if (is_asked_often && time == first + 1) answer = {.problem = "refused"};
    };
    EXPECT_EQ(run(authority).reason(), "issued");
}

TEST(Issuance, TellsWhatItReplacesWhereTheAuthorityCares) {
    IssuanceOptions renewal = options();
    renewal.replaces = "id.serial";
    Authority authority;
    EXPECT_EQ(run(authority, renewal).reason(), "issued");
    EXPECT_THAT(authority.asked[3].second, HasSubstr(R"("replaces":"id.serial")"));
    Authority strict;
    bool refused = false;
    strict.tamper = [&](const std::string& path, Answer& answer) {
        if (path == "order" && !std::exchange(refused, true))
            answer = {.status = 409, .body = R"({"type":"urn:ietf:params:acme:error:alreadyReplaced"})"};
    };
    EXPECT_EQ(run(strict, renewal).reason(), "issued");
    EXPECT_TRUE(refused);
}

TEST(Issuance, AnAccountGivenOutByOtherWaysIsBound) {
    IssuanceOptions with = options();
    Authority authority;
    authority.tamper = [](const std::string& path, Answer& answer) {
        if (path == "dir") answer.body.insert(answer.body.size() - 2, R"(,"externalAccountRequired":true)");
    };
    EXPECT_THAT(run(authority, with).reason(), HasSubstr("acme.external_account"));
    with.external = {.id = "kid-1", .secret = "secret"};
    EXPECT_EQ(run(authority, with).reason(), "issued");
    const json::value account_request = *read_json(authority.asked[3].second, 6);
    const json::object binding = account_request.at("externalAccountBinding").as_object();
    EXPECT_EQ(base64::decode_url(std::string_view(binding.at("payload").as_string())), account().public_json());
    EXPECT_EQ(base64::decode_url(std::string_view(binding.at("protected").as_string())),
              R"({"alg":"HS256","kid":"kid-1","url":"https://ca.test/account"})");
}

TEST(Issuance, RefusalsAreSentencesWithWhatToDo) {
    struct Row {
        const char* path;
        Answer answer;
        const char* reason;
    };

    for (const Row& row : std::initializer_list<Row>{
             {"dir", {.status = 0, .problem = "refused"}, "the authority did not answer: refused"},
             {"dir",
              {.status = 400, .body = R"({"type":"urn:ietf:params:acme:error:badNonce"})"},
              "the authority refuses: badNonce"},
             {"dir", {.status = 404, .body = "<html>"}, "the authority answered with status 404"},
             {"dir", {.status = 200, .body = "<html>"}, "acme.directory is the address of one"},
             {"dir", {.status = 200, .body = R"({"newNonce":"http://ca.test/"})"}, "no HTTPS address as newNonce"},
             {"nonce", {.status = 204, .nonce = "\"bad\""}, "it has no nonce"},
             {"account", {.status = 201}, "our account cannot be used"},
             {"account",
              {.status = 400, .body = R"({"type":"urn:ietf:params:acme:error:invalidContact","detail":"bad domain"})"},
              "acme.contact (the authority says: bad domain)"},
             {"order",
              {.status = 403,
               .body = R"({"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"policy","subproblems":[)"
                       R"({"detail":"no","identifier":{"type":"dns","value":"x.test"}}]})"},
              "(the authority says: policy; x.test: no)"},
             {"order", {.status = 201, .location = "https://ca.test/order/1", .body = "{}"}, "order cannot be used"},
             {"authorization/mail.b.test",
              {.status = 200,
               .body = R"({"status":"pending","identifier":{"value":"mail.b.test"},"challenges":[{"type":"dns-01",)"
                       R"("url":"https://ca.test/","token":"t"}]})"},
              "mail.b.test: the authority does not offer the challenge http-01"},
             {"authorization/mail.b.test",
              {.status = 200,
               .body = R"({"status":"pending","identifier":{"value":"mail.b.test"},"challenges":[{"type":"http-01",)"
                       R"("url":"https://ca.test/","token":"../t"}]})"},
              "does not offer the challenge"},
             {"challenge/mail.b.test", {.status = 500}, "the authority answered with status 500"},
             {"order/1",
              {.status = 200,
               .body = R"({"status":"invalid","finalize":"https://ca.test/f","authorizations":["https://ca.test/a"],)"
                       R"("error":{"type":"urn:ietf:params:acme:error:caa","detail":"CAA"}})"},
              "a CAA record in the DNS"},
             {"certificate", {.status = 200, .body = "none"}, "there is no certificate in what the authority gave"},
         }) {
        Authority authority;
        authority.tamper = [&](const std::string& path, Answer& answer) {
            if (path == row.path) answer = row.answer;
        };
        EXPECT_THAT(run(authority).reason(), HasSubstr(row.reason)) << row.path;
    }
}

TEST(Issuance, ANameThatIsNotOursIsNamed) {
    Authority authority;
    int times = 0;
    authority.tamper = [&](const std::string& path, Answer& answer) {
        if (path == "authorization/mta-sts.b.test" && ++times == 2)
            answer.body = R"({"status":"invalid","identifier":{"value":"mta-sts.b.test"},"challenges":[{"type":)"
                          R"("http-01","url":"https://ca.test/c","token":"t","error":{"type":)"
                          R"("urn:ietf:params:acme:error:connection","detail":"refused"}}]})";
    };
    EXPECT_THAT(run(authority).reason(),
                ::testing::AllOf(StartsWith("mta-sts.b.test: the authority could not connect to this name"),
                                 HasSubstr("port 80"), HasSubstr("refused")));
}

TEST(Issuance, TheAuthorityIsLeftAloneAsLongAsItWants) {
    Authority authority;
    authority.tamper = [](const std::string& path, Answer& answer) {
        if (path == "order")
            answer = {.status = 429,
                      .retry_after = "3600",
                      .body = R"({"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many"})"};
    };
    const Course course = run(authority);
    EXPECT_THAT(course.reason(), StartsWith("the authority gives no more certificates for now"));
    EXPECT_EQ(std::get<Failed>(course.end).not_before, std::chrono::hours(1));
}

TEST(Chain, IsForOurKeyOurNamesAndNow) {
    const Timestamp now{std::chrono::days(20'000)};
    const std::string request = certificate_request(certificate_key(), {"mail.b.test", "*.b.test"}).value();
    const std::string chain = testing::sign(request, now);
    EXPECT_TRUE(check_chain(chain, certificate_key(), {"mail.b.test", "*.b.test"}, now));
    EXPECT_THAT(check_chain(chain, certificate_key(), {"www.b.test"}, now).error(), HasSubstr("not for www.b.test"));
    EXPECT_THAT(check_chain(chain, AccountKey::create(), {"mail.b.test"}, now).error(), HasSubstr("another key"));
    for (const auto later : {std::chrono::days(91), std::chrono::days(-1)})
        EXPECT_THAT(check_chain(chain, certificate_key(), {"mail.b.test"}, now + later).error(), HasSubstr("clock"));
    std::string many;
    for (std::size_t i = 0; i <= kChainLengthMax; ++i)
        many += chain;
    EXPECT_THAT(check_chain(many, certificate_key(), {"mail.b.test"}, now).error(), HasSubstr("too many"));
    EXPECT_FALSE(certificate_request(certificate_key(), {"a.test,DNS:b.test"}));
    EXPECT_FALSE(certificate_request("no key", {"a.test"}));
}

TEST(AccountKey, IsP256AndNothingElse) {
    EXPECT_FALSE(AccountKey::parse("no key"));
    const Key other(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"));
    const Memory text(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(text.get(), other.get(), nullptr, nullptr, 0, nullptr, nullptr);
    EXPECT_FALSE(AccountKey::parse(text_in(text.get())));
    EXPECT_EQ(account().sign("octets").size(), 64U);
}

TEST(Url, IsHttpsAlone) {
    const Url url = parse_url("HTTPS://CA.test:14000/dir?x=1").value();
    EXPECT_EQ(url, (Url{.host = "ca.test", .port = 14000, .authority = "ca.test:14000", .target = "/dir?x=1"}));
    EXPECT_EQ(parse_url("https://ca.test").value(), (Url{.host = "ca.test", .authority = "ca.test", .target = "/"}));
    EXPECT_EQ(parse_url("https://ca.test?x").value().target, "/?x");
    for (const std::string& wrong :
         {std::string("http://ca.test/"), std::string("https://"), std::string("https://a@ca.test/"),
          std::string("https://ca.test:/"), std::string("https://ca.test:65536/"), std::string("https://ca.test/a b"),
          std::string("https://ca.test/\r\nX: y"), std::string("https://ca.test/#x"),
          "https://ca.test/" + std::string(kUrlBytesMax, 'a')})
        EXPECT_FALSE(parse_url(wrong)) << wrong;
}

TEST(Renewal, IsReadAndChosen) {
    // RFC 9773 §4.2.
    const auto window = parse_renewal_info(
        R"({"suggestedWindow":{"start":"2025-01-02T04:00:00Z","end":"2025-01-03T04:00:00+00:00"},"explanationURL":"x"})");
    ASSERT_TRUE(window) << window.error();
    EXPECT_EQ(window->start, Timestamp(std::chrono::seconds(1'735'790'400)));
    EXPECT_EQ(window->end - window->start, std::chrono::hours(24));
    SeededRandom random(1);
    for (int i = 0; i < 100; ++i) {
        const Timestamp moment = moment_in(*window, random);
        EXPECT_TRUE(moment >= window->start && moment < window->end);
    }
    for (const char* wrong : {"", "{}", R"({"suggestedWindow":{"start":"2025-01-02T04:00:00Z"}})",
                              R"({"suggestedWindow":{"start":"2025-01-02T04:00:00Z","end":"2025-01-02T04:00:00Z"}})",
                              R"({"suggestedWindow":{"start":"2025-13-02T04:00:00Z","end":"2026-01-02T04:00:00Z"}})"})
        EXPECT_FALSE(parse_renewal_info(wrong)) << wrong;
    EXPECT_EQ(parse_rfc3339("1970-01-01t01:00:00.25+01:00"), Timestamp());
    for (const char* wrong : {"1970-01-01", "1970-01-01T00:00:00", "1970-02-30T00:00:00Z", "1970-01-01T24:00:00Z",
                              "1970-01-01T00:00:00+1:00", "1970-01-01T00:00:00.Zx"})
        EXPECT_FALSE(parse_rfc3339(wrong)) << wrong;
    const Timestamp now{std::chrono::days(20'000)};
    EXPECT_EQ(usual_renewal(now, now + std::chrono::days(90)), now + std::chrono::days(60));
    EXPECT_EQ(parse_retry_after(" 120 ", now), std::chrono::minutes(2));
    EXPECT_EQ(parse_retry_after("999999999", now), std::chrono::hours(24));
    EXPECT_EQ(parse_retry_after("Fri, 04 Oct 2024 00:10:00 GMT", now), std::chrono::minutes(10));
    EXPECT_EQ(parse_retry_after("Fri, 04 Oct 2023 00:10:00 GMT", now), Duration(0));
    EXPECT_FALSE(parse_retry_after("soon", now));
}

} // namespace
} // namespace tegami::acme
