// Where a client is in what has changed (RFC 8620 §5.2): a version of the account, or some way between two of them.
//
// One commit may change more than `maxChanges` allows. What changed between two versions is therefore told in the order of
// ids, and a state in between says both versions and the last id told: "7-12-300". So any maxChanges leads to the end, and
// no id is told twice on the way.
#pragma once

#include "protocol/jmap/answers.h"
#include "service/jmapd/call.h"
#include "store/account_changes.h"
#include "store/account_view.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::jmapd {

struct ChangesState {
    store::Version since;
    std::optional<store::Version> until; ///< nothing: all up to `since` was told
    std::uint64_t last = 0;              ///< of the ids between the two
    std::uint64_t part = 0;              ///< of the account (MailboxList::part())

    bool operator==(const ChangesState&) const = default;
};

std::string text_of(const ChangesState& state);
/// Nothing for what is no state of this part.
std::optional<ChangesState> parse_changes_state(std::string_view text, std::uint64_t part = 0);

/// Everything that changed since a client's state, up to `state.until`.
struct ChangesSince {
    ChangesState state;
    store::AccountChanges changes;
    bool more = false; ///< something may have changed after `state.until`
};

/// Faults: cannotCalculateChanges.
async::Awaitable<Result<ChangesSince, jmap::Fault>> find_changes(Call* call, std::string since_state);

/// The account now, and everything that changed since the state of a query (RFC 8620 §5.6).
struct QuerySince {
    store::AccountViewPtr view;
    store::AccountChanges changes;
};

/// Faults: cannotCalculateChanges.
async::Awaitable<Result<QuerySince, jmap::Fault>> find_query_changes(Call* call, std::string since_query_state);

/// The part of the changes of one kind that a client is told now.
template <class Id>
struct ChangesPage {
    store::ChangedIds<Id> ids;
    ChangesState next;
    bool more = false;
};

template <class Id>
ChangesPage<Id> next_page(const ChangesSince& found, const store::ChangedIds<Id>& all,
                          std::optional<std::uint64_t> count_max) {
    ChangesPage<Id> page{
        .ids = {}, .next = {.since = *found.state.until, .part = found.state.part}, .more = found.more};
    std::vector<Id> ids;
    for (const std::vector<Id>* const each : {&all.created, &all.updated, &all.destroyed})
        for (const Id id : *each)
            if (id.value > found.state.last) ids.push_back(id);
    const bool fits = !count_max || ids.size() <= *count_max;
    std::uint64_t last = ~std::uint64_t{0};
    if (!fits) {
        const auto end = ids.begin() + static_cast<std::ptrdiff_t>(*count_max) - 1;
        std::ranges::nth_element(ids, end);
        last = end->value;
        page.next = found.state;
        page.next.last = last;
        page.more = true;
    }
    const auto take = [&](const std::vector<Id>& from, std::vector<Id>& to) {
        std::ranges::copy_if(from, std::back_inserter(to),
                             [&](Id id) { return id.value > found.state.last && id.value <= last; });
    };
    take(all.created, page.ids.created);
    take(all.updated, page.ids.updated);
    take(all.destroyed, page.ids.destroyed);
    return page;
}

} // namespace tegami::jmapd
