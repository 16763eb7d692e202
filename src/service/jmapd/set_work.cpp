#include "service/jmapd/set_work.h"

#include "async/turns.h"

#include <algorithm>

namespace tegami::jmapd {

async::Awaitable<jmap::SetAnswer> carry_out(Call* call, const jmap::SetArguments* set, SetWork* work) {
    jmap::SetAnswer answer;
    for (const auto& [name, wanted] : set->create) {
        auto created = co_await work->create(name, wanted);
        if (created) {
            call->batch->created_ids().add(name, std::string(created->at("id").as_string()));
            // The client knows what it has said itself.
            for (const auto& [property, value] : *wanted)
                if (const json::value* const shown = created->if_contains(property);
                    shown != nullptr && *shown == value)
                    created->erase(property);
            answer.created(name, *std::move(created));
        } else {
            answer.not_created(name, created.error());
        }
        co_await async::give_way();
    }
    for (const auto& [id, patch] : set->update) {
        const std::string name = call->batch->created_ids().resolve(id).value_or(id);
        const bool goes = std::ranges::find(set->destroy, name) != set->destroy.end();
        Result<json::object, jmap::Fault> updated =
            failure(jmap::Fault{.type = "willDestroy", .description = "it is destroyed by the same call"});
        if (!goes) {
            auto outcome = co_await work->update(name, patch);
            updated = std::move(outcome);
        }
        if (updated)
            answer.updated(name, *std::move(updated));
        else
            answer.not_updated(name, updated.error());
        co_await async::give_way();
    }
    for (const std::string& id : set->destroy) {
        const auto destroyed = co_await work->destroy(id);
        if (destroyed)
            answer.destroyed(id);
        else
            answer.not_destroyed(id, destroyed.error());
        co_await async::give_way();
    }
    co_return answer;
}

} // namespace tegami::jmapd
