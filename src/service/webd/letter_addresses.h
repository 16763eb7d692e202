// Whether a letter names an address of the web: then a person who reads it may have it fetched. Pure.
#pragma once

#include "net/web_url.h"

#include <string_view>

namespace tegami::webd {

/// Whether the address stands in the HTML, wherever: an attribute, a style. References to characters, "%" with two digits and
/// the case of letters do not matter, so that an address counts that a browser has written anew; nor does what a browser never
/// fetches. The text is UTF-8; linear time but for texts that repeat themselves.
bool names_address(std::string_view html, const net::WebUrl& url);

} // namespace tegami::webd
