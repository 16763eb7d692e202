#include "trust/tls_policy/dane.h"

#include <algorithm>
#include <string>
#include <tuple>

namespace tegami::tls_policy {

namespace {

constexpr std::uint8_t kTrustAnchor = 2;
constexpr std::uint8_t kEndEntity = 3;
constexpr std::size_t kSha256Bytes = 32;
constexpr std::size_t kSha512Bytes = 64;

/// What is known of the way to a host's addresses.
struct Addresses {
    bool found = false;
    bool secure = false;
    std::vector<dns::Name> aliases{};
};

trust::Evaluation<Addresses> addresses_of(const dns::Name& host, const trust::DnsAnswers& answers) {
    Addresses all;
    for (const dns::Type type : {dns::Type::aaaa, dns::Type::a}) {
        TRY(const trust::Answer* answer, answers.find(host, type));
        if (answer->kind != trust::AnswerKind::records) continue;
        if (!all.found) all.aliases = answer->aliases;
        all.found = true;
        all.secure = all.secure || answer->secure;
    }
    return all;
}

void add(std::vector<dns::Name>& names, const dns::Name& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

/// RFC 7672 §3.2.2.
std::vector<dns::Name> reference_names(const DaneHost& host, const dns::Name& base) {
    std::vector<dns::Name> names{base};
    // An MX that is not proven may be anybody's: it must not make the domain's name good for another server.
    if (host.by_mx && !host.route_secure) return names;
    add(names, host.domain);
    if (host.by_mx && host.expanded) add(names, *host.expanded);
    return names;
}

Dane dane_of(const DaneHost& host, const dns::Name& base, const trust::Answer& answer) {
    Dane dane{.outcome = DaneOutcome::encrypt, .ttl_seconds = answer.ttl_seconds};
    for (const dns::Record& record : answer.records) {
        const auto* data = std::get_if<dns::TlsaData>(&record.data);
        if (data == nullptr || !is_usable(*data) || dane.records.size() == kTlsaRecordsMax) continue;
        dane.outcome = DaneOutcome::authenticate;
        dane.records.push_back(*data);
    }
    // Answers come in any order, and equal policies must be equal.
    std::ranges::sort(dane.records, {}, [](const dns::TlsaData& record) {
        return std::tuple(record.usage, record.selector, record.matching, record.association);
    });
    dane.names = reference_names(host, base);
    return dane;
}

} // namespace

bool is_usable(const dns::TlsaData& record) {
    if (record.usage != kTrustAnchor && record.usage != kEndEntity) return false;
    if (record.selector > 1) return false;
    switch (record.matching) {
    case 0: return !record.association.empty();
    case 1: return record.association.size() == kSha256Bytes;
    case 2: return record.association.size() == kSha512Bytes;
    default: return false;
    }
}

std::string to_string(const dns::TlsaData& record) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out = std::to_string(record.usage) + " " + std::to_string(record.selector) + " " +
                      std::to_string(record.matching) + " ";
    for (const char c : record.association) {
        const auto octet = static_cast<unsigned char>(c);
        out += kDigits[octet >> 4];
        out += kDigits[octet & 0xf];
    }
    return out;
}

trust::Evaluation<Dane> evaluate_dane(const DaneHost& host, const trust::DnsAnswers& answers) {
    TRY(const Addresses addresses, addresses_of(host.host, answers));
    if (!addresses.found) return Dane{};
    std::vector<dns::Name> bases;
    if (addresses.secure) {
        if (!addresses.aliases.empty()) bases.push_back(addresses.aliases.back());
    } else {
        // RFC 7672 §2.2.2: an alias in a signed zone for a name in an unsigned one may have TLSA records of its own.
        if (addresses.aliases.empty()) return Dane{};
        TRY(const trust::Answer* alias, answers.find(host.host, dns::Type::cname));
        if (alias->kind == trust::AnswerKind::failure) return Dane{.outcome = DaneOutcome::lookup_failed};
        if (!alias->secure) return Dane{};
    }
    bases.push_back(host.host);
    Dane none;
    for (const dns::Name& base : bases) {
        const auto name = base.below("_" + std::to_string(host.port) + "._tcp");
        if (!name) continue; // too long for anybody to have published it
        TRY(const trust::Answer* answer, answers.find(*name, dns::Type::tlsa));
        if (answer->kind == trust::AnswerKind::failure) return Dane{.outcome = DaneOutcome::lookup_failed};
        if (answer->secure && answer->kind == trust::AnswerKind::records) return dane_of(host, base, *answer);
        none.ttl_seconds = std::min(none.ttl_seconds, answer->ttl_seconds);
    }
    return none;
}

} // namespace tegami::tls_policy
