// A whole IMAP server on virtual time, a simulated network and a store in memory; for tests only.
#pragma once

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "async/worker_pool.h"
#include "directory/directory.h"
#include "ingest/intake.h"
#include "net/simulated_network.h"
#include "net/test_support.h"
#include "service/imapd/service.h"
#include "store/engine/memory.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tegami::imapd::testing {

/// The server's certificate, and clients that trust it or anybody.
net::testing::TlsMaterial& tls_material();

/// One connection of a client: what it has received and not looked at.
struct Client {
    std::unique_ptr<net::Stream> stream;
    std::string received;
    std::string to_say;
    bool saying = false;
    bool closed = false;
};

/// A message in one mailbox; no two mailboxes of an account have the same UIDVALIDITY.
struct StoredMessage {
    UidValidity mailbox;
    Uid uid;

    auto operator<=>(const StoredMessage&) const = default;
};

class TestServer {
public:
    explicit TestServer(ListenerOptions options);
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    /// Of connections made from now on.
    ListenerOptions& options() { return options_; }

    Limits& limits() { return service_->limits; }

    store::MemoryEngine& engine() { return engine_; }

    MemoryBudget& memory() { return memory_; }

    directory::Administration& administration() { return directory_->administration(); }

    async::VirtualTime& time() { return time_; }

    store::Journeys& journeys() { return journeys_; }

    void create_mailbox(const std::string& name);
    /// Another account, with the same password.
    void add_account(const std::string& address);
    /// Stores a message as delivery does; its internal date is 2 November 2026, 1:00 UTC and `minutes`.
    StoredMessage deliver(const std::string& mailbox, const std::string& octets, int minutes,
                          const std::string& journey = {});
    /// The same for several messages in one step; each is a minute younger than the one before.
    std::vector<StoredMessage> deliver_many(const std::string& mailbox, std::vector<std::string> letters, int minutes);
    /// Doubles what the mailbox holds, that many times.
    void multiply(const std::string& mailbox, int doublings);
    void remove_mailbox(const std::string& mailbox);
    /// Brings the account's word index up to date, as the server does in the background.
    void index_words();
    /// Every message of the account.
    std::set<StoredMessage> messages();
    void add_flags(const std::string& mailbox, std::uint32_t uid, const store::FlagChange& change);

    /// Expunges the first message of INBOX and adds `count` others there, as another server on the same engine does:
    /// the account learns of it when its next commit meets a version that it does not know.
    void change_elsewhere(int count);

    /// From now on the record of the mailbox cannot be read, as after a restart on a damaged disk.
    void damage_mailbox(const std::string& name);
    /// Its octets cannot be read from now on.
    void damage(const std::string& mailbox, std::uint32_t uid);

    Client& connect();
    /// A connection that the caller reads itself.
    std::unique_ptr<net::Stream> dial();

    void refuse_connections() { admitted_ = false; }

    void say(Client& client, std::string octets);

private:
    async::Awaitable<> open_directory();
    async::Awaitable<> accept();
    async::Awaitable<std::vector<StoredMessage>> store_messages(store::AccountPtr account, std::string mailbox,
                                                                std::vector<std::string> letters, Timestamp first,
                                                                std::string journey);
    static async::Awaitable<> listen_to(Client* client);
    static async::Awaitable<> speak(Client* client);

    ListenerOptions options_;
    bool admitted_ = true;
    async::VirtualTime time_{1};
    net::SimulatedNetwork network_{&time_};
    store::MemoryEngine engine_;
    SilentLog log_;
    async::InlinePool workers_;
    store::Store store_{&engine_, &time_};
    MemoryBudget memory_{64u << 20};
    store::Journeys journeys_{&engine_, &time_, &time_.random()};
    std::unique_ptr<directory::Directory> directory_;
    std::unique_ptr<directory::Authenticator> authenticator_;
    std::unique_ptr<net::CurrentTlsServerContext> tls_;
    std::unique_ptr<sharing::Shares> shares_;
    std::unique_ptr<Dependencies> service_;
    store::AccountPtr account_;
    std::unique_ptr<net::Listener> listener_;
    std::vector<std::unique_ptr<Client>> clients_;
    async::TaskGroup tasks_;
};

} // namespace tegami::imapd::testing
