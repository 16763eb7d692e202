// Counts of what happens, for who watches the server. From any thread; counting is an addition and takes no lock.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tegami {

/// A count that only grows.
class Counter {
public:
    void add(std::uint64_t more = 1) { value_.fetch_add(more, std::memory_order_relaxed); }

    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_ = 0;
};

/// Counts under words that are known before. All other words count under the last one of them.
template <std::size_t N>
class WordCounters {
public:
    explicit WordCounters(const std::array<std::string_view, N>& words) : words_(words) {}

    void add(std::string_view word) {
        const auto at = static_cast<std::size_t>(std::ranges::find(words_, word) - words_.begin());
        counters_.at(std::min(at, N - 1)).add();
    }

    std::uint64_t value(std::string_view word) const {
        const auto at = static_cast<std::size_t>(std::ranges::find(words_, word) - words_.begin());
        return at < N ? counters_[at].value() : 0;
    }

    const std::array<std::string_view, N>& words() const { return words_; }

private:
    const std::array<std::string_view, N> words_;
    std::array<Counter, N> counters_;
};

/// How often something took how long.
class DurationHistogram {
public:
    /// The ends of the buckets; one more is for all that takes longer.
    static constexpr std::array kBounds = {std::chrono::microseconds(1'000),     std::chrono::microseconds(2'500),
                                           std::chrono::microseconds(5'000),     std::chrono::microseconds(10'000),
                                           std::chrono::microseconds(25'000),    std::chrono::microseconds(50'000),
                                           std::chrono::microseconds(100'000),   std::chrono::microseconds(250'000),
                                           std::chrono::microseconds(500'000),   std::chrono::microseconds(1'000'000),
                                           std::chrono::microseconds(2'500'000), std::chrono::microseconds(10'000'000)};

    void add(Duration taken) {
        const auto bucket = std::ranges::lower_bound(kBounds, taken) - kBounds.begin();
        buckets_[static_cast<std::size_t>(bucket)].add();
        sum_.add(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(taken).count()));
    }

    /// Of the bucket alone, not of those before it.
    std::uint64_t in_bucket(std::size_t number) const { return buckets_.at(number).value(); }

    std::chrono::microseconds sum() const { return std::chrono::microseconds(sum_.value()); }

private:
    std::array<Counter, kBounds.size() + 1> buckets_;
    Counter sum_; ///< in microseconds
};

} // namespace tegami
