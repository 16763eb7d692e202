// A letter that was sent, or waits to be, as the account keeps it and as JMAP shows it (RFC 8621 §7). Pure.
#pragma once

#include "service/jmapd/envelope.h"
#include "store/journey.h"
#include "store/queue.h"
#include "json/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

enum class UndoStatus : std::uint8_t {
    pending,  ///< it is held: it can be taken back
    final,    ///< released
    canceled, ///< taken back
};

std::string_view name_of(UndoStatus status);

/// What became of the letter for one recipient.
struct SubmissionRecipient {
    /// The addresses that get a copy for it, behind aliases; empty if the server itself reads it.
    std::vector<std::string> copies;
    std::string delivered = "queued";
    std::string reply = "250 2.0.0 waits to be sent";

    bool operator==(const SubmissionRecipient&) const = default;
};

struct Submission {
    std::string identity;
    std::string email;
    std::string thread;
    json::object envelope; ///< as JMAP shows it
    std::chrono::sys_seconds send_at{};
    UndoStatus undo = UndoStatus::final;
    bool cancelling = false; ///< somebody has begun to take it back
    bool settled = false;    ///< nothing more will happen to it
    std::optional<store::QueueId> queued;
    std::string journey;
    std::vector<SubmissionRecipient> recipients; ///< in the order of the envelope's

    bool operator==(const Submission&) const = default;
};

/// The octets of the account's object (store/account_objects.h).
std::string encode_submission(const Submission& submission);
std::optional<Submission> decode_submission(std::string_view octets);

/// The properties of a submission, in the order of the RFC.
const std::vector<std::string>& submission_properties();
/// All of them.
json::object submission_object(std::string_view id, const Submission& submission);

/// What the queue and the journey say of it now. `queued` is nothing if the letter has left the queue.
void note_progress(Submission& submission, const std::optional<store::QueuedMessage>& queued,
                   const std::vector<store::JourneyEvent>& events);

} // namespace tegami::jmapd
