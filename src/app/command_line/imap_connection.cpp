#include "app/command_line/imap_connection.h"

#include "async/run.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "message/utf8.h"
#include "protocol/sasl/client.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

using transfer::ImapResponse;
using transfer::ImapStatus;

/// Limit: how long a server may say nothing. The sizes of a large mailbox take some of them minutes.
constexpr Duration kImapPatience = std::chrono::minutes(5);
constexpr Duration kImapConnectPatience = std::chrono::seconds(30);
constexpr std::size_t kImapPieceBytes = std::size_t{64} << 10;

async::Awaitable<Result<std::vector<IpAddress>, std::string>> addresses_of(net::Resolver* resolver, dns::Name name) {
    std::vector<IpAddress> found;
    std::string problem;
    for (const dns::Type type : {dns::Type::a, dns::Type::aaaa}) {
        const net::DnsAnswer answer = co_await resolver->query(name, type);
        for (const dns::Record& record : answer.records)
            if (const auto* const data = std::get_if<dns::AddressData>(&record.data)) found.push_back(data->address);
        if (problem.empty()) problem = answer.text;
    }
    if (found.empty()) co_return failure(problem);
    co_return found;
}

} // namespace

std::string words_of(const ImapStatus& status) {
    constexpr std::size_t kBytesMax = 300;
    return message::repair_utf8(std::string_view(status.text).substr(0, kBytesMax));
}

Result<std::unique_ptr<ImapConnection>, std::string> ImapConnection::open(const ImapServer& server,
                                                                          const ImapLogin& login) {
    std::unique_ptr<ImapConnection> connection(new ImapConnection(server.host));
    TRY_VOID(connection->connect(server));
    if (!server.starttls) TRY_VOID(connection->start_tls(server));
    for (;;) {
        TRY(const auto greeting, connection->next());
        const auto* const response = std::get_if<ImapResponse>(&greeting);
        const auto* const status = response ? std::get_if<ImapStatus>(response) : nullptr;
        if (!status || status->tag != "*") continue;
        // One that knows us before TLS is no server that we asked for (RFC 9051 §7.1.4).
        if (status->kind == ImapStatus::Kind::ok) break;
        return failure(fmt::format("{} does not want to talk: {}", server.host, words_of(*status)));
    }
    TRY_VOID(connection->learn_capabilities());
    if (server.starttls) {
        TRY(const ImapStatus begun, connection->run("STARTTLS"));
        if (begun.kind != ImapStatus::Kind::ok)
            return failure(fmt::format("{} has no STARTTLS: {}", server.host, words_of(begun)));
        if (connection->reader_.has_rest())
            return failure(fmt::format("{} went on in the clear behind STARTTLS", server.host));
        TRY_VOID(connection->start_tls(server));
        TRY_VOID(connection->learn_capabilities());
    }
    TRY_VOID(connection->log_in(login));
    TRY_VOID(connection->learn_capabilities());
    if (connection->can("ENABLE") && connection->can("UTF8=ACCEPT")) {
        TRY(const ImapStatus enabled, connection->run("ENABLE UTF8=ACCEPT"));
        connection->speaks_utf8_ = enabled.kind == ImapStatus::Kind::ok;
    }
    return connection;
}

std::string ImapConnection::failed(net::IoError error) const {
    const std::string more = stream_ ? stream_->error_text() : "";
    return fmt::format("{}: {}{}{}", host_, describe(error), more.empty() ? "" : ": ", more);
}

Result<void, std::string> ImapConnection::connect(const ImapServer& server) {
    std::vector<IpAddress> addresses;
    if (const auto address = IpAddress::parse(server.host)) {
        addresses.push_back(*address);
    } else {
        const auto name = dns::Name::parse(server.host);
        if (!name) return failure(fmt::format("{} is no name of a server", server.host));
        TRY(const auto resolver, net::UnboundResolver::create(server.resolver, &timers_, context_.get_executor()));
        auto found = async::run_on(context_, addresses_of(resolver.get(), *name));
        if (!found) return failure(fmt::format("{} has no address: {}", server.host, found.error()));
        addresses = *std::move(found);
    }
    net::IoError last = net::IoError::failed;
    for (const IpAddress& address : addresses) {
        const Instant deadline = timers_.instant() + kImapConnectPatience;
        auto stream = async::run_on(context_, network_.connect({address, server.port}, {.deadline = deadline}));
        if (stream) {
            stream_ = *std::move(stream);
            return {};
        }
        last = stream.error();
    }
    return failure(fmt::format("{} port {}: {}", server.host, server.port, describe(last)));
}

Result<void, std::string> ImapConnection::start_tls(const ImapServer& server) {
    stream_->set_deadline(timers_.instant() + kImapConnectPatience);
    net::TlsClientOptions options{.host_name = server.host, .applications = {}, .verify = true};
    const auto done = async::run_on(context_, stream_->start_tls(server.tls, std::move(options)));
    if (!done) return failure(failed(done.error()));
    return {};
}

Result<void, std::string> ImapConnection::write(std::string octets) {
    stream_->set_deadline(timers_.instant() + kImapPatience);
    const auto done = async::run_on(context_, stream_->write_all(std::move(octets)));
    if (!done) return failure(failed(done.error()));
    return {};
}

Result<std::string, std::string> ImapConnection::send(std::string_view command) {
    std::string tag = fmt::format("t{}", ++commands_);
    TRY_VOID(write(fmt::format("{} {}\r\n", tag, command)));
    return tag;
}

