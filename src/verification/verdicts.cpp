#include "verification/verdicts.h"

#include "base/ascii.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::verification {

namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

/// A letter with one signature has fewer.
constexpr std::size_t kUsualFacts = 40;

/// Of two fields one may have come behind the signature.
std::optional<std::string> bimi_selector(const message::Header& header) {
    const auto fields = header.find_all(bimi::kSelectorField);
    if (fields.size() != 1) return std::nullopt;
    return bimi::parse_selector(header.raw_value(*fields.front()));
}

/// Takes over a verdict that is new, or notes what it still needs.
template <class T>
void settle(std::optional<T>& verdict, trust::Evaluation<T> evaluated, trust::OpenQuestions& open) {
    if (evaluated)
        verdict = *std::move(evaluated);
    else
        trust::merge(open, evaluated.error());
}

dmarc::AuthResult to_dmarc(spf::Outcome outcome) {
    switch (outcome) {
    case spf::Outcome::none: return dmarc::AuthResult::none;
    case spf::Outcome::neutral: return dmarc::AuthResult::neutral;
    case spf::Outcome::pass: return dmarc::AuthResult::pass;
    case spf::Outcome::fail: return dmarc::AuthResult::fail;
    case spf::Outcome::softfail: return dmarc::AuthResult::softfail;
    case spf::Outcome::temperror: return dmarc::AuthResult::temperror;
    case spf::Outcome::permerror: return dmarc::AuthResult::permerror;
    }
    std::unreachable();
}

dmarc::AuthResult to_dmarc(dkim::Verdict verdict) {
    switch (verdict) {
    case dkim::Verdict::pass: return dmarc::AuthResult::pass;
    case dkim::Verdict::fail: return dmarc::AuthResult::fail;
    case dkim::Verdict::policy: return dmarc::AuthResult::policy;
    case dkim::Verdict::neutral: return dmarc::AuthResult::neutral;
    case dkim::Verdict::temperror: return dmarc::AuthResult::temperror;
    case dkim::Verdict::permerror: return dmarc::AuthResult::permerror;
    }
    std::unreachable();
}

dmarc::SpfIdentity to_dmarc(const std::optional<spf::Verdict>& verdict) {
    if (!verdict) return {};
    return {.domain = message::Domain::parse(verdict->domain), .result = to_dmarc(verdict->outcome)};
}

std::vector<dmarc::DkimIdentity> to_dmarc(const std::vector<dkim::SignatureResult>& signatures) {
    std::vector<dmarc::DkimIdentity> identities;
    for (const dkim::SignatureResult& signature : signatures) {
        if (signature.claims.domain)
            identities.push_back({.domain = *signature.claims.domain,
                                  .selector = signature.claims.selector,
                                  .result = to_dmarc(signature.verdict())});
    }
    return identities;
}

trust::MethodResult method(std::string_view name, std::string_view result) {
    trust::MethodResult method;
    method.method = name;
    method.result = result;
    return method;
}

/// What is empty, or in no charset that a field may have, says nothing.
void add(trust::MethodResult& result, std::string_view type, std::string_view name, std::string_view value) {
    if (value.empty() || !message::is_utf8(value)) return;
    result.properties.push_back({.type = std::string(type), .name = std::string(name), .value = std::string(value)});
}

std::string_view text_of(const std::optional<message::Domain>& domain) {
    return domain ? std::string_view(domain->ascii()) : std::string_view();
}

/// A HELO name in A-labels; empty if it is no name and beyond ASCII.
std::string ascii_name(const std::string& helo) {
    const auto domain = message::Domain::parse(helo);
    if (domain) return domain->ascii();
    return ascii::has_high_octet(helo) ? "" : helo;
}

trust::MethodResult method(const dkim::SignatureResult& signature) {
    const dkim::Claims& claims = signature.claims;
    trust::MethodResult result = method("dkim", dkim::to_string(signature.verdict()));
    result.properties.reserve(4);
    add(result, "header", "d", text_of(claims.domain));
    add(result, "header", "s", claims.selector);
    add(result, "header", "a", claims.algorithm);
    add(result, "header", "b", claims.signature_start);
    return result;
}

