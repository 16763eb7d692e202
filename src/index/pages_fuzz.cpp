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
    constexpr index::Volume kVolume{index::SegmentId(1), index::Dictionary::body};
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const std::string_view first = octets.substr(0, size / 2);
    const std::string_view second = octets.substr(size / 2);
    const auto row = [](std::string key, std::string_view body) {
        std::string value = checksummed(key, body);
        return store::Row{std::move(key), std::move(value)};
    };
    const store::Row terms = row(index::term_page_key(kVolume, ""), first);
    if (const auto page = index::TermPage::decode(terms.key, terms.value)) {
        using enum index::Piece::Fit;
        const std::size_t count = page->terms().size();
        for (const auto fit : {whole, prefix, suffix, inside}) {
            const std::vector<index::TermPage::Hit> found = page->find({fit, "a"});
            if (!found.empty() && found.back().number >= count) __builtin_trap();
            (void)page->places(found);
        }
    }
    for (const index::Dictionary dictionary : index::kDictionaries) {
        const index::EncodedPostings lists{.dictionary = dictionary, .octets = first};
        index::EmailBits found(kEmails);
        (void)index::add_postings(lists, index::kAllFields, kEmails, found);
        if (const auto postings = index::Postings::decode(lists, kEmails)) (void)postings->encode(dictionary);
    }
    (void)index::decode_state(checksummed("", octets));
    index::PageWriter writer(index::SegmentId(2), {.term_bytes = 100, .postings_bytes = 100, .emails_max = kEmails});
    writer.begin(kVolume.dictionary);
    index::Merge merge(kVolume.dictionary, {{kEmails, 0}}, nullptr, &writer);
    const bool sound = merge.feed(terms, row(index::postings_page_key(kVolume, ""), second));
    if (sound && merge.run(1000) && merge.wanted()) (void)merge.end();
    return 0;
}
