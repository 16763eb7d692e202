// The POP3 server over a simulated network: whole dialogues, time-outs, clients that leave, and a store that fails.
#include "service/pop3d/pop3d.h"

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "async/worker_pool.h"
#include "base/base64.h"
#include "net/simulated_network.h"
#include "store/engine/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::pop3d {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Texts = std::vector<std::string>;

constexpr auto kQuiet = std::chrono::minutes(1);

class Stores final : public directory::AccountStores {
public:
    explicit Stores(store::Store& store) : store_(store) {}

    async::Awaitable<store::StoreResult<>> create(store::AccountId account, std::uint64_t quota_bytes) override {
        const auto made = co_await store_.create_account(account, {.bytes_max = quota_bytes});
        if (!made) co_return failure(made.error());
        co_return store::StoreResult<>();
    }

    void hide(store::AccountId account, bool hidden) override { store_.hide_account(account, hidden); }

    async::Awaitable<store::StoreResult<>> erase(store::AccountId account) override {
        co_return co_await store_.remove_account(account);
    }

private:
    store::Store& store_;
};

/// Adds to `heard` until nothing has come for a while; false once the connection is gone.
async::Awaitable<bool> listen_until_quiet(net::Stream* stream, const Clock* clock, std::string* heard) {
    for (;;) {
        stream->set_deadline(clock->instant() + kQuiet);
        std::string octets(8192, '\0');
        const auto got = co_await stream->read_some(octets.data(), octets.size());
        if (!got && got.error() == net::IoError::timed_out) co_return true;
        if (!got) {
            *heard += "(closed)";
            co_return false;
        }
        heard->append(octets, 0, *got);
    }
}

/// Sends each text when the server has become quiet; what it said first and after each of them.
async::Awaitable<Texts> talk(net::Network* network, const Clock* clock, net::Endpoint server, Texts sends) {
    auto stream = co_await network->connect(server, {});
    Texts answers(1);
    bool open = co_await listen_until_quiet(stream->get(), clock, &answers.back());
    for (std::string& octets : sends) {
        answers.emplace_back();
        if (!open) continue;
        (*stream)->set_deadline(Instant::max());
        const auto written = co_await (*stream)->write_all(std::move(octets));
        open = written.has_value();
        if (open) open = co_await listen_until_quiet(stream->get(), clock, &answers.back());
    }
    co_return answers;
}

/// Sends `octets` and waits until the server hangs up; all it said.
async::Awaitable<std::string> wait_for_end(net::Network* network, net::Endpoint server, std::string octets) {
    auto stream = co_await network->connect(server, {});
    const auto written = co_await (*stream)->write_all(std::move(octets));
    EXPECT_TRUE(written.has_value());
    std::string heard;
    for (;;) {
        std::string buffer(8192, '\0');
        const auto got = co_await (*stream)->read_some(buffer.data(), buffer.size());
        if (!got) co_return heard;
        heard.append(buffer, 0, *got);
    }
}

async::Awaitable<> hang_up_after(async::Timers* timers, net::Stream* stream, Duration pause) {
    co_await async::sleep(timers, pause);
    stream->close();
}

class Pop3dTest : public ::testing::Test {
protected:
    Pop3dTest() {
        directory_ =
            run(directory::Directory::open({engine_, workers_, time_, time_.random(), stores_},
                                           {.default_domain = message::Domain::parse("b.test").value(),
                                            .cost = {.memory_kib = 16, .passes = 1, .scram_iterations = 4096}}))
                .value();
        EXPECT_TRUE(run(directory_->add_domain({.name = message::Domain::parse("b.test").value(), .catch_all = {}})));
        const store::AccountId bob =
            run(directory_->add_account(
                    {.address = message::parse_email_address("bob@b.test").value(), .password = "builder77"}))
                .value()
                .id;
        account_ = run(store_.account(bob)).value();
        inbox_ = account_->mailboxes()->find(store::Role::inbox)->id;
        authenticator_ = std::make_unique<directory::Authenticator>(*directory_, workers_, time_, time_.random());
        service_ = std::make_unique<Service>(
            Service{*directory_, *authenticator_, store_, journeys_, locks_, tls_, time_, time_.random(), log_});
        serve(110, {.tls = TlsMode::none, .password_without_tls = true});
        serve(111, {.tls = TlsMode::none});
        put("Subject: one\r\n\r\n.dot\r\nsecond line\r\n");
        put("Subject: two\r\n\r\nbody\r\n");
    }

