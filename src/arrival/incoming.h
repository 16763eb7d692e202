// One message from a client to its end, over whatever protocol it comes: its octets into a blob, past those who look at them
// on the way.
#pragma once

#include "ingest/intake.h"
#include "reception/field_filter.h"
#include "signing/signatures.h"
#include "verification/examination.h"

#include <optional>
#include <string>

namespace tegami::arrival {

class Incoming {
public:
    /// Who looks at the message.
    struct Plan {
        std::vector<std::string_view> left_out; ///< fields (reception::fields_left_out)
        std::string own_name;                   ///< how we call ourselves in Authentication-Results
        bool examined = false;                  ///< who really sent it?
        bool is_signed = false;                 ///< by us, as it leaves
        bool is_sealed = false;                 ///< likewise: a stranger's that we pass on
    };

    /// What it needs; all outlive it.
    struct Dependencies {
        store::Engine& engine;
        ingest::Intake::Guards guards;
        net::Resolver& resolver;
        async::Timers& timers;
        dkim::KeyCache& keys; ///< of senders
    };

    Incoming(const Dependencies& dependencies, Plan plan, std::string journey);
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    const std::string& journey() const { return journey_; }

    bool is_sealed() const { return sealer_.has_value(); }

    /// The next octets as the client sent them; after an error they go nowhere, and complete() says so.
    async::Awaitable<> append(std::string octets);
    /// The message is complete. Errors: no_space, unavailable. The letter lives until store().
    async::Awaitable<store::StoreResult<const ingest::Letter*>> complete();
    /// After complete(): who really sent it; nothing if it is not examined.
    async::Awaitable<std::optional<verification::Finding>> examine(verification::Subject subject);
    /// After complete(): our signatures, `front` being the fields that come before the message's own. Empty if the message
    /// is not to be signed, or nobody's key fits.
    async::Awaitable<std::string> sign(signing::Signatures* signatures, std::string front);
    /// After complete(): what is to be sealed, for a message that is.
    signing::SealDraft seal_draft(message::Domain domain, std::string front, const verification::Finding& finding) &&;
    /// After complete(); see ingest::Intake::store.
    async::Awaitable<store::StoreResult<ingest::Arrival>> store(std::string front);

private:
    async::Awaitable<> keep(std::string octets);

    const std::string journey_;
    reception::FieldFilter filter_;
    std::optional<ingest::Intake> intake_; ///< until there is an error
    std::optional<store::Error> error_;
    const ingest::Letter* letter_ = nullptr;
    std::optional<verification::Examination> examination_;
    std::optional<dkim::Signer> signer_;
    std::optional<arc::Sealer> sealer_;
};

} // namespace tegami::arrival
