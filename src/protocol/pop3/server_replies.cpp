#include "protocol/pop3/server_replies.h"

namespace tegami::pop3 {

void ServerReplies::send(std::string_view bytes) {
    if (actions_.empty() || !std::holds_alternative<Send>(actions_.back())) act(Send{});
    std::get<Send>(actions_.back()).bytes += bytes;
}

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

void ServerReplies::close() {
    act(Close{});
    closed_ = true;
}

} // namespace tegami::pop3
