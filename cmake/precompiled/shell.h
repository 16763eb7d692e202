// Precompiled for the rooms that use Asio: parsing its headers costs more than most of our own files.
#pragma once

#include "pure.h"

#include <filesystem>
#include <mutex>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/awaitable.h"
#include "async/channel.h"
#include "async/event.h"
#include "async/mutex.h"
#include "async/task_group.h"
#include "async/timer.h"
#include "async/turns.h"
#include "async/worker_pool.h"
