// What we and a server have said to each other until now, and what its next reply does to it. Inside this room:
// client_session.h is the face.
#pragma once

#include "protocol/lines/action_list.h"
#include "protocol/smtp/capabilities.h"
#include "protocol/smtp/client_action.h"
#include "protocol/smtp/dot_stuffing.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::smtp {

inline constexpr EnhancedStatus kProtocolError{4, 5, 0};
inline constexpr EnhancedStatus kSecurity{4, 7, 0};

enum class ClientState : std::uint8_t {
    greeting, ///< of the opening: its answer is next
    ehlo,
    helo,
    starttls,
    handshake, ///< the driver's
    auth,
    ready,
    mail, ///< of a transaction: the answer to MAIL is next; RCPT and DATA may be on their way too
    rcpt,
    data,
    body,     ///< the driver gives octets
    body_end, ///< "." sent
    reset,
    quit,
    closed,
};

/// The message under way, and what has become of it for each recipient.
struct ClientTransaction {
    Outgoing message;
    std::vector<std::optional<DeliveryResult>> results; ///< by recipient; nothing while undecided
    std::vector<std::size_t> asked;                     ///< indices of the recipients that RCPT names, in order
    std::size_t sent = 0;                               ///< of `asked`
    std::size_t answered = 0;                           ///< of `asked`
    bool mail_accepted = false;
    bool data_sent = false;
    DotStuffingEncoder encoder;

    bool all_decided() const;
    /// Gives `result` to every recipient that has none.
    void decide_all(const DeliveryResult& result);
};

struct ClientDialogue {
    explicit ClientDialogue(ClientOptions with)
        : options(std::move(with)), tls_active(options.tls == TlsPolicy::active) {}

    ClientOptions options;
    ClientState state = ClientState::greeting;
    lines::ActionList<ClientAction, ClientSend, ClientClose> actions;
    Capabilities capabilities;
    bool tls_active;
    bool tls_begun = false;  ///< the handshake is done on our side, and the server has said nothing under it
    int auth_challenges = 0; ///< of AUTH LOGIN, that were answered
    std::optional<ClientTransaction> transaction;

    Stage stage() const;
    void write(std::string_view line);
    void become_ready();
    /// Hands over the results of the transaction.
    void finish();
    /// The connection cannot go on: everything undecided gets `why`.
    void break_off(DeliveryResult why);
    /// The same for the server's own words, or for words of ours about it.
    void break_off(const Reply& refusal);
    void break_off(EnhancedStatus status, std::string_view text);
    /// A reply that cannot be the answer: nobody knows what the next ones answer.
    void out_of_step(const Reply& reply);
    void close();
};

/// What a reply of the server does.
void handle(ClientDialogue& dialogue, const Reply& reply);

/// EHLO, after which everything else follows.
void say_hello(ClientDialogue& dialogue);
/// A reply from the greeting to the login.
void handle_opening(ClientDialogue& dialogue, const Reply& reply);

/// Begins the transaction: says MAIL and what may follow at once, or knows all results without asking.
void begin(ClientDialogue& dialogue, Outgoing message);
/// A reply to MAIL, RCPT, DATA or the message.
void handle_transaction(ClientDialogue& dialogue, const Reply& reply);

} // namespace tegami::smtp
