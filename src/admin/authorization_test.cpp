// Who may do what: every operation of the tables, asked by everybody there is. An operation that is new is in here without
// anybody's doing.
#include "admin/admin_fixture.h"

#include "disk/files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

namespace tegami::admin {
namespace {

using directory::Role;
using directory::RoleKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

async::Awaitable<directory::DirectoryResult<>> no_keys() {
    co_return directory::DirectoryResult<>();
}

class AuthorizationTest : public directory::DirectoryTest {
protected:
    AuthorizationTest() {
        for (const char* const name :
             {"root@a.test", "other@a.test", "eve@a.test", "dora@a.test", "ulla@a.test", "bo@b.test", "boss@b.test"})
            add(name);
        give("root@a.test", {RoleKind::administrator});
        give("eve@a.test", {RoleKind::auditor});
        give("dora@a.test", {RoleKind::domain_administrator, {directory::domain("b.test")}});
    }

    void give(std::string_view who, Role role) {
        const auto account = run(administration().account_at(directory::address(who))).value();
        ASSERT_TRUE(run(directory_->roles().set(*account, std::move(role))));
    }

    Caller caller(std::string_view who) {
        const auto account = run(administration().account_at(directory::address(who))).value();
        return Caller::somebody(account->address, directory_->roles().of(account->id), "192.0.2.7");
    }

    /// The status of a request.
    unsigned status(const Caller& who, std::string_view name, const json::object& parameters) {
        net::HttpRequest request{.method = "POST", .target = std::string(name)};
        Body body(json::serialize(parameters));
        const net::HttpResponse response =
            run(admin_.serve(who, all_operations().at(name), &request, &body, kRequestBytesMax));
        last_ = response.body;
        return response.status;
    }

    Answer ask(const Caller& who, std::string name, json::object parameters) {
        return run(admin_.call(who, std::move(name), std::move(parameters)));
    }

    std::vector<std::string> audit(const json::object& parameters = {}, std::string name = "/audit/list",
                                   Caller who = Caller::local_root()) {
        std::vector<std::string> rows;
        const Answer answer = ask(who, std::move(name), parameters);
        EXPECT_TRUE(answer);
        if (!answer) return rows;
        for (const json::value& row : answer->at("rows").as_array())
            rows.push_back(std::string(row.at("who").as_string()) + " " + std::string(row.at("operation").as_string()) +
                           " " + json::serialize(row.at("parameters")) + " " + json::serialize(row.at("status")));
        return rows;
    }

    /// What an operation is about in b.test, as its table says it.
    static json::object about(const Operation& operation, std::string_view domain) {
        if (operation.subject.empty()) return {};
        const bool is_domain = operation.subject == "domain" || operation.subject == "name";
        // Nobody there, so that the operation refuses what it may not be asked to do here.
        return {{operation.subject, is_domain ? std::string(domain) : "nobody@" + std::string(domain)}};
    }

    Dependencies dependencies() {
        Dependencies with =
            dependencies_on(engine_, *store_, *directory_, queue_, journeys_, audit_, traffic_, timers_, &progress_);
        with.host = [] { return some_host(); };
        with.mail_offer = [] { return discovery::Offer(); };
        with.look_at_keys = [](const message::Domain&, bool) { return no_keys(); };
        with.new_resolver = [] {
            return Result<std::unique_ptr<net::Resolver>, std::string>(failure(std::string("no resolver")));
        };
        return with;
    }

