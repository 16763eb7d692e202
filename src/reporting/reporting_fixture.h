// A server b.test that counts, sends and takes reports, on virtual time.
#pragma once

#include "net/simulated_resolver.h"
#include "reporting/daily.h"
#include "reporting/dmarc_counter.h"
#include "reporting/dmarc_rows.h"
#include "reporting/dmarc_totals.h"
#include "reporting/dmarc_writer.h"
#include "reporting/mailer.h"
#include "reporting/receiver.h"
#include "testing/mail_world.h"
#include "trust/dmarc/report_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace tegami::reporting {

inline message::Domain domain(std::string_view name) {
    return message::Domain::parse(name).value();
}

/// A letter that a.test's record speaks about, as it was judged.
inline verification::Finding finding(dmarc::Outcome result = dmarc::Outcome::fail) {
    verification::Finding found;
    found.subject.client = IpAddress::parse("192.0.2.7").value();
    found.subject.reverse_path = message::parse_email_address("x@c.test").value();
    found.verdicts.mail_from.emplace();
    found.verdicts.mail_from->domain = "c.test";
    found.verdicts.mail_from->outcome = spf::Outcome::pass;
    dmarc::Verdict& verdict = found.verdicts.dmarc;
    verdict.result = result;
    verdict.author = domain("a.test");
    verdict.record =
        dmarc::FoundRecord{.domain = domain("a.test"),
                           .record = dmarc::parse_record("v=DMARC1; p=quarantine; rua=mailto:rua@a.test").value()};
    verdict.published_policy = verdict.policy = dmarc::Policy::quarantine;
    verdict.spf_pass = result == dmarc::Outcome::pass;
    return found;
}

class ReportingWorld : public testing::MailWorld {
protected:
    static constexpr auto kDay = std::chrono::days(1);

    ReportingWorld() { resolver_.add("_dmarc.a.test", "TXT", "\"v=DMARC1; p=quarantine; rua=mailto:rua@a.test\""); }

    std::chrono::sys_days today() const { return std::chrono::floor<std::chrono::days>(time_.now()); }

    /// Runs the daily task for so long.
    void run_daily(Duration duration) {
        run(tally_.flush()).value();
        async::TaskGroup tasks(time_.executor(), [](std::string_view, std::string_view why) { FAIL() << why; });
        Daily daily({.tally = tally_, .timers = time_, .log = log_}, "mail.b.test", {&writer()});
        tasks.spawn("daily", daily.run());
        time_.run_for(duration);
        tasks.cancel();
        run(tasks.join());
    }

    void run_past_the_day() { run_daily(Duration(kDay) + kReportSpread + kReportRound); }

    /// Of the reports that are looked at.
    virtual ReportWriter& writer() { return writer_; }

    std::vector<store::QueuedMessage> queued() { return run(queue_.list(store::QueueId(), 100)).value().messages; }

    std::string octets_of(const store::QueueMessage& message) {
        return run(store_.read_blob(message.blob.id, message.content_from, message.blob.size)).value();
    }

    std::vector<store::TallySum> counted(std::chrono::sys_days day) {
        return run(tally_.sums(store::TallyKind::dmarc, day, "")).value();
    }

    /// Takes a message for these recipients as from a stranger; the refusal's status, or "".
    std::string deliver(const std::string& octets, const std::vector<std::string>& recipients,
                        std::optional<message::Domain> author = {}) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(octets)));
        EXPECT_TRUE(run(intake.complete()));
        delivery::Transaction letter{.arrival = run(intake.store("", journeys_.new_journey())).value(),
                                     .author = std::move(author)};
        letter.journey = last_journey_ = journeys_.new_journey();
        reception::Reception reception(directory_->lookup(), store_, return_paths_, time_);
        for (const std::string& recipient : recipients)
            letter.recipients.push_back(run(reception.check_recipient({}, testing::address(recipient), 0)).value());
        const delivery::Outcome outcome = run(delivery_.accept(std::move(letter))).front();
        return outcome ? "" : outcome.error().status;
    }

    /// The kinds of events of the last letter with their first field.
    std::vector<std::string> told() {
        run(journeys_.flush()).value();
        std::vector<std::string> all;
        for (const store::JourneyEvent& event : run(journeys_.events(last_journey_)).value())
            all.push_back(event.kind + (event.fields.empty() ? "" : " " + event.fields.front().value));
        return all;
    }

    DmarcOverview overview() {
        return run(dmarc_overview(&engine_, {"b.test"}, today() - std::chrono::days(20), today())).value();
    }

    /// A letter from a.test's server to b.test about what it saw of b.test yesterday.
    DmarcLetter report_about_us(std::uint64_t letters = 3) const {
        dmarc::Observation seen{.source = IpAddress::parse("198.51.100.1").value(), .spf_aligned = true};
        seen.header_from = "b.test";
        dmarc::Observation forged{.source = IpAddress::parse("203.0.113.5").value(),
                                  .disposition = dmarc::Disposition::reject};
        forged.header_from = "b.test";
        DmarcLetter letter{.receiver = domain("a.test"),
                           .about = domain("b.test"),
                           .from = testing::address("postmaster@a.test"),
                           .to = {testing::address("dmarc-reports@b.test")},
                           .now = std::chrono::floor<std::chrono::seconds>(time_.now())};
        letter.report.policy.domain = "b.test";
        letter.report.metadata = {.organization = "A Inc.",
                                  .email = "postmaster@a.test",
                                  .report_id = "1@a.test",
                                  .begin = today() - kDay,
                                  .end = today()};
        letter.report.rows = {{.seen = seen, .count = letters}, {.seen = forged, .count = 2}};
        return letter;
    }

    store::Queue queue_{&engine_, &time_};
    store::Tally tally_{&engine_, &time_, &log_};
    store::KeptReports reports_{&engine_};
    net::SimulatedResolver resolver_{&time_};

    /// One process for all tests. No thread is there yet when the first needs it.
    static extraction::Helpers* helpers() {
        std::signal(SIGPIPE, SIG_IGN); // as the server does
        static const std::unique_ptr<extraction::Helpers> kHelpers = extraction::Helpers::start().value();
        return kHelpers.get();
    }

    extraction::Archives archives_{helpers()};
    const DmarcReader dmarc_reader_;
    const TlsReader tls_reader_;
    Receiver receiver_{{.store = store_,
                        .reports = reports_,
                        .journeys = journeys_,
                        .directory = directory_->administration(),
                        .archives = archives_,
                        .waiting = workers_,
                        .workers = workers_,
                        .clock = time_,
                        .log = log_},
                       {&dmarc_reader_, &tls_reader_}};
    delivery::Delivery delivery_{store_, queue_, journeys_, time_, {.server_mail = &receiver_}, [] {}};
    signing::Signatures signatures_{directory_->signing_keys(), workers_, time_};
    srs::Rewriter return_paths_{directory_->secret(), domain("b.test")};
    Mailer mailer_{{.store = store_,
                    .journeys = journeys_,
                    .directory = directory_->lookup(),
                    .delivery = delivery_,
                    .signatures = signatures_}};
    DmarcWriter writer_{{.tally = tally_,
                         .reports = reports_,
                         .mailer = mailer_,
                         .resolver = resolver_,
                         .workers = workers_,
                         .timers = time_,
                         .log = log_},
                        domain("mail.b.test")};
    DmarcCounter counter_{tally_};
    std::string last_journey_;
};

} // namespace tegami::reporting
