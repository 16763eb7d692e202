// The resolvers: the simulated one, and libunbound against a real NSD on loopback with a zone of its own.
#include "async/context_pool.h"
#include "net/simulated_resolver.h"
#include "net/test_support.h"
#include "net/unbound_resolver.h"

#include <boost/asio/ip/udp.hpp>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <fstream>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tegami::net::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

dns::Name name(std::string_view text) {
    return dns::Name::parse(text).value();
}

std::vector<std::string> texts(const DnsAnswer& answer) {
    std::vector<std::string> all;
    for (const dns::Record& record : answer.records)
        all.push_back(dns::to_string(record.data));
    std::ranges::sort(all);
    return all;
}

class SimulatedResolverTest : public ::testing::Test {
protected:
    SimulatedResolverTest() {
        resolver.add("b.test", "MX", "10 mail.b.test");
        resolver.add("mail.b.test", "A", "192.0.2.2");
        resolver.add("www.b.test", "CNAME", "mail.b.test");
        resolver.add("loop.b.test", "CNAME", "pool.b.test");
        resolver.add("pool.b.test", "CNAME", "loop.b.test");
    }

    DnsAnswer ask(std::string_view question, dns::Type type) { return time.run(resolver.query(name(question), type)); }

    async::VirtualTime time{1};
    SimulatedResolver resolver{&time};
};

TEST_F(SimulatedResolverTest, AnswersFromItsTable) {
    EXPECT_THAT(texts(ask("B.test", dns::Type::mx)), ElementsAre("10 mail.b.test"));
    EXPECT_EQ(ask("b.test", dns::Type::mx).text, "MX b.test: 1 record");
    EXPECT_EQ(ask("b.test", dns::Type::a).status, DnsStatus::no_data);
    EXPECT_EQ(ask("test", dns::Type::a).status, DnsStatus::no_data);
    EXPECT_EQ(ask("c.test", dns::Type::a).status, DnsStatus::name_does_not_exist);
    const DnsAnswer alias = ask("www.b.test", dns::Type::a);
    EXPECT_THAT(alias.aliases, ElementsAre(name("mail.b.test")));
    EXPECT_THAT(texts(alias), ElementsAre("192.0.2.2"));
    EXPECT_EQ(ask("loop.b.test", dns::Type::a).status, DnsStatus::server_failure);
}

TEST_F(SimulatedResolverTest, FailsWhenToldTo) {
    resolver.fail("mail.b.test", DnsStatus::timed_out);
    EXPECT_EQ(ask("www.b.test", dns::Type::a).status, DnsStatus::timed_out);
    resolver.forget_failure("mail.b.test");
    EXPECT_EQ(ask("www.b.test", dns::Type::a).status, DnsStatus::no_error);
    EXPECT_FALSE(ask("b.test", dns::Type::mx).secure);
    resolver.set_secure("b.test", true);
    EXPECT_TRUE(ask("b.test", dns::Type::mx).secure);
}

constexpr std::string_view kZone = R"(
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN NS ns
ns IN A 127.0.0.1
@ IN MX 10 mail
@ IN MX 20 backup
mail IN A 127.0.0.2
mail IN AAAA ::1
www IN CNAME alias
alias IN CNAME mail
dangling IN CNAME nowhere
nomail IN MX 0 .
txt IN TXT "v=spf1 mx " "-all"
_imaps._tcp IN SRV 0 1 993 mail
_25._tcp.mail IN TLSA 3 1 1 0011223344556677889900112233445566778899001122334455667788990011
)";

