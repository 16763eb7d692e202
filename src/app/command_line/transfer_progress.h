// How far an import, an export, a repair or work on a backup is: a line on the terminal with count, octets, rate and time left.
#pragma once

#include "admin/json.h"
#include "base/clock.h"
#include "base/progress.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tegami::app {

/// "12345 messages, 1.2 GiB of 4.0 GiB, 830 a second, 4 min left"; without messages "1.2 GiB of 4.0 GiB, 310 MiB a second, 9 s
/// left".
std::string describe_progress(std::optional<std::uint64_t> messages, std::uint64_t bytes, std::uint64_t bytes_total,
                              Duration since_begin);

/// "12345 of 40000 messages, 830 a second, 4 min left", or of octets as above.
std::string describe_progress(const Progress::Step& step, Duration since_begin);

class TransferProgress {
public:
    /// With `as_json` a line for each event to standard output, and once a second for the progress.
    TransferProgress(bool as_json, std::uint64_t bytes_total);
    ~TransferProgress();
    TransferProgress(const TransferProgress&) = delete;
    TransferProgress& operator=(const TransferProgress&) = delete;

    /// More is to be done than was known.
    void expect(std::uint64_t bytes) { bytes_total_ += bytes; }

    /// So much is done in all; shown a few times a second.
    void show(std::optional<std::uint64_t> messages, std::uint64_t bytes);

    /// The same of work that is no messages: so much of so much.
    void show_of(std::uint64_t bytes, std::uint64_t bytes_total) {
        bytes_total_ = bytes_total;
        show({}, bytes);
    }

    /// Something that stays: `event` with --json, else the sentence.
    void tell(json::object event, const std::string& sentence);
    /// The same of what did not work.
    void complain_of(json::object event, const std::string& sentence);

private:
    const bool as_json_;
    std::uint64_t bytes_total_;
    SystemClock clock_;
    const Instant begun_ = clock_.instant();
    Instant shown_ = begun_;
};

} // namespace tegami::app
