// Asks the DNS. An answer is a value that also says why there is none; nothing is thrown.
#pragma once

#include "async/awaitable.h"
#include "protocol/dns/name.h"
#include "protocol/dns/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::net {

enum class DnsStatus : std::uint8_t {
    no_error,            ///< `records` is not empty
    no_data,             ///< the name exists, but not with this type
    name_does_not_exist, ///< NXDOMAIN
    server_failure,      ///< the servers answered with errors, or not at all
    timed_out,
    bogus, ///< DNSSEC says the answer is forged or broken
};

/// Whether asking again later may give another answer: everything but yes and no.
constexpr bool is_temporary(DnsStatus status) {
    return status == DnsStatus::server_failure || status == DnsStatus::timed_out || status == DnsStatus::bogus;
}

std::string_view describe(DnsStatus status);

struct DnsAnswer {
    DnsStatus status = DnsStatus::server_failure;
    bool secure = false;              ///< proven by DNSSEC, including that there is nothing
    std::vector<dns::Record> records; ///< of the type asked for, at the end of the CNAME chain
    std::vector<dns::Name> aliases;   ///< the CNAME targets on the way, in order; the last owns the records
    std::uint32_t ttl_seconds = 0;
    std::string text; ///< for people: "MX b.test: 1 record", "A nowhere.test: the name does not exist"
};

/// What `text` says of an answer.
std::string describe(const dns::Name& name, dns::Type type, const DnsAnswer& answer);

class Resolver {
public:
    virtual ~Resolver() = default;
    /// From any thread; resumes on the caller's executor.
    virtual async::Awaitable<DnsAnswer> query(dns::Name name, dns::Type type) = 0;

    /// The answer, if it can be given without asking anybody. From any thread; never waits.
    virtual std::optional<DnsAnswer> remembered(const dns::Name& /*name*/, dns::Type /*type*/) { return std::nullopt; }
};

} // namespace tegami::net
