// The pages of the web face.
//
// 1. What is served is what the program carries: nothing that a request says leads to a file of the machine.
// 2. A file below /mail/assets/ or /admin/assets/ has its content in its name and is kept for ever; every other one is
//    asked for again each time, and answered with 304 as long as it is the same.
// 3. The pages have no script, style or picture but our own, and nothing of other origins (kPagePolicy). The document that
//    a letter is shown in has a policy of its own, without scripts (kFramePolicy).
#pragma once

#include "net/http_routes.h"
#include "service/webd/files.h"

#include <span>
#include <string>

namespace tegami::webd {

/// Adds on `host` (in lower case): / leads to /mail/, the page of the web mail; /admin/ is that of the administration. So is
/// every address below them whose last part has no extension: addresses within the page. Add what else there is below
/// them first. Without files they are a sentence that this program has no web mail. The octets of `files` outlive the
/// routes.
void add_page_routes(net::HttpRoutes& routes, std::string host, std::span<const File> files);

} // namespace tegami::webd
