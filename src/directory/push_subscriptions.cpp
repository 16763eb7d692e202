#include "directory/push_subscriptions.h"

#include "directory/engine_access.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tegami::directory {

namespace {

using Subscriptions = std::vector<PushSubscription>;

store::Update kept_as(const std::string& key, const Subscriptions& all) {
    store::Update update;
    if (all.empty())
        update.operations.emplace_back(store::Delete{key});
    else
        update.operations.emplace_back(store::Put{key, records::encode(all)});
    return update;
}

/// How many there were.
std::size_t erase_those(Subscriptions& all, const std::vector<std::string>& ids) {
    return std::erase_if(all,
                         [&](const PushSubscription& each) { return std::ranges::find(ids, each.id) != ids.end(); });
}

} // namespace

PushOwner push_owner(const Identity& identity, std::string_view web_session) {
    if (!web_session.empty()) return {.web_session = std::string(web_session)};
    if (!identity.app_password.empty()) return {.app_password = identity.app_password};
    return {.credentials_version = identity.credentials_version};
}

async::Awaitable<DirectoryResult<std::string>> PushSubscriptions::server_key(std::string fresh) {
    const auto decide = [&](std::optional<std::string> kept) -> DirectoryResult<store::Update> {
        store::Update update;
        if (kept)
            fresh = *std::move(kept);
        else
            update.operations.emplace_back(store::Put{records::push_key_key(), records::encode_octets(fresh)});
        return update;
    };
    const auto updated =
        co_await update_row(&dependencies_.engine, records::push_key_key(), &records::decode_octets, decide);
    if (!updated) co_return failure(updated.error());
    co_return fresh;
}