std::uint16_t free_port() {
    boost::asio::io_context context;
    boost::asio::ip::udp::socket socket(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return socket.local_endpoint().port();
}

/// A name server of its own for the zones a.test and b.test.
class Nsd {
public:
    Nsd() : port_(free_port()) {
        std::ofstream(folder_.file("zone")) << kZone;
        std::ofstream(folder_.file("nsd.conf"))
            << "server:\n  ip-address: 127.0.0.1\n  port: " << port_
            << "\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n"
            << "  zonesdir: \"" << folder_.file("") << "\"\n  pidfile: \"\"\n  database: \"\"\n  zonelistfile: \""
            << folder_.file("zones.list") << "\"\n  xfrdfile: \"" << folder_.file("xfrd.state") << "\"\n  xfrdir: \""
            << folder_.file("") << "\"\n  logfile: \"" << folder_.file("log")
            << "\"\nremote-control:\n  control-enable: no\n"
            << "zone:\n  name: a.test\n  zonefile: zone\nzone:\n  name: b.test\n  zonefile: zone\n";
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGTERM); // not to outlive a test that dies
            const int nowhere = ::open("/dev/null", O_RDWR);
            for (const int descriptor : {0, 1, 2})
                ::dup2(nowhere, descriptor);
            const std::string configuration = folder_.file("nsd.conf");
            ::execl("/usr/sbin/nsd", "nsd", "-d", "-c", configuration.c_str(), nullptr);
            ::_exit(127);
        }
        wait_until_it_answers();
    }

    ~Nsd() {
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
    }

    Endpoint endpoint() const { return {IpAddress::v4({127, 0, 0, 1}), port_}; }

    static bool is_installed() { return ::access("/usr/sbin/nsd", X_OK) == 0; }

private:
    /// Asks for the root's address until there is any answer.
    void wait_until_it_answers() {
        constexpr std::string_view kQuestion("\0\7\0\0\0\1\0\0\0\0\0\0\0\0\1\0\1", 17);
        boost::asio::io_context context;
        boost::asio::ip::udp::socket socket(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), port_});
        std::array<char, 512> answer{};
        for (int i = 0; i < 1000; ++i) {
            ::send(socket.native_handle(), kQuestion.data(), kQuestion.size(), 0);
            pollfd readable{socket.native_handle(), POLLIN, 0};
            ::poll(&readable, 1, 20);
            if (::recv(socket.native_handle(), answer.data(), answer.size(), MSG_DONTWAIT) > 0) return;
            ::poll(nullptr, 0, 10); // refused at once while it is starting
        }
        FAIL() << "NSD does not answer";
    }

    TemporaryFolder folder_;
    const std::uint16_t port_;
    pid_t process_ = -1;
};

class UnboundTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        if (Nsd::is_installed()) nsd_ = std::make_unique<Nsd>();
    }

    static void TearDownTestSuite() { nsd_.reset(); }

    void SetUp() override {
        if (!nsd_) GTEST_SKIP() << "NSD is not installed";
        ResolverSettings settings;
        settings.mode = ResolverSettings::Mode::forwarders;
        settings.servers = {nsd_->endpoint()};
        settings.timeout = seconds(20);
        resolver_ = UnboundResolver::create(settings, &timers_, context_.get_executor()).value();
    }

    DnsAnswer ask(std::string_view question, dns::Type type) {
        return async::run_on(context_, resolver_->query(name(question), type));
    }

    boost::asio::io_context context_{1};
    async::RealTimers timers_;
    std::unique_ptr<UnboundResolver> resolver_;
    static inline std::unique_ptr<Nsd> nsd_;
};

TEST_F(UnboundTest, FindsRecordsOfEveryType) {
    const DnsAnswer mx = ask("b.test", dns::Type::mx);
    ASSERT_EQ(mx.status, DnsStatus::no_error);
    EXPECT_THAT(texts(mx), ElementsAre("10 mail.b.test", "20 backup.b.test"));
    EXPECT_EQ(mx.records.front().name, name("b.test"));
    EXPECT_EQ(mx.ttl_seconds, 300u);
    EXPECT_EQ(mx.text, "MX b.test: 2 records");
    EXPECT_FALSE(mx.secure);
    EXPECT_THAT(texts(ask("mail.a.test", dns::Type::a)), ElementsAre("127.0.0.2"));
    EXPECT_THAT(texts(ask("mail.b.test", dns::Type::aaaa)), ElementsAre("::1"));
    EXPECT_THAT(texts(ask("txt.b.test", dns::Type::txt)), ElementsAre("\"v=spf1 mx \" \"-all\""));
    EXPECT_THAT(texts(ask("_imaps._tcp.b.test", dns::Type::srv)), ElementsAre("0 1 993 mail.b.test"));
    EXPECT_THAT(texts(ask("_25._tcp.mail.b.test", dns::Type::tlsa)), ElementsAre(HasSubstr("3 1 1 0011")));
    EXPECT_TRUE(dns::is_null_mx(ask("nomail.b.test", dns::Type::mx).records));
}

