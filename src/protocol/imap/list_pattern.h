// LIST patterns (RFC 9051 §6.3.9): "*" matches anything, "%" anything but the hierarchy delimiter.
//
// Limit: matching costs at most pattern × name octets, whatever the pattern: states, no backtracking.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tegami::imap {

/// Limit: octets of a pattern joined with its reference; longer ones match nothing.
inline constexpr std::size_t kListPatternBytesMax = 2000;

class ListPattern {
public:
    /// Joins reference and pattern, both UTF-8 (RFC 9051 §6.3.9.2: the reference is prepended as it is).
    ListPattern(std::string_view reference, std::string_view pattern);

    /// True if the whole name matches. INBOX, and INBOX as a first level, match in any case.
    bool matches(std::string_view name) const;
    /// True if some name below `name` could match, whether or not one exists: for RECURSIVEMATCH and for parents
    /// that must be shown because only their children match.
    bool may_match_below(std::string_view name) const;

    const std::string& text() const { return pattern_; }

private:
    std::string pattern_;
};

} // namespace tegami::imap
