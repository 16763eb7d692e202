// CBOR (RFC 8949) as authenticators write it (CTAP2 canonical form): definite lengths, no tags. Octets are decoded by libcbor, one
// head at a time; nothing is allocated, whatever they claim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tegami::webauthn {

struct CborItem {
    enum class Kind : std::uint8_t {
        number,
        octets,
        text,
        array, ///< `count` items follow
        map,   ///< `count` pairs follow
        other, ///< true, null, a fraction
    };

    Kind kind = Kind::other;
    std::int64_t number = 0;
    std::uint64_t count = 0;
    std::string_view octets{}; ///< of octets and text; views what is read
};

class CborReader {
public:
    /// `octets` outlive it.
    explicit CborReader(std::string_view octets) : octets_(octets) {}

    /// The next item; nothing at the end, and for ever after something that is not of this form.
    std::optional<CborItem> next();
    /// Passes over a whole value, with all that is in it. False as next().
    bool skip();

    /// How many pairs a map has that comes next; nothing if something else does.
    std::optional<std::uint64_t> map();
    std::optional<std::int64_t> number();
    std::optional<std::string_view> octets();
    std::optional<std::string_view> text();

    /// How many octets were read.
    std::size_t position() const { return position_; }

    bool at_end() const { return position_ == octets_.size(); }

private:
    std::optional<CborItem> of_kind(CborItem::Kind kind);

    std::string_view octets_;
    std::size_t position_ = 0;
    bool failed_ = false;
};

} // namespace tegami::webauthn
