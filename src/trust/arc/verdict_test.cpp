#include "trust/arc/arc_fixture.h"

#include <gtest/gtest.h>

namespace tegami::arc {
namespace {

/// A chain that passes, sealed by these domains in turn.
Verdict sealed_by(const std::vector<const char*>& domains) {
    Verdict verdict{.status = Status::pass, .reason = Reason::verified, .fault = {}, .sets = {}};
    for (const char* each : domains) {
        Set set;
        set.seal.domain = message::Domain::parse(each);
        verdict.sets.push_back(set);
    }
    return verdict;
}

TEST(ArcTrustedSet, IsTheOldestOfTheNewestRun) {
    const std::set<message::Domain> trusted{domain("list.test"), domain("mx.test")};

    struct Row {
        std::vector<const char*> sealers;
        unsigned instance; ///< 0: none
    };

    for (const Row& row : {
             Row{{}, 0},
             Row{{"list.test"}, 1},
             Row{{"evil.test"}, 0},
             Row{{"list.test", "mx.test"}, 1},
             Row{{"evil.test", "list.test", "mx.test"}, 2},
             Row{{"evil.test", "mx.test"}, 2},
             Row{{"list.test", "evil.test", "mx.test", "list.test"}, 3},
             Row{{"list.test", "evil.test"}, 0},
             Row{{"sub.list.test"}, 0},
             Row{{"LIST.test"}, 1},
             Row{{"[not a domain"}, 0},
         }) {
        const Verdict verdict = sealed_by(row.sealers);
        const Set* expected = row.instance == 0 ? nullptr : &verdict.sets[row.instance - 1];
        EXPECT_EQ(trusted_set(verdict, trusted), expected) << row.sealers.size();
    }
    Verdict failed = sealed_by({"list.test"});
    failed.status = Status::fail;
    EXPECT_EQ(trusted_set(failed, trusted), nullptr);
    EXPECT_EQ(trusted_set(sealed_by({"list.test"}), {}), nullptr);
}

} // namespace
} // namespace tegami::arc
