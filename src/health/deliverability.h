// What the server knows of its own standing: certificates, reports of others, lists of bad senders.
#pragma once

#include "base/ip_address.h"
#include "health/finding.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::health {

struct Certificate {
    std::string name;
    std::optional<std::int64_t> days_left; ///< nothing: there is none yet
    std::string problem;                   ///< why it could not be renewed; empty: nothing is known
    bool renews_itself = false;
};

Finding judge_certificate(const Certificate& certificate);

/// What others report of mail in the name of a domain (DMARC), of one host that sent it.
struct ReportedHost {
    std::string address;
    std::string name;
    std::uint64_t letters = 0;
    std::uint64_t failed = 0;
};

/// `ours`: the addresses of this server. Nothing was reported: no finding.
std::vector<Finding> judge_dmarc(std::string_view domain, const std::vector<ReportedHost>& hosts,
                                 const std::set<std::string>& ours);

/// What others report of connections to the servers of a domain (TLS-RPT).
struct ReportedTls {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::string first_failure; ///< the most frequent one, in words
};

/// Nothing was reported: no finding.
std::vector<Finding> judge_tls(std::string_view domain, const ReportedTls& reported);

/// A list of bad senders that is asked over the DNS (RFC 5782).
struct SenderList {
    std::string_view zone;
    std::string_view name;
    std::string_view page; ///< where an address is taken off
};

std::span<const SenderList> sender_lists();

/// What a list says of an address: the addresses (127.0.0.0/8) that it answers with. Nothing: it is not on it, or the
/// list does not answer this resolver (Spamhaus has 127.255.255.0/24 for that).
std::optional<Finding> judge_listing(const IpAddress& address, const SenderList& list,
                                     const std::vector<IpAddress>& answers);

} // namespace tegami::health
