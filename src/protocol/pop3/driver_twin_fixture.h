// A driver for tests: performs the session's actions against a maildrop in memory and answers its questions, except
// that question number `fail_at` (counted from 1) goes wrong.
#pragma once

#include "protocol/pop3/message_writer.h"
#include "protocol/pop3/server_session.h"

#include <deque>
#include <set>

namespace tegami::pop3 {

struct DriverTwin {
    ServerSession session;
    std::vector<std::string> messages;
    int fail_at = 0;
    int questions = 0;
    std::string output;
    std::set<std::uint32_t> deleted;
    std::vector<std::string> mechanisms_after_tls;
    std::string expected_response = "secret";
    bool closed = false;
    bool tls = false;

    explicit DriverTwin(ServerOptions options, std::vector<std::string> maildrop = {}, int failing_question = 0)
        : session(std::move(options)), messages(std::move(maildrop)), fail_at(failing_question) {
        perform(session.start());
    }

    void feed(std::string_view bytes) { perform(session.feed(bytes)); }

    void perform(ServerActions first) {
        std::deque<ServerAction> waiting(std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
        while (!waiting.empty()) {
            ServerAction action = std::move(waiting.front());
            waiting.pop_front();
            for (ServerAction& next : std::visit([this](const auto& what) { return answer(what); }, action))
                waiting.push_back(std::move(next));
        }
    }

    bool fails() { return ++questions == fail_at; }

    ServerActions answer(const Send& send) {
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

    ServerActions answer(const CheckPassword& login) {
        if (fails()) return session.auth_failed(Refusal::temporary_fault);
        return login.password == "secret" ? session.auth_succeeded(login.user)
                                          : session.auth_failed(Refusal::credentials);
    }

    ServerActions answer(const AuthBegin& begin) {
        if (fails()) return session.auth_failed(Refusal::malformed);
        if (!begin.initial_response) return session.auth_challenge("who?");
        return answer(AuthContinue{*begin.initial_response});
    }

    ServerActions answer(const AuthContinue& response) {
        if (fails()) return session.auth_failed(Refusal::temporary_fault);
        if (response.response == "more") return session.auth_challenge("go on");
        return response.response == expected_response ? session.auth_succeeded("alice@a.test")
                                                      : session.auth_failed(Refusal::credentials);
    }

    ServerActions answer(const AuthCancel&) { return {}; }

    ServerActions answer(const OpenMaildrop&) {
        if (fails()) return session.maildrop_opened(failure(Refusal::in_use));
        Maildrop maildrop{.uid_validity = UidValidity(7)};
        for (std::size_t index = 0; index < messages.size(); ++index)
            maildrop.messages.push_back({.size = static_cast<std::uint32_t>(messages[index].size()),
                                         .uid = Uid(static_cast<std::uint32_t>(index + 1))});
        return session.maildrop_opened(std::move(maildrop));
    }

    ServerActions answer(const ContinueListing&) { return session.continue_listing(); }

    ServerActions answer(const SendMessage& send) {
        if (fails()) return session.message_unavailable();
        perform(session.message_opened());
        MessageWriter writer(send.top_lines);
        writer.append(messages[send.number - 1], output);
        writer.finish(output);
        return session.message_sent();
    }

    ServerActions answer(const CommitDeletions& commit) {
        if (fails()) return session.deletions_committed(false);
        deleted.insert(commit.numbers.begin(), commit.numbers.end());
        return session.deletions_committed(true);
    }

    ServerActions answer(const Close&) {
        closed = true;
        return {};
    }
};

} // namespace tegami::pop3
