// Who a request comes from.
#pragma once

#include "async/awaitable.h"
#include "base/result.h"
#include "directory/credentials.h"
#include "net/http.h"
#include "service/jmapd/service.h"
#include "store/account.h"

#include <string>

namespace tegami::jmapd {

struct User {
    directory::Identity identity;
    store::AccountPtr account;
    std::string account_id; ///< in JMAP
    net::Endpoint client{};
};

/// Finds out; a failure is the answer to the request, which may come late. Sets the request's identity.
async::Awaitable<Result<User, net::HttpResponse>> sign_in(Service* service, net::HttpRequest* request);

} // namespace tegami::jmapd
