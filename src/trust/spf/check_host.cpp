#include "trust/spf/check_host.h"

#include "base/ascii.h"
#include "message/domain.h"
#include "trust/iprev.h"
#include "trust/spf/macro.h"
#include "trust/spf/record.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tegami::spf {
namespace {

using trust::Answer;
using trust::AnswerKind;
using trust::Evaluation;

/// RFC 7208 §7.3: characters of a name in presentation form.
constexpr std::size_t kNameCharactersMax = 253;

/// The name with A-labels, if it has others (RFC 8616 §4); as it is if that cannot be done.
std::string with_a_labels(std::string_view name) {
    if (ascii::has_high_octet(name))
        if (const auto domain = message::Domain::parse(name)) return domain->ascii();
    return std::string(name);
}

/// A domain-spec that has been expanded as a domain: without its last dot, and without labels on the left that are too
/// much (RFC 7208 §7.3).
std::string fit_domain(std::string text) {
    if (text.ends_with('.')) text.pop_back();
    if (text.size() <= kNameCharactersMax) return text;
    const std::size_t dot = text.find('.', text.size() - kNameCharactersMax - 1);
    return dot == std::string::npos ? text : text.substr(dot + 1);
}

/// Nothing if a label is empty or too long. There are no escapes (RFC 7208 §4.8).
std::optional<dns::Name> name_of(std::string_view domain) {
    return dns::Name::from_labels(ascii::split(domain, '.'));
}

/// Whether the first `bits` are the same (RFC 7208 §5).
bool share_prefix(const IpAddress& a, const IpAddress& b, unsigned bits) {
    if (a.is_v4() != b.is_v4()) return false;
    for (std::size_t i = 0; i < a.octets().size() && i * 8 < bits; ++i) {
        const unsigned difference = static_cast<unsigned char>(a.octets()[i] ^ b.octets()[i]);
        const unsigned here = std::min(bits - static_cast<unsigned>(i) * 8, 8U);
        if (difference >> (8 - here) != 0) return false;
    }
    return true;
}

/// How many of the limit's look-ups a directive takes.
unsigned lookups(const Directive& directive) {
    using enum Mechanism;
    const bool asks = directive.mechanism != all && directive.mechanism != ip4 && directive.mechanism != ip6;
    // RFC 7208 §4.6.4: %{p} counts too.
    return (asks ? 1 : 0) + (directive.target && directive.target->uses("p") ? 1 : 0);
}

class Evaluator {
public:
    Evaluator(const Input& input, Identity identity, const trust::DnsAnswers& answers, ParsedRecords& parsed);

    Evaluation<Verdict> run();

private:
    /// What a term comes to: `stop` has set the outcome of the whole.
    enum class Step : std::uint8_t { match, no_match, stop };

    Evaluation<Outcome> check(std::string domain);
    Evaluation<Outcome> evaluate(const Record& record, const std::string& domain);
    Evaluation<Step> match(const Directive& directive, const std::string& domain);
    Evaluation<Step> match_include(const Directive& directive, const std::string& domain);
    Evaluation<Step> match_addresses(const Directive& directive, const dns::Name& target);
    Evaluation<Step> match_exchanges(const Directive& directive, const dns::Name& target);
    Evaluation<Step> match_client_name(const dns::Name& target);
    Evaluation<Step> match_existing(const dns::Name& target);
    Evaluation<Outcome> redirect(const Modifier& modifier, const std::string& domain);
    Evaluation<std::optional<std::string>> explain(const Modifier& modifier, const std::string& domain);

    Evaluation<std::string> expand_text(const MacroString& text, const std::string& domain, std::size_t bytes_max);
    Evaluation<std::string> expand_domain(const MacroString& text, const std::string& domain);
    /// The names of the client's address that lead back to it (RFC 7208 §5.5).
    Evaluation<std::vector<dns::Name>> client_names();
    Evaluation<std::string> client_name(const std::string& domain);
    Evaluation<std::vector<const Answer*>> find_addresses(const std::vector<dns::Name>& hosts);
    bool has_client(const Answer& addresses, const Directive& directive) const;

    bool count_lookups(unsigned count);
    Step count_void_lookup(const dns::Name& name);
    Step stop(Reason reason, std::string subject = {});
    Outcome end(Outcome outcome, Reason reason, std::string subject = {});

    /// RFC 8616 §4: a local part that is not ASCII is nothing that a name in the DNS could have in it.
    bool is_unusable(const MacroString& text) const {
        return text.uses("sl") && ascii::has_high_octet(values_.local_part);
    }

