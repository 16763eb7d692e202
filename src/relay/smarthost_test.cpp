// Mail that goes through another server (a smarthost): which mail, and only under TLS with a proven certificate.
#include "relay/relay_fixture.h"
#include "relay/sts_fixture.h"

#include <fmt/format.h>

namespace tegami::relay {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view kLogin = "AUTH PLAIN AG1lAHNlY3JldA=="; // "\0me\0secret"

TEST(Smarthosts, TheOneOfTheSendersDomainStandsBeforeTheOneForAll) {
    const std::vector<Smarthost> all{{.host = "all.test"},
                                     {.host = "a.test", .domains = {*message::Domain::parse("a.test")}}};
    EXPECT_EQ(smarthost_for(all, testing::address("x@a.test")), 1u);
    EXPECT_EQ(smarthost_for(all, testing::address("x@b.test")), 0u);
    EXPECT_EQ(smarthost_for(all, std::nullopt), 0u);
    EXPECT_EQ(smarthost_for(std::span(all).subspan(1), testing::address("x@b.test")), std::nullopt);
}

/// mx.b.test, which the certificate is for, is the smarthost; c.test has a server of its own.
class SmarthostTest : public RelayTest {
protected:
    SmarthostTest() : RelayTest(StsMaterial::get().client) {
        through_.tls = StsMaterial::get().server;
        through_.answers["EHLO"] = "250-sink\r\n250 AUTH PLAIN LOGIN";
        resolver_.table.add("mx.b.test", "A", "192.0.2.2");
    }

    void use(std::vector<Smarthost> smarthosts) {
        start_again({.host_name = "mail.a.test", .smarthosts = std::move(smarthosts)});
    }

    static Smarthost smarthost() {
        return {.host = "mx.b.test", .port = 25, .credentials = smtp::ClientCredentials{"me", "secret"}};
    }

    std::string reply_to_first() { return queued().front().items.front().recipients.front().last_reply; }

    Sink through_{&time_, &network_, "192.0.2.2"};
    std::unique_ptr<Sink> direct_ = server("c.test", "192.0.2.3");
};

TEST_F(SmarthostTest, AllMailGoesThroughItAfterALogin) {
    use({smarthost()});
    send({"bob@c.test"});
    send({"carl@nowhere.test"}); // whose domain is its affair
    time_.run_for(seconds(5));
    EXPECT_THAT(through_.taken, SizeIs(2));
    EXPECT_THAT(through_.commands, Contains(std::string(kLogin)));
    EXPECT_THAT(direct_->commands, IsEmpty());
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(SmarthostTest, TlsFromTheStart) {
    through_.tls_from_the_start = true;
    Smarthost implicit = smarthost();
    implicit.implicit_tls = true;
    use({implicit});
    send({"bob@c.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(through_.taken, SizeIs(1));
    EXPECT_THAT(through_.commands,
                ElementsAre(StartsWith("EHLO"), std::string(kLogin), StartsWith("MAIL"), StartsWith("RCPT"), "DATA"));
}

TEST_F(SmarthostTest, MailOfOtherDomainsGoesItsOwnWay) {
    Smarthost others = smarthost();
    others.domains = {*message::Domain::parse("other.test")};
    use({others});
    send({"bob@c.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(direct_->taken, SizeIs(1));
    EXPECT_THAT(through_.commands, IsEmpty());
}

/// What is wrong with the smarthost, and what the letter that waits says.
TEST_F(SmarthostTest, NothingIsSentToOneThatDoesNotProveItself) {
    const net::testing::TlsMaterial unknown;
    const auto right = through_.tls;
    use({smarthost()});

    struct Case {
        std::shared_ptr<const net::TlsServerContext> tls;
        std::string reason;
    };

    for (const Case& each :
         {Case{unknown.server, "proven certificate only"}, Case{nullptr, "proven certificate only"}}) {
        through_.tls = each.tls;
        send({"bob@c.test"});
        relay_->forget_failures();
        time_.run_for(seconds(5));
        EXPECT_THAT(reply_to_first(), HasSubstr(each.reason));
        EXPECT_THAT(through_.commands, Not(Contains(StartsWith("AUTH"))));
        EXPECT_THAT(through_.taken, IsEmpty());
    }
    through_.tls = right;
    time_.run_for(minutes(20));
    EXPECT_THAT(through_.taken, SizeIs(2));
}

TEST_F(SmarthostTest, AWrongPasswordMakesMailWait) {
    through_.answers["AUTH"] = "535 5.7.8 wrong";
    use({smarthost()});
    send({"bob@c.test"});
    time_.run_for(seconds(5));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_THAT(reply_to_first(), HasSubstr("535 5.7.8 wrong"));
    EXPECT_EQ(queued().front().items.front().recipients.front().state, store::RecipientState::deferred);
    through_.answers.erase("AUTH");
    time_.run_for(minutes(20));
    EXPECT_THAT(through_.taken, SizeIs(1));
}

TEST_F(SmarthostTest, ManyDomainsShareItsPlaces) {
    through_.hangs = Sink::Hangs::before_the_last_reply;
    use({smarthost()});
    for (int number = 0; number < 50; ++number)
        send({fmt::format("bob@d{}.test", number)});
    time_.run_for(seconds(5));
    EXPECT_EQ(through_.connections, kPlacesAtFirst);
    through_.hangs = Sink::Hangs::never;
    through_.go_on.set();
    time_.run_for(seconds(30));
    EXPECT_THAT(through_.taken, SizeIs(50));
}

} // namespace
} // namespace tegami::relay
