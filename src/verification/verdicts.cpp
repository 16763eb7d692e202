#include "verification/verdicts.h"

#include "base/ascii.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::verification {

namespace {

using Property = trust::MethodResult::Property;
using Facts = std::vector<std::pair<std::string, std::string>>;

/// Of the authors that stand within kAuthorBytesMax; no more of them than DMARC would look at, and one.
std::vector<message::Domain> author_domains(const message::Header& header) {
    std::vector<message::Domain> domains;
    std::size_t room = kAuthorBytesMax;
    for (const message::HeaderField* field : header.find_all("From")) {
        const std::string_view value = header.raw_value(*field).substr(0, room);
        const bool is_cut = value.size() == room;
        room -= value.size();
        std::vector<message::HeaderAddress> authors = message::parse_address_list(value);
        if (is_cut && !authors.empty()) authors.pop_back();
        for (const message::HeaderAddress& author : authors) {
            if (domains.size() > dmarc::kAuthorDomainsMax) return domains;
            const auto domain = message::Domain::parse(author.domain);
            if (domain && std::ranges::find(domains, *domain) == domains.end()) domains.push_back(*domain);
        }
    }
    return domains;
}

/// The address of a letter with one in one From.
std::optional<message::EmailAddress> only_author(const message::Header& header) {
    const auto fields = header.find_all("From");
    if (fields.size() != 1) return std::nullopt;
    const std::string_view value = header.raw_value(*fields.front());
    if (value.size() > kAuthorBytesMax) return std::nullopt;
    const auto authors = message::parse_address_list(value);
    if (authors.size() != 1) return std::nullopt;
    return authors.front().email();
}

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

trust::MethodResult method(std::string_view name, std::string_view result, std::vector<Property> properties) {
    // What is empty, or in no charset that a field may have, says nothing.
    std::erase_if(properties, [](const Property& each) { return each.value.empty() || !message::is_utf8(each.value); });
    return {.method = std::string(name),
            .result = std::string(result),
            .reason = {},
            .comment = {},
            .properties = std::move(properties)};
}

/// A HELO name in A-labels; empty if it is no name and beyond ASCII.
std::string ascii_name(const std::string& helo) {
    const auto domain = message::Domain::parse(helo);
    if (domain) return domain->ascii();
    return ascii::has_high_octet(helo) ? "" : helo;
}

trust::MethodResult method(const dkim::SignatureResult& signature) {
    const dkim::Claims& claims = signature.claims;
    return method("dkim", dkim::to_string(signature.verdict()),
                  {{"header", "d", claims.domain ? claims.domain->ascii() : ""},
                   {"header", "s", claims.selector},
                   {"header", "a", claims.algorithm},
                   {"header", "b", claims.signature_start}});
}

/// Of a logo nobody here has checked the certificate.
trust::MethodResult method(const bimi::Verdict& logo) {
    trust::MethodResult result = method("bimi", bimi::to_string(logo.result()), {});
    if (logo.reason == bimi::Reason::found)
        result.properties = {{"header", "d", logo.domain->ascii()},
                             {"header", "selector", logo.selector},
                             {"policy", "authority", "none"}};
    else
        result.comment = bimi::to_string(logo.reason);
    return result;
}

trust::MethodResult method(const arc::Verdict& chain) {
    const arc::Set* const newest = chain.sets.empty() ? nullptr : &chain.sets.back();
    const bool is_named = newest != nullptr && newest->seal.domain;
    trust::MethodResult result =
        method("arc", arc::to_string(chain.status), {{"header", "d", is_named ? newest->seal.domain->ascii() : ""}});
    if (!chain.sets.empty()) result.comment = fmt::format("i={}", chain.sets.size());
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
    add(facts, "dkim.domain", signature.claims.domain ? signature.claims.domain->ascii() : "");
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
    add(facts, "dmarc.domain", verdict.author ? verdict.author->ascii() : "");
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
    add(facts, "bimi.domain", logo.domain ? logo.domain->ascii() : "");
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
    : subject_(std::move(subject)), witnesses_(witnesses), keys_(keys), authors_(author_domains(header)),
      only_author_(only_author(header)), selector_(bimi_selector(header)) {}

trust::Evaluation<Verdicts> Judge::evaluate(const trust::DnsAnswers& answers) {
    trust::OpenQuestions open;
    if (subject_.client) judge_client(*subject_.client, answers, open);
    if (!dkim_) settle(dkim_, witnesses_.signatures.evaluate(answers, subject_.time, keys_), open);
    if (!arc_) settle(arc_, witnesses_.chain.evaluate(answers, subject_.time, keys_), open);
    trust::Evaluation<dmarc::Verdict> dmarc = dmarc::evaluate(dmarc_input(), answers);
    if (!dmarc) trust::merge(open, dmarc.error());
    if (!open.empty()) return failure(std::move(open));
    dmarc_ = *std::move(dmarc);
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
    for (const dkim::SignatureResult& signature : verdicts.dkim) {
        if (all.results.size() == kSignaturesTold) break;
        all.results.push_back(method(signature));
    }
    if (verdicts.dkim.empty()) all.results.push_back(method("dkim", "none", {}));
    if (verdicts.mail_from)
        all.results.push_back(method("spf", spf::to_string(verdicts.mail_from->outcome),
                                     {{"smtp", "mailfrom", subject.reverse_path->to_string()}}));
    if (verdicts.helo && !subject.helo.empty())
        all.results.push_back(
            method("spf", spf::to_string(verdicts.helo->outcome), {{"smtp", "helo", ascii_name(subject.helo)}}));
    all.results.push_back(method(verdicts.arc));
    trust::MethodResult dmarc =
        method("dmarc", dmarc::to_string(verdicts.dmarc.result),
               {{"header", "from", verdicts.dmarc.author ? verdicts.dmarc.author->ascii() : ""}});
    if (verdicts.dmarc.record) dmarc.comment = fmt::format("p={}", dmarc::to_string(verdicts.dmarc.policy));
    all.results.push_back(std::move(dmarc));
    all.results.push_back(method(verdicts.bimi));
    if (verdicts.iprev)
        all.results.push_back(
            method("iprev", trust::to_string(verdicts.iprev->outcome), {{"policy", "iprev", client_text(subject)}}));
    return all;
}

Facts facts(const Subject& subject, const Verdicts& verdicts) {
    Facts facts;
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
