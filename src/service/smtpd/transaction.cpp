// MAIL, RCPT and DATA: what the session asks, answered by reception and delivery.
#include "service/smtpd/connection.h"

#include "base/sabotage.h"
#include "message/encoded_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::smtpd {

namespace {

smtp::Reply storage_reply(const store::Error& error) {
    if (error.code == store::ErrorCode::no_space)
        return smtp::make_reply(452, "4.3.1", "the server has no space left, please try again later");
    return smtp::make_reply(451, "4.3.0", "the message cannot be stored now, please try again later");
}

/// 452 for what is full (RFC 5321 §4.2.3): the mailbox, the disk, the list of recipients.
smtp::Reply refusal_reply(const delivery::Refusal& refusal) {
    const bool full = refusal.status == "4.2.2" || refusal.status == "4.3.1" || refusal.status == "4.5.3";
    return smtp::make_reply(refusal.permanent ? 554 : full ? 452 : 451, refusal.status, refusal.text);
}

} // namespace

async::Awaitable<> Connection::check_sender(smtp::CheckSender check) {
    recipients_.clear();
    const auto verdict = co_await service_.reception.check_sender(client(), check.reverse_path);
    queue(session_.sender_checked(verdict));
}

async::Awaitable<> Connection::check_recipient(smtp::CheckRecipient check) {
    const std::uint64_t declared = session_.envelope().declared_size.value_or(0);
    auto accepted = co_await service_.reception.check_recipient(client(), check.recipient.address, declared);
    if (!accepted) {
        record_rejection(check.recipient.address, accepted.error());
        queue(session_.recipient_checked(failure(accepted.error())));
        co_return;
    }
    recipients_.push_back(std::move(*accepted));
    queue(session_.recipient_checked({}));
}

void Connection::begin_message() {
    if (service_.memory.pressed()) {
        queue(session_.message_begun(
            failure(smtp::make_reply(452, "4.3.1", "the server is too busy for another message, please try later"))));
        return;
    }
    journey_ = service_.journeys.new_journey();
    intake_error_.reset();
    filter_.emplace(reception::fields_left_out(listener_.role), settings_->host_name);
    intake_.emplace(service_.store.engine(), ingest::Intake::Guards{service_.memory, service_.workers});
    queue(session_.message_begun({}));
}

async::Awaitable<> Connection::take_bytes(smtp::MessageBytes piece) {
    if (!intake_) co_return;
    co_await keep(filter_->pass(std::move(piece.bytes)));
}

async::Awaitable<> Connection::keep(std::string octets) {
    if (octets.empty()) co_return;
    const auto taken = co_await intake_->append(std::move(octets));
    if (!taken) {
        intake_error_ = taken.error();
        intake_.reset();
    }
}

async::Awaitable<smtp::Reply> Connection::end_message() {
    if (intake_) co_await keep(filter_->finish());
    if (intake_error_) co_return storage_reply(*intake_error_);
    const smtp::Reply reply = co_await take_message();
    intake_.reset();
    recipients_.clear();
    co_return reply;
}

async::Awaitable<smtp::Reply> Connection::take_message() {
    const auto letter = co_await intake_->complete();
    if (!letter) co_return storage_reply(letter.error());
    record_arrival((*letter)->card);
    reception::Offer offer{.client = client(),
                           .reverse_path = session_.envelope().reverse_path,
                           .only_recipient = {},
                           .host_name = settings_->host_name,
                           .journey = journey_,
                           .time = service_.timers.now(),
                           .letter = *letter};
    if (recipients_.size() == 1) offer.only_recipient = recipients_.front().address;
    auto front = co_await service_.reception.decide(std::move(offer));
    if (!front) {
        record_rejection(front.error());
        co_return front.error();
    }
    auto arrival = co_await intake_->store(std::move(front->octets), journey_);
    if (!arrival) co_return storage_reply(arrival.error());
    delivery::Transaction transaction{.reverse_path = session_.envelope().reverse_path,
                                      .recipients = std::move(recipients_),
                                      .arrival = std::move(*arrival),
                                      .content_from = front->for_mailboxes_bytes,
                                      .submitter = identity_ ? identity_->address.to_string() : "",
                                      .origin = stream_->remote_endpoint().address.to_string(),
                                      .journey = journey_};
    co_return co_await deliver(std::move(transaction));
}

