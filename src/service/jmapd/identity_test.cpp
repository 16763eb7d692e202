// Identity/* (RFC 8621 §6) over the directory that says who sends as whom.
#include "service/jmapd/jmapd_fixture.h"

#include <fmt/format.h>

#include <set>

namespace tegami::jmapd::testing {
namespace {

using tegami::testing::address;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class IdentityTest : public JmapTest {
protected:
    void add_alias(std::string_view alias, std::vector<std::string> targets) {
        directory::Alias added{.address = address(alias), .targets = {}};
        for (const std::string& target : targets)
            added.targets.push_back(address(target));
        EXPECT_TRUE(run(directory_->administration().add_alias(std::move(added))));
    }

    void remove_alias(std::string_view alias) {
        EXPECT_TRUE(run(directory_->administration().remove_alias(address(alias))));
    }

    /// The addresses of all identities, in order.
    std::vector<std::string> addresses() {
        std::vector<std::string> all;
        for (const json::value& one : list())
            all.emplace_back(one.at("email").as_string());
        return all;
    }

    json::array list() { return one("Identity/get", "").at("list").as_array(); }

    std::string state() { return std::string(one("Identity/get", "'ids':[]").at("state").as_string()); }

    std::string id_for(std::string_view email) {
        for (const json::value& one : list())
            if (one.at("email") == json::string(email)) return std::string(one.at("id").as_string());
        return "none";
    }

    std::string update(std::string_view id, std::string_view patch) {
        const json::value answer = one("Identity/set", fmt::format("'update':{{'{}':{}}}", id, patch));
        if (answer.at("updated").is_object()) return "updated";
        return text_of_fault(answer.at("notUpdated").as_object().begin()->value().as_object());
    }

    std::string create(std::string_view properties) {
        const json::value answer = one("Identity/set", fmt::format("'create':{{'k':{}}}", properties));
        if (const auto* const created = answer.at("created").if_object())
            return std::string(created->at("k").at("id").as_string());
        return text_of_fault(answer.at("notCreated").at("k").as_object());
    }

    std::string destroy(std::string_view id) {
        const json::value answer = one("Identity/set", fmt::format("'destroy':['{}']", id));
        if (answer.at("destroyed").is_array()) return "destroyed";
        return text_of_fault(answer.at("notDestroyed").as_object().begin()->value().as_object());
    }
};

// web-face statement 29
TEST_F(IdentityTest, AnAccountHasOneForEachOfItsAddresses) {
    add_account("ben@b.test");
    add_alias("sales@b.test", {"anna@b.test"});
    add_alias("shop@b.test", {"sales@b.test"});
    add_alias("box@b.test", {"anna+box@b.test"});
    add_alias("all@b.test", {"anna@b.test", "ben@b.test"});
    EXPECT_THAT(addresses(), ElementsAre("anna@b.test", "box@b.test", "sales@b.test", "shop@b.test"));
    EXPECT_EQ(list().front(), from("{'id':'" + id_for("anna@b.test") +
                                   "','name':'','email':'anna@b.test','replyTo':null,'bcc':null,'textSignature':'',"
                                   "'htmlSignature':'','mayDelete':false}"));
    EXPECT_EQ(one("Identity/get", "'ids':['I999','x'],'properties':['email']").at("notFound"), from("['I999','x']"));
    EXPECT_EQ(one("Identity/get", "'properties':['colour']"), "error: invalidArguments properties");
}

// web-face statement 29
TEST_F(IdentityTest, AnAliasGivenOrTakenComesAndGoesWithANewState) {
    const std::string first = state();
    EXPECT_EQ(state(), first);
    add_alias("sales@b.test", {"anna@b.test"});
    const json::value given = one("Identity/changes", "'sinceState':'" + first + "'");
    EXPECT_NE(given.at("newState"), json::string(first));
    const std::string sales = id_for("sales@b.test");
    EXPECT_EQ(given.at("created"), from("['" + sales + "']"));
    EXPECT_EQ(given.at("newState"), json::string(state()));
    EXPECT_EQ(update(sales, "{'name':'Sales','textSignature':'-- sales'}"), "updated");
    const std::string second = state();
    EXPECT_EQ(
        one("Identity/changes", "'sinceState':'" + std::string(given.at("newState").as_string()) + "'").at("updated"),
        from("['" + sales + "']"));

    remove_alias("sales@b.test");
    EXPECT_EQ(one("Identity/changes", "'sinceState':'" + second + "'").at("destroyed"), from("['" + sales + "']"));
    EXPECT_THAT(addresses(), ElementsAre("anna@b.test"));
    // Given again it has what the user had set, and another id.
    add_alias("sales@b.test", {"anna@b.test"});
    EXPECT_EQ(list().back().at("textSignature"), "-- sales");
    EXPECT_NE(id_for("sales@b.test"), sales);
    EXPECT_EQ(one("Identity/changes", "'sinceState':'99999'"), "error: cannotCalculateChanges");
    EXPECT_EQ(one("Identity/changes", "'sinceState':'x'"), "error: cannotCalculateChanges");
}

TEST_F(IdentityTest, SettingsAreTheUsers) {
    const std::string anna = id_for("anna@b.test");
    EXPECT_EQ(update(anna, "{'name':'Anna 花子','replyTo':[{'name':'Desk','email':'desk@c.test'}],"
                           "'bcc':[{'email':'anna@b.test'}],'htmlSignature':'<b>Anna</b>'}"),
              "updated");
    const json::value now = list().front();
    EXPECT_EQ(now.at("name"), "Anna 花子");
    EXPECT_EQ(now.at("replyTo"), from("[{'name':'Desk','email':'desk@c.test'}]"));
    EXPECT_EQ(now.at("bcc"), from("[{'name':null,'email':'anna@b.test'}]"));
    EXPECT_EQ(now.at("htmlSignature"), "<b>Anna</b>");
    const std::string before = state();
    EXPECT_EQ(update(anna, "{'name':'Anna 花子'}"), "updated");
    EXPECT_EQ(state(), before);

    EXPECT_EQ(update(anna, "{'email':'ben@b.test'}"), "invalidProperties email");
    EXPECT_EQ(update(anna, "{'email':'anna@b.test','mayDelete':false}"), "updated");
    EXPECT_EQ(update(anna, "{'mayDelete':true}"), "invalidProperties mayDelete");
    EXPECT_EQ(update(anna, "{'colour':'red'}"), "invalidProperties colour");
    EXPECT_EQ(update(anna, "{'name':'a\\r\\nBcc: x@x.test'}"), "invalidProperties name");
    EXPECT_EQ(update(anna, "{'replyTo':[{'email':'nobody'}]}"), "invalidProperties replyTo");
    EXPECT_EQ(update(anna, "{'bcc':'anna@b.test'}"), "invalidProperties bcc");
    EXPECT_EQ(update(anna, "{'textSignature':'" + std::string(65'537, 'x') + "'}"), "tooLarge");
    EXPECT_EQ(update("I999", "{'name':'x'}"), "notFound");
    EXPECT_EQ(destroy(anna), "forbidden");
    EXPECT_EQ(one("Identity/set", "'ifInState':'1','update':{}"), "error: stateMismatch");
    EXPECT_EQ(list().front().at("name"), "Anna 花子");
}

TEST_F(IdentityTest, MoreMayBeMadeOfAddressesThatTheUserSendsAs) {
    add_account("ben@b.test");
    add_alias("all@b.test", {"anna@b.test", "ben@b.test"});
    EXPECT_EQ(create("{'email':'ben@b.test'}"), "forbiddenFrom");
    EXPECT_EQ(create("{'email':'*@b.test'}"), "forbiddenFrom");
    EXPECT_EQ(create("{'name':'x'}"), "invalidProperties email");
    EXPECT_EQ(create("{'email':'anna@b.test','mayDelete':true}"), "invalidProperties mayDelete");
    const std::string all = create("{'email':'all@b.test','name':'Everybody'}");
    const std::string second = create("{'email':'anna+news@b.test'}");
    EXPECT_THAT(addresses(), UnorderedElementsAre("anna@b.test", "all@b.test", "anna+news@b.test"));
    EXPECT_EQ(destroy(second), "destroyed");
    EXPECT_EQ(destroy(second), "notFound");
    // Gone with the right to send as it.
    remove_alias("all@b.test");
    EXPECT_THAT(addresses(), ElementsAre("anna@b.test"));
    EXPECT_EQ(update(all, "{'name':'x'}"), "notFound");
}

TEST_F(IdentityTest, ChangesAreToldInParts) {
    const std::string first = state();
    for (const char* const alias : {"a1@b.test", "a2@b.test", "a3@b.test"})
        add_alias(alias, {"anna@b.test"});
    std::set<std::string> told;
    std::string since = first;
    for (int round = 0; round < 3; ++round) {
        const json::value part = one("Identity/changes", "'maxChanges':1,'sinceState':'" + since + "'");
        ASSERT_EQ(part.at("created").as_array().size(), 1U);
        told.emplace(part.at("created").at(0).as_string());
        EXPECT_EQ(part.at("hasMoreChanges"), round < 2);
        since = std::string(part.at("newState").as_string());
    }
    EXPECT_EQ(told.size(), 3U);
    EXPECT_EQ(since, state());
}

} // namespace
} // namespace tegami::jmapd::testing
