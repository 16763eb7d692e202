// The matcher against the definition of the wildcards, computed by a table.
#include "base/assert.h"
#include "protocol/imap/list_pattern.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

/// table[p][n]: the pattern from p matches the name from n.
bool matches_by_table(std::string_view pattern, std::string_view name) {
    std::vector<std::vector<bool>> table(pattern.size() + 1, std::vector<bool>(name.size() + 1, false));
    table[pattern.size()][name.size()] = true;
    for (std::size_t p = pattern.size(); p-- > 0;) {
        for (std::size_t n = name.size() + 1; n-- > 0;) {
            const bool more = n < name.size();
            if (pattern[p] == '*' || pattern[p] == '%')
                table[p][n] = table[p + 1][n] || (more && (pattern[p] == '*' || name[n] != '/') && table[p][n + 1]);
            else
                table[p][n] = more && pattern[p] == name[n] && table[p + 1][n + 1];
        }
    }
    return table[0][0];
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 300) return 0;
    // INBOX compares without case, so it stays out of this alphabet.
    std::string text;
    for (std::size_t at = 1; at < size; ++at)
        text += "ab/%*ab/"[data[at] & 7];
    const std::size_t cut = text.empty() ? 0 : data[0] % (text.size() + 1);
    const std::string pattern = text.substr(0, cut);
    const std::string name = text.substr(cut);
    const tegami::imap::ListPattern matcher("", pattern);
    ASSERT(matcher.matches(name) == matches_by_table(pattern, name));
    if (matcher.matches(name + "/a")) ASSERT(matcher.may_match_below(name));
    return 0;
}
