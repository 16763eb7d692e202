// Push over a connection that the client keeps open (RFC 8620 §7.3).
#pragma once

#include "net/http.h"
#include "service/jmapd/user.h"

namespace tegami::jmapd {

/// GET /jmap/eventsource/
async::Awaitable<net::HttpResponse> answer_event_source(Service* service, const User* user, net::HttpRequest* request,
                                                        net::BodySource* body);

} // namespace tegami::jmapd
