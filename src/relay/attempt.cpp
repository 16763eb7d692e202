// What happens to one queue item that came due.
#include "relay/relay.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::relay {

namespace {

/// Between two tries to write what became of an attempt.
constexpr Duration kFirstWritePause = std::chrono::seconds(5);
constexpr Duration kLongestWritePause = std::chrono::minutes(1);

smtp::DeliveryResult internal_result(bool permanent, std::string_view status, std::string text) {
    smtp::DeliveryResult result;
    result.outcome = permanent ? smtp::Outcome::permanent : smtp::Outcome::temporary;
    result.status = smtp::parse_enhanced_status(status).value_or(smtp::EnhancedStatus{.kind = 4});
    result.text = std::move(text);
    return result;
}

} // namespace

async::Awaitable<> Relay::work_on(WorkPtr work) {
    std::string fault;
    try {
        co_await attempt(work);
    } catch (const std::exception& thrown) {
        fault = thrown.what();
    }
    if (!fault.empty()) {
        if (stopping_) co_return; // cancelled
        dependencies_.log.error("a delivery broke off", {{"entry", work->message.id.value}, {"reason", fault}});
        for (std::size_t index = 0; index < work->item.recipients.size(); ++index)
            if (!work->settled[index] && has_more_to_happen(work->item.recipients[index]))
                settle(dependencies_, *work, index,
                       internal_result(false, "4.3.0", "the sending server had a fault of its own"), {});
    }
    co_await conclude(work);
}

async::Awaitable<> Relay::attempt(WorkPtr work) {
    std::vector<std::size_t> recipients;
    for (std::size_t index = 0; index < work->item.recipients.size(); ++index)
        if (has_more_to_happen(work->item.recipients[index])) recipients.push_back(index);
    work->waited_for_report = recipients.empty();
    if (work->waited_for_report) co_return;
    Destination::Place place(work->place);
    const auto* domain = std::get_if<message::Domain>(&work->item.destination);
    if (domain == nullptr) {
        co_await deliver_locally(work);
        place.went_well = true;
    } else if (const ServerResult* down = work->hop.down(dependencies_.timers.instant())) {
        settle_all(dependencies_, *work, recipients, *down);
    } else {
        const bool went_well = co_await sending_.send(work, *domain, std::move(recipients));
        place.went_well = went_well;
        if (work->place_at_smarthost) work->place_at_smarthost->went_well = went_well;
    }
}

async::Awaitable<> Relay::deliver_locally(WorkPtr work) {
    const auto outcome = co_await dependencies_.delivery.deliver_queued(work->message, work->item);
    if (outcome) {
        work->item.recipients.front().state = store::RecipientState::delivered;
        work->settled.front() = true;
    } else {
        const delivery::Refusal& refusal = outcome.error();
        settle(dependencies_, *work, 0, internal_result(refusal.permanent, refusal.status, refusal.text), {});
    }
}

/// The end of an attempt: what is written down, and the report if there is no next one for somebody. Until it is
/// written the item stays under way: to try it again would send again what the next server has taken, every few
/// seconds for as long as the disk is full.
async::Awaitable<> Relay::conclude(WorkPtr work) {
    store::QueueItem& item = work->item;
    ++item.attempts;
    item.next_due = next_attempt(options_.retry, item.attempts, dependencies_.timers.now(), work->message.expires,
                                 dependencies_.random);
    Duration pause = kFirstWritePause;
    for (;;) {
        bool concluded = false;
        try {
            concluded = co_await try_to_conclude(work);
        } catch (const std::exception& thrown) {
            if (stopping_) throw;
            dependencies_.log.error("the queue cannot be written",
                                    {{"entry", work->message.id.value}, {"reason", thrown.what()}});
        }
        if (concluded) co_return;
        co_await async::sleep(&dependencies_.timers, pause);
        pause = std::min(2 * pause, kLongestWritePause);
    }
}

/// True if there is nothing more to write about this attempt.
async::Awaitable<bool> Relay::try_to_conclude(WorkPtr work) {
    const store::QueueMessage& message = work->message;
    const bool failed = std::ranges::any_of(work->item.recipients, has_failed);
    Round& round = under_way_.rounds.at(message.id);
    round.failures = round.failures || failed;
    if ((round.trying == 1 && round.failures) || work->waited_for_report)
        co_return co_await reporting_.report(message, work->item);
    // Others of the message are still under way: their failures and these are one report.
    store::QueueItem item = work->item;
    if (failed) item.next_due = std::min(item.next_due, dependencies_.timers.now() + Duration(kReportPatience));
    const auto concluded = co_await dependencies_.queue.conclude({std::move(item)});
    if (!is_written(dependencies_, concluded, message.id)) co_return false;
    const Round left = work->end_trying();
    // They have ended while this was written; what they and this one left to be reported is due later in any case.
    if (left.trying == 0 && left.failures) co_await reporting_.report(message, std::nullopt, work->item.id);
    co_return true;
}

} // namespace tegami::relay
