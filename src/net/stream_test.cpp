// What every stream does, in both worlds: real sockets on 127.0.0.1 and ::1, and the simulated network.
#include "async/first_of.h"
#include "net/test_support.h"
#include "net/tlsa_fixture.h"

#include <boost/asio/this_coro.hpp>

namespace tegami::net::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Kind { real_v4, real_v6, simulated };

class StreamTest : public ::testing::TestWithParam<Kind> {
protected:
    StreamTest() {
        if (GetParam() == Kind::real_v4) world_ = std::make_unique<RealWorld>("127.0.0.1");
        if (GetParam() == Kind::real_v6) world_ = std::make_unique<RealWorld>("::1");
        if (GetParam() == Kind::simulated) world_ = std::make_unique<SimulatedWorld>();
    }

    World& world() { return *world_; }

private:
    std::unique_ptr<World> world_;
};

INSTANTIATE_TEST_SUITE_P(Worlds, StreamTest, ::testing::Values(Kind::real_v4, Kind::real_v6, Kind::simulated));

struct Pair {
    std::unique_ptr<Stream> client;
    std::unique_ptr<Stream> server;
};

Awaitable<Pair> make_pair(World* world) {
    const std::unique_ptr<Listener> listener = world->listen();
    auto client = co_await world->client().connect(listener->local_endpoint(), {});
    auto server = co_await listener->accept(world->executor());
    Pair pair{std::move(client).value(), std::move(server).value()};
    co_return pair;
}

/// Reads to the end; `error` is how it ended.
Awaitable<std::string> read_all(Stream* stream, IoError* error) {
    std::string all;
    std::string buffer(5000, '\0');
    for (;;) {
        const IoResult<std::size_t> size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) {
            *error = size.error();
            co_return all;
        }
        all.append(buffer, 0, *size);
    }
}

Awaitable<> write_and_finish(Stream* stream, std::string octets) {
    const IoResult<> written = co_await stream->write_all(std::move(octets));
    EXPECT_TRUE(written.has_value());
    co_await stream->finish();
}

std::string many_octets(std::size_t size) {
    std::string octets(size, '\0');
    SeededRandom(7).fill(octets.data(), octets.size());
    return octets;
}

Awaitable<> server_handshake(Stream* stream, std::shared_ptr<const TlsServerContext> context, IoResult<>* result) {
    *result = co_await stream->start_tls(std::move(context));
}

/// Both sides of a handshake at once; the results are the server's and the client's.
Awaitable<std::pair<IoResult<>, IoResult<>>> shake_hands_of(World* world, Pair* pair, const TlsMaterial* material,
                                                            std::shared_ptr<const TlsClientContext> context,
                                                            TlsClientOptions options) {
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    IoResult<> server;
    group.spawn("server", server_handshake(pair->server.get(), material->server, &server));
    const IoResult<> client = co_await pair->client->start_tls(std::move(context), std::move(options));
    if (!client) pair->client->close();
    co_await group.join();
    co_return std::pair(server, client);
}

Awaitable<> transfer(World* world, bool tls) {
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    Pair pair = co_await make_pair(world);
    const TlsMaterial material;
    if (tls) {
        const auto shaken = co_await shake_hands_of(world, &pair, &material, material.trusting, {"mail.b.test", {}});
        EXPECT_TRUE(shaken.first.has_value()) << pair.server->error_text();
        EXPECT_TRUE(shaken.second.has_value()) << pair.client->error_text();
    }
    EXPECT_EQ(pair.client->is_secure(), tls);
    const std::string sent = many_octets(3'000'000);
    group.spawn("writer", write_and_finish(pair.client.get(), sent));
    IoError error{};
    const std::string received = co_await read_all(pair.server.get(), &error);
    EXPECT_EQ(error, IoError::end_of_stream);
    EXPECT_TRUE(received == sent) << received.size();
    pair.server->close();
    co_await group.join();
}

TEST_P(StreamTest, CarriesOctetsInOrderToTheEnd) {
    world().run(transfer(&world(), false));
}

TEST_P(StreamTest, CarriesOctetsUnderTls) {
    world().run(transfer(&world(), true));
}

