// What happens to one queue entry that came due.
#include "relay/work.h"

#include "base/ascii.h"
#include "delivery/bounce.h"
#include "ingest/intake.h"
#include "message/encoded_word.h"
#include "reception/trace_header.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::relay {

namespace {

/// Between two tries to write what became of an attempt.
constexpr Duration kFirstWritePause = std::chrono::seconds(5);
constexpr Duration kLongestWritePause = std::chrono::minutes(1);

bool has_more_to_happen(const store::QueueRecipient& recipient) {
    return recipient.state == store::RecipientState::pending || recipient.state == store::RecipientState::deferred;
}

smtp::DeliveryResult internal_result(bool permanent, std::string status, std::string text) {
    smtp::DeliveryResult result;
    result.outcome = permanent ? smtp::Outcome::permanent : smtp::Outcome::temporary;
    result.status = smtp::parse_enhanced_status(status).value_or(smtp::EnhancedStatus{.kind = 4});
    result.text = std::move(text);
    return result;
}

} // namespace

async::Awaitable<> Relay::work_on(store::QueueEntry entry) {
    const store::QueueId id = entry.id;
    const auto work = std::make_shared<Work>(std::move(entry), executor_);
    std::map<std::string, std::vector<std::size_t>> groups;
    for (std::size_t index = 0; index < work->entry.recipients.size(); ++index) {
        const store::QueueRecipient& recipient = work->entry.recipients[index];
        if (!has_more_to_happen(recipient)) continue;
        if (recipient.route == store::RecipientRoute::local) {
            co_await deliver_locally(work, index);
        } else {
            const auto address = message::parse_email_address(recipient.address);
            if (address) {
                groups[address->domain.ascii()].push_back(index);
            } else {
                settle(work, index, internal_result(true, "5.1.3", "this is not an address"), {});
            }
        }
    }
    work->groups_left = groups.size();
    for (auto& [domain, recipients] : groups)
        tasks_.spawn(fmt::format("queue entry {} to {}", id.value, domain), send_group(work, domain, recipients));
    if (!groups.empty()) co_await work->groups_done.wait();
    co_await conclude(work);
    under_way_.erase(id);
    wake_.set();
}

async::Awaitable<> Relay::deliver_locally(WorkPtr work, std::size_t recipient) {
    const auto outcome = co_await needs_.delivery.deliver_queued(work->entry, recipient);
    if (outcome) {
        store::QueueRecipient& delivered = work->entry.recipients[recipient];
        delivered.state = store::RecipientState::delivered;
        delivered.last_attempt = needs_.timers.now();
        ++delivered.attempts;
        work->changed.push_back(recipient);
    } else {
        const delivery::Refusal& refusal = outcome.error();
        settle(work, recipient, internal_result(refusal.permanent, refusal.status, refusal.text), {});
    }
}

/// Writes into the entry what one attempt came to.
void Relay::settle(WorkPtr work, std::size_t recipient, const smtp::DeliveryResult& result, const std::string& server) {
    store::QueueRecipient& to = work->entry.recipients[recipient];
    to.last_attempt = needs_.timers.now();
    ++to.attempts;
    to.last_server = result.reply ? server : "";
    to.last_reply = result.reply ? smtp::one_line(*result.reply)
                                 : fmt::format("{} {}", smtp::to_string(result.status), result.text);
    const bool expired = needs_.timers.now() >= work->entry.expires;
    switch (result.outcome) {
    case smtp::Outcome::delivered: to.state = store::RecipientState::delivered; break;
    case smtp::Outcome::permanent: to.state = store::RecipientState::failed; break;
    case smtp::Outcome::temporary:
        to.state = expired ? store::RecipientState::failed : store::RecipientState::deferred;
        break;
    }
    work->changed.push_back(recipient);
    const char* kind = to.state == store::RecipientState::delivered ? "relayed"
                       : to.state == store::RecipientState::failed  ? "refused"
                                                                    : "deferred";
    record(*work, kind, {{"to", to.address}, {"server", server}, {"reply", to.last_reply}});
}

void Relay::settle_all(WorkPtr work, const std::vector<std::size_t>& recipients, const smtp::DeliveryResult& result) {
    for (const std::size_t recipient : recipients)
        settle(work, recipient, result, {});
}

/// The end of an attempt: what is written down, and the report if there is no next one for somebody. Until it is
/// written the entry stays under way: to try it again would send again what the next server has taken, every few
/// seconds for as long as the disk is full.
async::Awaitable<> Relay::conclude(WorkPtr work) {
    store::QueueEntry& entry = work->entry;
    ++entry.attempts;
    entry.next_due = next_attempt(options_.retry, entry.attempts, needs_.timers.now(), entry.expires, needs_.random);
    Duration pause = kFirstWritePause;
    for (;;) {
        const bool concluded = co_await try_to_conclude(work);
        if (concluded) co_return;
        co_await async::sleep(&needs_.timers, pause);
        pause = std::min(2 * pause, kLongestWritePause);
    }
}

