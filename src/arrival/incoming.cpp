#include "arrival/incoming.h"

#include "base/assert.h"

#include <utility>

namespace tegami::arrival {

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

async::Awaitable<std::string> Incoming::sign(signing::Signatures* signatures, std::string front) {
    if (!signer_) co_return std::string();
    // An author may be among the fields that we have added.
    auto domain = signatures->domain_of(letter_->header());
    if (!domain) domain = signatures->domain_of(message::Header(front));
    if (!domain) co_return std::string();
    signer_->finish();
    signing::Draft draft{.domain = *std::move(domain),
                         .front = std::move(front),
                         .header = letter_->header_bytes,
                         .signer = *std::move(signer_)};
    co_return co_await signatures->sign(std::move(draft));
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

} // namespace tegami::arrival
