// Whose page a request comes from. A page of somebody else must not act for a person whose browser holds a cookie or
// remembers a password: browsers say where requests come from (Fetch, Origin and Sec-Fetch-Site), programs need not.
#pragma once

#include "net/http.h"

#include <cstdint>
#include <string_view>

namespace tegami::webd {

enum class Origin : std::uint8_t {
    ours,   ///< a page of ours
    unsaid, ///< nothing is said, or that a person typed the address
    others,
};

/// `base_url` is ours: "https://mail.example.org", without a path.
Origin origin_of(const net::HttpRequest& request, std::string_view base_url);

/// Whether a request that has nothing but a cookie for itself may be answered: what changes something must say that it comes
/// from a page of ours.
bool cookie_counts(const net::HttpRequest& request, std::string_view base_url);

} // namespace tegami::webd
