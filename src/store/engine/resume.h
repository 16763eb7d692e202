// Waiting for an answer that another thread gives.
#pragma once

#include "async/awaitable.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <utility>

namespace tegami::store {

/// Suspends the caller, calls `start(done)`, and resumes the caller on its own executor once `done(value)` was called,
/// from any thread, exactly once.
template <class T, class Start>
async::Awaitable<T> answered(Start start) {
    auto initiate = [&start](auto handler) {
        auto executor = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                            boost::asio::execution::outstanding_work.tracked);
        start(std::move_only_function<void(T)>([executor, resume = std::move(handler)](T value) mutable {
            boost::asio::post(executor, [resume = std::move(resume), value = std::move(value)]() mutable {
                std::move(resume)(std::move(value));
            });
        }));
    };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
        initiate, boost::asio::use_awaitable);
}

} // namespace tegami::store
