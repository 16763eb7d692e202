// A list of all emails of a mailbox, or of the account, by time alone: what a mail program shows most of the day. After each
// letter that comes or is marked it is made of the list before and of what has changed since, not searched for anew.
#pragma once

#include "service/jmapd/email_search.h"
#include "store/account_view.h"

#include <cstddef>
#include <optional>
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

/// Limits: emails at the beginning of a list for which it is not made as a whole; pages of emails that are looked at for them.
inline constexpr std::size_t kFirstMax = 300;
inline constexpr std::size_t kFirstPagesMax = 128;

/// How a list begins.
struct FirstOfList {
    std::vector<store::EmailId> ids;
    std::size_t all = 0;   ///< how many the list has
    std::size_t pages = 0; ///< of emails that were looked at
};

/// The first `count` of the list, or all if it has no more, in time that does not grow with it: pages of emails are looked at,
/// those first that have the newest, until no other can have a newer one. Nothing where that would be too many, or where it is no
/// list of a mailbox with the newest first.
std::optional<FirstOfList> first_of_list(const store::AccountView& view, const EmailSearch& search, std::size_t count);

} // namespace tegami::jmapd
