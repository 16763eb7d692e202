#include "service/smtpd/incoming.h"

#include "base/assert.h"

#include <utility>

namespace tegami::smtpd {

Incoming::Incoming(const Dependencies& dependencies, Plan plan, std::string journey)
    : journey_(std::move(journey)), filter_(std::move(plan.left_out), std::move(plan.own_name)),
      intake_(std::in_place, dependencies.engine, dependencies.guards) {
    if (plan.examined) {
        examination_.emplace(dependencies.resolver, dependencies.timers, &dependencies.keys,
                             &dependencies.guards.workers);
        intake_->add_tap([this](std::string_view octets) {
            examination_->feed(octets);
            return true;
        });
    }
    if (plan.is_sealed) {
        sealer_.emplace();
        intake_->add_tap([this](std::string_view octets) {
            sealer_->feed(octets);
            return true;
        });
    }
    if (plan.is_signed) {
        signer_.emplace();
        intake_->add_tap([this](std::string_view octets) {
            signer_->feed(octets);
            return true;
        });
    }
}

async::Awaitable<> Incoming::append(std::string octets) {
    co_await keep(filter_.pass(std::move(octets)));
}

async::Awaitable<> Incoming::keep(std::string octets) {
    if (octets.empty() || error_) co_return;
    const auto taken = co_await intake_->append(std::move(octets));
    if (taken) co_return;
    error_ = taken.error();
    intake_.reset();
}

async::Awaitable<store::StoreResult<const ingest::Letter*>> Incoming::complete() {
    co_await keep(filter_.finish());
    if (error_) co_return failure(*error_);
    auto letter = co_await intake_->complete();
    if (letter) letter_ = *letter;
    co_return letter;
}

async::Awaitable<std::optional<verification::Finding>> Incoming::examine(verification::Subject subject) {
    if (!examination_) co_return std::nullopt;
    const message::Header header = letter_->header();
    co_return co_await examination_->finish(std::move(subject), &header);
}

signing::Draft Incoming::draft(message::Domain domain, std::string front) && {
    ASSERT(signer_.has_value());
    signer_->finish();
    return {.domain = std::move(domain),
            .front = std::move(front),
            .header = letter_->header_bytes,
            .signer = *std::move(signer_)};
}

signing::SealDraft Incoming::seal_draft(message::Domain domain, std::string front,
                                        const verification::Finding& finding) && {
    ASSERT(sealer_.has_value());
    sealer_->finish();
    return {.domain = std::move(domain),
            .front = std::move(front),
            .header = letter_->header_bytes,
            .sealer = *std::move(sealer_),
            .status = finding.verdicts.arc.status,
            .results = verification::authentication_results(finding.subject, finding.verdicts)};
}

async::Awaitable<store::StoreResult<ingest::Arrival>> Incoming::store(std::string front) {
    co_return co_await intake_->store(std::move(front), journey_);
}

} // namespace tegami::smtpd
