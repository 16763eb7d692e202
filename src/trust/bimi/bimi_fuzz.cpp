// Any octets as a record and as the field that names a selector: what is taken has the shape that fields need.
#include "base/assert.h"
#include "trust/bimi/evaluate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace tegami;
using namespace tegami::bimi;

namespace {

void check_url(std::string_view url) {
    ASSERT(url.size() <= kUrlBytesMax);
    ASSERT(std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f' && c != ';' && c != ','; }));
}

void check(std::string_view text) {
    if (const auto selector = parse_selector(text)) ASSERT(!selector->empty() && selector->size() <= kSelectorBytesMax);
    if (!is_record(text)) return;
    const auto record = parse_record(text);
    if (!record) return;
    check_url(record->location);
    check_url(record->authority);
    const std::string fields = fields_for_readers({.reason = Reason::found, .record = *record});
    constexpr std::string_view kName = "BIMI-Location:";
    ASSERT(fields.starts_with(kName) && fields.ends_with(";\r\n"));
    if (record->declines()) return;
    // What stands in the field is read as the record was.
    const std::size_t end = std::min(fields.find(";\r\nBIMI-"), fields.size() - 3);
    const std::string value = fields.substr(kName.size(), end - kName.size());
    const auto again = parse_record(value);
    ASSERT(again && again->location == record->location && again->authority == record->authority);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    check(octets);
    check("v=BIMI1;" + std::string(octets));
    check("v=BIMI1; l=https://" + std::string(octets));
    if (const auto selector = selector_of(octets)) ASSERT(selector_of(*selector) == selector);
    return 0;
}
