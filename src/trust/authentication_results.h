// What a server has found out about who sent a message, as it says so to programs behind it: Authentication-Results
// (RFC 8601) and, with an instance before it, ARC-Authentication-Results (RFC 8617 §4.1.1).
//
// 1. Whatever stands in a result (domains and addresses of strangers), what is printed is one well-formed field in
//    ASCII or, where addresses have it, UTF-8 (RFC 8601 §2.2).
// 2. Reading takes linear time; what does not follow the grammar gives nothing, never half of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::trust {

/// Limit: results taken from one field, and properties of one result.
inline constexpr std::size_t kResultsMax = 100;
inline constexpr std::size_t kPropertiesMax = 20;
/// Limit: octets of one printed value; longer ones are cut.
inline constexpr std::size_t kValueBytesMax = 512;

/// What one method says, in the words of the IANA registry (RFC 8601 §2.7): "dkim", "pass".
struct MethodResult {
    struct Property {
        std::string type; ///< "header", "smtp", "policy", "body"
        std::string name; ///< "d", "mailfrom"
        std::string value;

        bool operator==(const Property&) const = default;
    };

    std::string method;
    std::string result;
    std::string reason;  ///< for people; empty: none
    std::string comment; ///< for people, behind the result; empty: none. Reading leaves comments out.
    std::vector<Property> properties;

    bool operator==(const MethodResult&) const = default;
};

struct AuthenticationResults {
    std::string server; ///< the authserv-id: who has looked
    std::vector<MethodResult> results;

    bool operator==(const AuthenticationResults&) const = default;
};

/// The value, folded at 78 octets where that can be, without the field's name and the last line end. Without results:
/// "none".
std::string to_string(const AuthenticationResults& results);

/// The whole field with its line end.
std::string authentication_results_field(const AuthenticationResults& results);

/// From the raw value of a field (of ARC: behind its instance).
std::optional<AuthenticationResults> parse_authentication_results(std::string_view value);

/// The value of an ARC-Authentication-Results field in its two parts, "i=1;" and what stands behind (RFC 8617 §4.1.1).
struct InstanceAndResults {
    std::string instance; ///< digits, any number of them
    std::string_view results;
};

/// Nothing if there is no instance.
std::optional<InstanceAndResults> split_instance(std::string_view value);

/// Whom the beginning of a value names as having looked, as far as it has come; letters as written. Nothing: its end is
/// not there yet, and more octets may change the answer. Empty: nobody is named.
std::optional<std::string> server_named(std::string_view value);

} // namespace tegami::trust
