#include "service/jmapd/hand_in.h"

#include "arrival/incoming.h"
#include "message/encoded_word.h"
#include "store/part_reader.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

Fault letter_later() {
    return {.type = "serverUnavailable", .description = "the letter cannot be taken now"};
}

Fault fault_for(const delivery::Refusal& refusal) {
    if (refusal.status == "4.3.1") return {.type = "overQuota", .description = refusal.text};
    if (refusal.status == "4.5.3")
        return {.type = "tooManyRecipients",
                .description = refusal.text,
                .more = {{"maxRecipients", delivery::kCopiesMax}}};
    if (refusal.permanent) return {.type = "forbiddenToSend", .description = refusal.text};
    return letter_later();
}

/// Of the whole letter.
Fault refused_letter(const smtp::Reply& reply) {
    if (reply.code == 550) return forbidden_because("forbiddenFrom", reply);
    Fault fault = forbidden_because("invalidEmail", reply);
    if (fault.type == "invalidEmail") fault.names = {"headers"};
    return fault;
}

void record_submitted(const Call& call, const OutgoingLetter& letter, const message::Card& card, std::string journey) {
    const std::string sender = letter.mail_from ? letter.mail_from->to_string() : "";
    store::JourneyEvent event{.journey = std::move(journey),
                              .time = {},
                              .kind = "submitted",
                              .fields = {{"from", sender},
                                         {"client", call.user->client.address.to_string()},
                                         {"with", submitting_client(call).transmission_type},
                                         {"size", std::to_string(card.size)},
                                         {"account", call.user->identity.address.to_string()}},
                              .message_id = card.message_id.value_or(""),
                              .addresses = {}};
    if (card.envelope.subject)
        event.fields.push_back({"subject", message::decode_encoded_words(*card.envelope.subject)});
    if (!sender.empty()) event.addresses.push_back(sender);
    for (const reception::AcceptedRecipient& recipient : letter.recipients) {
        event.fields.push_back({"to", recipient.address.to_string()});
        event.addresses.push_back(recipient.address.to_string());
    }
    call.service->with.outgoing.journeys.record(std::move(event));
}

} // namespace

Fault forbidden_because(std::string type, const smtp::Reply& reply) {
    if (reply.code < 500) return letter_later();
    return {.type = std::move(type), .description = smtp::one_line(reply)};
}

reception::Client submitting_client(const Call& call) {
    return {.role = reception::Role::submission,
            .endpoint = call.user->client,
            .helo_name = {},
            .identity = call.user->identity,
            .trusted = false,
            .tls = {},
            .transmission_type = "JMAP"};
}

async::Awaitable<Result<HandedIn, Fault>> hand_in(Call* call, const OutgoingLetter* out) {
    const jmapd::Dependencies& with = call->service->with;
    const Outgoing& outgoing = with.outgoing;
    const bool leaves = std::ranges::any_of(
        out->recipients, [](const reception::AcceptedRecipient& each) { return !each.remote.empty(); });
    arrival::Incoming incoming({.engine = with.store.engine(),
                                .guards = {.memory = with.memory, .workers = with.workers},
                                .resolver = outgoing.resolver,
                                .timers = with.timers,
                                .keys = outgoing.sender_keys},
                               {.left_out = reception::fields_left_out(reception::Role::submission),
                                .own_name = outgoing.host_name,
                                .is_signed = leaves},
                               outgoing.journeys.new_journey());
    store::PartReader reader(&with.store, {.blob = out->blob.id, .length = out->blob.size});
    for (;;) {
        auto octets = co_await reader.next();
        if (!octets) co_return failure(set_fault(*call, octets.error()));
        if (octets->empty()) break;
        co_await incoming.append(*std::move(octets));
    }
    const auto letter = co_await incoming.complete();
    if (!letter) co_return failure(set_fault(*call, letter.error()));
    record_submitted(*call, *out, (*letter)->card, incoming.journey());
    reception::Offer offer{.client = submitting_client(*call),
                           .reverse_path = out->mail_from,
                           .only_recipient = {},
                           .host_name = outgoing.host_name,
                           .journey = incoming.journey(),
                           .time = with.timers.now(),
                           .trusted_sealers = {},
                           .letter = *letter};
    if (out->recipients.size() == 1) offer.only_recipient = out->recipients.front().address;
    auto front = co_await outgoing.reception.decide(std::move(offer));
    if (!front) {
        outgoing.journeys.record({.journey = incoming.journey(),
                                  .time = {},
                                  .kind = "rejected",
                                  .fields = {{"reply", smtp::one_line(front.error())}},
                                  .message_id = {},
                                  .addresses = {}});
        co_return failure(refused_letter(front.error()));
    }
    std::string prefix = co_await incoming.sign(&outgoing.signatures, front->octets.substr(front->for_mailboxes_bytes));
    auto arrived = co_await incoming.store(std::move(front->octets));
    if (!arrived) co_return failure(set_fault(*call, arrived.error()));
    delivery::Transaction transaction{.reverse_path = out->mail_from,
                                      .recipients = out->recipients,
                                      .arrival = *std::move(arrived),
                                      .content_from = front->for_mailboxes_bytes,
                                      .prefix = std::move(prefix),
                                      .submitter = call->user->identity.address.to_string(),
                                      .origin = call->user->client.address.to_string(),
                                      .journey = incoming.journey()};
    auto queued = co_await outgoing.delivery.enqueue(std::move(transaction), out->hold_until);
    if (!queued) co_return failure(fault_for(queued.error()));
    co_return HandedIn{.journey = incoming.journey(), .queued = *queued};
}

} // namespace tegami::jmapd
