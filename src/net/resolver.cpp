#include "net/resolver.h"

namespace tegami::net {

std::string_view describe(DnsStatus status) {
    switch (status) {
    case DnsStatus::no_error: return "found";
    case DnsStatus::no_data: return "the name has no such record";
    case DnsStatus::name_does_not_exist: return "the name does not exist";
    case DnsStatus::server_failure: return "the name servers failed";
    case DnsStatus::timed_out: return "the name servers did not answer in time";
    case DnsStatus::bogus: break;
    }
    return "the answer failed its DNSSEC check";
}

std::string describe(const dns::Name& name, dns::Type type, const DnsAnswer& answer) {
    std::string text = dns::to_string(type) + " " + name.to_string();
    for (const dns::Name& alias : answer.aliases)
        text += " -> " + alias.to_string();
    text += ": ";
    if (answer.status != DnsStatus::no_error) return text + std::string(describe(answer.status));
    return text + std::to_string(answer.records.size()) + (answer.records.size() == 1 ? " record" : " records");
}

} // namespace tegami::net
