// What the operations on reports share: what is asked for, and the list of those that were sent.
#pragma once

#include "admin/operation.h"
#include "reporting/dmarc_totals.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::admin {

struct ReportsAsked {
    std::vector<std::string> domains; ///< of ours, in A-labels
    bool one = false;                 ///< the request names one of them
    std::uint64_t days = 0;
    std::chrono::sys_days first{};
    std::chrono::sys_days last{};
};

/// Errors: 400, 404.
Result<ReportsAsked, Refusal> reports_asked(const Dependencies* on, const json::object& request);

/// The answer to it. `count` is what these reports count: "letters". Reports to others are about mail to all domains of
/// this server together, so they are left out where one is asked about.
json::object reports_answer(const ReportsAsked& asked, json::array about,
                            const std::vector<reporting::ListedReport>& sent, std::uint64_t sent_count,
                            std::string_view count);

} // namespace tegami::admin
