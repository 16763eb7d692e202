// One's own account, for whoever is signed in to the web face: /account and what is below it. docs/api-account.md is the contract.
//
// 1. It is always the account of the cookie: no request names another.
// 2. What changes something must come from a page of ours (origin.h).
// 3. What gives somebody a lasting way in, or makes it easier, asks for the password again; but for an app password also for a
//    code, where one is in force.
#pragma once

#include "directory/administration.h"
#include "directory/app_passwords.h"
#include "directory/credentials.h"
#include "directory/second_factors.h"
#include "net/http_routes.h"
#include "service/webd/account_places.h"
#include "service/webd/session_routes.h"
#include "store/store.h"

namespace tegami::webd {

/// What the routes share. What it refers to outlives them.
struct AccountService {
    const SessionService& signing_in;
    directory::AppPasswords& app_passwords;
    directory::SecondFactors& second_factors;
    directory::Credentials& credentials;
    directory::Administration& directory;
    store::Store& store;
    /// Mailboxes that are taken away as files.
    std::unique_ptr<AccountPlaces> exports = std::make_unique<AccountPlaces>();
};

/// `service` outlives the routes.
void add_account_routes(net::HttpRoutes& routes, const AccountService& service);

} // namespace tegami::webd
