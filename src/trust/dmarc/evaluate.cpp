#include "trust/dmarc/evaluate.h"

#include "trust/dmarc/words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::dmarc {

using message::Domain;
using trust::DnsAnswers;
using trust::Evaluation;

namespace {

/// What is known about one identifier.
struct Finding {
    Alignment alignment = Alignment::none;
    bool unknown = false; ///< the DNS failed
};

class AuthorCheck {
public:
    AuthorCheck(const Input& input, const Domain& author, const DnsAnswers& answers)
        : input_(input), author_(author), answers_(answers) {}

    Evaluation<Verdict> run() {
        TRY(walk_, walk_tree(author_, answers_));
        verdict_.author = author_;
        verdict_.organizational = walk_.organizational;
        verdict_.dkim.assign(input_.dkim.size(), Alignment::none);

        if (!discover_record()) return std::move(verdict_);
        const auto aligned = align_all();
        const auto policy_known = choose_policy();
        if (aligned && policy_known) {
            decide(*policy_known);
            return std::move(verdict_);
        }
        trust::OpenQuestions open;
        if (!aligned) merge(open, aligned.error());
        if (!policy_known) merge(open, policy_known.error());
        return failure(std::move(open));
    }

private:
    void conclude(Outcome result, Reason reason) {
        verdict_.result = result;
        verdict_.reason = reason;
    }

    /// RFC 9989 §4.10.1. False if that is the end.
    bool discover_record() {
        const auto apply = [this](const FoundRecord& found, RecordPlace place) {
            verdict_.record = found;
            verdict_.place = place;
        };
        if (!walk_.found.empty() && walk_.found.front().domain == author_) {
            apply(walk_.found.front(), RecordPlace::author);
        } else if (walk_.own_failed || !walk_.organizational) {
            conclude(Outcome::temperror, Reason::dns_failure);
            return false;
        } else if (const Record* record = walk_.at(*walk_.organizational)) {
            apply({.domain = *walk_.organizational, .record = *record}, RecordPlace::organization);
        } else if (!walk_.found.empty() && walk_.found.back().record.psd == PublicSuffix::yes) {
            apply(walk_.found.back(), RecordPlace::public_suffix);
        } else {
            conclude(Outcome::none, Reason::no_record);
            return false;
        }
        if (!verdict_.record->record.applicable) {
            conclude(Outcome::permerror, Reason::record_says_nothing);
            return false;
        }
        return true;
    }

    const Record& record() const { return verdict_.record->record; }

    /// RFC 9989 §4.10.2
    Evaluation<Finding> align(const Domain& domain, AlignmentMode mode) {
        if (domain == author_) return Finding{.alignment = Alignment::strict};
        if (mode == AlignmentMode::strict) return Finding{};
        if (!walk_.organizational) return Finding{.unknown = true};
        const Domain& organization = *walk_.organizational;
        // An Organizational Domain is the domain itself or above it.
        if (!is_within(domain, organization)) return Finding{};
        if (std::ranges::find(walked_, domain) == walked_.end()) {
            if (walked_.size() == kAlignmentWalksMax) return Finding{};
            walked_.push_back(domain);
        }
        TRY(const std::optional<Domain> its_organization, organizational_domain(domain, answers_));
        if (!its_organization) return Finding{.unknown = true};
        return Finding{.alignment = *its_organization == organization ? Alignment::relaxed : Alignment::none};
    }

    /// Notes the identifier's alignment and what follows from it.
    void note(const Finding& finding, AuthResult result, Alignment& alignment, bool& pass) {
        const bool aligned = finding.alignment != Alignment::none;
        alignment = finding.alignment;
        dns_failed_ |= finding.unknown;
        authenticated_ |= result == AuthResult::pass;
        pass |= aligned && result == AuthResult::pass;
        undecided_ |= aligned && result == AuthResult::temperror;
    }

    Evaluation<void> align_all() {
        trust::OpenQuestions open;
        const auto look = [&](const Domain& domain, AuthResult result, AlignmentMode mode, Alignment& alignment,
                              bool& pass) {
            if (result != AuthResult::pass && result != AuthResult::temperror) return;
            const auto finding = align(domain, mode);
            if (finding)
                note(*finding, result, alignment, pass);
            else
                merge(open, finding.error());
        };
        if (input_.spf.domain)
            look(*input_.spf.domain, input_.spf.result, record().aspf, verdict_.spf, verdict_.spf_pass);
        for (std::size_t at = 0; at < input_.dkim.size(); ++at) {
            const DkimIdentity& identity = input_.dkim[at];
            look(identity.domain, identity.result, record().adkim, verdict_.dkim[at], verdict_.dkim_pass);
        }
        if (!open.empty()) return failure(std::move(open));
        return {};
    }

