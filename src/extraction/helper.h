// The process that has attachments read, and the server's end of the pipes to it.
//
// 1. It is made before the server has threads and gives up its rights, because the server starts no program afterwards. It
//    gives up its own: it can make processes and start pdftotext, and reach nothing else. What it is sent it only passes on.
// 2. One attachment at a time; a process of its own reads each (job.h), and is killed at the deadline.
// 3. It ends when the server does, however that ends.
#pragma once

#include "base/descriptor.h"
#include "base/result.h"
#include "extraction/limits.h"

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace tegami::extraction {

/// After so many seconds a job is killed, however little it has computed.
inline constexpr int kJobDeadlineSeconds = 60;

class Helper {
public:
    /// Makes the process. No other thread may run. The error is a sentence: attachments are not read then.
    static Result<std::unique_ptr<Helper>, std::string> start();
    ~Helper(); ///< stops
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    /// What it can read here.
    Formats formats() const { return formats_; }

    /// Begins an attachment; what was begun before is forgotten. These three block, and are one thread's at a time.
    void begin(Format format);
    /// The next octets of the attachment. Beyond kAttachmentBytesMax it has no text.
    void feed(std::string_view octets);
    /// The text of the attachment: empty if it has none, or cannot be read. The error: the helper is gone for good.
    Result<std::string, std::string> finish();

    /// Ends the process; whoever waits in finish() gets an error. From any thread.
    void stop();

private:
    Helper(pid_t process, Descriptor requests, Descriptor answers)
        : process_(process), requests_(std::move(requests)), answers_(std::move(answers)) {}

    const pid_t process_;
    const Descriptor requests_;
    const Descriptor answers_;
    Formats formats_ = 0;
    bool begun_ = false;
};

} // namespace tegami::extraction
