// All that is known about who sent a message: the verdicts of SPF, DKIM, DMARC and iprev together. Pure.
//
// 1. Judge is an evaluator (trust/dns_answers.h): the questions of all methods are asked at the same time, and what is settled is
//    not judged again.
// 2. DMARC is judged by the final verdicts of SPF and DKIM alone; what it has to ask is asked before.
#pragma once

#include "base/clock.h"
#include "base/ip_address.h"
#include "message/address.h"
#include "message/header.h"
#include "trust/authentication_results.h"
#include "trust/dkim/verifier.h"
#include "trust/dmarc/evaluate.h"
#include "trust/dns_answers.h"
#include "trust/iprev.h"
#include "trust/spf/check_host.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tegami::verification {

/// What the client said of itself and the message.
struct Subject {
    IpAddress client;
    std::string helo;
    std::optional<message::EmailAddress> reverse_path; ///< nothing for "<>"
    std::string host_name;                             ///< ours
    Timestamp time;
};

struct Verdicts {
    trust::Iprev iprev;
    spf::Verdict helo;
    std::optional<spf::Verdict> mail_from; ///< nothing for "<>"
    std::vector<dkim::SignatureResult> dkim;
    dmarc::Verdict dmarc;
};

class Judge {
public:
    /// `verifier` has seen the whole message; `header` is that of the message. Verifier and keys outlive the judge.
    Judge(Subject subject, const dkim::Verifier& verifier, const message::Header& header,
          dkim::KeyCache* keys = nullptr);

    trust::Evaluation<Verdicts> evaluate(const trust::DnsAnswers& answers);

private:
    dmarc::Input dmarc_input() const;

    Subject subject_;
    const dkim::Verifier& verifier_;
    dkim::KeyCache* keys_;
    std::vector<message::Domain> authors_;
    std::optional<trust::Iprev> iprev_;
    std::optional<spf::Verdict> helo_;
    std::optional<spf::Verdict> mail_from_;
    std::optional<std::vector<dkim::SignatureResult>> dkim_;
};

/// Limit: signatures that facts() and authentication_results() tell of.
inline constexpr std::size_t kSignaturesTold = 5;

/// As the message says it to programs behind us (RFC 8601).
trust::AuthenticationResults authentication_results(const Subject& subject, const Verdicts& verdicts);

/// As the journey keeps it: names with values, in groups. A group begins with the method and its result ("spf", "fail"); what
/// belongs to it follows as "spf.domain", "spf.reason" and so on.
std::vector<std::pair<std::string, std::string>> facts(const Subject& subject, const Verdicts& verdicts);

} // namespace tegami::verification
