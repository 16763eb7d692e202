#include "store/journey_records.h"

#include "base/ascii.h"
#include "store/record_coding.h"

namespace tegami::store::record {

namespace {

using bytes::append_big_endian;
using bytes::append_string;
using bytes::append_varint;
using bytes::Reader;

std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

} // namespace

std::string encode_journey_event(const JourneyEvent& event) {
    std::string out = begin_value();
    append_string(out, event.kind);
    append_string(out, event.message_id);
    append_varint(out, event.addresses.size());
    for (const std::string& address : event.addresses)
        append_string(out, address);
    append_varint(out, event.fields.size());
    for (const JourneyField& field : event.fields) {
        append_string(out, field.name);
        append_string(out, field.value);
    }
    return out;
}

std::optional<JourneyEvent> decode_journey_event(std::string_view key, std::string_view value) {
    const std::size_t end = key.find('\0');
    if (key.empty() || key.front() != 'J' || end == std::string_view::npos || key.size() != end + 17)
        return std::nullopt;
    JourneyEvent event;
    event.journey = key.substr(1, end - 1);
    event.time = Timestamp(Duration(static_cast<std::int64_t>(number64(key, end + 1))));
    Reader in = open_value(value);
    event.kind = in.string();
    event.message_id = in.string();
    for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left)
        event.addresses.emplace_back(in.string());
    for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
        const std::string_view name = in.string();
        event.fields.push_back({std::string(name), std::string(in.string())});
    }
    if (!in.complete()) return std::nullopt;
    return event;
}

std::string journey_prefix(std::string_view journey) {
    return "J" + std::string(journey) + '\0';
}

std::string journey_event_key(const JourneyEvent& event, std::uint64_t sequence) {
    std::string key = journey_prefix(event.journey);
    append_big_endian(key, static_cast<std::uint64_t>(event.time.time_since_epoch().count()));
    append_big_endian(key, sequence);
    return key;
}

std::string journey_message_id_prefix(std::string_view message_id) {
    return key('M', hash_of(message_id));
}

std::string journey_address_prefix(std::string_view address) {
    return key('A', hash_of(ascii::lower(address)));
}

} // namespace tegami::store::record
