// Any message: every section lies inside it, and ENVELOPE, BODY and BODYSTRUCTURE are well-formed values.
#include "base/ascii.h"
#include "base/assert.h"
#include "protocol/imap/search.h"
#include "protocol/imap/section.h"
#include "protocol/imap/structure_writer.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace tegami;
using namespace tegami::imap;

/// Steps over one value of the answer grammar (RFC 9051 §9:
/// nstring, number, or a list of values); aborts on anything else.
void skip_value(std::string_view& rest) {
    ASSERT(!rest.empty());
    if (rest.front() == '(') {
        rest.remove_prefix(1);
        while (!rest.starts_with(')')) {
            skip_value(rest);
            if (rest.starts_with(' ')) rest.remove_prefix(1);
        }
        rest.remove_prefix(1);
    } else if (rest.front() == '"') {
        rest.remove_prefix(1);
        while (!rest.starts_with('"')) {
            ASSERT(!rest.empty() && rest.front() != '\r' && rest.front() != '\n' && rest.front() != '\0');
            rest.remove_prefix(rest.front() == '\\' ? 2 : 1);
        }
        rest.remove_prefix(1);
    } else if (rest.front() == '{') {
        const std::size_t end = rest.find("}\r\n");
        const auto size = ascii::parse_number<std::size_t>(rest.substr(1, end - 1));
        ASSERT(size.has_value() && *size <= rest.size() - end - 3);
        ASSERT(!rest.substr(end + 3, *size).contains('\0'));
        rest.remove_prefix(end + 3 + *size);
    } else {
        std::size_t length = 0;
        while (length < rest.size() && ascii::is_alnum(rest[length]))
            ++length;
        ASSERT(rest.substr(0, length) == "NIL" || ascii::parse_number<std::uint64_t>(rest.substr(0, length)));
        rest.remove_prefix(length);
    }
}

void check_value(std::string_view value) {
    skip_value(value);
    ASSERT(value.empty());
}

/// Asks for every section of a part and, if there are any, of the parts in it.
void check_sections(const message::Structure& structure, std::string_view octets, std::vector<std::uint32_t>& part) {
    for (const SectionText text :
         {SectionText::whole, SectionText::header, SectionText::text, SectionText::mime, SectionText::header_fields}) {
        const FetchBody item{.section = {.part = part, .text = text, .fields = {"Subject"}}};
        const SectionPlan plan = plan_section(structure.root, item);
        if (const auto* send = std::get_if<SendRange>(&plan))
            ASSERT(send->range.offset <= octets.size() && send->range.length <= octets.size() - send->range.offset);
        if (const auto* filter = std::get_if<FilterHeader>(&plan))
            (void)filter_header(octets.substr(filter->header.offset, filter->header.length), item.section);
    }
    (void)plan_binary(structure.root, part);
    if (part.size() == 6) return;
    for (std::uint32_t number = 1; number <= 4; ++number) {
        part.push_back(number);
        if (message::find_part(structure.root, part) != nullptr) check_sections(structure, octets, part);
        part.pop_back();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string octets(data, data + size);
    const message::Structure structure = message::parse_structure(octets);
    for (const EnabledSet enabled : {EnabledSet{}, EnabledSet{Enabled::imap4rev2}}) {
        check_value(write_envelope(structure.envelope, enabled));
        check_value(write_structure(structure.root, StructureForm::body, enabled));
        check_value(write_structure(structure.root, StructureForm::body_structure, enabled));
    }
    std::vector<std::uint32_t> part;
    check_sections(structure, octets, part);
    const std::vector<BodyNeedle> needles{{.text = "a"}, {.text = "subject: x", .headers_too = true}};
    BodyMatcher whole(structure.root, needles);
    whole.feed(octets);
    whole.finish();
    BodyMatcher pieces(structure.root, needles);
    for (std::size_t at = 0; at < octets.size(); at += 7)
        pieces.feed(std::string_view(octets).substr(at, 7));
    pieces.finish();
    ASSERT(whole.found(0) == pieces.found(0) && whole.found(1) == pieces.found(1));
    return 0;
}
