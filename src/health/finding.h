// What is well and what is not, for whoever runs the server.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::health {

enum class Weight : std::uint8_t {
    good,    ///< as it should be
    advice,  ///< mail goes on; it would be better otherwise
    suffers, ///< mail is refused, lost or late
};

/// "good", "advice", "suffers".
std::string_view to_string(Weight weight);

struct Finding {
    std::string about; ///< a few words: "port 25", "192.0.2.1"
    Weight weight = Weight::good;
    std::string words; ///< what is, what comes of it and how to mend it; may quote strangers

    bool operator==(const Finding&) const = default;
};

inline bool mail_suffers(std::span<const Finding> findings) {
    return std::ranges::find(findings, Weight::suffers, &Finding::weight) != findings.end();
}

} // namespace tegami::health