    const trust::DnsAnswers& answers_;
    ParsedRecords& parsed_;
    MacroValues values_; // but for `domain` and `client_name`, the same everywhere
    std::string checked_domain_;
    Verdict verdict_; // its outcome is that of the last `stop`, until run() is at its end
    unsigned lookups_ = 0;
    unsigned void_lookups_ = 0;
    unsigned include_depth_ = 0;
};

Evaluator::Evaluator(const Input& input, Identity identity, const trust::DnsAnswers& answers, ParsedRecords& parsed)
    : answers_(answers), parsed_(parsed) {
    Sender sender = checked_sender(input, identity);
    checked_domain_ = sender.domain;
    values_.local_part = std::move(sender.local_part);
    values_.sender_domain = with_a_labels(sender.domain);
    values_.client = input.client.unmapped();
    values_.helo = with_a_labels(input.helo);
    if (!input.receiver.empty()) values_.receiver = input.receiver;
    values_.time = input.time;
    verdict_.identity = identity;
}

Evaluation<Verdict> Evaluator::run() {
    // RFC 7208 §4.3
    const auto domain = message::Domain::parse(checked_domain_);
    if (!domain || domain->is_address_literal()) {
        verdict_.domain = checked_domain_;
        verdict_.path = {{.domain = checked_domain_, .term = {}}};
        verdict_.outcome = end(Outcome::none, Reason::bad_domain);
        return std::move(verdict_);
    }
    verdict_.domain = domain->ascii();
    TRY(verdict_.outcome, check(domain->ascii()));
    return std::move(verdict_);
}

/// check_host of RFC 7208 §4.1, for the domain itself and for the targets of include and redirect.
Evaluation<Outcome> Evaluator::check(std::string domain) {
    verdict_.path.push_back({.domain = domain, .term = {}});
    const auto name = name_of(domain);
    if (!name || name->label_count() < 2) return end(Outcome::none, Reason::bad_domain);
    TRY(const Answer* answer, answers_.find(*name, dns::Type::txt));
    if (answer->kind == AnswerKind::failure) return end(Outcome::temperror, Reason::dns_failure, domain);
    if (answer->kind == AnswerKind::no_name) return end(Outcome::none, Reason::no_such_domain);
    std::vector<std::string> records = texts(*answer);
    std::erase_if(records, [](const std::string& text) { return !is_record(text); });
    if (records.empty()) return end(Outcome::none, Reason::no_record);
    if (records.size() > 1) return end(Outcome::permerror, Reason::several_records);
    const auto& record = parsed_.parse(records.front());
    if (!record) return end(Outcome::permerror, record.error().reason, record.error().term);
    return evaluate(*record, domain);
}

Evaluation<Outcome> Evaluator::evaluate(const Record& record, const std::string& domain) {
    const std::size_t place = verdict_.path.size() - 1;
    for (const Directive& directive : record.directives) {
        verdict_.path[place].term = directive.text;
        TRY(const Step step, match(directive, domain));
        if (step == Step::stop) return verdict_.outcome;
        if (step == Step::no_match) continue;
        // RFC 7208 §6.2: an explanation comes from the record that decides, and from none that is included.
        if (directive.qualifier == Outcome::fail && include_depth_ == 0 && record.explanation) {
            TRY(verdict_.explanation, explain(*record.explanation, domain));
        }
        return end(directive.qualifier, Reason::matched);
    }
    verdict_.path[place].term.clear();
    // A record with "all" never gets here, so its redirect is ignored (RFC 7208 §5.1).
    if (record.redirect) return redirect(*record.redirect, domain);
    return end(Outcome::neutral, Reason::nothing_matched);
}

Evaluation<Evaluator::Step> Evaluator::match(const Directive& directive, const std::string& domain) {
    if (!count_lookups(lookups(directive))) return stop(Reason::too_many_lookups);
    if (directive.target && is_unusable(*directive.target)) return Step::no_match;
    switch (directive.mechanism) {
    case Mechanism::all: return Step::match;
    case Mechanism::ip4:
        return share_prefix(values_.client, directive.network, directive.v4_bits) ? Step::match : Step::no_match;
    case Mechanism::ip6:
        return share_prefix(values_.client, directive.network, directive.v6_bits) ? Step::match : Step::no_match;
    case Mechanism::include: return match_include(directive, domain);
    default: break;
    }
    std::string target = domain;
    if (directive.target) {
        TRY(target, expand_domain(*directive.target, domain));
    }
    const auto name = name_of(target);
    // RFC 7208 §4.8 leaves the choice: what can be no name has no addresses.
    if (!name) return Step::no_match;
    switch (directive.mechanism) {
    case Mechanism::a: return match_addresses(directive, *name);
    case Mechanism::mx: return match_exchanges(directive, *name);
    case Mechanism::ptr: return match_client_name(*name);
    default: return match_existing(*name);
    }
}

/// RFC 7208 §5.2
Evaluation<Evaluator::Step> Evaluator::match_include(const Directive& directive, const std::string& domain) {
    const std::size_t places = verdict_.path.size();
    TRY(std::string target, expand_domain(*directive.target, domain));
    ++include_depth_;
    TRY(const Outcome outcome, check(std::move(target)));
    --include_depth_;
    switch (outcome) {
    case Outcome::pass: return Step::match;
    case Outcome::none:
    case Outcome::temperror:
    case Outcome::permerror:
        verdict_.outcome = outcome == Outcome::none ? Outcome::permerror : outcome;
        return Step::stop;
    default: verdict_.path.resize(places); return Step::no_match;
    }
}

/// RFC 7208 §5.3
Evaluation<Evaluator::Step> Evaluator::match_addresses(const Directive& directive, const dns::Name& target) {
    TRY(const std::vector<const Answer*> found, find_addresses({target}));
    if (found[0]->kind == AnswerKind::failure) return stop(Reason::dns_failure, target.to_string());
    if (has_client(*found[0], directive)) return Step::match;
    return found[0]->is_void() ? count_void_lookup(target) : Step::no_match;
}

/// RFC 7208 §5.4. The answers have no order, so one host that has the client's address is enough, whatever the others
/// say.
Evaluation<Evaluator::Step> Evaluator::match_exchanges(const Directive& directive, const dns::Name& target) {
    TRY(const Answer* exchanges, answers_.find(target, dns::Type::mx));
    if (exchanges->kind == AnswerKind::failure) return stop(Reason::dns_failure, target.to_string());
    if (exchanges->is_void()) return count_void_lookup(target);
    std::vector<dns::Name> hosts;
    std::size_t count = 0;
    for (const dns::Record& record : exchanges->records) {
        const auto* exchange = std::get_if<dns::MxData>(&record.data);
        if (exchange == nullptr) continue;
        ++count;
        // RFC 7505 §3: the root is no host.
        if (!exchange->exchange.is_root()) hosts.push_back(exchange->exchange);
    }
    if (count > kExchangesMax) return stop(Reason::too_many_exchanges, target.to_string());
    TRY(const std::vector<const Answer*> found, find_addresses(hosts));
    std::optional<dns::Name> failed;
    std::optional<dns::Name> missing;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (has_client(*found[i], directive)) return Step::match;
        if (found[i]->kind == AnswerKind::failure) failed = hosts[i];
        if (found[i]->is_void()) missing = hosts[i];
    }
    if (failed) return stop(Reason::dns_failure, failed->to_string());
    return missing ? count_void_lookup(*missing) : Step::no_match;
}

