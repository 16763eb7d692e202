#include "protocol/jmap/arguments.h"

#include "protocol/jmap/types.h"

namespace tegami::jmap {

namespace {

std::optional<std::string> read_text(const json::value& value) {
    const json::string* const text = value.if_string();
    return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
}

template <class Read>
std::optional<std::vector<std::string>> read_list(const json::value& value, Read read) {
    const json::array* const list = value.if_array();
    if (list == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    texts.reserve(list->size());
    for (const json::value& one : *list) {
        auto text = read(one);
        if (!text) return std::nullopt;
        texts.push_back(*std::move(text));
    }
    return texts;
}

/// An id, or "#" and a creation id.
std::optional<std::string> read_id(const json::value& value, const CreatedIds& created) {
    auto text = read_text(value);
    if (!text || !is_id(text->starts_with('#') ? std::string_view(*text).substr(1) : *text)) return std::nullopt;
    auto resolved = created.resolve(*text);
    return resolved ? resolved : text;
}

} // namespace

template <class T, class Read>
std::optional<T> Arguments::take(std::string_view name, Read read) {
    const json::value* const value = optional_value(name);
    if (value == nullptr) return std::nullopt;
    std::optional<T> taken = read(*value);
    if (!taken) reject(name);
    return taken;
}

const json::value* Arguments::optional_value(std::string_view name) {
    taken_.emplace(name);
    const json::value* const value = values_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> Arguments::optional_id(std::string_view name) {
    return take<std::string>(name, [this](const json::value& value) { return read_id(value, created_); });
}

std::optional<std::vector<std::string>> Arguments::optional_ids(std::string_view name) {
    return take<std::vector<std::string>>(name, [this](const json::value& value) {
        return read_list(value, [this](const json::value& one) { return read_id(one, created_); });
    });
}

std::optional<std::string> Arguments::optional_text(std::string_view name) {
    return take<std::string>(name, read_text);
}

std::optional<std::vector<std::string>> Arguments::optional_texts(std::string_view name) {
    return take<std::vector<std::string>>(name, [](const json::value& value) { return read_list(value, read_text); });
}

std::string Arguments::id(std::string_view name) {
    auto taken = optional_id(name);
    if (!taken) reject(name);
    return std::move(taken).value_or("");
}

std::string Arguments::text(std::string_view name) {
    auto taken = optional_text(name);
    if (!taken) reject(name);
    return std::move(taken).value_or("");
}

std::int64_t Arguments::integer(std::string_view name, std::int64_t otherwise) {
    return take<std::int64_t>(name, read_int).value_or(otherwise);
}

std::optional<std::uint64_t> Arguments::optional_unsigned(std::string_view name) {
    return take<std::uint64_t>(name, [](const json::value& value) -> std::optional<std::uint64_t> {
        const auto number = read_int(value);
        if (!number || *number < 0) return std::nullopt;
        return static_cast<std::uint64_t>(*number);
    });
}

bool Arguments::flag(std::string_view name, bool otherwise) {
    return take<bool>(name,
                      [](const json::value& value) -> std::optional<bool> {
                          const bool* const flag = value.if_bool();
                          return flag == nullptr ? std::nullopt : std::optional(*flag);
                      })
        .value_or(otherwise);
}

const json::object* Arguments::optional_object(std::string_view name) {
    const json::value* const value = optional_value(name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) reject(name);
    return value->if_object();
}

Result<void, Fault> Arguments::finish() const {
    std::vector<std::string> wrong(wrong_.begin(), wrong_.end());
    for (const auto& [name, value] : values_)
        if (!taken_.contains(name)) wrong.emplace_back(name);
    if (wrong.empty()) return {};
    return failure(invalid_arguments(std::move(wrong), "wrong, missing or not known"));
}

} // namespace tegami::jmap
