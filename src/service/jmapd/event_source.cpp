#include "service/jmapd/event_source.h"

#include "service/jmapd/http_answers.h"
#include "service/jmapd/state_change.h"
#include "json/json.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace tegami::jmapd {

namespace {

/// How often something is sent where nothing happens, so that a client that is gone is noticed.
constexpr Duration kAliveInterval = std::chrono::minutes(5);

/// The stream of one client. What it is told of at once is one event.
class EventStream final : public net::BodySource {
public:
    struct Parts {
        async::Timers* timers;
        sharing::Shares* shares;
        store::AccountPtr account;
        store::ListenerPtr listener;
        std::unique_ptr<directory::SessionRegistry::Entry> session;
        AccountSlots::Slot slot;
    };

    EventStream(Parts parts, EventQuery query)
        : parts_(std::move(parts)), query_(std::move(query)), changes_(parts_.shares, parts_.account, parts_.listener) {
    }

    /// Before anything else. `last_seen` is the last event that the client had.
    async::Awaitable<> begin(std::optional<std::string> last_seen) {
        EventTypes types = query_.types;
        co_await changes_.want(std::move(types));
        if (last_seen && *last_seen != changes_.state_now()) changes_.take_all();
        rest();
    }

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        while (!ended_) {
            if (!changes_.empty()) co_return state_event();
            if (parts_.timers->instant() >= rests_until_) co_return sign_of_life();
            auto news = co_await parts_.listener->receive(parts_.timers, rests_until_);
            if (news.closed) break;
            co_await changes_.take(std::move(news));
        }
        co_return std::string();
    }

private:
    std::string state_event() {
        const std::string now = changes_.state_now();
        const json::object data = changes_.describe(changes_.next());
        ended_ = query_.close_after_state;
        rest();
        return fmt::format("event: state\nid: {}\ndata: {}\n\n", now, write_json(data));
    }

    std::string sign_of_life() {
        rest();
        if (query_.ping == Duration::zero()) return ": still here\n\n";
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(query_.ping).count();
        return fmt::format("event: ping\ndata: {{\"interval\":{}}}\n\n", seconds);
    }

    /// From now on something is said again after a time, whatever happens.
    void rest() {
        const Duration interval = query_.ping == Duration::zero() ? kAliveInterval : query_.ping;
        rests_until_ = parts_.timers->instant() + interval;
    }

    const Parts parts_;
    const EventQuery query_;
    StateChanges changes_;
    Instant rests_until_{};
    bool ended_ = false;
};

} // namespace

async::Awaitable<net::HttpResponse> answer_event_source(Service* service, const User* user, net::HttpRequest* request,
                                                        net::BodySource*) {
    auto query = parse_event_query(request->target);
    if (!query) co_return problem(400, "types, closeafter (state or no) and ping (seconds) have to be said");
    auto slot = service->streams.take(user->identity.account);
    if (!slot) co_return try_later(429, "too many event streams of this account");
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const store::ListenerPtr listener = user->account->listen(executor);
    const auto end = [listener] { listener->close(); };
    auto session = co_await attend_sign_in(service, user, executor, end);
    if (!session) co_return try_later(503, "the account has changed a moment ago");
    std::optional<std::string> last_seen;
    if (const auto id = request->fields.find("Last-Event-ID")) last_seen = *id;
    auto stream = std::make_unique<EventStream>(EventStream::Parts{.timers = &service->with.timers,
                                                                   .shares = &service->with.shares,
                                                                   .account = user->account,
                                                                   .listener = listener,
                                                                   .session = std::move(session),
                                                                   .slot = *std::move(slot)},
                                                *std::move(query));
    co_await stream->begin(std::move(last_seen));
    net::HttpResponse response;
    response.fields.add("Content-Type", "text/event-stream");
    response.stream = std::move(stream);
    co_return response;
}

} // namespace tegami::jmapd
