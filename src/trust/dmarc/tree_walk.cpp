#include "trust/dmarc/tree_walk.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace tegami::dmarc {

using message::Domain;
using trust::AnswerKind;
using trust::Evaluation;

namespace {

/// The domain made of the last `labels` labels.
Domain shortened(const Domain& domain, std::size_t labels) {
    std::string_view text = domain.ascii();
    std::size_t at = text.size();
    for (std::size_t count = 0; count < labels; ++count) {
        at = text.rfind('.', at - 1);
        if (at == std::string_view::npos) return domain;
    }
    // The end of a host name, cut at a dot, is a host name.
    return Domain::parse(text.substr(at + 1)).value();
}

std::size_t count_labels(const Domain& domain) {
    return static_cast<std::size_t>(std::ranges::count(domain.ascii(), '.')) + 1;
}

/// RFC 9989 §4.10, steps 3 to 7: the domain, then at most seven names above it down to the single label.
std::vector<Domain> names_of_walk(const Domain& domain) {
    std::vector<Domain> names{domain};
    for (std::size_t labels = std::min(count_labels(domain), kWalkNamesMax) - 1; labels > 0; --labels)
        names.push_back(shortened(domain, labels));
    return names;
}

/// RFC 9989 §4.10, steps 2 and 6: several records are none.
std::optional<Record> only_record(const trust::Answer& answer) {
    std::optional<Record> only;
    for (const std::string& text : trust::texts(answer)) {
        auto record = parse_record(text);
        if (!record) continue;
        if (only) return std::nullopt;
        only = std::move(record);
    }
    return only;
}

/// RFC 9989 §4.10.2, applied to a walk that ended.
Domain select_organizational(const Domain& start, const std::vector<FoundRecord>& found) {
    for (const FoundRecord& each : found) {
        if (each.record.psd == PublicSuffix::no) return each.domain;
        if (each.record.psd == PublicSuffix::yes && each.domain != start)
            return shortened(start, count_labels(each.domain) + 1);
    }
    return found.empty() ? start : found.back().domain;
}

} // namespace

const Record* TreeWalk::at(const Domain& domain) const {
    const auto there = std::ranges::find(found, domain, &FoundRecord::domain);
    return there == found.end() ? nullptr : &there->record;
}

Evaluation<TreeWalk> walk_tree(const Domain& domain, const trust::DnsAnswers& answers) {
    TreeWalk walk;
    if (domain.is_address_literal()) {
        walk.organizational = domain;
        return walk;
    }
    trust::OpenQuestions open;
    bool failed = false;
    bool ended = false;
    for (const Domain& name : names_of_walk(domain)) {
        // A name that is too long for the DNS with its prefix has no record.
        const auto question = dns::Name::parse("_dmarc." + name.ascii());
        if (!question || ended) continue;
        const auto answer = answers.find(*question, dns::Type::txt);
        if (!answer) {
            merge(open, answer.error());
            continue;
        }
        // What lies behind an open question does not matter yet.
        if (!open.empty()) continue;
        if ((*answer)->kind == AnswerKind::failure) {
            failed = true;
            if (name == domain) walk.own_failed = true;
        } else if (auto record = only_record(**answer)) {
            ended = record->psd != PublicSuffix::unknown;
            walk.found.push_back({.domain = name, .record = *std::move(record)});
        }
    }
    if (!open.empty()) return failure(std::move(open));
    if (!failed) walk.organizational = select_organizational(domain, walk.found);
    return walk;
}

Evaluation<std::optional<Domain>> organizational_domain(const Domain& domain, const trust::DnsAnswers& answers) {
    TRY(TreeWalk walk, walk_tree(domain, answers));
    return std::move(walk.organizational);
}

bool is_within(const Domain& domain, const Domain& ancestor) {
    const std::string_view text = domain.ascii();
    const std::string_view end = ancestor.ascii();
    return domain == ancestor ||
           (text.size() > end.size() && text.ends_with(end) && text[text.size() - end.size() - 1] == '.');
}

} // namespace tegami::dmarc
