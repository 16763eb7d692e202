// draft-brand-indicators-for-message-identification §7
#include "trust/bimi/evaluate.h"

#include "trust/zone_fixture.h"

#include <gtest/gtest.h>

namespace tegami::bimi {
namespace {

message::Domain domain(std::string_view text) {
    return *message::Domain::parse(text);
}

class BimiTest : public ::testing::Test {
protected:
    /// The verdict on a letter that SPF has found to come from its author's domain.
    Verdict judge(std::string_view author, std::string selector = "default") {
        const auto address = message::parse_email_address(author);
        const dmarc::Input input{.authors = {address->domain},
                                 .spf = {.domain = address->domain, .result = dmarc::AuthResult::pass},
                                 .dkim = {}};
        dmarc_ = zone_.ask([&](const trust::DnsAnswers& answers) { return dmarc::evaluate(input, answers); });
        return judge({.author = *address, .selector = std::move(selector), .dmarc = &dmarc_});
    }

    Verdict judge(const Input& input) {
        return zone_.ask([&](const trust::DnsAnswers& answers) { return evaluate(input, answers); });
    }

    /// Result, reason and place of the record.
    static std::string words(const Verdict& verdict) {
        std::string text(to_string(verdict.result()));
        text += " " + std::string(to_string(verdict.reason));
        if (verdict.domain) text += " " + verdict.selector + "@" + verdict.domain->ascii();
        return text;
    }

