#include "message/line_scan.h"

namespace tegami::message {

namespace {

enum class Dots : bool { any, none };

/// Without branches, so that the compiler looks at many octets in one step.
template <Dots kDots>
[[gnu::always_inline]] inline bool scan(std::string_view octets) {
    if (octets.empty()) return true;
    unsigned char odd = octets.front() == '\n' || octets.back() == '\r' ? 1 : 0;
    for (std::size_t at = 0; at + 1 < octets.size(); ++at) {
        const char c = octets[at];
        const char next = octets[at + 1];
        odd |= static_cast<unsigned char>((c == '\r') != (next == '\n'));
        if constexpr (kDots == Dots::none)
            odd |= static_cast<unsigned char>(static_cast<int>(c == '\n') & static_cast<int>(next == '.'));
    }
    return odd == 0;
}

#if defined(__x86_64__)
/// The same with 32 octets in a step.
template <Dots kDots>
__attribute__((target("avx2"))) bool scan_wide(std::string_view octets) {
    return scan<kDots>(octets);
}
#endif

template <Dots kDots>
bool scan_here(std::string_view octets) {
#if defined(__x86_64__)
    static const bool is_wide = __builtin_cpu_supports("avx2");
    if (is_wide) return scan_wide<kDots>(octets);
#endif
    return scan<kDots>(octets);
}

} // namespace

bool has_only_crlf(std::string_view octets) {
    return scan_here<Dots::any>(octets);
}

bool has_only_crlf_and_no_dots(std::string_view octets) {
    return scan_here<Dots::none>(octets);
}

} // namespace tegami::message
