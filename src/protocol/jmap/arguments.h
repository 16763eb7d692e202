// The arguments of a method by name: their types are looked at as they are taken, and what nobody takes is an error
// (RFC 8620 §3.6.2, invalidArguments).
#pragma once

#include "base/result.h"
#include "protocol/jmap/created_ids.h"
#include "protocol/jmap/fault.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmap {

class Arguments {
public:
    /// Both outlive it. In ids, "#new" is what it was created as; if nothing was, it stays and is found nowhere.
    Arguments(const json::object& values, const CreatedIds& created) : values_(values), created_(created) {}

    // What is missing or null is nothing, or `otherwise`; what has to be there is said so.
    std::string id(std::string_view name); ///< must be there
    std::optional<std::string> optional_id(std::string_view name);
    std::optional<std::vector<std::string>> optional_ids(std::string_view name);
    std::string text(std::string_view name); ///< must be there
    std::optional<std::string> optional_text(std::string_view name);
    std::optional<std::vector<std::string>> optional_texts(std::string_view name);
    std::int64_t integer(std::string_view name, std::int64_t otherwise);
    std::optional<std::uint64_t> optional_unsigned(std::string_view name);
    bool flag(std::string_view name, bool otherwise);
    const json::object* optional_object(std::string_view name);
    /// Whatever it is; null if it is missing or null.
    const json::value* optional_value(std::string_view name);

    /// The argument is of the right type, but says something impossible.
    void reject(std::string_view name) { wrong_.insert(std::string(name)); }

    /// Call it when all arguments are taken. Faults: invalidArguments with all that are wrong, missing or not known.
    Result<void, Fault> finish() const;

private:
    template <class T, class Read>
    std::optional<T> take(std::string_view name, Read read);

    const json::object& values_;
    const CreatedIds& created_;
    std::set<std::string, std::less<>> taken_;
    std::set<std::string, std::less<>> wrong_;
};

} // namespace tegami::jmap
