// What EmailSubmission/query looks for (RFC 8621 §7.3): pure.
#pragma once

#include "protocol/jmap/arguments.h"
#include "protocol/jmap/filter.h"
#include "protocol/jmap/sort.h"
#include "service/jmapd/submissions.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::jmapd {

struct SubmissionSearch {
    std::optional<jmap::Filter> filter; ///< nothing: all
    std::vector<jmap::Comparator> sort; ///< empty: the last one first
};

/// Faults: invalidArguments, unsupportedFilter, unsupportedSort.
Result<SubmissionSearch, jmap::Fault> take_submission_search(const json::value* filter, const json::value* sort);

/// The ids of what is found, in order.
std::vector<std::string> find_submissions(const Submissions& submissions, const SubmissionSearch& search,
                                          const jmap::CreatedIds& created);

} // namespace tegami::jmapd
