// Mailbox/* (RFC 8621 §2) against the store that IMAP uses.
#include "service/jmapd/jmapd_fixture.h"

#include <fmt/format.h>

#include <set>

namespace tegami::jmapd::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MailboxTest : public JmapTest {
protected:
    /// Letters in a mailbox, each a conversation of its own, with these flags.
    void append(std::string_view name, std::vector<store::Flags> flags) {
        std::vector<store::NewMessage> messages;
        for (const store::Flags& one : flags) {
            const auto blob = store_.new_blob();
            EXPECT_TRUE(run(blob->append("Subject: x\r\n\r\n")));
            store::NewMessage message;
            message.blob = run(blob->finish({}, {})).value();
            message.placements = {{.mailbox = mailbox(name)->id, .flags = one, .keywords = {}}};
            message.internal_date = time_.now();
            messages.push_back(std::move(message));
        }
        EXPECT_TRUE(run(annas()->append(std::move(messages))));
    }

    std::string state() { return state_of(annas()->mailboxes()->version()); }

    /// The new id.
    std::string create(std::string_view properties) {
        const json::value answer = one("Mailbox/set", fmt::format("'create':{{'k':{}}}", properties));
        if (!answer.is_object()) return "no answer";
        if (const auto* const created = answer.at("created").if_object())
            return std::string(created->at("k").at("id").as_string());
        return text_of_fault(answer.at("notCreated").at("k").as_object());
    }

    /// "updated", or the error.
    std::string update(std::string_view id, std::string_view patch) {
        const json::value answer = one("Mailbox/set", fmt::format("'update':{{'{}':{}}}", id, patch));
        if (!answer.is_object()) return std::string(answer.as_string());
        if (answer.at("updated").is_object()) return "updated";
        return text_of_fault(answer.at("notUpdated").as_object().begin()->value().as_object());
    }

    std::string destroy(std::string_view id, std::string_view more = {}) {
        const json::value answer = one("Mailbox/set", fmt::format("'destroy':['{}']{}", id, more));
        if (!answer.is_object()) return std::string(answer.as_string());
        if (answer.at("destroyed").is_array()) return "destroyed";
        return text_of_fault(answer.at("notDestroyed").as_object().begin()->value().as_object());
    }

    /// The names in a query's order.
    std::string query(std::string_view arguments) {
        const json::value answer = one("Mailbox/query", arguments);
        if (!answer.is_object()) return std::string(answer.as_string());
        std::string names;
        for (const json::value& id : answer.at("ids").as_array())
            names += (names.empty() ? "" : " ") +
                     annas()->mailboxes()->find(*parse_mailbox_id(std::string(id.as_string())))->name;
        return names;
    }
};

TEST_F(MailboxTest, GetShowsEverythingOfAMailbox) {
    append("INBOX", {{}, {store::Flag::seen}, {store::Flag::draft}, {store::Flag::deleted}});
    const json::value answer = one("Mailbox/get", "'ids':['" + mailbox_id("INBOX") + "']");
    EXPECT_EQ(answer.at("state"), json::string(state()));
    EXPECT_EQ(answer.at("list").at(0),
              from("{'id':'" + mailbox_id("INBOX") +
                   "','name':'INBOX','parentId':null,'role':'inbox','sortOrder':0,'totalEmails':3,'unreadEmails':1,"
                   "'totalThreads':3,'unreadThreads':1,'myRights':{'mayReadItems':true,'mayAddItems':true,"
                   "'mayRemoveItems':true,'maySetSeen':true,'maySetKeywords':true,'mayCreateChild':true,"
                   "'mayRename':false,'mayDelete':false,'maySubmit':true},'isSubscribed':true}"));
    EXPECT_EQ(one("Mailbox/get", "").at("list").as_array().size(), 6U);
    EXPECT_EQ(one("Mailbox/get", "'ids':[]").at("list").as_array().size(), 0U);
}

