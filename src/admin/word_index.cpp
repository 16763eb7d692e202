// The operations on the word indexes: how far they have come, and making one anew.
#include "admin/account_named.h"
#include "admin/operation.h"
#include "admin/parameters.h"
#include "base/base64.h"
#include "index/indexer.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

async::Awaitable<Answer> words_of_account(const Dependencies* on, directory::Account account) {
    const auto opened = co_await on->store.account(account.id);
    if (!opened) co_return failure(refusal_for(opened.error()));
    const auto status = co_await index::index_status(&on->engine, *opened);
    if (!status) co_return failure(refusal_for(status.error()));
    json::object shown{{"address", account.address.display()},
                       {"emails", status->emails},
                       {"waiting", status->waiting},
                       {"attachments_waiting", nullptr},
                       {"segments", status->segments},
                       {"bytes", status->bytes},
                       {"sound", status->sound}};
    if (status->attachments_waiting) shown["attachments_waiting"] = *status->attachments_waiting;
    co_return shown;
}

async::Awaitable<Answer> index_status(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::optional<std::string> address, optional_text(request, "address"));
    CO_TRY(std::string from, continuation(request));
    directory::Listing<directory::Account> listing;
    if (address) {
        CO_TRY(message::EmailAddress parsed, parse_address(*address));
        CO_TRY(directory::Account account, co_await account_named(on, std::move(parsed)));
        listing.items.push_back(std::move(account));
    } else {
        auto page =
            co_await on->directory.administration().list_accounts(std::nullopt, std::move(from), kListingRowsMax);
        if (!page) co_return failure(refusal_for(page.error()));
        listing = *std::move(page);
    }
    json::array accounts;
    for (const directory::Account& account : listing.items) {
        Answer shown = co_await words_of_account(on, account);
        const bool gone = !shown && shown.error().status == 404; // removed meanwhile
        if (!shown && (address || !gone)) co_return failure(std::move(shown).error());
        if (shown) accounts.emplace_back(*std::move(shown));
    }
    json::object answer{{"accounts", std::move(accounts)}};
    if (!listing.next.empty()) answer["next"] = base64::encode(listing.next);
    co_return answer;
}

async::Awaitable<Answer> index_rebuild(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const auto forgotten = co_await index::forget_index(&on->engine, account.id);
    if (!forgotten) co_return failure(refusal_for(forgotten.error()));
    on->store.appends().tell(account.id);
    co_return json::object{{"address", account.address.display()}};
}

} // namespace

std::span<const Operation> index_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/index/status",
         Access::read,
         "address",
         index_status,
         "How far the word indexes are",
         {{"address", text, "Only this account"}, kFromParameter}},
        {"/index/rebuild",
         Access::change,
         "address",
         index_rebuild,
         "Makes the word index of an account anew",
         {kAddressParameter}},
    };
    return kOperations;
}

} // namespace tegami::admin
