// Any message as JMAP shows it: what comes out is JSON in UTF-8 that reads back, every part is found by its id, and is in
// one of the lists.
#include "base/assert.h"
#include "message/utf8.h"
#include "protocol/jmap/mail/body_lists.h"
#include "protocol/jmap/mail/body_part.h"
#include "protocol/jmap/mail/body_value.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    using namespace tegami::jmap;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const message::Structure structure = message::parse_structure(octets);
    const message::Header header(octets);
    json::object shown{{"headers", header_fields(header)}};
    for (const std::string_view name :
         {"header:X", "header:X:asText:all", "header:X:asAddresses", "header:X:asGroupedAddresses",
          "header:X:asMessageIds", "header:X:asDate", "header:X:asURLs:all"})
        shown[name] = header_value(header, *parse_header_property(name));
    static_cast<void>(parse_header_property("header:" + std::string(octets.substr(0, 100))));
    const auto properties = parse_part_properties({"partId", "name", "type", "charset", "cid", "language", "location",
                                                   "disposition", "headers", "subParts", "size"});
    const PartSource source{
        .blob_of = [](const message::Part& part) { return PartBlob{"b", part.body_length}; },
        .header_of = [&](const message::Part& part) { return octets.substr(part.header_offset, part.header_length); }};
    shown["structure"] = body_part(structure.root, structure.root, *properties, source, true);
    const BodyLists lists = list_body(structure.root);
    for (const auto* list : {&lists.text, &lists.html, &lists.attachments}) {
        for (const message::Part* part : *list) {
            const auto id = part_id(structure.root, *part);
            ASSERT(id && find_part_of_id(structure.root, *id) == part);
            const std::string_view body = octets.substr(part->body_offset, part->body_length);
            shown[*id] = body_value(*part, body, 50);
            ASSERT(shown.at(*id).at("value").as_string().size() <= 50);
        }
    }
    static_cast<void>(has_attachment(lists));
    ASSERT(is_utf8(shown));
    ASSERT(read_json(write_json(shown), 200));
    return 0;
}
