// A driver for tests: performs the server session's actions, keeps accepted messages in memory, knows one password and
// the users of b.test. Question number `fail_at` (counted from 1) goes wrong.
#pragma once

#include "base/assert.h"
#include "protocol/smtp/server_session.h"

#include <deque>

namespace tegami::smtp {

struct ReceivedMessage {
    Envelope envelope;
    std::string bytes;
    std::string transmission_type;
};

struct ServerDriverTwin {
    ServerSession session;
    int fail_at = 0;
    int questions = 0;
    std::string output;
    std::vector<ReceivedMessage> accepted;
    std::vector<std::string> mechanisms_after_tls;
    std::string under_way;
    bool message_open = false;
    bool closed = false;
    bool tls = false;

    explicit ServerDriverTwin(ServerOptions options, int failing_question = 0)
        : session(std::move(options)), fail_at(failing_question) {
        perform(session.start());
    }

    void feed(std::string_view bytes) { perform(session.feed(bytes)); }

    void perform(ServerActions first) {
        std::deque<ServerAction> waiting(std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
        while (!waiting.empty()) {
            const ServerAction action = std::move(waiting.front());
            waiting.pop_front();
            ASSERT(!closed);
            for (ServerAction& next : std::visit([this](const auto& what) { return answer(what); }, action))
                waiting.push_back(std::move(next));
        }
    }

    bool fails() { return ++questions == fail_at; }

    static Result<void, Reply> broken() { return failure(make_reply(451, "4.3.0", "Broken")); }

    ServerActions answer(const Send& send) {
        ASSERT(send.bytes.ends_with("\r\n"));
        output += send.bytes;
        return {};
    }

    ServerActions answer(const StartTls&) {
        if (fails()) {
            closed = true;
            return {};
        }
        tls = true;
        return session.tls_started(mechanisms_after_tls);
    }

    ServerActions answer(const AuthBegin& begin) {
        if (fails()) return session.auth_failed(make_reply(454, "4.7.0", "Broken"));
        if (!begin.initial_response) return session.auth_challenge("who?");
        return answer(AuthContinue{*begin.initial_response});
    }

    ServerActions answer(const AuthContinue& response) {
        if (fails()) return session.auth_failed(make_reply(454, "4.7.0", "Broken"));
        if (response.response == "more") return session.auth_challenge("go on");
        return response.response == "secret" ? session.auth_succeeded() : session.auth_failed(auth_refused());
    }

    ServerActions answer(const AuthCancel&) { return {}; }

    ServerActions answer(const CheckSender& check) {
        if (fails()) return session.sender_checked(broken());
        if (check.reverse_path && check.reverse_path->local_part == "spam")
            return session.sender_checked(failure(make_reply(550, "5.7.1", "Not from you")));
        return session.sender_checked({});
    }

    ServerActions answer(const CheckRecipient& check) {
        if (fails()) return session.recipient_checked(broken());
        if (check.recipient.address.domain.ascii() != "b.test" || check.recipient.address.local_part == "nobody")
            return session.recipient_checked(failure(make_reply(550, "5.1.1", "No such user")));
        return session.recipient_checked({});
    }

    ServerActions answer(const BeginMessage&) {
        if (fails()) return session.message_begun(broken());
        under_way.clear();
        message_open = true;
        return session.message_begun({});
    }

    ServerActions answer(const MessageBytes& more) {
        ASSERT(message_open && !more.bytes.empty());
        under_way += more.bytes;
        return {};
    }

    ServerActions answer(const AbandonMessage&) {
        ASSERT(message_open);
        message_open = false;
        return {};
    }

    ServerActions answer(const EndOfMessage&) {
        ASSERT(message_open);
        message_open = false;
        if (fails()) return session.message_done(broken().error());
        accepted.push_back({session.envelope(), under_way, std::string(session.transmission_type())});
        return session.message_done(make_reply(250, "2.0.0", "Accepted"));
    }

    ServerActions answer(const Close&) {
        closed = true;
        return {};
    }
};

} // namespace tegami::smtp
