// Takes the letters that come to the addresses for reports, and keeps what the reports in them say.
//
// 1. Whatever a stranger sends ends well: parts, octets and time are bounded, a worker reads, one letter at a time;
//    what is no report about a domain of ours is dropped, told in the letter's journey and in the log. Archives are undone by
//    a helper process (extraction/archives.h); where there is none the letter is to come again.
// 2. take() returns when what was read is durable. The same report again counts once.
// 3. Anybody can send a report and write anything into it. Whose letter brought it is kept beside what it claims.
#pragma once

#include "async/mutex.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "delivery/server_mail.h"
#include "directory/administration.h"
#include "extraction/archives.h"
#include "store/journey.h"
#include "store/kept_reports.h"
#include "store/store.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::reporting {

/// Limit: files of one letter that are looked into.
inline constexpr std::size_t kReportFilesMax = 4;
/// Limit: octets of a file as the letter has it (16 MiB in base64).
inline constexpr std::uint64_t kReportFileBytesMax = 24ULL << 20;
/// A report about a time longer ago than this, or to come, is dropped.
inline constexpr auto kReportAgeMax = std::chrono::days(30);

/// What is known of a report besides its octets.
struct ReportArrival {
    Timestamp received{};
    std::string author;               ///< whose letter it is, if DMARC passed; else empty
    std::vector<std::string> signers; ///< whose signatures of it are good (DKIM)
    std::string journey;
};

/// Knows one kind of report. From any thread.
class ReportReader {
public:
    virtual ~ReportReader() = default;
    /// Whether a file may be one, by its media type and name, which may be empty.
    virtual bool may_be(std::string_view media_type, std::string_view file_name) const = 0;
    /// The report in a file that is no archive, as it is kept, one for each domain that it is about; the error is why there
    /// is none, in plain words.
    virtual Result<std::vector<store::KeptReport>, std::string> read(std::string_view octets,
                                                                     const ReportArrival& arrival) const = 0;
};

class DmarcReader final : public ReportReader {
public:
    bool may_be(std::string_view media_type, std::string_view file_name) const override;
    Result<std::vector<store::KeptReport>, std::string> read(std::string_view octets,
                                                             const ReportArrival& arrival) const override;
};

/// RFC 8460 §3: a report that is in no signed letter does not count.
class TlsReader final : public ReportReader {
public:
    bool may_be(std::string_view media_type, std::string_view file_name) const override;
    Result<std::vector<store::KeptReport>, std::string> read(std::string_view octets,
                                                             const ReportArrival& arrival) const override;
};

class Receiver final : public delivery::ServerMail {
public:
    /// All outlive it, the readers too; `workers` read, `waiting` may block for as long as an archive takes.
    struct Dependencies {
        store::Store& store;
        store::KeptReports& reports;
        store::Journeys& journeys;
        directory::Administration& directory;
        extraction::Archives& archives;
        async::WorkerPool& waiting;
        async::WorkerPool& workers;
        const Clock& clock;
        Log& log;
    };

    Receiver(Dependencies dependencies, std::vector<const ReportReader*> readers)
        : dependencies_(dependencies), readers_(std::move(readers)) {}

    async::Awaitable<delivery::Outcome> take(delivery::ServerLetter letter) override;

private:
    struct File {
        const ReportReader* reader = nullptr;
        std::uint64_t offset = 0;
        std::uint64_t length = 0;
        message::TransferEncoding encoding = message::TransferEncoding::seven_bit;
    };

    void find_files(const message::Part& part, std::vector<File>& files) const;
    async::Awaitable<store::StoreResult<>> take_file(delivery::ServerLetter letter, File file);
    async::Awaitable<store::StoreResult<store::Keeping>> keep(store::KeptReport report);
    void tell(const delivery::ServerLetter& letter, std::string kind, std::vector<store::JourneyField> fields) const;

    Dependencies dependencies_;
    std::vector<const ReportReader*> readers_;
    async::Mutex reading_; // so that many letters at once take the memory of one
};

} // namespace tegami::reporting