Awaitable<> know_endpoints(World* world) {
    const Pair pair = co_await make_pair(world);
    EXPECT_EQ(pair.client->remote_endpoint(), pair.server->local_endpoint());
    EXPECT_EQ(pair.client->local_endpoint(), pair.server->remote_endpoint());
    EXPECT_NE(pair.client->local_endpoint().port, 0);
}

TEST_P(StreamTest, KnowsItsEndpoints) {
    world().run(know_endpoints(&world()));
}

Awaitable<> hit_deadline(World* world) {
    Pair pair = co_await make_pair(world);
    const Instant start = world->timers().instant();
    std::string buffer(100, '\0');
    pair.client->set_deadline(start + seconds(600));
    pair.client->set_deadline(start + milliseconds(20));
    const auto first = co_await pair.client->read_some(buffer.data(), buffer.size());
    EXPECT_EQ(first, failure(IoError::timed_out));
    EXPECT_GE(world->timers().instant(), start + milliseconds(20));
    EXPECT_LT(world->timers().instant(), start + seconds(20));
    const auto waited = co_await pair.client->wait_readable();
    EXPECT_EQ(waited, IoResult<>(failure(IoError::timed_out)));
    // A deadline that moves makes the stream usable again.
    pair.client->set_deadline(Instant::max());
    const auto sent = co_await pair.server->write_all("hello");
    EXPECT_TRUE(sent.has_value());
    const auto second = co_await pair.client->read_some(buffer.data(), buffer.size());
    EXPECT_EQ(second, 5u);
}

TEST_P(StreamTest, EndsOperationsAtTheDeadline) {
    world().run(hit_deadline(&world()));
}

Awaitable<> postpone_deadline(World* world) {
    Pair pair = co_await make_pair(world);
    const Instant start = world->timers().instant();
    pair.client->set_deadline(start + milliseconds(5));
    pair.client->set_deadline(start + milliseconds(30));
    std::string buffer(100, '\0');
    const auto read = co_await pair.client->read_some(buffer.data(), buffer.size());
    EXPECT_EQ(read, failure(IoError::timed_out));
    EXPECT_GE(world->timers().instant(), start + milliseconds(30));
}

TEST_P(StreamTest, TheWatchdogFollowsADeadlineThatMovesAway) {
    world().run(postpone_deadline(&world()));
}

/// A peer that reads nothing: the window fills.
Awaitable<> write_to_a_sleeper(World* world) {
    Pair pair = co_await make_pair(world);
    pair.client->set_deadline(world->timers().instant() + milliseconds(50));
    const std::string octets = many_octets(20'000'000);
    const auto written = co_await pair.client->write_all(octets.data(), octets.size());
    EXPECT_EQ(written, IoResult<>(failure(IoError::timed_out)));
}

TEST_P(StreamTest, WritingToAPeerThatDoesNotReadEndsAtTheDeadline) {
    world().run(write_to_a_sleeper(&world()));
}

Awaitable<> read_into(Stream* stream, IoResult<std::size_t>* result) {
    std::string buffer(100, '\0');
    *result = co_await stream->read_some(buffer.data(), buffer.size());
}

Awaitable<> close_under_read(World* world) {
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    Pair pair = co_await make_pair(world);
    IoResult<std::size_t> result = 0;
    group.spawn("reader", read_into(pair.client.get(), &result));
    co_await async::sleep(&world->timers(), milliseconds(5));
    pair.client->close();
    co_await group.join();
    EXPECT_EQ(result, failure(IoError::cancelled));
    const auto again = co_await pair.client->write_all("x");
    EXPECT_EQ(again, IoResult<>(failure(IoError::cancelled)));
}

TEST_P(StreamTest, CloseEndsAPendingRead) {
    world().run(close_under_read(&world()));
}

Awaitable<> cancel_reader(World* world) {
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    Pair pair = co_await make_pair(world);
    IoResult<std::size_t> result = 0;
    group.spawn("reader", read_into(pair.client.get(), &result));
    co_await async::sleep(&world->timers(), milliseconds(5));
    group.cancel();
    co_await group.join();
    EXPECT_EQ(result, 0u);
}

