#include "dns_setup/publication.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tegami::dns_setup {

namespace {

/// How long others may remember a new record; as in the lines for a zone file.
constexpr std::uint32_t kTtlSeconds = 3600;

/// Whether nobody but us has a reason to write there.
bool is_ours_alone(const dns::Name& name) {
    const std::vector<std::string> labels = name.labels();
    if (labels.empty()) return false;
    if (labels.size() > 1 && labels[1] == "_domainkey") return true;
    return labels[0].starts_with('_') && labels[0] != "_dmarc";
}

PublicationStep step(const Finding& finding, Deed deed, std::string words = {}) {
    return {.record = finding.record, .deed = deed, .words = std::move(words)};
}

PublicationStep decide(const Finding& finding, const trust::DnsAnswers& answers) {
    const PlannedRecord& record = finding.record;
    if (finding.state == State::right) return step(finding, Deed::nothing, finding.words);
    if (finding.state == State::no_answer) return step(finding, Deed::unknown, finding.words);
    if (!record.name || !record.data)
        return step(finding, Deed::leave, "this server's address is not known: name it with --address");
    const auto answer = answers.find(*record.name, record.type);
    if (!answer || (*answer)->kind == trust::AnswerKind::failure)
        return step(finding, Deed::unknown, "the DNS gave no answer");
    // RFC 2136 §3.4.2.2: a server would pass over what is added beside a CNAME.
    if (!(*answer)->aliases.empty())
        return step(finding, Deed::leave, "the name is an alias (CNAME), beside which nothing else may stand");
    if (finding.state == State::missing) return step(finding, Deed::add);
    if (is_ours_alone(*record.name)) return step(finding, Deed::replace, finding.words);
    return step(finding, Deed::leave, "somebody wrote it, and it is not ours to change: " + finding.words);
}

SetChange& change_of(std::vector<SetChange>& changes, const PlannedRecord& record, const trust::Answer& answer) {
    const auto found = std::ranges::find_if(changes, [&](const SetChange& each) {
        return each.update.name == *record.name && each.update.type == record.type;
    });
    if (found != changes.end()) return *found;
    SetChange change{.steps = {}, .update = {.zone = {}, .name = *record.name, .type = record.type}};
    std::vector<dns::Data> there;
    for (const dns::Record& each : answer.records)
        there.push_back(each.data);
    change.update.expected = std::move(there);
    // RFC 2181 §5.2: the records of a set have one time to live.
    change.update.ttl_seconds = answer.records.empty() ? kTtlSeconds : answer.records.front().ttl_seconds;
    return changes.emplace_back(std::move(change));
}

/// Interop: BIND refuses an MX whose host has no address yet.
std::vector<SetChange> addresses_first(const std::vector<SetChange>& changes) {
    std::vector<SetChange> in_order;
    for (const bool of_addresses : {true, false})
        std::ranges::copy_if(changes, std::back_inserter(in_order), [of_addresses](const SetChange& change) {
            const dns::Type type = change.update.type;
            return (type == dns::Type::a || type == dns::Type::aaaa) == of_addresses;
        });
    return in_order;
}

} // namespace

Publication plan_publication(const std::vector<Finding>& findings, const trust::DnsAnswers& answers) {
    Publication plan;
    for (const Finding& finding : findings) {
        plan.steps.push_back(decide(finding, answers));
        const PublicationStep& decided = plan.steps.back();
        if (decided.deed != Deed::add && decided.deed != Deed::replace) continue;
        const PlannedRecord& record = decided.record;
        SetChange& change = change_of(plan.changes, record, **answers.find(*record.name, record.type));
        change.steps.push_back(plan.steps.size() - 1);
        change.update.removes_others = change.update.removes_others || decided.deed == Deed::replace;
        change.update.added.push_back(*record.data);
    }
    plan.changes = addresses_first(plan.changes);
    // What is right of a set that is replaced is put back.
    for (SetChange& change : plan.changes) {
        if (!change.update.removes_others) continue;
        for (const Finding& finding : findings)
            if (finding.state == State::right && finding.record.name == change.update.name &&
                finding.record.type == change.update.type && finding.record.data)
                change.update.added.push_back(*finding.record.data);
    }
    return plan;
}

std::string_view to_string(Deed deed) {
    switch (deed) {
    case Deed::nothing: return "nothing";
    case Deed::add: return "add";
    case Deed::replace: return "replace";
    case Deed::leave: return "leave";
    case Deed::unknown: return "unknown";
    }
    std::unreachable();
}

} // namespace tegami::dns_setup
