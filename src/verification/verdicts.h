// All that is known about who sent a message: the verdicts of SPF, DKIM, ARC, DMARC, BIMI and iprev together.
// Pure.
//
// 1. Judge is an evaluator (trust/dns_answers.h): the questions of all methods are asked at the same time, and what is
//    settled is not judged again.
// 2. DMARC is judged by the final verdicts of SPF and DKIM alone; what it has to ask is asked before. BIMI, which asks
//    nothing about letters that do not pass DMARC, comes last.
#pragma once

#include "base/clock.h"
#include "base/ip_address.h"
#include "message/address.h"
#include "message/header.h"
#include "trust/arc/validator.h"
#include "trust/authentication_results.h"
#include "trust/bimi/evaluate.h"
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
    /// Nothing if it is not known who brought the message: then SPF and iprev are not judged.
    std::optional<IpAddress> client;
    std::string helo;
    std::optional<message::EmailAddress> reverse_path; ///< nothing for "<>"
    std::string host_name;                             ///< ours
    Timestamp time;
};

struct Verdicts {
    std::optional<trust::Iprev> iprev;     ///< nothing if the client is not known
    std::optional<spf::Verdict> helo;      ///< nothing if the client is not known
    std::optional<spf::Verdict> mail_from; ///< nothing for "<>", too
    std::vector<dkim::SignatureResult> dkim;
    std::size_t signatures_left_out = 0; ///< beyond dkim::kSignaturesMax
    arc::Verdict arc;
    dmarc::Verdict dmarc;
    bimi::Verdict bimi;

    /// The verdict of SPF that DMARC goes by (RFC 9989 §3.2.4): on the reverse path, or for "<>" on the HELO name.
    const spf::Verdict* spf() const { return mail_from ? &*mail_from : helo ? &*helo : nullptr; }
};

/// Who have seen the whole message; both outlive the judge.
struct Witnesses {
    const dkim::Verifier& signatures;
    const arc::Validator& chain;
};

/// What SPF is asked about.
spf::Input spf_input(const Subject& subject);

/// Limit: octets of From that are looked at; authors behind are not seen, by readers neither.
inline constexpr std::size_t kAuthorBytesMax = std::size_t{8} << 10;

class Judge {
public:
    /// `header` is that of the message; `keys` outlive the judge, or are missing.
    Judge(Subject subject, Witnesses witnesses, const message::Header& header, dkim::KeyCache* keys = nullptr);

    trust::Evaluation<Verdicts> evaluate(const trust::DnsAnswers& answers);

private:
    void read_authors(const message::Header& header);
    void judge_client(const IpAddress& client, const trust::DnsAnswers& answers, trust::OpenQuestions& open);
    dmarc::Input dmarc_input() const;
    bool is_dmarc_input_final() const;
    bool is_selector_signed() const;
    trust::Evaluation<bimi::Verdict> judge_logo(const trust::DnsAnswers& answers) const;

    Subject subject_;
    Witnesses witnesses_;
    dkim::KeyCache* keys_;
    /// Of the authors that stand within kAuthorBytesMax; no more of them than DMARC would look at, and one.
    std::vector<message::Domain> authors_;
    std::optional<message::EmailAddress> only_author_; ///< of a letter with one in one From
    std::optional<std::string> selector_;              ///< of BIMI, as the letter names it
    spf::ParsedRecords parsed_;
    std::optional<trust::Iprev> iprev_;
    std::optional<spf::Verdict> helo_;
    std::optional<spf::Verdict> mail_from_;
    std::optional<std::vector<dkim::SignatureResult>> dkim_;
    std::optional<arc::Verdict> arc_;
    std::optional<dmarc::Verdict> dmarc_;
};

/// What DMARC went by, but for the authors; its signatures are in the order of dmarc::Verdict::dkim.
dmarc::Input dmarc_input(const Subject& subject, const Verdicts& verdicts);

/// Limit: signatures that facts() and authentication_results() tell of.
inline constexpr std::size_t kSignaturesTold = 5;

/// As the message says it to programs behind us (RFC 8601).
trust::AuthenticationResults authentication_results(const Subject& subject, const Verdicts& verdicts);

/// As the journey keeps it: names with values, in groups. A group begins with the method and its result ("spf",
/// "fail"); what belongs to it follows as "spf.domain", "spf.reason" and so on. SPF has a group for the reverse path
/// and, if the HELO name says anything, one for that ("spf.identity").
std::vector<std::pair<std::string, std::string>> facts(const Subject& subject, const Verdicts& verdicts);

} // namespace tegami::verification
