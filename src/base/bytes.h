// Numbers in octets, for on-disk records and wire formats: fixed-width big-endian (sorts as numbers do) and varint
// (LEB128). A Reader never reads past its end: after the first short read it stays failed and yields zeros.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::bytes {

template <std::unsigned_integral T>
void append_big_endian(std::string& out, T value) {
    for (int shift = static_cast<int>(sizeof(T) - 1) * 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>((value >> shift) & 0xff));
}

void append_varint(std::string& out, std::uint64_t value);

/// A varint length, then the octets.
void append_string(std::string& out, std::string_view text);

class Reader {
public:
    explicit Reader(std::string_view octets) : rest_(octets) {}

    template <std::unsigned_integral T>
    T big_endian() {
        const std::string_view octets = take(sizeof(T));
        T value = 0;
        for (const char c : octets)
            value = static_cast<T>((std::uint64_t{value} << 8) | static_cast<unsigned char>(c));
        return value;
    }

    std::uint64_t varint();
    /// What append_string wrote; a view into the octets given.
    std::string_view string();
    /// The next `size` octets, or none and failure if fewer remain.
    std::string_view take(std::size_t size);

    std::string_view rest() const { return rest_; }

    bool failed() const { return failed_; }

    /// True if everything was read and nothing was short: what a decoder checks last.
    bool complete() const { return !failed_ && rest_.empty(); }

    void fail() { failed_ = true, rest_ = {}; }

private:
    std::string_view rest_;
    bool failed_ = false;
};

/// CRC-32C (Castagnoli) of the octets, continuing from `seed` (the CRC of what came before).
std::uint32_t crc32c(std::string_view octets, std::uint32_t seed = 0);

} // namespace tegami::bytes
