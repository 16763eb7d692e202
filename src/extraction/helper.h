// The process that has foreign files read, and the server's end of the pipes to it.
//
// 1. One file at a time; a process of its own reads each (job.h), and is killed at the deadline. What the helper is sent it
//    only passes on.
// 2. When it ends, another one is made (helpers.h). The file that was under way is lost; whoever reads may send it again.
#pragma once

#include "base/result.h"
#include "extraction/helpers.h"
#include "extraction/limits.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::extraction {

/// After so many seconds a job is killed, however little it has computed.
inline constexpr int kJobDeadlineSeconds = 60;

/// Why there is no answer about a file.
enum class HelperEnd : std::uint8_t {
    replaced, ///< the helper has ended; the next file has another one
    gone,     ///< there is none any more until the server is started again
};

class Helper {
public:
    /// `helpers` outlives it. The process is made with the first file.
    explicit Helper(Helpers* helpers) : helpers_(helpers) {}

    /// What it can find the text of here.
    Formats formats() const { return searchable(helpers_->formats()); }

    /// Begins a file; what was begun before is forgotten. These three block, and are one thread's at a time.
    void begin(Format format);
    /// The next octets of the file. Beyond kAttachmentBytesMax it has no text.
    void feed(std::string_view octets);
    /// What came out of the file: empty if nothing did, or it cannot be read.
    Result<std::string, HelperEnd> finish();

private:
    bool renew();
    Result<std::string, HelperEnd> lose();

    Helpers* const helpers_;
    std::optional<HelperPipes> pipes_;
    Format format_{};
    bool begun_ = false;
};

} // namespace tegami::extraction
