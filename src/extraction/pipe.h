// What goes through the pipes between the server and a helper: numbers of four octets, and octets.
//
//   server: format, then pieces, each with its length before it; 0 ends them, kForget ends them and the file is forgotten.
//   helper: for each file the length of what came out of it, and that.
//
// The process that makes helpers says first which formats can be read; then it is given pipes (sandbox/channel.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tegami::extraction {

inline constexpr std::uint32_t kForget = ~std::uint32_t{0};

/// False: the other end is gone. Blocks.
bool write_octets(int pipe, std::string_view octets);
bool read_octets(int pipe, char* into, std::size_t size);
bool write_number(int pipe, std::uint32_t number);
std::optional<std::uint32_t> read_number(int pipe);

} // namespace tegami::extraction
