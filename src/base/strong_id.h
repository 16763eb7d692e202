// Numbers that mean something and cannot be mixed up: `using Uid = StrongId<struct UidTag, std::uint32_t>;`.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace tegami {

template <class Tag, class Number>
struct StrongId {
    using Representation = Number;
    Number value{};

    constexpr StrongId() = default;

    constexpr explicit StrongId(Number number) : value(number) {}

    constexpr auto operator<=>(const StrongId&) const = default;

    /// The next id in sequence.
    constexpr StrongId next() const { return StrongId(static_cast<Number>(value + 1)); }
};

} // namespace tegami

template <class Tag, class Number>
struct std::hash<tegami::StrongId<Tag, Number>> {
    std::size_t operator()(const tegami::StrongId<Tag, Number>& id) const noexcept {
        return std::hash<Number>{}(id.value);
    }
};