/// Of a logo nobody here has checked the certificate.
trust::MethodResult method(const bimi::Verdict& logo) {
    trust::MethodResult result = method("bimi", bimi::to_string(logo.result()));
    if (logo.reason == bimi::Reason::found) {
        add(result, "header", "d", text_of(logo.domain));
        add(result, "header", "selector", logo.selector);
        add(result, "policy", "authority", "none");
    } else {
        result.comment = bimi::to_string(logo.reason);
    }
    return result;
}

trust::MethodResult method(const arc::Verdict& chain) {
    trust::MethodResult result = method("arc", arc::to_string(chain.status));
    if (chain.sets.empty()) return result;
    add(result, "header", "d", text_of(chain.sets.back().seal.domain));
    result.comment = fmt::format("i={}", chain.sets.size());
    return result;
}

trust::MethodResult method(const dmarc::Verdict& verdict) {
    trust::MethodResult result = method("dmarc", dmarc::to_string(verdict.result));
    add(result, "header", "from", text_of(verdict.author));
    if (verdict.record) result.comment = fmt::format("p={}", dmarc::to_string(verdict.policy));
    return result;
}

/// An empty value says nothing.
void add(Facts& facts, std::string_view name, std::string_view value) {
    if (!value.empty()) facts.emplace_back(name, value);
}

std::string client_text(const Subject& subject) {
    return subject.client ? subject.client->unmapped().to_string() : "";
}

void add_iprev(Facts& facts, const Subject& subject, const trust::Iprev& iprev) {
    facts.emplace_back("iprev", trust::to_string(iprev.outcome));
    add(facts, "iprev.client", client_text(subject));
    add(facts, "iprev.name", iprev.name ? iprev.name->to_string() : "");
}

void add_spf(Facts& facts, const Subject& subject, const spf::Verdict& verdict) {
    facts.emplace_back("spf", spf::to_string(verdict.outcome));
    add(facts, "spf.identity", spf::to_string(verdict.identity));
    add(facts, "spf.domain", verdict.domain);
    add(facts, "spf.client", client_text(subject));
    add(facts, "spf.reason", spf::to_string(verdict.reason));
    if (!verdict.path.empty()) {
        if (verdict.path.size() > 1) add(facts, "spf.through", verdict.path.back().domain);
        add(facts, "spf.term", verdict.path.back().term);
    }
    add(facts, "spf.subject", verdict.subject);
    add(facts, "spf.explanation", verdict.explanation.value_or(""));
}

void add_dkim(Facts& facts, const dkim::SignatureResult& signature) {
    facts.emplace_back("dkim", dkim::to_string(signature.verdict()));
    add(facts, "dkim.domain", text_of(signature.claims.domain));
    add(facts, "dkim.selector", signature.claims.selector);
    add(facts, "dkim.reason", dkim::to_string(signature.fault.reason));
    add(facts, "dkim.tag", signature.fault.tag);
    if (signature.testing) add(facts, "dkim.testing", "yes");
    if (signature.unsigned_octets > 0) add(facts, "dkim.unsigned", std::to_string(signature.unsigned_octets));
}

/// Nothing is said of a letter without a chain, as most are.
void add_arc(Facts& facts, const arc::Verdict& chain) {
    if (chain.status == arc::Status::none) return;
    facts.emplace_back("arc", arc::to_string(chain.status));
    add(facts, "arc.reason", arc::to_string(chain.reason));
    if (chain.instance > 0) add(facts, "arc.instance", std::to_string(chain.instance));
    if (chain.fault != dkim::Fault{}) add(facts, "arc.fault", dkim::to_string(chain.fault.reason));
    if (!chain.sets.empty() && chain.sets.back().seal.domain)
        add(facts, "arc.sealer", chain.sets.back().seal.domain->ascii());
}

void add_dmarc(Facts& facts, const dmarc::Verdict& verdict) {
    facts.emplace_back("dmarc", dmarc::to_string(verdict.result));
    add(facts, "dmarc.domain", text_of(verdict.author));
    add(facts, "dmarc.reason", dmarc::to_string(verdict.reason));
    if (!verdict.record) return;
    add(facts, "dmarc.record", verdict.record->domain.ascii());
    add(facts, "dmarc.policy", dmarc::to_string(verdict.policy));
    if (verdict.record->record.testing) add(facts, "dmarc.testing", "yes");
    if (verdict.spf_pass) add(facts, "dmarc.by", "spf");
    if (verdict.dkim_pass) add(facts, "dmarc.by", "dkim");
}

