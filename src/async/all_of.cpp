#include "async/all_of.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tegami::async {

Awaitable<> all_of(std::vector<Awaitable<>> works) {
    if (works.empty()) co_return;
    if (works.size() == 1) co_return co_await std::move(works.front());
    const Executor executor = co_await boost::asio::this_coro::executor;
    const auto begin = [&executor](Awaitable<> work) {
        return boost::asio::co_spawn(executor, std::move(work), boost::asio::deferred);
    };
    std::vector<decltype(begin(std::declval<Awaitable<>>()))> begun;
    begun.reserve(works.size());
    for (Awaitable<>& work : works)
        begun.push_back(begin(std::move(work)));
    auto group = boost::asio::experimental::make_parallel_group(std::move(begun));
    const auto [order, errors] =
        co_await group.async_wait(boost::asio::experimental::wait_for_all(), boost::asio::use_awaitable);
    for (const std::exception_ptr& error : errors) {
        if (error) std::rethrow_exception(error);
    }
}

} // namespace tegami::async
