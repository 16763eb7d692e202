// Sizes and times as people write them in the configuration and on the command line: "256MiB", "5min".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::app {

/// A whole number and B, KiB, MiB, GiB or TiB; nothing for anything else or too much.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// The size in the largest unit that needs no fraction: "256MiB".
std::string print_bytes(std::uint64_t bytes);

/// For people, rounded: "1.4 GiB".
std::string print_about(std::uint64_t bytes);

/// A whole number and s, min, h or d; nothing for anything else, or more than ten years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// A moment as RFC 3339 §5.6 writes it, `2026-11-25T16:00:00Z` or
/// with an offset such as `+09:00`; nothing for anything else.
std::optional<std::chrono::sys_seconds> parse_time(std::string_view text);

/// The time in the largest unit that needs no fraction: "5min".
std::string print_duration(std::chrono::seconds duration);

} // namespace tegami::app
