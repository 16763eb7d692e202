#include "index/pages.h"

#include "base/assert.h"
#include "store/record_coding.h"

#include <algorithm>
#include <cstring>

namespace tegami::index {

namespace {

constexpr std::size_t kTermPageBytes = 16 * 1024;
constexpr std::size_t kPostingsPageBytes = 64 * 1024;
constexpr std::uint32_t kEmailsMax = 1 << 17;
/// What a page takes besides its terms or postings: format, sizes, next term, checksum.
constexpr std::size_t kPageRestBytes = 64 + kTermBytesMax;
constexpr std::size_t kChecksumBytes = 4;

std::string segment_key(char letter, SegmentId segment, std::string_view term) {
    return store::record::key(letter, segment.value).append(term);
}

store::Range pages_of(char letter, SegmentId segment) {
    const std::string begin = store::record::key(letter, segment.value);
    return {.begin = begin, .end = store::record::behind(begin)};
}

void append_checksum(std::string_view key, std::string& value) {
    bytes::append_big_endian(value, bytes::crc32c(value, bytes::crc32c(key)));
}

/// The page without its checksum and format, or nothing if they are not right.
std::optional<std::string_view> checked(std::string_view key, std::string_view value) {
    if (value.size() <= kChecksumBytes) return std::nullopt;
    const std::string_view body = value.substr(0, value.size() - kChecksumBytes);
    bytes::Reader checksum(value.substr(body.size()));
    if (checksum.big_endian<std::uint32_t>() != bytes::crc32c(body, bytes::crc32c(key))) return std::nullopt;
    const bytes::Reader in = store::record::open_value(body);
    if (in.failed()) return std::nullopt;
    return in.rest();
}

} // namespace

std::string term_page_key(SegmentId segment, std::string_view first_term) {
    return segment_key('T', segment, first_term);
}

std::string postings_page_key(SegmentId segment, std::string_view first_term) {
    return segment_key('P', segment, first_term);
}

store::Range term_pages(SegmentId segment) {
    return pages_of('T', segment);
}

store::Range postings_pages(SegmentId segment) {
    return pages_of('P', segment);
}

std::string_view first_term_of(std::string_view key) {
    return key.substr(std::min<std::size_t>(key.size(), 5));
}

std::optional<TermPage> TermPage::decode(std::string_view key, std::string_view value) {
    const std::optional<std::string_view> body = checked(key, value);
    if (!body) return std::nullopt;
    bytes::Reader in(*body);
    TermPage page;
    page.next_term_ = in.string();
    page.text_ = in.string();
    const auto terms = static_cast<std::size_t>(std::ranges::count(page.text_, '\0'));
    if (in.failed() || terms < 2 || !page.text_.starts_with('\0') || !page.text_.ends_with('\0')) return std::nullopt;
    std::uint64_t offset = 0;
    for (std::size_t number = 0; number + 1 < terms; ++number) {
        const std::uint64_t length = in.varint();
        if (length > UINT32_MAX) return std::nullopt;
        page.offsets_.push_back(offset);
        page.lengths_.push_back(length);
        offset += length;
    }
    if (!in.complete()) return std::nullopt;
    return page;
}

std::vector<std::string_view> TermPage::terms() const {
    std::vector<std::string_view> terms;
    terms.reserve(size());
    for (std::size_t at = 1; at < text_.size();) {
        const std::size_t end = text_.find('\0', at);
        terms.push_back(std::string_view(text_).substr(at, end - at));
        at = end + 1;
    }
    return terms;
}

std::vector<std::size_t> TermPage::find(const Piece& piece) const {
    using enum Piece::Fit;
    std::string wanted;
    if (piece.fit == whole || piece.fit == prefix) wanted += '\0';
    wanted += piece.text;
    if (piece.fit == whole || piece.fit == suffix) wanted += '\0';
    std::vector<std::size_t> found;
    std::size_t counted = 0; // octets in which NULs were counted
    std::size_t number = 0;  // of these
    for (std::size_t at = 0; at < text_.size();) {
        const void* const hit = memmem(text_.data() + at, text_.size() - at, wanted.data(), wanted.size());
        if (hit == nullptr) break;
        // The term is the one whose first octet is at or before this one.
        const std::size_t inside =
            static_cast<std::size_t>(static_cast<const char*>(hit) - text_.data()) + (wanted.front() == '\0' ? 1 : 0);
        const auto from = text_.begin() + static_cast<std::ptrdiff_t>(counted);
        number += static_cast<std::size_t>(std::count(from, text_.begin() + static_cast<std::ptrdiff_t>(inside), '\0'));
        counted = inside;
        found.push_back(number - 1);
        const std::size_t end = text_.find('\0', inside);
        // The NUL behind this term is the one before the next.
        at = end;
    }
    return found;
}

std::optional<std::string_view> decode_postings_page(std::string_view key, std::string_view value) {
    return checked(key, value);
}

PageSizes page_sizes(const store::Limits& limits) {
    const std::size_t value = limits.value_bytes_max;
    ASSERT(value > 2 * kPageRestBytes);
    const std::size_t postings = value - kPageRestBytes;
    const std::size_t emails = (postings / kFields - 32) * 8;
    return {.term_bytes = std::min(kTermPageBytes, (value - kPageRestBytes) / 2),
            .postings_bytes = std::min(kPostingsPageBytes, postings / 2),
            .emails_max = static_cast<std::uint32_t>(std::min<std::size_t>(kEmailsMax, emails))};
}

void PageWriter::add(std::string_view term, std::string_view postings) {
    const std::size_t term_bytes = text_.size() + lengths_.size() + term.size() + 12;
    const bool full = term_bytes > sizes_.term_bytes || postings_.size() + postings.size() > sizes_.postings_bytes;
    if (count_ > 0 && full) close(term);
    if (count_ == 0) {
        // The first page has all terms below those of the second, so that its key is known.
        first_term_ = pages_ == 0 ? std::string_view() : term;
        text_ = std::string(1, '\0');
    }
    ++count_;
    ++terms_;
    text_ += term;
    text_ += '\0';
    bytes::append_varint(lengths_, postings.size());
    postings_ += postings;
}

void PageWriter::finish() {
    if (count_ > 0) close({});
}

void PageWriter::close(std::string_view next_term) {
    store::Put terms{term_page_key(segment_, first_term_), store::record::begin_value()};
    bytes::append_string(terms.value, next_term);
    bytes::append_string(terms.value, text_);
    terms.value += lengths_;
    append_checksum(terms.key, terms.value);
    store::Put postings{postings_page_key(segment_, first_term_), store::record::begin_value()};
    postings.value += postings_;
    append_checksum(postings.key, postings.value);
    for (const store::Put* const put : {&terms, &postings})
        bytes_ += put->key.size() + put->value.size();
    ++pages_;
    ready_.push_back(std::move(terms));
    ready_.push_back(std::move(postings));
    text_.clear();
    lengths_.clear();
    postings_.clear();
    count_ = 0;
}

} // namespace tegami::index
