// What the routes below /account share: who asks, and the password that is asked for once more.
#pragma once

#include "async/awaitable.h"
#include "directory/web_sessions.h"
#include "net/http.h"
#include "service/webd/account_request.h"
#include "service/webd/account_routes.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tegami::webd {

/// A request of somebody who is signed in.
struct OwnRequest {
    net::HttpRequest* request = nullptr;
    directory::WebSessions::Found owner;
    AccountRequest said;
    std::string last_segment; ///< of the path: an id
};

using OwnHandler = async::Awaitable<net::HttpResponse> (*)(const AccountService* service, OwnRequest* own);

/// Whether a code is wanted beside the password, where one is in force.
enum class CodeAsked : std::uint8_t { no, yes };

/// Checks the password in the member of this name, and what is in `code` or, of a passkey, in `credential`; the answer if they are
/// not right, or missing.
async::Awaitable<std::optional<net::HttpResponse>> refuse_unproved(const AccountService* service, const OwnRequest* own,
                                                                   std::string member, CodeAsked asked);

/// The answer for an error of the directory.
net::HttpResponse answer_for(const directory::Error& error);

// The handlers of each family, in files of their own.
async::Awaitable<net::HttpResponse> list_app_passwords(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> add_app_password(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> remove_app_password(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> list_passkeys(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> begin_passkey(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> add_passkey(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> remove_passkey(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> begin_totp(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> confirm_totp(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> turn_on_passkeys(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> remove_second_factor(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> renew_recovery_codes(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> list_deleted(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> put_back(const AccountService* service, OwnRequest* own);
async::Awaitable<net::HttpResponse> export_mailbox(const AccountService* service, OwnRequest* own);

} // namespace tegami::webd
