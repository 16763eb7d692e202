// PushSubscription/* and what is pushed (RFC 8620 §7.2, RFC 8030, RFC 9749), to a push service that is a route of the same server.
#include "base/ascii.h"
#include "directory/records.h"
#include "protocol/web_push/vapid.h"
#include "service/jmapd/jmapd_fixture.h"

#include <fmt/format.h>

#include <set>

namespace tegami::jmapd::testing {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class PushTest : public JmapTest {
protected:
    struct Pushed {
        std::string target;
        net::HttpFields fields;
        std::string body;

        std::string field(std::string_view name) const { return std::string(fields.find(name).value_or("")); }
    };

    PushTest() : JmapTest(limits()) {
        resolver_.add("mail.b.test", "A", "192.0.2.2");
        resolver_.add("inside.test", "A", "10.0.0.1");
        routes_.add("POST", "/push/*", [this](net::HttpRequest* request, net::BodySource* body) {
            return take_push(this, request, body);
        });
        tasks_.spawn("web push", service_.pusher.run(&tasks_));
    }

    static Limits limits() {
        Limits limits = small_limits();
        limits.subscriptions_per_hour = 40;
        return limits;
    }

    static async::Awaitable<net::HttpResponse> take_push(PushTest* test, net::HttpRequest* request,
                                                         net::BodySource* body) {
        const auto octets = co_await net::read_whole(body, 10'000);
        test->pushed_.push_back({request->target, request->fields, octets.value_or("?")});
        if (test->slow_ != Duration::zero()) co_await async::sleep(&test->time_, test->slow_);
        net::HttpResponse response;
        response.status = test->status_;
        if (!test->retry_after_.empty()) response.fields.add("Retry-After", test->retry_after_);
        co_return response;
    }

    json::value set(std::string_view arguments, std::string_view who = {}) {
        return method("PushSubscription/set", arguments, who);
    }

    json::value list(std::string_view who = {}) { return method("PushSubscription/get", "'ids':null", who); }

    /// The arguments of the response, or its error; `who`: fields that say it, empty: anna by her password.
    json::value method(std::string_view name, std::string_view arguments, std::string_view who = {}) {
        const std::string body = in_quotes(fmt::format(
            "{{'using':['urn:ietf:params:jmap:core'],'methodCalls':[['{}',{{{}}},'a']]}}", name, arguments));
        const Answer answer = send("POST", "/jmap/api/", fmt::format("Content-Type: application/json\r\n{}", who), body,
                                   who.empty() ? "anna@b.test" : "");
        EXPECT_EQ(answer.status, 200U) << answer.body;
        const json::value whole = answer.json();
        const json::array& response = whole.at("methodResponses").at(0).as_array();
        if (response.at(0) == "error") return json::value("error: " + text_of_fault(response.at(1).as_object()));
        return response.at(1);
    }

    static std::string described(std::string_view more = {}, std::string_view url = "https://mail.b.test/push/1") {
        return fmt::format("'create':{{'k':{{'deviceClientId':'d1','url':'{}'{}{}}}}}", url, more.empty() ? "" : ",",
                           more);
    }

    /// The id, or the fault.
    std::string create(std::string_view more = {}, std::string_view url = "https://mail.b.test/push/1",
                       std::string_view who = {}) {
        const json::value answer = set(described(more, url), who);
        if (const auto* const created = answer.at("created").if_object())
            return std::string(created->at("k").at("id").as_string());
        return text_of_fault(answer.at("notCreated").at("k").as_object());
    }

    std::string update(std::string_view id, std::string_view patch, std::string_view who = {}) {
        const json::value answer = set(fmt::format("'update':{{'{}':{{{}}}}}", id, patch), who);
        if (const auto* const updated = answer.at("updated").if_object()) return write_json(updated->begin()->value());
        return text_of_fault(answer.at("notUpdated").as_object().begin()->value().as_object());
    }

    std::string code_in(const Pushed& pushed) {
        const auto body = read_json(pushed.body, 4);
        EXPECT_TRUE(body && body->at("@type") == "PushVerification") << pushed.body;
        return body ? std::string(body->at("verificationCode").as_string()) : "";
    }

    /// One that is verified, with its last push taken away.
    std::string verified(std::string_view more = {}, std::string_view who = {}) {
        const std::string id = create(more, "https://mail.b.test/push/1", who);
        pass(seconds(1));
        EXPECT_THAT(pushed_, SizeIs(1));
        if (pushed_.empty()) return id;
        EXPECT_EQ(update(id, fmt::format("'verificationCode':'{}'", code_in(pushed_.front())), who), "null");
        pass(seconds(1));
        pushed_.clear();
        return id;
    }

    void pass(Duration time) { run(pause(time)); }

    void change_mailbox() { EXPECT_TRUE(run(annas()->create_mailbox(fmt::format("made {}", ++made_)))); }

    std::string change_of(std::string_view types) {
        const std::string now = state_of(annas()->mailboxes()->version());
        std::string states;
        for (const std::string_view type : ascii::split(types, ' '))
            states += fmt::format("{}'{}':'{}'", states.empty() ? "" : ",", type, now);
        return in_quotes("{'@type':'StateChange','changed':{'ACCOUNT':{" + states + "}}}");
    }

    std::vector<directory::PushSubscription> kept() {
        return run(directory_->push_subscriptions().list(anna_)).value();
    }

    std::string row() {
        const store::Domain shard{.kind = store::DomainKind::directory, .id = 0};
        return run(engine_.get(shard, directory::records::push_subscriptions_key(anna_))).value().value_or("");
    }

    std::vector<Pushed> pushed_;
    unsigned status_ = 201;
    std::string retry_after_;
    Duration slow_{};
    int made_ = 0;
};

TEST_F(PushTest, NothingIsPushedBeforeTheCodeIsShown) {
    const json::value answer = set(described());
    const json::object& made = answer.at("created").at("k").as_object();
    EXPECT_EQ(made.at("keys"), nullptr);
    EXPECT_EQ(made.at("types"), nullptr);
    EXPECT_TRUE(made.at("expires").is_string());
    EXPECT_FALSE(made.contains("url") || made.contains("deviceClientId"));
    EXPECT_FALSE(answer.as_object().contains("accountId") || answer.as_object().contains("newState"));
    const std::string id(made.at("id").as_string());
    pass(seconds(1));
    ASSERT_THAT(pushed_, SizeIs(1));
    EXPECT_EQ(pushed_[0].target, "/push/1");
    EXPECT_EQ(pushed_[0].field("Content-Type"), "application/json");
    EXPECT_EQ(pushed_[0].field("TTL"), "86400");
    EXPECT_EQ(read_json(pushed_[0].body, 4)->at("pushSubscriptionId"), json::string(id));
    change_mailbox();
    pass(minutes(10));
    EXPECT_THAT(pushed_, SizeIs(1));
    EXPECT_EQ(update(id, "'verificationCode':'wrong'"), "invalidProperties verificationCode");
    EXPECT_EQ(list().at("list").at(0).at("verificationCode"), nullptr);
    const std::string code = code_in(pushed_[0]);
    EXPECT_EQ(code.size(), 32U);
    EXPECT_EQ(update(id, fmt::format("'verificationCode':'{}'", code)), "null");
    EXPECT_EQ(list().at("list").at(0).at("verificationCode"), json::string(code));
    EXPECT_EQ(update(id, "'verificationCode':null"), "invalidProperties verificationCode");
    change_mailbox();
    pass(seconds(1));
    ASSERT_THAT(pushed_, SizeIs(2));
    EXPECT_EQ(pushed_[1].body, change_of("Mailbox"));
    EXPECT_EQ(pushed_[1].field("Urgency"), "low");
    EXPECT_THAT(pushed_[1].field("Topic"), SizeIs(32));
}

TEST_F(PushTest, EachPushSaysWhoSendsIt) {
    const std::string key = web_push::application_server_key(service_.with.push.key);
    EXPECT_EQ(get("/jmap/session").json().at("capabilities").at("urn:ietf:params:jmap:webpush-vapid"),
              from("{'applicationServerKey':'" + key + "'}"));
    create();
    pass(seconds(1));
    ASSERT_THAT(pushed_, SizeIs(1));
    const std::string said = pushed_[0].field("Authorization");
    EXPECT_THAT(said, StartsWith("vapid t="));
    EXPECT_THAT(said, HasSubstr(", k=" + key));
    const std::string_view claims = std::string_view(said).substr(said.find('.') + 1);
    const auto body = read_json(base64::decode_url(claims.substr(0, claims.find('.'))).value(), 2);
    EXPECT_EQ(body->at("aud"), "https://mail.b.test");
    EXPECT_EQ(body->at("sub"), json::string(kBase));
    const auto day = std::chrono::duration_cast<seconds>((time_.now() + days(1)).time_since_epoch()).count();
    EXPECT_LT(body->at("exp").to_number<std::int64_t>(), day);
}

TEST_F(PushTest, WithKeysThePushServiceReadsNothing) {
    const p256::Key browser = p256::Key::make();
    create(fmt::format("'keys':{{'p256dh':'{}','auth':'{}'}}", base64::encode_url(browser.public_octets()),
                       base64::encode_url(std::string(16, 's'))));
    pass(seconds(1));
    ASSERT_THAT(pushed_, SizeIs(1));
    EXPECT_EQ(pushed_[0].field("Content-Encoding"), "aes128gcm");
    EXPECT_THAT(pushed_[0].body, Not(HasSubstr("PushVerification")));
    // RFC 8188 §2.1: salt, record size, and the key that was made for this message.
    EXPECT_EQ(pushed_[0].body.substr(16, 5), std::string("\0\0\x10\0\x41", 5));
    EXPECT_TRUE(p256::is_public_key(std::string_view(pushed_[0].body).substr(21, 65)));
}

TEST_F(PushTest, WhatIsNoSubscriptionIsNotMade) {
    EXPECT_EQ(create("", "http://mail.b.test/push/1"), "invalidProperties url");
    EXPECT_EQ(create("", "https://mail.b.test:8443/push/1"), "invalidProperties url");
    EXPECT_EQ(create("", "https://127.0.0.1/push/1"), "invalidProperties url");
    EXPECT_EQ(create("", "https://mail.b.test/" + std::string(2100, 'a')), "invalidProperties url");
    EXPECT_EQ(create("'verificationCode':'mine'"), "invalidProperties verificationCode");
    EXPECT_EQ(create("'id':'mine','other':1"), "invalidProperties id,other");
    EXPECT_EQ(create("'expires':'2001-01-01T00:00:00Z'"), "invalidProperties expires");
    EXPECT_EQ(create("'types':'Email'"), "invalidProperties types");
    EXPECT_EQ(create("'types':[1]"), "invalidProperties types");
    EXPECT_EQ(create("'keys':{'p256dh':'AAAA','auth':'AAAA'}"), "invalidProperties keys");
    EXPECT_EQ(create("'keys':{}"), "invalidProperties keys");
    const json::value nameless = set("'create':{'k':{'url':'https://mail.b.test/push/1'}}");
    EXPECT_EQ(text_of_fault(nameless.at("notCreated").at("k").as_object()), "invalidProperties deviceClientId");
    pass(minutes(1));
    EXPECT_THAT(pushed_, IsEmpty());
    EXPECT_EQ(row(), "");
}

TEST_F(PushTest, ArgumentsAreThoseOfNoAccount) {
    EXPECT_EQ(method("PushSubscription/get", "'accountId':'ACCOUNT'"), "error: invalidArguments accountId");
    EXPECT_EQ(set("'ifInState':'1'"), "error: invalidArguments ifInState");
    EXPECT_EQ(method("PushSubscription/get", "'properties':['url']"), "error: forbidden");
    EXPECT_EQ(method("PushSubscription/get", "'properties':['id','keys']"), "error: forbidden");
    EXPECT_EQ(method("PushSubscription/get", "'properties':['other']"), "error: invalidArguments properties");
    const std::string id = create();
    const json::value got = method("PushSubscription/get", "'ids':['" + id + "','none'],'properties':['types']");
    EXPECT_EQ(got, from("{'list':[{'id':'" + id + "','types':null}],'notFound':['none']}"));
    const json::value gone = set("'update':{'" + id + "':{}},'destroy':['" + id + "','none']");
    EXPECT_EQ(gone.at("destroyed"), from("['" + id + "']"));
    EXPECT_EQ(gone.at("notDestroyed").at("none").at("type"), "notFound");
    EXPECT_EQ(update("none", ""), "notFound");
    EXPECT_EQ(gone.at("notUpdated").at(id).at("type"), "willDestroy");
    EXPECT_EQ(row(), "");
}

TEST_F(PushTest, OnlyTheTypesAskedForArePushed) {
    const std::string id = verified("'types':['Thread','Other']");
    change_mailbox();
    pass(minutes(1));
    EXPECT_THAT(pushed_, IsEmpty());
    EXPECT_EQ(update(id, "'types':['Mailbox']"), "null");
    change_mailbox();
    pass(seconds(1));
    ASSERT_THAT(pushed_, SizeIs(1));
    EXPECT_EQ(pushed_[0].body, change_of("Mailbox"));
    EXPECT_EQ(update(id, "'url':'https://mail.b.test/push/2'"), "invalidProperties url");
    EXPECT_EQ(update(id, "'deviceClientId':'d2'"), "invalidProperties deviceClientId");
}

TEST_F(PushTest, MuchThatChangesAtOnceIsOnePush) {
    verified();
    change_mailbox();
    pass(seconds(1));
    EXPECT_THAT(pushed_, SizeIs(1));
    for (int time = 0; time < 20; ++time)
        change_mailbox();
    pass(seconds(2));
    EXPECT_THAT(pushed_, SizeIs(1));
    pass(seconds(5));
    ASSERT_THAT(pushed_, SizeIs(2));
    EXPECT_EQ(pushed_[1].body, change_of("Mailbox"));
    EXPECT_EQ(pushed_[1].field("Topic"), pushed_[0].field("Topic")) << "the newest takes the place of the one before";
}

// RFC 8620 §7.1
TEST_F(PushTest, AccountsThatShareSomethingAreToldOf) {
    const store::AccountId ben = add_account("ben@b.test");
    share(ben, "INBOX");
    pass(seconds(10));
    verified("'types':['Mailbox']");
    append_to(ben, "INBOX");
    pass(seconds(10));
    ASSERT_THAT(pushed_, SizeIs(1));
    EXPECT_EQ(pushed_[0].body, in_quotes(fmt::format("{{'@type':'StateChange','changed':{{'{}':{{'Mailbox':'{}'}}}}}}",
                                                     id_of(ben), state_of_shared(ben))));
    change_mailbox();
    pass(seconds(10));
    ASSERT_THAT(pushed_, SizeIs(2));
    EXPECT_EQ(pushed_[1].body, change_of("Mailbox"));
    EXPECT_NE(pushed_[1].field("Topic"), pushed_[0].field("Topic")) << "one does not say what the other says";
}

TEST_F(PushTest, OneOfManyAccountsWaitsForTheNextPush) {
    verified("'types':['Mailbox']");
    for (int number = 0; number < 23; ++number)
        share(add_account(fmt::format("ben{}@b.test", number)), "INBOX");
    pass(minutes(1));
    std::set<std::string> told;
    for (const Pushed& each : pushed_) {
        const json::object changed = read_json(each.body, 4)->at("changed").as_object();
        EXPECT_LE(changed.size(), 20U) << "a push has no room for more";
        for (const auto& account : changed)
            told.emplace(account.key());
    }
    EXPECT_THAT(told, SizeIs(23));
    EXPECT_THAT(pushed_, SizeIs(::testing::Ge(2U)));
}

TEST_F(PushTest, APushServiceThatFailsIsAskedLessOften) {
    const std::string id = verified();
    status_ = 503;
    change_mailbox();
    pass(seconds(1));
    EXPECT_THAT(pushed_, SizeIs(1));
    pass(seconds(20));
    EXPECT_THAT(pushed_, SizeIs(1));
    pass(seconds(20));
    EXPECT_THAT(pushed_, SizeIs(2));
    status_ = 429;
    retry_after_ = "1000";
    change_mailbox();
    pass(seconds(70));
    EXPECT_THAT(pushed_, SizeIs(3));
    status_ = 201;
    pass(seconds(900));
    EXPECT_THAT(pushed_, SizeIs(3));
    pass(seconds(200));
    ASSERT_THAT(pushed_, SizeIs(4));
    EXPECT_EQ(pushed_[3].body, change_of("Mailbox")) << "the newest state alone";
    pass(hours(1));
    EXPECT_THAT(pushed_, SizeIs(4)) << "nothing else waits";
    EXPECT_THAT(kept(), SizeIs(1));
}

TEST_F(PushTest, WhatThePushServiceDoesNotKnowAnyMoreEnds) {
    verified();
    EXPECT_THAT(row(), HasSubstr("https://mail.b.test/push/1"));
    status_ = 410;
    change_mailbox();
    pass(seconds(1));
    EXPECT_THAT(pushed_, SizeIs(1));
    EXPECT_EQ(row(), "");
    EXPECT_THAT(list().at("list").as_array(), IsEmpty());
    change_mailbox();
    pass(minutes(10));
    EXPECT_THAT(pushed_, SizeIs(1));
}

TEST_F(PushTest, ACodeThatCannotBeBroughtIsTriedAFewTimes) {
    status_ = 500;
    create();
    pass(hours(12));
    EXPECT_THAT(pushed_, SizeIs(6));
    EXPECT_EQ(row(), "");
}

TEST_F(PushTest, ItEndsAtItsTime) {
    const std::string id = verified();
    EXPECT_EQ(kept().at(0).expires, std::chrono::floor<seconds>(kept().at(0).expires));
    const json::value far = set("'update':{'" + id + "':{'expires':'2999-01-01T00:00:00Z'}}");
    const json::value& told = far.at("updated").at(id).at("expires");
    EXPECT_EQ(told, list().at("list").at(0).at("expires"));
    EXPECT_LE(kept().at(0).expires, time_.now() + days(90));
    EXPECT_EQ(update(id, "'expires':'2001-01-01T00:00:00Z'"), "invalidProperties expires");
    pass(days(91));
    EXPECT_EQ(row(), "") << "its address is forgotten, though nobody has asked";
    change_mailbox();
    pass(minutes(1));
    EXPECT_THAT(pushed_, IsEmpty());
}

TEST_F(PushTest, ItBelongsToWhatItWasMadeWith) {
    const std::string browser = cookie_line(begin_web_session()) + fmt::format("Origin: {}\r\n", kBase);
    const std::string of_browser = verified("", browser);
    EXPECT_THAT(list().at("list").as_array(), IsEmpty());
    EXPECT_EQ(update(of_browser, "'types':null"), "notFound");
    EXPECT_THAT(list(browser).at("list").as_array(), SizeIs(1));
    const std::string of_password = create();
    EXPECT_THAT(list().at("list").as_array(), SizeIs(1));
    pass(seconds(1));
    pushed_.clear();
    EXPECT_EQ(run(directory_->web_sessions().end(anna_, "")).value(), 1U);
    pass(seconds(1));
    EXPECT_THAT(row(), Not(HasSubstr(of_browser))) << "at once, though nothing has changed";
    change_mailbox();
    pass(seconds(1));
    EXPECT_THAT(pushed_, IsEmpty());
    ASSERT_TRUE(run(directory_->administration().set_password(tegami::testing::address("anna@b.test"), "another one")));
    pass(seconds(1));
    EXPECT_EQ(row(), "");
}

TEST_F(PushTest, AnAppPasswordsSubscriptionOutlivesTheAccountsPassword) {
    const auto made =
        run(directory_->app_passwords().add(tegami::testing::address("anna@b.test"), {.name = "phone"})).value();
    const std::string who = basic("anna@b.test", made.secret);
    verified("", who);
    ASSERT_TRUE(run(directory_->administration().set_password(tegami::testing::address("anna@b.test"), "another one")));
    pass(seconds(1));
    change_mailbox();
    pass(seconds(1));
    EXPECT_THAT(pushed_, SizeIs(1));
    EXPECT_TRUE(run(directory_->app_passwords().remove(anna_, made.password.id)).value());
    pass(seconds(1));
    EXPECT_EQ(row(), "");
}

TEST_F(PushTest, AnAccountHasNotTooMany) {
    for (std::size_t number = 0; number < directory::kPushSubscriptionsMax; ++number)
        EXPECT_THAT(create(), SizeIs(16));
    EXPECT_EQ(create(), "overQuota");
    EXPECT_EQ(create("'types':1"), "invalidProperties types") << "what is malformed counts for nothing";
    for (int number = 0; number < 7; ++number)
        EXPECT_EQ(create(), "overQuota");
    EXPECT_EQ(create(), "rateLimit");
}

TEST_F(PushTest, ASlowPushServiceKeepsNobodyWaiting) {
    verified();
    slow_ = minutes(1);
    change_mailbox();
    pass(seconds(1));
    ASSERT_THAT(pushed_, SizeIs(1));
    slow_ = {};
    create("", "https://mail.b.test/push/2");
    pass(seconds(1));
    ASSERT_THAT(pushed_, SizeIs(2));
    EXPECT_EQ(pushed_[1].target, "/push/2");
    pass(minutes(2));
    EXPECT_EQ(pushed_.back().body, change_of("Mailbox")) << "the one that took too long is told again";
}

TEST_F(PushTest, ThoseThatWereThereAreLookedAfterAgain) {
    verified();
    create("", "https://mail.b.test/push/2");
    pass(seconds(1));
    pushed_.clear();
    Pusher restarted({.push = service_.with.push,
                      .store = store_,
                      .shares = shares_,
                      .timers = time_,
                      .random = time_.random(),
                      .log = log_,
                      .contact = std::string(kBase)});
    async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    run(restarted.run(&group));
    pass(seconds(1));
    EXPECT_THAT(pushed_, IsEmpty()) << "a code is sent once";
    change_mailbox();
    pass(seconds(1));
    EXPECT_THAT(pushed_, SizeIs(2)) << "by the first and by the second";
    group.cancel();
    run(group.join());
}

} // namespace
} // namespace tegami::jmapd::testing
