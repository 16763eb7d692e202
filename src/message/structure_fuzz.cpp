// The structure of any octets: the same whole and in pieces, every part inside its parent, its card coming back.
#include "base/assert.h"
#include "message/card.h"

#include <cstdint>

using namespace tegami::message;

namespace {

void check(const Part& part, std::uint64_t start, std::uint64_t end) {
    ASSERT(part.header_offset >= start && part.body_offset == part.header_offset + part.header_length);
    ASSERT(part.end() <= end);
    ASSERT((part.kind == PartKind::multipart) ? !part.children.empty()
                                              : part.children.size() == (part.kind == PartKind::message ? 1 : 0));
    std::uint64_t from = part.body_offset;
    for (const Part& child : part.children) {
        check(child, from, part.end());
        from = child.end();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const Structure whole = parse_structure(octets);
    ASSERT(whole.size == size && whole.root.end() == size);
    check(whole.root, 0, size);
    StructureParser parser;
    // The piece lengths come from the input, too.
    for (std::size_t at = 0; at < size;) {
        const std::size_t length = 1 + data[at] % 7;
        parser.feed(octets.substr(at, length));
        at += length;
    }
    ASSERT(parser.finish() == whole);
    const Card card = make_card(whole);
    const auto decoded = decode_card(encode_card(card));
    ASSERT(decoded && *decoded == card);
    return 0;
}
