#include "service/jmapd/event_source.h"

#include "service/jmapd/http_answers.h"
#include "service/jmapd/state_change.h"
#include "json/json.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::jmapd {

namespace {

/// How often something is sent where nothing happens, so that a client that is gone is noticed.
constexpr auto kAliveInterval = std::chrono::minutes(5);

/// The stream of one client. What it is told of at once is one event.
class EventStream final : public net::BodySource {
public:
    struct Parts {
        async::Timers* timers;
        store::AccountPtr account;
        store::ListenerPtr listener;
        std::unique_ptr<directory::SessionRegistry::Entry> session;
        AccountSlots::Slot slot;
    };

    /// `last_seen` is the last event that the client had.
    EventStream(Parts parts, EventQuery query, std::optional<std::string> last_seen)
        : parts_(std::move(parts)), query_(std::move(query)), changes_(parts_.account, query_.types),
          next_ping_(parts_.timers->instant() + query_.ping) {
        if (last_seen && *last_seen != changes_.state_now()) changes_.take_all();
    }

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        while (!ended_) {
            if (!changes_.empty()) co_return state_event();
            const Instant now = parts_.timers->instant();
            const bool pings = query_.ping != Duration::zero();
            if (pings && now >= next_ping_) co_return ping_event();
            const Instant alive = now + kAliveInterval;
            const auto news =
                co_await parts_.listener->receive(parts_.timers, pings ? std::min(next_ping_, alive) : alive);
            if (news.closed) break;
            changes_.take(news);
            if (news.empty() && !pings) co_return ": still here\n\n";
        }
        co_return std::string();
    }

private:
    std::string state_event() {
        const std::string now = changes_.state_now();
        const json::object data = changes_.tell(now);
        ended_ = query_.close_after_state;
        next_ping_ = parts_.timers->instant() + query_.ping;
        return fmt::format("event: state\nid: {}\ndata: {}\n\n", now, write_json(data));
    }

    std::string ping_event() {
        next_ping_ = parts_.timers->instant() + query_.ping;
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(query_.ping).count();
        return fmt::format("event: ping\ndata: {{\"interval\":{}}}\n\n", seconds);
    }

    const Parts parts_;
    const EventQuery query_;
    StateChanges changes_;
    Instant next_ping_;
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
    net::HttpResponse response;
    response.fields.add("Content-Type", "text/event-stream");
    response.stream = std::make_unique<EventStream>(EventStream::Parts{.timers = &service->with.timers,
                                                                       .account = user->account,
                                                                       .listener = listener,
                                                                       .session = std::move(session),
                                                                       .slot = *std::move(slot)},
                                                    *std::move(query), std::move(last_seen));
    co_return response;
}

} // namespace tegami::jmapd
