// SPF (RFC 7208): may this client send in the name of this domain?
//
// 1. check_host is a function of its input and the DNS answers (trust/dns_answers.h): called again with the answers to
//    its questions until it has a verdict.
// 2. A message asks at most kQuestionsMax questions for each identity, whatever strangers publish.
// 3. A verdict carries facts, never sentences for people.
#pragma once

#include "base/clock.h"
#include "base/ip_address.h"
#include "trust/dns_answers.h"
#include "trust/spf/record.h"
#include "trust/spf/verdict.h"

#include <cstddef>
#include <optional>
#include <string>

namespace tegami::spf {

/// Limit: terms that ask the DNS (RFC 7208 §4.6.4).
inline constexpr unsigned kLookupTermsMax = 10;
/// Limit: terms that ask for something that is not there (RFC 7208 §4.6.4). The hosts of one mx count once, so a client
/// with IPv6 is not refused because a domain's hosts have IPv4 only.
inline constexpr unsigned kVoidLookupsMax = 2;
/// Limit: MX records of one name (RFC 7208 §4.6.4).
inline constexpr std::size_t kExchangesMax = 10;
/// Limit: PTR records of the client; more are ignored (RFC 7208 §4.6.4).
inline constexpr std::size_t kClientNamesMax = 10;
/// Limit: octets of an explanation; a longer one is none (RFC 7208 §6.2).
inline constexpr std::size_t kExplanationBytesMax = 1000;
/// The record, each term as an mx with all its hosts, the client's names with their addresses, the explanation.
inline constexpr std::size_t kQuestionsMax = 1 + kLookupTermsMax * (1 + kExchangesMax) + (1 + kClientNamesMax) + 1;

/// An envelope sender.
struct Sender {
    std::string local_part; ///< unquoted; empty counts as "postmaster"
    std::string domain;     ///< as it was given; U-labels are taken for their A-labels (RFC 8616 §4)
};

struct Input {
    IpAddress client; ///< IPv4-mapped IPv6 is taken for IPv4
    std::string helo; ///< as it was given, may be nonsense
    /// Nothing for "<>", where the identity is postmaster at the HELO name (RFC 7208 §2.4).
    std::optional<Sender> mail_from;
    std::string receiver; ///< our host name (macro r)
    Timestamp time;       ///< now (macro t)
};

/// Who is checked for this identity.
Sender checked_sender(const Input& input, Identity identity);

/// The verdict on one identity, or the questions that are open; these are independent of each other. With `parsed`, what
/// another call of the same message has parsed is not parsed again.
trust::Evaluation<Verdict> check_host(const Input& input, Identity identity, const trust::DnsAnswers& answers,
                                      ParsedRecords* parsed = nullptr);

} // namespace tegami::spf
