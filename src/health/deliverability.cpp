#include "health/deliverability.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <array>

namespace tegami::health {

namespace {

/// The server warns as early in its log.
constexpr std::int64_t kDaysOfWarning = 14;

constexpr std::array kLists{
    SenderList{"zen.spamhaus.org", "Spamhaus", "https://check.spamhaus.org/"},
    SenderList{"bl.spamcop.net", "SpamCop", "https://www.spamcop.net/bl.shtml"},
    SenderList{"b.barracudacentral.org", "Barracuda", "https://www.barracudacentral.org/rbl/removal-request"},
    SenderList{"psbl.surriel.com", "PSBL", "https://psbl.org/"},
};

} // namespace

Finding judge_certificate(const Certificate& it) {
    const std::string about = "certificate " + it.name;
    const std::string why = it.problem.empty() ? "" : fmt::format(" The last attempt: {}", it.problem);
    if (!it.days_left)
        return {about, it.problem.empty() ? Weight::advice : Weight::suffers,
                fmt::format("there is none from the authority yet.{}", why)};
    const std::string days = *it.days_left == 1 ? "1 day" : fmt::format("{} days", *it.days_left);
    if (*it.days_left < 0)
        return {about, Weight::suffers, fmt::format("it has ended: mail programs refuse it.{}", why)};
    if (*it.days_left < kDaysOfWarning)
        return {
            about, Weight::suffers,
            fmt::format("it ends in {}{}.{}", days, it.renews_itself ? ", and was not renewed" : ": renew it", why)};
    if (!it.problem.empty())
        return {about, Weight::advice, fmt::format("it is good for {}, but could not be renewed.{}", days, why)};
    return {about, Weight::good, fmt::format("it is good for {}.", days)};
}

std::vector<Finding> judge_dmarc(std::string_view domain, const std::vector<ReportedHost>& hosts,
                                 const std::set<std::string>& ours) {
    std::uint64_t letters = 0;
    std::uint64_t failed_here = 0;
    std::uint64_t failed_elsewhere = 0;
    const ReportedHost* worst = nullptr;
    for (const ReportedHost& host : hosts) {
        letters += host.letters;
        if (ours.contains(host.address)) {
            failed_here += host.failed;
            continue;
        }
        failed_elsewhere += host.failed;
        if (host.failed != 0 && (!worst || host.failed > worst->failed)) worst = &host;
    }
    if (letters == 0) return {};
    const std::string about = fmt::format("DMARC of {}", domain);
    if (failed_here == 0 && failed_elsewhere == 0)
        return {{about, Weight::good, fmt::format("all letters that others report passed ({}).", letters)}};
    std::vector<Finding> findings;
    if (failed_here != 0)
        findings.push_back(
            {about, Weight::suffers,
             fmt::format("others report letters from this server that failed ({}): its mail is taken for "
                         "forged. tegami dns check {} says what is wrong.",
                         failed_here, domain)});
    if (worst)
        findings.push_back(
            {about, Weight::advice,
             fmt::format("others report letters in its name from other servers that failed ({}), most ({}) from {}{}. "
                         "If that one is yours, let it sign with DKIM or name it in the SPF record; otherwise somebody "
                         "forges the domain: p=quarantine or p=reject in its DMARC record stops it.",
                         failed_elsewhere, worst->failed, ascii::printable(worst->address),
                         worst->name.empty() ? "" : fmt::format(" ({})", ascii::printable(worst->name)))});
    return findings;
}

std::vector<Finding> judge_tls(std::string_view domain, const ReportedTls& reported) {
    const std::string about = fmt::format("TLS of {}", domain);
    if (reported.succeeded + reported.failed == 0) return {};
    if (reported.failed == 0)
        return {{about, Weight::good,
                 fmt::format("all connections that others report were encrypted ({}).", reported.succeeded)}};
    return {{about, Weight::suffers,
             fmt::format("others report connections that could not be encrypted as promised ({} of {}), so that mail "
                         "waits or is lost. Most often: {}. tegami tls reports {} has all.",
                         reported.failed, reported.succeeded + reported.failed, reported.first_failure, domain)}};
}

std::span<const SenderList> sender_lists() {
    return kLists;
}

std::optional<Finding> judge_listing(const IpAddress& address, const SenderList& list,
                                     const std::vector<IpAddress>& answers) {
    const auto network = *IpNetwork::parse("127.0.0.0/16");
    bool listed = false;
    bool by_policy = true;
    for (const IpAddress& answer : answers) {
        if (!network.contains(answer)) continue;
        listed = true;
        // Spamhaus PBL: what providers say about addresses of homes.
        const auto octets = answer.v4_octets();
        by_policy = by_policy && list.name == "Spamhaus" && (octets[3] == 10 || octets[3] == 11);
    }
    if (!listed) return std::nullopt;
    return Finding{
        address.to_string(), Weight::suffers,
        fmt::format("it is on the list of {}{}: many servers refuse its mail. {} says why, and takes it off.",
                    list.name, by_policy ? " as an address from which no mail servers are expected" : "", list.page)};
}

} // namespace tegami::health
