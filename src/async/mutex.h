// A mutex that suspends instead of blocking: orders the writers of one account across all threads.
//
// 1. First come, first served. Each owner resumes on its own executor.
// 2. A waiter whose task is cancelled leaves the queue; if it was its turn just then, the next one gets it.
// 3. The mutex outlives its owners and waiters. Not recursive.
#pragma once

#include "async/event.h"

#include <deque>
#include <memory>
#include <mutex>
#include <utility>

namespace tegami::async {

class Mutex {
public:
    /// Ownership; ends when destroyed, on any thread.
    class Lock {
    public:
        Lock() = default;

        Lock(Lock&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}

        Lock& operator=(Lock&& other) noexcept {
            if (this != &other) {
                unlock();
                mutex_ = std::exchange(other.mutex_, nullptr);
            }
            return *this;
        }

        ~Lock() { unlock(); }

        void unlock() {
            if (Mutex* const mutex = std::exchange(mutex_, nullptr)) mutex->release();
        }

    private:
        friend Mutex;

        explicit Lock(Mutex* mutex) : mutex_(mutex) {}

        Mutex* mutex_ = nullptr;
    };

    Mutex() = default;
    ~Mutex();
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    /// Suspends until it is the caller's turn.
    Awaitable<Lock> lock();

private:
    struct Waiter;
    class Turn;

    void release();
    void abandon(Waiter* waiter);

    std::mutex guard_;
    bool owned_ = false;
    std::deque<std::shared_ptr<Waiter>> waiters_;
};

} // namespace tegami::async
