// The configuration file as the administration shows and changes it. A change does nothing to the running server: that is
// for a reload or a restart.
#pragma once

#include "admin/configuration_file.h"
#include "async/awaitable.h"
#include "async/worker_pool.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace tegami::app {

// Errors: sentences. `workers` outlives the calls; it reads and writes.
async::Awaitable<Result<admin::Settings, std::vector<std::string>>> read_settings(std::string file,
                                                                                  async::WorkerPool* workers);
/// A file that cannot be written is no error.
async::Awaitable<Result<admin::SettingChange, std::vector<std::string>>>
change_setting(std::string file, std::string key, std::string value, async::WorkerPool* workers);

} // namespace tegami::app
