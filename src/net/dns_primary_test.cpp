// A name server that takes updates, played by a script; a real one is in tests/cli/test_dns_publish.py.
#include "net/dns_primary.h"
#include "net/simulated_resolver.h"
#include "net/test_support.h"

#include "base/bytes.h"

#include <gmock/gmock.h>

namespace tegami::net::testing {
namespace {

using ::testing::HasSubstr;

dns::Name named(std::string_view text) {
    return dns::Name::parse(text).value();
}

const dns::TsigKey kKey{.name = named("key.test"), .secret = "0123456789abcdef0123456789abcdef"};
const std::string kZoneSection = named("a.test").wire() + std::string("\0\6\0\1", 4);
/// An SOA record of a.test.
const std::string kSoa = named("a.test").wire() + std::string("\0\6\0\1\0\0\0\0\0\x16", 10) + std::string(22, '\0');

enum class Trick : std::uint8_t { none, silent, cut, other_id, unsigned_yes, wrong_secret, garbage };

struct Play {
    Trick trick = Trick::none;
    std::string flags; ///< two octets
    std::string counts = std::string("\0\1\0\0\0\0\0\0", 8);
    std::string rest = kZoneSection; ///< the sections
    bool is_update = false;
};

/// The signature is made of what a request's would be: the answer's covers the request's too, in front (RFC 8945 §5.3).
std::string sign_answer(std::string message, std::string_view request, Timestamp now, std::string secret) {
    const std::string id = message.substr(0, 2);
    constexpr std::size_t kMacBytes = 32;
    // The MAC, then id, error and length of other data.
    const std::string_view request_mac = request.substr(request.size() - 6 - kMacBytes, kMacBytes);
    std::string covered("\0\x20", 2);
    covered += request_mac;
    message[0] = 0, message[1] = kMacBytes; // what sign() takes for the id is the length in front
    dns::TsigKey key = kKey;
    key.secret = std::move(secret);
    message = dns::sign(covered + message, key, now).octets.substr(covered.size());
    message[0] = id[0], message[1] = id[1], message[11] = 1;
    return message;
}

Awaitable<> play(World* world, Listener* listener, Play what) {
    auto stream = co_await listener->accept(world->executor());
    if (!stream) co_return;
    std::string request(4096, '\0');
    const auto got = co_await (*stream)->read_some(request.data(), request.size());
    if (!got) co_return;
    request.resize(*got);
    if (what.trick == Trick::silent) {
        co_await async::sleep(&world->timers(), std::chrono::minutes(1));
        co_return;
    }
    std::string answer = request.substr(2, 2) + what.flags + what.counts + what.rest;
    if (what.trick == Trick::other_id) answer[0] = static_cast<char>(answer[0] ^ 1);
    if (what.is_update && what.trick != Trick::unsigned_yes)
        answer = sign_answer(answer, request, world->timers().now(),
                             what.trick == Trick::wrong_secret ? "another" : kKey.secret);
    if (what.trick == Trick::garbage) answer = "????????????????";
    std::string framed;
    bytes::append_big_endian(framed, static_cast<std::uint16_t>(answer.size()));
    framed += answer;
    if (what.trick == Trick::cut) framed.resize(framed.size() - 1);
    const auto sent = co_await (*stream)->write_all(std::move(framed));
    if (sent) co_await (*stream)->finish();
}

/// What is asked of the primary; its outcome as text.
using Request = Awaitable<std::string> (*)(DnsPrimary*);

Awaitable<std::string> change_one(DnsPrimary* primary) {
    dns::SetUpdate update{.zone = named("a.test"), .name = named("x.a.test"), .type = dns::Type::txt};
    update.added.push_back(dns::TxtData{{"text"}});
    const auto done = co_await primary->update(std::move(update));
    co_return done ? "done" : done.error();
}

Awaitable<std::string> find_zone(DnsPrimary* primary) {
    dns::Name name = named("x.a.test");
    const auto zone = co_await primary->zone_of(std::move(name));
    co_return !zone ? zone.error() : *zone ? (*zone)->to_string() : "no zone";
}

Awaitable<> converse(SimulatedWorld* world, Play what, Request request, std::string* found) {
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    const std::unique_ptr<Listener> listener = world->listen();
    group.spawn("server", play(world, listener.get(), std::move(what)));
    SeededRandom random(1);
    DnsPrimary primary({.network = world->client(), .timers = world->timers(), .random = random},
                       {.server = listener->local_endpoint(), .key = kKey});
    *found = co_await request(&primary);
    co_await group.join();
}

std::string outcome(Request request, Play what) {
    SimulatedWorld world;
    std::string found;
    world.run(converse(&world, std::move(what), request, &found));
    return found;
}

Play update_answer(char code, Trick trick = Trick::none) {
    return {.trick = trick, .flags = std::string("\xa8", 1) + code, .is_update = true};
}

TEST(DnsPrimary, BelievesOnlyASignedAnswer) {
    EXPECT_EQ(outcome(change_one, update_answer(0)), "done");
    EXPECT_THAT(outcome(change_one, update_answer(0, Trick::unsigned_yes)), HasSubstr("is not signed: perhaps"));
    EXPECT_THAT(outcome(change_one, update_answer(0, Trick::wrong_secret)), HasSubstr("not signed with the key"));
    EXPECT_THAT(outcome(change_one, update_answer(0, Trick::other_id)), HasSubstr("no proper answer"));
    EXPECT_THAT(outcome(change_one, update_answer(0, Trick::garbage)), HasSubstr("no proper answer"));
    EXPECT_THAT(outcome(change_one, update_answer(0, Trick::cut)), HasSubstr("did not answer"));
    EXPECT_THAT(outcome(change_one, update_answer(0, Trick::silent)), HasSubstr("did not answer"));
}

TEST(DnsPrimary, SaysWhyAChangeWasNotMade) {
    EXPECT_THAT(outcome(change_one, update_answer(5)), HasSubstr("does not let the key key.test change x.a.test TXT"));
    EXPECT_THAT(outcome(change_one, update_answer(5, Trick::unsigned_yes)), HasSubstr("(REFUSED)"));
    EXPECT_THAT(outcome(change_one, update_answer(8)), HasSubstr("nothing was changed"));
    EXPECT_THAT(outcome(change_one, update_answer(9)), HasSubstr("is not the primary server of a.test"));
    EXPECT_THAT(outcome(change_one, update_answer(2)), HasSubstr("SERVFAIL"));
}

TEST(DnsPrimary, FindsTheZoneOfAName) {
    const std::string one_authority("\0\1\0\0\0\1\0\0", 8);
    const std::string question = named("x.a.test").wire() + std::string("\0\6\0\1", 4);
    const auto zone = [&](std::string flags, std::string counts, std::string rest) {
        return outcome(find_zone, {.flags = std::move(flags), .counts = std::move(counts), .rest = std::move(rest)});
    };
    const std::string nothing_more("\0\1\0\0\0\0\0\0", 8);
    EXPECT_EQ(zone("\x84\3", one_authority, question + kSoa), "a.test");
    EXPECT_EQ(zone(std::string("\x80\0", 2), one_authority, question + kSoa), "no zone") << "of somebody else";
    EXPECT_EQ(zone("\x80\5", nothing_more, question), "no zone") << "refused";
    EXPECT_THAT(zone("\x80\2", nothing_more, question), HasSubstr("SERVFAIL"));
    EXPECT_EQ(zone("\x84\3", one_authority,
                   question + named("b.test").wire() + std::string("\0\6\0\1\0\0\0\0\0\x16", 10) + std::string(22, 0)),
              "no zone")
        << "a zone that does not hold the name";
}

/// What PrimaryFirstResolver says of x.a.test MX; others say 1 others.test.
Awaitable<std::string> resolve(DnsPrimary* primary) {
    async::RealTimers timers;
    SimulatedResolver others(&timers, Duration());
    others.add("x.a.test", "MX", "1 others.test");
    PrimaryFirstResolver resolver(*primary, others);
    dns::Name name = named("x.a.test");
    const DnsAnswer answer = co_await resolver.query(std::move(name), dns::Type::mx);
    std::string text(describe(answer.status));
    for (const dns::Record& record : answer.records)
        text += " " + dns::to_string(record.data);
    co_return text;
}

TEST(DnsPrimary, IsAskedBeforeOthers) {
    const std::string question = named("x.a.test").wire() + std::string("\0\x0f\0\1", 4);
    const std::string mx = "\xc0\x0c" + std::string("\0\x0f\0\1\0\0\0\0\0\4\0\5", 12) + "\xc0\x0c";
    const std::string alias = "\xc0\x0c" + std::string("\0\5\0\1\0\0\0\0\0\x08\6others\0", 18);
    const std::string one("\0\1\0\1\0\0\0\0", 8);
    const std::string none("\0\1\0\0\0\0\0\0", 8);
    const auto found = [&](std::string flags, std::string counts, std::string rest, Trick trick = Trick::none) {
        return outcome(resolve, {.trick = trick,
                                 .flags = std::move(flags),
                                 .counts = std::move(counts),
                                 .rest = question + std::move(rest)});
    };
    EXPECT_THAT(found(std::string("\x84\0", 2), one, mx), HasSubstr("5 x.a.test"));
    EXPECT_EQ(found("\x84\3", none, ""), std::string(describe(DnsStatus::name_does_not_exist)));
    EXPECT_EQ(found(std::string("\x84\0", 2), none, ""), std::string(describe(DnsStatus::no_data)));
    EXPECT_THAT(found(std::string("\x84\0", 2), one, alias), HasSubstr("1 others.test")) << "it leads out of the zone";
    EXPECT_THAT(found("\x80\5", none, ""), HasSubstr("1 others.test")) << "none of its zones";
    EXPECT_EQ(found("\x84\3", none, "", Trick::cut), std::string(describe(DnsStatus::server_failure)));
}

} // namespace
} // namespace tegami::net::testing
