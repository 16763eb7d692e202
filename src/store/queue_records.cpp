#include "store/queue_records.h"

#include "base/bytes.h"
#include "store/record_coding.h"

#include <algorithm>

namespace tegami::store::record {

namespace {

using bytes::append_big_endian;
using bytes::append_string;
using bytes::append_varint;
using bytes::Reader;

/// Of M and I records.
constexpr std::uint8_t kQueueFormat = 2;
/// In the octet of a recipient's state: there is a hold.
constexpr std::uint8_t kOnHold = 0x80;
/// Octets of an item at the end of a key.
constexpr std::size_t kItemBytes = 12;

void append_text(std::string& out, std::string_view text) {
    append_string(out, text.substr(0, kQueueTextBytesMax));
}

void append_item(std::string& key, QueueItemId id) {
    append_big_endian(key, id.message.value);
    append_big_endian(key, id.number);
}

/// In keys a moment before 1970 is 1970.
void append_due(std::string& key, Timestamp due) {
    append_big_endian(key, static_cast<std::uint64_t>(std::max<std::int64_t>(0, due.time_since_epoch().count())));
}

std::string destination_prefix(const QueueDestination& destination) {
    return 'T' + encode_destination(destination);
}

void append_hold(std::string& out, const QueueHold& hold) {
    append_time(out, hold.since);
    append_text(out, hold.by);
    append_text(out, hold.reason);
}

QueueHold read_hold(Reader& in) {
    QueueHold hold{.since = read_time(in)};
    hold.by = in.string();
    hold.reason = in.string();
    return hold;
}

bool read_recipient(Reader& in, QueueRecipient& recipient) {
    const auto state = in.big_endian<std::uint8_t>();
    const bool on_hold = (state & kOnHold) != 0;
    recipient.state = static_cast<RecipientState>(state & ~kOnHold);
    recipient.notify = in.big_endian<std::uint8_t>();
    recipient.address.local_part = in.string();
    recipient.detail = in.string();
    recipient.original = in.string();
    recipient.attempts = read32(in);
    recipient.last_attempt = read_time(in);
    recipient.last_server = in.string();
    recipient.last_reply = in.string();
    if (on_hold) recipient.hold = read_hold(in);
    return !in.failed() && (recipient.is_waiting() || (recipient.state == RecipientState::failed && !on_hold));
}

} // namespace

std::string encode_queue_message(const QueueMessage& message) {
    std::string out{static_cast<char>(kQueueFormat)};
    out.push_back(static_cast<char>((message.eight_bit ? 1 : 0) | (message.return_full ? 4 : 0) |
                                    (message.junk ? 8 : 0) | (message.passed_on ? 16 : 0) |
                                    (message.tls_optional ? 32 : 0) | (message.held_until ? 64 : 0) |
                                    (message.released ? 128 : 0)));
    append_text(out, message.reverse_path ? message.reverse_path->domain.ascii() : "");
    append_text(out, message.reverse_path ? message.reverse_path->local_part : "");
    append_blob(out, message.blob);
    append_varint(out, message.content_from);
    append_string(out, message.prefix);
    append_time(out, message.created);
    append_time(out, message.expires);
    append_text(out, message.envelope_id);
    append_text(out, message.submitter);
    append_text(out, message.origin);
    append_text(out, message.journey);
    append_varint(out, message.items);
    if (message.held_until) append_time(out, *message.held_until);
    return out;
}

std::optional<QueueMessage> decode_queue_message(QueueId id, std::string_view value) {
    Reader in(value);
    QueueMessage message;
    message.id = id;
    if (in.big_endian<std::uint8_t>() != kQueueFormat) return std::nullopt;
    const auto bits = in.big_endian<std::uint8_t>();
    message.eight_bit = (bits & 3) != 0; // 2: in the header, in records of before
    message.return_full = (bits & 4) != 0;
    message.junk = (bits & 8) != 0;
    message.passed_on = (bits & 16) != 0;
    message.tls_optional = (bits & 32) != 0;
    const std::string_view domain = in.string();
    const std::string_view local_part = in.string();
    if (!domain.empty()) {
        auto parsed = message::Domain::parse(domain);
        if (!parsed) return std::nullopt;
        message.reverse_path = message::EmailAddress{std::string(local_part), *std::move(parsed)};
    }
    message.blob = read_blob(in);
    message.content_from = in.varint();
    message.prefix = in.string();
    message.created = read_time(in);
    message.expires = read_time(in);
    message.envelope_id = in.string();
    message.submitter = in.string();
    message.origin = in.string();
    message.journey = in.string();
    message.items = read32(in);
    if ((bits & 64) != 0) message.held_until = read_time(in);
    message.released = (bits & 128) != 0;
    const bool sound = in.complete() && (bits & 192) != 128 && message.items > 0 && message.items <= kQueueItemsMax &&
                       message.content_from <= message.blob.size;
    if (!sound) return std::nullopt;
    return message;
}

std::string encode_queue_item(const QueueItem& item) {
    std::string out{static_cast<char>(kQueueFormat)};
    append_string(out, encode_destination(item.destination));
    append_varint(out, item.revision);
    append_time(out, item.next_due);
    append_varint(out, item.attempts);
    append_varint(out, item.delay_reports);
    append_text(out, item.recipients.front().address.domain.ascii());
    append_varint(out, item.recipients.size());
    for (const QueueRecipient& recipient : item.recipients) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(recipient.state) | (recipient.hold ? kOnHold : 0)));
        out.push_back(static_cast<char>(recipient.notify));
        append_text(out, recipient.address.local_part);
        append_text(out, recipient.detail);
        append_text(out, recipient.original);
        append_varint(out, recipient.attempts);
        append_time(out, recipient.last_attempt);
        append_text(out, recipient.last_server);
        append_text(out, recipient.last_reply);
        if (recipient.hold) append_hold(out, *recipient.hold);
    }
    return out;
}

