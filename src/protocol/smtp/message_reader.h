// Reads the message that follows DATA, as far as the server's side takes it: its octets are handed on; once it is
// refused, for bare line ends or for its size, it is read to its end, bounded, and dropped. Inside this room.
#pragma once

#include "protocol/smtp/data_reader.h"
#include "protocol/smtp/reply.h"
#include "protocol/smtp/server_action.h"

namespace tegami::smtp {

class MessageReader {
public:
    struct Step {
        std::size_t used = 0;     ///< octets of the input that were read
        std::string bytes;        ///< of the message, to be handed on
        bool refused_now = false; ///< it was not, and is now: see refusal()
        bool ended = false;       ///< its last line was read
        bool given_up = false;    ///< a refused message without an end in sight
    };

    /// Reads what there is of `waiting`, which is not empty.
    Step read(std::string_view waiting, const ServerLimits& limits);

    /// Why the message is not taken; nothing as long as it is.
    const std::optional<Reply>& refusal() const { return refusal_; }

    /// Octets of the message until now.
    std::uint64_t message_bytes() const { return data_.message_bytes(); }

private:
    DataReader data_;
    std::optional<Reply> refusal_;
    std::uint64_t refused_bytes_ = 0;
};

} // namespace tegami::smtp
