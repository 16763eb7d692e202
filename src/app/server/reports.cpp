#include "app/server/reports.h"

#include <vector>

namespace tegami::app {

IncomingReports::IncomingReports(Dependencies dependencies)
    : archives_(dependencies.helpers),
      receiver_({.store = dependencies.backend.store(),
                 .reports = dependencies.backend.reports(),
                 .journeys = dependencies.backend.journeys(),
                 .directory = dependencies.backend.directory().administration(),
                 .archives = archives_,
                 .waiting = dependencies.waiting,
                 .workers = dependencies.parsing,
                 .clock = dependencies.timers,
                 .log = dependencies.log},
                std::vector<const reporting::ReportReader*>{&dmarc_reader_, &tls_reader_}) {}

OutgoingReports::OutgoingReports(Dependencies dependencies)
    : OutgoingReports(
          dependencies,
          message::Domain::parse(dependencies.config.host_name).value_or(dependencies.config.default_domain)) {}

OutgoingReports::OutgoingReports(const Dependencies& dependencies, const message::Domain& sender)
    : dmarc_counter_(dependencies.backend.tally()), tls_counter_(dependencies.backend.tally()),
      mailer_({.store = dependencies.backend.store(),
               .journeys = dependencies.backend.journeys(),
               .directory = dependencies.backend.directory().lookup(),
               .delivery = dependencies.delivery,
               .signatures = dependencies.signatures}),
      dmarc_writer_({.tally = dependencies.backend.tally(),
                     .reports = dependencies.backend.reports(),
                     .mailer = mailer_,
                     .resolver = dependencies.resolver,
                     .workers = dependencies.long_jobs,
                     .timers = dependencies.timers,
                     .log = dependencies.log},
                    sender),
      tls_writer_({.tally = dependencies.backend.tally(),
                   .reports = dependencies.backend.reports(),
                   .mailer = mailer_,
                   .resolver = dependencies.resolver,
                   .network = dependencies.network,
                   .tls = dependencies.tls,
                   .workers = dependencies.long_jobs,
                   .timers = dependencies.timers,
                   .log = dependencies.log,
                   .may_reach = dependencies.may_reach},
                  sender),
      daily_({.tally = dependencies.backend.tally(), .timers = dependencies.timers, .log = dependencies.log},
             dependencies.config.host_name, std::vector<reporting::ReportWriter*>{&dmarc_writer_, &tls_writer_}) {}

} // namespace tegami::app
