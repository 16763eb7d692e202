#include "admin/admin_fixture.h"

#include "directory/totp.h"

#include <fmt/format.h>

namespace tegami::admin {
namespace {

TEST_F(AdminTest, ListsAndEndsWebSessions) {
    add("anna@a.test");
    const auto anna = run(directory_->credentials().find("anna@a.test")).value();
    for (const char* const browser : {"Browser/1", "Browser/2"})
        ASSERT_TRUE(run(directory_->web_sessions().begin(*anna, "192.0.2.7", browser)));
    const json::object of_anna{{"address", "anna@a.test"}};
    const json::array sessions = ask("/session/list", of_anna).at("sessions").as_array();
    ASSERT_EQ(sessions.size(), 2U);
    const json::object& first = sessions.front().as_object();
    EXPECT_EQ(first.at("agent"), "Browser/1");
    EXPECT_EQ(first.at("client"), "192.0.2.7");
    EXPECT_EQ(first.at("used"), "2023-11-14");
    const json::object the_first{{"address", "anna@a.test"}, {"id", first.at("id")}};
    EXPECT_EQ(ask("/session/end", the_first), (json::object{{"ended", 1}}));
    EXPECT_THAT(refusal("/session/end", the_first), testing::StartsWith("404 there is no web session "));
    EXPECT_EQ(ask("/session/end", of_anna), (json::object{{"ended", 1}}));
    EXPECT_EQ(refusal("/session/list", {{"address", "nobody@a.test"}}), "404 there is no account nobody@a.test");
}

TEST_F(AdminTest, MakesListsAndRevokesAppPasswords) {
    add("anna@a.test");
    const json::object of_anna{{"address", "anna@a.test"}};
    const json::object made = ask("/account/app-password/add", {{"address", "anna@a.test"},
                                                                {"name", "printer"},
                                                                {"protocols", json::array{"submission"}},
                                                                {"networks", json::array{"192.0.2.0/24"}}});
    EXPECT_EQ(made.at("secret").as_string().size(), 34U);
    const json::array all = ask("/account/app-password/list", of_anna).at("app_passwords").as_array();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.front(), (json::object{{"id", made.at("id")},
                                         {"name", "printer"},
                                         {"protocols", json::array{"submission"}},
                                         {"networks", json::array{"192.0.2.0/24"}},
                                         {"made", made.at("made")},
                                         {"used", nullptr},
                                         {"used_from", nullptr}}));
    const json::object the_one{{"address", "anna@a.test"}, {"id", made.at("id")}};
    EXPECT_EQ(ask("/account/app-password/remove", the_one), json::object());
    EXPECT_THAT(refusal("/account/app-password/remove", the_one), testing::StartsWith("404 there is no app password "));
    const auto refused = [&](const char* name, json::value value) {
        json::object request{{"address", "anna@a.test"}, {"name", "x"}};
        request[name] = std::move(value);
        return refusal("/account/app-password/add", std::move(request));
    };
    EXPECT_EQ(refused("name", ""), "400 an app password needs a name");
    EXPECT_EQ(refused("protocols", json::array{"web"}), "400 web is no protocol of app passwords");
    EXPECT_EQ(refused("protocols", "imap"), "400 protocols must be a list of texts");
    EXPECT_EQ(refused("networks", json::array{"here"}), "400 here is not a network such as 192.0.2.0/24");
    EXPECT_EQ(refused("address", "nobody@a.test"), "404 there is no account nobody@a.test");
}

TEST_F(AdminTest, ShowsAndResetsASecondFactor) {
    add("anna@a.test");
    const json::object of_anna{{"address", "anna@a.test"}};
    EXPECT_EQ(refusal("/account/second-factor/reset", of_anna), "404 anna@a.test has no second factor and no passkeys");
    const auto anna = *run(directory_->credentials().find("anna@a.test")).value();
    const std::string secret = run(directory_->second_factors().begin_totp(anna)).value();
    const std::string code = directory::totp_code(secret, directory::totp_step_at(clock_.now()));
    ASSERT_TRUE(run(directory_->second_factors().confirm_totp(anna, code, "")).value());
    EXPECT_EQ(ask("/account/second-factor/show", of_anna), (json::object{{"in_force", true},
                                                                         {"required", false},
                                                                         {"kinds", json::array{"totp"}},
                                                                         {"recovery_codes", 10},
                                                                         {"passkeys", 0}}));
    EXPECT_EQ(ask("/account/second-factor/reset", of_anna), json::object());
    EXPECT_EQ(ask("/account/second-factor/show", of_anna), (json::object{{"in_force", false},
                                                                         {"required", false},
                                                                         {"kinds", json::array()},
                                                                         {"recovery_codes", 0},
                                                                         {"passkeys", 0}}));
}

} // namespace
} // namespace tegami::admin
