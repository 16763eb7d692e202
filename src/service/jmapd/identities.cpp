#include "service/jmapd/identities.h"

#include <algorithm>
#include <set>

namespace tegami::jmapd {

namespace {

using store::ObjectId;

jmap::Fault directory_fault() {
    return {.type = "serverUnavailable", .description = "the directory cannot be read now"};
}

/// What has to be done about the identities for them to be as the directory is.
struct Difference {
    std::vector<std::pair<ObjectId, std::string>> leave; ///< and what is remembered of them
    std::vector<Identity> come;

    bool is_none() const { return leave.empty() && come.empty(); }
};

async::Awaitable<Result<Identities, jmap::Fault>> read_identities(Call* call) {
    const store::AccountObjects kept(call->user->account, store::ObjectKind::identity);
    auto objects = co_await kept.read();
    if (!objects) co_return failure(method_fault(*call, objects.error()));
    Identities identities{.objects = *std::move(objects), .all = {}};
    for (const store::Object& object : identities.objects.all)
        if (auto identity = decode_identity(object.octets); identity && !object.gone)
            identities.all.emplace(object.id, *std::move(identity));
    co_return identities;
}

/// The last settings of the identity that the address had before.
json::object settings_before(const Identities& identities, const std::string& key) {
    json::object settings = usual_identity_settings();
    for (const store::Object& object : identities.objects.all) {
        const auto identity = object.gone ? decode_identity(object.octets) : std::nullopt;
        if (identity && !identity->made_by_user && directory::address_key(identity->email) == key)
            settings = identity->settings;
    }
    return settings;
}

async::Awaitable<Result<Difference, jmap::Fault>> difference_of(Call* call, const Identities* identities) {
    const auto addresses = co_await call->service->with.outgoing.directory.addresses_of(call->user->identity.account);
    if (!addresses) co_return failure(directory_fault());
    std::map<std::string, message::EmailAddress> missing;
    for (const message::EmailAddress& address : *addresses)
        missing.emplace(directory::address_key(address), address);
    const std::map<std::string, message::EmailAddress> own = missing;
    Difference difference;
    for (const auto& [id, identity] : identities->all) {
        const std::string key = directory::address_key(identity.email);
        if (identity.made_by_user) {
            CO_TRY(const bool allowed, co_await may_send_as(call, identity.email));
            if (!allowed) difference.leave.emplace_back(id, "");
        } else if (missing.erase(key) == 0) {
            difference.leave.emplace_back(id, encode_identity(identity));
        }
    }
    // The account's own address is the first one, and so is its identity.
    for (const message::EmailAddress& address : *addresses) {
        const std::string key = directory::address_key(address);
        if (missing.contains(key))
            difference.come.push_back({.email = address, .settings = settings_before(*identities, key)});
    }
    co_return difference;
}

async::Awaitable<Result<void, jmap::Fault>> write_difference(Call* call, Difference difference) {
    const store::AccountObjects kept(call->user->account, store::ObjectKind::identity);
    for (const auto& [id, remembered] : difference.leave) {
        const auto removed = co_await kept.remove(id, remembered);
        if (!removed && removed.error().code != store::ErrorCode::not_found)
            co_return failure(method_fault(*call, removed.error()));
    }
    for (const Identity& identity : difference.come) {
        const auto added = co_await kept.add(encode_identity(identity));
        if (!added) co_return failure(method_fault(*call, added.error()));
    }
    co_return Result<void, jmap::Fault>();
}

} // namespace

async::Awaitable<Result<bool, jmap::Fault>> may_send_as(Call* call, message::EmailAddress address) {
    const auto allowed =
        co_await call->service->with.outgoing.directory.may_send_as(call->user->identity.account, std::move(address));
    if (!allowed) co_return failure(directory_fault());
    co_return *allowed;
}

async::Awaitable<Result<Identities, jmap::Fault>> current_identities(Call* call) {
    CO_TRY(Identities identities, co_await read_identities(call));
    CO_TRY(const Difference difference, co_await difference_of(call, &identities));
    if (difference.is_none()) co_return identities;
    // Two requests that find the same address missing must not make two identities of it.
    const async::Mutex::Lock lock = co_await call->service->new_identities.lock();
    CO_TRY(identities, co_await read_identities(call));
    CO_TRY(Difference now, co_await difference_of(call, &identities));
    CO_TRY_VOID(co_await write_difference(call, std::move(now)));
    co_return co_await read_identities(call);
}

} // namespace tegami::jmapd
