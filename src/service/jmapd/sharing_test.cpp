// Mailboxes of anna's that ben sees over JMAP (RFC 8620 §1.6.2, RFC 9670): what he may do, and what he learns of the rest: nothing.
#include "service/jmapd/email_fixture.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/rights.h"

#include <algorithm>
#include <map>
#include <span>

namespace tegami::jmapd::testing {
namespace {

using store::Right;
using store::Rights;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Rights kWriting =
    store::kReading | Rights{Right::seen, Right::write, Right::insert, Right::mark, Right::expunge};

class SharingTest : public EmailTest {
protected:
    SharingTest() {
        ben_ = add_account("ben@b.test");
        team_ = run(annas()->create_mailbox("Work/Team")).value();
        shared_letter_ = append(note("shared"), {{.mailbox = team_, .flags = {}, .keywords = {}}});
        hidden_letter_ = append(note("hidden", "shared"));
    }

    void grant(Rights rights) { grant(rights, team_); }

    void grant(Rights rights, store::MailboxId mailbox) {
        ASSERT_TRUE(run(shares_.change(
            {.owner = annas(), .mailbox = mailbox, .changed_by = anna_, .grants = {{ben_, rights, Rights::all()}}})));
    }

    /// What ben hears: ACCOUNT is anna's, BEN his own; TEAM, INBOX, SHARED, HIDDEN are ids there.
    json::array as_ben(std::string calls) { return as("ben@b.test", std::move(calls)); }

    json::array as(std::string_view login, std::string calls) {
        const std::vector<std::pair<std::string_view, std::string>> names{{"BEN", id_of(ben_)},
                                                                          {"TEAM", id_of(team_)},
                                                                          {"INBOX", mailbox_id("INBOX")},
                                                                          {"SHARED", id_of(shared_letter_)},
                                                                          {"HIDDEN", id_of(hidden_letter_)}};
        for (const auto& [name, id] : names)
            for (std::size_t at = 0; (at = calls.find(name, at)) != std::string::npos;)
                calls.replace(at, name.size(), id);
        const Answer answer =
            post_api(in_quotes(fmt::format("{{'using':['urn:ietf:params:jmap:core','urn:ietf:params:jmap:mail',"
                                           "'urn:ietf:params:jmap:submission','urn:ietf:params:jmap:quota',"
                                           "'urn:ietf:params:jmap:blob','urn:ietf:params:jmap:mdn',"
                                           "'urn:ietf:params:jmap:principals','urn:ietf:params:jmap:mail:share'],"
                                           "'methodCalls':[{}]}}",
                                           calls)),
                     login);
        const json::value whole = answer.json();
        if (!whole.is_object() || !whole.as_object().contains("methodResponses")) {
            ADD_FAILURE() << answer.body;
            return {};
        }
        return whole.at("methodResponses").as_array();
    }

    /// The arguments of the one response, as text; "error: TYPE".
    std::string ben(std::string_view method, std::string_view arguments) {
        const json::value answer = ben_hears(method, arguments);
        return answer.is_string() ? std::string(answer.as_string()) : write_json(answer);
    }

    json::value ben_hears(std::string_view method, std::string_view arguments) {
        const json::array responses = as_ben(fmt::format("['{}',{{{}}},'a']", method, arguments));
        if (responses.empty()) return "nothing";
        const json::array& response = responses.front().as_array();
        if (response.at(0) == "error")
            return json::value("error: " + std::string(response.at(1).at("type").as_string()));
        return response.at(1);
    }

    json::value anna(std::string_view method, std::string_view arguments) {
        const json::array responses =
            as("anna@b.test", fmt::format("['{}',{{'accountId':'ACCOUNT',{}}},'a']", method, arguments));
        return responses.empty() ? json::value() : responses.front().as_array().at(1);
    }

