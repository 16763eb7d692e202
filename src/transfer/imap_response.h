// What another IMAP server says (RFC 3501 §7, RFC 9051 §7), as far as taking its mail needs it. The server is a stranger:
//
// 1. A response with its literals has a limit; the octets of a message (BODY[]) pass through and are never held.
// 2. What cannot be understood is an ImapOther, and the next response is found; a stream in which it cannot be found ends
//    with Malformed.
// 3. Texts are as they came: who shows them makes them visible.
#pragma once

#include "transfer/item.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::transfer {

/// Limit: octets of one response and its literals, but for a message.
inline constexpr std::size_t kImapResponseBytesMax = std::size_t{16} << 20;
/// Limit: the number of octets that a message may have said it has; who takes it has a limit of its own.
inline constexpr std::uint64_t kImapBodyBytesMax = std::uint64_t{1} << 40;

struct ImapStatus {
    enum class Kind : std::uint8_t { ok, no, bad, bye, preauth };

    std::string tag; ///< "*" if it has none
    Kind kind = Kind::ok;
    std::string text; ///< with its code
};

struct ImapCapabilities {
    std::set<std::string> names; ///< in capitals
};

/// Of LIST, and of LSUB.
struct ImapListed {
    std::set<std::string> attributes; ///< in small letters: "\sent"
    char delimiter = '\0';            ///< NUL: there are no levels
    std::string name;                 ///< as the server spells it
    bool is_subscription = false;
};

struct ImapNamespaces {
    std::vector<std::string> personal; ///< prefixes
    std::vector<std::string> others;   ///< of other users and shared
};

/// What STATUS says of a mailbox; its name is not looked at.
struct ImapMailboxStatus {
    std::uint64_t messages = 0;
    std::optional<std::uint64_t> bytes; ///< RFC 8438
};

struct ImapExists {
    std::uint32_t messages = 0;
};

struct ImapFetched {
    std::uint32_t uid = 0; ///< 0: it was not said
    Marks marks;
    std::optional<std::int64_t> date; ///< seconds since 1970
    std::optional<std::uint64_t> bytes;
    std::string header;    ///< of BODY[HEADER.FIELDS …]
    bool has_body = false; ///< BODY[]; its octets came before, unless they are in `body`
    std::string body;      ///< of one that is no literal
};

struct ImapContinuation {
    std::string text;
};

struct ImapOther {};

using ImapResponse = std::variant<ImapOther, ImapStatus, ImapCapabilities, ImapListed, ImapNamespaces,
                                  ImapMailboxStatus, ImapExists, ImapFetched, ImapContinuation>;

/// One whole response without its last line end: lines joined with their literals.
ImapResponse parse_imap_response(std::string_view text);

class ImapResponseReader {
public:
    struct NeedMore {};

    struct BodyBegin {}; ///< of the message that the next ImapFetched is about

    struct BodyOctets {
        std::string octets;
    };

    struct Malformed {}; ///< and nothing that follows can be read

    using Event = std::variant<NeedMore, BodyBegin, BodyOctets, ImapResponse, Malformed>;

    void feed(std::string_view octets);
    /// The next event; it looks no further than its end.
    Event next();

    /// Whether octets have come that no event has taken: what a server sends before its TLS must not count.
    bool has_rest() const { return at_ < buffer_.size() || !response_.empty(); }

private:
    Event malformed();
    /// A line without its end. Nothing: the response goes on behind it.
    std::optional<Event> take_line(std::string_view line);

    std::string buffer_;
    std::size_t at_ = 0;      ///< what was taken of it
    std::size_t scanned_ = 0; ///< no line ends before it
    std::string response_;    ///< what there is of it
    std::uint64_t literal_left_ = 0;
    bool in_body_ = false;
    bool had_body_ = false;
    bool is_malformed_ = false;
};

/// The text between quotes that a server reads as these octets, or nothing: it has line ends or NUL.
std::optional<std::string> quoted_for_imap(std::string_view octets);

/// A set of UIDs for a command: "3,5:9". They come in rising order.
std::string print_imap_set(const std::vector<std::uint32_t>& uids);

} // namespace tegami::transfer
