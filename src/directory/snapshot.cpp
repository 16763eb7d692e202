#include "directory/snapshot.h"

#include "directory/engine_access.h"

namespace tegami::directory {

async::Awaitable<DirectoryResult<std::optional<StoredAccount>>> stored_account(store::Engine* engine,
                                                                               EmailAddress address) {
    const auto account = co_await account_at(engine, address);
    if (!account) co_return failure(account.error());
    if (!*account) co_return std::nullopt;
    const std::string key = records::credentials_key((*account)->id);
    const auto credentials = co_await get_row(engine, key, &records::decode_credentials);
    if (!credentials) co_return failure(credentials.error());
    if (!*credentials) co_return failure(damaged(key));
    auto app_passwords =
        co_await get_row(engine, records::app_passwords_key((*account)->id), &records::decode_app_passwords);
    if (!app_passwords) co_return failure(app_passwords.error());
    auto second_factor =
        co_await get_row(engine, records::second_factor_key((*account)->id), &records::decode_second_factor);
    if (!second_factor) co_return failure(second_factor.error());
    const auto domain = co_await get_row(engine, records::domain_key(address.domain), &records::decode_domain);
    if (!domain) co_return failure(domain.error());
    co_return StoredAccount{.account = **account,
                            .credentials = **credentials,
                            .app_passwords = *std::move(app_passwords),
                            .second_factor = *std::move(second_factor),
                            .domain = domain->value_or(DomainSettings{.name = address.domain, .catch_all = {}})};
}

async::Awaitable<DirectoryResult<Listing<Account>>> stored_accounts(store::Engine* engine, std::string from,
                                                                    std::size_t count_max) {
    co_return co_await list_rows(engine, records::accounts_of(std::nullopt), std::move(from), count_max,
                                 &records::decode_account);
}

} // namespace tegami::directory
