// One SMTP connection; see smtpd.h.
#pragma once

#include "arrival/incoming.h"
#include "directory/sasl_exchange.h"
#include "net/session_driver.h"
#include "service/smtpd/smtpd.h"

#include <memory>
#include <optional>

namespace tegami::smtpd {

class Connection final : private net::SessionDriver<Connection, smtp::ServerSession, smtp::ServerAction, smtp::Send> {
public:
    Connection(const Dependencies& service, std::shared_ptr<const Settings> settings, Listener listener,
               std::unique_ptr<net::Stream> stream);

    async::Awaitable<> run(bool admitted);

private:
    friend SessionDriver;

    smtp::ServerOptions session_options() const;
    sasl::ServerOptions sasl_options() const;
    std::vector<std::string> mechanisms() const;
    reception::Client client() const;

    async::Awaitable<net::IoResult<>> serve(bool admitted);
    std::size_t read_bytes() const;
    static bool sends_first(const smtp::ServerAction& action);
    async::Awaitable<net::IoResult<>> perform_one(smtp::ServerAction action);
    async::Awaitable<net::IoResult<>> begin_tls();

    async::Awaitable<> authenticate(smtp::AuthBegin begin);
    async::Awaitable<> continue_authentication(smtp::AuthContinue response);
    smtp::ServerActions last_words(net::Ending ending);
    async::Awaitable<> settle_authentication(directory::SaslExchange::Step step);
    async::Awaitable<> check_sender(smtp::CheckSender check);
    async::Awaitable<> check_recipient(smtp::CheckRecipient check);
    void begin_message();
    arrival::Incoming::Plan incoming_plan() const;
    async::Awaitable<> take_bytes(smtp::MessageBytes piece);
    async::Awaitable<smtp::Reply> end_message();
    async::Awaitable<smtp::Reply> take_message();
    async::Awaitable<smtp::Reply> take_judged(const ingest::Letter* letter, const verification::Finding* finding);
    bool is_for_people() const;
    async::Awaitable<std::string> signature(std::string front, const verification::Finding* finding);
    async::Awaitable<smtp::Reply> deliver(delivery::Transaction transaction);
    async::Awaitable<> deliver_answered();
    void record_arrival(const message::Card& card) const;
    void record_finding(const verification::Finding& finding) const;
    void record_rejection(const smtp::Reply& reply) const;
    void record_rejection(const message::EmailAddress& recipient, const smtp::Reply& reply) const;

    const Dependencies& service_;
    std::shared_ptr<const Settings> settings_;
    Listener listener_;
    std::string tls_text_;
    std::optional<directory::SaslExchange> exchange_;
    std::optional<directory::Identity> identity_;
    std::unique_ptr<directory::SessionRegistry::Entry> logged_in_;

    // The transaction under way.
    std::vector<reception::AcceptedRecipient> recipients_;
    std::unique_ptr<arrival::Incoming> incoming_;

    /// Only in a program with the deliberate bug reply_before_commit (base/sabotage.h): a message whose 250 the client
    /// has before it is committed, when the client's next command comes.
    std::optional<delivery::Transaction> answered_;
};

} // namespace tegami::smtpd