    /// RFC 9989 §4.7 and §4.10.1. False if the policy depends on a look-up that failed.
    Evaluation<bool> choose_policy() {
        bool known = true;
        if (verdict_.record->domain != author_) {
            if (record().sp) verdict_.policy_tag = Tag::sp;
            if (record().np) {
                TRY(const bool exists, author_exists(known));
                if (!exists) verdict_.policy_tag = Tag::np;
            }
        }
        const Policy published = verdict_.policy_tag == Tag::np   ? *record().np
                                 : verdict_.policy_tag == Tag::sp ? *record().sp
                                                                  : record().p;
        verdict_.published_policy = published;
        verdict_.policy = !record().testing             ? published
                          : published == Policy::reject ? Policy::quarantine
                                                        : Policy::none;
        return known;
    }

    /// RFC 9989 §3.2.13: only NXDOMAIN says that a name does not exist, and it says so whatever type is asked for; mail
    /// is likely to have asked for MX before.
    Evaluation<bool> author_exists(bool& known) {
        const auto name = dns::Name::parse(author_.ascii());
        if (!name) return false;
        TRY(const trust::Answer* answer, answers_.find(*name, dns::Type::mx));
        known = answer->kind != trust::AnswerKind::failure;
        // An alias exists whatever has become of its target, whose NXDOMAIN this is (RFC 6604 §3).
        return answer->kind != trust::AnswerKind::no_name || !answer->aliases.empty();
    }

    void decide(bool policy_known) {
        if (verdict_.spf_pass || verdict_.dkim_pass)
            conclude(Outcome::pass, Reason::aligned);
        else if (dns_failed_ || !policy_known)
            conclude(Outcome::temperror, Reason::dns_failure);
        else if (undecided_)
            conclude(Outcome::temperror, Reason::identifier_undecided);
        else
            conclude(Outcome::fail, authenticated_ ? Reason::not_aligned : Reason::not_authenticated);
    }

    const Input& input_;
    const Domain& author_;
    const DnsAnswers& answers_;
    TreeWalk walk_;
    Verdict verdict_;
    std::vector<Domain> walked_; ///< the domains of identifiers that were looked up
    bool authenticated_ = false;
    bool dns_failed_ = false;
    bool undecided_ = false;
};

/// The greater, the worse. A failure counts by what its domain asks for (RFC 9989 §11.5); a pass only if nothing else
/// is there, because one domain's consent says nothing about the other.
std::pair<int, Policy> badness(const Verdict& verdict) {
    switch (verdict.result) {
    case Outcome::pass: return {0, Policy::none};
    case Outcome::none: return {1, Policy::none};
    case Outcome::permerror: return {2, Policy::none};
    case Outcome::temperror: return {3, verdict.policy};
    case Outcome::fail: return {verdict.policy == Policy::none ? 2 : 4, verdict.policy};
    }
    return {};
}

} // namespace

Evaluation<Verdict> evaluate(const Input& input, const DnsAnswers& answers) {
    std::vector<Domain> authors;
    for (const Domain& author : input.authors)
        if (!author.is_address_literal() && std::ranges::find(authors, author) == authors.end())
            authors.push_back(author);

    // RFC 9989 §5.3.1 leaves letters without exactly one author domain to us; a letter with a few is judged by each.
    if (authors.empty() || authors.size() > kAuthorDomainsMax) {
        Verdict verdict{.result = Outcome::permerror,
                        .reason = authors.empty() ? Reason::no_author : Reason::too_many_authors};
        verdict.dkim.assign(input.dkim.size(), Alignment::none);
        return verdict;
    }
    std::optional<Verdict> worst;
    trust::OpenQuestions open;
    for (const Domain& author : authors) {
        auto verdict = AuthorCheck(input, author, answers).run();
        if (!verdict)
            merge(open, verdict.error());
        else if (!worst || badness(*verdict) > badness(*worst))
            worst = *std::move(verdict);
    }
    if (!open.empty()) return failure(std::move(open));
    return *std::move(worst);
}

std::string_view to_string(AuthResult result) {
    return word_of(kAuthResultWords, result);
}

std::string_view to_string(Outcome result) {
    constexpr std::array<std::string_view, 5> kWords{"none", "pass", "fail", "temperror", "permerror"};
    return kWords[static_cast<std::size_t>(result)];
}

std::string_view to_string(Reason reason) {
    switch (reason) {
    case Reason::aligned: return "aligned";
    case Reason::not_authenticated: return "not-authenticated";
    case Reason::not_aligned: return "not-aligned";
    case Reason::no_record: return "no-record";
    case Reason::no_author: return "no-author";
    case Reason::too_many_authors: return "too-many-authors";
    case Reason::record_says_nothing: return "record-says-nothing";
    case Reason::dns_failure: return "dns-failure";
    case Reason::identifier_undecided: return "identifier-undecided";
    }
    std::unreachable();
}

} // namespace tegami::dmarc
