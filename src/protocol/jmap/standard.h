// The arguments that all methods of one kind share (RFC 8620 §5). Each function takes them out of the arguments; a method
// that has more of its own takes those, too, and then asks Arguments::finish().
#pragma once

#include "protocol/jmap/arguments.h"
#include "protocol/jmap/request.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tegami::jmap {

/// §5.1. An id that was asked for twice is there once.
struct GetArguments {
    std::string account;
    std::optional<std::vector<std::string>> ids; ///< nothing: all
    std::optional<std::vector<std::string>> properties;
};

/// Faults: requestTooLarge.
Result<GetArguments, Fault> take_get(Arguments& arguments, const RequestLimits& limits);
/// The same of what belongs to no account (§7.2.1).
Result<GetArguments, Fault> take_get_of_no_account(Arguments& arguments, const RequestLimits& limits);

/// §5.2
struct ChangesArguments {
    std::string account;
    std::string since_state;
    std::optional<std::uint64_t> changes_max; ///< at least 1
};

ChangesArguments take_changes(Arguments& arguments);

/// §5.5
struct QueryArguments {
    std::string account;
    const json::value* filter = nullptr; ///< null: everything
    const json::value* sort = nullptr;   ///< null: the server's order
    std::int64_t position = 0;
    std::optional<std::string> anchor;
    std::int64_t anchor_offset = 0;
    std::optional<std::uint64_t> limit;
    bool calculate_total = false;
};

QueryArguments take_query(Arguments& arguments);

/// Which of `total` results are wanted: [begin, end).
struct QueryWindow {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::optional<std::size_t> limit; ///< told: the server's, where the client wanted more or named none
};

/// `place_of` says where an id stands in the results. Faults: anchorNotFound.
Result<QueryWindow, Fault>
find_window(const QueryArguments& query, std::size_t total, std::size_t limit_max,
            const std::function<std::optional<std::size_t>(const std::string& id)>& place_of);

/// §5.6, beside filter and sort
struct QueryChangesArguments {
    std::string account;
    const json::value* filter = nullptr;
    const json::value* sort = nullptr;
    std::string since_query_state;
    std::optional<std::uint64_t> changes_max;
    std::optional<std::string> up_to_id;
    bool calculate_total = false;
};

QueryChangesArguments take_query_changes(Arguments& arguments);

/// §5.3. The objects live as long as the arguments do.
struct SetArguments {
    std::string account;
    std::optional<std::string> if_in_state;
    std::vector<std::pair<std::string, const json::object*>> create; ///< by creation id
    std::vector<std::pair<std::string, const json::object*>> update; ///< patches by id
    std::vector<std::string> destroy;
};

/// Faults: requestTooLarge.
Result<SetArguments, Fault> take_set(Arguments& arguments, const CreatedIds& created, const RequestLimits& limits);
/// The same of what belongs to no account and has no state (§7.2.2).
Result<SetArguments, Fault> take_set_of_no_account(Arguments& arguments, const CreatedIds& created,
                                                   const RequestLimits& limits);

} // namespace tegami::jmap
