// Which of the server's names a request asks.
#pragma once

#include "net/http.h"

#include <string>

namespace tegami::httpd {

/// The name in a request's Host (RFC 9110 §7.2), in lower case and without a port; empty if that is no name of the DNS, or
/// is not said once.
std::string host_asked(const net::HttpRequest& request);

} // namespace tegami::httpd