    trust::Zone zone_{{R"(_dmarc.a.test TXT "v=DMARC1; p=reject; psd=n")",
                       R"(default._bimi.a.test TXT "v=BIMI1; l=https://a.test/logo.svg; a=https://a.test/a.pem")"}};
    dmarc::Verdict dmarc_;
};

TEST_F(BimiTest, AProvenAuthorsLogoIsFound) {
    const Verdict verdict = judge("anna@a.test");
    EXPECT_EQ(words(verdict), "pass found default@a.test");
    EXPECT_EQ(fields_for_readers(verdict),
              "BIMI-Location: v=BIMI1;\r\n\tl=https://a.test/logo.svg;\r\n\ta=https://a.test/a.pem;\r\n");
    zone_.add(R"(default._bimi.b.test TXT "v=BIMI1; l=https://a.test/logo.svg; avp=personal")");
    zone_.add(R"(_dmarc.b.test TXT "v=DMARC1; p=quarantine; sp=reject; pct=100")");
    EXPECT_EQ(fields_for_readers(judge("anna@b.test")), "BIMI-Location: v=BIMI1;\r\n\tl=https://a.test/logo.svg;\r\n"
                                                        "BIMI-Logo-Preference: avp=personal;\r\n");
}

TEST_F(BimiTest, WhoIsNotProvenCostsNoQuestion) {
    const auto author = message::parse_email_address("anna@a.test");
    for (const dmarc::Outcome outcome :
         {dmarc::Outcome::none, dmarc::Outcome::fail, dmarc::Outcome::temperror, dmarc::Outcome::permerror}) {
        dmarc_ = {.result = outcome, .author = domain("a.test")};
        const auto verdict = evaluate({.author = *author, .dmarc = &dmarc_}, {});
        ASSERT_TRUE(verdict);
        EXPECT_EQ(words(*verdict), "skipped not-authenticated");
        EXPECT_EQ(fields_for_readers(*verdict), "");
    }
    judge("anna@a.test");
    EXPECT_EQ(words(judge({.author = {}, .dmarc = &dmarc_})), "skipped no-single-author");
}

TEST_F(BimiTest, OnlyDomainsThatHaveForgedLettersStoppedCount) {
    struct Row {
        const char* organizations;
        const char* own; ///< empty: none
        const char* verdict;
    };

    for (const Row& row : {
             Row{"p=reject", "", "none no-record"},
             Row{"p=quarantine", "p=reject", "none no-record"},
             Row{"p=reject; pct=1", "", "none no-record"},
             Row{"p=none", "p=reject", "skipped policy-not-enforced"},
             Row{"p=reject", "p=none", "skipped policy-not-enforced"},
             Row{"p=reject; sp=none", "p=reject", "skipped policy-not-enforced"},
             Row{"p=reject; sp=none", "", "skipped policy-not-enforced"},
             Row{"p=reject; np=none", "", "skipped policy-not-enforced"},
             Row{"p=reject; t=y", "", "skipped policy-not-enforced"},
             Row{"p=quarantine; pct=99", "", "skipped policy-not-enforced"},
             Row{"p=quarantine; pct=x", "", "none no-record"},
             Row{"rua=mailto:a@b.test", "p=reject", "skipped policy-not-enforced"},
         }) {
        zone_ = trust::Zone();
        zone_.add_text("_dmarc.b.test", "v=DMARC1; " + std::string(row.organizations));
        if (*row.own != '\0') zone_.add_text("_dmarc.news.b.test", "v=DMARC1; " + std::string(row.own));
        EXPECT_EQ(words(judge("anna@news.b.test")), row.verdict) << row.organizations << " / " << row.own;
    }
    // A public suffix has no say in this.
    zone_ = trust::Zone({R"(_dmarc.test TXT "v=DMARC1; p=reject; psd=y")"});
    EXPECT_EQ(words(judge("anna@b.test")), "skipped policy-not-enforced");
}

TEST_F(BimiTest, TheOrganizationStandsInForItsParts) {
    EXPECT_EQ(words(judge("anna@news.a.test")), "pass found default@a.test");
    EXPECT_EQ(words(judge("anna@news.a.test", "winter")), "none no-record");
    zone_.add(R"(winter._bimi.a.test TXT "v=BIMI1; l=https://a.test/winter.svg")");
    EXPECT_EQ(words(judge("anna@news.a.test", "winter")), "pass found winter@a.test");
    zone_.add(R"(default._bimi.news.a.test TXT "v=BIMI1; l=; a=;")");
    zone_.add(R"(default._bimi.news.a.test TXT "something else")");
    EXPECT_EQ(words(judge("anna@news.a.test")), "declined declined default@news.a.test");
}

TEST_F(BimiTest, ALocalPartMayHaveALogoOfItsOwn) {
    zone_ =
        trust::Zone({R"(_dmarc.a.test TXT "v=DMARC1; p=reject")", R"(default._bimi.a.test TXT "v=BIMI1; l=; lps=true")",
                     R"(news._bimi.a.test TXT "v=BIMI1; l=https://a.test/news.svg")",
                     R"(broken._bimi.a.test TXT "v=BIMI1; l=news.svg")"});
    zone_.break_name("silent._bimi.a.test");
    EXPECT_EQ(words(judge("News+2@a.test")), "pass found news@a.test");
    EXPECT_EQ(words(judge("anna@a.test")), "declined declined default@a.test");
    EXPECT_EQ(words(judge("broken@a.test")), "declined declined default@a.test");
    EXPECT_EQ(words(judge("default@a.test")), "declined declined default@a.test");
    EXPECT_EQ(words(judge("silent@a.test")), "temperror dns-failure silent@a.test");
}

TEST_F(BimiTest, FaultsAreTold) {
    zone_.add(R"(two._bimi.a.test TXT "v=BIMI1; l=https://a.test/a.svg")");
    zone_.add(R"(two._bimi.a.test TXT "v=BIMI1; l=https://a.test/b.svg")");
    zone_.add(R"(plain._bimi.a.test TXT "v=BIMI1; l=http://a.test/b.svg")");
    zone_.break_name("silent._bimi.a.test");
    EXPECT_EQ(words(judge("anna@a.test", "two")), "fail several-records two@a.test");
    EXPECT_EQ(words(judge("anna@a.test", "plain")), "fail location-unusable plain@a.test");
    EXPECT_EQ(words(judge("anna@a.test", "silent")), "temperror dns-failure silent@a.test");
    EXPECT_EQ(words(judge("anna@a.test", std::string(63, 'a') + "." + std::string(63, 'b'))), "none no-record");
}

} // namespace
} // namespace tegami::bimi
