#include "protocol/jmap/standard.h"

#include "protocol/jmap/types.h"

#include <algorithm>
#include <unordered_set>

namespace tegami::jmap {

namespace {

Fault too_large(std::string_view limit) {
    return {.type = "requestTooLarge", .description = std::string(limit)};
}

std::optional<std::uint64_t> take_changes_max(Arguments& arguments) {
    const auto most = arguments.optional_unsigned("maxChanges");
    if (most && *most == 0) arguments.reject("maxChanges");
    return most;
}

/// Each once, in the order in which they came.
void drop_repeated(std::vector<std::string>& ids) {
    std::unordered_set<std::string> seen;
    std::erase_if(ids, [&seen](const std::string& id) { return !seen.insert(id).second; });
}

/// Objects by name; a name or a value of another kind rejects the argument.
std::vector<std::pair<std::string, const json::object*>>
take_objects(Arguments& arguments, std::string_view argument,
             const std::function<std::optional<std::string>(std::string_view)>& name_of) {
    std::vector<std::pair<std::string, const json::object*>> objects;
    const json::object* const given = arguments.optional_object(argument);
    if (given == nullptr) return objects;
    for (const auto& [name, value] : *given) {
        auto known = name_of(name);
        if (!known || !value.is_object()) {
            arguments.reject(argument);
            return {};
        }
        objects.emplace_back(*std::move(known), &value.get_object());
    }
    return objects;
}

} // namespace

Result<GetArguments, Fault> take_get(Arguments& arguments, const RequestLimits& limits) {
    std::string account = arguments.id("accountId");
    TRY(GetArguments get, take_get_of_no_account(arguments, limits));
    get.account = std::move(account);
    return get;
}

Result<GetArguments, Fault> take_get_of_no_account(Arguments& arguments, const RequestLimits& limits) {
    GetArguments get{
        .account = {}, .ids = arguments.optional_ids("ids"), .properties = arguments.optional_texts("properties")};
    if (get.ids) {
        drop_repeated(*get.ids);
        if (get.ids->size() > limits.objects_in_get) return failure(too_large("maxObjectsInGet"));
    }
    return get;
}

ChangesArguments take_changes(Arguments& arguments) {
    return {.account = arguments.id("accountId"),
            .since_state = arguments.text("sinceState"),
            .changes_max = take_changes_max(arguments)};
}

QueryArguments take_query(Arguments& arguments) {
    return {.account = arguments.id("accountId"),
            .filter = arguments.optional_value("filter"),
            .sort = arguments.optional_value("sort"),
            .position = arguments.integer("position", 0),
            .anchor = arguments.optional_id("anchor"),
            .anchor_offset = arguments.integer("anchorOffset", 0),
            .limit = arguments.optional_unsigned("limit"),
            .calculate_total = arguments.flag("calculateTotal", false)};
}

Result<QueryWindow, Fault>
find_window(const QueryArguments& query, std::size_t total, std::size_t limit_max,
            const std::function<std::optional<std::size_t>(const std::string& id)>& place_of) {
    const auto all = static_cast<std::int64_t>(total);
    std::int64_t begin = query.position < 0 ? query.position + all : query.position;
    if (query.anchor) {
        const auto place = place_of(*query.anchor);
        if (!place) return failure(Fault{.type = "anchorNotFound", .description = {}});
        begin = static_cast<std::int64_t>(*place) + query.anchor_offset;
    }
    QueryWindow window;
    window.begin = static_cast<std::size_t>(std::clamp<std::int64_t>(begin, 0, all));
    const std::size_t wanted = std::min<std::uint64_t>(query.limit.value_or(limit_max), limit_max);
    if (!query.limit || *query.limit > limit_max) window.limit = limit_max;
    window.end = window.begin + std::min(total - window.begin, wanted);
    return window;
}

QueryChangesArguments take_query_changes(Arguments& arguments) {
    return {.account = arguments.id("accountId"),
            .filter = arguments.optional_value("filter"),
            .sort = arguments.optional_value("sort"),
            .since_query_state = arguments.text("sinceQueryState"),
            .changes_max = take_changes_max(arguments),
            .up_to_id = arguments.optional_id("upToId"),
            .calculate_total = arguments.flag("calculateTotal", false)};
}

Result<SetArguments, Fault> take_set(Arguments& arguments, const CreatedIds& created, const RequestLimits& limits) {
    std::string account = arguments.id("accountId");
    auto if_in_state = arguments.optional_text("ifInState");
    TRY(SetArguments set, take_set_of_no_account(arguments, created, limits));
    set.account = std::move(account);
    set.if_in_state = std::move(if_in_state);
    return set;
}

Result<SetArguments, Fault> take_set_of_no_account(Arguments& arguments, const CreatedIds& created,
                                                   const RequestLimits& limits) {
    const auto creation_id = [](std::string_view name) {
        return is_id(name) ? std::optional<std::string>(name) : std::nullopt;
    };
    const auto id = [&created](std::string_view name) {
        auto resolved = created.resolve(name);
        return resolved ? resolved : std::optional<std::string>(name);
    };
    SetArguments set{.account = {},
                     .if_in_state = {},
                     .create = take_objects(arguments, "create", creation_id),
                     .update = take_objects(arguments, "update", id),
                     .destroy = arguments.optional_ids("destroy").value_or(std::vector<std::string>())};
    drop_repeated(set.destroy);
    if (set.create.size() + set.update.size() + set.destroy.size() > limits.objects_in_set)
        return failure(too_large("maxObjectsInSet"));
    return set;
}

} // namespace tegami::jmap
