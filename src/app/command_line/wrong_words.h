// Finds the word of a command line that is no command or option, before the parser complains about what it misses
// instead, and the one that was probably meant.
#pragma once

#include "app/command_line/command.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tegami::app {

/// A wrong word.
struct WrongWord {
    std::string complaint; ///< names it, and what may have been meant
    std::string command;   ///< the words before it that were right: "account"
};

/// The first wrong word of what was typed after the name of the program. `everywhere` are the options that every
/// command takes.
std::optional<WrongWord> find_wrong_word(std::span<const Command> commands, std::span<const Option> everywhere,
                                         std::span<const std::string_view> words);

/// The candidate that is nearest to the word; nothing if none is near.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

} // namespace tegami::app
