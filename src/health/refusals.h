// What other servers say about letters that wait, joined by cause.
#pragma once

#include "health/finding.h"

#include <span>
#include <string>
#include <vector>

namespace tegami::health {

/// The last answer about one recipient who still waits.
struct Refusal {
    std::string destination; ///< the recipient's domain
    std::string server;      ///< empty: none answered
    std::string reply;       ///< its words, or ours where there was no answer
};

/// One finding for each cause, those with most recipients first; at most kCausesMax, and a last one for the rest.
std::vector<Finding> judge_refusals(std::span<const Refusal> refusals);

/// Limit: causes that are shown.
inline constexpr std::size_t kCausesMax = 20;

} // namespace tegami::health
