// One message on its way in, whatever it comes from.
#pragma once

#include "app/command_line/mail_octets.h"
#include "message/line_ends.h"
#include "transfer/item.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::app {

struct SourceMessage {
    std::string name; ///< where it is, for people
    transfer::Marks marks;
    std::optional<std::int64_t> date; ///< seconds since 1970
    MailOctets octets;                ///< as they are stored: lines end in CRLF
    std::string problem;              ///< why it cannot be taken; empty: it can
};

/// Takes the octets of one message as they are there.
class Filling {
public:
    /// `message` is filled until finish().
    void begin(SourceMessage* message);
    void append(std::string octets);
    /// Says whether it can be taken.
    void finish();

private:
    void keep(std::string_view octets);

    SourceMessage* message_ = nullptr;
    message::LineEnds line_ends_;
};

} // namespace tegami::app
