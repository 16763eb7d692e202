#include "trust/tls_policy/dane.h"
#include "trust/zone_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::tls_policy {
namespace {

using ::testing::ElementsAre;

const std::string kKey = "3 1 1 " + std::string(64, 'a');
const std::string kNextKey = "3 1 1 " + std::string(64, 'b');
const std::string kAnchor = "2 0 1 " + std::string(64, 'c');

dns::Name name(std::string_view text) {
    return *dns::Name::parse(text);
}

DaneHost host_of(std::string_view host, std::string_view domain = "b.test") {
    return {.host = name(host), .domain = name(domain), .expanded = {}, .route_secure = true};
}

/// A signed zone b.test and an unsigned one, hoster.test, with these lines besides.
trust::Zone zone_with(std::initializer_list<std::string> lines) {
    trust::Zone zone({"mx.b.test A 192.0.2.1", "six.b.test AAAA 2001:db8::1", "mx.hoster.test A 192.0.2.2",
                      "alias.b.test CNAME mx.b.test", "away.b.test CNAME mx.hoster.test",
                      "away.hoster.test CNAME mx.hoster.test"});
    zone.sign("b.test");
    for (const std::string& line : lines)
        zone.add(line);
    return zone;
}

Dane evaluate(trust::Zone& zone, const DaneHost& host) {
    return zone.ask([&](const trust::DnsAnswers& answers) { return evaluate_dane(host, answers); });
}

TEST(Dane, WhatIsPublishedAndWhatIsNot) {
    struct Row {
        const char* what;
        const char* host;
        std::vector<std::string> lines;
        DaneOutcome outcome;
        const char* base = "";
    };

    for (const Row& row : {
             Row{"nothing", "mx.b.test", {}, DaneOutcome::none},
             Row{"a key", "mx.b.test", {"_25._tcp.mx.b.test TLSA " + kKey}, DaneOutcome::authenticate, "mx.b.test"},
             Row{"over IPv6",
                 "six.b.test",
                 {"_25._tcp.six.b.test TLSA " + kKey},
                 DaneOutcome::authenticate,
                 "six.b.test"},
             Row{"for another port", "mx.b.test", {"_465._tcp.mx.b.test TLSA " + kKey}, DaneOutcome::none},
             Row{"in a zone that is not signed",
                 "mx.hoster.test",
                 {"_25._tcp.mx.hoster.test TLSA " + kKey},
                 DaneOutcome::none},
             Row{"elsewhere by a CNAME",
                 "mx.b.test",
                 {"_25._tcp.mx.b.test CNAME tlsa.b.test", "tlsa.b.test TLSA " + kAnchor},
                 DaneOutcome::authenticate,
                 "mx.b.test"},
             Row{"elsewhere, but not signed there",
                 "mx.b.test",
                 {"_25._tcp.mx.b.test CNAME tlsa.hoster.test", "tlsa.hoster.test TLSA " + kAnchor},
                 DaneOutcome::none},
             Row{"at the end of an alias",
                 "alias.b.test",
                 {"_25._tcp.mx.b.test TLSA " + kKey},
                 DaneOutcome::authenticate,
                 "mx.b.test"},
             Row{"at the alias alone",
                 "alias.b.test",
                 {"_25._tcp.alias.b.test TLSA " + kKey},
                 DaneOutcome::authenticate,
                 "alias.b.test"},
             Row{"at both",
                 "alias.b.test",
                 {"_25._tcp.alias.b.test TLSA " + kKey, "_25._tcp.mx.b.test TLSA " + kKey},
                 DaneOutcome::authenticate,
                 "mx.b.test"},
             Row{"a signed alias that leads out of the signed zone",
                 "away.b.test",
                 {"_25._tcp.away.b.test TLSA " + kKey, "_25._tcp.mx.hoster.test TLSA " + kKey},
                 DaneOutcome::authenticate,
                 "away.b.test"},
             Row{"an alias that is not signed",
                 "away.hoster.test",
                 {"_25._tcp.away.hoster.test TLSA " + kKey},
                 DaneOutcome::none},
             Row{"no address", "none.b.test", {"_25._tcp.none.b.test TLSA " + kKey}, DaneOutcome::none},
             Row{"nothing that can be used",
                 "mx.b.test",
                 {"_25._tcp.mx.b.test TLSA 0 0 1 " + std::string(64, 'a')},
                 DaneOutcome::encrypt,
                 "mx.b.test"},
         }) {
        SCOPED_TRACE(row.what);
        trust::Zone zone = zone_with({});
        for (const std::string& line : row.lines)
            zone.add(line);
        const Dane dane = evaluate(zone, host_of(row.host));
        EXPECT_EQ(dane.outcome, row.outcome);
        EXPECT_EQ(dane.names.empty() ? "" : dane.names.front().to_string(), row.base);
        EXPECT_EQ(dane.records.empty(), dane.outcome != DaneOutcome::authenticate);
    }
}

TEST(Dane, ALookUpThatFailsNeverMeansNothing) {
    struct Row {
        const char* host;
        const char* broken;
        DaneOutcome outcome;
    };

    for (const Row& row : {Row{"mx.b.test", "_25._tcp.mx.b.test", DaneOutcome::lookup_failed},
                           Row{"alias.b.test", "_25._tcp.mx.b.test", DaneOutcome::lookup_failed},
                           Row{"alias.b.test", "_25._tcp.alias.b.test", DaneOutcome::lookup_failed},
                           Row{"away.b.test", "_25._tcp.away.b.test", DaneOutcome::lookup_failed},
                           // Name servers that know no TLSA and an unsigned zone: they are not asked (RFC 7672 §2.2.2).
                           Row{"mx.hoster.test", "_25._tcp.mx.hoster.test", DaneOutcome::none}}) {
        SCOPED_TRACE(row.host);
        trust::Zone zone = zone_with({});
        zone.break_name(row.broken);
        EXPECT_EQ(evaluate(zone, host_of(row.host)).outcome, row.outcome);
    }
}

TEST(Dane, RecordsOfARolloverAreAllUsedInOneOrder) {
    trust::Zone zone = zone_with({"_25._tcp.mx.b.test TLSA " + kKey, "_25._tcp.mx.b.test TLSA " + kNextKey,
                                  "_25._tcp.mx.b.test TLSA 1 1 1 " + std::string(64, 'd')});
    trust::Zone other = zone_with({"_25._tcp.mx.b.test TLSA " + kNextKey, "_25._tcp.mx.b.test TLSA " + kKey});
    const Dane dane = evaluate(zone, host_of("mx.b.test"));
    EXPECT_EQ(dane.records.size(), 2u);
    EXPECT_EQ(dane, evaluate(other, host_of("mx.b.test")));
}

TEST(Dane, NamesOfTheCertificate) {
    const auto names = [](const DaneHost& host) {
        trust::Zone zone = zone_with({"_25._tcp.mx.b.test TLSA " + kAnchor, "b.test CNAME mx.b.test"});
        std::vector<std::string> found;
        for (const dns::Name& each : evaluate(zone, host).names)
            found.push_back(each.to_string());
        return found;
    };
    DaneHost host = host_of("mx.b.test", "a.test");
    EXPECT_THAT(names(host), ElementsAre("mx.b.test", "a.test"));
    host.expanded = name("c.test");
    EXPECT_THAT(names(host), ElementsAre("mx.b.test", "a.test", "c.test"));
    host.route_secure = false;
    EXPECT_THAT(names(host), ElementsAre("mx.b.test"));
    host = host_of("b.test");
    host.by_mx = false;
    EXPECT_THAT(names(host), ElementsAre("mx.b.test", "b.test"));
}

TEST(Dane, UsableRecords) {
    struct Row {
        dns::TlsaData data;
        bool usable;
    };

    const std::string octets(32, 'x');
    for (const Row& row :
         {Row{{3, 1, 1, octets}, true}, Row{{2, 0, 1, octets}, true}, Row{{2, 1, 2, octets + octets}, true},
          Row{{3, 0, 0, "any"}, true}, Row{{0, 0, 1, octets}, false}, Row{{1, 1, 1, octets}, false},
          Row{{4, 1, 1, octets}, false}, Row{{255, 1, 1, octets}, false}, Row{{3, 2, 1, octets}, false},
          Row{{3, 1, 3, octets}, false}, Row{{3, 1, 1, ""}, false}, Row{{3, 1, 1, octets.substr(1)}, false},
          Row{{3, 1, 2, octets}, false}, Row{{3, 0, 0, ""}, false}})
        EXPECT_EQ(is_usable(row.data), row.usable) << dns::to_string(row.data);
}

TEST(Dane, AFloodOfRecordsIsCut) {
    trust::Zone zone = zone_with({});
    for (int i = 0; i < 100; ++i)
        zone.add("_25._tcp.mx.b.test TLSA 3 1 1 " + std::string(62, 'a') + std::to_string(10 + i % 90));
    EXPECT_LE(evaluate(zone, host_of("mx.b.test")).records.size(), kTlsaRecordsMax);
}

} // namespace
} // namespace tegami::tls_policy