TEST_P(StreamTest, CancellingTheTaskEndsAPendingRead) {
    world().run(cancel_reader(&world()));
}

Awaitable<> half_close(World* world) {
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    Pair pair = co_await make_pair(world);
    // The client says goodbye and still hears what the server had to say.
    group.spawn("client", write_and_finish(pair.client.get(), "QUIT"));
    IoError error{};
    const std::string heard = co_await read_all(pair.server.get(), &error);
    EXPECT_EQ(heard, "QUIT");
    const auto answered = co_await pair.server->write_all("bye");
    EXPECT_TRUE(answered.has_value());
    pair.server->close();
    co_await group.join();
}

Awaitable<> last_words(World* world) {
    Pair pair = co_await make_pair(world);
    const auto asked = co_await pair.client->write_all("half a line");
    EXPECT_TRUE(asked.has_value());
    const auto arrived = co_await pair.server->wait_readable();
    EXPECT_TRUE(arrived.has_value());
    const auto told = co_await pair.server->write_all("bye");
    EXPECT_TRUE(told.has_value());
    pair.server->close();
    IoError error{};
    const std::string heard = co_await read_all(pair.client.get(), &error);
    EXPECT_EQ(heard, "bye");
    EXPECT_EQ(error, IoError::end_of_stream);
}

TEST_P(StreamTest, LastWordsAreHeardThoughNotAllWasRead) {
    world().run(last_words(&world()));
}

TEST_P(StreamTest, FinishWaitsForThePeer) {
    world().run(half_close(&world()));
}

