// Long work on an I/O thread, cut into turns: between two of them everybody else who is ready goes first.
#pragma once

#include "async/awaitable.h"

namespace tegami::async {

/// Ends a turn of long work. All work of one context that has given way waits in one line,
/// in order of arrival, and one turn is taken only when nothing else is ready: so a short
/// command waits for the rest of one turn, however many others have long ones. For the end
/// of every turn of a loop whose length a user chose; turns are well below a millisecond.
Awaitable<> give_way();

/// Lets everything else that is ready on the caller's executor run first.
Awaitable<> yield();

} // namespace tegami::async
