// The process that makes helpers (helper.h): while the server starts the first time, and whenever one has ended.
//
// 1. It is made before the server has threads and gives up its rights, because the server makes no process afterwards. It gives
//    up its own: it can make processes and start pdftotext, and reach nothing else; so do those that it makes. It takes
//    nothing but pipes, for the helper that it makes next.
// 2. It ends when the server does, however that ends, and all that it has made end with it.
#pragma once

#include "base/descriptor.h"
#include "base/result.h"
#include "extraction/limits.h"

#include <sys/types.h>

#include <memory>
#include <string>

namespace tegami::extraction {

/// The server's ends of the pipes to a helper.
struct HelperPipes {
    Descriptor requests;
    Descriptor answers;
};

class Helpers {
public:
    /// Makes the process. No other thread may run. The error is a sentence: no foreign file is read then.
    static Result<std::unique_ptr<Helpers>, std::string> start();
    ~Helpers(); ///< stops
    Helpers(const Helpers&) = delete;
    Helpers& operator=(const Helpers&) = delete;

    /// What can be read here.
    Formats formats() const { return formats_; }

    /// Makes a helper, which ends when its pipes are closed. Nothing: none can be made any more. From any thread.
    std::optional<HelperPipes> make();

    /// Ends all of them; whoever waits for one gets an error. From any thread.
    void stop();

private:
    Helpers(pid_t process, Descriptor control) : process_(process), control_(std::move(control)) {}

    const pid_t process_;
    const Descriptor control_;
    Formats formats_ = 0;
};

} // namespace tegami::extraction
