// The language that a command tells its findings in: --lang, or what the locale says.
#pragma once

#include "app/command_line/command.h"

#include <cstdint>
#include <string_view>

namespace tegami::app {

enum class Language : std::uint8_t { english, japanese };

/// A text that the program knows in both.
struct Words {
    std::string_view english;
    std::string_view japanese;

    constexpr std::string_view in(Language language) const {
        return language == Language::japanese ? japanese : english;
    }
};

/// The language for a locale name such as `ja_JP.UTF-8`; English for all that are not there.
Language language_for(std::string_view locale);

/// `--lang`
Option language_option();

/// The language that was asked for by language_option(), or else the environment's.
Language language_of(const Arguments& arguments);

} // namespace tegami::app
