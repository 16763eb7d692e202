#include "protocol/pop3/server_replies.h"

namespace tegami::pop3 {

void ServerReplies::ok(std::string_view text) {
    send("+OK " + std::string(text) + "\r\n");
}

void ServerReplies::error(std::string_view text) {
    if (++errors_ >= errors_max_)
        close_with("-ERR Too many errors");
    else
        send("-ERR " + std::string(text) + "\r\n");
}

void ServerReplies::close_with(std::string_view line) {
    send(std::string(line) + "\r\n");
    close();
}

} // namespace tegami::pop3
