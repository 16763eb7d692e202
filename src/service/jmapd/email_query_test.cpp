// Email/query and Email/queryChanges over HTTPS.
#include "index/attachment_texts.h"
#include "index/indexer.h"
#include "ingest/intake.h"
#include "message/card.h"
#include "service/jmapd/email_list.h"
#include "service/jmapd/jmapd_fixture.h"
#include "service/jmapd/query_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace tegami::jmapd::testing {
namespace {

using ::testing::ElementsAre;

struct Letter {
    std::string from = "jo@example.net";
    std::string subject = "Note";
    std::string body = "Text";
    std::string id;
    std::string reply_to;
};

class EmailQueryTest : public JmapTest {
protected:
    std::string append(const Letter& letter, std::string_view name = "INBOX", store::Flags flags = {},
                       std::vector<std::string> keywords = {}) {
        ingest::Intake intake(engine_);
        const std::string reply =
            letter.reply_to.empty() ? "" : fmt::format("In-Reply-To: <{}@x>\r\n", letter.reply_to);
        const std::string id = letter.id.empty() ? next_id() : letter.id;
        EXPECT_TRUE(
            run(intake.append(fmt::format("From: {}\r\nTo: anna@b.test\r\nSubject: {}\r\nMessage-ID: <{}@x>\r\n{}"
                                          "Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
                                          letter.from, letter.subject, id, reply, letter.body))));
        EXPECT_TRUE(run(intake.complete()));
        const ingest::Arrival arrival = run(intake.store({}, {})).value();
        const auto card = message::decode_card(run(store_.read_card(arrival.blob.id)).value()).value();
        std::vector<store::NewMessage> messages(1);
        messages.front() = {.blob = arrival.blob,
                            .placements = {{mailbox(name)->id, flags, std::move(keywords)}},
                            .internal_date = time_.now(),
                            .thread = {card.message_id, card.in_reply_to, card.references}};
        const auto added = run(annas()->append(std::move(messages)));
        run(pause(std::chrono::seconds(1)));
        return id_of(added.value().messages.front().front().email);
    }

    std::string next_id() { return "n" + std::to_string(++last_id_); }

    std::vector<std::string> query(std::string_view arguments) {
        const json::value answer = one("Email/query", arguments);
        if (!answer.is_object()) return {std::string(answer.as_string())};
        return texts(answer.at("ids"));
    }

    std::vector<std::string> filter(std::string_view condition) {
        return query(fmt::format("'filter':{},'sort':[{{'property':'receivedAt'}}]", condition));
    }

    std::string error(std::string_view arguments) {
        const json::value answer = one("Email/query", arguments);
        return answer.is_string() ? std::string(answer.as_string()) : write_json(answer);
    }

    static std::vector<std::string> texts(const json::value& list) {
        std::vector<std::string> texts;
        for (const json::value& text : list.as_array())
            texts.emplace_back(text.as_string());
        return texts;
    }

    void flag(std::string_view name, store::UidSet uids, store::FlagChange change) {
        EXPECT_TRUE(run(annas()->change_flags(mailbox(name)->id, std::move(uids), std::move(change))));
    }

