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
/// What a term takes besides its text: its NUL, and where its postings are.
constexpr std::size_t kPlaceBytesMax = 12;

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

/// The place of the next term, after that of the one before.
void read_place(bytes::Reader& in, PostingsPlace& place) {
    place.header_offset += place.header_length;
    place.body_offset += place.body_length;
    place.fields = in.big_endian<std::uint8_t>();
    place.header_length = (place.fields & kHeaderFields) != 0 ? in.varint() : 0;
    place.body_length = (place.fields & kBodyField) != 0 ? in.varint() : 0;
    if (place.header_length > UINT32_MAX || place.body_length > UINT32_MAX) in.fail();
}

} // namespace

std::string term_page_key(SegmentId segment, std::string_view first_term) {
    return segment_key('T', segment, first_term);
}

std::string header_page_key(SegmentId segment, std::string_view first_term) {
    return segment_key('H', segment, first_term);
}

std::string body_page_key(SegmentId segment, std::string_view first_term) {
    return segment_key('P', segment, first_term);
}

store::Range term_pages(SegmentId segment) {
    return pages_of('T', segment);
}

store::Range header_pages(SegmentId segment) {
    return pages_of('H', segment);
}

store::Range body_pages(SegmentId segment) {
    return pages_of('P', segment);
}

std::string_view first_term_of(std::string_view key) {
    return key.substr(std::min<std::size_t>(key.size(), 5));
}

std::optional<EncodedPostings<std::string_view>> PostingsPlace::in(std::string_view header, std::string_view body,
                                                                   FieldMask wanted) const {
    EncodedPostings<std::string_view> octets{.fields = fields, .header = {}, .body = {}};
    if ((fields & wanted & kHeaderFields) != 0) {
        if (header_offset > header.size() || header_length > header.size() - header_offset) return std::nullopt;
        octets.header = header.substr(header_offset, header_length);
    }
    if ((fields & wanted & kBodyField) != 0) {
        if (body_offset > body.size() || body_length > body.size() - body_offset) return std::nullopt;
        octets.body = body.substr(body_offset, body_length);
    }
    return octets;
}

std::optional<TermPage> TermPage::decode(std::string_view key, std::string_view value) {
    const std::optional<std::string_view> body = checked(key, value);
    if (!body) return std::nullopt;
    bytes::Reader in(*body);
    TermPage page;
    page.next_term_ = in.string();
    page.text_ = in.string();
    page.places_ = in.rest();
    const bool terms = page.text_.size() > 1 && page.text_.starts_with('\0') && page.text_.ends_with('\0');
    if (in.failed() || !terms) return std::nullopt;
    return page;
}

std::optional<std::vector<PostingsPlace>> TermPage::places(const std::vector<Hit>& hits) const {
    std::vector<PostingsPlace> places;
    places.reserve(hits.size());
    bytes::Reader in(places_);
    PostingsPlace place;
    std::size_t number = 0;
    for (const Hit& hit : hits) {
        for (; number <= hit.number; ++number)
            read_place(in, place);
        if (in.failed()) return std::nullopt;
        places.push_back(place);
    }
    return places;
}

std::optional<std::vector<PostingsPlace>> TermPage::all_places() const {
    std::vector<PostingsPlace> places;
    bytes::Reader in(places_);
    PostingsPlace place;
    for (auto count = std::ranges::count(text_, '\0') - 1; count > 0; --count) {
        read_place(in, place);
        places.push_back(place);
    }
    if (!in.complete()) return std::nullopt;
    return places;
}

std::vector<std::string_view> TermPage::terms() const {
    std::vector<std::string_view> terms;
    for (std::size_t at = 1; at < text_.size();) {
        const std::size_t end = text_.find('\0', at);
        terms.push_back(text_.substr(at, end - at));
        at = end + 1;
    }
    return terms;
}

std::vector<TermPage::Hit> TermPage::find(const Piece& piece) const {
    using enum Piece::Fit;
    std::string wanted;
    if (piece.fit == whole || piece.fit == prefix) wanted += '\0';
    wanted += piece.text;
    if (piece.fit == whole || piece.fit == suffix) wanted += '\0';
    std::vector<Hit> found;
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
        const std::size_t end = text_.find('\0', inside);
        const std::size_t begin = text_.rfind('\0', inside - 1) + 1;
        found.push_back({number - 1, text_.substr(begin, end - begin)});
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

void PageWriter::add(std::string_view term, const Postings& postings) {
    const EncodedPostings<std::string> octets = postings.encode();
    const std::size_t term_bytes = text_.size() + places_.size() + term.size() + kPlaceBytesMax;
    const bool full = term_bytes > sizes_.term_bytes || header_.size() + octets.header.size() > sizes_.postings_bytes ||
                      body_.size() + octets.body.size() > sizes_.postings_bytes;
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
    places_ += static_cast<char>(octets.fields);
    for (const std::string* const lists : {&octets.header, &octets.body})
        if (!lists->empty()) bytes::append_varint(places_, lists->size());
    header_ += octets.header;
    body_ += octets.body;
}

void PageWriter::finish() {
    if (count_ > 0) close({});
}

void PageWriter::close(std::string_view next_term) {
    std::string terms;
    bytes::append_string(terms, next_term);
    bytes::append_string(terms, text_);
    write(term_page_key(segment_, first_term_), std::move(terms) + places_);
    if (!header_.empty()) write(header_page_key(segment_, first_term_), std::move(header_));
    if (!body_.empty()) write(body_page_key(segment_, first_term_), std::move(body_));
    ++pages_;
    text_.clear();
    places_.clear();
    header_.clear();
    body_.clear();
    count_ = 0;
}

void PageWriter::write(std::string key, std::string value) {
    store::Put page{std::move(key), store::record::begin_value() + value};
    append_checksum(page.key, page.value);
    bytes_ += page.key.size() + page.value.size();
    ready_.push_back(std::move(page));
}

} // namespace tegami::index
