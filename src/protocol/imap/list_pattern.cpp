#include "protocol/imap/list_pattern.h"

#include "base/ascii.h"
#include "message/text.h"
#include "message/utf8.h"
#include "protocol/imap/mailbox_name.h"

#include <algorithm>
#include <vector>

namespace tegami::imap {

namespace {

constexpr std::string_view kInbox = "INBOX";

/// How many octets at the start of a name compare without case: INBOX, alone or as first level.
std::size_t caseless_prefix(std::string_view name) {
    const bool inbox = ascii::istarts_with(name, kInbox) &&
                       (name.size() == kInbox.size() || name[kInbox.size()] == kHierarchyDelimiter);
    return inbox ? kInbox.size() : 0;
}

/// Places in a pattern that may be reached after some of a name was read. alive[p]: the rest from p must match the
/// rest of the name.
class Places {
public:
    explicit Places(std::string_view pattern)
        : pattern_(pattern), alive_(pattern.size() + 1, 0), next_(pattern.size() + 1, 0) {
        alive_[0] = 1;
        pass_wildcards();
    }

    /// Reads one octet of the name.
    void step(char c, bool caseless) {
        std::ranges::fill(next_, 0);
        for (std::size_t at = 0; at < pattern_.size(); ++at) {
            if (alive_[at] == 0) continue;
            const char wanted = pattern_[at];
            if (wanted == '*' || (wanted == '%' && c != kHierarchyDelimiter))
                next_[at] = 1;
            else if (wanted == c || (caseless && ascii::to_lower(wanted) == ascii::to_lower(c)))
                next_[at + 1] = 1;
        }
        alive_.swap(next_);
        pass_wildcards();
    }

    bool at_end() const { return alive_.back() != 0; }

    bool before_end() const { return std::find(alive_.begin(), alive_.end() - 1, 1) != alive_.end() - 1; }

private:
    /// A wildcard may match nothing.
    void pass_wildcards() {
        for (std::size_t at = 0; at < pattern_.size(); ++at) {
            if (alive_[at] != 0 && (pattern_[at] == '*' || pattern_[at] == '%')) alive_[at + 1] = 1;
        }
    }

    std::string_view pattern_;
    std::vector<char> alive_;
    std::vector<char> next_; // kept between steps, so that a step allocates nothing
};

Places read_name(std::string_view pattern, std::string_view name) {
    Places places(pattern);
    const std::size_t caseless = caseless_prefix(name);
    for (std::size_t at = 0; at < name.size(); ++at)
        places.step(name[at], at < caseless);
    return places;
}

/// Neighbouring wildcards mean what the strongest of them means.
std::string joined_wildcards(std::string_view pattern) {
    std::string joined;
    for (const char c : pattern) {
        const bool wildcard = c == '*' || c == '%';
        if (wildcard && !joined.empty() && (joined.back() == '*' || joined.back() == '%')) {
            if (c == '*') joined.back() = '*';
        } else {
            joined += c;
        }
    }
    return joined;
}

} // namespace

ListPattern::ListPattern(std::string_view reference, std::string_view pattern) {
    std::string joined(reference);
    joined += pattern;
    // Names are composed (mailbox_name.h), and what a client composes or not must not matter.
    if (message::is_utf8(joined)) joined = message::to_nfc(joined);
    pattern_ = joined_wildcards(joined);
}

bool ListPattern::matches(std::string_view name) const {
    if (pattern_.size() > kListPatternBytesMax || name.size() > kMailboxNameBytesMax) return false;
    return read_name(pattern_, name).at_end();
}

bool ListPattern::may_match_below(std::string_view name) const {
    if (pattern_.size() > kListPatternBytesMax || name.size() > kMailboxNameBytesMax) return false;
    Places places = read_name(pattern_, name);
    places.step(kHierarchyDelimiter, false);
    return places.before_end();
}

} // namespace tegami::imap
