#include "admin/queue_letter.h"

#include "admin/parameters.h"
#include "base/ascii.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

Refusal no_letter(std::string_view name) {
    return {.status = 404, .message = fmt::format("there is no letter {} in the queue", name)};
}

} // namespace

Refusal refusal_about(std::string_view name, const store::Error& error) {
    return error.code == store::ErrorCode::not_found ? no_letter(name) : refusal_for(error);
}

async::Awaitable<Result<store::QueueId, Refusal>> find_letter(const Dependencies* on, std::string name) {
    if (const auto number = ascii::parse_number<std::uint64_t>(name)) co_return store::QueueId(*number);
    store::QueueId after;
    while (!name.empty()) {
        const auto page = co_await on->queue.list(after, store::kQueuePageMax);
        if (!page) co_return failure(refusal_for(page.error()));
        for (const store::QueuedMessage& queued : page->messages)
            if (queued.message.journey == name) co_return queued.message.id;
        if (!page->more || page->messages.empty()) break;
        after = page->messages.back().message.id;
    }
    co_return failure(no_letter(name));
}

async::Awaitable<> note_in_journey(const Dependencies* on, const store::QueueMessage* message, std::string kind,
                                   std::vector<store::JourneyField> fields) {
    if (message->journey.empty()) co_return;
    fields.insert(fields.begin(), store::JourneyField{"id", std::to_string(message->id.value)});
    on->journeys.record({.journey = message->journey,
                         .time = {},
                         .kind = std::move(kind),
                         .fields = std::move(fields),
                         .message_id = {},
                         .addresses = {}});
    // Without a server nobody else would write it. That it is written is not what was asked for.
    const auto flushed = co_await on->journeys.flush();
    static_cast<void>(flushed);
}

const store::QueueHold* hold_of(const store::QueueItem& item, const DestinationHolds& holds) {
    const auto* const domain = std::get_if<message::Domain>(&item.destination);
    const auto found = domain ? holds.find(*domain) : holds.end();
    return found == holds.end() ? nullptr : &found->second;
}

bool is_on_hold(const store::QueueItem& item, const DestinationHolds& holds) {
    return item.is_on_hold() || hold_of(item, holds) != nullptr;
}

} // namespace tegami::admin
