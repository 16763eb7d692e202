#include "protocol/jmap/answers.h"

#include <algorithm>
#include <unordered_set>

namespace tegami::jmap {

namespace {

json::array to_array(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

/// null for a list of nothing.
json::value or_null(json::object object) {
    return object.empty() ? json::value() : json::value(std::move(object));
}

} // namespace

json::object get_answer(std::string_view account, std::string_view state, json::array list,
                        const std::vector<std::string>& not_found) {
    return {{"accountId", account}, {"state", state}, {"list", std::move(list)}, {"notFound", to_array(not_found)}};
}

json::object changes_answer(const ChangesArguments& asked, const Changes& changes) {
    return {{"accountId", asked.account},
            {"oldState", asked.since_state},
            {"newState", changes.new_state},
            {"hasMoreChanges", changes.more},
            {"created", to_array(changes.created)},
            {"updated", to_array(changes.updated)},
            {"destroyed", to_array(changes.destroyed)}};
}

Result<json::object, Fault> query_answer(const QueryArguments& asked, const QueryResult& result,
                                         std::size_t limit_max) {
    const auto place_of = [&result](const std::string& id) -> std::optional<std::size_t> {
        const auto found = std::ranges::find(result.ids, id);
        if (found == result.ids.end()) return std::nullopt;
        return static_cast<std::size_t>(found - result.ids.begin());
    };
    TRY(const QueryWindow window, find_window(asked, result.ids.size(), limit_max, place_of));
    json::array ids;
    ids.reserve(window.end - window.begin);
    for (std::size_t at = window.begin; at < window.end; ++at)
        ids.emplace_back(result.ids[at]);
    json::object answer{{"accountId", asked.account},
                        {"queryState", result.state},
                        {"canCalculateChanges", result.can_calculate_changes},
                        {"position", window.begin},
                        {"ids", std::move(ids)}};
    if (asked.calculate_total) answer["total"] = result.ids.size();
    if (window.limit) answer["limit"] = *window.limit;
    return answer;
}

Result<json::object, Fault> query_changes_answer(const QueryChangesArguments& asked, const QueryResult& result,
                                                 const std::vector<std::string>& touched) {
    const std::unordered_set<std::string_view> moved(touched.begin(), touched.end());
    json::array added;
    for (std::size_t index = 0; index < result.ids.size(); ++index)
        if (moved.contains(result.ids[index])) added.push_back({{"id", result.ids[index]}, {"index", index}});
    if (asked.changes_max && touched.size() + added.size() > *asked.changes_max)
        return failure(Fault{.type = "tooManyChanges", .description = {}});
    json::object answer{{"accountId", asked.account},
                        {"oldQueryState", asked.since_query_state},
                        {"newQueryState", result.state},
                        {"removed", to_array(touched)},
                        {"added", std::move(added)}};
    if (asked.calculate_total) answer["total"] = result.ids.size();
    return answer;
}

void SetAnswer::created(std::string_view creation_id, json::object properties) {
    created_[creation_id] = std::move(properties);
}

void SetAnswer::not_created(std::string_view creation_id, const Fault& fault) {
    not_created_[creation_id] = set_error(fault);
}

void SetAnswer::updated(std::string_view id, json::object properties) {
    updated_[id] = or_null(std::move(properties));
}

void SetAnswer::not_updated(std::string_view id, const Fault& fault) {
    not_updated_[id] = set_error(fault);
}

void SetAnswer::destroyed(std::string_view id) {
    destroyed_.emplace_back(id);
}

void SetAnswer::not_destroyed(std::string_view id, const Fault& fault) {
    not_destroyed_[id] = set_error(fault);
}

json::object SetAnswer::finish(std::string_view account, std::string_view old_state, std::string_view new_state) && {
    json::object answer{{"accountId", account}, {"oldState", old_state}, {"newState", new_state}};
    json::object rest = std::move(*this).finish();
    for (auto& [name, value] : rest)
        answer.emplace(name, std::move(value));
    return answer;
}

json::object SetAnswer::finish() && {
    return {{"created", or_null(std::move(created_))},
            {"updated", or_null(std::move(updated_))},
            {"destroyed", destroyed_.empty() ? json::value() : json::value(std::move(destroyed_))},
            {"notCreated", or_null(std::move(not_created_))},
            {"notUpdated", or_null(std::move(not_updated_))},
            {"notDestroyed", or_null(std::move(not_destroyed_))}};
}

} // namespace tegami::jmap
