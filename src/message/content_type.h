// Content-Type and Content-Disposition values (RFC 2045 §5, RFC 2183 §2), read tolerantly.
#pragma once

#include "message/encoded_word.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: parameters taken from one field.
inline constexpr std::size_t kParametersMax = 100;

/// Limit: octets of a type or subtype (RFC 6838 §4.2).
inline constexpr std::size_t kTypeNameMax = 127;

struct ContentType {
    std::string type = "text"; ///< lower case
    std::string subtype = "plain";
    std::vector<Parameter> parameters;

    bool is(std::string_view of_type, std::string_view of_subtype) const {
        return type == of_type && subtype == of_subtype;
    }

    /// The decoded value of a parameter, empty if absent.
    std::string parameter(std::string_view name) const {
        return decode_parameter(parameters, name).value_or(std::string());
    }

    bool operator==(const ContentType&) const = default;
};

/// Nothing if the value has no `type/subtype`; the caller then takes the default (RFC 2045 §5.2).
std::optional<ContentType> parse_content_type(std::string_view value);

struct Disposition {
    std::string type; ///< lower case: `inline`, `attachment`
    std::vector<Parameter> parameters;

    bool operator==(const Disposition&) const = default;
};

/// Nothing if the value has no type.
std::optional<Disposition> parse_disposition(std::string_view value);

/// The languages of a Content-Language value (RFC 3282 §2).
std::vector<std::string> parse_languages(std::string_view value);

} // namespace tegami::message
