// Deliberate bugs, to prove that the reliability tests (docs/reliability.md) can see
// them. A program has one of them only if it was configured with -DTEGAMI_SABOTAGE=NAME;
// in any other build kSabotage is `none` and the bugs are not compiled.
//
// A file that asks for kSabotage is listed with tegami_sabotaged() in its room's CMakeLists.txt, so that the rest of
// the program is built (and cached) only once.
#pragma once

#include <cstdint>

namespace tegami {

enum class Sabotage : std::uint8_t {
    none,
    skip_sync,           ///< a commit is acknowledged without having been synced
    reply_before_commit, ///< a message is acknowledged before it is committed
    reuse_uid,           ///< the UIDs of the last messages are given out again after they were expunged
};

#ifndef TEGAMI_SABOTAGE
#define TEGAMI_SABOTAGE none
#endif
inline constexpr Sabotage kSabotage = Sabotage::TEGAMI_SABOTAGE;

} // namespace tegami
