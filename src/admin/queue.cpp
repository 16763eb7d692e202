// The operations on the queue.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "message/card.h"
#include "message/encoded_word.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

Result<store::QueueId, Refusal> required_id(const json::object& request) {
    TRY(const std::uint64_t id, optional_number(request, "id", 0));
    if (id == 0) return failure(Refusal{.status = 400, .message = "id is missing"});
    return store::QueueId(id);
}

Refusal refusal_about(store::QueueId id, const store::Error& error) {
    if (error.code == store::ErrorCode::not_found)
        return {.status = 404, .message = fmt::format("there is no queue entry {}", id.value)};
    return refusal_for(error);
}

async::Awaitable<Answer> queue_list(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::uint64_t after, optional_number(request, "from", 0));
    const auto page = co_await on->queue.list(store::QueueId(after), store::kQueuePageMax);
    if (!page) co_return failure(refusal_for(page.error()));
    json::array entries;
    for (const store::QueuedMessage& queued : page->messages)
        entries.push_back(to_json(queued));
    json::object answer{{"entries", std::move(entries)}};
    if (page->more && !page->messages.empty()) answer["next"] = page->messages.back().message.id.value;
    co_return answer;
}

async::Awaitable<Answer> queue_show(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const store::QueueId id, required_id(request));
    const auto entry = co_await on->queue.get(id);
    if (!entry) co_return failure(refusal_about(id, entry.error()));
    json::object shown = to_json(*entry);
    const auto encoded = co_await on->engine.read_card(entry->message.blob.id);
    if (!encoded) co_return failure(refusal_for(encoded.error()));
    if (const auto card = message::decode_card(*encoded)) {
        if (card->envelope.subject) shown["subject"] = message::decode_encoded_words(*card->envelope.subject);
        shown["preview"] = card->preview;
    }
    co_return shown;
}

async::Awaitable<Answer> queue_retry(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const store::QueueId id, required_id(request));
    const auto retried = co_await on->queue.retry(id);
    if (!retried) co_return failure(refusal_about(id, retried.error()));
    if (on->queue_changed) on->queue_changed();
    co_return json::object{{"id", id.value}};
}

async::Awaitable<Answer> queue_remove(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const store::QueueId id, required_id(request));
    const auto entry = co_await on->queue.get(id);
    if (!entry && entry.error().code == store::ErrorCode::not_found)
        co_return failure(refusal_about(id, entry.error())); // a damaged one can be removed
    const auto removed = co_await on->queue.remove(id);
    if (!removed) co_return failure(refusal_for(removed.error()));
    co_return json::object{{"id", id.value}};
}

} // namespace

std::span<const Operation> queue_operations() {
    static constexpr Operation kOperations[] = {
        {"/queue/list", Access::read, "", queue_list},
        {"/queue/show", Access::read, "", queue_show},
        {"/queue/retry", Access::change, "", queue_retry},
        {"/queue/remove", Access::change, "", queue_remove},
    };
    return kOperations;
}

} // namespace tegami::admin