// web-face statement 23
TEST_F(MailboxTest, GetTakesOnlyWhatThereIs) {
    const std::string inbox = mailbox_id("INBOX");
    const json::value some =
        one("Mailbox/get", "'ids':['" + inbox + "','F99','x','" + inbox + "'],'properties':['name','role']");
    EXPECT_EQ(some.at("list"), from("[{'id':'" + inbox + "','name':'INBOX','role':'inbox'}]"));
    EXPECT_EQ(some.at("notFound"), from("['F99','x']"));
    EXPECT_EQ(one("Mailbox/get", "'properties':['size']"), "error: invalidArguments properties");
    EXPECT_EQ(one("Mailbox/get", "'ids':'F1'"), "error: invalidArguments ids");
    EXPECT_EQ(one("Mailbox/get", "'all':true"), "error: invalidArguments all");
    std::string many;
    for (int number = 0; number < 21; ++number)
        many += fmt::format("{}'F{}'", many.empty() ? "" : ",", number);
    EXPECT_EQ(one("Mailbox/get", "'ids':[" + many + "]"), "error: requestTooLarge");
    EXPECT_EQ(call("['Mailbox/get',{'accountId':'A99'},'a']"),
              from("[['error',{'type':'accountNotFound'},'a']]").as_array());
}

// web-face statements 2 to 4
TEST_F(MailboxTest, ChangesLeadFromAnyStateToThePresent) {
    const std::string begun = state();
    EXPECT_EQ(one("Mailbox/changes", "'sinceState':'" + begun + "'"),
              from("{'accountId':'ACCOUNT','oldState':'" + begun + "','newState':'" + begun +
                   "','hasMoreChanges':false,'created':[],'updated':[],'destroyed':[],'updatedProperties':null}"));
    append("INBOX", {{}});
    const json::value counted = one("Mailbox/changes", "'sinceState':'" + begun + "'");
    EXPECT_EQ(counted.at("updated"), from("['" + mailbox_id("INBOX") + "']"));
    EXPECT_EQ(counted.at("updatedProperties"), from("['totalEmails','unreadEmails','totalThreads','unreadThreads']"));
    EXPECT_EQ(counted.at("newState"), one("Mailbox/get", "'ids':[]").at("state"));
    const std::string made = create("{'name':'A'}");
    const std::string gone = create("{'name':'B'}");
    const std::string between = state();
    EXPECT_EQ(destroy(gone), "destroyed");
    EXPECT_EQ(update(mailbox_id("Sent"), "{'sortOrder':3}"), "updated");
    const json::value all = one("Mailbox/changes", "'sinceState':'" + begun + "'");
    EXPECT_EQ(all.at("created"), from("['" + made + "']"));
    EXPECT_EQ(all.at("destroyed"), from("[]")) << "what came and went in between is in none";
    EXPECT_EQ(all.at("updatedProperties"), nullptr);
    EXPECT_EQ(one("Mailbox/changes", "'sinceState':'" + between + "'").at("destroyed"), from("['" + gone + "']"));

    std::string at = begun;
    std::set<std::string> seen;
    for (bool more = true; more;) {
        const json::value some = one("Mailbox/changes", "'sinceState':'" + at + "','maxChanges':1");
        ASSERT_TRUE(some.is_object());
        std::size_t count = 0;
        for (const char* const list : {"created", "updated", "destroyed"})
            for (const json::value& id : some.at(list).as_array()) {
                seen.insert(std::string(id.as_string()));
                ++count;
            }
        EXPECT_LE(count, 1U);
        at = std::string(some.at("newState").as_string());
        more = some.at("hasMoreChanges").as_bool();
    }
    EXPECT_EQ(at, state());
    EXPECT_EQ(seen, (std::set<std::string>{made, mailbox_id("INBOX"), mailbox_id("Sent")}));
}

TEST_F(MailboxTest, StatesThatWereNeverGivenLeadNowhere) {
    for (const char* const unknown : {"999999", "x", "", "01", "-1", "1-2", "1-999999-3", "5-2-0", "1-2-x"})
        EXPECT_EQ(one("Mailbox/changes", fmt::format("'sinceState':'{}'", unknown)), "error: cannotCalculateChanges")
            << unknown;
    EXPECT_EQ(one("Mailbox/changes", "'sinceState':3"), "error: invalidArguments sinceState");
    EXPECT_EQ(one("Mailbox/changes", ""), "error: invalidArguments sinceState");
    for (const char* const most : {"0", "-1", "1.5", "'1'"})
        EXPECT_EQ(one("Mailbox/changes", fmt::format("'sinceState':'1','maxChanges':{}", most)),
                  "error: invalidArguments maxChanges")
            << most;
    EXPECT_EQ(one("Mailbox/queryChanges", "'sinceQueryState':'999999'"), "error: cannotCalculateChanges");
}

