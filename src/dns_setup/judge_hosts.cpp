#include "dns_setup/judge.h"
#include "trust/iprev.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace tegami::dns_setup {

std::vector<std::string> values_of(const trust::Answer& answer) {
    std::vector<std::string> values;
    for (const dns::Record& record : answer.records)
        values.push_back(plain_value(record.data));
    std::ranges::sort(values);
    return values;
}

bool has_value(const trust::Answer& answer, const dns::Data& data) {
    return std::ranges::find(answer.records, data, &dns::Record::data) != answer.records.end();
}

trust::Evaluation<bool> leads_here(const Case& it, const dns::Name& name) {
    trust::OpenQuestions open;
    bool here = false;
    for (const IpAddress& address : it.facts.host.addresses) {
        const auto answer = it.answers.find(name, address.is_v4() ? dns::Type::a : dns::Type::aaaa);
        if (!answer)
            merge(open, answer.error());
        else
            here = here || has_value(**answer, dns::AddressData{address});
    }
    if (!open.empty()) return failure(std::move(open));
    return here;
}

namespace {

/// Best first.
std::vector<dns::MxData> exchangers_of(const trust::Answer& answer) {
    std::vector<dns::MxData> exchangers;
    for (const dns::Record& record : answer.records)
        if (const auto* const data = std::get_if<dns::MxData>(&record.data)) exchangers.push_back(*data);
    std::ranges::sort(exchangers, {}, [](const dns::MxData& each) { return std::tie(each.preference, each.exchange); });
    if (exchangers.size() > kShownMax) exchangers.resize(kShownMax);
    return exchangers;
}

struct Exchangers {
    std::vector<std::string> before; ///< names of others, which senders try first
    std::vector<std::string> beside;
    bool has_us = false;
};

trust::Evaluation<Exchangers> divide(const Case& it, const std::vector<dns::MxData>& exchangers) {
    const dns::Name& host = it.facts.host.name;
    const bool named = std::ranges::find(exchangers, host, &dns::MxData::exchange) != exchangers.end();
    Exchangers divided;
    trust::OpenQuestions open;
    std::vector<const dns::MxData*> others;
    std::uint16_t our_preference = 0;
    std::size_t looked_at = 0;
    for (const dns::MxData& each : exchangers) {
        bool ours = each.exchange == host;
        if (!named && looked_at++ < kExchangersMax) {
            const auto here = leads_here(it, each.exchange);
            if (!here) merge(open, here.error());
            ours = here.value_or(false);
        }
        if (!ours) {
            others.push_back(&each);
        } else if (!divided.has_us) {
            divided.has_us = true;
            our_preference = each.preference;
        }
    }
    if (!open.empty()) return failure(std::move(open));
    for (const dns::MxData* const each : others)
        (!divided.has_us || each->preference < our_preference ? divided.before : divided.beside)
            .push_back(each->exchange.to_string());
    return divided;
}

} // namespace

Judgement judge_exchanger(const Case& it) {
    TRY(const trust::Answer* const answer, it.answers.find(*it.record.name, dns::Type::mx));
    if (answer->kind == trust::AnswerKind::failure) return unanswered(it);
    if (answer->is_void()) return absent(it);
    std::vector<std::string> found = values_of(*answer);
    if (dns::is_null_mx(answer->records))
        return finding(it, State::wrong,
                       "the domain says that it takes no mail (RFC 7505), and senders give up at once: replace it",
                       std::move(found));
    TRY(const Exchangers divided, divide(it, exchangers_of(*answer)));
    if (!divided.has_us)
        return finding(it, State::wrong,
                       fmt::format("the domain's mail goes to {}, not to this server", fmt::join(divided.before, ", ")),
                       std::move(found));
    std::string words;
    if (!divided.before.empty())
        words = fmt::format("mail goes to {0} first: good if {0} hands it on to this server, else take it away",
                            fmt::join(divided.before, ", "));
    else if (!divided.beside.empty())
        words =
            fmt::format("{0} takes the domain's mail too: good if {0} hands it on to this server, else take it away",
                        fmt::join(divided.beside, ", "));
    return finding(it, State::right, std::move(words), std::move(found));
}

