// The language that the command line speaks: what the locale says, or --lang where a command has it.
#pragma once

#include "app/command_line/command.h"
#include "base/words.h"

#include <string_view>

namespace tegami::app {

/// The language for a locale name such as `ja_JP.UTF-8`; English for all that are not there.
Language language_for(std::string_view locale);

/// The environment's language (POSIX: LC_ALL before LC_MESSAGES before LANG).
Language spoken_language();

/// `--lang`
Option language_option();

/// The language that was asked for by language_option(), or else the environment's.
Language language_of(const Arguments& arguments);

} // namespace tegami::app