    ~Pop3dTest() override {
        tasks_.cancel();
        run(tasks_.join());
    }

    template <class T>
    T run(async::Awaitable<T> work) {
        return time_.run(std::move(work));
    }

    void serve(std::uint16_t port, Listener settings) {
        listeners_.push_back(network_.host(kServer).listen({kServer, port}, time_.executor()).value());
        tasks_.spawn("listener", accept_loop(listeners_.back().get(), settings));
    }

    async::Awaitable<> accept_loop(net::Listener* listener, Listener settings) {
        for (;;) {
            auto stream = co_await listener->accept(time_.executor());
            if (!stream) co_return;
            tasks_.spawn("connection",
                         pop3d::serve(service_.get(), "mail.b.test", settings, std::move(*stream), admitted_));
        }
    }

    void put(std::string octets) {
        const auto blob = store_.new_blob();
        EXPECT_TRUE(run(blob->append(std::move(octets))).has_value());
        store::NewMessage message{.blob = run(blob->finish("card")).value(),
                                  .placements = {{.mailbox = inbox_, .flags = {}, .keywords = {}}},
                                  .internal_date = time_.now(),
                                  .thread = {}};
        std::vector<store::NewMessage> messages;
        messages.push_back(std::move(message));
        EXPECT_TRUE(run(account_->append(std::move(messages))).has_value());
    }

    Texts say(Texts sends, std::uint16_t port = 110) {
        return run(talk(&network_.host(kClient), &time_, {kServer, port}, std::move(sends)));
    }

    store::ViewPtr inbox() { return run(account_->open(inbox_)).value()->view(); }

    /// Messages in INBOX that count as read.
    std::size_t seen() {
        const store::ViewPtr view = inbox();
        std::size_t count = 0;
        for (std::uint32_t at = 0; at < view->size(); ++at)
            count += view->at(at).flags.has(store::Flag::seen) ? 1 : 0;
        return count;
    }

    static inline const IpAddress kServer = IpAddress::parse("192.0.2.2").value();
    static inline const IpAddress kClient = IpAddress::parse("192.0.2.1").value();

    async::VirtualTime time_{5};
    net::SimulatedNetwork network_{&time_};
    store::MemoryEngine engine_;
    async::InlinePool workers_;
    SilentLog log_;
    net::CurrentTlsServerContext tls_{nullptr};
    store::Store store_{&engine_, &time_, &time_.random()};
    store::Journeys journeys_{&engine_, &time_, &time_.random()};
    Stores stores_{store_};
    MaildropLocks locks_;
    std::unique_ptr<directory::Directory> directory_;
    std::unique_ptr<directory::Authenticator> authenticator_;
    std::unique_ptr<Service> service_;
    store::AccountPtr account_;
    store::MailboxId inbox_;
    bool admitted_ = true;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
};

const std::string kLogin = "USER bob@b.test\r\nPASS builder77\r\n";