async::Awaitable<smtp::Reply> Connection::deliver(delivery::Transaction transaction) {
    if constexpr (kSabotage == Sabotage::reply_before_commit) {
        answered_.emplace(std::move(transaction));
        co_return smtp::make_reply(250, "2.0.0", fmt::format("accepted, {}", journey_));
    }
    const std::vector<delivery::Outcome> outcomes = co_await service_.delivery.accept(std::move(transaction));
    // DATA has one reply for all (RFC 5321 §3.3); accept() refuses all or none.
    const auto refused = std::ranges::find_if(outcomes, [](const delivery::Outcome& outcome) { return !outcome; });
    if (refused == outcomes.end()) co_return smtp::make_reply(250, "2.0.0", fmt::format("accepted, {}", journey_));
    const smtp::Reply reply = refusal_reply(refused->error());
    record_rejection(reply);
    co_return reply;
}

async::Awaitable<> Connection::deliver_answered() {
    if (!answered_) co_return;
    delivery::Transaction transaction = *std::exchange(answered_, std::nullopt);
    const auto late = co_await service_.delivery.accept(std::move(transaction));
    static_cast<void>(late);
}

void Connection::record_arrival(const message::Card& card) const {
    const auto& reverse_path = session_.envelope().reverse_path;
    const std::string sender = reverse_path ? reverse_path->to_string() : "";
    store::JourneyEvent event{.journey = journey_,
                              .time = {},
                              .kind = identity_ ? "submitted" : "received",
                              .fields = {{"from", sender},
                                         {"client", stream_->remote_endpoint().address.to_string()},
                                         {"helo", session_.helo_name()},
                                         {"with", std::string(session_.transmission_type())},
                                         {"tls", tls_text_},
                                         {"size", std::to_string(card.size)}},
                              .message_id = card.message_id.value_or(""),
                              .addresses = {}};
    if (identity_) event.fields.push_back({"account", identity_->address.to_string()});
    if (card.envelope.subject)
        event.fields.push_back({"subject", message::decode_encoded_words(*card.envelope.subject)});
    if (!sender.empty()) event.addresses.push_back(sender);
    for (const reception::AcceptedRecipient& recipient : recipients_) {
        event.fields.push_back({"to", recipient.address.to_string()});
        event.addresses.push_back(recipient.address.to_string());
    }
    service_.journeys.record(std::move(event));
}

/// What became of the whole message.
void Connection::record_rejection(const smtp::Reply& reply) const {
    service_.journeys.record({.journey = journey_,
                              .time = {},
                              .kind = "rejected",
                              .fields = {{"reply", smtp::one_line(reply)}},
                              .message_id = {},
                              .addresses = {}});
}

void Connection::record_rejection(const message::EmailAddress& recipient, const smtp::Reply& reply) const {
    const auto& reverse_path = session_.envelope().reverse_path;
    const std::string sender = reverse_path ? reverse_path->to_string() : "";
    const std::string client_address = stream_->remote_endpoint().address.to_string();
    store::JourneyEvent event{.journey = service_.journeys.new_journey(),
                              .time = {},
                              .kind = "rejected",
                              .fields = {{"from", sender},
                                         {"to", recipient.to_string()},
                                         {"client", client_address},
                                         {"reply", smtp::one_line(reply)}},
                              .message_id = {},
                              .addresses = {recipient.to_string()}};
    if (identity_) {
        service_.journeys.record(std::move(event));
    } else {
        service_.journeys.record_refusal(std::move(event), directory::network_of(client_address));
    }
}

} // namespace tegami::smtpd