Result<transfer::ImapResponseReader::Event, std::string> ImapConnection::next() {
    for (;;) {
        auto event = reader_.next();
        if (std::holds_alternative<transfer::ImapResponseReader::Malformed>(event))
            return failure(fmt::format("{} does not speak IMAP", host_));
        if (!std::holds_alternative<transfer::ImapResponseReader::NeedMore>(event)) return event;
        piece_.resize(kImapPieceBytes);
        stream_->set_deadline(timers_.instant() + kImapPatience);
        const auto bytes = async::run_on(context_, stream_->read_some(piece_.data(), piece_.size()));
        if (!bytes) return failure(failed(bytes.error()));
        reader_.feed(std::string_view(piece_).substr(0, *bytes));
    }
}

Result<ImapStatus, std::string> ImapConnection::finish(const std::string& tag, const Take& take) {
    for (;;) {
        TRY(auto event, next());
        auto* const response = std::get_if<ImapResponse>(&event);
        if (!response) continue;
        if (const auto* const status = std::get_if<ImapStatus>(response)) {
            if (status->tag == tag) return *status;
            if (status->kind == ImapStatus::Kind::bye)
                return failure(fmt::format("{} has ended the session: {}", host_, words_of(*status)));
        }
        if (take) take(std::move(*response));
    }
}

Result<ImapStatus, std::string> ImapConnection::run(std::string_view command, const Take& take) {
    TRY(const std::string tag, send(command));
    return finish(tag, take);
}

Result<void, std::string> ImapConnection::learn_capabilities() {
    capabilities_ = {};
    const auto take = [this](ImapResponse&& response) {
        if (auto* const found = std::get_if<transfer::ImapCapabilities>(&response)) capabilities_ = std::move(*found);
    };
    TRY(const ImapStatus done, run("CAPABILITY", take));
    if (done.kind != ImapStatus::Kind::ok) return failure(fmt::format("{}: {}", host_, words_of(done)));
    return {};
}

Result<void, std::string> ImapConnection::log_in(const ImapLogin& login) {
    std::optional<ImapStatus> answer;
    // A server may offer SCRAM for all and have the keys of some: what it refuses, PLAIN may open.
    if (login.admin.empty() && can("AUTH=SCRAM-SHA-256")) {
        TRY(answer, log_in_by_scram(login));
        if (answer->kind == ImapStatus::Kind::ok) return {};
    }
    if (can("AUTH=PLAIN")) {
        TRY(answer, log_in_by_plain(login));
    } else if (login.admin.empty() && !can("LOGINDISABLED") && !answer) {
        TRY(answer, log_in_by_command(login));
    }
    if (!answer) return failure(fmt::format("{} has no way to log in that Tegami knows", host_));
    if (answer->kind == ImapStatus::Kind::ok) return {};
    return failure(fmt::format("{} does not let {} in: {}", host_, login.user, words_of(*answer)));
}

Result<ImapResponse, std::string> ImapConnection::continuation(const std::string& tag) {
    for (;;) {
        TRY(auto event, next());
        auto* const response = std::get_if<ImapResponse>(&event);
        if (!response) continue;
        if (std::holds_alternative<transfer::ImapContinuation>(*response)) return std::move(*response);
        const auto* const status = std::get_if<ImapStatus>(response);
        if (status && status->tag == tag) return std::move(*response);
        if (status && status->kind == ImapStatus::Kind::bye)
            return failure(fmt::format("{} has ended the session: {}", host_, words_of(*status)));
    }
}

Result<ImapStatus, std::string> ImapConnection::log_in_by_plain(const ImapLogin& login) {
    const std::string authzid = login.admin.empty() ? "" : login.user;
    const std::string message =
        base64::encode(sasl::plain_message({login.admin.empty() ? login.user : login.admin, login.password}, authzid));
    if (can("SASL-IR")) return run("AUTHENTICATE PLAIN " + message);
    TRY(const std::string tag, send("AUTHENTICATE PLAIN"));
    TRY(const ImapResponse go_on, continuation(tag));
    if (const auto* const status = std::get_if<ImapStatus>(&go_on)) return *status;
    TRY_VOID(write(message + "\r\n"));
    return finish(tag, {});
}

Result<ImapStatus, std::string> ImapConnection::log_in_by_command(const ImapLogin& login) {
    const auto user = transfer::quoted_for_imap(login.user);
    const auto password = transfer::quoted_for_imap(login.password);
    if (!user || !password) return failure(std::string("a name and a password cannot have line ends"));
    return run(fmt::format("LOGIN {} {}", *user, *password));
}

Result<ImapStatus, std::string> ImapConnection::log_in_by_scram(const ImapLogin& login) {
    sasl::ScramClient client({login.user, login.password}, random_);
    TRY(const std::string tag, send("AUTHENTICATE SCRAM-SHA-256"));
    bool proved = false;
    for (int round = 0;; ++round) {
        TRY(const ImapResponse response, continuation(tag));
        if (const auto* const status = std::get_if<ImapStatus>(&response)) {
            if (status->kind == ImapStatus::Kind::ok && !proved)
                return failure(fmt::format("{} has not proved that it knows the password", host_));
            return *status;
        }
        const auto challenge = base64::decode(std::get<transfer::ImapContinuation>(response).text);
        if (!challenge || round > 2) return failure(fmt::format("{} answers SCRAM with nonsense", host_));
        std::string answer;
        if (round == 0) {
            answer = client.first();
        } else if (round == 1) {
            const auto final = client.final(*challenge);
            if (!final) return failure(fmt::format("{} answers SCRAM with nonsense", host_));
            answer = *final;
        } else {
            const auto verified = client.verify(*challenge);
            proved = verified.has_value();
            if (!proved && verified.error() != sasl::ClientError::refused)
                return failure(fmt::format("{} does not know the password itself", host_));
        }
        TRY_VOID(write(base64::encode(answer) + "\r\n"));
    }
}

} // namespace tegami::app