TEST_F(MailboxTest, QueriesFilterAndSort) {
    create("{'name':'b'}");
    const std::string upper = create("{'name':'A','isSubscribed':false,'sortOrder':5}");
    create("{'name':'z','parentId':'" + upper + "'}");
    EXPECT_EQ(query("'filter':{'hasAnyRole':false},'sort':[{'property':'name'}]"), "A b A/z");
    EXPECT_EQ(query("'filter':{'hasAnyRole':false},'sort':[{'property':'name','isAscending':false}]"), "A/z b A");
    EXPECT_EQ(query("'filter':{'hasAnyRole':false},'sort':[{'property':'sortOrder'},{'property':'name'}]"), "b A/z A");
    EXPECT_EQ(query("'filter':{'hasAnyRole':false},'sortAsTree':true,'sort':[{'property':'name'}]"), "A A/z b");
    EXPECT_EQ(query("'filter':{'parentId':'" + upper + "'}"), "A/z");
    EXPECT_EQ(query("'filter':{'parentId':null,'role':null},'sort':[{'property':'name'}]"), "A b");
    EXPECT_EQ(query("'filter':{'role':'trash'}"), "Trash");
    EXPECT_EQ(query("'filter':{'name':'RA'},'sort':[{'property':'name'}]"), "Drafts Trash");
    EXPECT_EQ(query("'filter':{'isSubscribed':false}"), "A");
    EXPECT_EQ(query("'filter':{'operator':'NOT','conditions':[{'hasAnyRole':true},{'name':'z'}]},"
                    "'sort':[{'property':'name'}]"),
              "A b");
    EXPECT_EQ(query("'filter':{'operator':'OR','conditions':[{'role':'inbox'},{'name':'z'}]},"
                    "'sort':[{'property':'name'}]"),
              "INBOX A/z");
    EXPECT_EQ(query("'filter':{'name':'z'},'filterAsTree':true"), "");
    EXPECT_EQ(
        query("'filter':{'hasAnyRole':false},'filterAsTree':true,'sort':[{'property':'name'}],'position':1,'limit':1"),
        "b");
    const json::value counted = one("Mailbox/query", "'calculateTotal':true,'limit':2,'position':-1");
    EXPECT_EQ(counted.at("total"), 9);
    EXPECT_EQ(counted.at("position"), 8);
    EXPECT_EQ(counted.at("canCalculateChanges"), true);
    EXPECT_EQ(
        query("'anchor':'" + upper + "','filter':{'hasAnyRole':false},'sort':[{'property':'name'}],'anchorOffset':1"),
        "b A/z");
    EXPECT_EQ(query("'anchor':'F99'"), "error: anchorNotFound");
    EXPECT_EQ(query("'filter':{'size':1}"), "error: unsupportedFilter");
    EXPECT_EQ(query("'filter':{'name':1}"), "error: invalidArguments filter");
    EXPECT_EQ(query("'filter':[]"), "error: invalidArguments filter");
    EXPECT_EQ(query("'sort':[{'property':'size'}]"), "error: unsupportedSort");
    EXPECT_EQ(query("'sort':[{'property':'name','collation':'i;octet'}]"), "error: unsupportedSort");
    EXPECT_EQ(query("'sort':{}"), "error: invalidArguments sort");
    EXPECT_EQ(query("'limit':-1"), "error: invalidArguments limit");
}

