#include "protocol/dns_update/response.h"

#include "protocol/dns/wire_reader.h"
#include "protocol/dns_update/wire_numbers.h"

#include <array>
#include <utility>

namespace tegami::dns {

namespace {

constexpr std::uint16_t kResponseFlag = 0x8000;
constexpr std::uint16_t kAuthoritativeFlag = 0x0400;
constexpr std::uint16_t kTruncatedFlag = 0x0200;

/// A record with its rdata not yet read.
struct Frame {
    std::size_t offset = 0; ///< of the record
    Name name;
    std::uint16_t type = 0;
    std::uint16_t record_class = 0;
    std::uint32_t ttl_seconds = 0;
    std::size_t data_offset = 0;
    std::size_t data_size = 0;
};

Frame take_frame(WireReader& reader) {
    Frame frame{.offset = reader.position()};
    frame.name = reader.name();
    frame.type = reader.number<std::uint16_t>();
    frame.record_class = reader.number<std::uint16_t>();
    frame.ttl_seconds = reader.number<std::uint32_t>();
    frame.data_size = reader.number<std::uint16_t>();
    frame.data_offset = reader.position();
    reader.take(frame.data_size);
    return frame;
}

/// RFC 8945 §4.2
std::optional<TsigRecord> decode_tsig(std::string_view octets, const Frame& frame) {
    if (frame.record_class != wire::kClassAny || frame.ttl_seconds != 0) return std::nullopt;
    WireReader reader(octets, frame.data_offset, frame.data_offset + frame.data_size);
    TsigRecord tsig{.key_name = frame.name};
    tsig.algorithm = reader.name();
    const std::uint64_t high = reader.number<std::uint16_t>();
    tsig.time_seconds = high << 32 | reader.number<std::uint32_t>();
    tsig.fudge_seconds = reader.number<std::uint16_t>();
    const std::size_t mac_size = reader.number<std::uint16_t>();
    tsig.mac = reader.take(mac_size);
    tsig.original_id = reader.number<std::uint16_t>();
    tsig.error = reader.number<std::uint16_t>();
    const std::size_t other_size = reader.number<std::uint16_t>();
    tsig.other = reader.take(other_size);
    if (reader.failed() || !reader.at_end()) return std::nullopt;
    return tsig;
}

void take_answer(std::string_view octets, Frame frame, Response& response) {
    const auto type = static_cast<Type>(frame.type);
    if (frame.record_class != wire::kClassInternet) return;
    auto data = decode_rdata(type, octets, frame.data_offset, frame.data_size);
    if (!data) return;
    response.answers.push_back(
        {.name = std::move(frame.name), .type = type, .ttl_seconds = frame.ttl_seconds, .data = std::move(*data)});
}

} // namespace

std::optional<Response> parse_response(std::string_view octets) {
    // Every record takes octets, so the counts of the header do not decide how long this takes.
    if (octets.size() < wire::kHeaderBytes) return std::nullopt;
    WireReader reader(octets, 0, octets.size());
    Response response;
    response.id = reader.number<std::uint16_t>();
    const auto flags = reader.number<std::uint16_t>();
    const unsigned opcode = flags >> wire::kOpcodeShift & 0xfU;
    response.is_update = opcode == wire::kOpcodeUpdate;
    response.is_authoritative = (flags & kAuthoritativeFlag) != 0;
    response.code = flags & 0xfU;
    const bool is_known = opcode == 0 || response.is_update;
    if ((flags & kResponseFlag) == 0 || (flags & kTruncatedFlag) != 0 || !is_known) return std::nullopt;
    const unsigned questions = reader.number<std::uint16_t>();
    const unsigned answers = reader.number<std::uint16_t>();
    const unsigned authorities = reader.number<std::uint16_t>();
    const unsigned additionals = reader.number<std::uint16_t>();
    for (unsigned i = 0; i < questions && !reader.failed(); ++i) {
        reader.name();
        reader.number<std::uint32_t>(); // type and class
    }
    const unsigned records = answers + authorities + additionals;
    for (unsigned i = 0; i < records && !reader.failed(); ++i) {
        Frame frame = take_frame(reader);
        if (reader.failed()) break;
        const bool is_signature = frame.type == wire::kTypeTsig;
        if (is_signature) {
            if (i + 1 != records || additionals == 0) return std::nullopt;
            response.tsig = decode_tsig(octets, frame);
            response.tsig_offset = frame.offset;
            if (!response.tsig) return std::nullopt;
            continue;
        }
        if (frame.type == wire::kTypeSoa && i < answers + authorities && !response.zone) response.zone = frame.name;
        if (i < answers) take_answer(octets, std::move(frame), response);
    }
    if (reader.failed() || !reader.at_end()) return std::nullopt;
    return response;
}

std::string response_code_name(unsigned code) {
    static constexpr std::array<std::string_view, 11> kNames{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                             "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                             "NXRRSET", "NOTAUTH", "NOTZONE"};
    return code < kNames.size() ? std::string(kNames[code]) : "RCODE " + std::to_string(code);
}

} // namespace tegami::dns
