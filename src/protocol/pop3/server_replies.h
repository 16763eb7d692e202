// The actions of one turn of the server's side, and the replies among them. Inside this room.
#pragma once

#include "protocol/lines/action_list.h"
#include "protocol/pop3/server_action.h"

#include <string_view>

namespace tegami::pop3 {

class ServerReplies : public lines::ActionList<ServerAction, Send, Close> {
public:
    /// Limit: after so many errors the connection ends.
    explicit ServerReplies(std::size_t errors_max) : errors_max_(errors_max) {}

    void ok(std::string_view text);
    /// A reply to something the client did wrong; too many of them end the connection.
    void error(std::string_view text);
    /// The last line, and the end of the connection.
    void close_with(std::string_view line);

private:
    std::size_t errors_max_;
    std::size_t errors_ = 0;
};

} // namespace tegami::pop3
