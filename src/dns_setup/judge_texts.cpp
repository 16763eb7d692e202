#include "dns_setup/judge.h"

#include "trust/dkim/key.h"
#include "trust/dmarc/tree_walk.h"
#include "trust/spf/check_host.h"
#include "trust/spf/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace tegami::dns_setup {

std::vector<std::string> texts_that(const trust::Answer& answer,
                                    const std::function<bool(std::string_view)>& are_such) {
    std::vector<std::string> texts = trust::texts(answer);
    std::erase_if(texts, [&](const std::string& text) { return !are_such(text); });
    std::ranges::sort(texts);
    return texts;
}

Finding several(const Case& it, std::string_view kind, std::vector<std::string> found) {
    std::string words =
        fmt::format("there are {} {} records, and then receivers look at none: make one of them", found.size(), kind);
    return finding(it, State::wrong, std::move(words), std::move(found));
}

namespace {

/// Why SPF does not pass for one of our addresses although the domain has one record. What is wrong with an include or
/// redirect is wrong with it too (RFC 7208 §5.2, §6.1).
Finding explain(const Case& it, const spf::Verdict& verdict, const IpAddress& address, std::vector<std::string> found) {
    // The last place may be a record that is not there.
    std::string term;
    for (const spf::Place& place : verdict.path)
        if (!place.term.empty()) term = place.term;
    const auto wrong = [&](std::string words) { return finding(it, State::wrong, std::move(words), std::move(found)); };
    using enum spf::Reason;
    switch (verdict.reason) {
    case no_such_domain:
    case no_record: return wrong(fmt::format("{} leads to a domain without an SPF record: take that out", term));
    case several_records:
        return wrong(fmt::format("{} leads to a domain with several SPF records: take that out", term));
    case dns_failure: return unanswered(it);
    case bad_domain:
    case record_too_long:
    case syntax_error:
    case repeated_modifier:
        return wrong(fmt::format("receivers cannot read it (at \"{}\"), and then it does not count",
                                 verdict.subject.empty() ? term : verdict.subject));
    case too_many_lookups:
        return wrong(
            fmt::format("it makes receivers ask the DNS more than {} times, and then it does not count: include "
                        "fewer others",
                        spf::kLookupTermsMax));
    case too_many_void_lookups:
        return wrong(
            fmt::format("it names too much that is not in the DNS ({}), and then it does not count: take that out",
                        verdict.subject));
    case too_many_exchanges:
        return wrong(fmt::format("{} has more than {} MX records, and then it does not count", verdict.subject,
                                 spf::kExchangesMax));
    case matched:
    case nothing_matched: break;
    }
    Finding refused =
        wrong(fmt::format("it does not let this server's address {} send ({}): add a:{}", address.to_string(),
                          spf::to_string(verdict.outcome), it.facts.host.name.to_string()));
    refused.suffers = refused.suffers || verdict.outcome == spf::Outcome::fail;
    return refused;
}

bool lets_everybody(std::string_view record) {
    const auto parsed = spf::parse_record(record);
    return parsed && std::ranges::any_of(parsed->directives, [](const spf::Directive& each) {
               return each.mechanism == spf::Mechanism::all && each.qualifier == spf::Outcome::pass;
           });
}

bool same_key(std::string_view published, std::string_view planned) {
    const auto there = dkim::parse_key_record(published);
    const auto ours = dkim::parse_key_record(planned);
    return there && ours && there->type == ours->type && there->octets == ours->octets;
}

std::string list_tags(const std::vector<dmarc::Tag>& tags) {
    std::string list;
    for (const dmarc::Tag tag : tags)
        list += fmt::format("{}{}", list.empty() ? "" : ", ", dmarc::to_string(tag));
    return list;
}

std::string advice_about(const dmarc::Record& record) {
    if (record.p == dmarc::Policy::none)
        return "p=none only watches: when the reports show that your own mail passes, go on to p=quarantine, then to "
               "p=reject";
    if (record.rua.empty()) return "nobody gets reports: add rua=mailto:ADDRESS";
    return {};
}

} // namespace