/// True if there is nothing more to write about this attempt.
async::Awaitable<bool> Relay::try_to_conclude(WorkPtr work) {
    store::QueueEntry& entry = work->entry;
    std::vector<std::size_t> failed;
    for (std::size_t index = 0; index < entry.recipients.size(); ++index)
        if (entry.recipients[index].state == store::RecipientState::failed && !entry.recipients[index].reported)
            failed.push_back(index);
    std::optional<store::QueueEntry> report;
    if (!failed.empty()) {
        auto made = co_await make_report(work, failed);
        for (const std::size_t index : failed) {
            entry.recipients[index].reported = made.has_value();
            if (std::ranges::find(work->changed, index) == work->changed.end()) work->changed.push_back(index);
        }
        if (made) report = *std::move(made);
    }
    const bool reported = report.has_value();
    const std::string report_to = reported ? report->recipients.front().address : "";
    const auto concluded = co_await needs_.queue.conclude(entry, work->changed, std::move(report));
    if (concluded) {
        if (reported) record(*work, "bounced", {{"to", report_to}});
        co_return true;
    }
    // The next try makes the report anew: nothing holds on to its octets.
    for (const std::size_t index : failed)
        entry.recipients[index].reported = false;
    needs_.log.error("the queue cannot be written", {{"entry", entry.id.value}, {"reason", concluded.error().detail}});
    // Somebody has removed it from the queue.
    co_return concluded.error().code == store::ErrorCode::not_found;
}

/// The report to the sender as a queue entry; nothing if there is nobody to tell.
async::Awaitable<Result<std::optional<store::QueueEntry>, Relay::Unreported>>
Relay::make_report(WorkPtr work, std::vector<std::size_t> failed) {
    const store::QueueEntry& entry = work->entry;
    // A report about a report would go round for ever (RFC 5321 §4.5.5).
    const auto sender = message::parse_email_address(entry.reverse_path);
    std::optional<directory::Resolution> resolution = directory::UnknownUser{};
    if (sender) {
        auto found = co_await needs_.directory.resolve(*sender);
        resolution.reset();
        if (found) resolution = *std::move(found);
    }
    if (!resolution) co_return failure(Unreported{});
    if (std::holds_alternative<directory::UnknownUser>(*resolution)) {
        record(*work, "discarded", {{"reason", "there is nobody to report to"}});
        co_return std::nullopt;
    }
    delivery::Bounce bounce{.entry = entry,
                            .failed = std::move(failed),
                            .subject = {},
                            .message_id = {},
                            .header = {},
                            .host_name = options_.host_name,
                            .from = needs_.directory.bare_postmaster(),
                            .to = *sender,
                            .now = needs_.timers.now(),
                            .token = needs_.random.token(24)};
    const auto encoded = co_await needs_.store.read_card(entry.blob.id);
    if (encoded) {
        if (const auto card = message::decode_card(*encoded)) {
            if (card->envelope.subject) bounce.subject = message::decode_encoded_words(*card->envelope.subject);
            bounce.message_id = card->message_id.value_or("");
            auto header = co_await needs_.store.read_blob(entry.blob.id, 0,
                                                          std::min<std::uint64_t>(card->header_size, 64 * 1024));
            // Without our Return-Path: it is not the sender's.
            if (header) bounce.header = header->substr(reception::return_path_field(*sender).size());
        }
    }
    ingest::Intake intake(needs_.store.engine());
    std::string text = delivery::build_bounce(bounce);
    std::string journey = needs_.journeys.new_journey();
    const auto taken = co_await intake.append(std::move(text));
    if (!taken) co_return failure(Unreported{});
    const auto letter = co_await intake.complete();
    if (!letter) co_return failure(Unreported{});
    auto arrival = co_await intake.store(reception::return_path_field(std::nullopt), journey);
    if (!arrival) co_return failure(Unreported{});

    delivery::Transaction transaction{.reverse_path = {},
                                      .recipients = {},
                                      .arrival = std::move(*arrival),
                                      .smtputf8 = entry.smtputf8,
                                      .submitter = {},
                                      .origin = {},
                                      .journey = std::move(journey)};
    reception::AcceptedRecipient to{.address = *sender, .accounts = {}, .remote = {}};
    if (const auto* local = std::get_if<directory::Local>(&*resolution)) {
        to.accounts = local->accounts;
        to.remote = local->remote;
    } else {
        to.remote.push_back(*sender);
    }
    transaction.recipients.push_back(std::move(to));
    needs_.journeys.record({.journey = transaction.journey,
                            .time = {},
                            .kind = "reported",
                            .fields = {{"to", sender->to_string()}, {"about", bounce.message_id}},
                            .message_id = transaction.arrival.card.message_id.value_or(""),
                            .addresses = {sender->to_string()}});
    co_return needs_.delivery.make_entry(transaction, delivery::make_plan(transaction.recipients));
}

} // namespace tegami::relay
