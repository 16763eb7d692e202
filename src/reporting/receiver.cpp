#include "reporting/receiver.h"

#include "reporting/dmarc_summary.h"
#include "trust/dmarc/report_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::reporting {

namespace {

/// Octets of a blob that are read at once.
constexpr std::uint64_t kPieceBytes = 1U << 20;

std::string_view sentence_for(dmarc::ReportError error) {
    switch (error) {
    case dmarc::ReportError::too_large: return "it is too large";
    case dmarc::ReportError::not_xml: return "it is not well-formed XML";
    case dmarc::ReportError::document_type: return "it has a document type, which reports do not have";
    case dmarc::ReportError::not_a_report: return "it is no report";
    }
    std::unreachable();
}

std::string_view sentence_for(trust::UnpackError error) {
    switch (error) {
    case trust::UnpackError::too_large: return "it is too large";
    case trust::UnpackError::several_files: return "the archive holds more than one file, or none";
    case trust::UnpackError::unsupported: return "the archive is of an unusual kind";
    case trust::UnpackError::damaged:
    case trust::UnpackError::stopped: break;
    }
    return "the archive is damaged";
}

std::string file_name_of(const message::Part& part) {
    std::string name;
    if (part.disposition) name = message::decode_parameter(part.disposition->parameters, "filename").value_or("");
    return name.empty() ? part.content_type.parameter("name") : name;
}

} // namespace

bool DmarcReader::may_be(std::string_view media_type, std::string_view file_name) const {
    return dmarc::may_be_report(media_type, file_name);
}

Result<std::vector<store::KeptReport>, std::string> DmarcReader::read(std::string_view octets,
                                                                      const ReportArrival& arrival) const {
    const auto report = dmarc::read_report(octets);
    if (!report) return failure(std::string(sentence_for(report.error())));
    const auto domain = message::Domain::parse(report->policy.domain);
    if (!domain) return failure(std::string("it does not say which domain it is about"));
    DmarcSummary summary = summarize(*report);
    summary.received = arrival.received;
    summary.author = arrival.author;
    summary.journey = arrival.journey;
    return std::vector{store::KeptReport{.place = {.kind = store::TallyKind::dmarc,
                                                   .day = std::chrono::floor<std::chrono::days>(report->metadata.begin),
                                                   .domain = domain->ascii()},
                                         .id = fmt::format("{}\n{}", summary.organization, summary.report_id),
                                         .value = encode_dmarc_summary(summary)}};
}

void Receiver::find_files(const message::Part& part, std::vector<File>& files) const {
    for (const message::Part& child : part.children)
        find_files(child, files);
    if (!part.children.empty() || files.size() >= kReportFilesMax || part.body_length > kReportFileBytesMax) return;
    const std::string type = part.content_type.type + "/" + part.content_type.subtype;
    const std::string name = file_name_of(part);
    for (const ReportReader* const reader : readers_)
        if (reader->may_be(type, name) && files.size() < kReportFilesMax)
            files.push_back(
                {.reader = reader, .offset = part.body_offset, .length = part.body_length, .encoding = part.encoding});
}

async::Awaitable<delivery::Outcome> Receiver::take(delivery::ServerLetter letter) {
    const async::Mutex::Lock one_at_a_time = co_await reading_.lock();
    std::vector<File> files;
    find_files(letter.card.root, files);
    std::string why = "there is no report in it";
    bool read = false;
    for (const File& file : files) {
        const auto taken = co_await take_file(letter, file);
        read |= taken.has_value();
        if (taken) continue;
        why = taken.error().detail;
        if (taken.error().code == store::ErrorCode::invalid) continue;
        dependencies_.log.warning("a report could not be kept", {{"reason", why}});
        co_return failure(
            delivery::Refusal{.status = "4.3.0", .text = "the report cannot be stored now, please try again later"});
    }
    if (!read) tell(letter, "report-dropped", {{"reason", why}});
    co_return delivery::Outcome{};
}

/// The error invalid: nothing is kept of the file, because of what it is.
async::Awaitable<store::StoreResult<>> Receiver::take_file(delivery::ServerLetter letter, File file) {
    std::string octets;
    message::TransferDecoder decoder(file.encoding);
    for (std::uint64_t at = 0; at < file.length; at += kPieceBytes) {
        const std::uint64_t length = std::min(kPieceBytes, file.length - at);
        CO_TRY(const std::string piece,
               co_await dependencies_.store.read_blob(letter.blob.id, file.offset + at, length));
        decoder.feed(piece, octets);
    }
    decoder.finish(octets);
    ReportArrival arrival{.received = dependencies_.clock.now(),
                          .author = letter.author ? letter.author->ascii() : "",
                          .signers = {},
                          .journey = letter.journey};
    for (const message::Domain& signer : letter.signers)
        arrival.signers.push_back(signer.ascii());
    auto unpack = [octets = std::move(octets), archives = &dependencies_.archives]() mutable {
        return archives->unpack(std::move(octets));
    };
    auto unpacked = co_await async::run(&dependencies_.waiting, std::move(unpack));
    if (!unpacked)
        co_return failure(store::Error{store::ErrorCode::unavailable, "no process is there that undoes archives"});
    if (!*unpacked)
        co_return failure(store::Error{store::ErrorCode::invalid, std::string(sentence_for(unpacked->error()))});
    auto read = [octets = **std::move(unpacked), arrival = std::move(arrival), reader = file.reader] {
        return reader->read(octets, arrival);
    };
    auto reports = co_await async::run(&dependencies_.workers, std::move(read));
    if (!reports) co_return failure(store::Error{store::ErrorCode::invalid, reports.error()});
    for (store::KeptReport& report : *reports) {
        const std::string about = report.place.domain;
        CO_TRY(const store::Keeping kept, co_await keep(std::move(report)));
        tell(letter, kept == store::Keeping::kept ? "report-kept" : "report-known", {{"about", about}});
    }
    co_return store::StoreResult<>{};
}

async::Awaitable<store::StoreResult<store::Keeping>> Receiver::keep(store::KeptReport report) {
    const auto invalid = [](std::string why) {
        return failure(store::Error{store::ErrorCode::invalid, std::move(why)});
    };
    const std::string domain = report.place.domain;
    const auto parsed = message::Domain::parse(domain);
    if (!parsed || !dependencies_.directory.domains()->contains(*parsed))
        co_return invalid(fmt::format("it is about {}, which is no domain of this server", domain));
    const auto today = std::chrono::floor<std::chrono::days>(dependencies_.clock.now());
    if (report.place.day < today - kReportAgeMax || report.place.day > today + std::chrono::days(1))
        co_return invalid("it is about a time long ago, or to come");
    CO_TRY(const store::Keeping kept,
           co_await dependencies_.reports.keep(store::ReportWay::received, std::move(report)));
    if (kept == store::Keeping::too_many)
        co_return invalid(fmt::format("there are too many reports about {} and that day", domain));
    co_return kept;
}

void Receiver::tell(const delivery::ServerLetter& letter, std::string kind,
                    std::vector<store::JourneyField> fields) const {
    dependencies_.journeys.record({.journey = letter.journey, .kind = std::move(kind), .fields = std::move(fields)});
}

} // namespace tegami::reporting
