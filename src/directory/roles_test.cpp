// Who may do more than read their own mail, over restarts, removals and the end of a domain.
#include "directory/roles.h"

#include "directory/directory_fixture.h"

#include <gmock/gmock.h>

namespace tegami::directory {
namespace {

class RolesTest : public DirectoryTest {
protected:
    RolesTest() : anna_(add("anna@a.test")) { add("bo@b.test"); }

    DirectoryResult<> set(Role role) { return run(directory_->roles().set(*account(anna_), std::move(role))); }

    Role role() { return directory_->roles().of(anna_); }

    AccountId anna_;
};

TEST_F(RolesTest, ARoleOutlivesARestartAndEnds) {
    EXPECT_EQ(role(), Role());
    const Role of_both{RoleKind::domain_administrator, {domain("a.test"), domain("b.test")}};
    ASSERT_TRUE(set({RoleKind::domain_administrator, {domain("b.test"), domain("a.test"), domain("b.test")}}));
    EXPECT_EQ(role(), of_both);
    reopen();
    EXPECT_EQ(role(), of_both);
    ASSERT_TRUE(set({RoleKind::administrator}));
    EXPECT_EQ(role(), Role{RoleKind::administrator});
    ASSERT_TRUE(set({}));
    reopen();
    EXPECT_EQ(role(), Role());
}

TEST_F(RolesTest, OnlyADomainAdministratorHasDomains) {
    EXPECT_FALSE(set({RoleKind::domain_administrator}));
    EXPECT_FALSE(set({RoleKind::auditor, {domain("a.test")}}));
    EXPECT_TRUE(set({RoleKind::domain_administrator, std::vector(kRoleDomainsMax + 1, domain("a.test"))})) << "one";
}

TEST_F(RolesTest, AnAccountThatComesBackIsAUser) {
    ASSERT_TRUE(set({RoleKind::administrator}));
    const Account before = *account(anna_);
    ASSERT_TRUE(run(administration().remove_account(before.address)));
    EXPECT_EQ(role(), Role());
    const auto late = run(directory_->roles().set(before, {RoleKind::administrator}));
    EXPECT_EQ(late.error().code, ErrorCode::not_found);
    ASSERT_TRUE(run(administration().restore_account(before.address, {})));
    EXPECT_EQ(role(), Role());
    reopen();
    EXPECT_EQ(role(), Role());
}

TEST_F(RolesTest, NobodyAdministersADomainThatIsGone) {
    ASSERT_TRUE(set({RoleKind::domain_administrator, {domain("a.test"), domain("b.test")}}));
    ASSERT_TRUE(run(administration().erase_account(address("bo@b.test"))));
    ASSERT_TRUE(run(administration().remove_domain(domain("b.test"))));
    EXPECT_EQ(role(), (Role{RoleKind::domain_administrator, {domain("a.test")}}));
    reopen();
    EXPECT_EQ(role(), (Role{RoleKind::domain_administrator, {domain("a.test")}}));
}

} // namespace
} // namespace tegami::directory
