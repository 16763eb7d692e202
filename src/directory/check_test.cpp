#include "directory/check.h"
#include "directory/directory_fixture.h"
#include "directory/engine_access.h"

#include <gmock/gmock.h>

namespace tegami::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CheckTest : public DirectoryTest {
protected:
    CheckTest() {
        id_ = add("anna@a.test");
        EXPECT_TRUE(alias("sales@a.test", {"anna@a.test"}));
    }

    void commit(store::Operation operation) {
        EXPECT_TRUE(run(engine_.commit({.domain = kShard, .operations = {std::move(operation)}})));
    }

    CheckReport checked() { return run(check(&engine_)).value(); }

    AccountId id_;
};

TEST_F(CheckTest, ASoundDirectoryHasNoFindings) {
    EXPECT_EQ(checked().problems, 0U);
    EXPECT_EQ(checked().records, 7U) << "domain, account, id, credentials, alias, next id, secret";
}

TEST_F(CheckTest, NamesEveryRecordThatCannotBeReadAndGoesOn) {
    commit(store::Put{records::alias_key(address("sales@a.test")), "\x01garbage"});
    commit(store::Put{"?", "unknown kind"});
    commit(store::Delete{records::credentials_key(id_)});
    EXPECT_THAT(checked().findings, ElementsAre(HasSubstr("directory record ?: it cannot be read"),
                                                HasSubstr("directory record la.test\\x00sales: it cannot be read"),
                                                HasSubstr("directory record na.test\\x00anna: it has no credentials")));
}

TEST_F(CheckTest, FindsWhatBelongsToNobody) {
    commit(store::Delete{records::account_key(address("anna@a.test"))});
    EXPECT_THAT(checked().findings, ElementsAre(HasSubstr("the account with this id does not exist")));
    commit(store::Delete{records::id_key(id_)});
    EXPECT_THAT(checked().findings, ElementsAre(HasSubstr("these credentials belong to no account")));
    commit(store::Delete{records::domain_key(domain("a.test"))});
    EXPECT_EQ(checked().problems, 2U);
}

} // namespace
} // namespace tegami::directory
