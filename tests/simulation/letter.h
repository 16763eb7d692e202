// The letters that simulated people write: known by number, so that any copy found anywhere can be judged.
#pragma once

#include "simulation/client.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::simulation {

using UserIndex = std::size_t;
using ServerIndex = std::size_t;

/// Somebody with an account.
struct User {
    ServerIndex server = 0;
    std::string address;
    std::string password;
};

/// One recipient of a letter.
struct Recipient {
    std::string address;
    std::optional<UserIndex> user; ///< none: no such address anywhere
    std::string domain;
    bool accepted = false; ///< RCPT was answered with 2xx
};

struct Letter {
    std::uint32_t number = 0;
    ServerIndex server = 0;          ///< to which it was given
    std::optional<UserIndex> sender; ///< none: a stranger
    std::vector<Recipient> recipients;
    std::size_t size = 0; ///< of its body, about
    Promise promise = Promise::refused;
    bool appended = false;    ///< put into the sender's own mailbox by IMAP
    bool maybe_there = false; ///< refused with a temporary reply after a fault of the disk: may be there all the same
};

/// The Message-ID without brackets.
std::string letter_id(std::uint32_t number);
/// The number in a Message-ID that letter_id() made.
std::optional<std::uint32_t> letter_number(std::string_view message_id);
/// Header and body, CRLF line ends. Some lines begin with dots; some bodies do not compress.
std::string letter_text(const Letter& letter, const std::string& from);

} // namespace tegami::simulation
