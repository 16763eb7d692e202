// Reads numbers and names out of a DNS message. Private to this room and protocol/dns_update.
//
// Compressed names (RFC 1035 §4.1.4) point backwards only, so following them ends; a name is at most 255 octets, so
// each costs bounded work. After the first fault the reader stays failed and yields zeros, roots and nothing.
#pragma once

#include "protocol/dns/name.h"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tegami::dns {

class WireReader {
public:
    /// Reads [begin, end) of `message`; names may point anywhere before themselves.
    WireReader(std::string_view message, std::size_t begin, std::size_t end)
        : message_(message), at_(begin), end_(end) {}

    template <std::unsigned_integral T>
    T number() {
        T value = 0;
        for (const char octet : take(sizeof(T)))
            value = static_cast<T>((std::uint64_t{value} << 8) | static_cast<unsigned char>(octet));
        return value;
    }

    /// `size` octets, or none and failure if fewer are left.
    std::string_view take(std::size_t size);
    Name name();

    bool failed() const { return failed_; }

    bool at_end() const { return failed_ || at_ == end_; }

    std::size_t position() const { return at_; }

    std::size_t remaining() const { return failed_ ? 0 : end_ - at_; }

private:
    std::string_view message_;
    std::size_t at_;
    std::size_t end_;
    bool failed_ = false;
};

/// One character of presentation form, its escape undone (RFC 1035 §5.1).
struct Character {
    char octet;
    bool escaped;
};

/// Takes a character off the front of `text`, which is not empty; nothing if it is a broken escape.
std::optional<Character> take_character(std::string_view& text);

} // namespace tegami::dns
