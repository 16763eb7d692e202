// What the drivers of line protocols (SMTP, POP3) share: waiting,
// reading, feeding the session, performing what it asks for, time-outs.
//
// 1. A connection holds one read buffer while octets come, and none while it waits for them.
// 2. What is said in answer to one batch of commands goes out in one piece (RFC 2920 §3.2): at the latest when nothing
//    is left to do, or before an action that the client must not be kept waiting behind.
// 3. After every kTurnActions actions in a row, answers too, the other connections of the thread have their turn,
//    however many commands came in one piece.
// 4. Every wait has a deadline: the session's own for the client's next octets and for a command or message as a
//    whole, kWriteTime for ours.
// 5. A session that is to end (end_soon) finishes what it does, says its last words and closes. So does one whose task is
//    cancelled, because the server stops, while it waits for its client (RFC 5321 §3.8).
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "async/turns.h"
#include "net/stream.h"
#include "net/tls_context.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tegami::net {

/// Limit: how long a client may take to receive what we write, or to finish a TLS handshake.
inline constexpr auto kWriteTime = std::chrono::minutes(5);
inline constexpr auto kHandshakeTime = std::chrono::minutes(1);
/// Limit: how long a client may take to receive the last words of a server that stops.
inline constexpr auto kFarewellTime = std::chrono::seconds(5);
/// Limit: octets of answers that are held back to go out together.
inline constexpr std::size_t kHeldBytesMax = 16 * 1024;
/// Limit: actions that one connection performs without letting others run.
inline constexpr std::size_t kTurnActions = 16;
/// Limit: octets that are read, and taken as commands, at once.
inline constexpr std::size_t kCommandBytes = 4 * 1024;

/// Why a session ends that its client has not ended.
enum class Ending : std::uint8_t { account_changed, server_stops };

/// `Session` eats octets (`feed`), has a `timeout()`, a `whole_time()` for what has come in part and the number of those
/// that have `ended()`, and answers to `timed_out()`. `Send` is its action to write
/// `bytes`; `Driver` does the others in `perform_one(Action)`; `sends_first(action)` is true if the replies held back
/// must be flushed before that action. `read_bytes()` is how many octets it wants at once, such as kCommandBytes;
/// `last_words(ending)` are the actions that tell the client why the connection ends.
template <class Driver, class Session, class Action, class Send>
class SessionDriver {
    friend Driver;

    SessionDriver(std::unique_ptr<Stream> stream, async::Timers& timers, Session session)
        : stream_(std::move(stream)), session_(std::move(session)), timers_(timers) {}

protected:
    using Actions = std::vector<Action>;

    /// Performs `first`, then what the client asks for, until close() or the end of the connection.
    async::Awaitable<IoResult<>> converse(Actions first) {
        CO_TRY_VOID(co_await perform(std::move(first)));
        while (!close_requested_) {
            if (ends_) {
                Actions farewell = static_cast<Driver*>(this)->last_words(Ending::account_changed);
                co_return co_await perform(std::move(farewell));
            }
            stream_->set_deadline(deadline());
            waits_ = true;
            std::unique_ptr<char[]> buffer;
            IoResult<std::size_t> got = failure(IoError::cancelled);
            std::exception_ptr cancelled;
            try {
                const auto readable = co_await stream_->wait_readable();
                performed_ = 0;
                if (readable) {
                    const std::size_t bytes = static_cast<Driver*>(this)->read_bytes();
                    buffer = std::make_unique_for_overwrite<char[]>(bytes);
                    got = co_await stream_->read_some(buffer.get(), bytes);
                } else {
                    got = failure(readable.error());
                }
            } catch (const boost::system::system_error&) {
                cancelled = std::current_exception();
            }
            waits_ = false;
            stream_->set_deadline(timers_.instant() + kWriteTime);
            if (cancelled) {
                // What is still to be said is short, so the task may end a moment after it was cancelled.
                co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
                write_time_ = kFarewellTime;
                Actions farewell = static_cast<Driver*>(this)->last_words(Ending::server_stops);
                CO_TRY_VOID(co_await perform(std::move(farewell)));
                std::rethrow_exception(cancelled);
            }
            if (!got && got.error() == IoError::timed_out && ends_) continue;
            if (!got && got.error() == IoError::timed_out) {
                const auto told = co_await perform(session_.timed_out());
                co_return told;
            }
            if (!got) co_return failure(got.error());
            Actions actions = session_.feed({buffer.get(), *got});
            buffer.reset();
            CO_TRY_VOID(co_await perform(std::move(actions)));
        }
        co_return IoResult<>{};
    }

    /// Performs the actions and all that follow from them.
    async::Awaitable<IoResult<>> perform(Actions actions) {
        queue(std::move(actions));
        while (!todo_.empty()) {
            Action action = std::move(todo_.front());
            todo_.pop_front();
            if (++performed_ % kTurnActions == 0) {
                co_await async::give_way();
            }
            if (auto* send = std::get_if<Send>(&action)) {
                held_ += send->bytes;
                if (held_.size() > kHeldBytesMax) {
                    CO_TRY_VOID(co_await flush());
                }
                continue;
            }
            if (Driver::sends_first(action)) {
                CO_TRY_VOID(co_await flush());
            }
            stream_->set_deadline(timers_.instant() + write_time_);
            CO_TRY_VOID(co_await static_cast<Driver*>(this)->perform_one(std::move(action)));
        }
        CO_TRY_VOID(co_await flush());
        co_return IoResult<>{};
    }

    void queue(Actions actions) { std::ranges::move(actions, std::back_inserter(todo_)); }

    /// The conversation ends with the driver's last_words() as soon as it waits for its client. On its thread.
    void end_soon() {
        ends_ = true;
        if (waits_) stream_->set_deadline(timers_.instant());
    }

    /// The conversation ends when everything that is to be done has been done.
    void close() { close_requested_ = true; }

    async::Awaitable<IoResult<>> start_tls(std::shared_ptr<const TlsServerContext> context) {
        stream_->set_deadline(timers_.instant() + kHandshakeTime);
        return stream_->start_tls(std::move(context));
    }

    const std::unique_ptr<Stream> stream_;
    Session session_;

private:
    /// Until when to wait for the client.
    Instant deadline() {
        const Instant now = timers_.instant();
        const Instant next = now + session_.timeout();
        const auto whole = session_.whole_time();
        if (!whole || ended_ != session_.ended()) begun_.reset();
        ended_ = session_.ended();
        if (!whole) return next;
        if (!begun_) begun_ = now;
        return std::min(next, *begun_ + *whole);
    }

    async::Awaitable<IoResult<>> flush() {
        if (held_.empty()) co_return IoResult<>{};
        stream_->set_deadline(timers_.instant() + write_time_);
        co_return co_await stream_->write_all(std::exchange(held_, {}));
    }

    async::Timers& timers_;
    std::deque<Action> todo_;
    std::string held_;
    Duration write_time_ = kWriteTime;
    std::size_t performed_ = 0; ///< since the last wait for the client
    bool close_requested_ = false;
    bool ends_ = false;
    bool waits_ = false;           ///< for the client's next octets
    std::optional<Instant> begun_; ///< when the first octets of what has not ended had come
    std::uint64_t ended_ = 0;
};

} // namespace tegami::net
