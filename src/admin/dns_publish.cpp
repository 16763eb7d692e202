// What is missing or wrong of our records in the DNS is changed at the primary name server (RFC 2136).
#include "admin/dns_domain.h"
#include "admin/parameters.h"
#include "base/assert.h"
#include "dns_setup/publication.h"
#include "verification/inquiry.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::admin {

namespace {

using dns_setup::Deed;
using dns_setup::Publication;
using dns_setup::SetChange;

/// What came of one record.
struct Outcome {
    std::string_view name; ///< "right", "added", "replaced", "left", "failed"
    std::string words;
};

Outcome outcome_of(const dns_setup::PublicationStep& step) {
    switch (step.deed) {
    case Deed::nothing: return {"right", step.words};
    case Deed::add: return {"added", step.words};
    case Deed::replace: return {"replaced", step.words};
    case Deed::leave: return {"left", step.words};
    case Deed::unknown: return {"failed", step.words};
    }
    std::unreachable();
}

/// Asks the primary server alone where it knows.
async::Awaitable<Publication> plan_at(const Dependencies* on, const dns_setup::Facts* facts, net::DnsPrimary* primary,
                                      net::Resolver* others) {
    net::PrimaryFirstResolver resolver(*primary, *others);
    verification::Inquiry inquiry(resolver, on->timers);
    using Findings = std::vector<dns_setup::Finding>;
    const trust::Evaluator<Findings> evaluate = [facts, now = on->timers.now()](const trust::DnsAnswers& answers) {
        return dns_setup::check_records(*facts, answers, now);
    };
    const Findings findings = co_await inquiry.settle(evaluate);
    co_return dns_setup::plan_publication(findings, inquiry.answers());
}

/// Of a record that belongs into no zone of the primary server.
Outcome belongs_elsewhere(const net::DnsPrimary& primary) {
    return {"left", fmt::format("the name server {} has no zone that holds it: publish it where it belongs",
                                primary.server().to_string())};
}

/// Nothing if it was made, or would be. `zone`: nothing if the primary server has none for it.
async::Awaitable<std::optional<Outcome>> make_change(net::DnsPrimary* primary, std::optional<dns::Name> zone,
                                                     dns::SetUpdate update, bool dry_run) {
    if (!zone) co_return belongs_elsewhere(*primary);
    if (dry_run) co_return std::nullopt;
    update.zone = *zone;
    const auto made = co_await primary->update(std::move(update));
    if (!made) co_return Outcome{"failed", made.error()};
    co_return std::nullopt;
}

async::Awaitable<std::vector<Outcome>> carry_out(net::DnsPrimary* primary, Publication plan, bool dry_run) {
    std::vector<Outcome> outcomes;
    for (const dns_setup::PublicationStep& step : plan.steps)
        outcomes.push_back(outcome_of(step));
    std::optional<Outcome> away; // the primary server is, and is not waited for again and again
    for (SetChange& change : plan.changes) {
        std::optional<Outcome> other = away;
        if (!away) {
            dns::Name name = change.update.name;
            auto zone = co_await primary->zone_of(std::move(name));
            if (zone) {
                auto made = co_await make_change(primary, *std::move(zone), std::move(change.update), dry_run);
                other = std::move(made);
            } else {
                other = away = Outcome{"failed", zone.error()};
            }
        }
        for (const std::size_t step : change.steps)
            if (other) outcomes[step] = *other;
    }
    // What nobody answers for is no failure where it is not ours to publish.
    for (std::size_t i = 0; i < plan.steps.size() && !away; ++i) {
        std::optional<dns::Name> name = plan.steps[i].record.name;
        if (plan.steps[i].deed != Deed::unknown || !name) continue;
        const auto zone = co_await primary->zone_of(*std::move(name));
        if (zone && !*zone) outcomes[i] = belongs_elsewhere(*primary);
    }
    co_return outcomes;
}

json::object publication_json(const Publication& plan, const std::vector<Outcome>& outcomes) {
    json::array records;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        json::object record = record_json(plan.steps[i].record);
        record["outcome"] = outcomes[i].name;
        record["words"] = outcomes[i].words;
        records.push_back(std::move(record));
    }
    return {{"failed", std::ranges::any_of(outcomes, [](const Outcome& each) { return each.name == "failed"; })},
            {"records", std::move(records)}};
}

} // namespace

async::Awaitable<Answer> dns_publish(const Dependencies* on, Caller, json::object request) {
    CO_TRY(dns_setup::Facts facts, facts_for(on, request));
    // The primary server's own answers carry no proof: whether the zone is signed is not told by them.
    facts.host.has_trust_anchor = false;
    CO_TRY(const std::optional<bool> flag, optional_flag(request, "dry_run"));
    const bool dry_run = flag.value_or(false);
    if (!on->new_primary)
        co_return failure(Refusal{400, "no name server takes changes from here: set dns_update.server in tegami.toml, "
                                       "or publish what tegami dns records prints"});
    const auto primary = on->new_primary();
    if (!primary) co_return failure(Refusal{503, primary.error()});
    const auto resolver = on->new_resolver();
    if (!resolver) co_return failure(Refusal{503, resolver.error()});
    auto name = dns::Name::parse(facts.domain.ascii());
    ASSERT(name.has_value());
    const auto zone = co_await (*primary)->zone_of(*std::move(name));
    if (!zone) co_return failure(Refusal{503, zone.error()});
    const std::string server = (*primary)->server().to_string();
    if (!*zone)
        co_return failure(
            Refusal{409, fmt::format("the name server {} has no zone that holds {}", server, facts.domain.display())});
    const Publication plan = co_await plan_at(on, &facts, primary->get(), resolver->get());
    Publication copy = plan;
    const std::vector<Outcome> outcomes = co_await carry_out(primary->get(), std::move(copy), dry_run);
    json::object answer = start_answer(facts);
    answer["server"] = server;
    answer["dry_run"] = dry_run;
    for (auto& member : publication_json(plan, outcomes))
        answer[member.key()] = std::move(member.value());
    co_return answer;
}

} // namespace tegami::admin
