// The system flags of a message (RFC 9051 §2.3.2) as a set of bits, and changes to flags and keywords.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace tegami::store {

/// The values are on disk (docs/formats/account.md): never renumber.
enum class Flag : std::uint8_t { seen = 1, answered = 2, flagged = 4, deleted = 8, draft = 16 };

class Flags {
public:
    static constexpr std::uint8_t kAll = 31;

    constexpr Flags() = default;

    constexpr Flags(std::initializer_list<Flag> flags) {
        for (const Flag flag : flags)
            bits_ |= static_cast<std::uint8_t>(flag);
    }

    static constexpr Flags from_bits(std::uint8_t bits) {
        Flags flags;
        flags.bits_ = bits & kAll;
        return flags;
    }

    constexpr bool has(Flag flag) const { return (bits_ & static_cast<std::uint8_t>(flag)) != 0; }

    constexpr std::uint8_t bits() const { return bits_; }

    constexpr bool empty() const { return bits_ == 0; }

    constexpr Flags operator|(Flags other) const { return from_bits(bits_ | other.bits_); }

    /// These flags without the others.
    constexpr Flags operator-(Flags other) const { return from_bits(static_cast<std::uint8_t>(bits_ & ~other.bits_)); }

    constexpr bool operator==(const Flags&) const = default;

private:
    std::uint8_t bits_ = 0;
};

/// Limit: octets of one keyword; RFC 5788 registers none above 30.
inline constexpr std::size_t kKeywordBytesMax = 100;
/// Limit: different keywords an account can ever have used.
inline constexpr std::size_t kKeywordsPerAccountMax = 2000;
/// Limit: keywords of one message.
inline constexpr std::size_t kKeywordsPerMessageMax = 100;

/// What STORE does (RFC 9051 §6.4.6). Keywords are compared without
/// regard to case; the first spelling used in the account stays.
struct FlagChange {
    enum class Mode : std::uint8_t { add, remove, replace };

    Mode mode = Mode::add;
    Flags flags;
    std::vector<std::string> keywords;
};

} // namespace tegami::store
