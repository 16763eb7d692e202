// What an administration needs to have, for tests.
#pragma once

#include "admin/operation.h"

namespace tegami::admin {

inline Dependencies dependencies_on(store::Engine& engine, store::Store& store, directory::Directory& directory,
                                    store::Queue& queue, store::Journeys& journeys, store::Audit& audit,
                                    store::Traffic& traffic, async::Timers& timers, ProgressBoard* progress = nullptr) {
    return {.engine = engine,
            .store = store,
            .directory = directory,
            .queue = queue,
            .journeys = journeys,
            .audit = audit,
            .traffic = traffic,
            .timers = timers,
            .progress = progress};
}

} // namespace tegami::admin
