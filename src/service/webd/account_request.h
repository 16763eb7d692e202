// What the pages about one's own account send.
#pragma once

#include "json/json.h"

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::webd {

/// Limit: octets of the whole; two of the longest passwords fit, also written with escapes, or what a page has of a passkey.
inline constexpr std::size_t kAccountRequestBytesMax = 24 * 1024;

class AccountRequest {
public:
    /// An object of texts, of lists of texts and of objects; nothing if it is not that. No octets are an empty one.
    static std::optional<AccountRequest> parse(std::string_view octets);

    /// The text of this name; nothing if there is none.
    std::optional<std::string> text(std::string_view name) const;
    std::optional<std::vector<std::string>> list(std::string_view name) const;
    /// The object of this name; null if there is none.
    const json::object* object(std::string_view name) const;
    /// Whether it has no members but these texts, lists and objects.
    bool has_only(std::initializer_list<std::string_view> texts, std::initializer_list<std::string_view> lists = {},
                  std::initializer_list<std::string_view> objects = {}) const;

private:
    std::map<std::string, std::string, std::less<>> texts_;
    std::map<std::string, std::vector<std::string>, std::less<>> lists_;
    std::map<std::string, json::object, std::less<>> objects_;
};

} // namespace tegami::webd
