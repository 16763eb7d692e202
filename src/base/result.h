// Expected outcomes: a value or a small error, returned and never thrown.
//
// TRY(declaration, expression) takes the value out of a Result or returns its error from the function;
// CO_TRY is the same inside a coroutine, where the expression may contain co_await.
#pragma once

#include <expected>
#include <utility>

namespace tegami {

template <class T, class E>
using Result = std::expected<T, E>;

/// Wraps an error for return from a function that returns a Result.
template <class E>
constexpr auto failure(E&& error) {
    return std::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

} // namespace tegami

#define TEGAMI_JOIN_INNER(a, b) a##b
#define TEGAMI_JOIN(a, b) TEGAMI_JOIN_INNER(a, b)
#define TEGAMI_TRY(leave, declaration, ...)                                                                            \
    auto TEGAMI_JOIN(try_result_, __LINE__) = (__VA_ARGS__);                                                           \
    if (!TEGAMI_JOIN(try_result_, __LINE__))                                                                           \
        leave ::tegami::failure(std::move(TEGAMI_JOIN(try_result_, __LINE__)).error());                                \
    declaration = *std::move(TEGAMI_JOIN(try_result_, __LINE__))
#define TEGAMI_TRY_VOID(leave, ...)                                                                                    \
    do {                                                                                                               \
        auto try_result = (__VA_ARGS__);                                                                               \
        if (!try_result) leave ::tegami::failure(std::move(try_result).error());                                       \
    } while (false)

#define TRY(declaration, ...) TEGAMI_TRY(return, declaration, __VA_ARGS__)
#define CO_TRY(declaration, ...) TEGAMI_TRY(co_return, declaration, __VA_ARGS__)
#define TRY_VOID(...) TEGAMI_TRY_VOID(return, __VA_ARGS__)
#define CO_TRY_VOID(...) TEGAMI_TRY_VOID(co_return, __VA_ARGS__)
