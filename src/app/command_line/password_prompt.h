// Where a new password comes from: the terminal without echo, standard input, or chance. It is never printed, except
// one that was made here.
#pragma once

#include "base/random.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::app {

enum class PasswordSource : std::uint8_t { prompt, standard_input, generated };

/// The password; the error is a sentence for the user.
Result<std::string, std::string> new_password(PasswordSource source, RandomSource& random);

/// The hash of a password that another server made: the first line of standard input. The error is a sentence.
Result<std::string, std::string> given_hash();

/// One that is there already, of something else, typed without echo. The error is a sentence.
Result<std::string, std::string> typed_password(std::string_view question);

} // namespace tegami::app
