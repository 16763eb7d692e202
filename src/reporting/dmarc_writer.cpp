#include "reporting/dmarc_writer.h"

#include "message/build.h"
#include "message/transfer_encoding.h"
#include "reporting/coding.h"
#include "reporting/dmarc_rows.h"
#include "reporting/dmarc_summary.h"
#include "trust/dmarc/tree_walk.h"
#include "trust/unpack/unpack.h"
#include "verification/inquiry.h"

#include <fmt/format.h>

#include <utility>

namespace tegami::reporting {

namespace {

/// Where reports about the domain go by the record that it has now.
trust::Evaluation<dmarc::Destinations> destinations_now(const message::Domain& domain,
                                                        const trust::DnsAnswers& answers) {
    TRY(const dmarc::TreeWalk walk, dmarc::walk_tree(domain, answers));
    if (walk.own_failed) return dmarc::Destinations{.verified = {}, .undecided = true};
    const dmarc::Record* const record = walk.at(domain);
    if (record == nullptr) return dmarc::Destinations{};
    return dmarc::verified_destinations({.domain = domain, .record = *record}, answers);
}

std::uint64_t letters_in(const dmarc::AggregateReport& report) {
    std::uint64_t letters = 0;
    for (const dmarc::ReportRow& row : report.rows)
        letters += row.count;
    return letters;
}

} // namespace

std::string build_dmarc_letter(const DmarcLetter& letter) {
    const dmarc::ReportMetadata& about = letter.report.metadata;
    const std::string boundary = fmt::format("=_report-{}", hex_digest(about.report_id));
    std::vector<message::HeaderAddress> to;
    for (const message::EmailAddress& address : letter.to)
        to.push_back(message::header_address(address));
    message::HeaderWriter header;
    header.addresses("From", {message::header_address(letter.from, "Mail reports")})
        .addresses("To", to)
        .raw("Subject", dmarc::report_subject(letter.about, letter.receiver, about.report_id))
        .date("Date", {.utc = letter.now})
        .raw("Message-ID", fmt::format("<{}>", about.report_id))
        .raw("MIME-Version", "1.0")
        .raw("Auto-Submitted", "auto-generated")
        .raw("Content-Type", fmt::format("multipart/mixed; boundary=\"{}\"", boundary));
    const std::string name =
        dmarc::report_file_name(letter.receiver, letter.about, about.begin, about.end, letter.unique);
    std::string out = header.str();
    out += fmt::format("\r\n--{}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", boundary);
    out += fmt::format(
        "This is a DMARC aggregate report (RFC 9990): what the mail server {}\r\nsaw of the letters ({}) that "
        "name {} as their author's domain.\r\nThe file is for programs; the address for reports "
        "stands in _dmarc.{}.\r\n",
        letter.receiver.ascii(), letters_in(letter.report), letter.about.ascii(), letter.about.ascii());
    out += fmt::format("\r\n--{}\r\nContent-Type: application/gzip; name=\"{}\"\r\n", boundary, name);
    out += fmt::format("Content-Disposition: attachment;\r\n filename=\"{}\"\r\n", name);
    out += "Content-Transfer-Encoding: base64\r\n\r\n";
    out += message::encode_transfer(trust::gzip(dmarc::print_report(letter.report)), message::TransferEncoding::base64);
    out += fmt::format("\r\n--{}--\r\n", boundary);
    return out;
}

async::Awaitable<dmarc::Destinations> DmarcWriter::destinations(message::Domain domain) {
    verification::Inquiry inquiry(dependencies_.resolver, dependencies_.timers);
    const trust::Evaluator<dmarc::Destinations> evaluate = [&domain](const trust::DnsAnswers& answers) {
        return destinations_now(domain, answers);
    };
    co_return co_await inquiry.settle(evaluate);
}

async::Awaitable<store::StoreResult<DmarcWriter::Rows>> DmarcWriter::rows(store::TallyPlace place) {
    Rows rows;
    std::string from;
    do {
        CO_TRY(store::TallyPage page, co_await dependencies_.tally.rows(place, std::move(from)));
        for (const store::TallyRow& row : page.rows)
            if (auto decoded = decode_dmarc_row(place.domain, row.octets))
                rows[decoded->policy].push_back({.seen = std::move(decoded->seen), .count = row.count});
        from = std::move(page.next);
    } while (!from.empty());
    co_return rows;
}

DmarcLetter DmarcWriter::letter_about(const store::TallySum& sum, const message::Domain& domain) const {
    DmarcLetter letter{.receiver = host_, .about = domain, .from = dependencies_.mailer.sender()};
    letter.now = std::chrono::floor<std::chrono::seconds>(dependencies_.timers.now());
    dmarc::ReportMetadata& about = letter.report.metadata;
    about.organization = host_.ascii();
    about.email = letter.from.to_string();
    about.begin = sum.place.day;
    about.end = sum.place.day + std::chrono::days(1) - std::chrono::seconds(1);
    about.generator = "Tegami";
    if (sum.left_out != 0) about.error = fmt::format("{} letters are in no record: there were too many", sum.left_out);
    return letter;
}

async::Awaitable<ReportOutcome> DmarcWriter::report(store::TallySum sum) {
    const auto domain = message::Domain::parse(sum.place.domain);
    if (!domain) co_return ReportOutcome::done;
    const dmarc::Destinations found = co_await destinations(*domain);
    if (found.verified.empty()) co_return found.undecided ? ReportOutcome::later : ReportOutcome::done;
    auto counted = co_await rows(sum.place);
    if (!counted) co_return ReportOutcome::later;
    DmarcLetter letter = letter_about(sum, *domain);
    for (const dmarc::Uri& uri : found.verified)
        letter.to.push_back(*uri.mailbox);
    for (auto& [policy, rows] : *counted) {
        DmarcLetter one = letter;
        one.report.policy = policy;
        one.report.rows = std::move(rows);
        one.unique = hex_digest(encode_dmarc_row({.policy = policy, .seen = {}}));
        one.report.metadata.report_id =
            fmt::format("{}.{}.{}@{}", day_text(sum.place.day), hex_digest(domain->ascii()), one.unique, host_.ascii());
        const bool sent = co_await send(sum, std::move(one));
        if (!sent) co_return ReportOutcome::later;
    }
    co_return ReportOutcome::done;
}

/// False if it is to be tried again.
async::Awaitable<bool> DmarcWriter::send(store::TallySum sum, DmarcLetter letter) {
    store::KeptReport kept{.place = sum.place, .id = letter.report.metadata.report_id, .value = {}};
    SentReport sent{.report_id = kept.id, .sent = dependencies_.timers.now(), .count = letters_in(letter.report)};
    for (const message::EmailAddress& address : letter.to)
        sent.to += (sent.to.empty() ? "" : ", ") + address.to_string();
    std::vector<message::EmailAddress> to = letter.to;
    auto build = [letter = std::move(letter)] { return build_dmarc_letter(letter); };
    std::string octets = co_await async::run(&dependencies_.workers, std::move(build));
    ReportLetter out{.octets = std::move(octets), .to = std::move(to), .subject_of_report = sum.place.domain};
    const auto journey = co_await dependencies_.mailer.send(std::move(out));
    if (!journey) {
        dependencies_.log.warning("a report could not be sent",
                                  {{"domain", sum.place.domain}, {"reason", journey.error()}});
        co_return false;
    }
    sent.journey = *journey;
    kept.value = encode_sent_report(sent);
    const auto noted = co_await dependencies_.reports.keep(store::ReportWay::sent, std::move(kept));
    if (!noted) dependencies_.log.warning("a report was sent but not noted", {{"domain", sum.place.domain}});
    dependencies_.log.info("report sent", {{"domain", sum.place.domain}, {"letters", sent.count}, {"to", sent.to}});
    co_return true;
}

} // namespace tegami::reporting
