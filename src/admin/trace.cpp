// The operation that tells what became of letters, as far as they are the caller's to know.
//
// 1. A user sees letters that the account sent or got; a domain administrator those of accounts and addresses of their domains;
//    everybody else all.
// 2. Of a letter somebody sent they see everything but when others read it and where they keep it. Of one they got they see how
//    it came, and nothing of other recipients.
// 3. Nothing that was found and is not theirs differs from what is not there.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "admin/queue_letter.h"
#include "base/ascii.h"

#include <algorithm>
#include <functional>

namespace tegami::admin {

namespace {

/// Limit: journeys of an address that a user is shown, the newest.
constexpr std::size_t kUserJourneysMax = 30;

/// Whether an address is the caller's to look after.
using IsOwn = std::function<bool(std::string_view)>;

IsOwn own_addresses(const Caller& caller) {
    if (caller.is_domain_administrator())
        return [caller](std::string_view text) {
            const auto address = message::parse_email_address(text);
            return address && caller.oversees(address->domain);
        };
    return [key = directory::address_key(*caller.address())](std::string_view text) {
        const auto address = message::parse_email_address(text);
        return address && directory::address_key(*address) == key;
    };
}

/// Whether a field of this name has an address of the caller's.
bool names_own(const store::JourneyEvent& event, std::string_view field, const IsOwn& is_own) {
    return std::ranges::any_of(
        event.fields, [&](const store::JourneyField& each) { return each.name == field && is_own(each.value); });
}

bool is_of(const store::JourneyEvent& event, std::string_view field) {
    return std::ranges::find(event.fields, field, &store::JourneyField::name) != event.fields.end();
}

/// Where somebody else keeps it.
void hide_place(store::JourneyEvent& event) {
    std::erase_if(event.fields,
                  [](const store::JourneyField& field) { return field.name == "mailbox" || field.name == "uid"; });
}

std::vector<store::JourneyEvent> for_sender(std::vector<store::JourneyEvent> events, const IsOwn& is_own) {
    std::erase_if(events, [&](const store::JourneyEvent& event) {
        return event.kind == "retrieved" && !names_own(event, "account", is_own);
    });
    for (store::JourneyEvent& event : events)
        if (event.kind == "stored" && !names_own(event, "account", is_own)) hide_place(event);
    return events;
}

std::vector<store::JourneyEvent> for_recipient(std::vector<store::JourneyEvent> events, const IsOwn& is_own) {
    std::erase_if(events, [&](const store::JourneyEvent& event) {
        const bool of_the_whole = event.kind == "received" || event.kind == "submitted" || event.kind == "checked" ||
                                  (event.kind == "rejected" && !is_of(event, "to"));
        return !of_the_whole && !names_own(event, "account", is_own) && !names_own(event, "to", is_own);
    });
    for (store::JourneyEvent& event : events)
        std::erase_if(event.fields,
                      [&](const store::JourneyField& field) { return field.name == "to" && !is_own(field.value); });
    return events;
}

/// Of a journey, what the caller may see.
std::vector<store::JourneyEvent> visible(const Caller& caller, std::vector<store::JourneyEvent> events) {
    if (!caller.sees_subjects())
        for (store::JourneyEvent& event : events)
            std::erase_if(event.fields, [](const store::JourneyField& field) { return field.name == "subject"; });
    if (caller.oversees_everything()) return events;
    const IsOwn is_own = own_addresses(caller);
    const bool sent = std::ranges::any_of(events, [&](const store::JourneyEvent& event) {
        return event.kind == "submitted" && names_own(event, "account", is_own);
    });
    if (sent) return for_sender(std::move(events), is_own);
    const bool got = std::ranges::any_of(events, [&](const store::JourneyEvent& event) {
        return names_own(event, "to", is_own) || (event.kind == "stored" && names_own(event, "account", is_own));
    });
    return got ? for_recipient(std::move(events), is_own) : std::vector<store::JourneyEvent>();
}

/// A journey id, as it stands in our 250 answer; the number of a letter in the queue; a Message-ID; an address: in
/// this order, the first that is known.
async::Awaitable<Result<std::vector<std::string>, Refusal>> find_journeys(const Dependencies* on, std::string what) {
    std::vector<std::string> found;
    const auto own = co_await on->journeys.events(what);
    if (own && !own->empty()) {
        found.push_back(std::move(what));
        co_return found;
    }
    if (const auto number = ascii::parse_number<std::uint64_t>(what)) {
        const auto queued = co_await on->queue.get(store::QueueId(*number));
        if (queued) found.push_back(queued->message.journey);
        if (queued) co_return found;
    }
    const auto by_message = co_await on->journeys.find_message_id(what);
    if (!by_message) co_return failure(refusal_for(by_message.error()));
    if (!by_message->empty()) co_return *by_message;
    const auto by_address = co_await on->journeys.find_address(what);
    if (!by_address) co_return failure(refusal_for(by_address.error()));
    co_return *by_address;
}

/// What holds a letter up that is on no hold itself: the destinations of it that are.
async::Awaitable<> add_destination_holds(const Dependencies* on, const DestinationHolds* holds,
                                         std::vector<store::JourneyEvent>* events) {
    std::optional<std::uint64_t> number;
    for (const store::JourneyEvent& event : *events)
        for (const store::JourneyField& field : event.fields)
            if (event.kind == "queued" && field.name == "id") number = ascii::parse_number<std::uint64_t>(field.value);
    if (holds->empty() || !number) co_return;
    const auto queued = co_await on->queue.get(store::QueueId(*number));
    if (!queued) co_return; // it has left
    for (const store::QueueItem& item : queued->items) {
        const store::QueueHold* const hold = hold_of(item, *holds);
        if (!hold) continue;
        store::JourneyEvent event{.journey = queued->message.journey,
                                  .time = std::max(hold->since, queued->message.created),
                                  .kind = "destination-stopped",
                                  .fields = {},
                                  .message_id = {},
                                  .addresses = {}};
        for (const store::QueueRecipient& recipient : item.recipients)
            event.fields.push_back({"to", recipient.address.to_string()});
        event.fields.push_back({"domain", std::get<message::Domain>(item.destination).ascii()});
        event.fields.push_back({"by", hold->by});
        if (!hold->reason.empty()) event.fields.push_back({"reason", hold->reason});
        events->push_back(std::move(event));
    }
}

async::Awaitable<Answer> trace(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(std::string what, required_text(request, "what"));
    // The newest events may still wait to be written.
    const auto flushed = co_await on->journeys.flush();
    if (!flushed) co_return failure(refusal_for(flushed.error()));
    CO_TRY(std::vector<std::string> found, co_await find_journeys(on, std::move(what)));
    const auto holds = co_await on->queue.holds().destinations();
    if (!holds) co_return failure(refusal_for(holds.error()));
    if (caller.is_user() && found.size() > kUserJourneysMax) found.resize(kUserJourneysMax);
    json::array events;
    for (const std::string& journey : found) {
        auto of_journey = co_await on->journeys.events(journey);
        if (!of_journey) co_return failure(refusal_for(of_journey.error()));
        co_await add_destination_holds(on, &*holds, &*of_journey);
        for (const store::JourneyEvent& event : visible(caller, *std::move(of_journey)))
            events.push_back(to_json(event));
    }
    co_return json::object{{"events", std::move(events)}};
}

} // namespace

std::span<const Operation> trace_operations() {
    static constexpr Operation kOperations[] = {
        {"/trace",
         Access::own,
         "",
         trace,
         "What happened to letters; users see their own",
         {{"what", Parameter::Kind::text, "A Message-ID, an address, the name of a letter, or its number in the queue",
           true}}},
    };
    return kOperations;
}

} // namespace tegami::admin
