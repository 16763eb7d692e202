// Identity/set (RFC 8621 §6.3)
#include "protocol/jmap/patch.h"
#include "service/jmapd/identities.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/set_work.h"

namespace tegami::jmapd {

namespace {

using jmap::Fault;
using store::ObjectId;

constexpr auto kIdentities = store::ObjectKind::identity;

/// The work of one call.
class IdentitySet final : public SetWork {
public:
    IdentitySet(Call* call, Identities identities)
        : call_(call), identities_(std::move(identities)), kept_(call->user->account, kIdentities) {}

    async::Awaitable<Result<json::object, Fault>> create(std::string /*name*/, const json::object* wanted) override {
        for (const char* const property : {"id", "mayDelete"})
            if (wanted->contains(property))
                co_return failure(jmap::invalid_properties({property}, "the server sets this"));
        CO_TRY(Identity identity, read_identity(*wanted));
        CO_TRY(const bool allowed, co_await may_send_as(call_, identity.email));
        if (!allowed)
            co_return failure(Fault{.type = "forbiddenFrom", .description = "this is no address of the account"});
        identity.made_by_user = true;
        const auto added = co_await kept_.add(encode_identity(identity));
        if (!added) co_return failure(set_fault(*call_, added.error()));
        const std::string id = id_of(kIdentities, *added);
        CO_TRY_VOID(co_await look_again());
        co_return identity_object(id, identity);
    }

    async::Awaitable<Result<json::object, Fault>> update(std::string id, const json::object* patch) override {
        const auto found = find(id);
        if (found == identities_.all.end()) co_return failure(Fault{.type = "notFound", .description = {}});
        const json::object before = identity_object(id, found->second);
        CO_TRY(const json::object after, jmap::apply_patch(before, *patch));
        for (const char* const property : {"id", "email", "mayDelete"}) {
            const json::value* const now = after.if_contains(property);
            if (now == nullptr || *now != before.at(property))
                co_return failure(jmap::invalid_properties({property}, "this cannot be changed"));
        }
        CO_TRY(Identity identity, read_identity(after));
        identity.made_by_user = found->second.made_by_user;
        store::Object object = *identities_.objects.find(found->first);
        std::string octets = encode_identity(identity);
        if (octets == object.octets) co_return json::object();
        object.octets = std::move(octets);
        const auto put = co_await kept_.put(std::move(object));
        if (!put) co_return failure(set_fault(*call_, put.error()));
        CO_TRY_VOID(co_await look_again());
        co_return json::object();
    }

    async::Awaitable<Result<void, Fault>> destroy(std::string id) override {
        const auto found = find(id);
        if (found == identities_.all.end()) co_return failure(Fault{.type = "notFound", .description = {}});
        if (!found->second.made_by_user)
            co_return failure(Fault{.type = "forbidden", .description = "it is there as long as its address is"});
        const auto removed = co_await kept_.remove(found->first);
        if (!removed) co_return failure(set_fault(*call_, removed.error()));
        identities_.all.erase(found);
        co_return Result<void, Fault>();
    }

private:
    std::map<ObjectId, Identity>::const_iterator find(const std::string& id) const {
        const auto object = parse_object_id(kIdentities, id);
        return object ? identities_.all.find(*object) : identities_.all.end();
    }

    async::Awaitable<Result<void, Fault>> look_again() {
        CO_TRY(identities_, co_await current_identities(call_));
        co_return Result<void, Fault>();
    }

    Call* const call_;
    Identities identities_;
    const store::AccountObjects kept_;
};

} // namespace

async::Awaitable<MethodResult> identity_set(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::SetArguments set, jmap::take_set(arguments, call->batch->created_ids(), call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, set.account));
    CO_TRY(Identities identities, co_await current_identities(call));
    const std::string old_state = state_of(identities.objects.version);
    if (set.if_in_state && *set.if_in_state != old_state)
        co_return failure(Fault{.type = "stateMismatch", .description = {}});
    IdentitySet work(call, std::move(identities));
    jmap::SetAnswer answer = co_await carry_out(call, &set, &work);
    const std::string new_state = state_of(*call->mailboxes());
    co_return std::move(answer).finish(set.account, old_state, new_state);
}

} // namespace tegami::jmapd