Judgement judge_address(const Case& it) {
    TRY(const trust::Answer* const answer, it.answers.find(*it.record.name, it.record.type));
    const std::string host = it.facts.host.name.to_string();
    if (answer->kind == trust::AnswerKind::failure) return unanswered(it);
    std::vector<std::string> found = values_of(*answer);
    if (!it.record.data)
        return finding(it, State::missing, fmt::format("{} has no address: publish the server's", host));
    const std::string ours = plain_value(*it.record.data);
    if (answer->is_void()) return absent(it);
    if (!has_value(*answer, *it.record.data))
        return finding(it, State::wrong, fmt::format("{} leads to {}, not to {}", host, fmt::join(found, ", "), ours),
                       std::move(found));
    if (!it.addresses_known && !is_public(std::get<dns::AddressData>(*it.record.data).address))
        return finding(
            it, State::wrong,
            fmt::format("nobody on the Internet reaches {}: publish the address by which they reach this server", ours),
            std::move(found));
    std::string words;
    if (!answer->aliases.empty())
        // RFC 2181 §10.3
        words =
            fmt::format("{} is an alias (CNAME), which the name of a mail server must not be: publish its addresses "
                        "themselves",
                        host);
    std::vector<std::string> strangers;
    for (const dns::Record& record : answer->records)
        if (const auto* const data = std::get_if<dns::AddressData>(&record.data);
            data != nullptr &&
            std::ranges::find(it.facts.host.addresses, data->address) == it.facts.host.addresses.end())
            strangers.push_back(data->address.to_string());
    if (words.empty() && !strangers.empty())
        words = fmt::format("{} leads to {} too: good if that is this server, else take it away", host,
                            fmt::join(strangers, ", "));
    return finding(it, State::right, std::move(words), std::move(found));
}

Judgement judge_reverse(const Case& it) {
    const auto address = std::ranges::find_if(it.facts.host.addresses, [&](const IpAddress& each) {
        return it.record.name && trust::reverse_name(each) == *it.record.name;
    });
    if (address == it.facts.host.addresses.end())
        return finding(it, State::missing, "the server has no address in the DNS yet");
    TRY(const trust::Iprev back, trust::check_iprev(*address, it.answers));
    const std::string host = it.facts.host.name.to_string();
    const std::string name = back.name ? back.name->to_string() : std::string();
    switch (back.outcome) {
    case trust::IprevOutcome::temperror: return unanswered(it);
    case trust::IprevOutcome::permerror:
        return finding(
            it, State::missing,
            fmt::format("{} has no name: have whoever gave you the address set {}", address->to_string(), host));
    case trust::IprevOutcome::fail:
        return finding(
            it, State::wrong,
            fmt::format("{0} has the name {1}, which does not lead back to it: have whoever gave you the address "
                        "set {2}",
                        address->to_string(), name, host),
            {name});
    case trust::IprevOutcome::pass: break;
    }
    const bool same = *back.name == it.facts.host.name;
    return finding(
        it, State::right,
        same ? "" : fmt::format("{} leads back, which is enough; some receivers like better if it is {}", name, host),
        {name});
}

namespace {

/// Whether a record names a key or certificate that this server neither has nor is to have.
bool is_of_another_key(const Host& host, const dns::TlsaData& data) {
    if (data.usage != 1 && data.usage != 3) return false;
    if (data.selector > 1 || data.matching != 1) return false;
    const std::string& ours = data.selector == 1 ? host.public_key_sha256 : host.certificate_sha256;
    return data.association != ours && !(data.selector == 1 && data.association == host.next_key_sha256);
}

/// About a set that has our key.
std::string advice_about_keys(const Case& it, const trust::Answer& answer) {
    if (it.facts.host.has_trust_anchor && !answer.secure)
        return "the zone is not signed with DNSSEC: nobody looks at this record";
    const bool others = std::ranges::any_of(answer.records, [&](const dns::Record& record) {
        const auto* const data = std::get_if<dns::TlsaData>(&record.data);
        return data != nullptr && is_of_another_key(it.facts.host, *data);
    });
    return others ? "beside it stand keys that this server does not have: take away those of earlier certificates, "
                    "which whoever has such a key could use"
                  : "";
}

} // namespace

