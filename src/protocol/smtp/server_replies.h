// The actions of one turn of the server's side, and the replies among them: those that are ready at once go out in one
// Send. Inside this room.
#pragma once

#include "protocol/smtp/reply.h"
#include "protocol/smtp/server_action.h"

namespace tegami::smtp {

class ServerReplies {
public:
    /// Limit: after so many refusals the connection ends.
    explicit ServerReplies(std::size_t errors_max) : errors_max_(errors_max) {}

    void act(ServerAction action) { actions_.push_back(std::move(action)); }

    void send(std::string_view bytes);
    void reply(const Reply& reply);
    void reply(int code, std::string_view status, std::string_view text);
    /// A reply to something the client did wrong; too many of them end the connection.
    void refuse(const Reply& refusal);
    void refuse(int code, std::string_view status, std::string_view text);
    /// The last words, and the end of the connection.
    void close_with(const Reply& last_words);
    void close_with(int code, std::string_view status, std::string_view text);
    void close();

    bool closed() const { return closed_; }

    /// What has gathered since the last time.
    ServerActions take() { return std::exchange(actions_, {}); }

private:
    std::size_t errors_max_;
    std::size_t errors_ = 0;
    ServerActions actions_;
    bool closed_ = false;
};

} // namespace tegami::smtp
