// What the coding of all records shares (docs/formats): a key is a letter and big-endian numbers, a value begins with its
// format version, and reading never goes past the end.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "store/types.h"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::store::record {

/// The first octet of every value.
inline constexpr std::uint8_t kFormat = 1;

/// A value that has its format version so far.
std::string begin_value();
/// A reader behind the format version; failed if that is not ours.
bytes::Reader open_value(std::string_view value);

/// 8 octets, microseconds since 1970.
void append_time(std::string& out, Timestamp time);
Timestamp read_time(bytes::Reader& in);
/// A zone's minutes ahead of UTC, a zigzag varint; a day or more fails.
void append_zone(std::string& out, std::chrono::minutes zone);
std::chrono::minutes read_zone(bytes::Reader& in);
/// A varint that fits 32 bits; fails if it does not.
std::uint32_t read32(bytes::Reader& in);
/// Id, size, size of the card.
void append_blob(std::string& out, const BlobRef& blob);
BlobRef read_blob(bytes::Reader& in);

template <std::unsigned_integral... Numbers>
std::string key(char letter, Numbers... numbers) {
    std::string key{letter};
    (bytes::append_big_endian(key, numbers), ...);
    return key;
}

/// The key after all keys that begin with this.
std::string behind(std::string prefix);
/// The number in a key at this octet; 0 if the key is too short.
std::uint32_t number32(std::string_view key, std::size_t at);
std::uint64_t number64(std::string_view key, std::size_t at);

} // namespace tegami::store::record
