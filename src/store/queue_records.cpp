#include "store/queue_records.h"

#include "base/bytes.h"
#include "store/account_records.h"
#include "store/record_coding.h"

#include <algorithm>

namespace tegami::store::record {

namespace {

using bytes::append_big_endian;
using bytes::append_string;
using bytes::append_varint;
using bytes::Reader;

void append_text(std::string& out, std::string_view text) {
    append_string(out, text.substr(0, kQueueTextBytesMax));
}

} // namespace

std::string encode_queue_head(const QueueEntry& entry) {
    std::string out{static_cast<char>(kFormat)};
    out.push_back(
        static_cast<char>((entry.body_8bit ? 1 : 0) | (entry.smtputf8 ? 2 : 0) | (entry.return_full ? 4 : 0)));
    append_text(out, entry.reverse_path);
    for (const std::uint8_t octet : entry.blob.id.octets)
        out.push_back(static_cast<char>(octet));
    append_varint(out, entry.blob.size);
    append_varint(out, entry.blob.card_size);
    append_time(out, entry.created);
    append_time(out, entry.next_due);
    append_time(out, entry.expires);
    append_text(out, entry.envelope_id);
    append_text(out, entry.submitter);
    append_text(out, entry.origin);
    append_text(out, entry.journey);
    append_varint(out, entry.attempts);
    append_varint(out, entry.delay_reports);
    append_varint(out, entry.recipients.size());
    return out;
}

std::optional<QueueHead> decode_queue_head(QueueId id, std::string_view value) {
    Reader in(value);
    QueueHead head;
    QueueEntry& entry = head.entry;
    entry.id = id;
    if (in.big_endian<std::uint8_t>() != kFormat) return std::nullopt;
    const auto bits = in.big_endian<std::uint8_t>();
    entry.body_8bit = (bits & 1) != 0;
    entry.smtputf8 = (bits & 2) != 0;
    entry.return_full = (bits & 4) != 0;
    entry.reverse_path = in.string();
    std::ranges::transform(in.take(entry.blob.id.octets.size()), entry.blob.id.octets.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    entry.blob.size = in.varint();
    entry.blob.card_size = read32(in);
    entry.created = read_time(in);
    entry.next_due = read_time(in);
    entry.expires = read_time(in);
    entry.envelope_id = in.string();
    entry.submitter = in.string();
    entry.origin = in.string();
    entry.journey = in.string();
    entry.attempts = read32(in);
    entry.delay_reports = read32(in);
    head.recipients = read32(in);
    if (!in.complete() || bits > 7 || head.recipients > kQueueRecipientsMax) return std::nullopt;
    return head;
}

std::string encode_queue_recipient(const QueueRecipient& recipient) {
    std::string out{static_cast<char>(kFormat)};
    out.push_back(static_cast<char>(recipient.state));
    out.push_back(static_cast<char>(recipient.route));
    out.push_back(static_cast<char>(recipient.notify));
    out.push_back(recipient.reported ? 1 : 0);
    append_text(out, recipient.address);
    append_text(out, recipient.original);
    append_text(out, recipient.target);
    append_varint(out, recipient.attempts);
    append_time(out, recipient.last_attempt);
    append_text(out, recipient.last_server);
    append_text(out, recipient.last_reply);
    return out;
}

std::optional<QueueRecipient> decode_queue_recipient(std::string_view value) {
    Reader in(value);
    QueueRecipient recipient;
    if (in.big_endian<std::uint8_t>() != kFormat) return std::nullopt;
    const auto state = in.big_endian<std::uint8_t>();
    const auto route = in.big_endian<std::uint8_t>();
    recipient.state = static_cast<RecipientState>(state);
    recipient.route = static_cast<RecipientRoute>(route);
    recipient.notify = in.big_endian<std::uint8_t>();
    recipient.reported = in.big_endian<std::uint8_t>() != 0;
    recipient.address = in.string();
    recipient.original = in.string();
    recipient.target = in.string();
    recipient.attempts = read32(in);
    recipient.last_attempt = read_time(in);
    recipient.last_server = in.string();
    recipient.last_reply = in.string();
    const bool sound = in.complete() && state <= static_cast<std::uint8_t>(RecipientState::failed) &&
                       route <= static_cast<std::uint8_t>(RecipientRoute::local);
    if (!sound) return std::nullopt;
    return recipient;
}

std::string queue_head_key(QueueId id) {
    std::string key{'E'};
    append_big_endian(key, id.value);
    return key;
}

std::string queue_recipient_key(QueueId id, std::uint32_t recipient) {
    std::string key{'R'};
    append_big_endian(key, id.value);
    append_big_endian(key, recipient);
    return key;
}

std::string queue_due_key(Timestamp due, QueueId id) {
    std::string key{'D'};
    append_big_endian(key, static_cast<std::uint64_t>(std::max<std::int64_t>(0, due.time_since_epoch().count())));
    append_big_endian(key, id.value);
    return key;
}

std::string queue_reference_tag(std::uint64_t shard, QueueId id) {
    std::string tag{'q'};
    append_big_endian(tag, shard);
    append_big_endian(tag, id.value);
    return tag;
}

} // namespace tegami::store::record
