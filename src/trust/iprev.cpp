#include "trust/iprev.h"

#include "base/assert.h"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

namespace tegami::trust {

namespace {

std::vector<dns::Name> names_of(const Answer& answer) {
    std::vector<dns::Name> names;
    for (const dns::Record& record : answer.records) {
        if (const auto* data = std::get_if<dns::NameData>(&record.data)) names.push_back(data->name);
    }
    std::ranges::sort(names, {}, &dns::Name::wire);
    if (names.size() > kReverseNamesMax) names.erase(names.begin() + kReverseNamesMax, names.end());
    return names;
}

bool has_address(const Answer& answer, const IpAddress& address) {
    return std::ranges::any_of(answer.records, [&](const dns::Record& record) {
        const auto* data = std::get_if<dns::AddressData>(&record.data);
        return data != nullptr && data->address == address;
    });
}

} // namespace

Evaluation<Iprev> check_iprev(const IpAddress& client, const DnsAnswers& answers) {
    const IpAddress address = client.unmapped();
    TRY(const Answer* pointers, answers.find(reverse_name(address), dns::Type::ptr));
    if (pointers->kind == AnswerKind::failure) return Iprev{.outcome = IprevOutcome::temperror, .name = {}};
    const std::vector<dns::Name> names = names_of(*pointers);
    if (names.empty()) return Iprev{.outcome = IprevOutcome::permerror, .name = {}};
    Iprev result{.outcome = IprevOutcome::fail, .name = names.front()};
    OpenQuestions open;
    for (const dns::Name& name : names) {
        const auto found = answers.find(name, address.is_v4() ? dns::Type::a : dns::Type::aaaa);
        if (!found) {
            merge(open, found.error());
        } else if (has_address(**found, address)) {
            return Iprev{.outcome = IprevOutcome::pass, .name = name};
        } else if ((*found)->kind == AnswerKind::failure) {
            result.outcome = IprevOutcome::temperror;
        }
    }
    if (!open.empty()) return failure(std::move(open));
    return result;
}

std::string_view to_string(IprevOutcome outcome) {
    switch (outcome) {
    case IprevOutcome::pass: return "pass";
    case IprevOutcome::fail: return "fail";
    case IprevOutcome::temperror: return "temperror";
    case IprevOutcome::permerror: return "permerror";
    }
    std::unreachable();
}

dns::Name reverse_name(const IpAddress& address) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (const char c : std::views::reverse(address.octets())) {
        const auto octet = static_cast<unsigned char>(c);
        if (address.is_v4())
            text.append(std::to_string(octet)) += '.';
        else
            text += {kHex[octet & 0xfU], '.', kHex[octet >> 4U], '.'};
    }
    text += address.is_v4() ? "in-addr.arpa" : "ip6.arpa";
    const auto name = dns::Name::parse(text);
    ASSERT(name.has_value());
    return *name;
}

} // namespace tegami::trust
