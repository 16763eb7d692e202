// What an administration needs to have, for tests: all parts of one directory and one store.
#pragma once

#include "admin/operation.h"
#include "directory/directory.h"

namespace tegami::admin {

inline Dependencies dependencies_on(store::Engine& engine, store::Store& store, directory::Directory& directory,
                                    store::Queue& queue, store::Journeys& journeys, store::Audit& audit,
                                    store::Traffic& traffic, async::Timers& timers, ProgressBoard* progress = nullptr) {
    return {.engine = engine,
            .store = store,
            .directory = directory.administration(),
            .signing_keys = directory.signing_keys(),
            .web_sessions = directory.web_sessions(),
            .app_passwords = directory.app_passwords(),
            .second_factors = directory.second_factors(),
            .passkeys = directory.passkeys(),
            .roles = directory.roles(),
            .queue = queue,
            .journeys = journeys,
            .audit = audit,
            .traffic = traffic,
            .timers = timers,
            .progress = progress};
}

} // namespace tegami::admin
