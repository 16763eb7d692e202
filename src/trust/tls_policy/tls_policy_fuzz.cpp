// Any octets as TLSA records of a server: what is used is usable, and the same records in another order are the same.
#include "base/assert.h"
#include "trust/tls_policy/dane.h"

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

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try_dane({reinterpret_cast<const char*>(data), size});
    return 0;
}
