// What the server says in sentences of its own (refusals, hints, what DNS records are for), and what the parser of the command
// line does, in the reader's language. They are English, because programs read them too; here they are recognised by their
// pattern.
#pragma once

#include "base/words.h"

#include <string>
#include <string_view>

namespace tegami::app {

/// The sentence in a language; as it is if it is none that is known.
std::string from_server(Language language, std::string_view english);

} // namespace tegami::app
