#include "async/first_of.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tegami::async {

Awaitable<First> first_of(Awaitable<> left, Awaitable<> right) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    auto both = boost::asio::experimental::make_parallel_group(
        boost::asio::co_spawn(executor, std::move(left), boost::asio::deferred),
        boost::asio::co_spawn(executor, std::move(right), boost::asio::deferred));
    const auto [order, left_error, right_error] =
        co_await both.async_wait(boost::asio::experimental::wait_for_one(), boost::asio::use_awaitable);
    const First first = order[0] == 0 ? First::left : First::right;
    const std::exception_ptr error = first == First::left ? left_error : right_error;
    if (error) std::rethrow_exception(error);
    co_return first;
}

} // namespace tegami::async
