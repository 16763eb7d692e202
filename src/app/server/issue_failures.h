// How often an authority has refused each certificate, kept across restarts: whoever starts a server again and again must
// not use up what the authority allows.
#pragma once

#include "app/configuration/config.h"
#include "base/clock.h"
#include "base/result.h"

#include <map>
#include <string>

namespace tegami::app {

struct IssueFailure {
    std::string problem; ///< a sentence for the operator
    unsigned failures = 0;
    Timestamp next_try{};
};

/// By the certificate's name.
using IssueFailures = std::map<std::string, IssueFailure>;

/// What DATA/tls/acme-failures.json says; nothing if `[acme]` has other settings now, or if it cannot be read. Blocks.
IssueFailures read_issue_failures(const Config& config);
/// Writes it. The error is a sentence. Blocks.
Result<void, std::string> keep_issue_failures(const Config& config, const IssueFailures& failures);

} // namespace tegami::app
