// What the sender and the operator read about a message that did not arrive: true, and by whom it was said.
#include "relay/relay_fixture.h"

namespace tegami::relay {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class WordsTest : public RelayTest {
protected:
    /// The report about the last message.
    std::string report() {
        const auto alice = account(alice_);
        const auto inbox = alice->mailboxes()->find(store::Role::inbox);
        const auto view = run(alice->open(inbox->id)).value()->view();
        if (view->size() == 0) return {};
        const std::vector<store::EmailId> ids{view->at(view->size() - 1).email};
        const auto rows = run(alice->emails(ids)).value();
        return run(store_.read_blob(rows.front()->blob.id, 0, rows.front()->blob.size)).value();
    }

    std::string last_reply() { return queued().at(0).items.at(0).recipients.at(0).last_reply; }
};

TEST_F(WordsTest, AReportNamesTheServerThatSpokeAndNoOther) {
    resolver_.table.add("b.test", "MX", "10 one.b.test");
    resolver_.table.add("one.b.test", "A", "192.0.2.2");
    Sink one(&time_, &network_, "192.0.2.2");
    one.greeting = "554 5.3.2 closed for good";
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(report(), AllOf(HasSubstr("one.b.test said: 554 5.3.2 closed for good"),
                                HasSubstr("Remote-MTA: dns; one.b.test\r\n"), Not(HasSubstr("We tried"))));
}

TEST_F(WordsTest, ADomainWithoutAServerComesBackAtOnce) {
    resolver_.table.add("b.test", "MX", "10 none.b.test");
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(report(), AllOf(HasSubstr("That domain has no server that could be reached."),
                                HasSubstr("the mail servers of b.test have no address"), Not(HasSubstr("We tried")),
                                Not(HasSubstr("Remote-MTA"))));
}

TEST_F(WordsTest, AServerWithoutThePromisedTlsIsTheReasonInTheReport) {
    const std::unique_ptr<Sink> sink = server("b.test", "192.0.2.2");
    resolver_.table.add("_25._tcp.mx.b.test", "TLSA", "3 1 1 " + std::string(64, 'a'));
    for (const char* const name : {"b.test", "mx.b.test", "_25._tcp.mx.b.test"})
        resolver_.table.set_secure(name, true);
    store::QueuedMessage message = message_to({"bob@b.test"});
    message.message.expires = time_.now();
    add(std::move(message));
    time_.run_for(seconds(5));
    EXPECT_THAT(report(), AllOf(HasSubstr("The connection to their server could not be protected as it has to be."),
                                HasSubstr("mx.b.test does not offer TLS (STARTTLS)"), HasSubstr("Status: 5.7.10\r\n"),
                                Not(HasSubstr("Remote-MTA"))));
}

TEST_F(WordsTest, NameServersThatFailAreNotAMissingServer) {
    resolver_.table.fail("b.test", net::DnsStatus::server_failure);
    store::QueuedMessage message = message_to({"bob@b.test"});
    message.message.expires = time_.now();
    add(std::move(message));
    time_.run_for(seconds(5));
    EXPECT_THAT(report(),
                AllOf(HasSubstr("The name servers did not say where that domain receives mail. We tried once."),
                      Not(HasSubstr("no server"))));
}

TEST_F(WordsTest, OurWordsAboutAServerNameIt) {
    const auto sink = server("b.test", "192.0.2.2");

    struct Case {
        std::string greeting;
        std::size_t answers_max;
        std::string words;
    };

    const std::vector<Case> cases{{"hello", SIZE_MAX, "4.5.0 mx.b.test sent something that is not an SMTP reply"},
                                  {"220 sink", 0, "4.4.2 mx.b.test lost the connection: "},
                                  {"220 sink", 3, "4.4.2 mx.b.test lost the connection: "},
                                  {"451 not now", SIZE_MAX, "451 not now"}};
    for (const Case& each : cases) {
        sink->greeting = each.greeting;
        sink->answers_max = each.answers_max;
        send({"bob@b.test"});
        time_.run_for(seconds(5));
        ASSERT_THAT(queued(), SizeIs(1));
        EXPECT_THAT(last_reply(), HasSubstr(each.words));
        EXPECT_TRUE(run(queue_.remove(queued()[0].message.id)).has_value());
        relay_->forget_failures();
        time_.run_for(seconds(20));
    }
    resolver_.table.add("nobody.test", "A", "192.0.2.99");
    send({"bob@nobody.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(last_reply(), HasSubstr("4.4.1 nobody.test did not answer at 192.0.2.99:25: "));
}

} // namespace
} // namespace tegami::relay
