#include "reporting/tls_writer.h"

#include "message/build.h"
#include "message/transfer_encoding.h"
#include "net/https_client.h"
#include "reporting/coding.h"
#include "reporting/dmarc_summary.h"
#include "trust/dns_answers.h"
#include "trust/unpack/unpack.h"
#include "verification/inquiry.h"

#include <fmt/format.h>

#include <utility>

namespace tegami::reporting {

namespace {

std::uint64_t sessions_in(const tls_report::TlsReport& report) {
    std::uint64_t sessions = 0;
    for (const tls_report::PolicyResult& each : report.policies)
        sessions += each.succeeded + each.failed;
    return sessions;
}

std::string pack(const tls_report::TlsReport& report) {
    return trust::gzip(tls_report::print_report(report));
}

} // namespace

std::string build_tls_letter(const TlsLetter& letter) {
    const std::string digest = hex_digest(letter.report.id);
    const std::string boundary = fmt::format("=_report-{}", digest);
    const std::string submitter = letter.from.domain.ascii();
    const std::string about = letter.about.ascii();
    std::vector<message::HeaderAddress> to;
    for (const message::EmailAddress& address : letter.to)
        to.push_back(message::header_address(address));
    message::HeaderWriter header;
    header.addresses("From", {message::header_address(letter.from, "Mail reports")})
        .addresses("To", to)
        .raw("Subject",
             fmt::format("Report Domain: {} Submitter: {} Report-ID: <{}>", about, submitter, letter.report.id))
        .date("Date", {.utc = letter.now})
        .raw("Message-ID", fmt::format("<{}>", letter.report.id))
        .raw("TLS-Report-Domain", about)
        .raw("TLS-Report-Submitter", submitter)
        .raw("MIME-Version", "1.0")
        .raw("Auto-Submitted", "auto-generated")
        .raw("Content-Type", fmt::format("multipart/report; report-type=\"tlsrpt\"; boundary=\"{}\"", boundary));
    std::string out = header.str();
    out += fmt::format("\r\n--{}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", boundary);
    out += fmt::format(
        "This is a report about TLS (RFC 8460): what connections ({}) to the mail servers\r\nof {} came to. "
        "The file is for programs; the address for reports\r\nstands in _smtp._tls.{}.\r\n",
        sessions_in(letter.report), about, about);
    out += fmt::format("\r\n--{}\r\nContent-Type: application/tlsrpt+gzip\r\n", boundary);
    out += fmt::format("Content-Disposition: attachment;\r\n filename=\"{}\"\r\n",
                       tls_report::report_file_name(letter.from.domain, letter.about, letter.report, digest));
    out += "Content-Transfer-Encoding: base64\r\n\r\n";
    out += message::encode_transfer(pack(letter.report), message::TransferEncoding::base64);
    out += fmt::format("\r\n--{}--\r\n", boundary);
    return out;
}

void TlsResults::add(const TlsRow& row, std::uint64_t count) {
    tls_report::PolicyResult& result = results_[row.policy];
    result.policy = row.policy;
    if (!row.failure) {
        result.succeeded += count;
        return;
    }
    result.failed += count;
    result.failures.push_back(*row.failure);
    result.failures.back().sessions = count;
}

std::vector<tls_report::PolicyResult> TlsResults::take() {
    std::vector<tls_report::PolicyResult> all;
    for (auto& [policy, result] : results_)
        all.push_back(std::move(result));
    results_.clear();
    return all;
}

/// The error is what becomes of the report without a destination.
async::Awaitable<Result<TlsWriter::Destinations, ReportOutcome>> TlsWriter::destinations(message::Domain domain) {
    const auto base = dns::Name::parse(domain.ascii());
    const auto name = base ? base->below("_smtp._tls") : std::nullopt;
    if (!name) co_return failure(ReportOutcome::done);
    net::DnsAnswer answer = co_await dependencies_.resolver.query(*name, dns::Type::txt);
    if (net::is_temporary(answer.status)) co_return failure(ReportOutcome::later);
    Destinations found;
    for (tls_report::ReportAddress& each :
         tls_report::find_report_addresses(trust::texts(verification::to_answer(std::move(answer))))) {
        if (auto* mailbox = std::get_if<message::EmailAddress>(&each))
            found.mailboxes.push_back(std::move(*mailbox));
        else if (dependencies_.tls)
            found.servers.push_back(std::get<tls_report::WebAddress>(std::move(each)));
    }
    if (found.mailboxes.empty() && found.servers.empty()) co_return failure(ReportOutcome::done);
    co_return found;
}

async::Awaitable<store::StoreResult<std::vector<tls_report::PolicyResult>>>
TlsWriter::results(store::TallyPlace place) {
    TlsResults results;
    std::string from;
    do {
        CO_TRY(store::TallyPage page, co_await dependencies_.tally.rows(place, std::move(from)));
        for (const store::TallyRow& row : page.rows)
            if (const auto decoded = decode_tls_row(place.domain, row.octets)) results.add(*decoded, row.count);
        from = std::move(page.next);
    } while (!from.empty());
    co_return results.take();
}

TlsLetter TlsWriter::letter_about(const store::TallySum& sum, const message::Domain& domain) const {
    TlsLetter letter{.report = {}, .about = domain, .from = dependencies_.mailer.sender(), .to = {}};
    letter.now = std::chrono::floor<std::chrono::seconds>(dependencies_.timers.now());
    letter.report.organization = host_.ascii();
    letter.report.contact = letter.from.to_string();
    letter.report.id = fmt::format("{}.{}.tls@{}", day_text(sum.place.day), hex_digest(domain.ascii()), host_.ascii());
    letter.report.begin = sum.place.day;
    letter.report.end = sum.place.day + std::chrono::days(1) - std::chrono::seconds(1);
    return letter;
}

async::Awaitable<ReportOutcome> TlsWriter::report(store::TallySum sum) {
    const auto domain = message::Domain::parse(sum.place.domain);
    if (!domain) co_return ReportOutcome::done;
    auto where = co_await destinations(*domain);
    if (!where) co_return where.error();
    auto counted = co_await results(sum.place);
    if (!counted) co_return ReportOutcome::later;
    if (counted->empty()) co_return ReportOutcome::done;
    TlsLetter letter = letter_about(sum, *domain);
    letter.report.policies = *std::move(counted);
    letter.to = std::move(where->mailboxes);
    SentReport sent{
        .report_id = letter.report.id, .sent = dependencies_.timers.now(), .count = sessions_in(letter.report)};
    std::string problem;
    const auto took = [&sent](const std::string& to) { sent.to += (sent.to.empty() ? "" : ", ") + to; };
    if (!where->servers.empty()) {
        auto build = [report = letter.report] { return pack(report); };
        const std::string packed = co_await async::run(&dependencies_.workers, std::move(build));
        for (const tls_report::WebAddress& server : where->servers) {
            const auto posted = co_await post(server, packed);
            if (posted)
                took(server.to_string());
            else
                problem = posted.error();
        }
    }
    if (!letter.to.empty()) {
        const std::vector<message::EmailAddress> to = letter.to;
        const auto journey = co_await send_letter(std::move(letter));
        for (const message::EmailAddress& each : to)
            if (journey) took(each.to_string());
        if (journey)
            sent.journey = *journey;
        else
            problem = journey.error();
    }
    if (!problem.empty())
        dependencies_.log.warning("a report could not be sent", {{"domain", sum.place.domain}, {"reason", problem}});
    if (sent.to.empty()) co_return ReportOutcome::later;
    store::KeptReport kept{.place = sum.place, .id = sent.report_id, .value = encode_sent_report(sent)};
    const auto noted = co_await dependencies_.reports.keep(store::ReportWay::sent, std::move(kept));
    if (!noted) dependencies_.log.warning("a report was sent but not noted", {{"domain", sum.place.domain}});
    dependencies_.log.info("report sent", {{"domain", sum.place.domain}, {"sessions", sent.count}, {"to", sent.to}});
    co_return ReportOutcome::done;
}

/// The letter's journey.
async::Awaitable<Result<std::string, std::string>> TlsWriter::send_letter(TlsLetter letter) {
    ReportLetter out{.octets = {}, .to = letter.to, .subject_of_report = letter.about.ascii(), .tls_optional = true};
    auto build = [letter = std::move(letter)] { return build_tls_letter(letter); };
    out.octets = co_await async::run(&dependencies_.workers, std::move(build));
    co_return co_await dependencies_.mailer.send(std::move(out));
}

async::Awaitable<Result<void, std::string>> TlsWriter::post(tls_report::WebAddress to, std::string packed) {
    net::HttpsQuestion question{.host = to.host,
                                .target = to.target,
                                .endpoints = {},
                                .body_bytes_max = kPostAnswerBytesMax,
                                .deadline = dependencies_.timers.instant() + Duration(kPostTime),
                                .body = std::move(packed),
                                .body_type = "application/tlsrpt+gzip"};
    const auto name = dns::Name::parse(to.host);
    if (!name) co_return failure(std::string("its host has no proper name"));
    net::HostEndpoints places =
        co_await net::find_endpoints(&dependencies_.resolver, *name, to.port, dependencies_.may_reach);
    if (places.refused) co_return failure(fmt::format("the host of {} is not one of the Internet", to.to_string()));
    question.endpoints = std::move(places.reachable);
    const auto response = co_await net::https_post(&dependencies_.network, dependencies_.tls, std::move(question));
    if (!response) co_return failure(fmt::format("{} {}", to.to_string(), response.error().text));
    if (response->status / 100 != 2)
        co_return failure(fmt::format("{} answered with status {}", to.to_string(), response->status));
    co_return Result<void, std::string>();
}

} // namespace tegami::reporting
