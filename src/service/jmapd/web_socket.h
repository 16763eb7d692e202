// JMAP over a WebSocket (RFC 8887): requests that may run at the same time, and push.
#pragma once

#include "net/http.h"
#include "service/jmapd/user.h"

namespace tegami::jmapd {

/// GET /jmap/ws/
async::Awaitable<net::HttpResponse> answer_socket(Service* service, const User* user, net::HttpRequest* request,
                                                  net::BodySource* body);

} // namespace tegami::jmapd
