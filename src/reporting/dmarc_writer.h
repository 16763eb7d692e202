// Makes the aggregate reports to other domains (RFC 9990) of what DmarcCounter has counted.
//
// The domain's record of the moment says where reports go: who has taken the address away gets none. One outside the
// domain's organization must have agreed (trust/dmarc/destinations.h).
#pragma once

#include "async/worker_pool.h"
#include "net/resolver.h"
#include "reporting/daily.h"
#include "reporting/mailer.h"
#include "store/kept_reports.h"
#include "trust/dmarc/destinations.h"
#include "trust/dmarc/report.h"

#include <map>
#include <string>
#include <vector>

namespace tegami::reporting {

/// A report, and the letter that brings it. Pure.
struct DmarcLetter {
    dmarc::AggregateReport report;
    message::Domain receiver; ///< we
    message::Domain about;    ///< the policy domain
    message::EmailAddress from;
    std::vector<message::EmailAddress> to;
    std::string unique; ///< for the file's name: letters and digits
    std::chrono::sys_seconds now{};
};

/// The whole letter (RFC 9990 §3.5.2): a sentence for people, and the report as a gzip file.
std::string build_dmarc_letter(const DmarcLetter& letter);

class DmarcWriter final : public ReportWriter {
public:
    /// All outlive it; `workers` print and pack.
    struct Dependencies {
        store::Tally& tally;
        store::KeptReports& reports;
        Mailer& mailer;
        net::Resolver& resolver;
        async::WorkerPool& workers;
        async::Timers& timers;
        Log& log;
    };

    /// `host`: our name.
    DmarcWriter(Dependencies dependencies, message::Domain host)
        : dependencies_(dependencies), host_(std::move(host)) {}

    store::TallyKind kind() const override { return store::TallyKind::dmarc; }

    async::Awaitable<ReportOutcome> report(store::TallySum sum) override;

private:
    using Rows = std::map<dmarc::PublishedPolicy, std::vector<dmarc::ReportRow>>;

    async::Awaitable<dmarc::Destinations> destinations(message::Domain domain);
    async::Awaitable<store::StoreResult<Rows>> rows(store::TallyPlace place);
    async::Awaitable<bool> send(store::TallySum sum, DmarcLetter letter);
    DmarcLetter letter_about(const store::TallySum& sum, const message::Domain& domain) const;

    Dependencies dependencies_;
    message::Domain host_;
};

} // namespace tegami::reporting
