// MAIL, RCPT and DATA: what the session asks, answered by reception and delivery.
#include "service/smtpd/connection.h"

#include "base/sabotage.h"
#include "message/build.h"
#include "message/encoded_word.h"
#include "reception/trace_header.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace tegami::smtpd {

namespace {

smtp::Reply storage_reply(const store::Error& error) {
    if (error.code == store::ErrorCode::no_space)
        return smtp::make_reply(452, "4.3.1", "the server has no space left, please try again later");
    return smtp::make_reply(451, "4.3.0", "the message cannot be stored now, please try again later");
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
    intake_.emplace(service_.store.engine(), delivery::Intake::Guards{service_.memory, service_.workers},
                    [this](const message::Header& header) {
                        resent_ = header.contains("Resent-From");
                        return front_matter(header);
                    });
    queue(session_.message_begun({}));
}

std::string Connection::front_matter(const message::Header& header) const {
    const reception::Client from = client();
    const Timestamp now = service_.timers.now();
    reception::Trace trace{.by_host = settings_->host_name, .id = journey_, .recipient = {}, .time = now};
    if (recipients_.size() == 1) trace.recipient = recipients_.front().address;
    std::string fields = reception::return_path_field(session_.envelope().reverse_path);
    fields += reception::received_field(from, trace);
    if (identity_) {
        const message::DateTime date{.utc = std::chrono::floor<std::chrono::seconds>(now)};
        fields += message::fields_to_add(message::missing_fields(header), date,
                                         fmt::format("{}@{}", journey_, settings_->host_name), identity_->address);
    }
    return fields;
}

async::Awaitable<> Connection::take_bytes(smtp::MessageBytes piece) {
    if (!intake_) co_return;
    const auto taken = co_await intake_->append(std::move(piece.bytes));
    if (!taken) {
        intake_error_ = taken.error();
        intake_.reset();
    }
}

async::Awaitable<smtp::Reply> Connection::end_message() {
    if (intake_error_) co_return storage_reply(*intake_error_);
    auto arrival = co_await intake_->finish();
    intake_.reset();
    if (!arrival) co_return storage_reply(arrival.error());
    const auto authors = co_await check_authors(&arrival->card);
    if (!authors) co_return authors.error();

    delivery::Transaction transaction{.reverse_path = session_.envelope().reverse_path,
                                      .recipients = std::move(recipients_),
                                      .arrival = std::move(*arrival),
                                      .smtputf8 = session_.envelope().smtputf8,
                                      .submitter = identity_ ? identity_->address.to_string() : "",
                                      .origin = stream_->remote_endpoint().address.to_string(),
                                      .journey = journey_};
    recipients_.clear();
    record_arrival(transaction);
    if constexpr (kSabotage == Sabotage::reply_before_commit) {
        const auto executor = co_await boost::asio::this_coro::executor;
        boost::asio::co_spawn(executor, service_.delivery.accept(std::move(transaction)), boost::asio::detached);
        co_return smtp::make_reply(250, "2.0.0", fmt::format("accepted, {}", journey_));
    }
    const auto accepted = co_await service_.delivery.accept(std::move(transaction));
    if (accepted) co_return smtp::make_reply(250, "2.0.0", fmt::format("accepted, {}", journey_));
    const delivery::Refusal& refusal = accepted.error();
    service_.journeys.record({.journey = journey_,
                              .time = {},
                              .kind = "rejected",
                              .fields = {{"reply", refusal.status + " " + refusal.text}},
                              .message_id = {},
                              .addresses = {}});
    const int code = refusal.permanent ? 554 : refusal.status == "4.3.1" || refusal.status == "4.2.2" ? 452 : 451;
    co_return smtp::make_reply(code, refusal.status, refusal.text);
}

/// A user's From must be the user's too, or every recipient would believe what only the envelope refuses. A message
/// that is sent again as it was (RFC 5322 §3.6.6) keeps its authors; its envelope sender has been checked.
async::Awaitable<Result<void, smtp::Reply>> Connection::check_authors(const message::Card* card) {
    if (!identity_ || resent_) co_return Result<void, smtp::Reply>{};
    for (const message::HeaderAddress& author : card->envelope.from) {
        const auto address = author.email();
        if (author.kind != message::HeaderAddress::Kind::mailbox || !address) continue;
        CO_TRY_VOID(co_await service_.reception.check_sender(client(), address));
    }
    co_return Result<void, smtp::Reply>{};
}

void Connection::record_arrival(const delivery::Transaction& transaction) const {
    const message::Card& card = transaction.arrival.card;
    const std::string sender = transaction.reverse_path ? transaction.reverse_path->to_string() : "";
    store::JourneyEvent event{.journey = journey_,
                              .time = {},
                              .kind = identity_ ? "submitted" : "received",
                              .fields = {{"from", sender},
                                         {"client", transaction.origin},
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
    for (const reception::AcceptedRecipient& recipient : transaction.recipients) {
        event.fields.push_back({"to", recipient.address.to_string()});
        event.addresses.push_back(recipient.address.to_string());
    }
    service_.journeys.record(std::move(event));
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
