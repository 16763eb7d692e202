// Who a request comes from.
#pragma once

#include "async/awaitable.h"
#include "base/result.h"
#include "directory/credentials.h"
#include "directory/session_registry.h"
#include "net/http.h"
#include "service/jmapd/service.h"
#include "store/account.h"

#include <functional>
#include <memory>
#include <string>

namespace tegami::jmapd {

struct User {
    directory::Identity identity;
    store::AccountPtr account;
    std::string account_id; ///< in JMAP
    net::Endpoint client{};
    std::string web_session; ///< that a browser is signed in with; empty: the password came with the request
};

/// Finds out, by the password (RFC 7617) or a token (RFC 6750) or, where there is none, by the cookie of the web face; a failure is the answer to the
/// request, which may come late. Sets the request's identity.
async::Awaitable<Result<User, net::HttpResponse>> sign_in(Service* service, net::HttpRequest* request);

/// The account of this name, if it is the user's or shares something with the user now; else null.
async::Awaitable<store::StoreResult<store::AccountPtr>> account_of(Service* service, const User* user,
                                                                   std::string account_id);

/// What runs as long as somebody stays signed in: `end` is called on `executor` when the account gets another password or is
/// disabled or removed, or when the web session ends. Null if that has happened a moment ago, or the account cannot be read.
async::Awaitable<std::unique_ptr<directory::SessionRegistry::Entry>>
attend_sign_in(Service* service, const User* user, async::Executor executor, std::function<void()> end);

} // namespace tegami::jmapd
