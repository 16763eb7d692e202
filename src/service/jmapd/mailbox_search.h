// Which mailboxes a query means, and in which order (RFC 8621 §2.3).
#pragma once

#include "base/result.h"
#include "protocol/jmap/arguments.h"
#include "protocol/jmap/created_ids.h"
#include "protocol/jmap/fault.h"
#include "protocol/jmap/filter.h"
#include "protocol/jmap/sort.h"
#include "store/mailbox_list.h"

#include <optional>
#include <vector>

namespace tegami::jmapd {

struct MailboxSearch {
    std::optional<jmap::Filter> filter; ///< its conditions live as long as the arguments do
    std::vector<jmap::Comparator> sort;
    bool sort_as_tree = false;
    bool filter_as_tree = false;
};

/// Takes "sortAsTree" and "filterAsTree", and looks at filter and sort. Faults: invalidArguments, unsupportedFilter,
/// unsupportedSort.
Result<MailboxSearch, jmap::Fault> take_mailbox_search(jmap::Arguments& arguments, const json::value* filter,
                                                       const json::value* sort);

/// The mailboxes that match, in order. `created`: what "#new" in a filter stands for.
std::vector<store::MailboxPtr> find_mailboxes(const store::MailboxList& list, const MailboxSearch& search,
                                              const jmap::CreatedIds& created);

} // namespace tegami::jmapd
