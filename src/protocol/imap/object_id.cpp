#include "protocol/imap/object_id.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::imap {

std::string object_id(ObjectKind kind, std::uint64_t number) {
    return static_cast<char>(kind) + std::to_string(number);
}

std::optional<std::uint64_t> parse_object_id(ObjectKind kind, std::string_view text) {
    if (text.size() < 2 || text.front() != static_cast<char>(kind)) return std::nullopt;
    const std::optional<std::uint64_t> number = ascii::parse_number<std::uint64_t>(text.substr(1));
    if (!number || object_id(kind, *number) != text) return std::nullopt;
    return number;
}

bool is_object_id(std::string_view text) {
    constexpr std::size_t kObjectIdBytesMax = 255;
    return !text.empty() && text.size() <= kObjectIdBytesMax &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '_' || c == '-'; });
}

} // namespace tegami::imap
