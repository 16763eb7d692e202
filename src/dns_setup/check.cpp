#include "dns_setup/check.h"

#include "dns_setup/judge.h"

#include <utility>

namespace tegami::dns_setup {

namespace {

trust::Evaluation<std::vector<IpAddress>> addresses_of(const dns::Name& host, const trust::DnsAnswers& answers) {
    std::vector<IpAddress> addresses;
    trust::OpenQuestions open;
    for (const dns::Type type : {dns::Type::a, dns::Type::aaaa}) {
        const auto answer = answers.find(host, type);
        if (!answer) {
            merge(open, answer.error());
            continue;
        }
        for (const dns::Record& record : (*answer)->records) {
            const auto* const data = std::get_if<dns::AddressData>(&record.data);
            if (data != nullptr && addresses.size() < kShownMax) addresses.push_back(data->address);
        }
    }
    if (!open.empty()) return failure(std::move(open));
    return addresses;
}

Judgement judge(const Case& it) {
    switch (it.record.purpose) {
    case Purpose::exchanger: return judge_exchanger(it);
    case Purpose::address: return judge_address(it);
    case Purpose::reverse: return judge_reverse(it);
    case Purpose::sender_policy:
    case Purpose::host_policy: return judge_sender_policy(it);
    case Purpose::signing_key: return judge_signing_key(it);
    case Purpose::author_policy: return judge_author_policy(it);
    case Purpose::tls_reports: return judge_tls_reports(it);
    case Purpose::policy: return judge_policy(it);
    case Purpose::policy_host:
    case Purpose::settings_host: return judge_web_host(it);
    case Purpose::tls_key: return judge_tls_key(it);
    case Purpose::next_tls_key: return judge_next_tls_key(it);
    case Purpose::client_service: return judge_client_service(it);
    }
    std::unreachable();
}

} // namespace

trust::Evaluation<std::vector<Finding>> check_records(const Facts& facts, const trust::DnsAnswers& answers,
                                                      Timestamp now) {
    Facts known = facts;
    const bool addresses_known = !facts.host.addresses.empty();
    if (!addresses_known) {
        TRY(known.host.addresses, addresses_of(facts.host.name, answers));
    }
    std::vector<Finding> findings;
    trust::OpenQuestions open;
    std::vector<PlannedRecord> planned = plan_records(known);
    const bool ended = facts.host.has_https && facts.sts_mode == tls_policy::StsMode::none;
    if (ended) planned.push_back(policy_record(known));
    for (const PlannedRecord& record : planned) {
        auto judged = judge(
            {.facts = known, .addresses_known = addresses_known, .record = record, .answers = answers, .now = now});
        // Where there is no policy any more, its record is of interest as long as it is there.
        const bool left_out = ended && record.purpose == Purpose::policy && judged && judged->found.empty();
        if (judged && !left_out)
            findings.push_back(*std::move(judged));
        else if (!judged)
            merge(open, judged.error());
    }
    if (!open.empty()) return failure(std::move(open));
    return findings;
}

std::string_view to_string(State state) {
    switch (state) {
    case State::right: return "right";
    case State::missing: return "missing";
    case State::wrong: return "wrong";
    case State::no_answer: return "no-answer";
    }
    std::unreachable();
}

} // namespace tegami::dns_setup