void add_bimi(Facts& facts, const bimi::Verdict& logo) {
    facts.emplace_back("bimi", bimi::to_string(logo.result()));
    add(facts, "bimi.reason", bimi::to_string(logo.reason));
    add(facts, "bimi.domain", text_of(logo.domain));
    add(facts, "bimi.selector", logo.selector);
    add(facts, "bimi.location", logo.record.location);
}

} // namespace

spf::Input spf_input(const Subject& subject) {
    spf::Input input{.client = subject.client.value_or(IpAddress()),
                     .helo = subject.helo,
                     .mail_from = {},
                     .receiver = subject.host_name,
                     .time = subject.time};
    if (const auto& sender = subject.reverse_path)
        input.mail_from = spf::Sender{.local_part = sender->local_part, .domain = sender->domain.ascii()};
    return input;
}

Judge::Judge(Subject subject, Witnesses witnesses, const message::Header& header, dkim::KeyCache* keys)
    : subject_(std::move(subject)), witnesses_(witnesses), keys_(keys), selector_(bimi_selector(header)) {
    read_authors(header);
}

void Judge::read_authors(const message::Header& header) {
    const auto fields = header.find_all("From");
    std::size_t room = kAuthorBytesMax;
    for (const message::HeaderField* field : fields) {
        const std::string_view whole = header.raw_value(*field);
        const std::string_view value = whole.substr(0, room);
        const bool is_cut = value.size() == room;
        room -= value.size();
        std::vector<message::HeaderAddress> authors = message::parse_address_list(value);
        if (fields.size() == 1 && authors.size() == 1 && value.size() == whole.size())
            only_author_ = authors.front().email();
        if (is_cut && !authors.empty()) authors.pop_back();
        for (const message::HeaderAddress& author : authors) {
            if (authors_.size() > dmarc::kAuthorDomainsMax) return;
            const auto domain = message::Domain::parse(author.domain);
            if (domain && std::ranges::find(authors_, *domain) == authors_.end()) authors_.push_back(*domain);
        }
    }
}

trust::Evaluation<Verdicts> Judge::evaluate(const trust::DnsAnswers& answers) {
    trust::OpenQuestions open;
    if (subject_.client) judge_client(*subject_.client, answers, open);
    if (!dkim_) settle(dkim_, witnesses_.signatures.evaluate(answers, subject_.time, keys_), open);
    if (!arc_) settle(arc_, witnesses_.chain.evaluate(answers, subject_.time, keys_), open);
    if (!dmarc_) {
        trust::Evaluation<dmarc::Verdict> dmarc = dmarc::evaluate(dmarc_input(), answers);
        if (!dmarc)
            trust::merge(open, dmarc.error());
        else if (is_dmarc_input_final())
            dmarc_ = *std::move(dmarc);
    }
    if (!open.empty()) return failure(std::move(open));
    TRY(bimi::Verdict logo, judge_logo(answers));
    return Verdicts{.iprev = std::move(iprev_),
                    .helo = std::move(helo_),
                    .mail_from = std::move(mail_from_),
                    .dkim = *std::move(dkim_),
                    .signatures_left_out = witnesses_.signatures.left_out(),
                    .arc = *std::move(arc_),
                    .dmarc = *std::move(dmarc_),
                    .bimi = std::move(logo)};
}

void Judge::judge_client(const IpAddress& client, const trust::DnsAnswers& answers, trust::OpenQuestions& open) {
    if (!iprev_) settle(iprev_, trust::check_iprev(client, answers), open);
    const spf::Input input = spf_input(subject_);
    if (!helo_) settle(helo_, spf::check_host(input, spf::Identity::helo, answers, &parsed_), open);
    if (subject_.reverse_path && !mail_from_)
        settle(mail_from_, spf::check_host(input, spf::Identity::mail_from, answers, &parsed_), open);
}