/// RFC 7208 §5.5
Evaluation<Evaluator::Step> Evaluator::match_client_name(const dns::Name& target) {
    TRY(const Answer* pointers, answers_.find(trust::reverse_name(values_.client), dns::Type::ptr));
    if (pointers->is_void()) return count_void_lookup(trust::reverse_name(values_.client));
    TRY(const std::vector<dns::Name> names, client_names());
    return std::ranges::any_of(names, [&](const dns::Name& name) { return name.is_within(target); }) ? Step::match
                                                                                                     : Step::no_match;
}

/// RFC 7208 §5.7
Evaluation<Evaluator::Step> Evaluator::match_existing(const dns::Name& target) {
    TRY(const Answer* answer, answers_.find(target, dns::Type::a));
    if (answer->kind == AnswerKind::failure) return stop(Reason::dns_failure, target.to_string());
    return answer->is_void() ? count_void_lookup(target) : Step::match;
}

/// RFC 7208 §6.1
Evaluation<Outcome> Evaluator::redirect(const Modifier& modifier, const std::string& domain) {
    verdict_.path.back().term = modifier.text;
    if (!count_lookups(modifier.target.uses("p") ? 2 : 1)) return end(Outcome::permerror, Reason::too_many_lookups);
    if (is_unusable(modifier.target)) {
        verdict_.path.back().term.clear();
        return end(Outcome::neutral, Reason::nothing_matched);
    }
    TRY(std::string target, expand_domain(modifier.target, domain));
    TRY(const Outcome outcome, check(std::move(target)));
    return outcome == Outcome::none ? Outcome::permerror : outcome;
}

/// RFC 7208 §6.2. Whatever is wrong with an explanation, there is just none.
Evaluation<std::optional<std::string>> Evaluator::explain(const Modifier& modifier, const std::string& domain) {
    if (is_unusable(modifier.target)) return std::nullopt;
    TRY(const std::string target, expand_domain(modifier.target, domain));
    const auto name = name_of(target);
    if (!name) return std::nullopt;
    TRY(const Answer* answer, answers_.find(*name, dns::Type::txt));
    const std::vector<std::string> found = texts(*answer);
    if (found.size() != 1 || found.front().size() > kRecordBytesMax) return std::nullopt;
    const auto text = MacroString::parse_explanation(found.front());
    if (!text) return std::nullopt;
    TRY(std::string explanation, expand_text(*text, domain, kExplanationBytesMax));
    if (explanation.size() > kExplanationBytesMax || ascii::has_high_octet(explanation)) return std::nullopt;
    return explanation;
}

