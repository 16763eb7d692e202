#include "dns_setup/judge.h"
#include "trust/tls_policy/own_policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace tegami::dns_setup {

namespace {

using tls_policy::StsMode;

/// Servers that take the domain's mail too, and that the policy does not name.
std::vector<std::string> exchangers_left_out(const Case& it, const trust::Answer& exchangers) {
    std::vector<std::string> names;
    for (const dns::Record& record : exchangers.records)
        if (const auto* const data = std::get_if<dns::MxData>(&record.data);
            data != nullptr && data->exchange != it.facts.host.name && names.size() < kShownMax)
            names.push_back(data->exchange.to_string());
    return names;
}

std::string advice_about_mode(const Case& it, const std::vector<std::string>& left_out) {
    if (it.facts.sts_mode == StsMode::none)
        return fmt::format("it tells senders that there is no policy any more: leave it and {} as they are for {} days "
                           "after the mode became none, then take both away",
                           "mta-sts." + it.facts.domain.ascii(),
                           std::chrono::duration_cast<std::chrono::days>(tls_policy::kOwnEnforcedAge).count());
    if (left_out.empty()) return {};
    return fmt::format("the policy names this server alone: senders that look at it pass {} over",
                       fmt::join(left_out, ", "));
}

/// Whether somebody else serves the policy: its host has addresses, and none of ours.
trust::Evaluation<bool> is_served_elsewhere(const Case& it) {
    const auto host = dns::Name::parse("mta-sts." + it.facts.domain.ascii());
    trust::OpenQuestions open;
    bool has_addresses = false;
    for (const dns::Type type : {dns::Type::a, dns::Type::aaaa}) {
        const auto answer = it.answers.find(host.value(), type);
        if (answer)
            has_addresses = has_addresses || (*answer)->kind == trust::AnswerKind::records;
        else
            merge(open, answer.error());
    }
    const auto here = leads_here(it, host.value());
    if (!here) merge(open, here.error());
    if (!open.empty()) return failure(std::move(open));
    return has_addresses && !*here;
}

/// What is wrong with the policy that senders get.
Finding judge_fetched_policy(const Case& it, const FetchedPage& fetched, std::vector<std::string> found) {
    const dns::Name& host = it.facts.host.name;
    if (!fetched.problem.empty())
        return finding(
            it, State::wrong,
            fmt::format("other servers cannot fetch the policy ({}): {} must lead to this server's port 443, "
                        "and its certificate, which an authority has signed, must name it",
                        fetched.problem, it.record.name->to_string()),
            std::move(found));
    const auto policy = tls_policy::parse_sts_policy(fetched.octets);
    if (!policy)
        return finding(it, State::wrong, "what is served there is no policy: let this server serve it",
                       std::move(found));
    if (policy->mode != StsMode::none && !policy->allows(host)) {
        Finding wrong = finding(it, State::wrong,
                                fmt::format("the policy that is served there does not name {}: add mx: {} to it, or "
                                            "let this server serve it",
                                            host.to_string(), host.to_string()),
                                std::move(found));
        wrong.suffers = policy->mode == StsMode::enforce;
        return wrong;
    }
    if (policy->mode != it.facts.sts_mode)
        return finding(
            it, State::wrong,
            fmt::format("the policy that is served there is in the mode {}, and the domain's here is {}: let "
                        "this server serve it",
                        to_string(policy->mode), to_string(it.facts.sts_mode)),
            std::move(found));
    return finding(it, State::right, {}, std::move(found));
}

/// What is wrong with the settings that mail programs get.
Finding judge_fetched_settings(const Case& it, const FetchedPage& fetched, std::vector<std::string> found) {
    const std::string host = it.facts.host.name.to_string();
    if (!fetched.problem.empty())
        return finding(it, State::wrong,
                       fmt::format("mail programs cannot fetch their settings ({}): {} must lead to this server's port "
                                   "443, and its certificate must name it",
                                   fetched.problem, it.record.name->to_string()),
                       std::move(found));
    if (!fetched.octets.contains(fmt::format("<hostname>{}</hostname>", host)))
        return finding(
            it, State::wrong,
            fmt::format("the settings that are served there do not lead to {}: let this server serve them", host),
            std::move(found));
    return finding(it, State::right, {}, std::move(found));
}

} // namespace

Judgement judge_policy(const Case& it) {
    trust::OpenQuestions open;
    const auto answer = it.answers.find(*it.record.name, dns::Type::txt);
    if (!answer) merge(open, answer.error());
    const auto domain = dns::Name::parse(it.facts.domain.ascii());
    const auto exchangers = it.answers.find(domain.value(), dns::Type::mx);
    if (!exchangers) merge(open, exchangers.error());
    if (!open.empty()) return failure(std::move(open));
    if ((*answer)->kind == trust::AnswerKind::failure) return unanswered(it);
    // RFC 8461 §3.1: others are ignored; if several are left, there is none.
    std::vector<std::string> found =
        texts_that(**answer, [](std::string_view text) { return text.starts_with("v=STSv1"); });
    if (found.empty()) return absent(it);
    if (found.size() > 1) return several(it, "MTA-STS", std::move(found));
    const auto id = tls_policy::find_sts_id(found);
    if (!id) return finding(it, State::wrong, "other servers cannot read it: replace it", std::move(found));
    if (id != tls_policy::find_sts_id({plain_value(*it.record.data)})) {
        TRY(const bool elsewhere, is_served_elsewhere(it));
        if (elsewhere)
            return finding(it, State::right,
                           "another server serves this policy: see that the id changes whenever the policy does",
                           std::move(found));
        return finding(it, State::wrong,
                       "it has not the id of the policy of now, which senders who know an earlier one do not fetch: "
                       "replace it",
                       std::move(found));
    }
    return finding(it, State::right, advice_about_mode(it, exchangers_left_out(it, **exchangers)), std::move(found));
}

Judgement judge_web_host(const Case& it) {
    trust::OpenQuestions open;
    std::vector<std::string> found;
    bool failed = false;
    for (const dns::Type type : {dns::Type::cname, dns::Type::a, dns::Type::aaaa}) {
        const auto answer = it.answers.find(*it.record.name, type);
        if (!answer) {
            merge(open, answer.error());
            continue;
        }
        failed = failed || (*answer)->kind == trust::AnswerKind::failure;
        std::ranges::move(values_of(**answer), std::back_inserter(found));
    }
    const auto here = leads_here(it, *it.record.name);
    if (!here) merge(open, here.error());
    if (!open.empty()) return failure(std::move(open));
    if (failed) return unanswered(it);
    if (found.empty()) return absent(it);
    if (it.facts.policy && it.record.purpose == Purpose::policy_host)
        return judge_fetched_policy(it, *it.facts.policy, std::move(found));
    const bool has_settings = it.record.purpose == Purpose::settings_host &&
                              *it.record.name == dns::Name::parse("autoconfig." + it.facts.domain.ascii());
    if (it.facts.settings && has_settings) return judge_fetched_settings(it, *it.facts.settings, std::move(found));
    if (*here) return finding(it, State::right, {}, std::move(found));
    return finding(it, State::wrong, fmt::format("it leads to {}, not to this server", fmt::join(found, ", ")),
                   std::move(found));
}

} // namespace tegami::dns_setup