Awaitable<> finish_with_a_babbler(World* world) {
    Pair pair = co_await make_pair(world);
    const auto babble = co_await pair.client->write_all(many_octets(50'000));
    EXPECT_TRUE(babble.has_value());
    // The server refuses without reading; its last words arrive all the same.
    const auto refused = co_await pair.server->write_all("421 too busy\r\n");
    EXPECT_TRUE(refused.has_value());
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("server", write_and_finish(pair.server.get(), ""));
    IoError error{};
    const std::string heard = co_await read_all(pair.client.get(), &error);
    EXPECT_EQ(heard, "421 too busy\r\n");
    EXPECT_EQ(error, IoError::end_of_stream);
    pair.client->close();
    co_await group.join();
}

TEST_P(StreamTest, LastWordsReachAPeerWhoseOctetsWereNotRead) {
    world().run(finish_with_a_babbler(&world()));
}

Awaitable<> finish_with_a_mute(World* world) {
    Pair pair = co_await make_pair(world);
    const Instant start = world->timers().instant();
    co_await pair.server->finish();
    EXPECT_LT(world->timers().instant(), start + seconds(10));
}

TEST(Stream, FinishDoesNotWaitForever) {
    SimulatedWorld world;
    world.run(finish_with_a_mute(&world));
}

Awaitable<> write_to_the_gone(World* world) {
    Pair pair = co_await make_pair(world);
    pair.server->close();
    const std::string octets = many_octets(100'000);
    IoResult<> written;
    for (int i = 0; i < 1000 && written; ++i)
        written = co_await pair.client->write_all(octets.data(), octets.size());
    EXPECT_EQ(written, IoResult<>(failure(IoError::reset)));
}

TEST_P(StreamTest, WritingToAPeerThatIsGoneIsAReset) {
    world().run(write_to_the_gone(&world()));
}

Awaitable<> connect_to_nobody(World* world) {
    std::unique_ptr<Listener> listener = world->listen();
    const Endpoint nobody = listener->local_endpoint();
    listener.reset();
    const auto stream = co_await world->client().connect(nobody, {});
    EXPECT_FALSE(stream.has_value());
    EXPECT_EQ(stream.error(), IoError::refused);
}

TEST_P(StreamTest, NobodyListensMeansRefused) {
    world().run(connect_to_nobody(&world()));
}

Awaitable<> accept_once(Listener* listener, async::Executor executor, IoError* error) {
    const auto stream = co_await listener->accept(executor);
    if (!stream) *error = stream.error();
}

Awaitable<> close_listener(World* world) {
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    const std::unique_ptr<Listener> listener = world->listen();
    IoError error{};
    group.spawn("accept", accept_once(listener.get(), world->executor(), &error));
    co_await async::sleep(&world->timers(), milliseconds(5));
    listener->close();
    co_await group.join();
    EXPECT_EQ(error, IoError::cancelled);
}

TEST_P(StreamTest, ClosingTheListenerEndsAccept) {
    world().run(close_listener(&world()));
}

Awaitable<> until_readable(Stream* stream) {
    const IoResult<> result = co_await stream->wait_readable();
    EXPECT_TRUE(result.has_value());
}

Awaitable<> wait_for_either(World* world, bool tls) {
    Pair pair = co_await make_pair(world);
    const TlsMaterial material;
    std::string buffer(100, '\0');
    if (tls) {
        const auto shaken = co_await shake_hands_of(world, &pair, &material, material.opportunistic, {});
        EXPECT_TRUE(shaken.second.has_value());
        // The server's ticket arrives with its first octets; after them nothing is on the way to the client.
        const auto greeted = co_await pair.server->write_all("hello");
        EXPECT_TRUE(greeted.has_value());
        const auto greeting = co_await pair.client->read_some(buffer.data(), buffer.size());
        EXPECT_EQ(greeting, 5u);
    }
    // Twice news, without a word from the other side; then the word.
    for (int i = 0; i < 2; ++i) {
        const async::First first = co_await async::first_of(until_readable(pair.client.get()),
                                                            async::sleep(&world->timers(), milliseconds(5)));
        EXPECT_EQ(first, async::First::right);
    }
    const auto sent = co_await pair.server->write_all("DONE\r\n");
    EXPECT_TRUE(sent.has_value());
    const async::First first =
        co_await async::first_of(until_readable(pair.client.get()), async::sleep(&world->timers(), seconds(5)));
    EXPECT_EQ(first, async::First::left);
    const auto read = co_await pair.client->read_some(buffer.data(), buffer.size());
    EXPECT_EQ(read, 6u);
}

TEST_P(StreamTest, AnIdleSessionWaitsForAWordOrForNews) {
    world().run(wait_for_either(&world(), false));
}

TEST_P(StreamTest, AnIdleTlsSessionWaitsForAWordOrForNews) {
    world().run(wait_for_either(&world(), true));
}

Awaitable<> negotiate(World* world) {
    Pair pair = co_await make_pair(world);
    const TlsMaterial material;
    EXPECT_FALSE(pair.server->tls_info().has_value());
    const auto shaken =
        co_await shake_hands_of(world, &pair, &material, material.trusting, {"mail.b.test", {"nonsense", "smtp"}});
    EXPECT_TRUE(shaken.first.has_value());
    EXPECT_TRUE(shaken.second.has_value()) << pair.client->error_text();
    const std::optional<TlsInfo> client = pair.client->tls_info();
    const std::optional<TlsInfo> server = pair.server->tls_info();
    if (!client || !server) co_return;
    EXPECT_EQ(client->version, "TLSv1.3");
    EXPECT_EQ(client->cipher, server->cipher);
    EXPECT_EQ(server->server_name, "mail.b.test");
    EXPECT_EQ(client->application, "smtp");
    EXPECT_EQ(server->application, "smtp");
    EXPECT_EQ(client->verification, PeerVerification::verified);
    EXPECT_EQ(server->verification, PeerVerification::not_asked);
    EXPECT_EQ(client->exporter_binding.size(), 32u);
    EXPECT_EQ(client->exporter_binding, server->exporter_binding);
    EXPECT_EQ(client->server_end_point_binding.size(), 32u);
    EXPECT_EQ(client->server_end_point_binding, server->server_end_point_binding);
    EXPECT_NE(client->server_end_point_binding, client->exporter_binding);
}

TEST_P(StreamTest, TellsWhatTlsAgreedOn) {
    world().run(negotiate(&world()));
}

Awaitable<> try_trust(World* world, const TlsMaterial* material, std::shared_ptr<const TlsClientContext> context,
                      std::string name, bool good, PeerVerification verification) {
    Pair pair = co_await make_pair(world);
    const auto shaken = co_await shake_hands_of(world, &pair, material, std::move(context), {name, {}});
    EXPECT_EQ(shaken.second.has_value(), good) << name;
    if (!good) {
        EXPECT_EQ(shaken.second, IoResult<>(failure(IoError::tls_failed)));
        EXPECT_NE(pair.client->error_text(), "");
        EXPECT_FALSE(pair.client->is_secure());
        co_return;
    }
    const TlsInfo info = pair.client->tls_info().value();
    EXPECT_EQ(info.verification, verification);
    EXPECT_NE(info.verification_text, "");
}

TEST_P(StreamTest, VerifiesWhatItIsToldTo) {
    const TlsMaterial tls;
    const auto verified = PeerVerification::verified;
    const auto failed = PeerVerification::failed;
    world().run(try_trust(&world(), &tls, tls.trusting, "mail.b.test", true, verified));
    world().run(try_trust(&world(), &tls, tls.trusting, "127.0.0.1", true, verified));
    world().run(try_trust(&world(), &tls, tls.trusting, "", true, verified));
    world().run(try_trust(&world(), &tls, tls.trusting, "mail.a.test", false, failed));
    world().run(try_trust(&world(), &tls, tls.trusting, "127.0.0.2", false, failed));
    world().run(try_trust(&world(), &tls, tls.strict, "mail.b.test", false, failed));
    world().run(try_trust(&world(), &tls, tls.opportunistic, "mail.b.test", true, failed));
}

struct DaneCase {
    const char* what;
    std::vector<dns::TlsaData> tlsa;
    std::vector<std::string> names; ///< SNI first
    const char* problem;            ///< nothing: the handshake succeeds
};

Awaitable<> try_dane(World* world, const TlsMaterial* material, DaneCase test) {
    Pair pair = co_await make_pair(world);
    TlsClientOptions options{.host_name = test.names.front(),
                             .applications = {},
                             .tlsa = test.tlsa,
                             .other_names = {test.names.begin() + 1, test.names.end()}};
    const auto shaken = co_await shake_hands_of(world, &pair, material, material->opportunistic, std::move(options));
    EXPECT_EQ(shaken.second.has_value(), std::string_view(test.problem).empty()) << test.what;
    EXPECT_EQ(pair.client->error_text(), test.problem) << test.what;
    if (shaken.second) EXPECT_EQ(pair.client->tls_info()->server_name, test.names.front());
}

// RFC 7672 §3.1, RFC 7671 §5: the certificate, its key, or an authority of it, whole or as a hash.
TEST_P(StreamTest, ProvesAServerByWhatTheDnsPublishes) {
    const TlsMaterial tls;
    const TlsMaterial other;
    const std::string path = tls.folder.file("certificate.pem");
    const std::string foreign = other.folder.file("certificate.pem");
    constexpr const char* kNotPublished = "the certificate is not the one that the DNS publishes (TLSA)";
    constexpr const char* kOtherName = "the certificate is for another name";
    for (const DaneCase& test : std::vector<DaneCase>{
             {"key", {tlsa_of(path, 0, 3, 1, 1)}, {"mail.b.test"}, ""},
             {"key, by another name", {tlsa_of(path, 0, 3, 1, 1)}, {"mail.a.test"}, ""},
             {"certificate", {tlsa_of(path, 0, 3, 0, 2)}, {"mail.b.test"}, ""},
             {"the whole certificate", {tlsa_of(path, 0, 3, 0, 0)}, {"mail.b.test"}, ""},
             {"rollover", {tlsa_of(foreign, 0, 3, 1, 1), tlsa_of(path, 0, 3, 1, 1)}, {"mail.b.test"}, ""},
             {"authority", {tlsa_of(path, 1, 2, 0, 1)}, {"mail.b.test"}, ""},
             {"authority's key", {tlsa_of(path, 1, 2, 1, 1)}, {"mail.b.test"}, ""},
             {"authority, second name", {tlsa_of(path, 1, 2, 0, 1)}, {"mail.a.test", "mail.b.test"}, ""},
             {"authority, another name", {tlsa_of(path, 1, 2, 0, 1)}, {"mail.a.test", "b.test"}, kOtherName},
             {"another key", {tlsa_of(foreign, 0, 3, 1, 1)}, {"mail.b.test"}, kNotPublished},
             {"another authority", {tlsa_of(foreign, 1, 2, 0, 1)}, {"mail.b.test"}, kNotPublished},
             {"the authority as if the server's", {tlsa_of(path, 1, 3, 0, 1)}, {"mail.b.test"}, kNotPublished},
             {"a strong hash of another key", // RFC 7671 §9: the weak one does not count beside it
              {tlsa_of(path, 0, 3, 1, 1), tlsa_of(foreign, 0, 3, 1, 2)},
              {"mail.b.test"},
              kNotPublished},
             {"junk for a certificate", {{3, 0, 0, "junk"}}, {"mail.b.test"}, ""}, // as if nothing could be used
             {"junk beside a key", {{3, 0, 0, "junk"}, tlsa_of(foreign, 0, 3, 1, 1)}, {"mail.b.test"}, kNotPublished},
         })
        world().run(try_dane(&world(), &tls, test));
}

Awaitable<> shake_hands_with_junk(World* world, std::string junk) {
    Pair pair = co_await make_pair(world);
    const TlsMaterial material;
    pair.server->set_deadline(world->timers().instant() + seconds(5));
    const auto sent = co_await pair.client->write_all(std::move(junk));
    EXPECT_TRUE(sent.has_value());
    const auto result = co_await pair.server->start_tls(material.server);
    EXPECT_EQ(result, IoResult<>(failure(IoError::tls_failed)));
    EXPECT_NE(pair.server->error_text(), "");
    EXPECT_FALSE(pair.server->tls_info().has_value());
    std::string buffer(10, '\0');
    const auto read = co_await pair.server->read_some(buffer.data(), buffer.size());
    EXPECT_FALSE(read.has_value());
}

TEST_P(StreamTest, JunkInsteadOfAHandshakeFails) {
    world().run(shake_hands_with_junk(&world(), "EHLO client.example\r\nMAIL FROM:<>\r\n"));
    world().run(shake_hands_with_junk(&world(), std::string(1000, '\0')));
    world().run(shake_hands_with_junk(&world(), many_octets(5000)));
    world().run(shake_hands_with_junk(&world(), "\x16\x03\x01\x40\x01" + many_octets(20'000)));
}

Awaitable<> shake_hands_with_silence(World* world) {
    Pair pair = co_await make_pair(world);
    const TlsMaterial material;
    pair.server->set_deadline(world->timers().instant() + milliseconds(10));
    const auto result = co_await pair.server->start_tls(material.server);
    EXPECT_EQ(result, IoResult<>(failure(IoError::timed_out)));
}

TEST_P(StreamTest, AHandshakeEndsAtTheDeadline) {
    world().run(shake_hands_with_silence(&world()));
}

Awaitable<> hang_up_in_handshake(World* world) {
    Pair pair = co_await make_pair(world);
    const TlsMaterial material;
    pair.client->close();
    const auto result = co_await pair.server->start_tls(material.server);
    EXPECT_EQ(result, IoResult<>(failure(IoError::end_of_stream)));
}

TEST_P(StreamTest, APeerMayHangUpInAHandshake) {
    world().run(hang_up_in_handshake(&world()));
}

Awaitable<> end_tls(World* world) {
    Pair pair = co_await make_pair(world);
    const TlsMaterial material;
    const auto shaken = co_await shake_hands_of(world, &pair, &material, material.opportunistic, {});
    EXPECT_TRUE(shaken.first.has_value());
    pair.client->close(); // says goodbye under TLS
    IoError error{};
    const std::string heard = co_await read_all(pair.server.get(), &error);
    EXPECT_EQ(heard, "");
    EXPECT_EQ(error, IoError::end_of_stream);
}

TEST_P(StreamTest, TlsGoodbyeIsTheEndOfTheStream) {
    world().run(end_tls(&world()));
}

} // namespace
} // namespace tegami::net::testing
