// Cuts the byte stream of an IMAP client into commands: lines joined with their literals (RFC 9051 §2.2.1, §4.3).
// The driver gives bytes with feed() as they come, and takes events with next() until there is none:
//
// 1. next() returns one event at a time and looks no further, so a command (STARTTLS, AUTHENTICATE, IDLE) may change
//    how the following bytes are read.
// 2. The message of an APPEND passes through in chunks and is never held; everything else is held within limits.
// 3. What is refused is read to its end (within discard_bytes_max), so that the next command is found; when that is not
//    possible the stream ends with Abandoned.
// 4. At most one feed() and one command are buffered: the driver reads more only when next() has nothing.
#pragma once

#include "protocol/imap/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tegami::imap {

/// Limit: octets of the largest literal number understood, RFC 9051's number64.
inline constexpr std::uint64_t kLiteralSizeMax = 0x7fff'ffff'ffff'ffff;

struct ReaderLimits {
    /// All lines of one command together.
    std::size_t line_bytes_max = 64 * 1024;
    /// All literals of one command together, APPEND's message not counted. 8 KiB is for before login.
    std::size_t literal_bytes_max = 8 * 1024;
    std::size_t literals_max = 64;
    /// The message of an APPEND. 0 refuses every APPEND: right before login.
    std::uint64_t append_bytes_max = 0;
    /// Octets that are read and thrown away to find the end of one refused command. 64 KiB is for before login; the
    /// message of an APPEND that is too large may be many.
    std::uint64_t discard_bytes_max = 64 * 1024;
};

/// A whole command for parse_command().
struct CommandText {
    std::string text;
};

/// The client waits: send a continuation request ("+ OK").
struct ContinuationWanted {};

/// An APPEND up to and including its message's "{n}"; for parse_command(). The driver decides with append_accepted()
/// or append_refused() before it calls next() again; with `waiting` the client waits for "+" first.
struct AppendStarted {
    std::string text;
    std::uint64_t size = 0;
    bool waiting = false;
};

/// Octets of the message; the view is good until the next call of the reader.
struct AppendChunk {
    std::string_view octets;
};

/// The whole message has arrived, and another one follows (RFC 3502): what stands before it, from the space to its "{n}",
/// for parse_next_message(). The driver decides as after AppendStarted.
struct NextMessageStarted {
    std::string text;
    std::uint64_t size = 0;
    bool waiting = false;
};

/// The whole message and the end of its command have arrived.
struct AppendFinished {};

/// A line read after expect_line(), without its line end.
struct RawLine {
    std::string line;
};

/// A command (or raw line) that broke a limit or cannot be framed: answer `tag` (untagged if empty) with BAD, or with
/// NO and `code` if there is one. It has been skipped. After AppendStarted it stands in the place of AppendFinished.
struct Refused {
    std::string tag;
    std::string code;
    std::string text;
};

/// The stream cannot be followed any more: say `* BYE text` and close.
struct Abandoned {
    std::string text;
};

using ReaderEvent = std::variant<CommandText, ContinuationWanted, AppendStarted, NextMessageStarted, AppendChunk,
                                 AppendFinished, RawLine, Refused, Abandoned>;

class CommandReader {
public:
    explicit CommandReader(ReaderLimits limits) : limits_(limits) {}

    /// New limits from the next command on: after login.
    void set_limits(ReaderLimits limits) { limits_ = limits; }

    /// Adds bytes from the network; invalidates chunk views.
    void feed(std::string_view bytes);
    /// The next event, or nothing until more bytes come.
    std::optional<ReaderEvent> next();

    /// After AppendStarted or NextMessageStarted: the message will be taken. If `waiting` was set the driver sends "+ OK" now.
    void append_accepted();
    /// After either: the message is not wanted, and the driver has answered the tag itself. If the client does not wait for
    /// "+" its message is skipped, and all that follow.
    void append_refused();

    /// The next thing read is one raw line of at most `bytes_max` octets (AUTHENTICATE's response, IDLE's DONE).
    void expect_line(std::size_t bytes_max);

    /// Throws away what was fed and not read: RFC 9051 §6.2.1, before TLS begins. True if there was anything.
    bool discard_input();

    /// True if bytes are waiting, so that answers may be gathered before they are sent.
    bool has_input() const { return at_ < input_.size(); }

private:
    enum class State : std::uint8_t {
        line,
        literal,
        append_undecided,
        append_body,
        append_end,
        raw_line,
        skip_literal,
        skip_line,
        dead,
    };

    /// One step; nothing without `starved_` means: look again.
    std::optional<ReaderEvent> step();
    std::optional<ReaderEvent> read_line();
    std::optional<ReaderEvent> read_literal();
    std::optional<ReaderEvent> read_append_body();
    std::optional<ReaderEvent> read_append_end();
    std::optional<ReaderEvent> read_raw_line();
    std::optional<ReaderEvent> read_skipped();
    std::optional<ReaderEvent> take_literal_start(std::size_t marker, std::uint64_t size, bool waiting);
    std::optional<ReaderEvent> start_append(std::string_view before, std::uint64_t size, bool waiting);
    std::optional<ReaderEvent> end_skipping();
    /// The next line without its end, or nothing and `starved_`, or nothing and `too_long`.
    std::optional<std::string_view> take_line(std::size_t bytes_max, bool& too_long);
    void begin_command();
    void skip(std::uint64_t literal_octets);
    ReaderEvent abandon(std::string text);

    ReaderLimits limits_;
    std::string input_;
    std::size_t at_ = 0;      // read up to here
    std::size_t scanned_ = 0; // no line end between at_ and here
    State state_ = State::line;
    bool starved_ = false;

    std::string command_;           // the command so far
    std::size_t line_bytes_ = 0;    // octets of its lines
    std::size_t literal_bytes_ = 0; // octets of its literals
    std::size_t literals_ = 0;
    std::uint64_t literal_left_ = 0; // octets of the running literal still to come
    bool append_waiting_ = false;
    bool append_utf8_ = false; // ")" must follow the message
    std::size_t raw_line_bytes_max_ = 0;

    std::uint64_t skipped_ = 0;
    std::string skipped_tail_;       // the end of a skipped line, where a literal may be announced
    bool skipping_raw_line_ = false; // raw lines announce no literals
    std::optional<Refused> refusal_; // to be told when what is skipped has ended
};

} // namespace tegami::imap
