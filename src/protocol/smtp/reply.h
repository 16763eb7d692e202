// SMTP replies (RFC 5321 §4.2) with enhanced status codes (RFC 2034, RFC 3463): what a server writes and what a
// client reads. The reader is fed any split of the stream, is bounded, and tells "need more" from "bad".
// It accepts bare LF as line end (other servers send it); what we encode always ends in CRLF.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::smtp {

/// Limit: one reply line; RFC 5321 §4.5.3.1.5 says 512, real servers send longer ones.
inline constexpr std::size_t kReplyLineBytesMax = 4096;
/// Limit: lines of one reply; some banners are long.
inline constexpr std::size_t kReplyLinesMax = 128;
/// Limit: all text of one reply.
inline constexpr std::size_t kReplyBytesMax = 64 * 1024;

/// class.subject.detail of RFC 3463 §2.
struct EnhancedStatus {
    std::uint16_t kind = 0;
    std::uint16_t subject = 0;
    std::uint16_t detail = 0;

    bool operator==(const EnhancedStatus&) const = default;
};

/// "5.1.1"
std::string to_string(const EnhancedStatus& status);

/// The status at the very beginning of `text`, if a space or the end follows it.
std::optional<EnhancedStatus> parse_enhanced_status(std::string_view text);

struct Reply {
    int code = 0;
    std::optional<EnhancedStatus> status;
    /// At least one when it was read; without code, enhanced status and line end.
    std::vector<std::string> lines;

    /// 2xx
    bool positive() const { return code / 100 == 2; }

    /// 3xx
    bool intermediate() const { return code / 100 == 3; }

    /// 4xx: trying again later may help.
    bool temporary() const { return code / 100 == 4; }

    /// 5xx: trying again will not help.
    bool permanent() const { return code / 100 == 5; }

    bool operator==(const Reply&) const = default;
};

/// One or more lines: `text` is cut at "\n". `status` is "x.y.z" or empty.
Reply make_reply(int code, std::string_view status, std::string_view text);

/// All lines with CRLF. Octets that would break a reply line (CR, LF, NUL) become "?"; long lines are cut at
/// 512 octets (RFC 5321 §4.5.3.1.5).
std::string encode(const Reply& reply);

/// One line for a log or a bounce: "550 5.1.1 no such user / second line".
std::string one_line(const Reply& reply);

enum class ReplyError : std::uint8_t {
    not_a_reply,    ///< a line does not begin with a code
    too_long,       ///< a line, or all lines together, exceed a limit
    too_many_lines, ///< more than kReplyLinesMax
};

/// Reads replies from a stream. After an error it stays failed: the two ends no longer agree where replies begin.
/// RFC 5321 §4.2.1 has one code on all lines of a reply; where they differ the last one counts.
class ReplyReader {
public:
    /// Takes octets from the front of `bytes` up to the end of one reply. Returns that reply, or nothing when more
    /// octets are needed.
    Result<std::optional<Reply>, ReplyError> read(std::string_view& bytes);

    /// True between the first octet of a reply and its end.
    bool inside_reply() const { return !line_.empty() || !partial_.lines.empty(); }

private:
    Result<bool, ReplyError> finish_line();

    std::string line_;
    Reply partial_;
    std::size_t bytes_ = 0;
    std::optional<ReplyError> error_;
};

} // namespace tegami::smtp
