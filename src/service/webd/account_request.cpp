#include "service/webd/account_request.h"

#include <algorithm>

namespace tegami::webd {

std::optional<AccountRequest> AccountRequest::parse(std::string_view octets) {
    constexpr std::size_t kDepthMax = 4;
    if (octets.empty()) return AccountRequest();
    if (octets.size() > kAccountRequestBytesMax) return std::nullopt;
    const auto value = read_json(octets, kDepthMax);
    if (!value || !value->is_object() || has_repeated_names(octets)) return std::nullopt;
    AccountRequest request;
    for (const auto& [name, member] : value->get_object()) {
        if (member.is_string()) {
            request.texts_.emplace(name, member.get_string());
            continue;
        }
        if (member.is_object()) {
            request.objects_.emplace(name, member.get_object());
            continue;
        }
        if (!member.is_array()) return std::nullopt;
        std::vector<std::string>& list = request.lists_[std::string(name)];
        for (const json::value& item : member.get_array()) {
            if (!item.is_string()) return std::nullopt;
            list.emplace_back(item.get_string());
        }
    }
    return request;
}

std::optional<std::string> AccountRequest::text(std::string_view name) const {
    const auto found = texts_.find(name);
    return found == texts_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::vector<std::string>> AccountRequest::list(std::string_view name) const {
    const auto found = lists_.find(name);
    return found == lists_.end() ? std::nullopt : std::optional(found->second);
}

const json::object* AccountRequest::object(std::string_view name) const {
    const auto found = objects_.find(name);
    return found == objects_.end() ? nullptr : &found->second;
}

bool AccountRequest::has_only(std::initializer_list<std::string_view> texts,
                              std::initializer_list<std::string_view> lists,
                              std::initializer_list<std::string_view> objects) const {
    const auto is_one_of = [](std::initializer_list<std::string_view> names) {
        return [names](const auto& member) { return std::ranges::find(names, member.first) != names.end(); };
    };
    return std::ranges::all_of(texts_, is_one_of(texts)) && std::ranges::all_of(lists_, is_one_of(lists)) &&
           std::ranges::all_of(objects_, is_one_of(objects));
}

} // namespace tegami::webd
