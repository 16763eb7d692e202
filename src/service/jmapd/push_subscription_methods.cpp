// PushSubscription/get and PushSubscription/set (RFC 8620 §7.2.1, §7.2.2). Both are about what was made with the same password,
// app password or web session, and nothing else is there.
#include "protocol/jmap/answers.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/push_subscription_object.h"
#include "service/jmapd/set_work.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

using directory::PushSubscription;
using jmap::Fault;

constexpr std::size_t kSubscriptionIdLength = 16;
/// 165 bits of chance.
constexpr std::size_t kVerificationCodeLength = 32;

Fault push_unavailable() {
    return {.type = "serverUnavailable", .description = "subscriptions cannot be read or written now"};
}

async::Awaitable<Result<std::vector<PushSubscription>, Fault>> own_subscriptions(Call* call) {
    const directory::Identity& identity = call->user->identity;
    auto all = co_await call->service->with.push.subscriptions.list(identity.account);
    if (!all) co_return failure(push_unavailable());
    const directory::PushOwner owner = directory::push_owner(identity, call->user->web_session);
    std::erase_if(*all, [&](const PushSubscription& each) { return each.owner != owner; });
    co_return *std::move(all);
}

class PushSubscriptionSet final : public SetWork {
public:
    explicit PushSubscriptionSet(Call* call)
        : call_(call), service_(call->service), account_(call->user->identity.account) {}

    async::Awaitable<Result<json::object, Fault>> create(std::string /*name*/, const json::object* wanted) override {
        const jmapd::Dependencies& with = service_->with;
        CO_TRY(PushSubscription made, read_push_subscription(*wanted, with.timers.now(), with.push.port));
        made.id = with.random.token(kSubscriptionIdLength);
        made.owner = directory::push_owner(call_->user->identity, call_->user->web_session);
        made.code = with.random.token(kVerificationCodeLength);
        if (!service_->new_subscriptions.take(account_, 1, with.timers.instant()))
            co_return failure(Fault{.type = "rateLimit", .description = "too many were made within an hour"});
        const auto added = co_await with.push.subscriptions.add(account_, made);
        if (!added && added.error().code == directory::ErrorCode::invalid)
            co_return failure(Fault{.type = "overQuota", .description = added.error().message});
        if (!added) co_return failure(push_unavailable());
        service_->pusher.wake(account_, made.id);
        json::object shown = push_subscription_object(made);
        if (made.public_key.empty()) shown["keys"] = nullptr;
        co_return shown;
    }

    async::Awaitable<Result<json::object, Fault>> update(std::string id, const json::object* patch) override {
        CO_TRY(const PushSubscription before, co_await find(id));
        const Timestamp now = service_->with.timers.now();
        CO_TRY(const PushSubscription after, patch_push_subscription(before, *patch, now));
        // Of what is kept then: another change may have come first.
        const auto change = [patch, now](PushSubscription& kept) {
            if (auto patched = patch_push_subscription(kept, *patch, now)) kept = *std::move(patched);
        };
        const auto changed = co_await service_->with.push.subscriptions.change(account_, id, change);
        if (!changed) co_return failure(push_unavailable());
        if (!*changed) co_return failure(Fault{.type = "notFound", .description = {}});
        service_->pusher.wake(account_, std::move(id));
        json::object beyond;
        const json::object shown = push_subscription_object(after);
        if (const json::value* const asked = patch->if_contains("expires"))
            if (*asked != shown.at("expires")) beyond["expires"] = shown.at("expires");
        co_return beyond;
    }

    async::Awaitable<Result<void, Fault>> destroy(std::string id) override {
        CO_TRY_VOID(co_await find(id));
        const auto removed = co_await service_->with.push.subscriptions.remove(account_, id);
        if (!removed) co_return failure(push_unavailable());
        if (!*removed) co_return failure(Fault{.type = "notFound", .description = {}});
        service_->pusher.wake(account_, std::move(id));
        co_return Result<void, Fault>();
    }

private:
    async::Awaitable<Result<PushSubscription, Fault>> find(std::string id) {
        CO_TRY(const std::vector<PushSubscription> own, co_await own_subscriptions(call_));
        const auto found = std::ranges::find(own, id, &PushSubscription::id);
        if (found == own.end()) co_return failure(Fault{.type = "notFound", .description = {}});
        co_return *found;
    }

    Call* const call_;
    Service* const service_;
    const store::AccountId account_;
};

} // namespace

async::Awaitable<MethodResult> push_subscription_get(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::GetArguments get, jmap::take_get_of_no_account(arguments, call->limits()));
    CO_TRY_VOID(arguments.finish());
    const std::vector<std::string>& known = push_subscription_properties();
    for (const std::string& property : get.properties.value_or(known)) {
        if (property == "url" || property == "keys")
            co_return failure(Fault{.type = "forbidden", .description = property + " is told to nobody"});
        if (std::ranges::find(known, property) == known.end())
            co_return failure(
                jmap::invalid_arguments({"properties"}, property + " is no property of a push subscription"));
    }
    CO_TRY(const std::vector<PushSubscription> own, co_await own_subscriptions(call));
    json::array list;
    json::array not_found;
    const auto add = [&](const PushSubscription& each) {
        list.emplace_back(only(push_subscription_object(each), get.properties.value_or(known)));
    };
    if (!get.ids) std::ranges::for_each(own, add);
    for (const std::string& id : get.ids.value_or(std::vector<std::string>())) {
        const auto found = std::ranges::find(own, id, &PushSubscription::id);
        if (found == own.end())
            not_found.emplace_back(id);
        else
            add(*found);
    }
    co_return json::object{{"list", std::move(list)}, {"notFound", std::move(not_found)}};
}

async::Awaitable<MethodResult> push_subscription_set(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::SetArguments set,
           jmap::take_set_of_no_account(arguments, call->batch->created_ids(), call->limits()));
    CO_TRY_VOID(arguments.finish());
    PushSubscriptionSet work(call);
    jmap::SetAnswer answer = co_await carry_out(call, &set, &work);
    co_return std::move(answer).finish();
}

} // namespace tegami::jmapd
