// Changes of single keys in a configuration file, everything else left as it stands.
#pragma once

#include <string>
#include <string_view>

namespace tegami::app {

/// Text in quotes, as TOML has it; control characters are escaped.
std::string toml_text(std::string_view text);

/// The text with `key` (`resolver.mode`; `host_name`) as `value`, which is TOML: in the line that has the key, otherwise
/// in the one where it is commented out, otherwise at the beginning of its section, which is made if need be.
std::string with_key(std::string_view text, std::string_view key, std::string_view value);

} // namespace tegami::app
