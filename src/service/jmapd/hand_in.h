// A message of the account on its way out: the same questions to `reception` as over SMTP, signed the same way, without Bcc.
#pragma once

#include "reception/reception.h"
#include "service/jmapd/call.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tegami::jmapd {

/// The user, as `reception` knows whoever submits a letter.
reception::Client submitting_client(const Call& call);

struct OutgoingLetter {
    store::BlobRef blob;
    std::optional<message::EmailAddress> mail_from; ///< nothing: `<>`; check_sender() has allowed it
    std::vector<reception::AcceptedRecipient> recipients;
    std::optional<std::chrono::sys_seconds> hold_until;
};

struct HandedIn {
    std::string journey;
    std::optional<store::QueueId> queued; ///< nothing: it was delivered already
};

/// On return the letter is durably in the queue, and nobody has told the relay. Faults of the record: forbiddenFrom,
/// invalidEmail, tooManyRecipients, overQuota, forbiddenToSend, serverUnavailable.
async::Awaitable<Result<HandedIn, jmap::Fault>> hand_in(Call* call, const OutgoingLetter* letter);

/// The fault that stands for a refusal of `reception`: of this type, if it is one for good.
jmap::Fault forbidden_because(std::string type, const smtp::Reply& reply);

} // namespace tegami::jmapd
