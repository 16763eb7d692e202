// What other servers say about letters that wait, or that they have refused for good, joined by cause.
#pragma once

#include "health/finding.h"

#include <span>
#include <string>
#include <vector>

namespace tegami::health {

/// The last answer about one recipient.
struct Refusal {
    std::string destination; ///< the recipient's domain
    std::string server;      ///< empty: none answered
    std::string reply;       ///< its words, or ours where there was no answer
    bool for_good = false;   ///< the letter was given up; otherwise it waits
};

/// One finding for each cause, those with most recipients first; at most kCausesMax, and a last one for the rest.
std::vector<Finding> judge_refusals(std::span<const Refusal> refusals);

/// Limit: causes that are shown.
inline constexpr std::size_t kCausesMax = 20;

} // namespace tegami::health
