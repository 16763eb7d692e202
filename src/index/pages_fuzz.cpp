// Whatever lies in a page or in the record of an index: reading it ends, within bounds. Checksums are made right, or
// nothing behind them would ever be tried.
#include "base/bytes.h"
#include "index/merge.h"
#include "index/state.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace tegami;

std::string checksummed(std::string_view key, std::string_view body) {
    std::string value = '\x01' + std::string(body);
    bytes::append_big_endian(value, bytes::crc32c(value, bytes::crc32c(key)));
    return value;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint32_t kEmails = 500;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const std::string_view first = octets.substr(0, size / 2);
    const std::string_view second = octets.substr(size / 2);
    const store::Row terms{index::term_page_key(index::SegmentId(1), ""),
                           checksummed(index::term_page_key(index::SegmentId(1), ""), first)};
    const store::Row postings{index::postings_page_key(index::SegmentId(1), ""),
                              checksummed(index::postings_page_key(index::SegmentId(1), ""), second)};
    if (const auto page = index::TermPage::decode(terms.key, terms.value)) {
        using enum index::Piece::Fit;
        for (const auto fit : {whole, prefix, suffix, inside})
            for (const std::size_t number : page->find({fit, "a"}))
                if (number >= page->size()) __builtin_trap();
    }
    index::EmailBits found(kEmails);
    (void)index::add_postings(octets, index::kAllFields, kEmails, found);
    if (const auto lists = index::Postings::decode(octets, kEmails)) (void)lists->encode();
    (void)index::decode_state(checksummed("", octets));
    index::PageWriter writer(index::SegmentId(2), {.term_bytes = 100, .postings_bytes = 100, .emails_max = kEmails});
    index::Merge merge({{kEmails, 0}}, {}, &writer);
    if (merge.feed(terms, postings) && merge.run(1000) && merge.wanted()) (void)merge.end();
    return 0;
}
