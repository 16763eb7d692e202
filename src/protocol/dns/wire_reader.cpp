#include "protocol/dns/wire_reader.h"

#include "base/ascii.h"

namespace tegami::dns {

namespace {

constexpr unsigned kPointerBits = 0xc0;

/// Limit: as many as a name has labels; more would only cost us time.
constexpr unsigned kPointersMax = 127;

} // namespace

std::string_view WireReader::take(std::size_t size) {
    if (failed_ || size > end_ - at_) {
        failed_ = true;
        return {};
    }
    at_ += size;
    return message_.substr(at_ - size, size);
}

Name WireReader::name() {
    std::string wire;
    std::size_t from = at_; // where the octets of the name come from: here, later where a pointer points
    std::size_t limit = end_;
    unsigned jumps = 0;
    while (!failed_) {
        if (from >= limit) break;
        const unsigned length = static_cast<unsigned char>(message_[from]);
        if ((length & kPointerBits) == kPointerBits) {
            if (from + 1 >= limit) break;
            const std::size_t target =
                (length & ~kPointerBits) * std::size_t{256} + static_cast<unsigned char>(message_[from + 1]);
            // Strictly before the octets read so far: a chain of pointers ends.
            if (target >= from || jumps == kPointersMax) break;
            if (jumps == 0) at_ = from + 2;
            ++jumps;
            limit = from;
            from = target;
            continue;
        }
        if (length > kLabelBytesMax || from + 1 + length > limit || wire.size() + 1 + length > kNameBytesMax) break;
        wire += message_.substr(from, 1 + length);
        from += 1 + length;
        if (length == 0) {
            if (jumps == 0) at_ = from;
            return Name::from_wire(wire).value_or(Name());
        }
    }
    failed_ = true;
    return {};
}

std::optional<Character> take_character(std::string_view& text) {
    const char first = text.front();
    text.remove_prefix(1);
    if (first != '\\') return Character{first, false};
    if (text.empty()) return std::nullopt;
    if (!ascii::is_digit(text.front())) {
        const char octet = text.front();
        text.remove_prefix(1);
        return Character{octet, true};
    }
    const auto number = text.size() < 3 ? std::nullopt : ascii::parse_number<std::uint8_t>(text.substr(0, 3));
    if (!number) return std::nullopt;
    text.remove_prefix(3);
    return Character{static_cast<char>(*number), true};
}

} // namespace tegami::dns