TEST_F(Pop3dTest, ListsRetrievesAndShowsTops) {
    const Texts answers =
        say({kLogin, "STAT\r\n", "LIST\r\n", "UIDL 2\r\n", "RETR 1\r\n", "TOP 1 1\r\n", "RETR 3\r\n", "QUIT\r\n"});
    EXPECT_THAT(answers,
                ElementsAre(StartsWith("+OK"), AllOf(StartsWith("+OK"), HasSubstr("\r\n+OK")),
                            StartsWith("+OK 2 57\r\n"), EndsWith("\r\n1 35\r\n2 22\r\n.\r\n"), StartsWith("+OK 2 "),
                            EndsWith("\r\nSubject: one\r\n\r\n..dot\r\nsecond line\r\n.\r\n"),
                            EndsWith("\r\nSubject: one\r\n\r\n..dot\r\n.\r\n"), StartsWith("-ERR"),
                            AllOf(StartsWith("+OK"), EndsWith("(closed)"))));
    EXPECT_EQ(inbox()->size(), 2U);
    EXPECT_EQ(seen(), 1U) << "what was retrieved whole is read";
}

TEST_F(Pop3dTest, ARemovedAccountEndsItsSessionAndDeletesNothing) {
    auto stream = run(network_.host(kClient).connect({kServer, 110}, {})).value();
    EXPECT_TRUE(run(stream->write_all(kLogin + "DELE 1\r\n")).has_value());
    std::string heard;
    EXPECT_TRUE(run(listen_until_quiet(stream.get(), &time_, &heard)));
    heard.clear();
    EXPECT_TRUE(run(directory_->remove_account(message::parse_email_address("bob@b.test").value())));
    EXPECT_FALSE(run(listen_until_quiet(stream.get(), &time_, &heard)));
    EXPECT_THAT(heard, StartsWith("-ERR [SYS/TEMP] the account has changed"));
    EXPECT_EQ(inbox()->size(), 2U);
}

TEST_F(Pop3dTest, DeletesAtQuitOnly) {
    const Texts left = say({kLogin, "DELE 1\r\n", "STAT\r\n"});
    EXPECT_THAT(left.back(), StartsWith("+OK 1 "));
    time_.run_for(std::chrono::minutes(1));
    EXPECT_EQ(inbox()->size(), 2U) << "left without QUIT";
    say({kLogin + "DELE 1\r\nDELE 2\r\nRSET\r\nDELE 2\r\nQUIT\r\n"});
    ASSERT_EQ(inbox()->size(), 1U);
    EXPECT_EQ(inbox()->at(0).uid, store::Uid(1));
}

TEST_F(Pop3dTest, UidsStayWhenOthersGo) {
    const std::string before = say({kLogin, "UIDL 2\r\n"}).back();
    say({kLogin + "DELE 1\r\nQUIT\r\n"});
    const std::string after = say({kLogin, "UIDL 1\r\n"}).back();
    EXPECT_EQ(before.substr(6), after.substr(6));
}

