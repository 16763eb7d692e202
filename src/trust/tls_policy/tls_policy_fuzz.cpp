// Any octets as what a domain publishes. TLSA records of a server: what is used is usable, and the same records in
// another order are the same. A policy of MTA-STS, its record, and a host: within their limits, whatever the end of its
// lines.
#include "base/assert.h"
#include "trust/tls_policy/dane.h"
#include "trust/tls_policy/mta_sts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace tegami;

namespace {

void try_dane(std::string_view octets) {
    const dns::Name host = *dns::Name::parse("mx.b.test");
    const dns::Name owner = *host.below("_25._tcp");
    trust::Answer address{.kind = trust::AnswerKind::records, .secure = true, .records = {}, .aliases = {}};
    trust::Answer tlsa = address;
    while (!octets.empty()) {
        const std::size_t size = std::min<std::size_t>(static_cast<unsigned char>(octets.front()), octets.size() - 1);
        if (auto data = dns::decode_rdata(dns::Type::tlsa, octets.substr(1, size)))
            tlsa.records.push_back({.name = owner, .type = dns::Type::tlsa, .data = *std::move(data)});
        octets.remove_prefix(1 + size);
    }
    if (tlsa.records.empty()) tlsa.kind = trust::AnswerKind::no_data;
    trust::DnsAnswers answers;
    answers.add({.name = host, .type = dns::Type::a}, address);
    answers.add({.name = host, .type = dns::Type::aaaa}, {.kind = trust::AnswerKind::no_data});
    answers.add({.name = owner, .type = dns::Type::tlsa}, tlsa);
    const tls_policy::DaneHost question{.host = host, .domain = host.parent(), .expanded = {}};
    const auto dane = tls_policy::evaluate_dane(question, answers);
    ASSERT(dane.has_value());
    ASSERT((dane->outcome == tls_policy::DaneOutcome::none) == tlsa.records.empty());
    ASSERT((dane->outcome == tls_policy::DaneOutcome::authenticate) == !dane->records.empty());
    ASSERT(std::ranges::all_of(dane->records, tls_policy::is_usable));
    if (tlsa.records.size() > tls_policy::kTlsaRecordsMax) return;
    std::ranges::reverse(tlsa.records);
    answers.add({.name = owner, .type = dns::Type::tlsa}, tlsa);
    ASSERT(tls_policy::evaluate_dane(question, answers) == *dane);
}

void try_sts(std::string_view octets) {
    const std::string record = "v=STSv1;" + std::string(octets.substr(0, octets.find('\n')));
    const auto id = tls_policy::find_sts_id({record});
    ASSERT(!id || (!id->empty() && record.contains("id=" + *id)));
    ASSERT(!tls_policy::find_sts_id({record, record}));
    const auto policy = tls_policy::parse_sts_policy(octets);
    if (!policy) return;
    ASSERT(policy->max_age <= tls_policy::kStsMaxAgeMax && policy->mx.size() <= tls_policy::kStsPatternsMax);
    ASSERT(!policy->mx.empty() || policy->mode == tls_policy::StsMode::none);
    for (const tls_policy::StsPattern& pattern : policy->mx)
        ASSERT(pattern.any_label ? !pattern.matches(pattern.name) : policy->allows(pattern.name));
    ASSERT(tls_policy::parse_sts_policy(std::string(octets) + "\r\n") == policy ||
           octets.size() + 2 > tls_policy::kStsPolicyBytesMax);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    try_dane(octets);
    try_sts(octets);
    return 0;
}
