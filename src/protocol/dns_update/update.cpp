#include "protocol/dns_update/update.h"

#include "base/bytes.h"
#include "protocol/dns_update/wire_numbers.h"

namespace tegami::dns {

namespace {

using bytes::append_big_endian;

void append_header(std::string& out, std::uint16_t id, std::uint16_t flags, std::uint16_t second, std::uint16_t third) {
    append_big_endian(out, id);
    append_big_endian(out, flags);
    append_big_endian(out, std::uint16_t{1});
    append_big_endian(out, second);
    append_big_endian(out, third);
    append_big_endian(out, std::uint16_t{0});
}

void append_question(std::string& out, const Name& name, std::uint16_t type) {
    out += name.wire();
    append_big_endian(out, type);
    append_big_endian(out, wire::kClassInternet);
}

/// `rdata` has at most kMessageBytesMax octets.
void append_record(std::string& out, const SetUpdate& update, std::uint16_t record_class, std::uint32_t ttl_seconds,
                   const std::string& rdata) {
    out += update.name.wire();
    append_big_endian(out, static_cast<std::uint16_t>(update.type));
    append_big_endian(out, record_class);
    append_big_endian(out, ttl_seconds);
    append_big_endian(out, static_cast<std::uint16_t>(rdata.size()));
    out += rdata;
}

std::string ask(std::uint16_t id, const Name& name, std::uint16_t type) {
    std::string out;
    append_header(out, id, 0, 0, 0);
    append_question(out, name, type);
    return out;
}

} // namespace

std::optional<std::string> encode_update(std::uint16_t id, const SetUpdate& update) {
    const std::size_t expected = !update.expected ? 0 : update.expected->empty() ? 1 : update.expected->size();
    const std::size_t changes = (update.removes_others ? 1 : 0) + update.added.size();
    // Each record has more octets than one: the numbers below fit into their fields if the message is not too long.
    if (expected + changes > kMessageBytesMax) return std::nullopt;
    std::string out;
    append_header(out, id, wire::kOpcodeUpdate << wire::kOpcodeShift, static_cast<std::uint16_t>(expected),
                  static_cast<std::uint16_t>(changes));
    append_question(out, update.zone, wire::kTypeSoa);
    const auto append_data = [&](const Data& data, std::uint32_t ttl_seconds) {
        const std::string rdata = encode_rdata(data);
        if (out.size() + rdata.size() > kMessageBytesMax) return false;
        append_record(out, update, wire::kClassInternet, ttl_seconds, rdata);
        return true;
    };
    // RFC 2136 §2.4.3: RRset does not exist.
    if (update.expected && update.expected->empty()) append_record(out, update, wire::kClassNone, 0, {});
    // RFC 2136 §2.4.2: RRset exists (value dependent).
    if (update.expected)
        for (const Data& data : *update.expected)
            if (!append_data(data, 0)) return std::nullopt;
    // RFC 2136 §2.5.2: delete an RRset.
    if (update.removes_others) append_record(out, update, wire::kClassAny, 0, {});
    // RFC 2136 §2.5.1: add to an RRset.
    for (const Data& data : update.added)
        if (!append_data(data, update.ttl_seconds)) return std::nullopt;
    if (out.size() > kMessageBytesMax) return std::nullopt;
    return out;
}

std::string encode_question(std::uint16_t id, const Name& name, Type type) {
    return ask(id, name, static_cast<std::uint16_t>(type));
}

std::string encode_zone_question(std::uint16_t id, const Name& name) {
    return ask(id, name, wire::kTypeSoa);
}

} // namespace tegami::dns
