// Questions to whoever types a command.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tegami::app {

/// One line of standard input as the answer; an empty one is the proposal. Nothing if nobody answers.
std::optional<std::string> ask_line(std::string_view question, std::string_view proposal);

} // namespace tegami::app
