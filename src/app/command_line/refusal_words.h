// What the server or the parser of the command line refused, in the reader's language. Their sentences are English, because
// programs read them too; here they are recognised by their pattern.
#pragma once

#include "base/words.h"

#include <string>
#include <string_view>

namespace tegami::app {

/// The sentence in a language; as it is if it is none that is known.
std::string refusal_in(Language language, std::string_view english);

} // namespace tegami::app
