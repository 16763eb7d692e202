// Messages beyond ASCII and what the next server offers (RFC 6152, RFC 6531).
#include "relay/relay_fixture.h"

namespace tegami::relay {
namespace {

using std::chrono::seconds;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Offers {
    std::string ehlo;
    std::string mail; ///< what the server then hears
};

TEST_F(RelayTest, RawOctetsOfAHeaderNeedNoSmtpUtf8) {
    const auto sink = server("b.test", "192.0.2.2");
    const std::vector<Offers> all{
        {"250-sink\r\n250 8BITMIME", "MAIL FROM:<alice@a.test> BODY=8BITMIME"},
        {"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8", "MAIL FROM:<alice@a.test> BODY=8BITMIME"}};
    for (const std::string& subject : {"\xe6\x97\xa5\xe6\x9c\xac", "\x93\xfa\x96\x7b", "caf\xe9"}) {
        for (const Offers& offers : all) {
            SCOPED_TRACE(offers.ehlo);
            sink->answers["EHLO"] = offers.ehlo;
            sink->taken.clear();
            sink->commands.clear();
            store::QueuedMessage message = message_to({"bob@b.test"}, subject);
            message.message.eight_bit = true;
            add(std::move(message));
            time_.run_for(seconds(5));
            EXPECT_THAT(sink->taken, Contains("Subject: " + subject + "\r\n\r\nbody"));
            EXPECT_THAT(sink->commands, Contains(offers.mail));
            EXPECT_THAT(queued(), IsEmpty());
            time_.run_for(seconds(20));
        }
    }
    EXPECT_EQ(alices_messages(), 0U);
}

/// RFC 6152 §3: rewritten where no signature breaks, otherwise reported.
TEST_F(RelayTest, AServerOfSevenBitsGetsNoOctetOfEight) {
    const auto sink = server("b.test", "192.0.2.2");
    const std::string fields = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";

    struct Case {
        std::string content;
        std::string taken; ///< empty: reported
    };

    const std::vector<Case> cases{
        {fields + "Content-Transfer-Encoding: 8bit\r\n\r\ncaf\u00e9\r\n",
         fields + "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9"},
        {"DKIM-Signature: v=1\r\n" + fields + "\r\ncaf\u00e9\r\n", ""},
        {"Subject: caf\u00e9\r\n\r\nbody\r\n", ""},
    };
    std::uint64_t reports = 0;
    for (const std::string& ehlo : {"250-sink\r\n250 SIZE 1000", "500 what"}) {
        sink->answers["EHLO"] = ehlo;
        for (const Case& each : cases) {
            SCOPED_TRACE(each.content);
            sink->taken.clear();
            store::QueuedMessage message = message_to({"bob@b.test"});
            message.message.blob = blob_of(each.content);
            message.message.eight_bit = true;
            // Of the octets as they were: a rewritten letter goes without it.
            message.message.prefix = "DKIM-Signature: v=1; d=a.test\r\n";
            add(std::move(message));
            time_.run_for(seconds(5));
            EXPECT_THAT(queued(), IsEmpty());
            if (each.taken.empty()) {
                EXPECT_THAT(sink->taken, IsEmpty());
                ++reports;
            } else {
                EXPECT_THAT(sink->taken, Contains(each.taken));
            }
            EXPECT_EQ(alices_messages(), reports);
            time_.run_for(seconds(20));
        }
    }
}

TEST_F(RelayTest, AMessageThatCannotBeRewrittenGoesToTheServerThatTakesIt) {
    const auto one = server("b.test", "192.0.2.2");
    resolver_.table.add("b.test", "MX", "20 two.b.test");
    resolver_.table.add("two.b.test", "A", "192.0.2.3");
    Sink two(&time_, &network_, "192.0.2.3");
    two.answers["EHLO"] = "250-two\r\n250 8BITMIME";
    store::QueuedMessage message = message_to({"bob@b.test"});
    message.message.blob = blob_of("DKIM-Signature: v=1\r\n\r\ncaf\u00e9\r\n");
    message.message.eight_bit = true;
    add(std::move(message));
    time_.run_for(seconds(5));
    EXPECT_THAT(one->taken, IsEmpty());
    EXPECT_THAT(two.taken, Contains("DKIM-Signature: v=1\r\n\r\ncaf\u00e9"));
    EXPECT_EQ(alices_messages(), 0U);
}

/// One exchanger knows SMTPUTF8, the other does not.
TEST_F(RelayTest, AnAddressBeyondAsciiGoesToTheServerThatTakesIt) {
    const auto one = server("b.test", "192.0.2.2");
    resolver_.table.add("b.test", "MX", "20 two.b.test");
    resolver_.table.add("two.b.test", "A", "192.0.2.3");
    Sink two(&time_, &network_, "192.0.2.3");
    two.answers["EHLO"] = "250-two\r\n250 SMTPUTF8";
    send({"\xe6\x97\xa5@b.test", "bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(one->taken, SizeIs(1));
    EXPECT_THAT(two.taken, SizeIs(1));
    EXPECT_THAT(two.commands, Contains("MAIL FROM:<alice@a.test> SMTPUTF8"));
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_EQ(alices_messages(), 0U);
}

} // namespace
} // namespace tegami::relay
