// The operations on the queue.
#include "admin/admin_fixture.h"

#include <fmt/format.h>

namespace tegami::admin {
namespace {

using ::testing::ElementsAre;

TEST_F(AdminTest, ALetterHasOneName) {
    const std::string journey = queue_letter("bob@b.test");
    const std::string number =
        std::to_string(ask("/queue/list").at("entries").at(0).at("id").to_number<std::uint64_t>());
    for (const std::string& name : {journey, number}) {
        EXPECT_EQ(ask("/queue/show", {{"letter", name}}).at("journey").as_string(), journey);
        ask("/queue/retry", {{"letter", name}});
        EXPECT_EQ(kinds_of(name).back(), "retried");
    }
    ask("/queue/remove", {{"letter", journey}});
    EXPECT_EQ(kinds_of(journey), (std::vector<std::string>{"retried", "retried", "removed"}));
    EXPECT_EQ(refusal("/queue/show", {{"letter", journey}}),
              fmt::format("404 there is no letter {} in the queue", journey));
}

TEST_F(AdminTest, SaysWhatIsBeingSent) {
    queue_letter("bob@b.test");
    const auto being_sent = [this] {
        return ask("/queue/list").at("entries").at(0).at("items").at(0).at("being_sent").as_bool();
    };
    EXPECT_FALSE(being_sent());
    make_admin(
        {}, [](const store::QueueItem& item) { return item.recipients.front().address.to_string() == "bob@b.test"; });
    EXPECT_TRUE(being_sent());
    make_admin({}, [](const store::QueueItem&) { return false; });
    EXPECT_FALSE(being_sent());
}

/// "anna@b.test: looks odd" for each recipient that is on hold.
std::vector<std::string> holds_in(const json::object& letter) {
    std::vector<std::string> holds;
    for (const json::value& item : letter.at("items").as_array())
        for (const json::value& recipient : item.at("recipients").as_array())
            if (const json::value* const hold = recipient.as_object().if_contains("hold"))
                holds.push_back(json::value_to<std::string>(recipient.at("address")) + ": " +
                                json::value_to<std::string>(hold->at("reason")));
    return holds;
}

TEST_F(AdminTest, ALetterWaitsUntilItIsReleased) {
    const std::string letter = queue_letter("anna@b.test");
    const json::object named{{"letter", letter}};
    EXPECT_EQ(
        json::serialize(ask("/queue/hold", {{"letter", letter}, {"reason", "looks odd"}}).at("recipients").as_array()),
        R"(["anna@b.test"])");
    EXPECT_THAT(holds_in(ask("/queue/show", named)), ElementsAre("anna@b.test: looks odd"));
    EXPECT_EQ(
        refusal("/queue/retry", named),
        fmt::format("409 letter {} is on hold: release it, or its destination, first (tegami queue release)", letter));
    EXPECT_EQ(refusal("/queue/hold", {{"letter", letter}, {"recipient", "bo@b.test"}}),
              fmt::format("409 letter {} does not wait for bo@b.test", letter));
    ask("/queue/release", {{"letter", letter}, {"recipient", "anna@b.test"}});
    EXPECT_THAT(holds_in(ask("/queue/show", named)), ElementsAre());
    EXPECT_EQ(refusal("/queue/release", named), fmt::format("409 letter {} is not on hold", letter));
    EXPECT_EQ(kinds_of(letter), (std::vector<std::string>{"stopped", "released"}));
    const json::object row = ask("/audit/list").at("rows").at(0).as_object();
    EXPECT_EQ(row.at("operation").as_string(), "/queue/release");
}

TEST_F(AdminTest, EverythingForADestinationWaits) {
    ask("/domain/add", {{"name", "a.test"}});
    const std::string letter = queue_letter("anna@b.test");
    const json::object there{{"destination", "B.test"}};
    ask("/queue/hold", {{"destination", "B.test"}, {"reason", std::string("odd\x1b[2J")}});
    const json::object hold = ask("/queue/holds").at("destinations").at(0).as_object();
    EXPECT_EQ(hold.at("destination").as_string(), "b.test");
    EXPECT_EQ(hold.at("by").as_string(), "local root");
    EXPECT_FALSE(json::value_to<std::string>(hold.at("reason")).contains('\x1b'));
    EXPECT_TRUE(ask("/queue/list").at("entries").at(0).at("items").at(0).as_object().contains("hold"));
    EXPECT_EQ(refusal("/queue/release", {{"letter", letter}}),
              fmt::format("409 letter {} waits because b.test is on hold: release b.test", letter));
    ask("/queue/release", there);
    EXPECT_EQ(refusal("/queue/release", there), "409 b.test is not on hold");
    EXPECT_EQ(refusal("/queue/hold", {{"destination", "a.test"}}),
              "409 a.test is a domain of this server: what is for it does not wait to be sent");
    EXPECT_EQ(refusal("/queue/hold"), "400 name either a letter or a destination");
    EXPECT_EQ(refusal("/queue/hold", {{"destination", "b.test"}, {"recipient", "anna@b.test"}}),
              "400 a recipient needs the letter");
    EXPECT_EQ(refusal("/queue/hold", {{"destination", "b.test"}, {"reason", std::string(501, 'x')}}),
              "400 the reason is longer than 500 octets");
}

TEST_F(AdminTest, WhoIsGivenUpIsLeftToBeReported) {
    const std::string letter = queue_letter("anna@b.test");
    queue_letter("bo@b.test");
    queue_letter("cy@c.test");
    ask("/queue/hold", {{"destination", "b.test"}});
    ask("/queue/bounce", {{"letter", letter}, {"reason", "we do not send such letters"}});
    const json::object shown =
        ask("/queue/show", {{"letter", letter}}).at("items").at(0).at("recipients").at(0).as_object();
    EXPECT_EQ(shown.at("state").as_string(), "failed");
    EXPECT_EQ(shown.at("last_reply").as_string(), "5.7.1 we do not send such letters");
    EXPECT_EQ(kinds_of(letter).back(), "refused");
    EXPECT_EQ(refusal("/queue/bounce", {{"letter", letter}}),
              fmt::format("409 nothing of letter {} is still to be tried", letter));
    EXPECT_EQ(ask("/queue/bounce", {{"destination", "b.test"}}).at("letters").to_number<int>(), 1);
    EXPECT_EQ(ask("/queue/bounce", {{"destination", "b.test"}}).at("letters").to_number<int>(), 0);
}

/// A hold of its destination stands in no journey: the letters that come later have it, too.
TEST_F(AdminTest, ATraceTellsThatTheDestinationIsOnHold) {
    const std::string letter = queue_letter("anna@b.test");
    const auto entries = run(queue_.list({}, 10)).value().messages;
    journeys_.record({.journey = letter,
                      .time = {},
                      .kind = "queued",
                      .fields = {{"id", std::to_string(entries.at(0).message.id.value)}},
                      .message_id = {},
                      .addresses = {}});
    ask("/queue/hold", {{"destination", "b.test"}});
    EXPECT_EQ(kinds_of(letter).back(), "destination-stopped");
    ask("/queue/release", {{"destination", "b.test"}});
    EXPECT_EQ(kinds_of(letter).back(), "queued");
}

} // namespace
} // namespace tegami::admin
