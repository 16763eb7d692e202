// Header fields as SEARCH looks at them (RFC 9051 §6.4.4).
#pragma once

#include "message/header.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::imap {

/// A message's header. Values are decoded and folded when first asked for, once for all keys of a search.
class HeaderText {
public:
    /// The octets of the message, or of its header alone; they must outlive this.
    explicit HeaderText(std::string_view octets) : header_(octets), folded_(header_.fields().size()) {}

    /// The day in the Date field as its writer's clock had it (RFC 9051 §6.4.4: zones are disregarded).
    std::optional<std::chrono::sys_days> sent_day() const;
    /// True if a field of that name holds the text; an empty text asks only for the field.
    bool field_contains(std::string_view name, const std::string& folded_text) const;
    /// True if any field, taken as "name: value", holds the text.
    bool contains(const std::string& folded_text) const;

private:
    const std::string& folded_value(std::size_t index) const;

    message::Header header_;
    mutable std::vector<std::optional<std::string>> folded_; // by field; its texts, a line each
};

} // namespace tegami::imap
