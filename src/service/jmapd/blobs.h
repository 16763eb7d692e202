// Octets up and down (RFC 8620 §6). Neither way is a message in memory.
#pragma once

#include "net/http.h"
#include "service/jmapd/user.h"

namespace tegami::jmapd {

/// POST /jmap/upload/ACCOUNT/: durable when it is answered, and kept for an hour or more.
async::Awaitable<net::HttpResponse> answer_upload(Service* service, const User* user, net::HttpRequest* request,
                                                  net::BodySource* body);

/// GET /jmap/download/ACCOUNT/BLOB/NAME?accept=TYPE, with a range where the octets are stored as they are.
async::Awaitable<net::HttpResponse> answer_download(Service* service, const User* user, net::HttpRequest* request,
                                                    net::BodySource* body);

} // namespace tegami::jmapd
