// Creates first, so that what follows may name what is new; then updates, and at last what is destroyed: a draft that takes
// the place of another is there before the other goes.
#include "service/jmapd/email_set.h"

#include "async/turns.h"
#include "protocol/jmap/answers.h"
#include "protocol/jmap/standard.h"
#include "service/jmapd/email_create.h"
#include "service/jmapd/email_patch.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/rights.h"
#include "store/email_update.h"

#include <algorithm>
#include <set>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

/// Patches that are looked at before others have their turn.
constexpr std::size_t kRecordsPerTurn = 8;

/// The work of one call.
class EmailSet {
public:
    EmailSet(Call* call, const jmap::SetArguments* set) : call_(call), set_(set) {}

    async::Awaitable<jmap::SetAnswer> run() {
        co_await create_all();
        for (const std::string& id : set_->destroy)
            destroyed_.insert(resolved(id));
        co_await update_all();
        co_await destroy_all();
        co_return std::move(answer_);
    }

private:
    /// The id that was created in this call for "#new".
    std::string resolved(const std::string& id) const { return call_->batch->created_ids().resolve(id).value_or(id); }

    async::Awaitable<> create_all() {
        for (const auto& [creation_id, email] : set_->create) {
            auto created = co_await create_email(call_, email);
            if (created) {
                call_->batch->created_ids().add(creation_id, std::string(created->at("id").as_string()));
                answer_.created(creation_id, *std::move(created));
            } else {
                answer_.not_created(creation_id, created.error());
            }
            co_await async::give_way();
        }
    }

    async::Awaitable<std::vector<store::StoreResult<>>> carry_out(std::vector<store::EmailUpdate> updates) {
        co_return co_await store::update_emails(call_->entered, call_->reader(), std::move(updates));
    }

    async::Awaitable<> update_all() {
        if (set_->update.empty()) co_return;
        const auto view = co_await view_of(call_);
        std::vector<std::string> ids;
        std::vector<store::EmailUpdate> updates;
        std::set<std::string> seen;
        for (const auto& [text, patch] : set_->update) {
            const std::string id = resolved(text);
            if (!view) {
                answer_.not_updated(id, set_fault(*call_, view.error()));
                continue;
            }
            auto update = co_await plan(*view, id, patch);
            if (update && !seen.insert(id).second)
                update = failure(Fault{.type = "invalidPatch", .description = "the email is there twice"});
            if (update) {
                ids.push_back(id);
                updates.push_back(*std::move(update));
            } else {
                answer_.not_updated(id, update.error());
            }
            if (++records_ % kRecordsPerTurn == 0) {
                co_await async::give_way();
            }
        }
        const auto outcomes = co_await carry_out(std::move(updates));
        for (std::size_t at = 0; at < ids.size(); ++at)
            if (outcomes[at])
                answer_.updated(ids[at]);
            else
                answer_.not_updated(ids[at], set_fault(*call_, outcomes[at].error()));
    }

    async::Awaitable<Result<store::EmailUpdate, Fault>> plan(store::AccountViewPtr view, std::string id,
                                                             const json::object* patch) {
        if (destroyed_.contains(id)) co_return failure(Fault{.type = "willDestroy", .description = {}});
        const auto email = parse_email_id(id);
        const auto state = email ? view->find(*email) : std::nullopt;
        if (!state) co_return failure(Fault{.type = "notFound", .description = {}});
        CO_TRY(store::EmailUpdate update, co_await plan_update(call_, std::move(view), *state, patch));
        CO_TRY_VOID(may_update(*call_, *state, update));
        co_return update;
    }

    async::Awaitable<> destroy_all() {
        std::vector<std::string> ids;
        std::vector<store::EmailUpdate> updates;
        store::AccountViewPtr view;
        if (!call_->is_own() && !destroyed_.empty()) {
            auto seen = co_await view_of(call_);
            if (seen) view = *std::move(seen);
        }
        for (const std::string& id : destroyed_) {
            const auto email = parse_email_id(id);
            const auto may =
                email ? may_destroy(view.get(), *email) : failure(Fault{.type = "notFound", .description = {}});
            if (!may) {
                answer_.not_destroyed(id, may.error());
                continue;
            }
            ids.push_back(id);
            updates.push_back({.email = *email, .destroy = true});
        }
        if (updates.empty()) co_return;
        const auto outcomes = co_await carry_out(std::move(updates));
        for (std::size_t at = 0; at < ids.size(); ++at)
            if (outcomes[at])
                answer_.destroyed(ids[at]);
            else
                answer_.not_destroyed(ids[at], set_fault(*call_, outcomes[at].error()));
    }

    /// `view`: of an account that is not the user's.
    Result<void, Fault> may_destroy(const store::AccountView* view, store::EmailId email) const {
        if (call_->is_own()) return {};
        const auto state = view == nullptr ? std::nullopt : view->find(email);
        if (!state) return failure(Fault{.type = "notFound", .description = {}});
        return may_update(*call_, *state, {.email = email, .destroy = true});
    }

    Call* const call_;
    const jmap::SetArguments* const set_;
    std::set<std::string> destroyed_; ///< resolved
    std::size_t records_ = 0;
    jmap::SetAnswer answer_;
};

} // namespace

async::Awaitable<MethodResult> set_emails(Call* call, const json::object* arguments) {
    jmap::Arguments taken(*arguments, call->batch->created_ids());
    CO_TRY(const jmap::SetArguments set, jmap::take_set(taken, call->batch->created_ids(), call->limits()));
    CO_TRY_VOID(taken.finish());
    CO_TRY_VOID(co_await enter_to_write(call, set.account));
    const std::string old_state = state_of(*call->mailboxes());
    if (set.if_in_state && *set.if_in_state != old_state)
        co_return failure(Fault{.type = "stateMismatch", .description = {}});
    EmailSet work(call, &set);
    jmap::SetAnswer answer = co_await work.run();
    const std::string new_state = state_of(*call->mailboxes());
    co_return std::move(answer).finish(set.account, old_state, new_state);
}

async::Awaitable<MethodResult> email_set(Call* call) {
    co_return co_await set_emails(call, call->arguments);
}

} // namespace tegami::jmapd