TEST_F(Pop3dTest, OneSessionAtATimeHasTheMaildrop) {
    auto first = run(network_.host(kClient).connect({kServer, 110}, {})).value();
    EXPECT_TRUE(run(first->write_all(kLogin)).has_value());
    std::string heard;
    run(listen_until_quiet(first.get(), &time_, &heard));
    EXPECT_THAT(say({kLogin}).back(), HasSubstr("-ERR [IN-USE]"));
    first->close();
    time_.run_for(std::chrono::seconds(5));
    EXPECT_THAT(say({kLogin, "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, ALoginRightAfterABrokenConnectionIsLetWait) {
    auto held = run(network_.host(kClient).connect({kServer, 110}, {})).value();
    EXPECT_TRUE(run(held->write_all(kLogin)).has_value());
    std::string heard;
    run(listen_until_quiet(held.get(), &time_, &heard));
    // The old session ends while the new one's login already waits.
    tasks_.spawn("hang up", hang_up_after(&time_, held.get(), std::chrono::seconds(1)));
    EXPECT_THAT(say({kLogin, "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, TheMaildropIsFreeOnceQuitIsAnswered) {
    auto first = run(network_.host(kClient).connect({kServer, 110}, {})).value();
    EXPECT_TRUE(run(first->write_all(kLogin + "RETR 1\r\nQUIT\r\n")).has_value());
    // The connection is not closed by its client yet (RFC 1939 §6: the lock goes before the connection).
    time_.run_for(std::chrono::milliseconds(500));
    EXPECT_EQ(seen(), 1U);
    EXPECT_THAT(say({kLogin}).back(), HasSubstr("\r\n+OK"));
}

TEST_F(Pop3dTest, WrongPasswordsAndPasswordsInTheClear) {
    EXPECT_THAT(say({"USER bob@b.test\r\nPASS wrong\r\n"}).back(), HasSubstr("-ERR [AUTH]"));
    EXPECT_THAT(say({"USER nobody@b.test\r\nPASS wrong\r\n"}).back(), HasSubstr("-ERR [AUTH]"));
    EXPECT_THAT(say({"USER bob@b.test\r\n"}, 111).back(), StartsWith("-ERR"));
    EXPECT_THAT(say({"CAPA\r\n"}, 111).back(), Not(HasSubstr("USER")));
}

TEST_F(Pop3dTest, LogsInByAuthWithInitialResponse) {
    using namespace std::string_literals;
    const std::string response = base64::encode("\0bob@b.test\0builder77"s);
    EXPECT_THAT(say({"AUTH PLAIN " + response + "\r\n", "STAT\r\n"}).back(), StartsWith("+OK 2 "));
    EXPECT_THAT(say({"AUTH PLAIN\r\n", response + "\r\n", "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, TooManyConnections) {
    admitted_ = false;
    EXPECT_THAT(say({}), ElementsAre(AllOf(StartsWith("-ERR [SYS/TEMP]"), EndsWith("(closed)"))));
}

TEST_F(Pop3dTest, SilentClientIsLetGoAndItsDeletionsForgotten) {
    for (const std::string& octets : {std::string(), kLogin + "DELE 1\r\n"}) {
        const Instant began = time_.instant();
        run(wait_for_end(&network_.host(kClient), {kServer, 110}, octets));
        // RFC 1939 §3: at least ten minutes once logged in.
        if (!octets.empty()) EXPECT_GE(time_.instant() - began, std::chrono::minutes(10));
        EXPECT_LE(time_.instant() - began, std::chrono::minutes(40));
    }
    EXPECT_EQ(inbox()->size(), 2U);
    EXPECT_THAT(say({kLogin, "STAT\r\n"}).back(), StartsWith("+OK 2 ")) << "the maildrop is free again";
}

TEST_F(Pop3dTest, ClientThatLeavesAtAnyOctetDeletesNothingBeforeQuit) {
    const std::string all = kLogin + "RETR 1\r\nDELE 1\r\nQUIT\r\n";
    for (std::size_t cut = 0; cut < all.size(); ++cut) {
        say({all.substr(0, cut)});
        ASSERT_EQ(inbox()->size(), 2U) << "after " << cut << " octets";
    }
    time_.run_for(std::chrono::minutes(20));
    EXPECT_EQ(tasks_.running(), listeners_.size()) << "no connection is left behind";
    say({all});
    EXPECT_EQ(inbox()->size(), 1U);
}

TEST_F(Pop3dTest, StoreThatFailsAtAnyStepNeverDeletesWhatItDidNotConfirm) {
    for (std::uint64_t nth = 1; nth <= 25; ++nth) {
        SCOPED_TRACE("call " + std::to_string(nth));
        const std::uint32_t before = inbox()->size();
        engine_.fail(store::MemoryEngine::Call::any, nth, store::ErrorCode::unavailable);
        const Texts answers = say({kLogin, "RETR 1\r\n", "DELE 1\r\n", "QUIT\r\n"});
        engine_.clear_failures();
        const bool deleted = answers.size() == 5 && answers[3].starts_with("+OK") && answers[4].starts_with("+OK");
        ASSERT_EQ(inbox()->size(), before - (deleted ? 1 : 0));
        put("Subject: more\r\n\r\nbody\r\n");
    }
}

} // namespace
} // namespace tegami::pop3d
