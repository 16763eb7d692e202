// The endpoint of requests (RFC 8620 §3): octets in, method calls one after the other, one answer.
#pragma once

#include "net/http.h"
#include "service/jmapd/user.h"

namespace tegami::jmapd {

async::Awaitable<net::HttpResponse> answer_api(Service* service, const User* user, net::HttpRequest* request,
                                               net::BodySource* body);

} // namespace tegami::jmapd