    /// The type of the SetError of the one record, "done" if there is none.
    std::string set_outcome(std::string_view method, std::string_view arguments) {
        const json::value answer = ben_hears(method, arguments);
        if (answer.is_string()) return std::string(answer.as_string());
        for (const char* const name : {"notCreated", "notUpdated", "notDestroyed", "notCopied"}) {
            const json::value* const faults = answer.as_object().if_contains(name);
            if (faults != nullptr && faults->is_object() && !faults->get_object().empty())
                return std::string(faults->get_object().begin()->value().at("type").as_string());
        }
        return "done";
    }

    json::object session_of_ben() {
        const Answer answer = send("GET", "/jmap/session", {}, {}, "ben@b.test");
        return answer.json().as_object();
    }

    store::AccountId ben_;
    store::MailboxId team_;
    store::EmailId shared_letter_;
    store::EmailId hidden_letter_;
};

/// How a method ends for somebody who may do nothing, read, or write in the account.
struct Walk {
    std::string arguments;
    std::string none;
    std::string read;
    std::string write;
};

/// `ok` stands for an answer.
const std::map<std::string_view, Walk>& walks() {
    static const std::string kAccount = "'accountId':'ACCOUNT'";
    static const auto reading = [](const std::string& more) {
        return Walk{kAccount + more, "error: accountNotFound", "ok", "ok"};
    };
    static const auto writing = [](const std::string& more) {
        return Walk{kAccount + more, "error: accountNotFound", "error: accountReadOnly", "ok"};
    };
    static const auto own = [](const std::string& more) {
        return Walk{kAccount + more, "error: accountNotFound", "error: accountNotSupportedByMethod",
                    "error: accountNotSupportedByMethod"};
    };
    static const auto nobodys = [](const std::string& arguments) { return Walk{arguments, "ok", "ok", "ok"}; };
    static const std::string kNoState = ",'sinceState':'1'";
    static const std::string kNoQueryState = ",'sinceQueryState':'1'";
    static const auto without_state = [](const std::string& more) {
        return Walk{kAccount + more, "error: accountNotFound", "error: cannotCalculateChanges",
                    "error: cannotCalculateChanges"};
    };
    static const std::map<std::string_view, Walk> kWalks{
        {"Core/echo", nobodys("'a':1")},
        {"PushSubscription/get", nobodys("'ids':[]")},
        {"PushSubscription/set", nobodys("")},
        {"Blob/copy",
         {"'accountId':'BEN','fromAccountId':'ACCOUNT','blobIds':[]", "error: fromAccountNotFound", "ok", "ok"}},
        {"Blob/upload", writing(",'create':{}")},
        {"Blob/get", reading(",'ids':[]")},
        {"Blob/lookup", reading(",'ids':[],'typeNames':['Email']")},
        {"MDN/send", own(",'identityId':'I1','send':{}")},
        {"MDN/parse", own(",'blobIds':[]")},
        {"Quota/get", own(",'ids':null")},
        {"Quota/changes", own(kNoState)},
        {"Quota/query", own("")},
        {"Quota/queryChanges", own(kNoQueryState)},
        {"Email/get", reading(",'ids':['SHARED']")},
        {"Email/set", writing("")},
        {"Email/import", writing(",'emails':{}")},
        {"Email/parse", reading(",'blobIds':[]")},
        {"Email/copy",
         {"'accountId':'ACCOUNT','fromAccountId':'BEN','create':{}", "error: accountNotFound", "error: accountReadOnly",
          "ok"}},
        {"Email/changes", without_state(kNoState)},
        {"Email/query", reading("")},
        {"Email/queryChanges", without_state(kNoQueryState)},
        {"SearchSnippet/get", reading(",'emailIds':['SHARED'],'filter':{'text':'x'}")},
        {"Thread/get", reading(",'ids':[]")},
        {"Thread/changes", without_state(kNoState)},
        {"Principal/get", own(",'ids':null")},
        {"Principal/changes", own(kNoState)},
        {"Principal/query", own("")},
        {"Principal/queryChanges", own(kNoQueryState)},
        {"ShareNotification/get", own(",'ids':null")},
        {"ShareNotification/changes", own(kNoState)},
        {"ShareNotification/set", own("")},
        {"ShareNotification/query", own("")},
        {"ShareNotification/queryChanges", own(kNoQueryState)},
        {"Mailbox/get", reading(",'ids':null")},
        {"Mailbox/changes", without_state(kNoState)},
        {"Mailbox/query", reading("")},
        {"Mailbox/queryChanges", without_state(kNoQueryState)},
        {"Mailbox/set", writing("")},
        {"Identity/get", own(",'ids':null")},
        {"Identity/changes", own(kNoState)},
        {"Identity/set", own("")},
        {"EmailSubmission/get", own(",'ids':null")},
        {"EmailSubmission/changes", own(kNoState)},
        {"EmailSubmission/query", own("")},
        {"EmailSubmission/queryChanges", own(kNoQueryState)},
        {"EmailSubmission/set", own("")},
    };
    return kWalks;
}

TEST_F(SharingTest, every_method_looks_at_the_rights) {
    const auto outcome_of = [](const json::value& response) {
        const json::array& parts = response.as_array();
        return parts.at(0) == "error" ? "error: " + std::string(parts.at(1).at("type").as_string()) : "ok";
    };
    constexpr std::size_t kCallsAtOnce = 4;
    const std::span<const MethodEntry> methods = all_methods();
    for (const MethodEntry& method : methods)
        ASSERT_TRUE(walks().contains(method.name)) << method.name << " is not walked";
    for (const Rights rights : {Rights(), store::kReading, kWriting}) {
        grant(rights);
        for (std::size_t begin = 0; begin < methods.size(); begin += kCallsAtOnce) {
            const auto some = methods.subspan(begin, std::min(kCallsAtOnce, methods.size() - begin));
            std::string calls;
            for (const MethodEntry& method : some)
                calls += fmt::format("{}['{}',{{{}}},'a']", calls.empty() ? "" : ",", method.name,
                                     walks().at(method.name).arguments);
            const json::array responses = as_ben(calls);
            ASSERT_EQ(responses.size(), some.size());
            for (std::size_t at = 0; at < some.size(); ++at) {
                const Walk& walk = walks().at(some[at].name);
                const std::string& expected = rights.empty()              ? walk.none
                                              : rights == store::kReading ? walk.read
                                                                          : walk.write;
                EXPECT_EQ(outcome_of(responses.at(at)), expected) << some[at].name << " " << letters_of(rights);
            }
        }
    }
}

TEST_F(SharingTest, what_may_not_be_read_is_not_there) {
    grant(store::kReading);
    const std::string mailboxes =
        ben("Mailbox/get", "'accountId':'ACCOUNT','ids':null,'properties':['name','totalEmails']");
    EXPECT_THAT(mailboxes, HasSubstr(in_quotes("'name':'Team','totalEmails':1")));
    EXPECT_THAT(mailboxes, HasSubstr(in_quotes("'name':'Work','totalEmails':0")));
    EXPECT_THAT(mailboxes, Not(HasSubstr("INBOX")));
    const std::string emails = ben("Email/get", "'accountId':'ACCOUNT','ids':['SHARED','HIDDEN'],"
                                                "'properties':['mailboxIds','blobId','threadId']");
    EXPECT_THAT(emails, HasSubstr(in_quotes(fmt::format("'notFound':['{}']", id_of(hidden_letter_)))));
    const std::string thread = id_of(run(annas()->emails({shared_letter_})).value().front()->thread);
    EXPECT_THAT(ben("Thread/get", fmt::format("'accountId':'ACCOUNT','ids':['{}']", thread)),
                HasSubstr(in_quotes(fmt::format("'emailIds':['{}']", id_of(shared_letter_)))));
    EXPECT_THAT(ben("Email/query", "'accountId':'ACCOUNT'"),
                HasSubstr(in_quotes(fmt::format("'ids':['{}']", id_of(shared_letter_)))));
    EXPECT_EQ(ben("Email/query", "'accountId':'ACCOUNT','filter':{'inMailbox':'INBOX'}").find(id_of(hidden_letter_)),
              std::string::npos);
    // Blobs, also by an id that was learnt while it could be read.
    const auto download = [this](store::EmailId email) {
        const std::string path = fmt::format("/jmap/download/{}/B{}/x", id_of(anna_), email.value);
        return send("GET", path, {}, {}, "ben@b.test").status;
    };
    EXPECT_EQ(download(shared_letter_), 200u);
    EXPECT_EQ(download(hidden_letter_), 404u);
    grant({});
    EXPECT_EQ(download(shared_letter_), 404u);
}

TEST_F(SharingTest, states_say_nothing_of_hidden_mailboxes) {
    grant(store::kReading);
    const auto state = [this] {
        return std::string(ben_hears("Email/get", "'accountId':'ACCOUNT','ids':[]").at("state").as_string());
    };
    const std::string before = state();
    append(note("hidden too"));
    EXPECT_EQ(state(), before);
    const store::EmailId later = append(note("later"), {{.mailbox = team_, .flags = {}, .keywords = {}}});
    EXPECT_NE(state(), before);
    const std::string changes = ben("Email/changes", fmt::format("'accountId':'ACCOUNT','sinceState':'{}'", before));
    EXPECT_THAT(changes, HasSubstr(in_quotes(fmt::format("'created':['{}']", id_of(later)))));
    EXPECT_THAT(ben("Mailbox/changes", fmt::format("'accountId':'ACCOUNT','sinceState':'{}'", before)),
                HasSubstr(in_quotes(fmt::format("'updated':['{}']", id_of(team_)))));
    // Who sees something else begins anew.
    const std::string now = state();
    grant(store::kReading, mailbox("INBOX")->id);
    EXPECT_EQ(ben("Email/changes", fmt::format("'accountId':'ACCOUNT','sinceState':'{}'", now)),
              "error: cannotCalculateChanges");
}

TEST_F(SharingTest, the_session_lists_who_shares) {
    const std::string alone = std::string(session_of_ben().at("state").as_string());
    EXPECT_FALSE(session_of_ben().at("accounts").as_object().contains(id_of(anna_)));
    grant(store::kReading);
    const json::object session = session_of_ben();
    const json::object account = session.at("accounts").at(id_of(anna_)).as_object();
    EXPECT_EQ(account.at("name"), "anna@b.test");
    EXPECT_EQ(account.at("isPersonal"), false);
    EXPECT_EQ(account.at("isReadOnly"), true);
    EXPECT_NE(session.at("state"), json::value(alone));
    EXPECT_EQ(session.at("primaryAccounts").at("urn:ietf:params:jmap:mail"), json::value(id_of(ben_)));
    grant(kWriting);
    EXPECT_EQ(session_of_ben().at("accounts").at(id_of(anna_)).at("isReadOnly"), false);
    grant({});
    EXPECT_FALSE(session_of_ben().at("accounts").as_object().contains(id_of(anna_)));
}

TEST_F(SharingTest, each_right_allows_what_it_says) {
    const std::string update = "'accountId':'ACCOUNT','update':{'SHARED':";
    const auto allowed = [&](Rights rights, std::string_view method, const std::string& arguments) {
        grant(store::kReading | Rights{Right::insert});
        const std::string before = set_outcome(method, arguments);
        grant(store::kReading | Rights{Right::insert} | rights);
        return before + " " + set_outcome(method, arguments);
    };
    EXPECT_EQ(allowed({Right::seen}, "Email/set", update + "{'keywords/$seen':true}}"), "forbidden done");
    EXPECT_EQ(allowed({Right::write}, "Email/set", update + "{'keywords/$flagged':true}}"), "forbidden done");
    EXPECT_EQ(allowed({Right::write}, "Email/set", update + "{'keywords/work':true}}"), "forbidden done");
    EXPECT_EQ(allowed({Right::create}, "Mailbox/set",
                      "'accountId':'ACCOUNT','create':{'n':{'name':'Below','parentId':'TEAM'}}"),
              "forbidden done");
    EXPECT_EQ(allowed({Right::remove}, "Mailbox/set", "'accountId':'ACCOUNT','update':{'TEAM':{'name':'Crew'}}"),
              "forbidden done");
    EXPECT_EQ(allowed({Right::administer}, "Mailbox/set", "'accountId':'ACCOUNT','update':{'TEAM':{'sortOrder':7}}"),
              "forbidden done");
    EXPECT_EQ(allowed({Right::mark}, "Email/set", "'accountId':'ACCOUNT','destroy':['SHARED']"), "forbidden forbidden");
    EXPECT_EQ(allowed({Right::mark, Right::expunge}, "Email/set", "'accountId':'ACCOUNT','destroy':['SHARED']"),
              "forbidden done");
    EXPECT_EQ(set_outcome("Email/set", "'accountId':'ACCOUNT','destroy':['HIDDEN']"), "notFound");
    EXPECT_EQ(set_outcome("Mailbox/set", "'accountId':'ACCOUNT','create':{'n':{'name':'Top'}}"), "forbidden");
    EXPECT_EQ(set_outcome("Mailbox/set", "'accountId':'ACCOUNT','update':{'INBOX':{'name':'Mine'}}"), "notFound");
}

// RFC 4314 §4
TEST_F(SharingTest, flags_go_along_where_they_may_be_set) {
    const store::MailboxId other = run(annas()->create_mailbox("Other")).value();
    grant(kWriting);
    const auto add_to_other = [&](std::string_view id) {
        return set_outcome("Email/set", fmt::format("'accountId':'ACCOUNT','update':{{'{}':{{'mailboxIds/{}':true}}}}",
                                                    id, id_of(other)));
    };
    const Rights inserting = store::kReading | Rights{Right::insert};
    const auto outcomes = [&](Rights more, std::string_view id) {
        grant(inserting, other);
        const std::string before = add_to_other(id);
        grant(inserting | more, other);
        return before + " " + add_to_other(id);
    };
    const std::vector<store::Placement> read{{.mailbox = team_, .flags = {store::Flag::seen}, .keywords = {}}};
    const std::vector<store::Placement> marked{{.mailbox = team_, .flags = {}, .keywords = {"work"}}};
    EXPECT_EQ(outcomes({Right::seen}, id_of(append(note("read"), read))), "forbidden done");
    EXPECT_EQ(outcomes({Right::write}, id_of(append(note("marked"), marked))), "forbidden done");
    EXPECT_EQ(outcomes({}, "SHARED"), "done done");
}

TEST_F(SharingTest, letters_are_made_where_one_may_insert) {
    const std::string create = "'accountId':'ACCOUNT','create':{'n':{'mailboxIds':{'TEAM':true},'subject':'x'";
    grant(store::kReading | Rights{Right::seen});
    EXPECT_EQ(set_outcome("Email/set", create + "}}"), "forbidden");
    grant(store::kReading | Rights{Right::insert});
    EXPECT_EQ(set_outcome("Email/set", create + "}}"), "done");
    EXPECT_EQ(set_outcome("Email/set", create + ",'keywords':{'$seen':true}}}"), "forbidden");
    EXPECT_EQ(set_outcome("Email/set", "'accountId':'ACCOUNT','create':{'n':{'mailboxIds':{'INBOX':true}}}"),
              "invalidProperties");
}

TEST_F(SharingTest, letters_are_copied_from_one_account_to_the_other) {
    grant(kWriting);
    const std::string bens = id_of(account(ben_)->mailboxes()->find("INBOX")->id);
    const std::string copy = fmt::format("'fromAccountId':'ACCOUNT','accountId':'BEN','create':{{'n':{{'id':'SHARED',"
                                         "'mailboxIds':{{'{}':true}}}}}}",
                                         bens);
    EXPECT_EQ(set_outcome("Email/copy", copy), "done");
    EXPECT_EQ(account(ben_)->mailboxes()->find("INBOX")->messages, 1u);
    EXPECT_EQ(set_outcome("Email/copy", fmt::format("'fromAccountId':'ACCOUNT','accountId':'BEN','create':{{'n':{{'id':"
                                                    "'HIDDEN','mailboxIds':{{'{}':true}}}}}}",
                                                    bens)),
              "notFound");
    const json::array moved = as_ben("['Email/copy',{" + copy + ",'onSuccessDestroyOriginal':true},'a']");
    ASSERT_EQ(moved.size(), 2u);
    EXPECT_EQ(moved.at(1).at(0), "Email/set");
    EXPECT_EQ(mailbox("Work/Team")->messages, 0u);
    EXPECT_EQ(account(ben_)->mailboxes()->find("INBOX")->messages, 2u);
    EXPECT_EQ(set_outcome("Blob/copy", fmt::format("'fromAccountId':'ACCOUNT','accountId':'BEN','blobIds':['B{}']",
                                                   hidden_letter_.value)),
              "notFound");
}

TEST_F(SharingTest, the_owner_says_with_whom) {
    const std::string principal = principal_id(ben_, directory_->secret());
    const std::string update =
        fmt::format("'update':{{'{}':{{'shareWith':{{'{}':{{'mayReadItems':true,'maySetSeen':true}}}}}}}}",
                    id_of(team_), principal);
    EXPECT_THAT(write_json(anna("Mailbox/set", update)), HasSubstr("updated"));
    EXPECT_EQ(mailbox("Work/Team")->access, (store::AccessList{{ben_, store::kReading | Rights{Right::seen}}}));
    const json::value shown =
        anna("Mailbox/get", fmt::format("'ids':['{}'],'properties':['shareWith','myRights']", id_of(team_)));
    EXPECT_EQ(shown.at("list").as_array().at(0).at("shareWith").at(principal).at("maySetSeen"), true);
    EXPECT_EQ(shown.at("list").as_array().at(0).at("myRights").at("mayShare"), true);
    // Ben sees his rights, not the list; and cannot change it.
    const json::value bens =
        ben_hears("Mailbox/get", "'accountId':'ACCOUNT','ids':['TEAM']").at("list").as_array().at(0);
    EXPECT_EQ(bens.at("shareWith"), nullptr);
    EXPECT_EQ(bens.at("myRights").at("maySetSeen"), true);
    EXPECT_EQ(bens.at("myRights").at("mayAddItems"), false);
    EXPECT_EQ(set_outcome("Mailbox/set", fmt::format("'accountId':'ACCOUNT','update':{{'TEAM':{{'shareWith':{{'{}':"
                                                     "{{'mayShare':true}}}}}}}}",
                                                     principal)),
              "forbidden");
    // Who does not know of it sees none, and takes nothing away (RFC 8620 §1.8).
    EXPECT_FALSE(one("Mailbox/get", fmt::format("'ids':['{}']", id_of(team_)))
                     .at("list")
                     .as_array()
                     .at(0)
                     .as_object()
                     .contains("shareWith"));
    EXPECT_THAT(write_json(one("Mailbox/set", fmt::format("'update':{{'{}':{{'sortOrder':3}}}}", id_of(team_)))),
                HasSubstr("updated"));
    EXPECT_EQ(mailbox("Work/Team")->access.size(), 1u);
    // The same again changes nothing; null takes all away; a principal that is none is refused.
    EXPECT_THAT(write_json(anna("Mailbox/set", update)), HasSubstr("updated"));
    EXPECT_THAT(write_json(anna("Mailbox/set", fmt::format("'update':{{'{}':{{'shareWith':{{'P{}-00':{{}}}}}}}}",
                                                           id_of(team_), ben_.value))),
                HasSubstr("invalidProperties"));
    EXPECT_THAT(
        write_json(anna("Mailbox/set", fmt::format("'update':{{'{}':{{'shareWith':{{'{}':{{'mayReadItems':true}}}}}}}}",
                                                   id_of(team_), principal_id(anna_, directory_->secret())))),
        HasSubstr("invalidProperties"));
    EXPECT_THAT(write_json(anna("Mailbox/set", fmt::format("'update':{{'{}':{{'shareWith':null}}}}", id_of(team_)))),
                HasSubstr("updated"));
    EXPECT_TRUE(mailbox("Work/Team")->access.empty());
}

TEST_F(SharingTest, principals_are_found_by_their_whole_address_or_by_a_share) {
    const std::string bens = principal_id(ben_, directory_->secret());
    const std::string annas_id = principal_id(anna_, directory_->secret());
    const auto query = [this](std::string_view filter) {
        return write_json(ben_hears("Principal/query", fmt::format("'accountId':'BEN'{}", filter)).at("ids"));
    };
    EXPECT_EQ(query(""), in_quotes(fmt::format("['{}']", bens)));
    EXPECT_EQ(query(",'filter':{'email':'anna'}"), "[]");
    EXPECT_EQ(query(",'filter':{'email':'anna@b.test'}"), in_quotes(fmt::format("['{}']", annas_id)));
    EXPECT_THAT(ben("Principal/get", fmt::format("'accountId':'BEN','ids':['P{}']", anna_.value)),
                HasSubstr("\"list\":[]"));
    grant(store::kReading);
    EXPECT_EQ(query(",'filter':{'text':'anna'}"), in_quotes(fmt::format("['{}']", annas_id)));
    const json::value got = ben_hears("Principal/get", fmt::format("'accountId':'BEN','ids':['{}']", annas_id));
    EXPECT_EQ(got.at("list").as_array().at(0).at("email"), "anna@b.test");
    EXPECT_TRUE(got.at("list").as_array().at(0).at("accounts").as_object().contains(id_of(anna_)));
}

TEST_F(SharingTest, news_tell_what_has_changed) {
    grant(store::kReading);
    const json::value got = ben_hears("ShareNotification/get", "'accountId':'BEN','ids':null");
    const json::value& one = got.at("list").as_array().at(0);
    EXPECT_EQ(one.at("objectId"), json::value(id_of(team_)));
    EXPECT_EQ(one.at("objectAccountId"), json::value(id_of(anna_)));
    EXPECT_EQ(one.at("name"), "Team");
    EXPECT_EQ(one.at("oldRights"), nullptr);
    EXPECT_EQ(one.at("newRights").at("mayReadItems"), true);
    EXPECT_EQ(one.at("changedBy").at("email"), "anna@b.test");
    const std::string id(one.at("id").as_string());
    EXPECT_EQ(
        write_json(
            ben_hears("ShareNotification/query", "'accountId':'BEN','filter':{'objectType':'Mailbox'}").at("ids")),
        in_quotes(fmt::format("['{}']", id)));
    EXPECT_EQ(set_outcome("ShareNotification/set", "'accountId':'BEN','create':{'n':{}}"), "forbidden");
    EXPECT_EQ(set_outcome("ShareNotification/set", fmt::format("'accountId':'BEN','destroy':['{}']", id)), "done");
    EXPECT_THAT(ben("ShareNotification/get", "'accountId':'BEN','ids':null"), HasSubstr("\"list\":[]"));
    EXPECT_THAT(ben("ShareNotification/changes",
                    fmt::format("'accountId':'BEN','sinceState':'{}'", got.at("state").as_string().c_str())),
                HasSubstr(id));
}

TEST_F(SharingTest, uploads_go_where_something_may_be_changed) {
    const auto upload = [this] {
        return send("POST", fmt::format("/jmap/upload/{}/", id_of(anna_)), "Content-Type: text/plain\r\n", "octets",
                    "ben@b.test")
            .status;
    };
    EXPECT_EQ(upload(), 404u);
    grant(store::kReading);
    EXPECT_EQ(upload(), 403u);
    grant(kWriting);
    EXPECT_EQ(upload(), 201u);
}

} // namespace
} // namespace tegami::jmapd::testing