std::optional<QueueItem> decode_queue_item(QueueItemId id, std::string_view value) {
    Reader in(value);
    QueueItem item;
    item.id = id;
    if (in.big_endian<std::uint8_t>() != kQueueFormat) return std::nullopt;
    auto destination = decode_destination(in.string());
    item.revision = read32(in);
    item.next_due = read_time(in);
    item.attempts = read32(in);
    item.delay_reports = read32(in);
    const auto domain = message::Domain::parse(in.string());
    const std::uint32_t count = read32(in);
    if (!destination || !domain || in.failed() || count == 0 || count > kItemRecipientsMax) return std::nullopt;
    item.destination = *std::move(destination);
    item.recipients.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        QueueRecipient recipient{.address = {.local_part = {}, .domain = *domain}};
        if (!read_recipient(in, recipient)) return std::nullopt;
        item.recipients.push_back(std::move(recipient));
    }
    if (!in.complete()) return std::nullopt;
    return item;
}

std::string encode_destination(const QueueDestination& destination) {
    std::string out;
    if (const auto* account = std::get_if<AccountId>(&destination)) {
        out.push_back('a');
        append_big_endian(out, account->value);
    } else {
        out.push_back('d');
        out += std::get<message::Domain>(destination).ascii();
    }
    return out;
}

std::optional<QueueDestination> decode_destination(std::string_view text) {
    if (text.starts_with('a') && text.size() == 9) return AccountId(number64(text, 1));
    if (!text.starts_with('d')) return std::nullopt;
    auto domain = message::Domain::parse(text.substr(1));
    if (!domain) return std::nullopt;
    return *std::move(domain);
}

std::string queue_message_key(QueueId id) {
    std::string key{'M'};
    append_big_endian(key, id.value);
    return key;
}

std::string queue_item_key(QueueItemId id) {
    std::string key{'I'};
    append_item(key, id);
    return key;
}

QueueItemId item_of_key(std::string_view key) {
    if (key.size() < 1 + kItemBytes) return {};
    const std::size_t at = key.size() - kItemBytes;
    return {QueueId(number64(key, at)), number32(key, at + 8)};
}

std::string queue_due_key(Timestamp due, QueueItemId id) {
    std::string key{'D'};
    append_due(key, due);
    append_item(key, id);
    return key;
}

Timestamp due_of_key(std::string_view key) {
    return Timestamp(Duration(static_cast<std::int64_t>(number64(key, 1))));
}

std::string queue_destination_key(const QueueDestination& destination, Timestamp due, QueueItemId id) {
    std::string key = destination_prefix(destination);
    key.push_back('\0');
    append_due(key, due);
    append_item(key, id);
    return key;
}

std::string queue_destination_end(const QueueDestination& destination) {
    return destination_prefix(destination) + '\1';
}

std::string queue_held_key(Timestamp until, QueueId id) {
    std::string key{'W'};
    append_due(key, until);
    append_big_endian(key, id.value);
    return key;
}

QueueId held_of_key(std::string_view key) {
    return QueueId(number64(key, 9));
}

std::string queue_hold_key(const QueueDestination& destination) {
    return std::string(kQueueHoldPrefix) + encode_destination(destination);
}

std::string encode_queue_hold(const QueueHold& hold) {
    std::string out{static_cast<char>(kQueueFormat)};
    append_hold(out, hold);
    return out;
}

std::optional<QueueHold> decode_queue_hold(std::string_view value) {
    Reader in(value);
    if (in.big_endian<std::uint8_t>() != kQueueFormat) return std::nullopt;
    QueueHold hold = read_hold(in);
    if (!in.complete()) return std::nullopt;
    return hold;
}

std::string queue_reference_tag(std::uint64_t shard, QueueId id) {
    std::string tag{'q'};
    append_big_endian(tag, shard);
    append_big_endian(tag, id.value);
    return tag;
}

} // namespace tegami::store::record
