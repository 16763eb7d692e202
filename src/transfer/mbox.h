// Many messages in one file (RFC 4155), quoted as mboxrd does it: every line of a message that is "From " behind any
// number of ">" gets one ">" more, so that what is written and read again is the same.
//
// 1. A message begins at a line "From " that has a date, at the beginning or behind an empty line: without the
//    date it is a line of the message, because many programs did not quote.
// 2. Flags stand in Status, X-Status and X-Keywords. The first field of each name is the file's and not the message's;
//    print_mbox_begin writes all three, each on one line, so that a message with fields of these names keeps them.
// 3. Reading holds a header of at most message::kHeaderBytesMax octets, or a "From " line, whatever the message's size.
#pragma once

#include "transfer/item.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::transfer {

class MboxReader {
public:
    struct Begin {
        std::optional<std::int64_t> date; ///< of the "From " line, seconds since 1970
        Marks marks;
        bool is_internal = false; ///< no letter: what some programs keep of the file itself
    };

    struct Octets {
        std::string octets; ///< with the line ends that are in the file
    };

    struct End {};

    using Event = std::variant<Begin, Octets, End>;

    /// What these octets of the file, cut anywhere, give.
    std::vector<Event> feed(std::string_view octets);
    /// The file has ended.
    std::vector<Event> finish();

    /// Whether the file began with anything else than a message: what it has is left out then.
    bool is_no_mbox() const { return state_ == State::no_mbox; }

private:
    enum class State : std::uint8_t { start, header, body, no_mbox };

    void take_at_line_start(char octet);
    void take_line(std::string_view line);
    void pass(std::string_view octets);
    bool begin_message(std::string_view line);
    void end_header();
    void end_message();
    void give(std::string_view octets);

    State state_ = State::start;
    std::string line_;        ///< of the present line what cannot be judged yet
    bool passing_ = false;    ///< the rest of the present line is of the message
    bool after_empty_ = true; ///< this line begins behind an empty one
    std::string held_empty_;  ///< that line: the file's if a message ends behind it
    std::string header_;
    std::optional<std::int64_t> date_;
    std::vector<Event> events_;
};

/// The line that begins a message, and the fields for its flags.
std::string print_mbox_begin(const Item& item);

/// Writes the octets of one message: bare line feeds, quoted lines.
class MboxWriter {
public:
    std::string write(std::string_view octets);
    /// The end of the message, with the empty line behind it.
    std::string finish();

private:
    std::string line_;     ///< the beginning of a line, as long as it may have to be quoted
    bool passing_ = false; ///< the rest of the present line needs no look
    char last_ = '\n';     ///< the octet given out last
};

} // namespace tegami::transfer
