#include "admin/admin_fixture.h"

#include "base/base64.h"

#include <fmt/format.h>

namespace tegami::admin {
namespace {

TEST_F(AdminTest, ManagesDomainsAccountsAndAliases) {
    ask("/domain/add", {{"name", "A.test"}, {"catch_all", "x@elsewhere.test"}});
    EXPECT_EQ(ask("/domain/list").at("domains").as_array().at(0).at("name").as_string(), "a.test");
    ask("/account/add", {{"address", "anna@a.test"}, {"password", "a good one"}, {"quota_bytes", 1000}});
    ask("/alias/add", {{"address", "sales@a.test"}, {"targets", {"anna@a.test", "bo@elsewhere.test"}}});
    const json::object accounts = ask("/account/list");
    EXPECT_EQ(accounts.at("accounts").at(0).at("address").as_string(), "anna@a.test");
    EXPECT_EQ(accounts.at("accounts").at(0).at("quota_bytes").to_number<int>(), 1000);
    EXPECT_FALSE(accounts.contains("next"));
    EXPECT_EQ(ask("/alias/list", {{"domain", "a.test"}}).at("aliases").at(0).at("targets").as_array().size(), 2U);
    ask("/account/password", {{"address", "anna@a.test"}, {"password", "another one"}});
    const json::object changed =
        ask("/account/set", {{"address", "anna@a.test"}, {"quota_bytes", 5000}, {"enabled", false}});
    EXPECT_EQ(changed.at("quota_bytes").to_number<int>(), 5000);
    EXPECT_FALSE(changed.at("enabled").as_bool());
    EXPECT_TRUE(ask("/account/set", {{"address", "anna@a.test"}, {"enabled", true}}).at("enabled").as_bool());
    const json::object shown = ask("/account/show", {{"address", "anna@a.test"}});
    EXPECT_EQ(shown.at("quota_bytes").to_number<int>(), 5000);
    EXPECT_EQ(shown.at("used_bytes").to_number<int>(), 0);
    EXPECT_TRUE(ask("/domain/set", {{"name", "a.test"}, {"catch_all", nullptr}}).at("catch_all").is_null());
    EXPECT_EQ(ask("/domain/set", {{"name", "a.test"}, {"catch_all", "anna@a.test"}}).at("catch_all").as_string(),
              "anna@a.test");
    const json::object domain = ask("/domain/set", {{"name", "a.test"}, {"subaddress_separator", "-"}});
    EXPECT_EQ(domain.at("catch_all").as_string(), "anna@a.test");
    EXPECT_EQ(domain, ask("/domain/show", {{"name", "a.test"}}));
    EXPECT_EQ(domain.at("mta_sts").as_string(), "testing");
    EXPECT_THAT(
        std::string(ask("/domain/set", {{"name", "a.test"}, {"mta_sts", "enforce"}}).at("hints").at(0).as_string()),
        ::testing::HasSubstr("[listen.https]"));
    EXPECT_FALSE(ask("/domain/set", {{"name", "a.test"}, {"mta_sts", "enforce"}}).contains("hints"));
    EXPECT_EQ(refusal("/domain/set", {{"name", "a.test"}, {"mta_sts", "on"}}),
              "400 mta_sts must be \"none\", \"testing\" or \"enforce\"");
    EXPECT_EQ(domain.at("accounts").to_number<int>(), 1);
    EXPECT_EQ(domain.at("aliases").to_number<int>(), 1);
    EXPECT_EQ(refusal("/domain/set", {{"name", "b.test"}}), "404 there is no domain b.test");
    EXPECT_EQ(refusal("/domain/remove", {{"name", "a.test"}}),
              "409 the domain a.test still has accounts: remove them first (tegami account list --domain a.test)");
    for (const char* const operation : {"/account/show", "/account/remove"})
        EXPECT_EQ(refusal(operation, {{"address", "sales@a.test"}}),
                  "404 there is no account sales@a.test: it is an alias");
    EXPECT_EQ(refusal("/account/set", {{"address", "sales@a.test"}, {"quota_bytes", 1}}),
              "404 there is no account sales@a.test: it is an alias");
    EXPECT_EQ(refusal("/account/show", {{"address", "sales@a.test"}, {"quota_bytes", 1}}),
              "400 /account/show takes no quota_bytes");
    EXPECT_EQ(refusal("/account/password", {{"address", "Sales@a.test"}, {"password", "a good one"}}),
              "404 there is no account Sales@a.test: it is an alias");
    // What still leads to somebody who is gone.
    ask("/domain/set", {{"name", "a.test"}, {"catch_all", "Anna@a.test"}});
    EXPECT_EQ(json::serialize(ask("/account/remove", {{"address", "anna@a.test"}}).at("sources")),
              R"(["sales@a.test","@a.test"])");
    EXPECT_EQ(refusal("/domain/remove", {{"name", "a.test"}}),
              "409 the domain a.test still has aliases: remove them first (tegami alias list --domain a.test)");
    EXPECT_TRUE(ask("/alias/remove", {{"address", "sales@a.test"}}).at("sources").as_array().empty());
    ask("/domain/remove", {{"name", "a.test"}});
    EXPECT_TRUE(ask("/domain/list").at("domains").as_array().empty());
}

TEST_F(AdminTest, RefusesWhoeverHasNoRight) {
    ask("/domain/add", {{"name", "a.test"}});
    EXPECT_EQ(identity_, "local root");
    caller_ = Caller::nobody();
    for (const auto& [name, operation] : all_operations())
        EXPECT_EQ(refusal(std::string(name)), "403 nobody may not do this") << name;
    EXPECT_EQ(identity_, "nobody");
    caller_ = Caller::local_root();
    EXPECT_EQ(ask("/domain/list").at("domains").as_array().size(), 1U);
}

TEST_F(AdminTest, TellsHowFarWhatTakesLongIs) {
    const json::object named{{"progress", "mine"}};
    {
        const auto place = progress_.place(named);
        ASSERT_TRUE(place);
        place->progress()->begin(Progress::Unit::messages, 40);
        place->progress()->add(3);
        place->progress()->leave_out(10);
        EXPECT_EQ(json::serialize(ask("/progress", named)), R"({"step":1,"unit":"messages","done":3,"total":30})");
        EXPECT_EQ(refusal("/verify", named), "409 progress: another operation has this name");
    }
    EXPECT_EQ(refusal("/progress", named), "404 nothing of this name is under way");
    EXPECT_TRUE(ask("/verify", named).at("sound").as_bool());
    EXPECT_EQ(refusal("/progress", named), "404 nothing of this name is under way");
    EXPECT_EQ(refusal("/verify", {{"progress", std::string(kProgressNameBytesMax + 1, 'x')}}),
              "400 progress: the name is too long");
}

TEST_F(AdminTest, RefusesAnImportThatIsTooLarge) {
    const net::HttpResponse response = send("/account/import", std::string(kRequestBytesMax + 1, ' '));
    EXPECT_EQ(response.status, 413U);
    EXPECT_TRUE(response.body.contains("too large"));
}

TEST_F(AdminTest, NeverShowsAPassword) {
    ask("/domain/add", {{"name", "a.test"}});
    const json::object request{{"address", "anna@a.test"}, {"password", "correct-horse"}};
    for (const std::string_view path : {"/account/add", "/account/add", "/account/password", "/account/list"})
        EXPECT_FALSE(send(std::string(path), json::serialize(request)).body.contains("correct-horse")) << path;
}

TEST_F(AdminTest, SaysWhatIsWrongWithARequest) {
    EXPECT_EQ(send("/nothing", "").status, 404U);
    const Answer unknown = run(admin_->call(caller_, "/nothing", {}));
    EXPECT_EQ(unknown.error().message, "there is no such request: /nothing");
    EXPECT_EQ(send("/domain/list", "{}", "GET").status, 405U);
    EXPECT_EQ(send("/domain/list", "{").status, 400U);
    EXPECT_EQ(send("/domain/list", "[1]").status, 400U);
    EXPECT_EQ(send("/domain/list", std::string(100'000, '[')).status, 400U);
    EXPECT_EQ(refusal("/domain/add"), "400 name is missing");
    EXPECT_EQ(refusal("/domain/add", {{"name", 5}}), "400 name must be text");
    EXPECT_EQ(refusal("/domain/add", {{"name", "a b"}}), "400 a b is not a domain such as example.org");
    EXPECT_EQ(refusal("/domain/add", {{"name", "[127.0.0.1]"}}).substr(0, 3), "400");
    EXPECT_EQ(refusal("/account/remove", {{"address", "anna"}}), "400 anna is not a mail address");
    EXPECT_EQ(refusal("/account/remove", {{"address", "\xe8\xa6\x8b@"}}).substr(0, 8), "400 \xe8\xa6\x8b@");
    EXPECT_EQ(refusal("/account/set", {{"address", "anna@a.test"}, {"enabled", 1}}),
              "400 enabled must be true or false");
    EXPECT_EQ(refusal("/account/list", {{"domain", "a.test"}}), "404 there is no domain a.test");
    EXPECT_EQ(refusal("/account/remove", {{"address", "anna@a.test"}}), "404 there is no account anna@a.test");
    EXPECT_EQ(refusal("/account/list", {{"from", "!"}}), "400 from is not what a listing gave as next");
    EXPECT_EQ(refusal("/account/import", {{"entries", 5}}), "400 entries must be a list of at most 500");
    EXPECT_EQ(refusal("/queue/show", {{"letter", 7}}), "400 letter must be text");
    for (const std::string_view path : {"/queue/show", "/queue/remove", "/queue/retry"}) {
        EXPECT_EQ(refusal(std::string(path)), "400 letter is missing");
        for (const std::string_view letter : {"7", "nobody", "", "-1", "99999999999999999999"})
            EXPECT_EQ(refusal(std::string(path), {{"letter", letter}}),
                      fmt::format("404 there is no letter {} in the queue", letter));
    }
}

TEST_F(AdminTest, ImportsLineByLine) {
    constexpr std::string_view kSha = "{SHA}Zg2Q2FGl/N6DDfmUQk52fkOe8AM=";
    ask("/domain/add", {{"name", "a.test"}});
    const json::object answer = ask("/account/import", {{"entries",
                                                         {{{"address", "anna@a.test"}, {"password", "a good one"}},
                                                          {{"address", "anna@b.test"}, {"password", "a good one"}},
                                                          {{"address", "bo@a.test"}, {"password", ""}},
                                                          {{"address", "bo@a.test"}, {"password", "1234567"}},
                                                          {{"address", "cy@a.test"}, {"password", "password1"}},
                                                          {{"address", "nobody"}, {"password", "a good one"}},
                                                          {{"address", "di@a.test"}, {"hash", kSha}},
                                                          {{"address", "ed@a.test"}, {"hash", "$2y$31$"}},
                                                          {{"address", "ed@a.test"}, {"hash", "a good one"}},
                                                          {{"address", "ed@a.test"}}}}});
    const json::array& results = answer.at("results").as_array();
    EXPECT_TRUE(results.at(0).is_null());
    EXPECT_TRUE(results.at(1).as_string().starts_with("b.test is not a domain of this server"));
    EXPECT_EQ(results.at(2).as_string(), "the password is empty");
    EXPECT_EQ(results.at(3).as_string(), "the password is too short: it needs 8 characters");
    EXPECT_TRUE(results.at(4).is_null());
    EXPECT_EQ(results.at(5).as_string(), "this is not a mail address");
    EXPECT_TRUE(results.at(6).is_null());
    EXPECT_EQ(results.at(7).as_string(), "this is no complete hash of the scheme BLF-CRYPT");
    EXPECT_EQ(results.at(8).as_string(), "this is no hash of a password");
    EXPECT_EQ(results.at(9).as_string(), "password is missing");
    EXPECT_THAT(std::string(answer.at("hints").at(6).as_string()), testing::HasSubstr("(SHA) is weak"));
    EXPECT_EQ(ask("/account/show", {{"address", "di@a.test"}}).at("foreign_hash").as_string(), "SHA");
    ask("/account/password", {{"address", "di@a.test"}, {"password", "a good one"}});
    EXPECT_TRUE(ask("/account/show", {{"address", "di@a.test"}}).at("foreign_hash").is_null());
    ask("/account/password", {{"address", "di@a.test"}, {"hash", kSha}});
    EXPECT_EQ(ask("/account/list").at("accounts").at(2).at("foreign_hash").as_string(), "SHA");
    const json::array& hints = answer.at("hints").as_array();
    EXPECT_TRUE(hints.at(0).is_null());
    EXPECT_TRUE(hints.at(3).is_null());
    EXPECT_TRUE(hints.at(4).as_string().starts_with("this password is one of those that are guessed first"));
    EXPECT_EQ(ask("/account/list").at("accounts").as_array().size(), 3U);
}

TEST_F(AdminTest, APasswordThatSomebodyChoosesIsLongEnough) {
    ask("/domain/add", {{"name", "a.test"}});
    const auto add = [this](std::string_view password) {
        return refusal("/account/add", {{"address", "anna@a.test"}, {"password", password}});
    };
    for (const std::string_view password : {"x", "1234567", "見学会見学会見"})
        EXPECT_EQ(add(password), "400 the password is too short: it needs 8 characters");
    EXPECT_TRUE(
        ask("/account/add", {{"address", "anna@a.test"}, {"password", "見学会見学会見学"}}).at("hint").is_null());
    EXPECT_EQ(refusal("/account/password", {{"address", "anna@a.test"}, {"password", "short"}}),
              "400 the password is too short: it needs 8 characters");
    const auto hint = [this](std::string_view password) {
        return ask("/account/password", {{"address", "anna@a.test"}, {"password", password}}).at("hint");
    };
    for (const std::string_view password : {"password", "Password123!", "12345678", "qwertyuiop", "aaaaaaaa",
                                            "1q2w3e4r", "Welcome1", "anna@a.test", "iloveyou", "P@ssw0rd"})
        EXPECT_TRUE(hint(password).is_string()) << password;
    for (const std::string_view password : {"correct horse battery", "annas password", "7e2-kx9-mn4"})
        EXPECT_TRUE(hint(password).is_null()) << password;
}

TEST_F(AdminTest, ListsInPages) {
    ask("/domain/add", {{"name", "a.test"}});
    json::array entries;
    for (std::size_t at = 0; at < kImportEntriesMax; ++at)
        entries.push_back(json::object{{"address", "u" + std::to_string(at) + "@a.test"}, {"password", "a good one"}});
    ask("/account/import", {{"entries", entries}});
    ask("/account/add", {{"address", "z@a.test"}, {"password", "a good one"}});
    const json::object first = ask("/account/list");
    EXPECT_EQ(first.at("accounts").as_array().size(), kListingRowsMax);
    const json::object second = ask("/account/list", {{"from", first.at("next")}});
    EXPECT_EQ(second.at("accounts").as_array().size(), 1U);
    EXPECT_FALSE(second.contains("next"));
}

TEST_F(AdminTest, TracesByJourneyMessageIdAndAddress) {
    const std::string journey = journeys_.new_journey();
    journeys_.record({.journey = journey,
                      .time = {},
                      .kind = "received",
                      .fields = {{"to", "anna@a.test"}, {"to", "bo@a.test"}},
                      .message_id = "123@b.test",
                      .addresses = {"anna@a.test"}});
    for (const std::string& what : {journey, std::string("<123@b.test>"), std::string("Anna@a.test")}) {
        const json::object answer = ask("/trace", {{"what", what}});
        ASSERT_EQ(answer.at("events").as_array().size(), 1U) << what;
        const json::object& event = answer.at("events").at(0).as_object();
        EXPECT_EQ(event.at("journey").as_string(), journey);
        EXPECT_EQ(event.at("kind").as_string(), "received");
        EXPECT_EQ(event.at("fields").as_array().size(), 2U);
    }
    EXPECT_TRUE(ask("/trace", {{"what", "nobody@a.test"}}).at("events").as_array().empty());
}

async::Awaitable<ReloadOutcome> reloaded() {
    co_return ReloadOutcome{.applied = {"tls.key"}, .restart = {"host_name"}, .warnings = {"it ended"}};
}

TEST_F(AdminTest, ReloadsOnlyARunningServer) {
    EXPECT_EQ(refusal("/reload").substr(0, 24), "409 no server runs: it w");
    make_admin([] { return reloaded(); });
    const json::object answer = ask("/reload");
    EXPECT_EQ(answer.at("applied").at(0).as_string(), "tls.key");
    EXPECT_EQ(answer.at("restart").at(0).as_string(), "host_name");
    EXPECT_EQ(answer.at("warnings").at(0).as_string(), "it ended");
}

TEST_F(AdminTest, FailsInWordsWhenTheStoreFails) {
    ask("/domain/add", {{"name", "a.test"}});
    engine_.fail(store::MemoryEngine::Call::any, 1, store::ErrorCode::unavailable);
    EXPECT_EQ(refusal("/account/list").substr(0, 27), "503 the store cannot answer");
}

TEST_F(AdminTest, ANewDomainHasKeysThatSignWhenTheyAreSeen) {
    ask("/domain/add", {{"name", "a.test"}});
    const auto states = [this](const std::string& operation, const json::object& request) {
        std::vector<std::string> all;
        for (const json::value& domain : ask(operation, request).at("domains").as_array())
            for (const json::value& key : domain.at("keys").as_array())
                all.push_back(json::value_to<std::string>(key.at("kind")) + " " +
                              json::value_to<std::string>(key.at("state")));
        return all;
    };
    using States = std::vector<std::string>;
    EXPECT_EQ(states("/dkim/list", {}), (States{"ed25519 announced", "rsa announced"}));
    EXPECT_EQ(states("/dkim/check", {{"domain", "a.test"}}), (States{"ed25519 announced", "rsa announced"}));
    publish(ask("/dns/records", {{"domain", "a.test"}}).at("records").as_array());
    EXPECT_EQ(states("/dkim/check", {}), (States{"ed25519 signing", "rsa signing"}));
    EXPECT_EQ(states("/dkim/rotate", {{"domain", "a.test"}}).size(), 4U);
    publish(ask("/dns/records", {{"domain", "a.test"}}).at("records").as_array());
    EXPECT_EQ(states("/dkim/check", {}), (States{"ed25519 retired", "rsa retired", "ed25519 signing", "rsa signing"}));
    directory::SigningKey key = directory_->signing_keys().table()->begin()->second.back();
    EXPECT_EQ(key.state, directory::SigningKeyState::signing);
    key.private_key = "damaged";
    EXPECT_TRUE(run(directory_->signing_keys().put({key})));
    for (const json::value& each : ask("/dkim/list").at("domains").at(0).at("keys").as_array())
        EXPECT_EQ(each.at("usable").as_bool(), json::value_to<std::string>(each.at("selector")) != key.selector);
    const std::string whole = json::serialize(ask("/dkim/list"));
    EXPECT_FALSE(whole.contains("PRIVATE")) << whole;
    for (const char* const operation :
         {"/dkim/list", "/dkim/rotate", "/dkim/check", "/dns/records", "/dns/check", "/dns/publish"})
        EXPECT_EQ(refusal(operation, {{"domain", "b.test"}}).substr(0, 3), "404") << operation;
}

TEST_F(AdminTest, SaysWhatIsMissingInTheDns) {
    ask("/domain/add", {{"name", "a.test"}});
    const auto states = [](const json::object& answer) {
        std::map<std::string, std::string> all;
        for (const json::value& record : answer.at("records").as_array())
            all[json::value_to<std::string>(record.at("type"))] = json::value_to<std::string>(record.at("state"));
        return all;
    };
    json::object checked = ask("/dns/check", {{"domain", "a.test"}});
    EXPECT_TRUE(checked.at("mail_suffers").as_bool());
    EXPECT_EQ(states(checked).at("MX"), "missing");
    publish(ask("/dns/records", {{"domain", "a.test"}}).at("records").as_array());
    checked = ask("/dns/check", {{"domain", "a.test"}});
    EXPECT_FALSE(checked.at("mail_suffers").as_bool()) << json::serialize(checked);
    checked = ask("/dns/check", {{"domain", "a.test"}, {"addresses", {"192.0.2.9"}}});
    EXPECT_EQ(states(checked).at("A"), "wrong");
    EXPECT_TRUE(
        refusal("/dns/publish", {{"domain", "a.test"}}).starts_with("400 no name server takes changes from here"));
    EXPECT_EQ(refusal("/dns/check", {{"domain", "a.test"}, {"addresses", {"here"}}}),
              "400 \"here\" is not an IP address");
}

TEST_F(AdminTest, MailGoesInAndComesOut) {
    ask("/domain/add", {{"name", "a.test"}});
    ask("/account/add", {{"address", "anna@a.test"}, {"password", "a good one"}});
    const json::object anna{{"address", "anna@a.test"}};
    const auto take = [&](std::string_view items) {
        const net::HttpResponse response = send("/mail/take", json::serialize(anna) + "\n" + std::string(items));
        return std::to_string(response.status) + " " + response.body;
    };
    const auto known = [&](std::string_view mailbox) {
        const json::object answer = ask("/mail/known", {{"address", "anna@a.test"}, {"mailbox", mailbox}});
        return base64::decode(std::string(answer.at("fingerprints").as_string())).value().size() / 16;
    };

    const json::array wanted{json::object{{"name", "Work/2026"}, {"subscribed", true}}, json::object{{"name", "a//b"}}};
    EXPECT_EQ(ask("/mail/prepare", {{"address", "anna@a.test"}, {"mailboxes", wanted}}).at("left").as_array().size(),
              1U);
    const std::string letter = "6\t1600000000\tFS\tWork/2026\tProject\nA: b\r\n0\t-\t\tINBOX\t\n1\t-\t\tNone\t\nx";
    EXPECT_EQ(take(letter), R"(200 {"taken":1,"left":[{"at":1,"reason":"it is empty"},)"
                            R"({"at":2,"reason":"its mailbox is not there"}]})");
    EXPECT_EQ(known("Work/2026"), 1U);
    EXPECT_EQ(known("INBOX") + known("None"), 0U);

    // Nothing of a request that is cut off or cannot be read is stored.
    EXPECT_EQ(take(letter.substr(0, 36)), R"(400 {"error":"the last message is cut off"})");
    EXPECT_EQ(take("no item\n" + letter), R"(400 {"error":"what comes is no stream of messages"})");
    EXPECT_EQ(known("Work/2026"), 1U);
    EXPECT_EQ(refusal("/mail/take", {{"address", "bo@a.test"}}), "404 there is no account bo@a.test");
    EXPECT_EQ(refusal("/mail/give", {{"address", "anna@a.test"}, {"mailbox", "None"}}), "404 there is no mailbox None");

    const net::HttpResponse given =
        send("/mail/give", json::serialize(json::object{{"address", "anna@a.test"}, {"mailbox", "Work/2026"}}));
    EXPECT_EQ(run(net::read_whole(given.stream.get(), 1000)).value(), "6\t1600000000\tFS\t\tProject\nA: b\r\n");

    caller_ = Caller::nobody();
    EXPECT_EQ(refusal("/mail/take", anna), "403 nobody may not do this");
    EXPECT_EQ(refusal("/mail/give", anna), "403 nobody may not do this");
}

} // namespace
} // namespace tegami::admin
