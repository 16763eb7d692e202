// Numbers of the wire format that the files of this room share. Private to it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tegami::dns::wire {

inline constexpr std::uint16_t kTypeSoa = 6;
inline constexpr std::uint16_t kTypeTsig = 250;
inline constexpr std::uint16_t kClassInternet = 1;
inline constexpr std::uint16_t kClassNone = 254;
inline constexpr std::uint16_t kClassAny = 255;
inline constexpr std::uint16_t kOpcodeUpdate = 5;
inline constexpr unsigned kOpcodeShift = 11;
/// Octets of a message's header, and where in it the number of additional records stands.
inline constexpr std::size_t kHeaderBytes = 12;
inline constexpr std::size_t kAdditionalCountAt = 10;

} // namespace tegami::dns::wire
