// Sends a report as a letter, like every other letter that this server writes itself.
//
// 1. Its reverse path is empty: nobody is told if a report cannot be delivered, and no two servers go on
//    reporting to each other about that.
// 2. It is signed in the name of its From, so that it passes DMARC (RFC 9990 §3.5.2).
// 3. When send() returns, the letter would survive a power cut.
#pragma once

#include "delivery/delivery.h"
#include "directory/lookup.h"
#include "signing/signatures.h"
#include "store/journey.h"
#include "store/store.h"

#include <string>
#include <vector>

namespace tegami::reporting {

struct ReportLetter {
    std::string octets; ///< the whole message
    std::vector<message::EmailAddress> to;
    std::string subject_of_report; ///< the policy domain, for the journey
    bool tls_optional = false;     ///< goes out though the policy of its domain is not met
};

class Mailer {
public:
    /// All outlive it.
    struct Dependencies {
        store::Store& store;
        store::Journeys& journeys;
        directory::Lookup& directory;
        delivery::Delivery& delivery;
        signing::Signatures& signatures;
    };

    explicit Mailer(Dependencies dependencies) : dependencies_(dependencies) {}

    /// Who reports are from: somebody who reads answers.
    message::EmailAddress sender() const { return dependencies_.directory.bare_postmaster(); }

    /// Sends the letter to all of `to` that there are, at least one; returns its journey. The error is why not; another
    /// attempt may succeed.
    async::Awaitable<Result<std::string, std::string>> send(ReportLetter letter);

private:
    async::Awaitable<Result<std::vector<reception::AcceptedRecipient>, std::string>>
    recipients(std::vector<message::EmailAddress> to);

    Dependencies dependencies_;
};

} // namespace tegami::reporting
