#include "protocol/jmap/reference.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tegami::jmap {

namespace {

Fault wrong_reference(std::string description) {
    return {.type = "invalidResultReference", .description = std::move(description)};
}

/// Limit: octets of a path.
constexpr std::size_t kPathBytesMax = 1000;

/// RFC 6901 §3, §4: "~1" is "/", "~0" is "~".
std::optional<std::vector<std::string>> tokens_of(std::string_view path) {
    if (path.size() > kPathBytesMax) return std::nullopt;
    std::vector<std::string> tokens;
    if (path.empty()) return tokens;
    if (!path.starts_with('/')) return std::nullopt;
    tokens.emplace_back();
    for (std::size_t at = 1; at < path.size(); ++at) {
        if (path[at] == '/') {
            tokens.emplace_back();
        } else if (path[at] != '~') {
            tokens.back() += path[at];
        } else if (++at < path.size() && (path[at] == '0' || path[at] == '1')) {
            tokens.back() += path[at] == '0' ? '~' : '/';
        } else {
            return std::nullopt;
        }
    }
    return tokens;
}

/// How much it is to copy: a value is one, text as many as it has octets.
std::size_t weight(const json::value& value) {
    std::size_t sum = 1;
    if (const json::string* const text = value.if_string()) return sum + text->size();
    if (const json::array* const list = value.if_array())
        for (const json::value& one : *list)
            sum += weight(one);
    if (const json::object* const object = value.if_object())
        for (const auto& [name, one] : *object)
            sum += name.size() + weight(one);
    return sum;
}

class Path {
public:
    Path(std::vector<std::string> tokens, std::size_t& left) : tokens_(std::move(tokens)), left_(left) {}

    /// What the tokens from `at` on lead to; a copy.
    std::optional<json::value> follow(const json::value& from, std::size_t at = 0) {
        if (at == tokens_.size()) return copy(from);
        const std::string& token = tokens_[at];
        if (const json::object* const object = from.if_object()) {
            const json::value* const next = object->if_contains(token);
            return next == nullptr ? std::nullopt : follow(*next, at + 1);
        }
        const json::array* const list = from.if_array();
        if (list == nullptr) return std::nullopt;
        if (token == "*") return follow_all(*list, at + 1);
        // RFC 6901 §4: no leading zeros.
        const auto index = ascii::parse_number<std::uint32_t>(token);
        if (!index || *index >= list->size() || (token.size() > 1 && token.starts_with('0'))) return std::nullopt;
        return follow((*list)[*index], at + 1);
    }

private:
    std::optional<json::value> copy(const json::value& value) {
        const std::size_t taken = weight(value);
        if (taken > left_) return std::nullopt;
        left_ -= taken;
        return value;
    }

    std::optional<json::value> follow_all(const json::array& list, std::size_t at) {
        json::array all;
        for (const json::value& one : list) {
            auto found = follow(one, at);
            if (!found) return std::nullopt;
            if (json::array* const several = found->if_array())
                all.insert(all.end(), several->begin(), several->end());
            else
                all.push_back(*std::move(found));
        }
        return all;
    }

    const std::vector<std::string> tokens_;
    std::size_t& left_;
};

Result<json::value, Fault> referred(const json::value& reference, std::span<const Invocation> responses,
                                    std::size_t& left) {
    const json::object* const object = reference.if_object();
    const auto text = [object](std::string_view name) -> const json::string* {
        const json::value* const value = object == nullptr ? nullptr : object->if_contains(name);
        return value == nullptr ? nullptr : value->if_string();
    };
    const json::string* const of = text("resultOf");
    const json::string* const name = text("name");
    const json::string* const path = text("path");
    if (of == nullptr || name == nullptr || path == nullptr || object->size() != 3)
        return failure(wrong_reference("a reference has resultOf, name and path"));
    const auto response =
        std::ranges::find_if(responses, [of](const Invocation& one) { return one.call_id == std::string_view(*of); });
    if (response == responses.end() || response->name != std::string_view(*name))
        return failure(wrong_reference(
            fmt::format("there is no {} response of {} before this", std::string_view(*name), std::string_view(*of))));
    auto tokens = tokens_of(*path);
    if (!tokens) return failure(wrong_reference("the path is no JSON pointer of at most 1,000 octets"));
    auto found = Path(*std::move(tokens), left).follow(response->arguments);
    if (!found)
        return failure(wrong_reference(fmt::format("{} leads nowhere, or to too much", std::string_view(*path))));
    return *std::move(found);
}

} // namespace

Result<json::object, Fault> with_references(json::object arguments, std::span<const Invocation> responses,
                                            std::size_t& left) {
    std::vector<std::string> references;
    for (const auto& [name, value] : arguments)
        if (name.starts_with('#')) references.emplace_back(name);
    for (const std::string& marked : references) {
        const std::string name = marked.substr(1);
        if (arguments.contains(name))
            return failure(invalid_arguments({name}, "it is there twice, with and without #"));
        TRY(json::value value, referred(arguments.at(marked), responses, left));
        arguments.erase(marked);
        arguments[name] = std::move(value);
    }
    return arguments;
}

} // namespace tegami::jmap
