// Finds and orders emails: Email/query, Email/queryChanges (RFC 8621 §4.4, §4.5).
#pragma once

#include "async/awaitable.h"
#include "protocol/jmap/sort.h"
#include "service/jmapd/call.h"
#include "service/jmapd/email_filter.h"

#include <array>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

/// What emails can be sorted by.
inline constexpr std::array<std::string_view, 9> kEmailSorts{"receivedAt",
                                                             "size",
                                                             "from",
                                                             "to",
                                                             "subject",
                                                             "sentAt",
                                                             "hasKeyword",
                                                             "allInThreadHaveKeyword",
                                                             "someInThreadHaveKeyword"};

struct EmailSort {
    std::vector<jmap::Comparator> comparators; ///< without any: what came last is first
    bool changeable = false;                   ///< it looks at keywords
    bool threads = false;                      ///< it looks at other emails of the thread

    /// Whether time alone orders them, as it nearly always does.
    bool by_time() const {
        return comparators.empty() || (comparators.size() == 1 && comparators.front().property == "receivedAt");
    }
};

/// Faults: invalidArguments, unsupportedSort.
Result<EmailSort, jmap::Fault> compile_email_sort(const json::value* sort);

struct EmailSearch {
    EmailFilter filter;
    EmailSort sort;
    bool collapse_threads = false;
};

/// The emails that match, in order; of those that are equal, the one that came first is last. Both outlive the call. Faults:
/// those of the store; requestTooLarge (no memory).
async::Awaitable<Result<std::vector<store::EmailId>, jmap::Fault>> search_emails(Call* call, store::AccountViewPtr view,
                                                                                 const EmailSearch* search);

} // namespace tegami::jmapd
