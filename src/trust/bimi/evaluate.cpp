#include "trust/bimi/evaluate.h"

#include "trust/dmarc/tree_walk.h"

#include <fmt/format.h>

#include <utility>

namespace tegami::bimi {

using message::Domain;
using trust::DnsAnswers;
using trust::Evaluation;

namespace {

/// What is at one name.
struct LookUp {
    enum class Kind : std::uint8_t { nothing, one, several, failed };

    Kind kind = Kind::nothing;
    Result<Record, RecordFault> record = Record();
};

/// §7.2, steps 3 and 4.
Evaluation<LookUp> look_up(std::string_view selector, const Domain& domain, const DnsAnswers& answers) {
    LookUp found;
    const auto name = dns::Name::parse(fmt::format("{}._bimi.{}", selector, domain.ascii()));
    // A name that is too long for the DNS has no record.
    if (!name) return found;
    TRY(const trust::Answer* answer, answers.find(*name, dns::Type::txt));
    if (answer->kind == trust::AnswerKind::failure) found.kind = LookUp::Kind::failed;
    for (const std::string& text : trust::texts(*answer)) {
        if (!is_record(text)) continue;
        if (found.kind == LookUp::Kind::one) {
            found.kind = LookUp::Kind::several;
            break;
        }
        found.kind = LookUp::Kind::one;
        found.record = parse_record(text);
    }
    return found;
}

/// §7.1, steps 7 to 9, of one record.
bool is_enforcing(const dmarc::Record& record) {
    return record.applicable && record.p != dmarc::Policy::none && record.sp != dmarc::Policy::none &&
           !record.testing && !(record.p == dmarc::Policy::quarantine && record.sampled);
}

/// Of the author's own record, if there is one, and of the organization's. DMARC has applied one of the two, mostly the
/// only one.
Evaluation<bool> is_enforced(const dmarc::Verdict& verdict, const DnsAnswers& answers) {
    const Domain& organization = *verdict.organizational;
    const dmarc::FoundRecord& applied = *verdict.record;
    if (verdict.policy == dmarc::Policy::none || !is_enforcing(applied.record)) return false;
    if (applied.domain == organization) return true;
    TRY(const dmarc::TreeWalk walk, dmarc::walk_tree(*verdict.author, answers));
    const dmarc::Record* const record = walk.at(organization);
    return record != nullptr && is_enforcing(*record);
}

Reason reason_of(RecordFault fault) {
    switch (fault) {
    case RecordFault::syntax: return Reason::record_syntax;
    case RecordFault::location_missing: return Reason::location_missing;
    case RecordFault::location_unusable: return Reason::location_unusable;
    case RecordFault::authority_unusable: return Reason::authority_unusable;
    }
    std::unreachable();
}

Verdict judge(const LookUp& found, const Domain& domain, std::string selector) {
    Verdict verdict{.domain = domain, .selector = std::move(selector)};
    if (found.kind == LookUp::Kind::failed) {
        verdict.reason = Reason::dns_failure;
    } else if (found.kind == LookUp::Kind::several) {
        verdict.reason = Reason::several_records;
    } else if (!found.record) {
        verdict.reason = reason_of(found.record.error());
    } else {
        verdict.record = *found.record;
        verdict.reason = found.record->declines() ? Reason::declined : Reason::found;
    }
    return verdict;
}

/// §7.2, steps 3 to 5, or 6 to 8.
Evaluation<std::optional<Verdict>> judge_at(const Domain& domain, const Input& input, const DnsAnswers& answers) {
    TRY(const LookUp found, look_up(input.selector, domain, answers));
    if (found.kind == LookUp::Kind::nothing) return std::nullopt;
    if (found.kind == LookUp::Kind::one && found.record && found.record->by_local_part) {
        const auto own = selector_of(input.author->local_part);
        if (own && *own != input.selector) {
            TRY(const LookUp of_author, look_up(*own, domain, answers));
            const bool is_valid = of_author.kind == LookUp::Kind::one && of_author.record;
            if (is_valid || of_author.kind == LookUp::Kind::failed) return judge(of_author, domain, *own);
        }
    }
    return judge(found, domain, input.selector);
}

Verdict without_record(Reason reason) {
    return {.reason = reason, .domain = {}, .selector = {}, .record = {}};
}

} // namespace

Outcome Verdict::result() const {
    switch (reason) {
    case Reason::found: return Outcome::pass;
    case Reason::no_record: return Outcome::none;
    case Reason::several_records:
    case Reason::record_syntax:
    case Reason::location_missing:
    case Reason::location_unusable:
    case Reason::authority_unusable: return Outcome::fail;
    case Reason::dns_failure: return Outcome::temperror;
    case Reason::declined: return Outcome::declined;
    case Reason::not_authenticated:
    case Reason::no_single_author:
    case Reason::policy_not_enforced: return Outcome::skipped;
    }
    std::unreachable();
}

Evaluation<Verdict> evaluate(const Input& input, const DnsAnswers& answers) {
    const dmarc::Verdict& dmarc = *input.dmarc;
    if (dmarc.result != dmarc::Outcome::pass) return without_record(Reason::not_authenticated);
    if (!input.author || dmarc.author != input.author->domain) return without_record(Reason::no_single_author);
    if (!dmarc.organizational) return without_record(Reason::dns_failure);
    TRY(const bool enforced, is_enforced(dmarc, answers));
    if (!enforced) return without_record(Reason::policy_not_enforced);
    TRY(std::optional<Verdict> verdict, judge_at(*dmarc.author, input, answers));
    if (!verdict && *dmarc.organizational != *dmarc.author) {
        TRY(verdict, judge_at(*dmarc.organizational, input, answers));
    }
    if (!verdict) return without_record(Reason::no_record);
    return *std::move(verdict);
}

std::string fields_for_readers(const Verdict& verdict) {
    if (verdict.result() != Outcome::pass) return {};
    std::string fields = fmt::format("BIMI-Location: v=BIMI1;\r\n\tl={};\r\n", verdict.record.location);
    if (!verdict.record.authority.empty()) {
        fields.resize(fields.size() - 2);
        fields += fmt::format("\r\n\ta={};\r\n", verdict.record.authority);
    }
    if (verdict.record.avatar)
        fields += fmt::format("BIMI-Logo-Preference: avp={};\r\n", to_string(*verdict.record.avatar));
    return fields;
}

std::string_view to_string(Outcome result) {
    switch (result) {
    case Outcome::pass: return "pass";
    case Outcome::none: return "none";
    case Outcome::fail: return "fail";
    case Outcome::temperror: return "temperror";
    case Outcome::declined: return "declined";
    case Outcome::skipped: return "skipped";
    }
    std::unreachable();
}

std::string_view to_string(Reason reason) {
    switch (reason) {
    case Reason::found: return "found";
    case Reason::no_record: return "no-record";
    case Reason::several_records: return "several-records";
    case Reason::record_syntax: return "record-syntax";
    case Reason::location_missing: return "location-missing";
    case Reason::location_unusable: return "location-unusable";
    case Reason::authority_unusable: return "authority-unusable";
    case Reason::dns_failure: return "dns-failure";
    case Reason::declined: return "declined";
    case Reason::not_authenticated: return "not-authenticated";
    case Reason::no_single_author: return "no-single-author";
    case Reason::policy_not_enforced: return "policy-not-enforced";
    }
    std::unreachable();
}

std::string_view to_string(Avatar avatar) {
    return avatar == Avatar::personal ? "personal" : "brand";
}

} // namespace tegami::bimi
