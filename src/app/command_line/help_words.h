// The help in the reader's language. The commands' own tables are English, and make the manual page and the completions;
// what --help shows is looked up here by the English text. A test sees to it that every text of every command is there.
#pragma once

#include "base/words.h"

#include <string>
#include <string_view>

namespace tegami::app {

/// Whether the help of commands, options and footers that has this text is known in every language.
bool is_help_known(std::string_view english);

/// The text in a language; in English if it is not known. Of a text of several lines each line; those that begin with
/// spaces are commands to type, and stay.
std::string help_in(Language language, std::string_view english);

} // namespace tegami::app