Judgement judge_sender_policy(const Case& it) {
    TRY(const trust::Answer* const answer, it.answers.find(*it.record.name, dns::Type::txt));
    if (answer->kind == trust::AnswerKind::failure) return unanswered(it);
    std::vector<std::string> found = texts_that(*answer, spf::is_record);
    if (found.empty()) return absent(it);
    if (found.size() > 1) return several(it, "SPF", std::move(found));
    const bool of_host = it.record.purpose == Purpose::host_policy;
    spf::Input input{
        .helo = it.facts.host.name.to_string(), .receiver = it.facts.host.name.to_string(), .time = it.now};
    if (!of_host) input.mail_from = spf::Sender{.local_part = "postmaster", .domain = it.facts.domain.ascii()};
    trust::OpenQuestions open;
    std::optional<Finding> refused;
    for (const IpAddress& address : it.facts.host.addresses) {
        input.client = address;
        const auto verdict =
            spf::check_host(input, of_host ? spf::Identity::helo : spf::Identity::mail_from, it.answers);
        if (!verdict)
            merge(open, verdict.error());
        else if (verdict->outcome != spf::Outcome::pass && !refused)
            refused = explain(it, *verdict, address, found);
    }
    if (!open.empty()) return failure(std::move(open));
    if (refused) return *refused;
    const bool everybody = lets_everybody(found.front());
    Finding judged =
        finding(it, everybody ? State::wrong : State::right,
                everybody ? "it lets everybody send in this name (+all): end it with ~all" : "", std::move(found));
    judged.suffers = false;
    return judged;
}

Judgement judge_signing_key(const Case& it) {
    TRY(const trust::Answer* const answer, it.answers.find(*it.record.name, dns::Type::txt));
    if (answer->kind == trust::AnswerKind::failure) return unanswered(it);
    std::vector<std::string> found = trust::texts(*answer);
    if (found.empty()) return absent(it);
    const std::string ours = plain_value(*it.record.data);
    const bool there = std::ranges::any_of(found, [&](const std::string& text) { return same_key(text, ours); });
    if (!there && ours.starts_with(found.front()))
        return finding(it, State::wrong, "it is cut off: publish the whole text, in several strings if need be",
                       std::move(found));
    if (!there)
        return finding(it, State::wrong, "another key, or no key, stands there: replace it with this server's",
                       std::move(found));
    // RFC 6376 §3.6.2.2
    if (found.size() > 1)
        return finding(it, State::wrong,
                       "there are other texts beside the key, and receivers may take those: take them away",
                       std::move(found));
    return finding(it, State::right, {}, std::move(found));
}

Judgement judge_author_policy(const Case& it) {
    const auto own_answer = it.answers.find(*it.record.name, dns::Type::txt);
    const auto walked = dmarc::walk_tree(it.facts.domain, it.answers);
    if (!own_answer || !walked) {
        trust::OpenQuestions open;
        if (!own_answer) merge(open, own_answer.error());
        if (!walked) merge(open, walked.error());
        return failure(std::move(open));
    }
    if (walked->own_failed) return unanswered(it);
    std::vector<std::string> found =
        texts_that(**own_answer, [](std::string_view text) { return dmarc::parse_record(text).has_value(); });
    if (found.size() > 1) return several(it, "DMARC", std::move(found));
    const dmarc::Record* record = walked->at(it.facts.domain);
    std::string place;
    if (record == nullptr && walked->organizational) {
        record = walked->at(*walked->organizational);
        place = fmt::format("that of {} counts for this domain; ", walked->organizational->ascii());
    }
    if (record == nullptr) return absent(it);
    if (!record->applicable || !record->faulty.empty())
        return finding(
            it, State::wrong,
            record->faulty.empty()
                ? std::string("it neither says what to do (p=) nor whom to tell (rua=), and does not count")
                : fmt::format("receivers cannot read these tags and leave them out: {}", list_tags(record->faulty)),
            std::move(found));
    return finding(it, State::right, place + advice_about(*record), std::move(found));
}

Judgement judge_tls_reports(const Case& it) {
    TRY(const trust::Answer* const answer, it.answers.find(*it.record.name, dns::Type::txt));
    if (answer->kind == trust::AnswerKind::failure) return unanswered(it);
    // RFC 8460 §3: others are ignored; if several are left, there is none.
    std::vector<std::string> found =
        texts_that(*answer, [](std::string_view text) { return text.starts_with("v=TLSRPTv1"); });
    if (found.empty()) return absent(it);
    if (found.size() > 1) return several(it, "TLS-RPT", std::move(found));
    if (!found.front().contains("rua="))
        return finding(it, State::wrong, "it does not say where reports go: add rua=mailto:ADDRESS", std::move(found));
    return finding(it, State::right, {}, std::move(found));
}

} // namespace tegami::dns_setup
