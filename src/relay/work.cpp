#include "relay/work.h"

#include "store/journey_marks.h"

#include <fmt/format.h>

namespace tegami::relay {

Work::Work(UnderWay& all, std::size_t& active, Destination& at, Hop through, store::DueItem due)
    : message(std::move(due.message)), item(std::move(due.item)), place(at), hop(*through.destination),
      smarthost(through.smarthost), settled(item.recipients.size()), all_(all), active_(active) {
    if (smarthost != nullptr) place_at_smarthost.emplace(hop);
    ++active_;
    place.under_way.insert(item.id);
    ++all_.rounds[message.id].trying;
}

Work::~Work() {
    end_trying();
    place_at_smarthost.reset();
    place.under_way.erase(item.id);
    --active_;
    if (in_body_) --all_.bodies;
    all_.ended.set();
    all_.wake.set();
}

void Work::begin_body() {
    if (!std::exchange(in_body_, true)) ++all_.bodies;
}

Round Work::end_trying() {
    if (!std::exchange(trying_, false)) return {};
    const auto round = all_.rounds.find(message.id);
    --round->second.trying;
    const Round left = round->second;
    if (left.trying == 0) all_.rounds.erase(round);
    return left;
}

bool has_failed(const store::QueueRecipient& recipient) {
    return recipient.state == store::RecipientState::failed;
}

bool has_more_to_happen(const store::QueueRecipient& recipient) {
    return recipient.is_waiting() && !recipient.hold;
}

std::optional<message::EmailAddress> sender_of(const Dependencies& dependencies, const store::QueueMessage& message) {
    if (!message.passed_on || !message.reverse_path) return message.reverse_path;
    const auto rewritten = dependencies.return_paths.rewrite(*message.reverse_path, dependencies.timers.now());
    return rewritten ? rewritten : message.reverse_path;
}

void settle(const Dependencies& dependencies, Work& work, std::size_t recipient, const smtp::DeliveryResult& result,
            const std::string& server) {
    store::QueueRecipient& to = work.item.recipients[recipient];
    work.settled[recipient] = true;
    to.last_attempt = dependencies.timers.now();
    ++to.attempts;
    to.last_server = result.reply ? server : "";
    // Without a reply our words say what the server did, so its name stands before them.
    to.last_reply = result.reply ? smtp::one_line(*result.reply)
                                 : fmt::format("{} {}{}{}", smtp::to_string(result.status), server,
                                               server.empty() ? "" : " ", result.text);
    const bool expired = dependencies.timers.now() >= work.message.expires;
    switch (result.outcome) {
    case smtp::Outcome::delivered: to.state = store::RecipientState::delivered; break;
    case smtp::Outcome::permanent: to.state = store::RecipientState::failed; break;
    case smtp::Outcome::temporary:
        to.state = expired ? store::RecipientState::failed : store::RecipientState::deferred;
        break;
    }
    const char* kind = to.state == store::RecipientState::delivered ? "relayed"
                       : to.state == store::RecipientState::failed  ? "refused"
                                                                    : "deferred";
    store::JourneyEvent event{
        .journey = work.message.journey,
        .time = {},
        .kind = kind,
        .fields = {{"to", to.address.to_string()}, {"server", to.last_server}, {"reply", to.last_reply}},
        .message_id = {},
        .addresses = {}};
    if (to.state == store::RecipientState::failed && !to.last_server.empty())
        event.addresses.emplace_back(store::kRefusedElsewhere);
    dependencies.journeys.record(std::move(event));
}

void settle_all(const Dependencies& dependencies, Work& work, const std::vector<std::size_t>& recipients,
                const ServerResult& verdict) {
    for (const std::size_t recipient : recipients)
        settle(dependencies, work, recipient, verdict.result, verdict.server);
}

void record(const Dependencies& dependencies, const store::QueueMessage& message, std::string kind,
            std::vector<store::JourneyField> fields) {
    dependencies.journeys.record({.journey = message.journey,
                                  .time = {},
                                  .kind = std::move(kind),
                                  .fields = std::move(fields),
                                  .message_id = {},
                                  .addresses = {}});
}

bool is_written(const Dependencies& dependencies, const store::StoreResult<std::optional<store::QueueId>>& concluded,
                store::QueueId id) {
    if (concluded) return true;
    // An earlier try did arrive, or somebody has removed the message.
    if (concluded.error().code == store::ErrorCode::not_found) return true;
    dependencies.log.error("the queue cannot be written", {{"entry", id.value}, {"reason", concluded.error().detail}});
    return false;
}

} // namespace tegami::relay
