// The operations on the queue.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "admin/queue_letter.h"
#include "message/card.h"
#include "message/encoded_word.h"
#include "store/journey_marks.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::admin {

namespace {

async::Awaitable<Answer> queue_list(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::uint64_t after, optional_number(request, "from", 0));
    const auto page = co_await on->queue.list(store::QueueId(after), store::kQueuePageMax);
    if (!page) co_return failure(refusal_for(page.error()));
    const auto holds = co_await on->queue.holds().destinations();
    if (!holds) co_return failure(refusal_for(holds.error()));
    json::array entries;
    for (const store::QueuedMessage& queued : page->messages)
        entries.push_back(to_json(queued, on->being_sent, *holds));
    json::object answer{{"entries", std::move(entries)}};
    if (page->more && !page->messages.empty()) answer["next"] = page->messages.back().message.id.value;
    co_return answer;
}

async::Awaitable<Answer> queue_show(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(const std::string name, required_text(request, "letter"));
    CO_TRY(const store::QueueId id, co_await find_letter(on, name));
    const auto entry = co_await on->queue.get(id);
    if (!entry) co_return failure(refusal_about(name, entry.error()));
    const auto holds = co_await on->queue.holds().destinations();
    if (!holds) co_return failure(refusal_for(holds.error()));
    json::object shown = to_json(*entry, on->being_sent, *holds);
    if (!caller.sees_subjects()) co_return shown;
    const auto encoded = co_await on->engine.read_card(entry->message.blob.id);
    if (!encoded) co_return failure(refusal_for(encoded.error()));
    if (const auto card = message::decode_card(*encoded)) {
        if (card->envelope.subject) shown["subject"] = message::decode_encoded_words(*card->envelope.subject);
        shown["preview"] = card->preview;
    }
    co_return shown;
}

async::Awaitable<Answer> queue_retry(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(const std::string name, required_text(request, "letter"));
    CO_TRY(const store::QueueId id, co_await find_letter(on, name));
    const auto entry = co_await on->queue.get(id);
    if (!entry) co_return failure(refusal_about(name, entry.error()));
    const auto holds = co_await on->queue.holds().destinations();
    if (!holds) co_return failure(refusal_for(holds.error()));
    const auto on_hold = [&](const store::QueueItem& item) { return is_on_hold(item, *holds); };
    if (!entry->items.empty() && std::ranges::all_of(entry->items, on_hold))
        co_return failure(Refusal{
            409,
            fmt::format("letter {} is on hold: release it, or its destination, first (tegami queue release)", name)});
    const auto retried = co_await on->queue.retry(id);
    if (!retried) co_return failure(refusal_about(name, retried.error()));
    co_await note_in_journey(on, &entry->message, "retried", {{"by", caller.name()}});
    if (on->queue_changed) on->queue_changed();
    co_return json::object{{"id", id.value}};
}

async::Awaitable<Answer> queue_remove(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(const std::string name, required_text(request, "letter"));
    CO_TRY(const store::QueueId id, co_await find_letter(on, name));
    const auto entry = co_await on->queue.get(id);
    if (!entry && entry.error().code == store::ErrorCode::not_found)
        co_return failure(refusal_about(name, entry.error())); // a damaged one can be removed
    const auto removed = co_await on->queue.remove(id);
    if (!removed) co_return failure(refusal_for(removed.error()));
    if (entry) co_await note_in_journey(on, &entry->message, "removed", {{"by", caller.name()}});
    co_return json::object{{"id", id.value}};
}

/// Of the newest journeys only: what the journeys themselves bound.
async::Awaitable<Answer> queue_refusals(const Dependencies* on, Caller, json::object request) {
    constexpr std::uint64_t kDaysMost = 30;
    CO_TRY(const std::uint64_t days, optional_number(request, "days", 7));
    const Timestamp since = on->timers.now() - std::chrono::days(std::min(days, kDaysMost));
    const auto flushed = co_await on->journeys.flush();
    if (!flushed) co_return failure(refusal_for(flushed.error()));
    const auto found = co_await on->journeys.find_address(std::string(store::kRefusedElsewhere));
    if (!found) co_return failure(refusal_for(found.error()));
    json::array refusals;
    for (const std::string& journey : *found) {
        const auto events = co_await on->journeys.events(journey);
        if (!events) co_return failure(refusal_for(events.error()));
        for (const store::JourneyEvent& event : *events) {
            if (event.kind != "refused" || event.time < since) continue;
            json::object refusal{{"time", print_time(event.time)}};
            for (const store::JourneyField& field : event.fields)
                refusal[field.name] = field.value;
            refusals.push_back(std::move(refusal));
        }
    }
    co_return json::object{{"refusals", std::move(refusals)}};
}

} // namespace

std::span<const Operation> queue_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/queue/list",
         Access::read,
         "",
         queue_list,
         "Letters that wait, a page at a time",
         {{"from", number, "Where to go on: `next` of the page before"}}},
        {"/queue/refusals",
         Access::read,
         "",
         queue_refusals,
         "What other servers refused for good",
         {{"days", number, "How far back; usually 7"}}},
        {"/queue/show",
         Access::read,
         "",
         queue_show,
         "A letter that waits",
         {{"letter", text, "Its name, or its number in the queue", true}}},
        {"/queue/retry",
         Access::change,
         "",
         queue_retry,
         "Tries a letter again at once",
         {{"letter", text, "Its name, or its number in the queue", true}}},
        {"/queue/remove",
         Access::change,
         "",
         queue_remove,
         "Removes a letter; nobody is told",
         {{"letter", text, "Its name, or its number in the queue", true}}},
    };
    return kOperations;
}

} // namespace tegami::admin
