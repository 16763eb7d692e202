// One POP3 connection; see pop3d.h.
#pragma once

#include "directory/sasl_exchange.h"
#include "net/session_driver.h"
#include "protocol/pop3/server_session.h"
#include "service/pop3d/pop3d.h"
#include "service/pop3d/read_ahead.h"

#include <memory>
#include <optional>
#include <vector>

namespace tegami::pop3d {

class Connection final : private net::SessionDriver<Connection, pop3::ServerSession, pop3::ServerAction, pop3::Send> {
public:
    Connection(const Dependencies& service, std::string host_name, Listener listener,
               std::unique_ptr<net::Stream> stream);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    async::Awaitable<> run(bool admitted);

private:
    friend SessionDriver;

    pop3::ServerOptions session_options() const;
    directory::LoginClient login_client() const;
    sasl::ServerOptions sasl_options() const;
    std::vector<std::string> mechanisms() const;

    async::Awaitable<net::IoResult<>> serve(bool admitted);

    static std::size_t read_bytes() { return net::kCommandBytes; }

    /// Whatever takes a look-up or sends a message comes after the answers before it.
    static bool sends_first(const pop3::ServerAction&) { return true; }

    async::Awaitable<net::IoResult<>> perform_one(pop3::ServerAction action);

    async::Awaitable<> check_password(pop3::CheckPassword check);
    pop3::ServerActions last_words(net::Ending ending);
    async::Awaitable<> settle_authentication(directory::SaslExchange::Step step);
    async::Awaitable<> refuse_login(directory::SaslExchange::Failed failed);
    async::Awaitable<> lock_maildrop();
    async::Awaitable<> open_maildrop();
    void tell_unreadable(const store::Error& error);
    async::Awaitable<net::IoResult<>> send_message(pop3::SendMessage request);
    async::Awaitable<bool> delete_messages(std::vector<std::uint32_t> numbers);
    void record_retrieval(const std::string& card_octets);
    async::Awaitable<> mark_retrieved();
    void release_maildrop();

    struct Message {
        Uid uid;
        store::EmailId email;
    };

    const Dependencies& service_;
    std::string host_name_;
    Listener listener_;
    std::optional<directory::SaslExchange> exchange_;
    std::optional<directory::Identity> identity_;
    std::unique_ptr<directory::SessionRegistry::Entry> logged_in_;

    bool locked_ = false;
    store::AccountPtr account_;
    store::MailboxId inbox_;
    std::vector<Message> messages_;
    MemoryBudget::Charge charge_; ///< for them
    ReadAhead ahead_;
    UidSet retrieved_;
};

} // namespace tegami::pop3d
