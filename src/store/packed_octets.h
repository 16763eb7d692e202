// Octets compressed with LZ4 within a record.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::store::record {

std::string pack(std::string_view octets);
/// Nothing if that is not what pack() makes of `size` octets, or if they are more than `bytes_max`.
std::optional<std::string> unpack(std::string_view packed, std::size_t size, std::size_t bytes_max);

} // namespace tegami::store::record
