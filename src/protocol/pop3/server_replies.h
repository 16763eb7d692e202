// The actions of one turn of the server's side, and the replies among them: those that are ready at once go out in one
// Send. Inside this room.
#pragma once

#include "protocol/pop3/server_action.h"

#include <string_view>
#include <utility>

namespace tegami::pop3 {

class ServerReplies {
public:
    /// Limit: after so many errors the connection ends.
    explicit ServerReplies(std::size_t errors_max) : errors_max_(errors_max) {}

    void act(ServerAction action) { actions_.push_back(std::move(action)); }

    void send(std::string_view bytes);
    void ok(std::string_view text);
    /// A reply to something the client did wrong; too many of them end the connection.
    void error(std::string_view text);
    /// The last line, and the end of the connection.
    void close_with(std::string_view line);
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

} // namespace tegami::pop3
