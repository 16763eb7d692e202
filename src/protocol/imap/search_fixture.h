// What the tests of SEARCH share.
#pragma once

#include "protocol/imap/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

namespace tegami::imap {

/// The command `SEARCH arguments`, which must be right.
inline Search search_of(std::string_view arguments) {
    const Result<TaggedCommand, ParseError> command = parse_command("a SEARCH " + std::string(arguments), {});
    EXPECT_TRUE(command.has_value()) << arguments << ": " << (command ? "" : command.error().text);
    return command ? std::get<Search>(command->command) : Search{};
}

} // namespace tegami::imap
