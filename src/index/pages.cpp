#include "index/pages.h"

#include "base/assert.h"
#include "store/record_coding.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tegami::index {

namespace {

constexpr std::size_t kTermPageBytes = 16 * 1024;
constexpr std::size_t kPostingsPageBytes = 64 * 1024;
constexpr std::uint32_t kEmailsMax = 1 << 17;
/// What a page takes besides its terms or postings: format, sizes, next term, checksum.
constexpr std::size_t kPageRestBytes = 64 + kTermBytesMax;
constexpr std::size_t kChecksumBytes = 4;
/// What a term takes besides its text: its NUL, and how long its postings are.
constexpr std::size_t kPlaceBytesMax = 6;
/// Octets that a term is said to have in common with the one before.
constexpr std::size_t kCommonBytesMax = 255;
/// By how much unpacked terms are longer, often.
constexpr std::size_t kUnpackedFactor = 3;
/// A letter, the segment, the dictionary.
constexpr std::size_t kKeyBytes = 6;

std::string page_key(char letter, Volume volume, std::string_view term) {
    std::string key = store::record::key(letter, volume.segment.value);
    key += static_cast<char>(volume.dictionary);
    return key.append(term);
}

store::Range range_behind(std::string begin) {
    std::string end = store::record::behind(begin);
    return {.begin = std::move(begin), .end = std::move(end)};
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

/// A term, packed: how many octets it has in common with the one before, the others, and a NUL.
void append_packed(std::string& packed, std::string_view before, std::string_view term) {
    const auto same = std::ranges::mismatch(before, term).in1 - before.begin();
    const std::size_t common = std::min<std::size_t>(static_cast<std::size_t>(same), kCommonBytesMax);
    packed += static_cast<char>(common);
    packed.append(term.substr(common)).append(1, '\0');
}

/// Makes terms whole again. Most are short, so that eight octets are copied where fewer are wanted; there is always room.
class Unpacker {
public:
    explicit Unpacker(std::string_view packed)
        : packed_(packed), text_(kUnpackedFactor * packed.size() + kRoom, '\0') {}

    /// NUL, then each term and a NUL behind it, or nothing if that is not how terms are packed.
    std::optional<std::string> run() {
        std::size_t before = 1; // where the last term begins, and its length
        std::size_t length = 0;
        while (in_ < packed_.size()) {
            const std::size_t common = static_cast<unsigned char>(packed_[in_++]);
            const std::size_t begin = out_;
            if (common > length) return std::nullopt;
            if (!unpack_short(common)) {
                copy_from_before(before, common);
                if (!copy_rest()) return std::nullopt;
                std::memcpy(&last_, text_.data() + begin, kWord);
            }
            before = begin;
            length = out_ - begin - 1;
        }
        text_.resize(out_);
        return std::move(text_);
    }

private:
    static constexpr std::size_t kWord = sizeof(std::uint64_t);
    static constexpr std::size_t kRoom = 2 * kCommonBytesMax;

    void make_room() {
        if (text_.size() - out_ < kRoom) text_.resize(2 * text_.size() + kRoom);
    }

    /// Most terms have fewer than eight octets in common with the one before, and as few others. Then all that is needed
    /// of that one is in a register, and nobody waits for it to come back from memory. False if this term is not so.
    bool unpack_short(std::size_t common) {
        if (!kLowestFirst || common == 0 || common >= kWord || packed_.size() - in_ < kWord) return false;
        std::uint64_t rest = 0;
        std::memcpy(&rest, packed_.data() + in_, kWord);
        const std::uint64_t nul = nul_of(rest);
        if (nul == 0) return false;
        make_room();
        const std::size_t bits = 8 * common;
        last_ = (last_ & ((std::uint64_t{1} << bits) - 1)) | rest << bits;
        const std::uint64_t behind = rest >> (64 - bits);
        std::memcpy(text_.data() + out_, &last_, kWord);
        std::memcpy(text_.data() + out_ + kWord, &behind, kWord);
        const std::size_t others = octets_up_to(nul);
        in_ += others;
        out_ += common + others;
        return true;
    }

    void copy_from_before(std::size_t from, std::size_t count) {
        make_room();
        for (std::size_t at = 0; at < count; at += kWord)
            std::memmove(text_.data() + out_ + at, text_.data() + from + at, kWord);
        out_ += count;
    }

    /// Up to the NUL, and with it. False if there is none.
    bool copy_rest() {
        while (kLowestFirst && packed_.size() - in_ >= kWord) {
            std::uint64_t word = 0;
            std::memcpy(&word, packed_.data() + in_, kWord);
            std::memcpy(text_.data() + out_, &word, kWord);
            const std::uint64_t nul = nul_of(word);
            const std::size_t copied = nul == 0 ? kWord : octets_up_to(nul);
            in_ += copied;
            out_ += copied;
            if (nul != 0) return true;
            make_room();
        }
        for (; in_ < packed_.size(); ++in_) {
            text_[out_++] = packed_[in_];
            if (packed_[in_] == '\0') return ++in_, true;
        }
        return false;
    }

    /// The octets that are NUL, and none before the first of these, have the highest bit.
    static std::uint64_t nul_of(std::uint64_t word) { return (word - kEachOctet) & ~word & (kEachOctet << 7); }

    /// The first NUL counts.
    static std::size_t octets_up_to(std::uint64_t nul) {
        return static_cast<std::size_t>(std::countr_zero(nul)) / 8 + 1;
    }

    static constexpr std::uint64_t kEachOctet = 0x0101010101010101U;
    /// The first octet is the lowest of a word.
    static constexpr bool kLowestFirst = std::endian::native == std::endian::little;

    std::string_view packed_;
    std::string text_;
    std::size_t in_ = 0;
    std::size_t out_ = 1;
    std::uint64_t last_ = 0; ///< the first octets of the last term
};

/// The place of the next term, after that of the one before.
void read_place(bytes::Reader& in, PostingsPlace& place) {
    place.offset += place.length;
    place.length = in.varint();
    if (place.length > UINT32_MAX) in.fail();
}

} // namespace

std::string term_page_key(Volume volume, std::string_view first_term) {
    return page_key('T', volume, first_term);
}

std::string postings_page_key(Volume volume, std::string_view first_term) {
    return page_key('P', volume, first_term);
}

store::Range term_pages(Volume volume) {
    return range_behind(term_page_key(volume, ""));
}

store::Range postings_pages(Volume volume) {
    return range_behind(postings_page_key(volume, ""));
}

std::array<store::Range, 2> pages_of(SegmentId segment) {
    return {range_behind(store::record::key('T', segment.value)), range_behind(store::record::key('P', segment.value))};
}

std::string_view first_term_of(std::string_view key) {
    return key.substr(std::min(key.size(), kKeyBytes));
}

std::optional<std::string_view> PostingsPlace::in(std::string_view lists) const {
    if (offset > lists.size() || length > lists.size() - offset) return std::nullopt;
    return lists.substr(offset, length);
}

std::optional<TermPage> TermPage::decode(std::string_view key, std::string_view value) {
    const std::optional<std::string_view> body = checked(key, value);
    if (!body) return std::nullopt;
    bytes::Reader in(*body);
    TermPage page;
    page.next_term_ = in.string();
    std::optional<std::string> text = Unpacker(in.string()).run();
    page.places_ = in.rest();
    if (in.failed() || !text) return std::nullopt;
    page.text_ = *std::move(text);
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
        terms.push_back(std::string_view(text_).substr(at, end - at));
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
        found.push_back({number - 1, std::string_view(text_).substr(begin, end - begin)});
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

void PageWriter::begin(Dictionary dictionary) {
    dictionary_ = dictionary;
    first_term_.clear();
}

void PageWriter::add(std::string_view term, const Postings& postings) {
    const std::string list = postings.encode(dictionary_);
    if (list.empty()) return;
    const std::size_t term_bytes = text_bytes_ + places_.size() + term.size() + kPlaceBytesMax;
    const bool full = term_bytes > sizes_.term_bytes || lists_.size() + list.size() > sizes_.postings_bytes;
    if (count_ > 0 && full) close(term);
    ++count_;
    ++terms_;
    append_packed(packed_, last_term_, term);
    last_term_ = term;
    text_bytes_ += term.size() + 1;
    bytes::append_varint(places_, list.size());
    lists_ += list;
}

void PageWriter::finish() {
    close({});
}

/// Ends the page; the first one of a dictionary stands under the empty term, so that its key is known.
void PageWriter::close(std::string_view next_term) {
    std::string terms;
    bytes::append_string(terms, next_term);
    bytes::append_string(terms, packed_);
    write(term_page_key(volume(), first_term_), std::move(terms) + places_);
    if (count_ > 0) write(postings_page_key(volume(), first_term_), std::move(lists_));
    ++pages_[static_cast<std::size_t>(dictionary_)];
    first_term_ = next_term;
    last_term_.clear();
    packed_.clear();
    text_bytes_ = 0;
    places_.clear();
    lists_.clear();
    count_ = 0;
}

void PageWriter::write(std::string key, std::string value) {
    store::Put page{std::move(key), store::record::begin_value() + value};
    append_checksum(page.key, page.value);
    bytes_ += page.key.size() + page.value.size();
    ready_.push_back(std::move(page));
}

} // namespace tegami::index
