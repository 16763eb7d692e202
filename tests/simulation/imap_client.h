// One IMAP connection of a client: commands out, responses with their literals in.
#pragma once

#include "net/network.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::simulation {

/// What a command came to.
enum class ImapStatus : std::uint8_t { ok, no, bad, gone /** the connection */ };

struct ImapAnswer {
    ImapStatus status = ImapStatus::gone;
    std::vector<std::string> untagged; ///< without "* " and line end; literals stand where they came
    std::string text;                  ///< of the tagged line, after the status
};

class ImapClient {
public:
    ImapClient(net::Network* network, const Clock* clock) : network_(network), clock_(clock) {}

    async::Awaitable<bool> connect(net::Endpoint server, std::string user, std::string password);
    async::Awaitable<ImapAnswer> command(std::string line);
    /// A command that ends in a literal.
    async::Awaitable<ImapAnswer> command_with_literal(std::string line, std::string literal);

    /// IDLE (RFC 2177) for so long, then DONE.
    async::Awaitable<ImapAnswer> idle(Duration how_long);

    void close() { stream_.reset(); }

    bool is_connected() const { return stream_ != nullptr; }

private:
    async::Awaitable<bool> send(std::string octets);
    async::Awaitable<bool> fill();
    async::Awaitable<std::optional<std::string>> read_response();
    async::Awaitable<ImapAnswer> read_answer(std::string tag);

    net::Network* const network_;
    const Clock* const clock_;
    std::unique_ptr<net::Stream> stream_;
    std::string buffer_;
    std::size_t taken_ = 0; ///< of the buffer
    std::uint32_t last_tag_ = 0;
    Instant listens_until_ = Instant::max(); ///< while it idles
};

/// The parts of a FETCH response that clients here ask for.
struct Fetched {
    std::uint32_t sequence = 0;
    std::optional<std::uint32_t> uid;
    std::optional<std::set<std::string>> flags; ///< without \Recent
    std::optional<std::string> literal;         ///< of the body section that was asked for
};

/// Nothing if it is another response.
std::optional<Fetched> parse_fetch(const std::string& response);
/// "12 EXISTS" for "EXISTS" → 12.
std::optional<std::uint32_t> parse_count(std::string_view response, std::string_view name);
/// The number after "[UIDNEXT " and its like, anywhere in the answer.
std::optional<std::uint32_t> code_number(const ImapAnswer& answer, std::string_view code);

/// COPYUID (RFC 4315 §3): pairs of old and new UIDs.
struct CopyUid {
    std::uint32_t validity = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
};

std::optional<CopyUid> copy_uid(const ImapAnswer& answer);

} // namespace tegami::simulation
