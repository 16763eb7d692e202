// The configuration of the server, as operations show and change it: values that app/ fills, for this room knows no keys.
#pragma once

#include <string>
#include <vector>

namespace tegami::admin {

struct Setting {
    std::string key;       ///< "queue.expiry"
    std::string value;     ///< TOML; empty: it is not given
    std::string otherwise; ///< what holds then: TOML, or a word such as "none"
    std::string meaning;   ///< a sentence
};

struct Settings {
    std::string file; ///< absolute path
    std::vector<Setting> all;
};

struct SettingChange {
    std::string file;
    bool written = false;
    std::string why_not; ///< a sentence, if it is not written
    std::string lines;   ///< that say it in the file
    // What takes it over, as keys or sections.
    std::vector<std::string> reload;
    std::vector<std::string> restart;
};

} // namespace tegami::admin
