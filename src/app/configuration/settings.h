// The configuration as its keys and values: to be shown, and to be changed one by one under the checks of `check-config`.
//
// 1. A change leaves everything else of the file as it stands: comments, order, other keys.
// 2. What is wrong with the file afterwards is no change: the faults are told instead.
// Secrets are in no configuration: they are in files that it names.
#pragma once

#include "app/configuration/config.h"
#include "app/configuration/config_words.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

struct ShownKey {
    std::string key;   ///< `queue.expiry`; `listen.imaps.port` of the services that have a section
    std::string value; ///< TOML; empty: the file does not give it
    const ConfigWords* words = nullptr;
};

/// All keys, in the order of their sections; one problem if the text is no TOML.
Result<std::vector<ShownKey>, std::vector<ConfigProblem>> shown_keys(std::string_view text);

struct ChangedConfig {
    std::string text;  ///< of the whole file
    std::string lines; ///< that somebody would type: `[queue]` and `expiry = "7d"`
    ConfigDifference difference;
};

/// The text with this key as `value`: TOML, or a text without its quotes. `file` (absolute path) is for relative paths.
Result<ChangedConfig, std::vector<ConfigProblem>> change_key(std::string_view text, const std::string& file,
                                                             std::string_view key, std::string_view value);

/// Puts the text in the place of the file at once, with its owner and permissions. The error is a sentence. Blocks.
Result<void, std::string> replace_config(const std::string& file, std::string_view text);

} // namespace tegami::app
