#include "service/jmapd/event_source.h"

#include "service/jmapd/http_answers.h"
#include "service/jmapd/ids.h"
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
        : parts_(std::move(parts)), query_(std::move(query)), next_ping_(parts_.timers->instant() + query_.ping) {
        if (last_seen && *last_seen != state()) pending_ = query_.types;
    }

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        while (!ended_) {
            if (!pending_.empty()) co_return state_event();
            const Instant now = parts_.timers->instant();
            const bool pings = query_.ping != Duration::zero();
            if (pings && now >= next_ping_) co_return ping_event();
            const Instant alive = now + kAliveInterval;
            const auto news =
                co_await parts_.listener->receive(parts_.timers, pings ? std::min(next_ping_, alive) : alive);
            if (news.closed) break;
            take(news);
            if (news.empty() && !pings) co_return ": still here\n\n";
        }
        co_return std::string();
    }

private:
    std::string state() const { return state_of(parts_.account->mailboxes()->version()); }

    void take(const async::News<store::ChangePtr>& news) {
        const auto want = [this](const EventTypes& types) {
            std::ranges::set_intersection(types, query_.types, std::inserter(pending_, pending_.end()));
        };
        if (news.resync) want(query_.types);
        for (const store::ChangePtr& change : news.items)
            want(types_changed(*change));
    }

    std::string state_event() {
        const std::string now = state();
        json::object types;
        for (const std::string& type : std::exchange(pending_, {}))
            types[type] = now;
        json::object changed;
        changed[id_of(parts_.account->id())] = std::move(types);
        const json::object data{{"@type", "StateChange"}, {"changed", std::move(changed)}};
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
    Instant next_ping_;
    EventTypes pending_;
    bool ended_ = false;
};

} // namespace

EventTypes types_changed(const store::Change& change) {
    EventTypes types;
    if (change.everything) return {kEventTypes.begin(), kEventTypes.end()};
    if (change.mailbox_list) types.emplace("Mailbox");
    if (change.objects.contains(store::ObjectKind::identity)) types.emplace("Identity");
    if (change.objects.contains(store::ObjectKind::submission)) types.emplace("EmailSubmission");
    for (const store::MailboxChange& mailbox : change.mailboxes) {
        const bool threads = !mailbox.appended.empty() || !mailbox.expunged.empty();
        if (mailbox.mailbox_itself) types.emplace("Mailbox");
        if (!mailbox.appended.empty()) types.emplace("EmailDelivery");
        if (threads) types.emplace("Thread");
        if (threads || !mailbox.changed.empty()) {
            types.emplace("Email");
            types.emplace("Mailbox"); // its counts
        }
    }
    return types;
}

namespace {

/// The stream ends when this does; nothing: the account has changed a moment ago, or cannot be read.
async::Awaitable<std::unique_ptr<directory::SessionRegistry::Entry>>
begin_session(Service* service, const User* user, async::Executor executor, std::function<void()> end) {
    if (user->web_session.empty()) {
        auto session = co_await service->with.authenticator.begin_session(user->identity, executor, std::move(end));
        co_return std::move(session).value_or(nullptr);
    }
    auto session =
        co_await service->with.web_sessions.attend(user->identity.account, user->web_session, executor, std::move(end));
    co_return std::move(session).value_or(nullptr);
}

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
    auto session = co_await begin_session(service, user, executor, end);
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
