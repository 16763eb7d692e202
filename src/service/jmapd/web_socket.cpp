#include "service/jmapd/web_socket.h"

#include "async/first_of.h"
#include "async/task_group.h"
#include "net/web_socket.h"
#include "protocol/jmap/socket_message.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/request_run.h"
#include "service/jmapd/session_resource.h"
#include "service/jmapd/state_change.h"
#include "service/webd/origin.h"

#include <boost/asio/this_coro.hpp>

#include <exception>

namespace tegami::jmapd {

namespace {

using websocket::CloseCode;

/// What a connection holds beside its stream while nothing happens.
constexpr std::uint64_t kSocketBytes = 8 * 1024;

json::object over(std::string_view limit, std::string_view detail) {
    return jmap::problem_details(
        {.kind = jmap::RequestFault::Kind::limit, .detail = std::string(detail), .limit = std::string(limit)});
}

/// One client. It lives on one thread.
class Socket final : public net::HttpUpgrade {
public:
    struct Parts {
        Service* service;
        User user;
        async::Executor executor;
        store::ListenerPtr listener; ///< closed when the sign-in ends
        std::unique_ptr<directory::SessionRegistry::Entry> session;
        AccountSlots::Slot slot;
        MemoryBudget::Charge memory;
    };

    explicit Socket(Parts parts)
        : parts_(std::move(parts)),
          requests_(parts_.executor, [this](std::string_view, std::string_view reason) { end_after_failure(reason); }),
          changes_(&parts_.service->with.shares, parts_.user.account, parts_.listener) {}

    async::Awaitable<> run(net::Stream* stream, std::string octets) override {
        net::WebSocket socket(stream, &parts_.service->with.timers, std::move(octets));
        socket_ = &socket;
        std::exception_ptr thrown;
        try {
            co_await async::first_of(listen(), push());
        } catch (...) {
            thrown = std::current_exception();
        }
        // What still has to be said is short and has a deadline, so the task may end a moment after it was cancelled.
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
        if (thrown)
            co_await socket.close(CloseCode::going_away, "the server stops");
        else if (failed_)
            co_await socket.close(CloseCode::internal_error, "the log of the server says more");
        else
            co_await socket.close(CloseCode::policy_violation, "the sign-in has ended");
        // A request under way is carried out: half of a request is nobody's wish.
        if (thrown) requests_.cancel();
        co_await requests_.join();
        if (thrown) std::rethrow_exception(thrown);
    }

private:
    /// Reads messages until the connection ends.
    async::Awaitable<> listen() {
        const jmap::RequestLimits& limits = parts_.service->limits.request;
        std::string message;
        MemoryBudget::Charge memory(&parts_.service->with.memory);
        for (;;) {
            const auto piece = co_await socket_->read();
            if (!piece) co_return;
            if (piece->octets.size() > limits.size_bytes - message.size()) {
                co_await refuse(over("maxSizeRequest", "the request is too large"), {});
                co_return co_await socket_->close(CloseCode::too_large, "the request is too large");
            }
            if (!memory.resize((message.size() + piece->octets.size()) * kMemoryPerRequestOctet)) {
                const json::object busy{{"type", "about:blank"}, {"status", 503}, {"detail", "the server is too busy"}};
                co_await refuse(busy, {});
                co_return co_await socket_->close(CloseCode::try_again_later, "the server is too busy");
            }
            message += piece->octets;
            if (!piece->last) continue;
            co_await take(std::exchange(message, {}), std::move(memory));
            memory = MemoryBudget::Charge(&parts_.service->with.memory);
        }
    }

