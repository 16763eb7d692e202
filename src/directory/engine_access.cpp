#include "directory/engine_access.h"

#include "base/ascii.h"

#include <fmt/format.h>

namespace tegami::directory {

Error from_store(const store::Error& error) {
    return {.code = ErrorCode::unavailable, .message = "the store cannot answer: " + error.detail};
}

Error damaged(const std::string& key) {
    return {.code = ErrorCode::unavailable,
            .message = fmt::format("the directory record {} is damaged", ascii::printable(key))};
}

Error busy() {
    return {.code = ErrorCode::unavailable, .message = "others change the directory all the time: try again"};
}

bool is_conflict(const store::StoreResult<store::Version>& committed) {
    return !committed && committed.error().code == store::ErrorCode::conflict;
}

async::Awaitable<DirectoryResult<DerivingWith>> deriving_for(store::Engine* engine, AccountId account, Salts fresh,
                                                             PasswordCost cost) {
    const auto others = co_await get_row(engine, records::app_passwords_key(account), &records::decode_app_passwords);
    if (!others) co_return failure(others.error());
    DerivingWith with{.salts = std::move(fresh), .cost = cost, .shared = others->has_value()};
    if (with.shared) {
        with.salts.scram = (*others)->salt;
        with.cost.scram_iterations = (*others)->iterations;
    }
    co_return with;
}

async::Awaitable<DirectoryResult<std::optional<Account>>> account_at(store::Engine* engine, EmailAddress address) {
    co_return co_await get_row(engine, records::account_key(address), &records::decode_account);
}

async::Awaitable<DirectoryResult<std::optional<Alias>>> alias_at(store::Engine* engine, EmailAddress address) {
    co_return co_await get_row(engine, records::alias_key(address), &records::decode_alias);
}

} // namespace tegami::directory
