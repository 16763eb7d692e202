// Makes the reports about TLS to other domains (RFC 8460) of what TlsCounter has counted.
//
// 1. The domain's record of the moment says where the report goes, by mail, by POST, or both; it is done when one of
//    them has taken it.
// 2. A report goes out whatever TLS the domain's mail servers have (RFC 8460 §3): that may be what it is about. A
//    server that takes it by POST must prove its name by authorities: nobody can point us to a host that is not his.
#pragma once

#include "async/worker_pool.h"
#include "net/host_endpoints.h"
#include "net/network.h"
#include "net/resolver.h"
#include "reporting/daily.h"
#include "reporting/mailer.h"
#include "reporting/tls_rows.h"
#include "store/kept_reports.h"
#include "trust/tls_report/record.h"
#include "trust/tls_report/report.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::reporting {

/// Limit: what one POST may take, name servers included, and octets of its answer.
inline constexpr auto kPostTime = std::chrono::minutes(1);
inline constexpr std::size_t kPostAnswerBytesMax = 64 << 10;

/// A report, and the letter that brings it. Pure.
struct TlsLetter {
    tls_report::TlsReport report;
    message::Domain about;
    message::EmailAddress from; ///< its domain submits the report
    std::vector<message::EmailAddress> to;
    std::chrono::sys_seconds now{};
};

/// The whole letter (RFC 8460 §5.3): a sentence for people, and the report as a gzip file.
std::string build_tls_letter(const TlsLetter& letter);

/// The rows of one domain and day as results, equal policies together.
class TlsResults {
public:
    void add(const TlsRow& row, std::uint64_t count);
    std::vector<tls_report::PolicyResult> take();

private:
    std::map<tls_report::ReportedPolicy, tls_report::PolicyResult> results_;
};

class TlsWriter final : public ReportWriter {
public:
    /// All outlive it; `workers` print and pack.
    struct Dependencies {
        store::Tally& tally;
        store::KeptReports& reports;
        Mailer& mailer;
        net::Resolver& resolver;
        net::Network& network;
        std::shared_ptr<const net::TlsClientContext> tls; ///< null: nothing is sent by POST
        async::WorkerPool& workers;
        async::Timers& timers;
        Log& log;
        net::AddressCheck may_reach = net::is_of_internet; ///< to which reports go by POST
    };

    /// `host`: our name.
    TlsWriter(Dependencies dependencies, message::Domain host)
        : dependencies_(std::move(dependencies)), host_(std::move(host)) {}

    store::TallyKind kind() const override { return store::TallyKind::tls; }

    async::Awaitable<ReportOutcome> report(store::TallySum sum) override;

private:
    /// Where the report goes, by kind.
    struct Destinations {
        std::vector<message::EmailAddress> mailboxes;
        std::vector<tls_report::WebAddress> servers;
    };

    async::Awaitable<Result<Destinations, ReportOutcome>> destinations(message::Domain domain);
    async::Awaitable<store::StoreResult<std::vector<tls_report::PolicyResult>>> results(store::TallyPlace place);
    async::Awaitable<Result<std::string, std::string>> send_letter(TlsLetter letter);
    async::Awaitable<Result<void, std::string>> post(tls_report::WebAddress to, std::string packed);
    TlsLetter letter_about(const store::TallySum& sum, const message::Domain& domain) const;

    Dependencies dependencies_;
    message::Domain host_;
};

} // namespace tegami::reporting
