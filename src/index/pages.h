// The pages of a segment: terms, packed so that they can be searched as one text, and the postings of each. Pure;
// docs/formats/word_index.md has the octets.
//
// 1. Pages come in pairs under the same first term: terms in one, their postings in the other. The first pair of a segment
//    stands under the empty term.
// 2. A page is checksummed together with its key, and names the first term of the next one, so that damaged, missing and
//    mixed up pages are noticed.
#pragma once

#include "index/postings.h"
#include "index/terms.h"
#include "store/engine/engine.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::index {

/// Names a segment of an account's index; never used again.
using SegmentId = StrongId<struct SegmentIdTag, std::uint32_t>;

std::string term_page_key(SegmentId segment, std::string_view first_term);
std::string postings_page_key(SegmentId segment, std::string_view first_term);
/// The keys of all pages of the segment, terms and postings.
store::Range term_pages(SegmentId segment);
store::Range postings_pages(SegmentId segment);
/// The first term of the page with this key.
std::string_view first_term_of(std::string_view key);

/// The term under which emails stand whose text is not wholly indexed: each search looks at them itself. No text has it.
inline constexpr std::string_view kIncomplete = "\x01";

/// A page of terms, decoded.
class TermPage {
public:
    /// Nothing if the octets are no such page, or were changed.
    static std::optional<TermPage> decode(std::string_view key, std::string_view value);

    std::size_t size() const { return lengths_.size(); }

    /// Terms, in order, that fit. Calls `take(number)`.
    std::vector<std::size_t> find(const Piece& piece) const;

    std::vector<std::string_view> terms() const;

    /// Where the postings of term `number` are in the page of postings.
    std::uint64_t offset(std::size_t number) const { return offsets_[number]; }

    std::uint64_t length(std::size_t number) const { return lengths_[number]; }

    /// Of the next page; empty after the last.
    const std::string& next_term() const { return next_term_; }

    /// True if the term would be in this page.
    bool covers(std::string_view term) const { return next_term_.empty() || term < next_term_; }

private:
    std::string text_; ///< NUL, then each term with a NUL behind it
    std::vector<std::uint64_t> lengths_;
    std::vector<std::uint64_t> offsets_;
    std::string next_term_;
};

/// The postings of all terms of a page, one after the other, or nothing if they were changed.
std::optional<std::string_view> decode_postings_page(std::string_view key, std::string_view value);

/// How large pages become before the next one begins.
struct PageSizes {
    std::size_t term_bytes;
    std::size_t postings_bytes;
    /// Limit: emails of a segment, so that the postings of each term fit.
    std::uint32_t emails_max;
};

/// What an engine with these limits takes.
PageSizes page_sizes(const store::Limits& limits);

/// Makes the pages of a segment from its terms.
class PageWriter {
public:
    PageWriter(SegmentId segment, PageSizes sizes) : segment_(segment), sizes_(sizes) {}

    /// Terms must come in order; `postings` are encoded.
    void add(std::string_view term, std::string_view postings);
    /// After the last term.
    void finish();

    /// The pages that are ready.
    std::vector<store::Put> take() { return std::exchange(ready_, {}); }

    std::uint64_t terms() const { return terms_; }

    std::uint64_t pages() const { return pages_; }

    /// Octets of all pages so far.
    std::uint64_t bytes() const { return bytes_; }

private:
    void close(std::string_view next_term);

    const SegmentId segment_;
    const PageSizes sizes_;
    std::string first_term_;
    std::string text_;
    std::string lengths_;
    std::string postings_;
    std::uint64_t count_ = 0; ///< terms of the page
    std::uint64_t terms_ = 0;
    std::uint64_t pages_ = 0;
    std::uint64_t bytes_ = 0;
    std::vector<store::Put> ready_;
};

} // namespace tegami::index
