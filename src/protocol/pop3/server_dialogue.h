// What a client has said to the server's side until now, and what each command does to it. Inside this room:
// server_session.h is the face.
#pragma once

#include "protocol/lines/line_buffer.h"
#include "protocol/pop3/server_replies.h"

#include <span>

namespace tegami::pop3 {

enum class ServerState : std::uint8_t {
    fresh,
    authorization,
    auth_response,
    transaction,
    awaiting_tls, ///< the rest wait for the driver
    awaiting_login,
    awaiting_maildrop,
    listing,
    awaiting_message,
    sending_message,
    awaiting_commit,
};

enum class Listing : std::uint8_t { sizes, uids };

struct ServerDialogue {
    struct Message {
        MaildropEntry entry;
        bool deleted = false;
    };

    explicit ServerDialogue(ServerOptions with)
        : options(std::move(with)), replies(options.limits.errors), input(options.limits.skipped_line_bytes) {}

    ServerOptions options;
    ServerReplies replies;
    lines::LineBuffer input;
    ServerState state = ServerState::fresh;
    std::uint64_t ended = 0; ///< lines that have come to their end

    std::string user;     ///< of USER, until PASS
    std::string identity; ///< who logged in
    bool utf8 = false;
    UidValidity uid_validity;
    std::vector<Message> messages;
    Listing listed{};           ///< while listing: of what,
    std::size_t listing_at = 0; ///< and the next message
    SendMessage current;        ///< while a message is awaited or sent

    std::size_t auth_failures = 0;
    std::size_t auth_steps = 0; ///< of the exchange under way
    std::size_t commands_before_login = 0;

    bool awaiting() const { return state >= ServerState::awaiting_tls; }

    bool login_possible() const { return options.tls == TlsState::active || options.auth_without_tls; }
};

/// Reads and obeys what waits, until the driver has to answer or no whole line is left.
void read_on(ServerDialogue& dialogue);

/// Ends the AUTH exchange under way from our side or the client's.
void cancel_auth(ServerDialogue& dialogue, std::string_view text);

struct CommandOfName {
    std::string_view name;
    void (*handle)(ServerDialogue& dialogue, std::string_view argument);
};

/// False if there is no such command among them.
bool handle_by_name(std::span<const CommandOfName> commands, ServerDialogue& dialogue, std::string_view verb,
                    std::string_view argument);

/// Before the login; false for a command that is not known there.
bool handle_authorization(ServerDialogue& dialogue, std::string_view verb, std::string_view argument);
/// After it.
bool handle_transaction(ServerDialogue& dialogue, std::string_view verb, std::string_view argument);
/// CAPA, at any time.
void list_capabilities(ServerDialogue& dialogue);
/// QUIT, at any time.
void quit(ServerDialogue& dialogue);

/// The next piece of the listing under way.
void list_more(ServerDialogue& dialogue);

} // namespace tegami::pop3
