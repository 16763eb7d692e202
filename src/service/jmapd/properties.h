// The properties of a record that a client describes, taken one after the other, so that all that are wrong are told at once
// (RFC 8620 §5.3, invalidProperties).
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"
#include "json/json.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::jmapd {

class Properties {
public:
    /// The object outlives it.
    explicit Properties(const json::object& object) : object_(object) {}

    /// Null for what is missing or null.
    const json::value* find(std::string_view name) {
        taken_.emplace_back(name);
        const json::value* const value = object_.if_contains(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }

    /// A text that has to be there.
    std::string text(std::string_view name, std::size_t bytes_max) {
        const json::value* const value = find(name);
        const json::string* const text = value == nullptr ? nullptr : value->if_string();
        if (text != nullptr && !text->empty() && text->size() <= bytes_max) return std::string(*text);
        wrong(name);
        return {};
    }

    void wrong(std::string_view name) { wrong_.emplace_back(name); }

    /// Call it when all are taken: what nobody has taken is wrong, too.
    Result<void, jmap::Fault> finish() {
        for (const auto& [name, value] : object_)
            if (std::ranges::find(taken_, std::string_view(name)) == taken_.end()) wrong_.emplace_back(name);
        if (wrong_.empty()) return {};
        return failure(jmap::invalid_properties(std::move(wrong_), {}));
    }

private:
    const json::object& object_;
    std::vector<std::string> taken_;
    std::vector<std::string> wrong_;
};

} // namespace tegami::jmapd
