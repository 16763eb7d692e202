// Where a new password comes from: the terminal without echo, standard input, or chance. It is never printed, except
// one that was made here.
#pragma once

#include "base/random.h"
#include "base/result.h"

#include <cstdint>
#include <string>

namespace tegami::app {

enum class PasswordSource : std::uint8_t { prompt, standard_input, generated };

/// The password; the error is a sentence for the user.
Result<std::string, std::string> new_password(PasswordSource source, RandomSource& random);

} // namespace tegami::app
