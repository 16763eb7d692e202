// A list of all emails of a mailbox, or of the account, by time alone: what a mail program shows most of the day. After each
// letter that comes or is marked it is made of the list before and of what has changed since, not searched for anew.
#pragma once

#include "service/jmapd/email_search.h"
#include "store/account_view.h"

#include <cstddef>
#include <vector>

namespace tegami::jmapd {

/// Limit: emails that may have come, gone or moved since the list before; of more it is made anew.
inline constexpr std::size_t kListTouchedMax = 1000;

/// Whether a search is for such a list.
bool is_list(const EmailSearch& search);

/// The list as `view` has it. `before`: the same of an earlier view. `touched`, rising: all that may have come, gone or moved
/// since; where one stands for its thread, with all others of that.
std::vector<store::EmailId> next_list(const store::AccountView& view, const EmailSearch& search,
                                      const std::vector<store::EmailId>& before,
                                      const std::vector<store::EmailId>& touched);

} // namespace tegami::jmapd
