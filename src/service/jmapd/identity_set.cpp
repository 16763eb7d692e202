// Identity/set (RFC 8621 §6.3)
#include "async/turns.h"
#include "protocol/jmap/answers.h"
#include "protocol/jmap/patch.h"
#include "service/jmapd/identities.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

using jmap::Fault;
using store::ObjectId;

constexpr auto kIdentities = store::ObjectKind::identity;

/// The work of one call.
class IdentitySet {
public:
    IdentitySet(Call* call, const jmap::SetArguments* set, Identities identities)
        : call_(call), set_(set), identities_(std::move(identities)), kept_(call->user->account, kIdentities) {}

    async::Awaitable<jmap::SetAnswer> run() {
        for (const auto& [name, wanted] : set_->create) {
            auto created = co_await create(wanted);
            if (created) {
                call_->batch->created_ids().add(name, std::string(created->at("id").as_string()));
                answer_.created(name, *std::move(created));
            } else {
                answer_.not_created(name, created.error());
            }
            co_await async::give_way();
        }
        for (const auto& [id, patch] : set_->update) {
            const std::string name = call_->batch->created_ids().resolve(id).value_or(id);
            const auto updated = co_await update(name, patch);
            if (updated)
                answer_.updated(name);
            else
                answer_.not_updated(name, updated.error());
            co_await async::give_way();
        }
        for (const std::string& id : set_->destroy) {
            const auto destroyed = co_await destroy(id);
            if (destroyed)
                answer_.destroyed(id);
            else
                answer_.not_destroyed(id, destroyed.error());
            co_await async::give_way();
        }
        co_return std::move(answer_);
    }

private:
    async::Awaitable<Result<json::object, Fault>> create(const json::object* wanted) {
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
        json::object created = identity_object(id, identity);
        for (const auto& [name, value] : *wanted)
            if (!value.is_null()) created.erase(name);
        co_return created;
    }

    async::Awaitable<Result<void, Fault>> update(std::string id, const json::object* patch) {
        const auto found = find(id);
        if (found == identities_.all.end()) co_return failure(Fault{.type = "notFound", .description = {}});
        if (std::ranges::find(set_->destroy, id) != set_->destroy.end())
            co_return failure(Fault{.type = "willDestroy", .description = {}});
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
        if (octets == object.octets) co_return Result<void, Fault>();
        object.octets = std::move(octets);
        const auto put = co_await kept_.put(std::move(object));
        if (!put) co_return failure(set_fault(*call_, put.error()));
        co_return co_await look_again();
    }

    async::Awaitable<Result<void, Fault>> destroy(std::string id) {
        const auto found = find(id);
        if (found == identities_.all.end()) co_return failure(Fault{.type = "notFound", .description = {}});
        if (!found->second.made_by_user)
            co_return failure(Fault{.type = "forbidden", .description = "it is there as long as its address is"});
        const auto removed = co_await kept_.remove(found->first);
        if (!removed) co_return failure(set_fault(*call_, removed.error()));
        identities_.all.erase(found);
        co_return Result<void, Fault>();
    }

    std::map<ObjectId, Identity>::const_iterator find(const std::string& id) const {
        const auto object = parse_object_id(kIdentities, id);
        return object ? identities_.all.find(*object) : identities_.all.end();
    }

    async::Awaitable<Result<void, Fault>> look_again() {
        CO_TRY(identities_, co_await current_identities(call_));
        co_return Result<void, Fault>();
    }

    Call* const call_;
    const jmap::SetArguments* const set_;
    Identities identities_;
    const store::AccountObjects kept_;
    jmap::SetAnswer answer_;
};

} // namespace

async::Awaitable<MethodResult> identity_set(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::SetArguments set, jmap::take_set(arguments, call->batch->created_ids(), call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(check_account(*call, set.account));
    CO_TRY(Identities identities, co_await current_identities(call));
    const std::string old_state = state_of(identities.objects.version);
    if (set.if_in_state && *set.if_in_state != old_state)
        co_return failure(Fault{.type = "stateMismatch", .description = {}});
    IdentitySet work(call, &set, std::move(identities));
    jmap::SetAnswer answer = co_await work.run();
    const std::string new_state = state_of(call->account().mailboxes()->version());
    co_return std::move(answer).finish(set.account, old_state, new_state);
}

} // namespace tegami::jmapd
