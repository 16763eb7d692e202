#include "trust/dmarc/destinations.h"

#include "trust/zone_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dmarc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Verification {
    std::vector<std::string> uris;
    bool undecided;
};

Verification verified(trust::Zone& zone, std::string_view asking, std::string_view rua) {
    const FoundRecord record{.domain = message::Domain::parse(asking).value(),
                             .record = parse_record("v=DMARC1; p=none; rua=" + std::string(rua)).value()};
    const Destinations found =
        zone.ask([&](const trust::DnsAnswers& answers) { return verified_destinations(record, answers); });
    Verification result{.undecided = found.undecided};
    for (const Uri& uri : found.verified)
        result.uris.push_back(uri.text);
    return result;
}

// RFC 9990 §4; the first two are its example and that of RFC 9989 §B.2.4.
TEST(ReportDestinations, MustAgreeIfTheyAreStrangers) {
    struct Case {
        std::vector<std::string> zone;
        std::string_view asking;
        std::string_view rua;
        std::vector<std::string> expected;
    };

    const std::string organization = "_dmarc.example.com TXT \"v=DMARC1; p=none\"";
    const std::string agreement = "blue.example.com._report._dmarc.red.example.net TXT ";
    for (const Case& each : std::vector<Case>{
             {{agreement + "\"v=DMARC1\""},
              "blue.example.com",
              "mailto:reports@red.example.net",
              {"mailto:reports@red.example.net"}},
             {{agreement + "\"v=DMARC1; rua=mailto:other@red.example.net\""},
              "blue.example.com",
              "mailto:reports@red.example.net",
              {"mailto:other@red.example.net"}},
             // No agreement, none that can be read, one for somebody else.
             {{}, "blue.example.com", "mailto:reports@red.example.net", {}},
             {{agreement + "\"yes\""}, "blue.example.com", "mailto:reports@red.example.net", {}},
             {{agreement + "\"v=DMARC1\""}, "green.example.com", "mailto:reports@red.example.net", {}},
             // One of several suffices.
             {{agreement + "\"yes\"", agreement + "\"v=DMARC1;\""},
              "blue.example.com",
              "mailto:reports@red.example.net",
              {"mailto:reports@red.example.net"}},
             // An override that leads elsewhere loses both.
             {{agreement + "\"v=DMARC1; rua=mailto:x@victim.example\""},
              "blue.example.com",
              "mailto:reports@red.example.net",
              {}},
             {{agreement + "\"v=DMARC1; rua=mailto:x@red.example.net,mailto:x@example.net\""},
              "blue.example.com",
              "mailto:reports@red.example.net",
              {}},
             // An override that cannot be read is none.
             {{agreement + "\"v=DMARC1; rua=x\""},
              "blue.example.com",
              "mailto:reports@red.example.net",
              {"mailto:reports@red.example.net"}},
             // Inside the organization nobody is asked.
             {{}, "example.com", "mailto:a@example.com", {"mailto:a@example.com"}},
             {{organization},
              "blue.example.com",
              "mailto:a@example.com,mailto:b@x.red.example.com",
              {"mailto:a@example.com", "mailto:b@x.red.example.com"}},
             {{}, "blue.example.com", "mailto:a@example.com", {}},
             {{organization, "_dmarc.red.example.com TXT \"v=DMARC1; psd=n; p=none\""},
              "blue.example.com",
              "mailto:a@red.example.com",
              {}},
             // What we cannot serve, and duplicates.
             {{},
              "example.com",
              "https://example.com/r,mailto:a@[127.0.0.1],mailto:a@example.com,mailto:a@example.com",
              {"mailto:a@example.com"}},
             {{agreement + "\"v=DMARC1; rua=mailto:c@red.example.net\""},
              "blue.example.com",
              "mailto:a@red.example.net,mailto:b@red.example.net",
              {"mailto:c@red.example.net"}},
         }) {
        trust::Zone zone(each.zone);
        const Verification result = verified(zone, each.asking, each.rua);
        EXPECT_EQ(result.uris, each.expected) << each.asking << ' ' << each.rua;
        EXPECT_FALSE(result.undecided);
    }
}

TEST(ReportDestinations, MayBeKnownLater) {
    trust::Zone zone({"_dmarc.b.test TXT \"v=DMARC1; p=none\""});
    zone.break_name("b.test._report._dmarc.red.example");
    const Verification result = verified(zone, "b.test", "mailto:a@red.example,mailto:a@b.test");
    EXPECT_THAT(result.uris, ElementsAre("mailto:a@b.test"));
    EXPECT_TRUE(result.undecided);

    zone.break_name("_dmarc.test");
    EXPECT_TRUE(verified(zone, "b.test", "mailto:a@c.example").undecided);
}

TEST(ReportDestinations, AreNotVerifiedByANameThatIsTooLong) {
    const std::string label(60, 'a');
    trust::Zone zone;
    const Verification result =
        verified(zone, label + "." + label + ".test", "mailto:a@" + label + "." + label + ".example");
    EXPECT_THAT(result.uris, IsEmpty());
    EXPECT_FALSE(result.undecided);
}

} // namespace
} // namespace tegami::dmarc