// web-face statements 5 and 6
TEST_F(MailboxTest, QueryChangesLeadToTheSameAsAFreshQuery) {
    struct Watched {
        std::string arguments;
        std::vector<std::string> cached;
        std::string state;
    };

    std::vector<Watched> all;
    for (const char* const arguments :
         {"", "'sort':[{'property':'name'}]", "'filter':{'isSubscribed':true},'sort':[{'property':'sortOrder'}]",
          "'sortAsTree':true,'sort':[{'property':'name','isAscending':false}]",
          "'filterAsTree':true,'filter':{'operator':'NOT','conditions':[{'name':'x'}]},'sort':[{'property':'name'}]"})
        all.push_back({.arguments = arguments, .cached = {}, .state = {}});
    const auto ids_of = [](const json::value& list) {
        std::vector<std::string> ids;
        for (const json::value& id : list.as_array())
            ids.emplace_back(id.as_string());
        return ids;
    };
    const auto check = [&](std::string_view what) {
        for (Watched& one_of : all) {
            const json::value fresh = one("Mailbox/query", one_of.arguments);
            ASSERT_TRUE(fresh.is_object()) << json::serialize(fresh);
            if (!one_of.state.empty()) {
                std::string arguments = one_of.arguments;
                const json::value changes =
                    one("Mailbox/queryChanges", arguments + (arguments.empty() ? "" : ",") + "'sinceQueryState':'" +
                                                    one_of.state + "','calculateTotal':true");
                ASSERT_TRUE(changes.is_object()) << json::serialize(changes);
                EXPECT_EQ(changes.at("oldQueryState"), json::string(one_of.state));
                for (const std::string& id : ids_of(changes.at("removed")))
                    std::erase(one_of.cached, id);
                for (const json::value& added : changes.at("added").as_array())
                    one_of.cached.insert(one_of.cached.begin() + added.at("index").as_int64(),
                                         std::string(added.at("id").as_string()));
                EXPECT_EQ(one_of.cached, ids_of(fresh.at("ids"))) << what << ": " << one_of.arguments;
                EXPECT_EQ(changes.at("total").to_number<std::size_t>(), one_of.cached.size());
                EXPECT_EQ(changes.at("newQueryState"), fresh.at("queryState"));
            }
            one_of.cached = ids_of(fresh.at("ids"));
            one_of.state = std::string(fresh.at("queryState").as_string());
        }
    };
    check("nothing");
    const std::string a = create("{'name':'A'}");
    check("made");
    const std::string b = create("{'name':'b','parentId':'" + a + "'}");
    create("{'name':'c','parentId':'" + b + "'}");
    check("made within");
    update(a, "{'name':'xylophone'}");
    check("renamed, so that a filter hides what is below");
    update(b, "{'parentId':null,'sortOrder':7,'isSubscribed':false}");
    check("moved");
    append("INBOX", {{}, {}});
    check("a letter came");
    destroy(a);
    check("destroyed");
    EXPECT_TRUE(run(annas()->create_mailbox("over/IMAP")));
    EXPECT_TRUE(run(annas()->subscribe("over")));
    check("made by somebody else");
    const std::string before = state();
    create("{'name':'m'}");
    create("{'name':'n'}");
    EXPECT_EQ(one("Mailbox/queryChanges", "'sinceQueryState':'" + before + "','maxChanges':3"),
              "error: tooManyChanges");
    EXPECT_TRUE(one("Mailbox/queryChanges", "'sinceQueryState':'" + before + "','maxChanges':4").is_object());
}

// web-face statements 11 and 30
TEST_F(MailboxTest, MailboxesAreMadeParentsFirst) {
    const json::array responses = call(
        "['Mailbox/set',{'accountId':'ACCOUNT','create':{'child':{'name':'B','parentId':'#top'},'top':{'name':'A'},"
        "'lost':{'name':'C','parentId':'#none'},'x':{'name':'X','parentId':'#y'},'y':{'name':'Y','parentId':'#x'}}},'a'"
        "],"
        "['Mailbox/get',{'accountId':'ACCOUNT','ids':['#child'],'properties':['name','parentId','isSubscribed']},'b']");
    const json::object& set = responses.at(0).at(1).as_object();
    EXPECT_EQ(set.at("created").at("top"),
              from("{'id':'" + mailbox_id("A") +
                   "','parentId':null,'role':null,'sortOrder':0,'totalEmails':0,'unreadEmails':0,'totalThreads':0,"
                   "'unreadThreads':0,'myRights':{'mayReadItems':true,'mayAddItems':true,'mayRemoveItems':true,"
                   "'maySetSeen':true,'maySetKeywords':true,'mayCreateChild':true,'mayRename':true,'mayDelete':true,"
                   "'maySubmit':true},'isSubscribed':true}"));
    for (const char* const failed : {"lost", "x", "y"})
        EXPECT_EQ(text_of_fault(set.at("notCreated").at(failed).as_object()), "invalidProperties parentId") << failed;
    EXPECT_EQ(responses.at(1).at(1).at("list"), from("[{'id':'" + mailbox_id("A/B") + "','name':'B','parentId':'" +
                                                     mailbox_id("A") + "','isSubscribed':true}]"));
    EXPECT_TRUE(mailbox("A/B")->subscribed);
    EXPECT_NE(set.at("oldState"), set.at("newState"));
    EXPECT_EQ(set.at("newState"), responses.at(1).at(1).at("state"));
}

