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

/// Whose letter it is, if DMARC says so.
std::optional<message::Domain> proven_author(const verification::Finding* finding) {
    if (finding == nullptr || finding->verdicts.dmarc.result != dmarc::Outcome::pass) return std::nullopt;
    return finding->verdicts.dmarc.author;
}

/// Whose signatures are good, and of the whole letter.
std::vector<message::Domain> signers(const verification::Finding* finding) {
    std::vector<message::Domain> all;
    if (finding == nullptr) return all;
    for (const dkim::SignatureResult& each : finding->verdicts.dkim)
        if (each.fault.reason == dkim::Reason::verified && each.claims.domain && !each.signed_length)
            all.push_back(*each.claims.domain);
    return all;
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
    incoming_ = std::make_unique<arrival::Incoming>(
        arrival::Incoming::Dependencies{.engine = service_.store.engine(),
                                        .guards = {.memory = service_.memory, .workers = service_.workers},
                                        .resolver = service_.resolver,
                                        .timers = service_.timers,
                                        .keys = service_.sender_keys},
        incoming_plan(), service_.journeys.new_journey());
    queue(session_.message_begun({}));
}

/// What comes from outside is examined, and sealed if it is passed on; what our own people send out is signed.
arrival::Incoming::Plan Connection::incoming_plan() const {
    const bool ours = identity_.has_value() || client().trusted;
    const bool leaves =
        std::ranges::any_of(recipients_, [](const reception::AcceptedRecipient& each) { return !each.remote.empty(); });
    return {.left_out = reception::fields_left_out(listener_.role),
            .own_name = settings_->host_name,
            .examined = !ours,
            .is_signed = ours && leaves,
            .is_sealed = !ours && leaves};
}

async::Awaitable<> Connection::take_bytes(smtp::MessageBytes piece) {
    if (incoming_) co_await incoming_->append(std::move(piece.bytes));
}

async::Awaitable<smtp::Reply> Connection::end_message() {
    const smtp::Reply reply = co_await take_message();
    incoming_.reset();
    recipients_.clear();
    co_return reply;
}

async::Awaitable<smtp::Reply> Connection::take_message() {
    const auto letter = co_await incoming_->complete();
    if (!letter) co_return storage_reply(letter.error());
    record_arrival((*letter)->card);
    const auto finding = co_await incoming_->examine({.client = stream_->remote_endpoint().address,
                                                      .helo = session_.helo_name(),
                                                      .reverse_path = session_.envelope().reverse_path,
                                                      .host_name = settings_->host_name,
                                                      .time = service_.timers.now()});
    if (!finding) co_return co_await take_judged(*letter, nullptr);
    record_finding(*finding);
    reception::DmarcAction action =
        reception::dmarc_action(finding->verdicts, (*letter)->header(), settings_->trusted_sealers);
    const bool refused = action.action == dmarc::Policy::reject;
    const bool counted = is_for_people();
    smtp::Reply reply = co_await take_judged(*letter, &*finding);
    // One that is refused for a while comes again.
    if (counted && service_.dmarc_counter != nullptr && (refused || reply.code == 250))
        service_.dmarc_counter->count(*finding, std::move(action));
    co_return reply;
}

/// Whether a recipient is somebody else than this server, which reads reports.
bool Connection::is_for_people() const {
    return std::ranges::any_of(recipients_, [](const reception::AcceptedRecipient& each) {
        return !each.for_server || !each.accounts.empty() || !each.remote.empty();
    });
}

/// A message that has come whole; `finding` is null if nobody had to ask who sent it.
async::Awaitable<smtp::Reply> Connection::take_judged(const ingest::Letter* letter,
                                                      const verification::Finding* finding) {
    const auto& reverse_path = session_.envelope().reverse_path;
    reception::Offer offer{.client = client(),
                           .reverse_path = reverse_path,
                           .only_recipient = {},
                           .host_name = settings_->host_name,
                           .journey = incoming_->journey(),
                           .time = service_.timers.now(),
                           .trusted_sealers = settings_->trusted_sealers,
                           .received_spf = settings_->received_spf,
                           .letter = letter,
                           .finding = finding};
    if (recipients_.size() == 1) offer.only_recipient = recipients_.front().address;
    auto front = co_await service_.reception.decide(std::move(offer));
    if (!front) {
        record_rejection(front.error());
        co_return front.error();
    }
    std::string prefix = co_await signature(front->octets.substr(front->for_mailboxes_bytes), finding);
    auto arrival = co_await incoming_->store(std::move(front->octets));
    if (!arrival) co_return storage_reply(arrival.error());
    delivery::Transaction transaction{.reverse_path = reverse_path,
                                      .recipients = std::move(recipients_),
                                      .arrival = std::move(*arrival),
                                      .content_from = front->for_mailboxes_bytes,
                                      .prefix = std::move(prefix),
                                      .junk = front->junk,
                                      .passed_on = finding != nullptr,
                                      .author = proven_author(finding),
                                      .signers = signers(finding),
                                      .submitter = identity_ ? identity_->address.to_string() : "",
                                      .origin = stream_->remote_endpoint().address.to_string(),
                                      .journey = incoming_->journey()};
    co_return co_await deliver(std::move(transaction));
}

/// What stands in front of a message that leaves here: our signatures of what our people write, our seal of what
/// strangers do. Empty if it does not leave, or nobody's key fits.
async::Awaitable<std::string> Connection::signature(std::string front, const verification::Finding* finding) {
    if (incoming_->is_sealed() && finding != nullptr) {
        // A chain whose keys cannot be asked for now would be sealed as broken for good.
        if (finding->verdicts.arc.is_temporary()) co_return std::string();
        co_return co_await service_.signatures.seal(
            std::move(*incoming_).seal_draft(settings_->default_domain, std::move(front), *finding));
    }
    co_return co_await incoming_->sign(&service_.signatures, std::move(front));
}

async::Awaitable<smtp::Reply> Connection::deliver(delivery::Transaction transaction) {
    const std::string journey = transaction.journey;
    if constexpr (kSabotage == Sabotage::reply_before_commit) {
        answered_.emplace(std::move(transaction));
        co_return smtp::make_reply(250, "2.0.0", fmt::format("accepted, {}", journey));
    }
    const std::vector<delivery::Outcome> outcomes = co_await service_.delivery.accept(std::move(transaction));
    // DATA has one reply for all (RFC 5321 §3.3); accept() refuses all or none.
    const auto refused = std::ranges::find_if(outcomes, [](const delivery::Outcome& outcome) { return !outcome; });
    if (refused == outcomes.end()) co_return smtp::make_reply(250, "2.0.0", fmt::format("accepted, {}", journey));
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
    store::JourneyEvent event{.journey = incoming_->journey(),
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

void Connection::record_finding(const verification::Finding& finding) const {
    store::JourneyEvent event{.journey = incoming_->journey(),
                              .time = {},
                              .kind = "checked",
                              .fields = {},
                              .message_id = {},
                              .addresses = {}};
    auto facts = verification::facts(finding.subject, finding.verdicts);
    event.fields.reserve(facts.size());
    for (auto& [name, value] : facts)
        event.fields.push_back({std::move(name), std::move(value)});
    service_.journeys.record(std::move(event));
}

/// What became of the whole message.
void Connection::record_rejection(const smtp::Reply& reply) const {
    service_.journeys.record({.journey = incoming_->journey(),
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
