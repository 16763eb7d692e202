#include "service/jmapd/changes_state.h"

#include "base/ascii.h"
#include "service/jmapd/ids.h"

#include <fmt/format.h>

namespace tegami::jmapd {

std::string text_of(const ChangesState& state) {
    if (!state.until) return state_of(state.since, state.part);
    return mark_part(fmt::format("{}-{}-{}", state.since.value, state.until->value, state.last), state.part);
}

std::optional<ChangesState> parse_changes_state(std::string_view text, std::uint64_t part) {
    const auto numbers = unmark_part(text, part);
    if (!numbers) return std::nullopt;
    text = *numbers;
    const std::size_t first = text.find('-');
    const auto since = parse_state(text.substr(0, first));
    if (!since) return std::nullopt;
    if (first == std::string_view::npos) return ChangesState{.since = *since, .part = part};
    const std::size_t second = text.find('-', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto until = parse_state(text.substr(first + 1, second - first - 1));
    const auto last = ascii::parse_number<std::uint64_t>(text.substr(second + 1));
    if (!until || !last) return std::nullopt;
    return ChangesState{.since = *since, .until = *until, .last = *last, .part = part};
}

async::Awaitable<Result<ChangesSince, jmap::Fault>> find_changes(Call* call, std::string since_state) {
    const jmap::Fault unknown{.type = "cannotCalculateChanges", .description = {}};
    const auto view = co_await view_of(call);
    if (!view) co_return failure(method_fault(*call, view.error()));
    const auto since = parse_changes_state(since_state, (*view)->mailboxes()->part());
    if (!since) co_return failure(unknown);
    const store::Version now = (*view)->version();
    ChangesSince found{.state = *since, .changes = {}, .more = since->until && *since->until < now};
    if (!found.state.until) found.state.until = now;
    auto changes = co_await store::changes_between(call->entered, *view, since->since, *found.state.until);
    if (!changes) co_return failure(method_fault(*call, changes.error()));
    if (!*changes) co_return failure(unknown);
    found.changes = std::move(**changes);
    co_return found;
}

async::Awaitable<Result<QuerySince, jmap::Fault>> find_query_changes(Call* call, std::string since_query_state) {
    const jmap::Fault unknown{.type = "cannotCalculateChanges", .description = {}};
    const auto view = co_await view_of(call);
    if (!view) co_return failure(method_fault(*call, view.error()));
    const auto since = parse_state(since_query_state, (*view)->mailboxes()->part());
    if (!since) co_return failure(unknown);
    auto changes = co_await store::changes_between(call->entered, *view, *since, (*view)->version());
    if (!changes) co_return failure(method_fault(*call, changes.error()));
    if (!*changes) co_return failure(unknown);
    co_return QuerySince{.view = *view, .changes = **std::move(changes)};
}

} // namespace tegami::jmapd