Judgement judge_tls_key(const Case& it) {
    TRY(const trust::Answer* const answer, it.answers.find(*it.record.name, dns::Type::tlsa));
    if (answer->kind == trust::AnswerKind::failure) return unanswered(it);
    if (answer->is_void())
        return finding(it, State::missing, "if the zone is signed with DNSSEC, publish it; else it is of no use");
    std::vector<std::string> found = values_of(*answer);
    const bool unproven = it.facts.host.has_trust_anchor && !answer->secure;
    bool others = false;
    for (const dns::Record& record : answer->records) {
        const auto* const data = std::get_if<dns::TlsaData>(&record.data);
        if (data == nullptr) continue;
        // RFC 6698 §2.1: usages 1 and 3 are about the server's own certificate; matching 1 is SHA-256.
        const bool comparable = (data->usage == 1 || data->usage == 3) && data->selector <= 1 && data->matching == 1;
        const std::string& ours =
            data->selector == 1 ? it.facts.host.public_key_sha256 : it.facts.host.certificate_sha256;
        if (comparable && data->association == ours)
            return finding(it, State::right, advice_about_keys(it, *answer), std::move(found));
        others = others || !comparable;
    }
    if (others)
        return finding(it, State::right, "it is of a kind that is not compared here: see that it fits the certificate",
                       std::move(found));
    Finding wrong =
        finding(it, State::wrong,
                "it names another key than that of this server's certificate: servers that look at it keep their "
                "mail back. Replace it, or take it away",
                std::move(found));
    wrong.suffers = !unproven;
    return wrong;
}

Judgement judge_next_tls_key(const Case& it) {
    TRY(const trust::Answer* const answer, it.answers.find(*it.record.name, dns::Type::tlsa));
    if (answer->kind == trust::AnswerKind::failure) return unanswered(it);
    if (answer->is_void())
        return finding(it, State::missing, "if the zone is signed with DNSSEC, publish it; else it is of no use");
    std::vector<std::string> found = values_of(*answer);
    if (has_value(*answer, *it.record.data)) return finding(it, State::right, {}, std::move(found));
    return finding(it, State::missing,
                   "publish it beside what is there, a day or more before the certificate changes to this key",
                   std::move(found));
}

Judgement judge_client_service(const Case& it) {
    TRY(const trust::Answer* const answer, it.answers.find(*it.record.name, dns::Type::srv));
    if (answer->kind == trust::AnswerKind::failure) return unanswered(it);
    if (answer->is_void()) return absent(it);
    std::vector<std::string> found = values_of(*answer);
    const auto& ours = std::get<dns::SrvData>(*it.record.data);
    const auto has = [&](auto accepts) {
        return std::ranges::any_of(answer->records, [&](const dns::Record& record) {
            const auto* const data = std::get_if<dns::SrvData>(&record.data);
            return data != nullptr && accepts(*data);
        });
    };
    if (has([&](const dns::SrvData& data) { return data.target == ours.target && data.port == ours.port; }))
        return finding(it, State::right, {}, std::move(found));
    // Whoever wrote it may know of a service that is not in our plan.
    if (ours.target.is_root() && has([&](const dns::SrvData& data) { return data.target == it.facts.host.name; }))
        return finding(it, State::right,
                       "it leads mail programs to a connection that begins without TLS, or to none: better say that "
                       "there is none (0 0 0 .)",
                       std::move(found));
    return finding(it, State::wrong, "it leads mail programs elsewhere, or nowhere: replace it", std::move(found));
}

} // namespace tegami::dns_setup
