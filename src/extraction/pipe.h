// What goes through the pipes between the server and its helper: numbers of four octets, and octets.
//
//   server: format, then pieces, each with its length before it; 0 ends them, kForget ends them and the attachment is
//   forgotten.
//   helper: first the formats that it can read; then for each attachment the length of its text, and the text.
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