async::Awaitable<DirectoryResult<>> PushSubscriptions::add(AccountId account, PushSubscription subscription) {
    // Those that have ended make room.
    const auto there = co_await list(account);
    if (!there) co_return failure(there.error());
    const auto address = co_await get_row(&dependencies_.engine, records::id_key(account), &records::decode_address);
    if (!address) co_return failure(address.error());
    const Error gone{.code = ErrorCode::not_found, .message = "the account has changed a moment ago"};
    if (!*address) co_return failure(gone);
    // No row of an account that is gone: the id must still be there.
    const store::KeyAssertion exists{.key = records::id_key(account), .value = records::encode(**address)};
    const std::string key = records::push_subscriptions_key(account);
    const auto decide = [&](std::optional<Subscriptions> row) -> DirectoryResult<store::Update> {
        Subscriptions all = std::move(row).value_or(Subscriptions());
        if (all.size() >= kPushSubscriptionsMax)
            return failure(Error{.code = ErrorCode::invalid, .message = "there are too many subscriptions"});
        all.push_back(subscription);
        store::Update update = kept_as(key, all);
        update.assertions.push_back(exists);
        return update;
    };
    const auto added = co_await update_row(&dependencies_.engine, key, &records::decode_push_subscriptions, decide);
    if (!added) co_return failure(added.error());
    // An end before this look is seen by it, one after it is seen by the next.
    const auto now = co_await list(account);
    if (!now) co_return failure(now.error());
    if (std::ranges::find(*now, subscription.id, &PushSubscription::id) == now->end()) co_return failure(gone);
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<std::vector<PushSubscription>>> PushSubscriptions::list(AccountId account) {
    auto row = co_await get_row(&dependencies_.engine, records::push_subscriptions_key(account),
                                &records::decode_push_subscriptions);
    if (!row) co_return failure(row.error());
    Subscriptions all = std::move(*row).value_or(Subscriptions());
    if (all.empty()) co_return all;
    const auto over = co_await ended(account, &all);
    if (!over) co_return failure(over.error());
    if (over->empty()) co_return all;
    erase_those(all, *over);
    const auto taken_out = co_await take_out(account, *over);
    if (!taken_out) co_return failure(taken_out.error());
    co_return all;
}

/// The ids of those that have ended.
async::Awaitable<DirectoryResult<std::vector<std::string>>> PushSubscriptions::ended(AccountId account,
                                                                                     const Subscriptions* all) {
    store::Engine* const engine = &dependencies_.engine;
    const auto address = co_await get_row(engine, records::id_key(account), &records::decode_address);
    if (!address) co_return failure(address.error());
    std::optional<Account> owner;
    if (*address) {
        auto found = co_await account_at(engine, **address);
        if (!found) co_return failure(found.error());
        owner = *std::move(found);
    }
    const auto web = co_await get_row(engine, records::web_sessions_key(account), &records::decode_web_sessions);
    if (!web) co_return failure(web.error());
    const auto stored = co_await get_row(engine, records::app_passwords_key(account), &records::decode_app_passwords);
    if (!stored) co_return failure(stored.error());
    const Timestamp now = dependencies_.clock.now();
    std::set<std::string> alive; // web sessions and app passwords
    if (*web)
        for (const WebSession& session : **web)
            if (!is_over(session, now)) alive.insert("w" + session.id);
    if (*stored)
        for (const AppPassword& password : (*stored)->passwords)
            alive.insert("p" + password.id);
    const auto has_ended = [&](const PushSubscription& each) {
        if (!owner || owner->id != account || !owner->enabled || each.expires <= now) return true;
        if (!each.owner.web_session.empty()) return !alive.contains("w" + each.owner.web_session);
        if (!each.owner.app_password.empty()) return !alive.contains("p" + each.owner.app_password);
        return each.owner.credentials_version != owner->credentials_version;
    };
    std::vector<std::string> ids;
    for (const PushSubscription& each : *all)
        if (has_ended(each)) ids.push_back(each.id);
    co_return ids;
}

async::Awaitable<DirectoryResult<bool>> PushSubscriptions::change(AccountId account, std::string id,
                                                                  std::function<void(PushSubscription&)> change) {
    const std::string key = records::push_subscriptions_key(account);
    bool found = false;
    const auto decide = [&](std::optional<Subscriptions> row) -> DirectoryResult<store::Update> {
        Subscriptions all = std::move(row).value_or(Subscriptions());
        const auto one = std::ranges::find(all, id, &PushSubscription::id);
        found = one != all.end();
        if (!found) return store::Update();
        PushSubscription changed = *one;
        change(changed);
        if (changed == *one) return store::Update();
        *one = std::move(changed);
        return kept_as(key, all);
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_push_subscriptions, decide);
    if (!updated) co_return failure(updated.error());
    co_return found;
}

async::Awaitable<DirectoryResult<bool>> PushSubscriptions::remove(AccountId account, std::string id) {
    std::vector<std::string> ids{std::move(id)};
    co_return co_await take_out(account, std::move(ids));
}

async::Awaitable<DirectoryResult<bool>> PushSubscriptions::take_out(AccountId account, std::vector<std::string> ids) {
    const std::string key = records::push_subscriptions_key(account);
    bool found = false;
    const auto decide = [&](std::optional<Subscriptions> row) -> DirectoryResult<store::Update> {
        Subscriptions all = std::move(row).value_or(Subscriptions());
        found = erase_those(all, ids) != 0;
        return found ? kept_as(key, all) : store::Update();
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_push_subscriptions, decide);
    if (!updated) co_return failure(updated.error());
    co_return found;
}

async::Awaitable<DirectoryResult<std::vector<AccountId>>> PushSubscriptions::accounts() {
    std::vector<AccountId> all;
    KeyRange keys = records::all_push_subscriptions();
    store::Scan scan(&dependencies_.engine, kShard, {.begin = std::move(keys.begin), .end = std::move(keys.end)});
    while (scan.more()) {
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (const store::Row& row : page->rows)
            if (const auto id = records::decode_id_key(row.key)) all.push_back(*id);
    }
    co_return all;
}

std::unique_ptr<SessionRegistry::Entry> PushSubscriptions::attend(AccountId account, const PushOwner& owner,
                                                                  async::Executor executor, std::function<void()> end) {
    return dependencies_.sessions.add(account, std::move(executor), std::move(end),
                                      {.web_session = owner.web_session, .app_password = owner.app_password});
}

} // namespace tegami::directory
