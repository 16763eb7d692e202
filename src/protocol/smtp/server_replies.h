// The actions of one turn of the server's side, and the replies among them. Inside this room.
#pragma once

#include "protocol/lines/action_list.h"
#include "protocol/smtp/reply.h"
#include "protocol/smtp/server_action.h"

namespace tegami::smtp {

class ServerReplies : public lines::ActionList<ServerAction, Send, Close> {
public:
    /// Limit: after so many refusals the connection ends.
    explicit ServerReplies(std::size_t errors_max) : errors_max_(errors_max) {}

    void reply(const Reply& reply);
    void reply(int code, std::string_view status, std::string_view text);
    /// A reply to something the client did wrong; too many of them end the connection.
    void refuse(const Reply& refusal);
    void refuse(int code, std::string_view status, std::string_view text);
    /// The last words, and the end of the connection.
    void close_with(const Reply& last_words);
    void close_with(int code, std::string_view status, std::string_view text);

private:
    std::size_t errors_max_;
    std::size_t errors_ = 0;
};

} // namespace tegami::smtp