TEST_F(MailboxTest, WhatIsWrongWithANewMailboxIsNamed) {
    EXPECT_EQ(create("{}"), "invalidProperties name");
    for (const char* const name : {"''", "'a/b'", "1", "null", "'\\u0000'", "'Trash'", "'inbox'"})
        EXPECT_EQ(create(fmt::format("{{'name':{}}}", name)), "invalidProperties name") << name;
    EXPECT_EQ(create("{'name':'" + std::string(256, 'x') + "'}"), "invalidProperties name");
    EXPECT_EQ(create("{'name':'a','role':'trash'}"), "invalidProperties role");
    EXPECT_EQ(create("{'name':'a','role':'flagged'}"), "invalidProperties role");
    for (const char* const order : {"-1", "2147483648", "1.5", "'1'"})
        EXPECT_EQ(create(fmt::format("{{'name':'a','sortOrder':{}}}", order)), "invalidProperties sortOrder") << order;
    EXPECT_EQ(create("{'name':'a','isSubscribed':1,'id':'F1','totalEmails':0,'size':3,'parentId':'F99'}"),
              "invalidProperties id,isSubscribed,parentId,size,totalEmails");
    EXPECT_EQ(annas()->mailboxes()->all().size(), 6U);
}

// web-face statements 9, 10, 12
TEST_F(MailboxTest, AnUpdateIsWholeOrNotAtAll) {
    const std::string a = create("{'name':'A'}");
    const std::string b = create("{'name':'B','parentId':'" + a + "'}");
    EXPECT_EQ(update(b, "{'name':'C','parentId':null,'sortOrder':2,'isSubscribed':false}"), "updated");
    const store::MailboxPtr moved = annas()->mailboxes()->find(*parse_mailbox_id(b));
    EXPECT_EQ(moved->name, "C");
    EXPECT_EQ(moved->sort_order, 2U);
    EXPECT_FALSE(moved->subscribed);
    const std::string before = state();
    EXPECT_EQ(update(b, "{'name':'C','id':'" + b + "','totalEmails':0,'sortOrder':2}"), "updated");
    EXPECT_EQ(state(), before) << "the same again changes nothing";
    EXPECT_EQ(update(b, "{'name':'D','sortOrder':-1}"), "invalidProperties sortOrder");
    EXPECT_EQ(update(b, "{'name':'D','totalEmails':5}"), "invalidProperties totalEmails");
    EXPECT_EQ(update(b, "{'name':'D','myRights/mayDelete':false}"), "invalidProperties myRights");
    EXPECT_EQ(update(b, "{'name':null}"), "invalidProperties name");
    EXPECT_EQ(update(b, "{'name':'A'}"), "invalidProperties name");
    EXPECT_EQ(update(b, "{'size':1}"), "invalidProperties size");
    EXPECT_EQ(update(b, "{'none/x':1}"), "invalidPatch none/x");
    EXPECT_EQ(update(b, "{'role':'drafts'}"), "invalidProperties role");
    EXPECT_EQ(update(a, "{'parentId':'" + a + "'}"), "invalidProperties parentId");
    EXPECT_EQ(update(b, "{'parentId':'" + a + "'}"), "updated");
    EXPECT_EQ(update(a, "{'parentId':'" + b + "'}"), "invalidProperties parentId");
    EXPECT_EQ(update(mailbox_id("INBOX"), "{'name':'Other'}"), "forbidden");
    EXPECT_EQ(update(mailbox_id("INBOX"), "{'parentId':'" + a + "'}"), "forbidden");
    EXPECT_EQ(update(mailbox_id("INBOX"), "{'role':null}"), "forbidden");
    EXPECT_EQ(update(mailbox_id("INBOX"), "{'sortOrder':1}"), "updated");
    EXPECT_EQ(update(mailbox_id("Junk"), "{'role':null}"), "updated");
    EXPECT_EQ(update(a, "{'role':'junk'}"), "updated");
    EXPECT_EQ(update("F99", "{}"), "notFound");
    EXPECT_EQ(update("#none", "{}"), "notFound");
    engine_.fail(store::MemoryEngine::Call::commit, 1, store::ErrorCode::unavailable);
    EXPECT_EQ(update(a, "{'name':'Z','isSubscribed':false}"), "serverUnavailable");
    EXPECT_EQ(mailbox("A")->id, *parse_mailbox_id(a));
    EXPECT_TRUE(mailbox("A")->subscribed);
}

