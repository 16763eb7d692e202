// An IMAP session and whether its person still works.
#pragma once

#include "simulation/stage.h"

namespace tegami::simulation {

struct Stage::Sitting {
    ImapSession session;
    bool working = true;
};

} // namespace tegami::simulation
