// A connection to another IMAP server, for a command that does one thing at a time: it blocks. Nothing is said in the clear
// before the server has proved who it is by TLS; its password goes nowhere else.
#pragma once

#include "async/timer.h"
#include "base/random.h"
#include "base/result.h"
#include "net/real_network.h"
#include "net/tls_context.h"
#include "net/unbound_resolver.h"
#include "transfer/imap_response.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tegami::app {

struct ImapServer {
    std::string host; ///< a name, or an address as the certificate has it
    std::uint16_t port = 993;
    bool starttls = false; ///< begins in the clear (RFC 3501 §6.2.1); else TLS from the first octet (RFC 8314)
    std::shared_ptr<const net::TlsClientContext> tls;
    net::ResolverSettings resolver;
};

struct ImapLogin {
    std::string user;
    std::string password;
    std::string admin; ///< who has the password and may act as the user (RFC 4616 §2); empty: the user
};

/// Errors are sentences that may have words of the server in them.
class ImapConnection {
public:
    static Result<std::unique_ptr<ImapConnection>, std::string> open(const ImapServer& server, const ImapLogin& login);

    bool can(std::string_view capability) const { return capabilities_.names.contains(std::string(capability)); }

    bool speaks_utf8() const { return speaks_utf8_; }

    /// Sends a command and does not wait; returns its tag.
    Result<std::string, std::string> send(std::string_view command);
    /// What the server says next; waits for it. Limit: five minutes.
    Result<transfer::ImapResponseReader::Event, std::string> next();

    using Take = std::function<void(transfer::ImapResponse&& response)>;
    /// Waits for the end of the command; `take` gets what is said before. A NO and a BAD are values.
    Result<transfer::ImapStatus, std::string> finish(const std::string& tag, const Take& take);
    /// send() and finish().
    Result<transfer::ImapStatus, std::string> run(std::string_view command, const Take& take = {});

private:
    explicit ImapConnection(std::string host) : host_(std::move(host)) {}

    Result<void, std::string> connect(const ImapServer& server);
    Result<void, std::string> start_tls(const ImapServer& server);
    Result<void, std::string> learn_capabilities();
    Result<void, std::string> log_in(const ImapLogin& login);
    /// Whether the server lets us in; an error if it cannot be asked or must not be trusted.
    Result<transfer::ImapStatus, std::string> log_in_by_scram(const ImapLogin& login);
    Result<transfer::ImapStatus, std::string> log_in_by_plain(const ImapLogin& login);
    Result<transfer::ImapStatus, std::string> log_in_by_command(const ImapLogin& login);
    Result<void, std::string> write(std::string octets);
    /// The text of a continuation, or how the command ended before it.
    Result<transfer::ImapResponse, std::string> continuation(const std::string& tag);
    std::string failed(net::IoError error) const;

    const std::string host_;
    boost::asio::io_context context_{1};
    async::RealTimers timers_;
    SystemRandom random_;
    net::RealNetwork network_{&timers_};
    std::unique_ptr<net::Stream> stream_;
    transfer::ImapResponseReader reader_;
    transfer::ImapCapabilities capabilities_;
    bool speaks_utf8_ = false;
    std::uint32_t commands_ = 0;
    std::string piece_; ///< where octets are read into
};

/// Words of the other server, cut to what a sentence bears.
std::string words_of(const transfer::ImapStatus& status);

} // namespace tegami::app
