// What becomes of letters that DMARC speaks against.
#include "reception/dmarc_policy.h"

#include <gtest/gtest.h>

namespace tegami::reception {
namespace {

/// A letter in the name of a.test that came from a server of c.test.
verification::Verdicts verdicts(dmarc::Outcome result, dmarc::Policy policy, bool from_where_it_says = true) {
    verification::Verdicts all;
    all.dmarc.result = result;
    all.dmarc.policy = policy;
    all.dmarc.author = message::Domain::parse("a.test");
    all.mail_from.emplace();
    all.mail_from->outcome = from_where_it_says ? spf::Outcome::pass : spf::Outcome::fail;
    return all;
}

/// Sealed by these in turn, the first of whom found this with DMARC.
verification::Verdicts sealed(verification::Verdicts all, const std::vector<std::string>& sealers,
                              const std::string& dmarc) {
    all.arc.status = arc::Status::pass;
    for (const std::string& sealer : sealers) {
        arc::Set set;
        set.seal.domain = message::Domain::parse(sealer);
        const bool is_first = all.arc.sets.empty();
        set.results = trust::AuthenticationResults{.server = sealer,
                                                   .results = {{.method = "dmarc",
                                                                .result = is_first ? dmarc : "fail",
                                                                .reason = {},
                                                                .comment = {},
                                                                .properties = {}}}};
        all.arc.sets.push_back(set);
    }
    return all;
}

/// "taken", "junk" or the reply's code and status.
std::string words(const verification::Verdicts& all, const std::string& header) {
    const std::set<message::Domain> trusted{*message::Domain::parse("lists.test"), *message::Domain::parse("c.test")};
    const auto outcome = apply_dmarc(all, message::Header(header), trusted);
    if (!outcome) return smtp::one_line(outcome.error()).substr(0, 10);
    return *outcome ? "junk" : "taken";
}

TEST(DmarcPolicy, AFailureIsWhatTheDomainSaysItIs) {
    using dmarc::Outcome;
    using dmarc::Policy;
    const std::string plain = "From: anna@a.test\r\n\r\n";
    const std::string list = "List-Id: <x.lists.test>\r\n" + plain;

    struct Row {
        verification::Verdicts verdicts;
        const std::string& header;
        std::string outcome;
    };

    const std::vector<Row> rows{
        {verdicts(Outcome::pass, Policy::reject), plain, "taken"},
        {verdicts(Outcome::none, Policy::none), plain, "taken"},
        {verdicts(Outcome::temperror, Policy::reject), plain, "taken"},
        {verdicts(Outcome::permerror, Policy::none), plain, "taken"},
        {verdicts(Outcome::fail, Policy::none), plain, "taken"},
        {verdicts(Outcome::fail, Policy::quarantine), plain, "junk"},
        {verdicts(Outcome::fail, Policy::reject), plain, "550 5.7.26"},
        {verdicts(Outcome::fail, Policy::reject), list, "junk"},
        {verdicts(Outcome::fail, Policy::reject, false), list, "550 5.7.26"},
    };
    verification::Verdicts crowd = verdicts(Outcome::permerror, Policy::none);
    crowd.dmarc.reason = dmarc::Reason::too_many_authors;
    EXPECT_EQ(words(crowd, plain), "junk");
    for (const Row& row : rows)
        EXPECT_EQ(words(row.verdicts, row.header), row.outcome) << &row - rows.data();
}

TEST(DmarcPolicy, WhatTrustedSealersFoundRightIsTaken) {
    const std::string plain = "From: anna@a.test\r\n\r\n";

    struct Row {
        std::vector<std::string> sealers;
        std::string dmarc;
        std::string outcome;
    };

    for (const Row& row : {Row{{"lists.test"}, "pass", "taken"}, Row{{"lists.test", "c.test"}, "pass", "taken"},
                           Row{{"lists.test"}, "fail", "550 5.7.26"}, Row{{"stranger.test"}, "pass", "550 5.7.26"},
                           Row{{"lists.test", "stranger.test"}, "pass", "550 5.7.26"},
                           Row{{"stranger.test", "lists.test"}, "pass", "550 5.7.26"}}) {
        const auto failed = verdicts(dmarc::Outcome::fail, dmarc::Policy::reject);
        EXPECT_EQ(words(sealed(failed, row.sealers, row.dmarc), plain), row.outcome) << row.sealers.back();
        auto broken = sealed(failed, row.sealers, row.dmarc);
        broken.arc.status = arc::Status::fail;
        EXPECT_EQ(words(broken, plain), "550 5.7.26");
    }
}

} // namespace
} // namespace tegami::reception
