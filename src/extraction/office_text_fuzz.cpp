// Whatever the octets are, reading them ends and stays within its limits. Octets that are no archive become the XML of one, so that
// the fuzzer need not find out how to make a checksum.
#include "base/assert.h"
#include "extraction/limits.h"
#include "extraction/office_text.h"
#include "testing/office_files.h"

#include <cstdint>
#include <string>
#include <string_view>

using namespace tegami::extraction;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string octets(reinterpret_cast<const char*>(data), size);
    if (!octets.starts_with("PK"))
        octets = tegami::testing::zip_of({{size % 2 == 0 ? "word/document.xml" : "content.xml", octets}});
    std::size_t bytes = 0;
    static_cast<void>(read_office(octets, [&bytes](std::string_view piece) {
        bytes += piece.size();
        return true;
    }));
    ASSERT(bytes <= kTextBytesMax);
    return 0;
}
