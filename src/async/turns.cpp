#include "async/turns.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace tegami::async {

namespace {

/// The line of one context.
class Turns final : public boost::asio::execution_context::service {
public:
    using key_type = Turns;
    using Resume = std::move_only_function<void()>;

    static boost::asio::execution_context::id id;

    explicit Turns(boost::asio::execution_context& context) : service(context) {}

    void enter(Executor executor, Resume resume) {
        const std::lock_guard lock(guard_);
        line_.push_back({std::move(executor), std::move(resume)});
        if (line_.size() == 1 && !taking_) call_next();
    }

private:
    struct Waiting {
        Executor executor;
        Resume resume;
    };

    void shutdown() override {
        std::deque<Waiting> dropped;
        const std::lock_guard lock(guard_);
        dropped.swap(line_);
    }

    /// The context looks for what is ready, then runs all of it in order. The first step comes to stand before what the
    /// look finds, the second behind it.
    void call_next() {
        boost::asio::post(line_.front().executor, [this] {
            const std::lock_guard lock(guard_);
            boost::asio::post(line_.front().executor, [this] { take_next(); });
        });
    }

    void take_next() {
        const Ending ending(this);
        Resume resume;
        {
            const std::lock_guard lock(guard_);
            resume = std::move(line_.front().resume);
            line_.pop_front();
            taking_ = true;
        }
        std::exchange(resume, nullptr)();
        // Threads that wait for a processor, such as the committer's, go before the next turn, too.
        std::this_thread::yield();
    }

    void end_turn() {
        const std::lock_guard lock(guard_);
        taking_ = false;
        if (!line_.empty()) call_next();
    }

    /// The line goes on whatever leaves a turn.
    struct Ending {
        explicit Ending(Turns* line) : turns(line) {}

        ~Ending() { turns->end_turn(); }

        Ending(const Ending&) = delete;
        Ending& operator=(const Ending&) = delete;

        Turns* const turns;
    };

    std::mutex guard_;
    std::deque<Waiting> line_;
    bool taking_ = false;
};

boost::asio::execution_context::id Turns::id;

} // namespace

Awaitable<> give_way() {
    auto initiate = [](auto handler) {
        const Executor executor = boost::asio::get_associated_executor(handler);
        auto& turns = boost::asio::use_service<Turns>(boost::asio::query(executor, boost::asio::execution::context));
        turns.enter(executor, [resume = std::move(handler)]() mutable { std::move(resume)(); });
    };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        initiate, boost::asio::use_awaitable);
}

Awaitable<> yield() {
    co_await boost::asio::post(boost::asio::use_awaitable);
}

} // namespace tegami::async
