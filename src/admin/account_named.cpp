#include "admin/account_named.h"

#include "admin/parameters.h"

#include <fmt/format.h>

#include <utility>

namespace tegami::admin {

async::Awaitable<Result<directory::Account, Refusal>> account_named(const Dependencies* on,
                                                                    message::EmailAddress address) {
    const auto found = co_await on->directory.administration().account_at(address);
    if (!found) co_return failure(refusal_for(found.error()));
    if (*found) co_return **found;
    Refusal none{404, fmt::format("there is no account {}", address.display())};
    Refusal said = co_await about_account(on, std::move(address), std::move(none));
    co_return failure(std::move(said));
}

async::Awaitable<Refusal> about_account(const Dependencies* on, message::EmailAddress address, Refusal refusal) {
    if (refusal.status != 404) co_return refusal;
    const auto alias = co_await on->directory.administration().alias_at(std::move(address));
    if (alias && *alias) refusal.message += ": it is an alias";
    co_return refusal;
}

} // namespace tegami::admin