Evaluation<std::string> Evaluator::expand_text(const MacroString& text, const std::string& domain,
                                               std::size_t bytes_max) {
    values_.domain = domain;
    if (text.uses("p")) {
        TRY(values_.client_name, client_name(domain));
    }
    return expand(text, values_, bytes_max);
}

Evaluation<std::string> Evaluator::expand_domain(const MacroString& text, const std::string& domain) {
    // One more for the last dot, and one for the dot before the first label that is kept.
    TRY(std::string expanded, expand_text(text, domain, kNameCharactersMax + 2));
    return fit_domain(std::move(expanded));
}

Evaluation<std::vector<dns::Name>> Evaluator::client_names() {
    TRY(const Answer* pointers, answers_.find(trust::reverse_name(values_.client), dns::Type::ptr));
    std::vector<dns::Name> hosts;
    for (const dns::Record& record : pointers->records) {
        const auto* pointer = std::get_if<dns::NameData>(&record.data);
        if (pointer != nullptr && hosts.size() < kClientNamesMax) hosts.push_back(pointer->name);
    }
    TRY(const std::vector<const Answer*> found, find_addresses(hosts));
    std::vector<dns::Name> validated;
    for (std::size_t i = 0; i < hosts.size(); ++i)
        if (has_client(*found[i], {})) validated.push_back(hosts[i]);
    return validated;
}

/// The macro p (RFC 7208 §7.3).
Evaluation<std::string> Evaluator::client_name(const std::string& domain) {
    TRY(const std::vector<dns::Name> names, client_names());
    if (names.empty()) return "unknown";
    const auto own = name_of(domain);
    const auto is_own = [&](const dns::Name& name) { return own && name == *own; };
    const auto is_below = [&](const dns::Name& name) { return own && name.is_within(*own); };
    auto best = std::ranges::find_if(names, is_own);
    if (best == names.end()) best = std::ranges::find_if(names, is_below);
    return (best == names.end() ? names.begin() : best)->to_string();
}

/// The addresses of each host, of the client's family; all that are unknown are asked for together.
Evaluation<std::vector<const Answer*>> Evaluator::find_addresses(const std::vector<dns::Name>& hosts) {
    std::vector<const Answer*> found;
    trust::OpenQuestions open;
    for (const dns::Name& host : hosts) {
        if (const auto answer = answers_.find(host, values_.client.is_v4() ? dns::Type::a : dns::Type::aaaa))
            found.push_back(*answer);
        else
            trust::merge(open, answer.error());
    }
    if (!open.empty()) return failure(std::move(open));
    return found;
}

bool Evaluator::has_client(const Answer& addresses, const Directive& directive) const {
    const unsigned bits = values_.client.is_v4() ? directive.v4_bits : directive.v6_bits;
    return std::ranges::any_of(addresses.records, [&](const dns::Record& record) {
        const auto* data = std::get_if<dns::AddressData>(&record.data);
        return data != nullptr && share_prefix(values_.client, data->address, bits);
    });
}

bool Evaluator::count_lookups(unsigned count) {
    lookups_ += count;
    return lookups_ <= kLookupTermsMax;
}

Evaluator::Step Evaluator::count_void_lookup(const dns::Name& name) {
    if (++void_lookups_ <= kVoidLookupsMax) return Step::no_match;
    return stop(Reason::too_many_void_lookups, name.to_string());
}

Evaluator::Step Evaluator::stop(Reason reason, std::string subject) {
    verdict_.outcome =
        end(reason == Reason::dns_failure ? Outcome::temperror : Outcome::permerror, reason, std::move(subject));
    return Step::stop;
}

Outcome Evaluator::end(Outcome outcome, Reason reason, std::string subject) {
    verdict_.reason = reason;
    verdict_.subject = std::move(subject);
    return outcome;
}

} // namespace

Sender checked_sender(const Input& input, Identity identity) {
    Sender sender;
    if (identity == Identity::mail_from && input.mail_from)
        sender = *input.mail_from;
    else
        sender.domain = input.helo;
    if (sender.local_part.empty()) sender.local_part = "postmaster";
    return sender;
}

trust::Evaluation<Verdict> check_host(const Input& input, Identity identity, const trust::DnsAnswers& answers,
                                      ParsedRecords* parsed) {
    ParsedRecords of_this_call;
    return Evaluator(input, identity, answers, parsed != nullptr ? *parsed : of_this_call).run();
}

} // namespace tegami::spf
