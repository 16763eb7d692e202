#include "service/jmapd/submission_object.h"

#include "base/ascii.h"
#include "protocol/jmap/types.h"

#include <algorithm>
#include <array>
#include <map>

namespace tegami::jmapd {

namespace {

/// Limit: octets of the replies of all recipients together, and of one.
constexpr std::size_t kRepliesBytesMax = 64 * 1024;
constexpr std::size_t kReplyBytesMax = 300;
constexpr std::size_t kReplyBytesMin = 40;

constexpr std::array<std::string_view, 3> kUndoNames{"pending", "final", "canceled"};

/// What is known of one copy, or of all of a recipient. The worse comes first: the status of a recipient is that of the copy
/// that has come least far.
struct CopyStatus {
    enum class Delivered : std::uint8_t { queued, no, unknown, yes } delivered = Delivered::unknown;
    std::string reply = "250 2.0.0 nothing more is known";
};

using Delivered = CopyStatus::Delivered;

std::string_view name_of_delivered(Delivered delivered) {
    constexpr std::array<std::string_view, 4> kNames{"queued", "no", "unknown", "yes"};
    return kNames.at(static_cast<std::size_t>(delivered));
}

/// An SMTP reply on one line: what we say ourselves begins with the status alone, without a code.
std::string as_reply(std::string_view text) {
    const bool has_code = text.size() > 3 && std::ranges::all_of(text.substr(0, 3), ascii::is_digit) && text[3] == ' ';
    if (has_code) return std::string(text);
    const bool has_status = text.size() > 2 && ascii::is_digit(text[0]) && text[1] == '.';
    const char kind = has_status ? text[0] : '4';
    const std::string_view code = kind == '5' ? "554 " : kind == '2' ? "250 " : "451 ";
    return std::string(code) + (has_status ? "" : "4.0.0 ") + std::string(text);
}

using Copies = std::map<std::string, CopyStatus>;

void see_events(Copies& copies, const std::vector<store::JourneyEvent>& events) {
    for (const store::JourneyEvent& event : events) {
        const auto field = [&event](std::string_view name) {
            const auto found = std::ranges::find(event.fields, name, &store::JourneyField::name);
            return found == event.fields.end() ? std::string() : found->value;
        };
        if (event.kind == "stored")
            copies[ascii::lower(field("account"))] = {.delivered = Delivered::yes, .reply = "250 2.1.5 delivered"};
        const auto to = ascii::lower(field("to"));
        if (event.kind == "relayed") copies[to] = {.delivered = Delivered::unknown, .reply = field("reply")};
        if (event.kind == "refused") copies[to] = {.delivered = Delivered::no, .reply = field("reply")};
        if (event.kind != "removed") continue;
        for (auto& [address, copy] : copies)
            if (copy.delivered == Delivered::queued)
                copy = {.delivered = Delivered::no, .reply = "554 5.0.0 taken out of the queue by an administrator"};
    }
}

void see_queue(Copies& copies, const store::QueuedMessage& queued) {
    for (const store::QueueItem& item : queued.items)
        for (const store::QueueRecipient& recipient : item.recipients) {
            const bool failed = recipient.state == store::RecipientState::failed;
            copies[ascii::lower(recipient.address.to_string())] = {
                .delivered = failed ? Delivered::no : Delivered::queued,
                .reply = recipient.last_reply.empty() ? SubmissionRecipient().reply : recipient.last_reply};
        }
}

/// Whether anything of it has left, or tried to.
bool has_moved(const std::vector<store::JourneyEvent>& events) {
    return std::ranges::any_of(events, [](const store::JourneyEvent& event) {
        return event.kind == "stored" || event.kind == "relayed" || event.kind == "refused" || event.kind == "deferred";
    });
}

std::string text_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

json::object encode_recipient(const SubmissionRecipient& recipient) {
    return {{"copies", json::array(recipient.copies.begin(), recipient.copies.end())},
            {"delivered", recipient.delivered},
            {"reply", recipient.reply}};
}

std::optional<SubmissionRecipient> decode_recipient(const json::value& value) {
    const json::object* const object = value.if_object();
    const json::value* const copies = object == nullptr ? nullptr : object->if_contains("copies");
    if (copies == nullptr || !copies->is_array()) return std::nullopt;
    SubmissionRecipient recipient{
        .copies = {}, .delivered = text_in(*object, "delivered"), .reply = text_in(*object, "reply")};
    for (const json::value& copy : copies->get_array())
        if (copy.is_string()) recipient.copies.emplace_back(copy.get_string());
    return recipient;
}

json::value delivery_status(const Submission& submission) {
    if (submission.undo == UndoStatus::canceled) return nullptr;
    json::object status;
    const json::array& rcpt_to = submission.envelope.at("rcptTo").as_array();
    for (std::size_t at = 0; at < rcpt_to.size(); ++at) {
        const SubmissionRecipient& recipient = submission.recipients[at];
        status[rcpt_to[at].at("email").as_string()] =
            json::object{{"smtpReply", recipient.reply}, {"delivered", recipient.delivered}, {"displayed", "unknown"}};
    }
    return status;
}

} // namespace

std::string_view name_of(UndoStatus status) {
    return kUndoNames.at(static_cast<std::size_t>(status));
}

std::string encode_submission(const Submission& submission) {
    json::array recipients;
    for (const SubmissionRecipient& recipient : submission.recipients)
        recipients.emplace_back(encode_recipient(recipient));
    return write_json(json::object{{"identity", submission.identity},
                                   {"email", submission.email},
                                   {"thread", submission.thread},
                                   {"envelope", submission.envelope},
                                   {"sendAt", submission.send_at.time_since_epoch().count()},
                                   {"undo", name_of(submission.undo)},
                                   {"cancelling", submission.cancelling},
                                   {"settled", submission.settled},
                                   {"queued", submission.queued ? std::to_string(submission.queued->value) : ""},
                                   {"journey", submission.journey},
                                   {"recipients", std::move(recipients)}});
}

std::optional<Submission> decode_submission(std::string_view octets) {
    constexpr std::size_t kDepth = 8;
    const auto whole = read_json(octets, kDepth);
    const json::object* const object = whole ? whole->if_object() : nullptr;
    if (object == nullptr) return std::nullopt;
    const json::value* const send_at = object->if_contains("sendAt");
    const json::value* const envelope = object->if_contains("envelope");
    const json::value* const recipients = object->if_contains("recipients");
    const auto seconds = send_at == nullptr ? std::nullopt : jmap::read_int(*send_at);
    const auto undo = std::ranges::find(kUndoNames, text_in(*object, "undo"));
    if (!seconds || envelope == nullptr || recipients == nullptr || undo == kUndoNames.end()) return std::nullopt;
    const auto read = read_envelope(*envelope, Timestamp(std::chrono::sys_seconds(std::chrono::seconds(*seconds))));
    if (!read || !recipients->is_array()) return std::nullopt;
    Submission submission{.identity = text_in(*object, "identity"),
                          .email = text_in(*object, "email"),
                          .thread = text_in(*object, "thread"),
                          .envelope = envelope->get_object(),
                          .send_at = std::chrono::sys_seconds(std::chrono::seconds(*seconds)),
                          .undo = static_cast<UndoStatus>(undo - kUndoNames.begin()),
                          .cancelling = flag_in(*object, "cancelling"),
                          .settled = flag_in(*object, "settled"),
                          .queued = {},
                          .journey = text_in(*object, "journey"),
                          .recipients = {}};
    if (const auto number = ascii::parse_number<std::uint64_t>(text_in(*object, "queued")))
        submission.queued = store::QueueId(*number);
    for (const json::value& one : recipients->get_array()) {
        auto recipient = decode_recipient(one);
        if (!recipient) return std::nullopt;
        submission.recipients.push_back(*std::move(recipient));
    }
    if (submission.recipients.size() != submission.envelope.at("rcptTo").as_array().size()) return std::nullopt;
    return submission;
}

const std::vector<std::string>& submission_properties() {
    static const std::vector<std::string> kProperties{"id",         "identityId", "emailId",    "threadId",
                                                      "envelope",   "sendAt",     "undoStatus", "deliveryStatus",
                                                      "dsnBlobIds", "mdnBlobIds"};
    return kProperties;
}

json::object submission_object(std::string_view id, const Submission& submission) {
    return {{"id", id},
            {"identityId", submission.identity},
            {"emailId", submission.email},
            {"threadId", submission.thread},
            {"envelope", submission.envelope},
            {"sendAt", jmap::print_utc_date(submission.send_at)},
            {"undoStatus", name_of(submission.undo)},
            {"deliveryStatus", delivery_status(submission)},
            {"dsnBlobIds", json::array()},
            {"mdnBlobIds", json::array()}};
}

void note_progress(Submission& submission, const std::optional<store::QueuedMessage>& queued,
                   const std::vector<store::JourneyEvent>& events) {
    submission.settled = !queued;
    const bool held = queued && queued->message.is_held();
    if (submission.undo == UndoStatus::pending && !held) {
        const bool taken_back = !queued && submission.cancelling && !has_moved(events);
        submission.undo = taken_back ? UndoStatus::canceled : UndoStatus::final;
        submission.cancelling = false;
    }
    Copies copies;
    for (const SubmissionRecipient& recipient : submission.recipients)
        for (const std::string& copy : recipient.copies)
            copies[ascii::lower(copy)] = {.delivered = Delivered::queued, .reply = recipient.reply};
    see_events(copies, events);
    if (!queued)
        for (auto& [address, copy] : copies)
            if (copy.delivered == Delivered::queued) copy = {};
    if (queued) see_queue(copies, *queued);
    const std::size_t reply_bytes = std::clamp(
        kRepliesBytesMax / std::max<std::size_t>(1, submission.recipients.size()), kReplyBytesMin, kReplyBytesMax);
    for (SubmissionRecipient& recipient : submission.recipients) {
        CopyStatus whole{.delivered = Delivered::yes, .reply = "250 2.0.0 read by the server"};
        for (const std::string& address : recipient.copies) {
            const CopyStatus& copy = copies.at(ascii::lower(address));
            if (&address == &recipient.copies.front() || copy.delivered < whole.delivered) whole = copy;
        }
        recipient.delivered = name_of_delivered(whole.delivered);
        recipient.reply = ascii::printable(as_reply(whole.reply), reply_bytes);
    }
}

} // namespace tegami::jmapd
