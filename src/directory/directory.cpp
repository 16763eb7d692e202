#include "directory/directory.h"

namespace tegami::directory {

Directory::Directory(Dependencies dependencies, DirectoryOptions options)
    : options_(std::move(options)), known_networks_(dependencies.store.engine(), dependencies.clock),
      signing_keys_(dependencies.store.engine()), roles_(dependencies.store.engine()),
      domains_(dependencies.store.engine()), lookup_(dependencies.store.engine(), domains_, options_.default_domain),
      credentials_({.engine = dependencies.store.engine(),
                    .workers = dependencies.workers,
                    .random = dependencies.random,
                    .default_domain = options_.default_domain,
                    .cost = options_.cost}),
      new_accounts_({.store = dependencies.store,
                     .domains = domains_,
                     .workers = dependencies.workers,
                     .clock = dependencies.clock,
                     .random = dependencies.random,
                     .cost = options_.cost}),
      removed_accounts_({.store = dependencies.store,
                         .domains = domains_,
                         .sessions = sessions_,
                         .roles = roles_,
                         .clock = dependencies.clock},
                        options_.retention),
      administration_({.store = dependencies.store,
                       .domains = domains_,
                       .lookup = lookup_,
                       .new_accounts = new_accounts_,
                       .removed_accounts = removed_accounts_,
                       .sessions = sessions_,
                       .signing_keys = signing_keys_,
                       .roles = roles_,
                       .workers = dependencies.workers,
                       .random = dependencies.random,
                       .cost = options_.cost}),
      app_passwords_({.engine = dependencies.store.engine(),
                      .credentials = credentials_,
                      .sessions = sessions_,
                      .workers = dependencies.workers,
                      .clock = dependencies.clock,
                      .random = dependencies.random}),
      second_factors_({.engine = dependencies.store.engine(),
                       .sessions = sessions_,
                       .roles = roles_,
                       .clock = dependencies.clock,
                       .random = dependencies.random,
                       .required_for_roles = options_.second_factor_for_roles}),
      passkeys_({.engine = dependencies.store.engine(), .clock = dependencies.clock, .random = dependencies.random}),
      web_sessions_({.engine = dependencies.store.engine(),
                     .credentials = credentials_,
                     .second_factors = second_factors_,
                     .sessions = sessions_,
                     .clock = dependencies.clock,
                     .random = dependencies.random}),
      push_subscriptions_({.engine = dependencies.store.engine(), .sessions = sessions_, .clock = dependencies.clock}) {
}

async::Awaitable<DirectoryResult<std::unique_ptr<Directory>>> Directory::open(Dependencies dependencies,
                                                                              DirectoryOptions options) {
    std::unique_ptr<Directory> directory(new Directory(dependencies, std::move(options)));
    const auto domains = co_await directory->domains_.load();
    if (!domains) co_return failure(domains.error());
    const auto signing_keys = co_await directory->signing_keys_.load();
    if (!signing_keys) co_return failure(signing_keys.error());
    const auto roles = co_await directory->roles_.load();
    if (!roles) co_return failure(roles.error());
    const auto secret = co_await directory->credentials_.load_secret();
    if (!secret) co_return failure(secret.error());
    const auto removals = co_await directory->removed_accounts_.begin();
    if (!removals) co_return failure(removals.error());
    co_return directory;
}

} // namespace tegami::directory
