#include "app/command_line/language.h"

#include <cstdlib>

namespace tegami::app {

Language language_for(std::string_view locale) {
    return locale.starts_with("ja") ? Language::japanese : Language::english;
}

Option language_option() {
    return {.kind = Option::Kind::text,
            .name = "--lang",
            .help = "en or ja; otherwise as the locale says",
            .value = "LANGUAGE",
            .one_of = {"en", "ja"}};
}

Language spoken_language() {
    for (const char* const name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* const value = std::getenv(name); value && *value != '\0') return language_for(value);
    return Language::english;
}

Language language_of(const Arguments& arguments) {
    const std::string& asked = arguments.text("--lang");
    return asked.empty() ? spoken_language() : language_for(asked);
}

} // namespace tegami::app