    int last_id_ = 0;
};

TEST_F(EmailQueryTest, ConditionsAreWhatTheStandardSays) {
    using store::Flag;
    const std::string first = append({.from = "Zoe <zoe@x.test>", .id = "a"}, "INBOX", {Flag::seen}, {"Work"});
    const std::string second =
        append({.from = "Bob <bob@x.test>", .body = std::string(2000, 'x'), .reply_to = "a"}, "Archive");
    const std::string third = append({.subject = "Other"}, "INBOX", {Flag::flagged, Flag::seen});
    append({.subject = "Hidden"}, "INBOX", {Flag::deleted});
    EXPECT_THAT(query(""), ElementsAre(third, second, first)) << "the last one first";
    EXPECT_THAT(filter("{'inMailbox':'" + mailbox_id("INBOX") + "'}"), ElementsAre(first, third));
    EXPECT_THAT(filter("{'inMailbox':'F999'}"), ElementsAre());
    EXPECT_THAT(filter("{'inMailboxOtherThan':['" + mailbox_id("INBOX") + "']}"), ElementsAre(second));
    EXPECT_THAT(filter("{'hasKeyword':'$SEEN'}"), ElementsAre(first, third));
    EXPECT_THAT(filter("{'hasKeyword':'work'}"), ElementsAre(first));
    EXPECT_THAT(filter("{'notKeyword':'$seen'}"), ElementsAre(second));
    EXPECT_THAT(filter("{'allInThreadHaveKeyword':'$seen'}"), ElementsAre(third));
    EXPECT_THAT(filter("{'someInThreadHaveKeyword':'$seen'}"), ElementsAre(first, second, third));
    EXPECT_THAT(filter("{'noneInThreadHaveKeyword':'work'}"), ElementsAre(third));
    EXPECT_THAT(filter("{'minSize':1000}"), ElementsAre(second));
    EXPECT_THAT(filter("{'maxSize':1000,'hasKeyword':'$flagged'}"), ElementsAre(third));
    EXPECT_THAT(filter("{'before':'1970-01-01T00:00:00Z'}"), ElementsAre());
    EXPECT_THAT(filter("{'after':'1970-01-01T00:00:00Z','from':'zoe'}"), ElementsAre(first));
    EXPECT_THAT(filter("{'hasAttachment':true}"), ElementsAre());
    EXPECT_THAT(filter("{'operator':'NOT','conditions':[{'from':'zoe'},{'subject':'other'}]}"), ElementsAre(second));
    EXPECT_THAT(filter("{'operator':'OR','conditions':[{'from':'zoe'},{'subject':'other'}]}"),
                ElementsAre(first, third));
    EXPECT_THAT(filter("{'operator':'OR','conditions':[]}"), ElementsAre());
    EXPECT_THAT(filter("{}"), ElementsAre(first, second, third));
    EXPECT_THAT(filter("{'header':['subject','other']}"), ElementsAre(third));
    EXPECT_THAT(filter("{'header':['x-none']}"), ElementsAre());
}

TEST_F(EmailQueryTest, TextsAreFoundWithAndWithoutTheIndex) {
    const std::string first = append({.subject = "Meeting tomorrow", .body = "東京で会いましょう tea cake"});
    const std::string second = append({.subject = "Invoice", .body = "cake and tea"});
    const auto look = [&] {
        EXPECT_THAT(filter("{'text':'tea cake'}"), ElementsAre(first, second));
        EXPECT_THAT(filter("{'text':'\\'tea cake\\''}"), ElementsAre(first));
        EXPECT_THAT(filter("{'body':'会い'}"), ElementsAre(first));
        EXPECT_THAT(filter("{'subject':'invoice tomorrow'}"), ElementsAre());
        EXPECT_THAT(filter("{'subject':'MEETING','text':'cake'}"), ElementsAre(first));
    };
    look();
    index::Indexer indexer({.store = store_, .workers = workers_, .timers = time_, .log = log_});
    EXPECT_TRUE(run(indexer.catch_up(anna_)));
    look();
}

TEST_F(EmailQueryTest, WhatIsAskedWronglyIsSaid) {
    EXPECT_EQ(error("'filter':{'colour':'red'}"), "error: unsupportedFilter");
    EXPECT_EQ(error("'filter':{'inMailbox':1}"), "error: invalidArguments filter");
    EXPECT_EQ(error("'filter':{'before':'yesterday'}"), "error: invalidArguments filter");
    EXPECT_EQ(error("'filter':{'header':[]}"), "error: invalidArguments filter");
    EXPECT_EQ(error("'sort':[{'property':'colour'}]"), "error: unsupportedSort");
    EXPECT_EQ(error("'sort':[{'property':'hasKeyword'}]"), "error: invalidArguments sort");
    EXPECT_EQ(error("'sort':[{'property':'subject','collation':'i;ascii-numeric'}]"), "error: unsupportedSort");
    EXPECT_EQ(error("'limit':-1"), "error: invalidArguments limit");
    EXPECT_EQ(error("'anchor':'M77'"), "error: anchorNotFound");
    const json::value answer = one("Email/queryChanges", "'sinceQueryState':'77777'");
    EXPECT_EQ(answer, "error: cannotCalculateChanges");
}

// web-face statement 34
TEST_F(EmailQueryTest, SnippetsShowWhatWasFoundAndNothingElse) {
    const std::string first =
        append({.subject = "Fish & <chips>", .body = "Tomorrow <b>fish</b> & 東京で会いましょう"});
    const std::string second = append({.subject = "Other"});
    const json::value answer =
        one("SearchSnippet/get",
            fmt::format("'filter':{{'text':'FISH 会い'}},'emailIds':['{}','{}','M999']", first, second));
    EXPECT_EQ(
        answer.at("list"),
        from(fmt::format("[{{'emailId':'{}','subject':'<mark>Fish</mark> &amp; &lt;chips&gt;','preview':'Tomorrow "
                         "&lt;b&gt;<mark>fish</mark>&lt;/b&gt; &amp; 東京で<mark>会い</mark>ましょう'}},"
                         "{{'emailId':'{}','subject':null,'preview':null}}]",
                         first, second)));
    EXPECT_EQ(answer.at("notFound"), from("['M999']"));
    EXPECT_EQ(one("SearchSnippet/get", "'filter':{'colour':1},'emailIds':[]"), "error: unsupportedFilter");
    EXPECT_EQ(one("SearchSnippet/get", "'filter':null"), "error: invalidArguments emailIds");
}

TEST_F(EmailQueryTest, WhatIsInAttachedFilesIsFoundAndShown) {
    const std::string email = append({.subject = "Note"});
    append({.subject = "Other"});
    index::IndexState state{.terms_version = index::terms_version()};
    state.attachments.next_email = 100;
    store::Batch batch{.domain = index::index_domain(anna_),
                       .operations = {store::Put{index::state_key(), index::encode_state(state)}}};
    const std::vector<std::string> texts_of_files{"Offer of May", "御見積書"};
    for (store::Put& row : index::attachment_text_rows(*parse_email_id(email), texts_of_files, engine_.limits()))
        batch.operations.emplace_back(std::move(row));
    ASSERT_TRUE(run(engine_.commit(std::move(batch))));
    EXPECT_THAT(filter("{'text':'見積'}"), ElementsAre(email));
    EXPECT_THAT(filter("{'body':'offer may'}"), ElementsAre(email));
    EXPECT_THAT(filter("{'subject':'offer'}"), ElementsAre());
    const json::value answer =
        one("SearchSnippet/get", fmt::format("'filter':{{'text':'offer'}},'emailIds':['{}']", email));
    EXPECT_EQ(answer.at("list"), from(fmt::format("[{{'emailId':'{}','subject':null,'preview':'<mark>Offer</mark> of "
                                                  "May'}}]",
                                                  email)));
}

// web-face statements 7 and 8
TEST_F(EmailQueryTest, SortsAndWindows) {
    using store::Flag;
    const std::string first =
        append({.from = "Zoe <a@x.test>", .subject = "Re: beta", .body = std::string(200, 'x'), .id = "a"});
    const std::string second =
        append({.from = "adam@x.test", .subject = "Alpha", .reply_to = "a"}, "INBOX", {Flag::flagged});
    const std::string third = append({.from = "Mia <z@x.test>", .subject = "beta"});
    const auto sorted = [&](std::string_view by, std::string_view more = "") {
        return query(fmt::format("'sort':[{{'property':'{}'{}}},{{'property':'receivedAt'}}]", by, more));
    };
    EXPECT_THAT(sorted("subject"), ElementsAre(second, first, third));
    EXPECT_THAT(sorted("from"), ElementsAre(second, third, first));
    EXPECT_THAT(sorted("size", ",'isAscending':false"), ElementsAre(first, second, third));
    EXPECT_THAT(sorted("hasKeyword", ",'keyword':'$flagged','isAscending':false"), ElementsAre(second, first, third));
    EXPECT_THAT(sorted("someInThreadHaveKeyword", ",'keyword':'$flagged'"), ElementsAre(third, first, second));
    EXPECT_THAT(query("'collapseThreads':true"), ElementsAre(third, second));
    EXPECT_THAT(query("'position':1,'limit':1"), ElementsAre(second));
    EXPECT_THAT(query("'position':-1"), ElementsAre(first));
    EXPECT_THAT(query("'anchor':'" + second + "','anchorOffset':-1,'position':2"), ElementsAre(third, second, first));
    EXPECT_THAT(query("'position':77"), ElementsAre());
    EXPECT_EQ(one("Email/query", "'calculateTotal':true,'collapseThreads':true").at("total"), 2);
    EXPECT_FALSE(one("Email/query", "").as_object().contains("total"));
}

TEST_F(EmailQueryTest, TheFirstRowsOfALargeMailboxAreFoundWithoutTheOthers) {
    ingest::Intake intake(engine_);
    EXPECT_TRUE(run(intake.append("From: jo@example.net\r\nSubject: Note\r\n\r\nText\r\n")));
    EXPECT_TRUE(run(intake.complete()));
    const store::BlobRef blob = run(intake.store({}, {})).value().blob;
    int letters = 0;
    const auto add = [&](int count, std::chrono::seconds older) {
        std::vector<store::NewMessage> messages(static_cast<std::size_t>(count));
        for (store::NewMessage& each : messages) {
            const std::string id = std::to_string(++letters / 2) + "@x"; // threads of two
            each = {.blob = blob,
                    .placements = {{mailbox("INBOX")->id, {}, {}}},
                    .internal_date = time_.now() - older + std::chrono::seconds(letters),
                    .thread = {.message_id = id}};
        }
        ASSERT_TRUE(run(annas()->append(std::move(messages))));
    };
    const auto first = [&](std::size_t count, bool collapse) {
        EmailSearch search{.collapse_threads = collapse};
        search.filter.mailbox = mailbox("INBOX")->id;
        return first_of_list(*run(store::view_account(annas())).value(), search, count).value();
    };
    add(600, {});
    const FirstOfList few = first(30, false);
    add(600, {});
    const FirstOfList more = first(30, false);
    EXPECT_EQ(few.all, 600);
    EXPECT_EQ(more.all, 1200);
    EXPECT_LE(few.pages, 2);
    EXPECT_LE(more.pages, 2) << "of twice as many";
    add(300, std::chrono::days(3000)); // brought from another server
    const FirstOfList same = first(30, false);
    EXPECT_EQ(same.ids, more.ids);
    EXPECT_LE(same.pages, 4);
    const std::vector<std::string> whole = query("'filter':{'inMailbox':'" + mailbox_id("INBOX") + "'}");
    EXPECT_EQ(whole.size(), 1500);
    EXPECT_TRUE(
        std::ranges::equal(same.ids, whole | std::views::take(30), {}, [](store::EmailId id) { return id_of(id); }));
    EXPECT_EQ(first(30, true).all, letters / 2 + 1);
}

TEST(QueryCache, KeepsTheLastOnes) {
    QueryCache cache;
    const auto key = [](std::uint64_t version, std::string question) {
        return QueryCache::Key{store::AccountId(1), store::Version(version), std::move(question)};
    };
    const auto result = [](std::size_t size) { return std::make_shared<std::vector<store::EmailId>>(size); };
    cache.keep(key(1, "a"), result(3));
    EXPECT_EQ(cache.find(key(1, "a"))->size(), 3U);
    EXPECT_EQ(cache.find(key(2, "a")), nullptr);
    EXPECT_EQ(cache.find(key(1, "b")), nullptr);
    EXPECT_EQ(cache.find_earlier(key(2, "a"))->result->size(), 3U);
    EXPECT_FALSE(cache.find_earlier(key(1, "a")));
    EXPECT_FALSE(cache.find_earlier(key(2, "b")));
    QueryCache one_question;
    one_question.keep(key(2, "c"), result(1));
    one_question.keep(key(4, "c"), result(2));
    EXPECT_EQ(one_question.find(key(2, "c")), nullptr) << "one of each question";
    EXPECT_EQ(one_question.find_earlier(key(5, "c"))->version, store::Version(4));
    for (std::size_t other = 1; other < kQueryCacheResults; ++other)
        cache.keep(key(9, std::to_string(other)), result(1));
    EXPECT_NE(cache.find(key(1, "a")), nullptr);
    cache.keep(key(9, "more"), result(1));
    EXPECT_NE(cache.find(key(1, "a")), nullptr) << "used last";
    EXPECT_EQ(cache.find(key(9, "1")), nullptr);
    const std::size_t third = kQueryCacheBytes / sizeof(store::EmailId) / 3;
    for (const char* const large : {"x", "y", "z"})
        cache.keep(key(9, large), result(third));
    EXPECT_EQ(cache.find(key(1, "a")), nullptr) << "no room";
    EXPECT_NE(cache.find(key(9, "z")), nullptr);
    cache.keep(key(9, "huge"), result(2 * third));
    EXPECT_EQ(cache.find(key(9, "huge")), nullptr);
}

// web-face statement 5
TEST_F(EmailQueryTest, WhatAClientHasAndItsChangesAreAFreshQuery) {
    struct Asked {
        std::string filter;
        std::string more;

        std::string text() const { return "'filter':" + filter + more; }

        /// The same, searched anew: what is created in a request is no question that lasts.
        std::string anew() const {
            return "'filter':{'operator':'AND','conditions':[" + (filter == "null" ? "{}" : filter) +
                   ",{'operator':'NOT','conditions':[{'inMailbox':'#none'}]}]}" + more;
        }
    };

    const std::string in_inbox = "{'inMailbox':'" + mailbox_id("INBOX") + "'}";
    const std::vector<Asked> queries{
        {in_inbox, ""},
        {in_inbox, ",'collapseThreads':true"},
        {"null", ",'sort':[{'property':'receivedAt'}]"},
        {"null", ",'collapseThreads':true"},
        {"{'operator':'NOT','conditions':[{'hasKeyword':'$seen'}]}", ",'sort':[{'property':'subject'}]"},
        {"{'someInThreadHaveKeyword':'$seen'}", ",'collapseThreads':true"},
        {"{}", ",'sort':[{'property':'allInThreadHaveKeyword','keyword':'$seen'},{'property':'from'}]"}};

    struct Cached {
        std::vector<std::string> ids;
        std::string state;
    };

    std::vector<Cached> cached;
    for (const Asked& each : queries)
        cached.push_back(
            {query(each.text()), std::string(one("Email/query", each.text()).at("queryState").as_string())});
    SeededRandom random(9);
    for (int round = 0; round < 10; ++round) {
        for (std::uint64_t count = random.below(4); count > 0; --count)
            append({.from = std::string(1, static_cast<char>('a' + random.below(5))) + "@x.test",
                    .subject = std::to_string(random.below(4)),
                    .id = "t" + std::to_string(random.below(1000)),
                    .reply_to = "t" + std::to_string(random.below(20))},
                   random.below(3) == 0 ? "Archive" : "INBOX", {});
        const std::string name = random.below(2) == 0 ? "INBOX" : "Archive";
        const std::string other = name == "INBOX" ? "Archive" : "INBOX";
        store::UidSet some;
        for (const store::Uid uid : run(annas()->open(mailbox(name)->id)).value()->view()->uids())
            if (random.below(3) == 0) some.add(uid);
        const auto mode = random.below(2) == 0 ? store::FlagChange::Mode::add : store::FlagChange::Mode::remove;
        switch (random.below(5)) {
        case 0: EXPECT_TRUE(run(annas()->move(mailbox(name)->id, some, mailbox(other)->id))); break;
        case 1: EXPECT_TRUE(run(annas()->expunge(mailbox(name)->id, some, store::Account::Expunge::forced))); break;
        case 2: flag(name, some, {mode, {store::Flag::deleted}, {}}); break;
        default: flag(name, some, {mode, {store::Flag::seen}, {}}); break;
        }
        for (std::size_t at = 0; at < queries.size(); ++at) {
            const json::value told = one(
                "Email/queryChanges", fmt::format("{},'sinceQueryState':'{}'", queries[at].text(), cached[at].state));
            ASSERT_TRUE(told.is_object()) << write_json(told);
            std::vector<std::string>& ids = cached[at].ids;
            for (const std::string& id : texts(told.at("removed")))
                std::erase(ids, id);
            for (const json::value& added : told.at("added").as_array()) {
                const auto index = added.at("index").to_number<std::ptrdiff_t>();
                ASSERT_LE(index, static_cast<std::ptrdiff_t>(ids.size()));
                ids.insert(ids.begin() + index, std::string(added.at("id").as_string()));
            }
            EXPECT_EQ(ids, query(queries[at].text())) << queries[at].text();
            EXPECT_EQ(ids, query(queries[at].anew())) << queries[at].anew();
            const json::value top = one("Email/query", queries[at].text() + ",'limit':4,'calculateTotal':true");
            EXPECT_EQ(texts(top.at("ids")),
                      std::vector(ids.begin(), ids.begin() + std::min<std::ptrdiff_t>(std::ssize(ids), 4)));
            EXPECT_EQ(top.at("total").to_number<std::size_t>(), ids.size()) << queries[at].text();
            cached[at].state = told.at("newQueryState").as_string();
        }
        if (HasFailure()) return;
    }
}

} // namespace
} // namespace tegami::jmapd::testing
