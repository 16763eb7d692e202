// What each key of the configuration means, in a sentence, and what holds without it: as docs/configuration.md begins to say it.
#pragma once

#include <string_view>

namespace tegami::app {

struct ConfigWords {
    std::string_view key;       ///< `queue.expiry`; `listen.SERVICE.port`
    std::string_view otherwise; ///< TOML, or a word such as "none" or "required"
    std::string_view meaning;   ///< English; the command line has the Japanese (server_words_settings.cpp)
};

/// Null if there is no such key.
const ConfigWords* words_for(std::string_view key);

} // namespace tegami::app
