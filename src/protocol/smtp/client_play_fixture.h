// A driver for tests of the client's side: plays a dialogue that is written as text. "S:" the server says, "C:" the client
// must have said, other words are what the driver does.
#pragma once

#include "base/ascii.h"
#include "protocol/smtp/client_session.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tegami::smtp {

inline message::EmailAddress address(std::string_view text) {
    return *message::parse_email_address(text);
}

inline Outgoing to_bob() {
    return {.reverse_path = address("alice@a.test"), .recipients = {address("bob@b.test")}, .size = 20};
}

inline Outgoing to_three() {
    Outgoing message = to_bob();
    message.recipients.push_back(address("carol@b.test"));
    message.recipients.push_back(address("dave@b.test"));
    return message;
}

struct Play {
    ClientSession session;
    Outgoing message = to_bob();
    std::string sent;
    std::string events; // one word each
    std::vector<DeliveryResult> results;
    int finished = 0;
    bool octet_by_octet = false;

    explicit Play(ClientOptions options) : session(std::move(options)) {}

    void perform(const ClientActions& actions) {
        for (const ClientAction& action : actions) {
            if (const auto* send = std::get_if<ClientSend>(&action)) sent += send->bytes;
            if (std::holds_alternative<ClientStartTls>(action)) events += "starttls ";
            if (std::holds_alternative<Ready>(action)) events += "ready ";
            if (std::holds_alternative<WantBody>(action)) events += "body ";
            if (std::holds_alternative<ClientClose>(action)) events += "close ";
            if (const auto* unusable = std::get_if<Unusable>(&action)) {
                events += "unusable ";
                results = {unusable->reason};
            }
            if (const auto* done = std::get_if<Finished>(&action)) {
                events += "finished ";
                ++finished;
                results = done->results;
            }
        }
    }

    void say(std::string_view bytes) {
        if (!octet_by_octet) return perform(session.feed(bytes));
        for (std::size_t at = 0; at < bytes.size(); ++at)
            perform(session.feed(bytes.substr(at, 1)));
    }

    void step(std::string_view line) {
        const std::string_view rest = line.substr(std::min<std::size_t>(3, line.size()));
        if (line.starts_with("S: ")) {
            say(std::string(rest) + "\r\n");
        } else if (line.starts_with("C: ")) {
            const std::size_t end = sent.find("\r\n");
            EXPECT_EQ(sent.substr(0, end), rest);
            sent.erase(0, end == std::string::npos ? end : end + 2);
        } else if (line == "send") {
            perform(session.send(message));
        } else if (line == "tls") {
            perform(session.tls_started());
        } else if (line == "no tls") {
            perform(session.tls_failed("bad certificate"));
        } else if (line == "text") {
            perform(session.body("Subject: x\r\n\r\n.dot\r\n"));
            perform(session.body_end());
        } else if (line == "half") {
            perform(session.body("Subject: x\r\n"));
        } else if (line == "unreadable") {
            perform(session.body_failed("disk", false));
        } else if (line == "lost") {
            perform(session.body_failed("disk", true));
        } else if (line == "quit") {
            perform(session.quit());
        } else if (line == "gone") {
            perform(session.disconnected("reset"));
        } else if (line == "silence") {
            perform(session.timed_out());
        } else {
            ADD_FAILURE() << "what is " << line;
        }
    }
};

inline ClientOptions plain() {
    return {.host_name = "a.test", .tls = TlsPolicy::none};
}

inline std::string_view name_of(Outcome outcome) {
    return outcome == Outcome::delivered ? "delivered" : outcome == Outcome::temporary ? "temporary" : "permanent";
}

/// "delivered at the end of the message 2.0.0 (250); …"
inline std::string summary(const std::vector<DeliveryResult>& results) {
    std::string text;
    for (const DeliveryResult& result : results) {
        if (!text.empty()) text += "; ";
        text += std::string(name_of(result.outcome)) + " at " + std::string(to_string(result.stage)) + ' ' +
                to_string(result.status);
        if (result.reply) text += " (" + std::to_string(result.reply->code) + ')';
        if (result.uncertain) text += " uncertain";
    }
    return text;
}

/// Plays the dialogue with whole lines and octet by octet; the results and events as text.
inline std::string play(std::string_view script, const ClientOptions& options = plain(),
                        const Outgoing& message = to_bob()) {
    std::string outcome;
    for (const bool octet_by_octet : {false, true}) {
        Play play(options);
        play.message = message;
        play.octet_by_octet = octet_by_octet;
        for (const std::string_view line : ascii::split(script, '\n'))
            if (!line.empty()) play.step(line);
        EXPECT_EQ(play.sent, "") << "said without being expected";
        const std::string mine = play.events + summary(play.results);
        if (octet_by_octet) {
            EXPECT_EQ(mine, outcome);
        }
        outcome = mine;
    }
    return outcome;
}

} // namespace tegami::smtp
