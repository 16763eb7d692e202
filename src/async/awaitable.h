// The coroutine type of all shells. The safe shapes that every coroutine here keeps are in HACKING.md.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace tegami::async {

template <class T = void>
using Awaitable = boost::asio::awaitable<T>;

using Executor = boost::asio::any_io_executor;

} // namespace tegami::async