/// Whether an aligned signature that passed covers the field (draft-brand-indicators-for-message-identification §5.5).
bool Judge::is_selector_signed() const {
    std::size_t aligned_at = 0; // dmarc::Verdict has only signatures that name their domain
    for (std::size_t place = 0; place < dkim_->size(); ++place) {
        const dkim::SignatureResult& signature = (*dkim_)[place];
        if (!signature.claims.domain) continue;
        const bool is_aligned = dmarc_->dkim.at(aligned_at++) != dmarc::Alignment::none;
        if (is_aligned && signature.verdict() == dkim::Verdict::pass &&
            witnesses_.signatures.covers(place, bimi::kSelectorField))
            return true;
    }
    return false;
}

/// When the others are settled.
trust::Evaluation<bimi::Verdict> Judge::judge_logo(const trust::DnsAnswers& answers) const {
    bimi::Input input{.author = only_author_, .dmarc = &*dmarc_};
    if (selector_ && is_selector_signed()) input.selector = *selector_;
    return bimi::evaluate(input, answers);
}

bool Judge::is_dmarc_input_final() const {
    const bool is_spf_final = !subject_.client || (subject_.reverse_path ? mail_from_ : helo_);
    return is_spf_final && dkim_;
}

/// With what is settled so far.
dmarc::Input Judge::dmarc_input() const {
    dmarc::Input input{.authors = authors_, .spf = to_dmarc(subject_.reverse_path ? mail_from_ : helo_), .dkim = {}};
    if (dkim_) input.dkim = to_dmarc(*dkim_);
    return input;
}

dmarc::Input dmarc_input(const Subject& subject, const Verdicts& verdicts) {
    return {.authors = {},
            .spf = to_dmarc(subject.reverse_path ? verdicts.mail_from : verdicts.helo),
            .dkim = to_dmarc(verdicts.dkim)};
}

trust::AuthenticationResults authentication_results(const Subject& subject, const Verdicts& verdicts) {
    trust::AuthenticationResults all{.server = subject.host_name, .results = {}};
    all.results.reserve(std::min(verdicts.dkim.size(), kSignaturesTold) + 6);
    for (const dkim::SignatureResult& signature : verdicts.dkim) {
        if (all.results.size() == kSignaturesTold) break;
        all.results.push_back(method(signature));
    }
    if (verdicts.dkim.empty()) all.results.push_back(method("dkim", "none"));
    if (verdicts.mail_from) {
        all.results.push_back(method("spf", spf::to_string(verdicts.mail_from->outcome)));
        add(all.results.back(), "smtp", "mailfrom", subject.reverse_path->to_string());
    }
    if (verdicts.helo && !subject.helo.empty()) {
        all.results.push_back(method("spf", spf::to_string(verdicts.helo->outcome)));
        add(all.results.back(), "smtp", "helo", ascii_name(subject.helo));
    }
    all.results.push_back(method(verdicts.arc));
    all.results.push_back(method(verdicts.dmarc));
    all.results.push_back(method(verdicts.bimi));
    if (verdicts.iprev) {
        all.results.push_back(method("iprev", trust::to_string(verdicts.iprev->outcome)));
        add(all.results.back(), "policy", "iprev", client_text(subject));
    }
    return all;
}

Facts facts(const Subject& subject, const Verdicts& verdicts) {
    Facts facts;
    facts.reserve(kUsualFacts);
    if (verdicts.iprev) add_iprev(facts, subject, *verdicts.iprev);
    if (verdicts.mail_from) add_spf(facts, subject, *verdicts.mail_from);
    if (verdicts.helo && (!verdicts.mail_from || verdicts.helo->outcome != spf::Outcome::none))
        add_spf(facts, subject, *verdicts.helo);
    std::size_t told = 0;
    for (const dkim::SignatureResult& signature : verdicts.dkim) {
        if (told++ == kSignaturesTold) break;
        add_dkim(facts, signature);
    }
    if (verdicts.dkim.empty()) facts.emplace_back("dkim", "none");
    if (verdicts.dkim.size() > kSignaturesTold)
        add(facts, "dkim.more", std::to_string(verdicts.dkim.size() - kSignaturesTold + verdicts.signatures_left_out));
    add_arc(facts, verdicts.arc);
    add_dmarc(facts, verdicts.dmarc);
    add_bimi(facts, verdicts.bimi);
    return facts;
}

} // namespace tegami::verification
