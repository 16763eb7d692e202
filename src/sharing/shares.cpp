#include "sharing/shares.h"

#include "async/turns.h"

#include <algorithm>
#include <set>

namespace tegami::sharing {

namespace {

using store::AccountId;
using store::AccountObjects;
using store::AccountPtr;
using store::Error;
using store::ErrorCode;
using store::Object;
using store::ObjectKind;
using store::StoreResult;

bool is_gone(const Error& error) {
    return error.code == ErrorCode::not_found;
}

/// The object that says that `owner` shares something; nothing if there is none.
std::optional<store::ObjectId> find_share(const store::Objects& shares, AccountId owner) {
    for (const Object& object : shares.all)
        if (!object.gone && decode_share(object.octets) == ShareRecord{owner}) return object.id;
    return std::nullopt;
}

/// Before a right is given.
async::Awaitable<StoreResult<>> note_share(AccountPtr grantee, AccountId owner) {
    const AccountObjects kept(std::move(grantee), ObjectKind::share);
    CO_TRY(const store::Objects shares, co_await kept.read());
    if (find_share(shares, owner)) co_return StoreResult<>{};
    const auto count = std::ranges::count(shares.all, false, &Object::gone);
    if (static_cast<std::size_t>(count) >= kOwnersMax)
        co_return failure(Error{ErrorCode::invalid, "too many accounts share something with this one"});
    CO_TRY_VOID(co_await kept.add(encode(ShareRecord{owner})));
    co_return StoreResult<>{};
}

/// After the last right is gone.
async::Awaitable<StoreResult<>> forget_share(AccountPtr grantee, AccountId owner) {
    const AccountObjects kept(std::move(grantee), ObjectKind::share);
    CO_TRY(const store::Objects shares, co_await kept.read());
    const auto share = find_share(shares, owner);
    if (share) {
        CO_TRY_VOID(co_await kept.remove(*share));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> tell(AccountPtr grantee, ShareNews news) {
    const AccountObjects kept(std::move(grantee), ObjectKind::share_news);
    CO_TRY(const store::Objects present, co_await kept.read());
    std::size_t count = 1;
    for (auto object = present.all.rbegin(); object != present.all.rend(); ++object) {
        if (object->gone || ++count <= kShareNewsMax) continue;
        CO_TRY_VOID(co_await kept.remove(object->id));
    }
    CO_TRY_VOID(co_await kept.add(encode(news)));
    co_return StoreResult<>{};
}

} // namespace

async::Awaitable<StoreResult<std::optional<message::EmailAddress>>> Shares::address_of(AccountId account) {
    const auto found = co_await with_.credentials.find_by_id(account);
    if (!found) co_return failure(Error{ErrorCode::unavailable, found.error().message});
    if (!*found) co_return std::optional<message::EmailAddress>();
    co_return (*found)->address;
}

async::Awaitable<StoreResult<std::optional<AccountId>>> Shares::find_account(std::string address) {
    if (!address.contains('@')) co_return std::optional<AccountId>();
    const auto found = co_await with_.credentials.find(std::move(address));
    if (!found) co_return failure(Error{ErrorCode::unavailable, found.error().message});
    if (!*found) co_return std::optional<AccountId>();
    co_return (*found)->account;
}

async::Awaitable<StoreResult<AccountPtr>> Shares::find_shared(AccountId account, AccountId owner) {
    CO_TRY(const auto address, co_await address_of(owner));
    if (!address) co_return AccountPtr();
    auto opened = co_await with_.store.account(owner);
    if (!opened && is_gone(opened.error())) co_return AccountPtr();
    if (!opened) co_return failure(opened.error());
    co_return store::shares_with(*(*opened)->mailboxes(), account) ? *opened : nullptr;
}

async::Awaitable<StoreResult<std::vector<AccountPtr>>> Shares::owners_noted(AccountPtr account, std::size_t count_max) {
    const AccountObjects kept(std::move(account), ObjectKind::share);
    CO_TRY(const store::Objects shares, co_await kept.read());
    std::set<AccountId> owners;
    std::vector<AccountPtr> found;
    for (const Object& object : shares.all) {
        if (found.size() == count_max) break;
        const auto share = object.gone ? std::nullopt : decode_share(object.octets);
        if (!share || !owners.insert(share->owner).second) continue;
        auto opened = co_await with_.store.account(share->owner);
        if (!opened && !is_gone(opened.error())) co_return failure(opened.error());
        if (opened) found.push_back(*std::move(opened));
        co_await async::give_way();
    }
    co_return found;
}

async::Awaitable<StoreResult<std::vector<SharedAccount>>> Shares::shared_with(AccountPtr account) {
    const AccountObjects kept(account, ObjectKind::share);
    CO_TRY(const store::Objects shares, co_await kept.read());
    std::vector<SharedAccount> found;
    for (const Object& object : shares.all) {
        const auto share = object.gone ? std::nullopt : decode_share(object.octets);
        if (!share) continue;
        CO_TRY(const auto address, co_await address_of(share->owner));
        CO_TRY(AccountPtr opened, co_await find_shared(account->id(), share->owner));
        if (address && opened) found.push_back({.address = *address, .account = std::move(opened)});
        co_await async::give_way();
    }
    std::ranges::sort(found, {}, [](const SharedAccount& each) { return each.address.to_string(); });
    co_return found;
}

async::Awaitable<StoreResult<std::vector<Shares::Grantee>>> Shares::grantees(const ShareChange* change) const {
    const store::MailboxPtr mailbox = change->owner->mailboxes()->find(change->mailbox);
    if (!mailbox) co_return failure(Error{ErrorCode::not_found, "mailbox"});
    std::vector<Grantee> all;
    for (const store::GrantChange& grant : change->grants) {
        if (grant.grantee == change->owner->id()) continue;
        const store::Rights before = store::rights_in(mailbox->access, grant.grantee);
        const store::Rights after = (before - grant.remove) | grant.add;
        auto account = co_await with_.store.account(grant.grantee);
        if (!account && (!is_gone(account.error()) || !after.empty())) co_return failure(account.error());
        all.push_back({.change = grant, .before = before, .account = account ? *account : nullptr});
    }
    co_return all;
}

async::Awaitable<StoreResult<>> Shares::change(ShareChange change) {
    const async::Mutex::Lock turn = co_await turn_.lock();
    const AccountId owner = change.owner->id();
    CO_TRY(const std::vector<Grantee> all, co_await grantees(&change));
    store::MailboxUpdate update;
    for (const Grantee& each : all) {
        update.grants.push_back(each.change);
        if (!each.account || each.change.add.empty()) continue;
        CO_TRY_VOID(co_await note_share(each.account, owner));
    }
    CO_TRY_VOID(co_await change.owner->update_mailbox(change.mailbox, std::move(update)));
    // What follows is news and tidiness: what was asked for is done.
    for (const Grantee& each : all) {
        const auto list = change.owner->mailboxes();
        const store::MailboxPtr mailbox = list->find(change.mailbox);
        if (!each.account || !mailbox) continue;
        const store::Rights after = store::rights_in(mailbox->access, each.change.grantee);
        ShareNews news{.owner = owner,
                       .mailbox = change.mailbox,
                       .name = mailbox->name,
                       .changed_by = change.changed_by,
                       .before = each.before,
                       .after = after,
                       .time = with_.clock.now()};
        if (after != each.before && each.change.grantee != change.changed_by) {
            const StoreResult<> told = co_await tell(each.account, std::move(news));
            static_cast<void>(told);
        }
        if (!store::shares_with(*list, each.change.grantee)) {
            const StoreResult<> forgotten = co_await forget_share(each.account, owner);
            static_cast<void>(forgotten);
        }
    }
    co_return StoreResult<>{};
}

} // namespace tegami::sharing