    async::Awaitable<> take(std::string octets, MemoryBudget::Charge memory) {
        const auto read = [this, &octets] {
            return jmap::parse_socket_message(octets, parts_.service->limits.request, &is_capability);
        };
        auto message = co_await read_beside(parts_.service, octets.size(), read);
        octets = {};
        if (!message)
            co_return co_await refuse(jmap::problem_details(message.error().fault), message.error().request_id);
        if (auto* const request = std::get_if<jmap::SocketRequest>(&*message)) {
            auto slot = parts_.service->requests.take(parts_.user.identity.account);
            if (!slot)
                co_return co_await refuse(over("maxConcurrentRequests", "too many requests of this account at once"),
                                          request->id);
            requests_.spawn("jmap request", answer(std::move(*request), std::move(memory), *std::move(slot)));
        } else if (const auto* const enable = std::get_if<jmap::PushEnable>(&*message)) {
            co_await begin_push(enable);
            co_await tell();
        } else {
            co_await changes_.want(EventTypes());
        }
    }

    async::Awaitable<> answer(jmap::SocketRequest request, MemoryBudget::Charge memory, AccountSlots::Slot slot) {
        SocketAnswer to{.request_id = std::move(request.id)};
        std::string text =
            co_await run_request(parts_.service, &parts_.user, std::move(request.request), &memory, std::move(to));
        // The frame is a copy.
        static_cast<void>(memory.resize(2 * text.size()));
        const auto sent = co_await socket_->send(std::move(text));
        static_cast<void>(sent); // who reads finds out
        static_cast<void>(slot);
    }

    async::Awaitable<> refuse(json::object problem, std::optional<std::string> request_id) {
        jmap::mark_for_socket(problem, "RequestError", request_id);
        const auto sent = co_await socket_->send(write_json(problem));
        static_cast<void>(sent);
    }

    async::Awaitable<> begin_push(const jmap::PushEnable* enable) {
        EventTypes types = enable->types ? known_event_types(*enable->types) : all_event_types();
        co_await changes_.want(std::move(types));
        if (enable->push_state && *enable->push_state != changes_.state_now()) changes_.take_all();
    }

    /// Waits for changes until the sign-in ends.
    async::Awaitable<> push() {
        for (;;) {
            co_await parts_.listener->wait();
            auto news = parts_.listener->take();
            if (news.closed) co_return;
            co_await changes_.take(std::move(news));
            co_await tell();
        }
    }

    async::Awaitable<> tell() {
        if (changes_.empty()) co_return;
        const std::string now = changes_.state_now();
        json::object change = changes_.describe(changes_.next());
        change["pushState"] = now;
        const auto sent = co_await socket_->send(write_json(change));
        static_cast<void>(sent);
    }

    void end_after_failure(std::string_view reason) {
        parts_.service->with.log.error("jmap request failed", {{"reason", reason}});
        failed_ = true;
        parts_.listener->close();
    }

    const Parts parts_;
    async::TaskGroup requests_;
    net::WebSocket* socket_ = nullptr;
    StateChanges changes_; ///< of no types while push is not enabled
    bool failed_ = false;
};

} // namespace

async::Awaitable<net::HttpResponse> answer_socket(Service* service, const User* user, net::HttpRequest* request,
                                                  net::BodySource*) {
    // A browser lets pages of others open a connection, with our cookie, and only says whose they are (RFC 6455 §10.2).
    if (!user->web_session.empty() && webd::origin_of(*request, service->with.base_url) != webd::Origin::ours)
        co_return problem(403, "with a cookie alone only pages of this server connect");
    net::HttpResponse response = net::answer_web_socket(*request, "jmap");
    if (response.status != 101) co_return response;
    auto slot = service->streams.take(user->identity.account);
    if (!slot) co_return try_later(429, "too many event streams and WebSockets of this account");
    MemoryBudget::Charge memory(&service->with.memory);
    if (!memory.resize(kSocketBytes)) co_return try_later(503, "the server is too busy for another connection");
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const store::ListenerPtr listener = user->account->listen(executor);
    const auto end = [listener] { listener->close(); };
    auto session = co_await attend_sign_in(service, user, executor, end);
    if (!session) co_return try_later(503, "the account has changed a moment ago");
    response.upgrade = std::make_unique<Socket>(Socket::Parts{.service = service,
                                                              .user = *user,
                                                              .executor = executor,
                                                              .listener = listener,
                                                              .session = std::move(session),
                                                              .slot = *std::move(slot),
                                                              .memory = std::move(memory)});
    co_return response;
}

} // namespace tegami::jmapd
