#include "protocol/jmap/patch.h"

#include <map>
#include <string>
#include <vector>

namespace tegami::jmap {

namespace {

std::unexpected<Fault> invalid_patch(std::string_view path, std::string description) {
    return failure(Fault{.type = "invalidPatch", .description = std::move(description), .names = {std::string(path)}});
}

/// RFC 6901 §3: the tokens of a path, whose first "/" is left out here.
std::vector<std::string> tokens_of_path(std::string_view path) {
    std::vector<std::string> tokens(1);
    for (std::size_t at = 0; at < path.size(); ++at) {
        const char next = at + 1 < path.size() ? path[at + 1] : '\0';
        if (path[at] == '/') {
            tokens.emplace_back();
        } else if (path[at] == '~' && (next == '0' || next == '1')) {
            tokens.back() += next == '0' ? '~' : '/';
            ++at;
        } else {
            tokens.back() += path[at];
        }
    }
    return tokens;
}

/// What is changed, with the path as it was written.
using Paths = std::map<std::vector<std::string>, std::pair<std::string_view, const json::value*>>;

bool is_beginning(const std::vector<std::string>& shorter, const std::vector<std::string>& longer) {
    return shorter.size() <= longer.size() && std::equal(shorter.begin(), shorter.end(), longer.begin());
}

} // namespace

Result<json::object, Fault> apply_patch(json::object record, const json::object& patch) {
    Paths paths;
    for (const auto& [path, value] : patch)
        if (!paths.emplace(tokens_of_path(path), std::pair(std::string_view(path), &value)).second)
            return invalid_patch(path, "it is there twice");
    // In this order, what begins with a path follows it at once.
    const std::vector<std::string>* before = nullptr;
    for (const auto& [tokens, change] : paths) {
        const auto& [path, value] = change;
        if (before != nullptr && is_beginning(*before, tokens))
            return invalid_patch(path, "two paths of the patch overlap");
        before = &tokens;
        json::object* at = &record;
        for (std::size_t level = 0; level + 1 < tokens.size(); ++level) {
            json::value* const next = at->if_contains(tokens[level]);
            if (next == nullptr || !next->is_object()) return invalid_patch(path, "it leads through no object");
            at = &next->get_object();
        }
        if (value->is_null())
            at->erase(tokens.back());
        else
            (*at)[tokens.back()] = *value;
    }
    return record;
}

} // namespace tegami::jmap