TEST_F(UnboundTest, FollowsAliases) {
    const DnsAnswer answer = ask("www.b.test", dns::Type::a);
    ASSERT_EQ(answer.status, DnsStatus::no_error);
    EXPECT_THAT(answer.aliases, ElementsAre(name("alias.b.test"), name("mail.b.test")));
    EXPECT_THAT(texts(answer), ElementsAre("127.0.0.2"));
    EXPECT_EQ(answer.records.front().name, name("mail.b.test"));
    EXPECT_EQ(ask("dangling.b.test", dns::Type::a).status, DnsStatus::name_does_not_exist);
}

TEST_F(UnboundTest, TellsNoDataFromNoName) {
    EXPECT_EQ(ask("b.test", dns::Type::tlsa).status, DnsStatus::no_data);
    EXPECT_EQ(ask("nowhere.b.test", dns::Type::a).status, DnsStatus::name_does_not_exist);
    EXPECT_EQ(ask("nowhere.b.test", dns::Type::a).text, "A nowhere.b.test: the name does not exist");
}

TEST_F(UnboundTest, ARefusalIsAFailure) {
    EXPECT_EQ(ask("c.test", dns::Type::mx).status, DnsStatus::server_failure);
}

Awaitable<> ask_and_count(UnboundResolver* resolver, int* good) {
    const DnsAnswer answer = co_await resolver->query(name("mail.b.test"), dns::Type::a);
    if (answer.status == DnsStatus::no_error) ++*good;
}

TEST_F(UnboundTest, AnswersManyAtOnce) {
    async::TaskGroup group(context_.get_executor(),
                           [](std::string_view, std::string_view reason) { FAIL() << reason; });
    int good = 0;
    for (int i = 0; i < 200; ++i)
        group.spawn("ask", ask_and_count(resolver_.get(), &good));
    async::run_on(context_, group.join());
    EXPECT_EQ(good, 200);
}

Awaitable<> ask_again_and_again(UnboundResolver* resolver, std::atomic<int>* good) {
    int mine = 0;
    for (int i = 0; i < 200; ++i)
        co_await ask_and_count(resolver, &mine);
    *good += mine;
}

// SPF and DKIM ask from the thread of each connection, while the answers come in on one of them. Meant for the
// sanitizers, too: an answer may be there before the call that asked for it has returned.
TEST_F(UnboundTest, IsAskedFromManyThreads) {
    std::atomic<int> good = 0;
    async::ContextPool contexts(4, [](std::string_view reason) { FAIL() << reason; });
    std::deque<async::TaskGroup> groups;
    for (std::size_t number = 0; number < contexts.size(); ++number)
        groups.emplace_back(contexts.executor(number), [](std::string_view, std::string_view r) { FAIL() << r; });
    for (async::TaskGroup& group : groups)
        for (int i = 0; i < 5; ++i)
            group.spawn("ask", ask_again_and_again(resolver_.get(), &good));
    for (async::TaskGroup& group : groups)
        async::run_on(context_, group.join());
    EXPECT_EQ(good, 4 * 5 * 200);
}

TEST(UnboundResolver, GivesUpInTime) {
    // A socket that nobody reads from.
    boost::asio::io_context context(1);
    boost::asio::ip::udp::socket silent(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
    async::RealTimers timers;
    ResolverSettings settings;
    settings.mode = ResolverSettings::Mode::forwarders;
    settings.servers = {{IpAddress::v4({127, 0, 0, 1}), silent.local_endpoint().port()}};
    settings.timeout = milliseconds(50);
    const auto resolver = UnboundResolver::create(settings, &timers, context.get_executor()).value();
    const DnsAnswer answer = async::run_on(context, resolver->query(name("b.test"), dns::Type::mx));
    EXPECT_EQ(answer.status, DnsStatus::timed_out);
    EXPECT_EQ(answer.text, "MX b.test: the name servers did not answer in time");
}

TEST(UnboundResolver, SaysWhatIsWrongWithItsSettings) {
    boost::asio::io_context context(1);
    async::RealTimers timers;
    ResolverSettings settings;
    settings.mode = ResolverSettings::Mode::recursion;
    settings.trust_anchor_path = "/nonexistent/root.key";
    const auto resolver = UnboundResolver::create(settings, &timers, context.get_executor());
    ASSERT_FALSE(resolver.has_value());
    EXPECT_THAT(resolver.error(), HasSubstr("/nonexistent/root.key"));
}

} // namespace
} // namespace tegami::net::testing
