#include "protocol/smtp/server_replies.h"

namespace tegami::smtp {

void ServerReplies::reply(const Reply& reply) {
    send(encode(reply));
}

void ServerReplies::reply(int code, std::string_view status, std::string_view text) {
    reply(make_reply(code, status, text));
}

void ServerReplies::refuse(const Reply& refusal) {
    if (++errors_ >= errors_max_)
        close_with(421, "4.7.0", "Too many errors");
    else
        reply(refusal);
}

void ServerReplies::refuse(int code, std::string_view status, std::string_view text) {
    refuse(make_reply(code, status, text));
}

void ServerReplies::close_with(const Reply& last_words) {
    reply(last_words);
    close();
}

void ServerReplies::close_with(int code, std::string_view status, std::string_view text) {
    close_with(make_reply(code, status, text));
}

} // namespace tegami::smtp
