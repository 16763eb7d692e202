#include "base/bytes.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace tegami::bytes {

void append_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>((value & 0x7f) | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

void append_string(std::string& out, std::string_view text) {
    append_varint(out, text.size());
    out += text;
}

std::uint64_t Reader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const std::string_view octet = take(1);
        if (octet.empty()) return 0;
        const auto bits = static_cast<unsigned char>(octet.front());
        value |= std::uint64_t{bits & 0x7fU} << shift;
        if (bits < 0x80) return value;
    }
    fail();
    return 0;
}

std::string_view Reader::string() {
    const std::uint64_t size = varint();
    if (size > rest_.size()) {
        fail();
        return {};
    }
    return take(static_cast<std::size_t>(size));
}

std::string_view Reader::take(std::size_t size) {
    if (failed_ || size > rest_.size()) {
        fail();
        return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t octet = 0; octet < 256; ++octet) {
        std::uint32_t crc = octet;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
        table[octet] = crc;
    }
    return table;
}

constexpr auto kTable = make_table();

std::uint32_t crc32c_portable(std::string_view octets, std::uint32_t crc) {
    for (const char c : octets)
        crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware(std::string_view octets, std::uint32_t crc) {
    std::uint64_t wide = crc;
    while (octets.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, octets.data(), 8);
        wide = _mm_crc32_u64(wide, word);
        octets.remove_prefix(8);
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (const char c : octets)
        narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(c));
    return narrow;
}
#endif

} // namespace

std::uint32_t crc32c(std::string_view octets, std::uint32_t seed) {
#if defined(__x86_64__)
    static const bool has_hardware = __builtin_cpu_supports("sse4.2");
    if (has_hardware) return ~crc32c_hardware(octets, ~seed);
#endif
    return ~crc32c_portable(octets, ~seed);
}

} // namespace tegami::bytes
