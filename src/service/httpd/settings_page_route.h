// The page with the settings of mail programs, for people.
#pragma once

#include "service/httpd/settings_routes.h"

namespace tegami::httpd {

/// Adds GET /mail/settings?emailaddress=ADDRESS, in the language that the browser wants; 404 for an address that is not of
/// a domain of ours. `source` outlives the routes.
void add_settings_page_route(net::HttpRoutes& routes, const SettingsSource& source);

} // namespace tegami::httpd
