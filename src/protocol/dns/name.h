// Domain names as the DNS has them: labels of any octets, compared without regard to ASCII case.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dns {

/// Limit: RFC 1035 §2.3.4, with the length octets and the root's.
inline constexpr std::size_t kNameBytesMax = 255;
inline constexpr std::size_t kLabelBytesMax = 63;

class Name {
public:
    /// The root.
    Name() : wire_(1, '\0') {}

    /// From presentation form, with or without the last dot, with the escapes \. and \065 (RFC 1035 §5.1). "." is the
    /// root; an empty text is no name.
    static std::optional<Name> parse(std::string_view text);
    /// From uncompressed wire form that is exactly one name.
    static std::optional<Name> from_wire(std::string_view octets);
    /// From labels, the host's first.
    static std::optional<Name> from_labels(const std::vector<std::string_view>& labels);

    /// Presentation form without the last dot; "." for the root. Octets that are not printable are escaped, so the
    /// text is safe in a log.
    std::string to_string() const;

    /// Uncompressed, with the length octets.
    const std::string& wire() const { return wire_; }

    std::vector<std::string> labels() const;
    std::size_t label_count() const;

    bool is_root() const { return wire_.size() == 1; }

    /// Equal to `ancestor` or below it.
    bool is_within(const Name& ancestor) const;
    /// The name without its first label; the root's is the root.
    Name parent() const;
    /// This name below `label`: "_25._tcp" + name. Nothing if that is too long.
    std::optional<Name> below(std::string_view prefix) const;

    std::weak_ordering operator<=>(const Name& other) const;
    bool operator==(const Name& other) const;

private:
    explicit Name(std::string wire) : wire_(std::move(wire)) {}

    std::string wire_;
};

} // namespace tegami::dns
