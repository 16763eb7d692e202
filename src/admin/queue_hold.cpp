// The operations that stop letters, let them go, and give them up: one letter, one of its recipients, or all for a destination.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "admin/queue_letter.h"
#include "base/visible.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tegami::admin {

namespace {

/// Limit: octets of a reason; it goes into letters and on one line of a listing.
constexpr std::size_t kReasonBytesMax = 500;
/// Limit: recipients that one event of a journey names.
constexpr std::size_t kNamedMax = 50;

/// What a request is about: a letter, or a destination.
struct Target {
    std::string letter;
    std::optional<message::Domain> destination;
    store::QueueChoice chosen; ///< of the recipients of each letter
};

Result<Target, Refusal> target_of(const json::object& request) {
    Target target;
    TRY(const auto letter, optional_text(request, "letter"));
    TRY(const auto recipient, optional_text(request, "recipient"));
    TRY(const auto destination, optional_text(request, "destination"));
    if (letter.has_value() == destination.has_value())
        return failure(Refusal{400, "name either a letter or a destination"});
    if (recipient && !letter) return failure(Refusal{400, "a recipient needs the letter"});
    target.letter = letter.value_or("");
    if (recipient) {
        TRY(target.chosen.recipient, parse_address(*recipient));
    }
    if (destination) {
        TRY(target.destination, parse_domain(*destination));
        target.chosen.destination = store::QueueDestination(*target.destination);
    }
    return target;
}

Result<std::string, Refusal> reason_of(const json::object& request) {
    TRY(const auto reason, optional_text(request, "reason"));
    if (reason && reason->size() > kReasonBytesMax)
        return failure(Refusal{400, fmt::format("the reason is longer than {} octets", kReasonBytesMax)});
    return visible(reason.value_or(""));
}

/// One address after the other, each once.
std::vector<store::JourneyField> named(const store::QueueHolds::Recipients& recipients) {
    std::vector<store::JourneyField> fields;
    for (const message::EmailAddress& address : recipients)
        if (fields.size() < kNamedMax) fields.push_back({"to", address.to_string()});
    return fields;
}

json::object letter_answer(store::QueueId id, const store::QueueHolds::Recipients& recipients) {
    json::array to;
    for (const message::EmailAddress& address : recipients)
        to.emplace_back(address.to_string());
    return {{"id", id.value}, {"recipients", std::move(to)}};
}

Refusal nobody_there(const Target& target) {
    return {409, target.chosen.recipient ? fmt::format("letter {} does not wait for {}", target.letter,
                                                       target.chosen.recipient->to_string())
                                         : fmt::format("nothing of letter {} is still to be tried", target.letter)};
}

async::Awaitable<Answer> queue_hold(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(const Target target, target_of(request));
    CO_TRY(const std::string reason, reason_of(request));
    store::QueueHold hold{.since = on->timers.now(), .by = caller.name(), .reason = reason};
    if (target.destination) {
        if (on->directory.administration().domains()->contains(*target.destination))
            co_return failure(
                Refusal{409, fmt::format("{} is a domain of this server: what is for it does not wait to be sent",
                                         target.destination->ascii())});
        const auto held = co_await on->queue.holds().hold_destination(*target.destination, std::move(hold));
        if (!held && held.error().code == store::ErrorCode::invalid)
            co_return failure(Refusal{409, held.error().detail});
        if (!held) co_return failure(refusal_for(held.error()));
        co_return json::object{{"destination", target.destination->ascii()}};
    }
    CO_TRY(const store::QueueId id, co_await find_letter(on, target.letter));
    const auto entry = co_await on->queue.get(id);
    if (!entry) co_return failure(refusal_about(target.letter, entry.error()));
    const auto held = co_await on->queue.holds().hold(id, target.chosen, std::move(hold));
    if (!held) co_return failure(refusal_about(target.letter, held.error()));
    if (held->empty()) co_return failure(nobody_there(target));
    std::vector<store::JourneyField> fields = named(*held);
    fields.push_back({"by", caller.name()});
    if (!reason.empty()) fields.push_back({"reason", reason});
    co_await note_in_journey(on, &entry->message, "stopped", std::move(fields));
    co_return letter_answer(id, *held);
}

async::Awaitable<Answer> queue_release(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(const Target target, target_of(request));
    if (target.destination) {
        const auto released = co_await on->queue.holds().release_destination(*target.destination);
        if (!released) co_return failure(refusal_for(released.error()));
        if (!*released) co_return failure(Refusal{409, fmt::format("{} is not on hold", target.destination->ascii())});
        if (on->queue_changed) on->queue_changed();
        co_return json::object{{"destination", target.destination->ascii()}};
    }
    CO_TRY(const store::QueueId id, co_await find_letter(on, target.letter));
    const auto entry = co_await on->queue.get(id);
    if (!entry) co_return failure(refusal_about(target.letter, entry.error()));
    const auto released = co_await on->queue.holds().release(id, target.chosen);
    if (!released) co_return failure(refusal_about(target.letter, released.error()));
    if (released->empty()) {
        const auto holds = co_await on->queue.holds().destinations();
        for (const store::QueueItem& item : entry->items)
            if (holds && hold_of(item, *holds))
                co_return failure(
                    Refusal{409, fmt::format("letter {0} waits because {1} is on hold: release {1}", target.letter,
                                             std::get<message::Domain>(item.destination).ascii())});
        co_return failure(Refusal{409, fmt::format("letter {} is not on hold", target.letter)});
    }
    std::vector<store::JourneyField> fields = named(*released);
    fields.push_back({"by", caller.name()});
    co_await note_in_journey(on, &entry->message, "released", std::move(fields));
    if (on->queue_changed) on->queue_changed();
    co_return letter_answer(id, *released);
}

/// Gives up what is chosen of a letter; nobody if nothing of that is still to be tried.
async::Awaitable<Result<store::QueueHolds::Recipients, Refusal>> give_up(const Dependencies* on, const Caller* caller,
                                                                         const store::QueuedMessage* entry,
                                                                         store::QueueChoice chosen, std::string reply) {
    const store::QueueMessage& message = entry->message;
    // Until then nothing happens to it, not even a report.
    const bool whole = std::ranges::all_of(entry->items, [&](const store::QueueItem& item) {
        return std::ranges::all_of(item.recipients,
                                   [&](const auto& each) { return !each.is_waiting() || chosen.has(item, each); });
    });
    const std::string name = message.journey.empty() ? std::to_string(message.id.value) : message.journey;
    if (message.is_held() && !whole)
        co_return failure(
            Refusal{409, fmt::format("the sender wants letter {} to wait until {}: it can be given up as a "
                                     "whole only",
                                     name, print_time(*message.held_until))});
    auto given_up = co_await on->queue.holds().give_up(message.id, std::move(chosen), reply);
    if (!given_up) co_return failure(refusal_about(name, given_up.error()));
    for (std::size_t at = 0; at < std::min(given_up->size(), kNamedMax); ++at)
        co_await note_in_journey(on, &message, "refused",
                                 {{"to", given_up->at(at).to_string()}, {"by", caller->name()}, {"reply", reply}});
    if (message.is_held()) {
        const auto due = co_await on->queue.retry(message.id);
        if (!due) co_return failure(refusal_about(name, due.error()));
    }
    co_return *std::move(given_up);
}

async::Awaitable<Answer> queue_bounce(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(const Target target, target_of(request));
    CO_TRY(const std::string reason, reason_of(request));
    // RFC 3463 §3.8: refused by whoever decides here.
    const std::string reply =
        "5.7.1 " + (reason.empty() ? std::string("the administrator of this server does not send it on") : reason);
    if (!target.destination) {
        CO_TRY(const store::QueueId id, co_await find_letter(on, target.letter));
        const auto entry = co_await on->queue.get(id);
        if (!entry) co_return failure(refusal_about(target.letter, entry.error()));
        CO_TRY(const auto given_up, co_await give_up(on, &caller, &*entry, target.chosen, reply));
        if (given_up.empty()) co_return failure(nobody_there(target));
        if (on->queue_changed) on->queue_changed();
        json::object answer = letter_answer(id, given_up);
        answer["sender"] = entry->message.reverse_path ? entry->message.reverse_path->to_string() : "";
        co_return answer;
    }
    std::uint64_t letters = 0;
    store::QueueId after;
    for (bool more = true; more;) {
        const auto page = co_await on->queue.list(after, store::kQueuePageMax);
        if (!page) co_return failure(refusal_for(page.error()));
        for (const store::QueuedMessage& entry : page->messages) {
            after = entry.message.id;
            const auto given_up = co_await give_up(on, &caller, &entry, target.chosen, reply);
            // Those that have left meanwhile, or that their senders hold for others, too.
            if (!given_up && given_up.error().status == 503) co_return failure(given_up.error());
            if (given_up && !given_up->empty()) ++letters;
        }
        more = page->more && !page->messages.empty();
    }
    if (on->queue_changed) on->queue_changed();
    co_return json::object{{"destination", target.destination->ascii()}, {"letters", letters}};
}

async::Awaitable<Answer> queue_holds(const Dependencies* on, Caller, json::object) {
    const auto holds = co_await on->queue.holds().destinations();
    if (!holds) co_return failure(refusal_for(holds.error()));
    json::array all;
    for (const auto& [domain, hold] : *holds) {
        json::object shown = to_json(hold);
        shown["destination"] = domain.ascii();
        all.push_back(std::move(shown));
    }
    co_return json::object{{"destinations", std::move(all)}};
}

constexpr Parameter kLetter{"letter", Parameter::Kind::text, "Its name, or its number in the queue"};
constexpr Parameter kRecipient{"recipient", Parameter::Kind::text, "Only this recipient of the letter"};
constexpr Parameter kDestination{"destination", Parameter::Kind::text, "Instead of a letter: all for this mail domain"};

} // namespace

std::span<const Operation> queue_hold_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/queue/hold",
         Access::change,
         "",
         queue_hold,
         "Stops a letter until it is released, or all for a destination, also what comes",
         {kLetter, kRecipient, kDestination, {"reason", text, "Why, for people"}}},
        {"/queue/release",
         Access::change,
         "",
         queue_release,
         "Ends a hold: what was stopped is tried at once",
         {kLetter, kRecipient, kDestination}},
        {"/queue/bounce",
         Access::change,
         "",
         queue_bounce,
         "Gives up a letter, or all that waits for a destination; the senders are told at once",
         {kLetter, kRecipient, kDestination, {"reason", text, "Why, for the senders"}}},
        {"/queue/holds", Access::read, "", queue_holds, "Destinations on hold", {}},
    };
    return kOperations;
}

} // namespace tegami::admin