    async::RealTimers timers_;
    store::Queue queue_{&engine_, &timers_};
    store::Journeys journeys_{&engine_, &timers_, &random_};
    store::Audit audit_{&engine_, &timers_};
    store::Traffic traffic_{&engine_, &timers_, [](std::string_view) { return true; }};
    ProgressBoard progress_;
    Admin admin_{dependencies()};
    std::string last_; ///< the answer
};

/// Whether this role may call the operation about a domain: in words, so that a wrong line in Caller is seen.
bool expected(RoleKind role, const Operation& operation, bool own_domain) {
    switch (role) {
    case RoleKind::administrator: return true;
    case RoleKind::user: return operation.access == Access::own;
    case RoleKind::auditor: return operation.access != Access::change && operation.access != Access::mail;
    case RoleKind::domain_administrator: break;
    }
    if (operation.access == Access::own || operation.access == Access::domains) return true;
    return operation.access != Access::mail && !operation.subject.empty() && own_domain;
}

TEST_F(AuthorizationTest, EveryOperationIsForWhomItsTableSays) {
    const std::map<std::string, RoleKind> everybody{{"root@a.test", RoleKind::administrator},
                                                    {"eve@a.test", RoleKind::auditor},
                                                    {"dora@a.test", RoleKind::domain_administrator},
                                                    {"ulla@a.test", RoleKind::user}};
    for (const auto& [name, operation] : all_operations()) {
        EXPECT_EQ(status(Caller::nobody(), name, about(*operation, "b.test")), 403U) << name;
        for (const auto& [who, role] : everybody)
            for (const bool own : {true, false}) {
                const unsigned got = status(caller(who), name, about(*operation, own ? "b.test" : "a.test"));
                EXPECT_EQ(got != 403, expected(role, *operation, own)) << who << name << own << last_;
                EXPECT_LT(got, 600U);
            }
        // What a domain administrator does not name is everybody's.
        const bool all = status(caller("dora@a.test"), name, {}) != 403;
        EXPECT_EQ(all, operation->access == Access::own || operation->access == Access::domains) << name;
        EXPECT_FALSE(operation->help.empty()) << name;
        const bool has_subject = operation->subject.empty() ||
                                 std::ranges::find(operation->parameters, operation->subject, &Parameter::name) !=
                                     operation->parameters.end();
        EXPECT_TRUE(has_subject) << name;
    }
}

TEST_F(AuthorizationTest, NoOperationIsTheServersThatChangesAccountsOfAllDomains) {
    std::set<std::string_view> open;
    for (const auto& [name, operation] : all_operations())
        if (operation->access == Access::own || operation->access == Access::domains) open.insert(name);
    EXPECT_THAT(open, ElementsAre("/audit/own", "/domain/list", "/trace")) << "these look at the caller themselves";
}

TEST_F(AuthorizationTest, ADomainAdministratorGetsNoFurther) {
    const Caller dora = caller("dora@a.test");
    EXPECT_EQ(status(dora, "/account/set", {{"address", "bo@b.test"}, {"enabled", false}}), 200U) << last_;
    EXPECT_EQ(status(dora, "/account/role", {{"address", "dora@a.test"}, {"role", "administrator"}}), 403U);
    EXPECT_EQ(status(dora, "/account/set", {{"address", "bo@b.test"}, {"role", "administrator"}}), 400U);
    for (const char* const address : {"\"x@b.test\"@a.test", "x@sub.b.test", "b.test", "@b.test", "x@b.test@a.test"})
        EXPECT_EQ(status(dora, "/account/add", {{"address", address}, {"password", "a good one"}}) == 200, false)
            << address;
    // Not through somebody who has more.
    give("boss@b.test", {RoleKind::administrator});
    for (const auto& [name, parameters] : std::map<std::string, json::object>{
             {"/account/password", {{"address", "Boss@b.test"}, {"password", "a good one"}}},
             {"/account/set", {{"address", "boss@b.test"}, {"enabled", false}}},
             {"/account/remove", {{"address", "boss@b.test"}}},
             {"/session/end", {{"address", "boss@b.test"}}}})
        EXPECT_EQ(status(dora, name, parameters), 403U) << name;
    // A removed account comes back without its role, and not somewhere else.
    ASSERT_TRUE(ask(Caller::local_root(), "/account/remove", {{"address", "boss@b.test"}}));
    EXPECT_EQ(status(dora, "/account/undelete", {{"address", "boss@b.test"}, {"as", "boss@a.test"}}), 403U);
    EXPECT_EQ(status(dora, "/account/undelete", {{"address", "boss@b.test"}}), 200U) << last_;
    EXPECT_EQ(ask(dora, "/account/show", {{"address", "boss@b.test"}})->at("role").as_string(), "user");
    const Answer domains = ask(dora, "/domain/list", {});
    ASSERT_EQ(domains->at("domains").as_array().size(), 1U);
    EXPECT_EQ(domains->at("domains").at(0).at("name").as_string(), "b.test");
}

TEST_F(AuthorizationTest, TheLastAdministratorStays) {
    const Caller root = caller("root@a.test");
    const auto ways =
        std::map<std::string, json::object>{{"/account/role", {{"address", "Root@a.test"}, {"role", "user"}}},
                                            {"/account/set", {{"address", "root@a.test"}, {"enabled", false}}},
                                            {"/account/remove", {{"address", "root@a.test"}}}};
    for (const auto& [name, parameters] : ways) {
        EXPECT_EQ(status(root, name, parameters), 409U) << name;
        EXPECT_THAT(last_, HasSubstr("the last administrator"));
    }
    // One who cannot sign in is none.
    give("other@a.test", {RoleKind::administrator});
    ASSERT_EQ(status(root, "/account/set", {{"address", "other@a.test"}, {"enabled", false}}), 200U) << last_;
    for (const auto& [name, parameters] : ways)
        EXPECT_EQ(status(root, name, parameters), 409U) << name;
    ASSERT_EQ(status(root, "/account/set", {{"address", "other@a.test"}, {"enabled", true}}), 200U);
    EXPECT_EQ(status(root, "/account/role", {{"address", "root@a.test"}, {"role", "user"}}), 200U) << last_;
    EXPECT_TRUE(ask(Caller::local_root(), "/account/remove", {{"address", "other@a.test"}})) << "who has the machine";
}

TEST_F(AuthorizationTest, EveryChangeIsInTheAuditLogWithoutSecrets) {
    const Caller root = caller("root@a.test");
    const json::object anna{{"address", "anna@a.test"}, {"password", "correct-horse"}, {"quota_bytes", 5}};
    ASSERT_EQ(status(root, "/account/add", anna), 200U) << last_;
    ASSERT_EQ(status(root, "/account/add", anna), 409U);
    ASSERT_EQ(status(caller("eve@a.test"), "/account/remove", {{"address", "anna@a.test"}}), 403U);
    ASSERT_EQ(status(caller("ulla@a.test"), "/account/remove", {{"address", "anna@a.test"}}), 403U);
    ASSERT_EQ(status(root, "/account/show", {{"address", "anna@a.test"}}), 200U);
    ASSERT_TRUE(ask(Caller::local_root(), "/account/import",
                    {{"entries", {{{"address", "x@a.test"}, {"password", "correct-horse"}}}}}));
    for (const char* const who : {"root@a.test", "ulla@a.test"}) { // the other one has no role
        const auto account = run(administration().account_at(directory::address(who))).value();
        run(admin_.note_sign_in({.account = account->id, .address = account->address}, "192.0.2.7"));
    }
    EXPECT_THAT(audit(), ElementsAre(R"(root@a.test sign-in {} 200)",
                                     R"(local root /account/import {"entries":["x@a.test"]} 200)",
                                     R"(eve@a.test /account/remove {"address":"anna@a.test"} 403)",
                                     R"(root@a.test /account/add {"address":"anna@a.test","quota_bytes":5} 409)",
                                     R"(root@a.test /account/add {"address":"anna@a.test","quota_bytes":5} 200)"));
    EXPECT_EQ(audit({{"account", "Anna@A.test"}}).size(), 3U);
    EXPECT_EQ(audit({{"operation", "import"}}).size(), 1U);
    EXPECT_THAT(audit({{"since", 9'000'000'000}}), IsEmpty());
    EXPECT_EQ(status(root, "/audit/list", {{"from", "nonsense"}}), 400U);

    // The owner sees it, nobody else's, and not from where.
    const Caller owner = caller("anna@a.test");
    EXPECT_EQ(audit({}, "/audit/own", owner).size(), 3U);
    EXPECT_THAT(audit({}, "/audit/own", caller("ulla@a.test")), IsEmpty());
    EXPECT_FALSE(ask(owner, "/audit/own", {})->at("rows").at(0).as_object().contains("from"));

    for (const auto& [name, operation] : all_operations())
        for (const Parameter& parameter : operation->parameters)
            EXPECT_TRUE((parameter.name != "password" && parameter.name != "hash") ||
                        parameter.kind == Parameter::Kind::secret)
                << name;
}

TEST_F(AuthorizationTest, NothingIsDoneThatCannotBeWrittenDown) {
    const auto count = [this] { return run(administration().list_accounts({}, "", 100)).value().items.size(); };
    const std::size_t before = count();
    engine_.fail(store::MemoryEngine::Call::commit, 1, store::ErrorCode::no_space);
    const Answer answer =
        ask(caller("root@a.test"), "/account/add", {{"address", "anna@a.test"}, {"password", "a good one"}});
    EXPECT_EQ(answer.error().status, 503U);
    EXPECT_THAT(answer.error().message, HasSubstr("nothing was done"));
    EXPECT_EQ(count(), before);
}

TEST_F(AuthorizationTest, MailThatSomebodyElseTakesIsWrittenDownOnce) {
    const Caller root = caller("root@a.test");
    const json::object inbox{{"address", "bo@b.test"}, {"mailbox", "INBOX"}};
    for (int times = 0; times < 3; ++times)
        EXPECT_EQ(status(root, "/mail/give", inbox), 200U) << last_;
    EXPECT_THAT(audit({}, "/audit/own", caller("bo@b.test")),
                ElementsAre(R"(root@a.test /mail/give {"address":"bo@b.test","mailbox":"INBOX"} 200)"));
}

class TraceTest : public AuthorizationTest {
protected:
    TraceTest() {
        record("submitted", {{"account", "bo@b.test"},
                             {"from", "bo@b.test"},
                             {"subject", "Plans"},
                             {"to", "ulla@a.test"},
                             {"to", "eve@a.test"},
                             {"to", "x@c.test"}});
        record("stored", {{"account", "ulla@a.test"}, {"mailbox", "Secret"}, {"uid", "1"}});
        record("stored", {{"account", "eve@a.test"}, {"mailbox", "INBOX"}, {"uid", "2"}});
        record("relayed", {{"to", "x@c.test"}, {"server", "mx.c.test"}});
        record("retrieved", {{"account", "ulla@a.test"}, {"client", "192.0.2.9"}});
    }

    void record(std::string kind, std::vector<store::JourneyField> fields) {
        std::vector<std::string> addresses;
        for (const store::JourneyField& field : fields)
            if (field.name == "to" || field.name == "account") addresses.push_back(field.value);
        journeys_.record({.journey = journey_,
                          .time = {},
                          .kind = std::move(kind),
                          .fields = std::move(fields),
                          .message_id = "1@b.test",
                          .addresses = std::move(addresses)});
    }

    /// What the caller sees: "kind field=value field=value".
    std::vector<std::string> seen(const Caller& who, std::string what = "<1@b.test>") {
        std::vector<std::string> all;
        const Answer answer = ask(who, "/trace", {{"what", std::move(what)}});
        EXPECT_TRUE(answer);
        if (!answer) return all;
        for (const json::value& event : answer->at("events").as_array()) {
            std::string line(event.at("kind").as_string());
            for (const json::value& field : event.at("fields").as_array())
                line += " " + std::string(field.at(0).as_string()) + "=" + std::string(field.at(1).as_string());
            all.push_back(std::move(line));
        }
        return all;
    }

    std::string journey_ = journeys_.new_journey();
};

TEST_F(TraceTest, EachSeesWhatIsTheirs) {
    const std::vector<std::string> sent{
        "submitted account=bo@b.test from=bo@b.test subject=Plans to=ulla@a.test to=eve@a.test to=x@c.test",
        "stored account=ulla@a.test", "stored account=eve@a.test", "relayed to=x@c.test server=mx.c.test"};
    EXPECT_EQ(seen(caller("bo@b.test")), sent);
    EXPECT_EQ(seen(caller("dora@a.test")), sent) << "it was sent from her domain";
    EXPECT_THAT(seen(caller("ulla@a.test")),
                ElementsAre("submitted account=bo@b.test from=bo@b.test subject=Plans to=ulla@a.test",
                            "stored account=ulla@a.test mailbox=Secret uid=1",
                            "retrieved account=ulla@a.test client=192.0.2.9"));
    EXPECT_THAT(seen(caller("boss@b.test")), IsEmpty());
    EXPECT_THAT(seen(caller("boss@b.test"), journey_), IsEmpty());
    EXPECT_THAT(seen(caller("boss@b.test"), "ulla@a.test"), IsEmpty());
    EXPECT_EQ(seen(caller("root@a.test")).size(), 5U);
    const std::vector<std::string> audited = seen(caller("eve@a.test"));
    EXPECT_EQ(audited.size(), 5U);
    EXPECT_FALSE(audited.front().contains("Plans"));
}

std::string line_about(const Operation& operation) {
    std::string line = fmt::format("- **`{}`** ({}", operation.name, to_string(operation.access));
    if (!operation.subject.empty()) line += fmt::format(", by `{}`", operation.subject);
    line += fmt::format("): {}.\n", operation.help);
    for (const Parameter& parameter : operation.parameters)
        line += fmt::format("  - `{}` ({}{}): {}\n", parameter.name, to_string(parameter.kind),
                            parameter.required ? ", required" : "", parameter.help);
    return line;
}

/// What docs/api.md says of operations is what their tables say.
TEST(ApiDocument, HasEveryOperation) {
    constexpr std::string_view kBegin = "<!-- The tables of src/admin begin. -->\n";
    constexpr std::string_view kEnd = "<!-- They end. -->";
    const auto document = disk::read_file(std::string(TEGAMI_SOURCE_DIR) + "/docs/api.md", 1 << 20);
    ASSERT_TRUE(document);
    const std::size_t begin = document->find(kBegin);
    const std::size_t end = document->find(kEnd);
    ASSERT_TRUE(begin != std::string::npos && end != std::string::npos);
    std::string expected;
    for (const auto& [name, operation] : all_operations())
        expected += line_about(*operation);
    EXPECT_EQ(document->substr(begin + kBegin.size(), end - begin - kBegin.size()), expected);
}

} // namespace
} // namespace tegami::admin
