// What every page of ours says to browsers beside itself, so that a hole in one of them opens nothing else.
#pragma once

#include "net/http.h"

#include <string_view>

namespace tegami::httpd {

/// Adds the fields: `policy` is the page's Content-Security-Policy; only HTTPS for a year (RFC 6797), no type is guessed, no
/// other origin embeds the page, keeps a handle on its window or learns where somebody came from, and no camera,
/// microphone, position and the like.
void add_page_fields(net::HttpResponse& response, std::string_view policy);

} // namespace tegami::httpd