TEST_F(MailboxTest, DestroyingAsksForEmptyOnes) {
    const std::string a = create("{'name':'A'}");
    const std::string b = create("{'name':'B','parentId':'" + a + "'}");
    append("A/B", {{}, {store::Flag::deleted}});
    EXPECT_EQ(destroy(a), "mailboxHasChild");
    EXPECT_EQ(destroy(b), "mailboxHasEmail");
    EXPECT_EQ(destroy(mailbox_id("INBOX"), ",'onDestroyRemoveEmails':true"), "forbidden");
    EXPECT_EQ(destroy("F99"), "notFound");
    // A letter that is elsewhere too stays there.
    const std::string c = create("{'name':'C'}");
    EXPECT_TRUE(
        run(annas()->copy(mailbox("A/B")->id, store::UidSet::range(store::Uid(1), store::Uid(1)), mailbox("C")->id)));
    const json::value both = one("Mailbox/set", "'destroy':['" + a + "','" + b + "'],'onDestroyRemoveEmails':true");
    EXPECT_EQ(both.at("destroyed"), from("['" + b + "','" + a + "']"));
    EXPECT_EQ(mailbox("A"), nullptr);
    EXPECT_EQ(mailbox("C")->messages, 1U);
    EXPECT_THAT(annas()->mailboxes()->subscribed_names(), IsEmpty());
    append("C", {{store::Flag::deleted}});
    EXPECT_EQ(destroy(c, ",'onDestroyRemoveEmails':true"), "destroyed");
}

TEST_F(MailboxTest, ASetHasItsConditionsAndLimits) {
    const std::string a = create("{'name':'A'}");
    EXPECT_EQ(one("Mailbox/set", "'ifInState':'1','create':{'k':{'name':'B'}}"), "error: stateMismatch");
    EXPECT_EQ(mailbox("B"), nullptr);
    const json::value done =
        one("Mailbox/set", "'ifInState':'" + state() + "','update':{'" + a + "':{'name':'B'}},'destroy':['" + a + "']");
    EXPECT_EQ(text_of_fault(done.at("notUpdated").at(a).as_object()), "willDestroy");
    EXPECT_EQ(done.at("destroyed"), from("['" + a + "']"));
    EXPECT_EQ(done.at("created"), nullptr);
    std::string many;
    for (int number = 0; number < 11; ++number)
        many += fmt::format("{}'k{}':{{'name':'n{}'}}", many.empty() ? "" : ",", number, number);
    EXPECT_EQ(one("Mailbox/set", "'create':{" + many + "}"), "error: requestTooLarge");
    EXPECT_EQ(one("Mailbox/set", "'create':[]"), "error: invalidArguments create");
    EXPECT_EQ(one("Mailbox/set", "'onDestroyRemoveEmails':1"), "error: invalidArguments onDestroyRemoveEmails");
}

} // namespace
} // namespace tegami::jmapd::testing
