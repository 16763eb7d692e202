// Any octets as a DNS message, as rdata of every type, and as zone file text.
#include "base/assert.h"
#include "protocol/dns/message.h"

#include <cstddef>
#include <cstdint>

using namespace tegami::dns;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    if (const auto message = parse_message(octets)) {
        alias_chain(*message);
        for (const Record& record : message->answers)
            ASSERT(decode_rdata(record.type, encode_rdata(record.data)) == record.data);
    }
    for (const Type type : {Type::a, Type::ns, Type::mx, Type::txt, Type::aaaa, Type::srv, Type::tlsa}) {
        if (const auto decoded = decode_rdata(type, octets)) {
            const auto reread = parse_rdata(type, to_string(*decoded));
            // An empty association has no text form.
            ASSERT(reread == *decoded || (type == Type::tlsa && octets.size() == 3));
        }
        if (const auto parsed = parse_rdata(type, octets)) ASSERT(decode_rdata(type, encode_rdata(*parsed)) == *parsed);
    }
    return 0;
}
