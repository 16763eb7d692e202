// ASSERT: a bug or an impossible state ends the process, in release too. Durable state makes the restart safe;
// going on with a broken invariant does not. Never used for anything a peer, a file or an operator can cause.
#pragma once

namespace tegami {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

} // namespace tegami

#define ASSERT(expression)                                                                                             \
    (static_cast<bool>(expression) ? static_cast<void>(0)                                                              \
                                   : ::tegami::assertion_failed(#expression, __FILE_NAME__, __LINE__))
