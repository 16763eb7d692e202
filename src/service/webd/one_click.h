// Whether a letter offers to leave its list with one click, and where (RFC 8058). Pure.
#pragma once

#include "base/result.h"
#include "net/web_url.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tegami::webd {

/// What is sent to the address, and stands in List-Unsubscribe-Post (RFC 8058 §5).
inline constexpr std::string_view kOneClick = "List-Unsubscribe=One-Click";

enum class NoOneClick : std::uint8_t {
    not_offered, ///< a field is not there, or twice, or names no address under https
    not_signed,  ///< no good signature covers both fields (RFC 8058 §4)
};

/// `header` is that of the stored letter, of which this server put the first `front_size` octets there when it came: what those
/// say of signatures (Authentication-Results) counts, and nothing that the letter says itself.
Result<net::WebUrl, NoOneClick> one_click_address(std::string_view header, std::size_t front_size);

} // namespace tegami::webd
