// The pages of a segment: terms, packed so that they can be searched as one text, and the postings of each. Pure;
// docs/formats/word_index.md has the octets.
//
// 1. Two pages stand under the same first term of a dictionary: the terms, and their postings. The first ones of a
//    dictionary stand under the empty term, and are there even if there are no terms.
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

/// A dictionary of a segment.
struct Volume {
    SegmentId segment;
    Dictionary dictionary{};
};

std::string term_page_key(Volume volume, std::string_view first_term);
std::string postings_page_key(Volume volume, std::string_view first_term);
/// The keys of all pages of a dictionary.
store::Range term_pages(Volume volume);
store::Range postings_pages(Volume volume);
/// The keys of all pages of the segment.
std::array<store::Range, 2> pages_of(SegmentId segment);
/// The first term of the page with this key.
std::string_view first_term_of(std::string_view key);

/// The term under which emails stand whose text is not wholly indexed: each search looks at them itself. No text has it.
inline constexpr std::string_view kIncomplete = "\x01";

/// Where the postings of a term are in the page of postings.
struct PostingsPlace {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    /// The octets there, of a page that has been decoded; nothing if it ends before.
    std::optional<std::string_view> in(std::string_view lists) const;
};

/// A page of terms, good as long as the octets that it was decoded from. What it tells of is good as long as it is there.
class TermPage {
public:
    /// Nothing if the octets are no such page, or were changed.
    static std::optional<TermPage> decode(std::string_view key, std::string_view value);

    struct Hit {
        std::size_t number; ///< of the term
        std::string_view term;

        bool operator==(const Hit&) const = default;
    };

    /// The terms that fit, their numbers rising.
    std::vector<Hit> find(const Piece& piece) const;

    std::vector<std::string_view> terms() const;

    /// The places of these terms; nothing if there are not as many.
    std::optional<std::vector<PostingsPlace>> places(const std::vector<Hit>& hits) const;
    /// Of all terms; nothing if there are fewer or more.
    std::optional<std::vector<PostingsPlace>> all_places() const;

    /// Octets of all terms.
    std::size_t bytes() const { return text_.size(); }

    /// Of the next page; empty after the last.
    std::string_view next_term() const { return next_term_; }

private:
    std::string text_; ///< NUL, then each term with a NUL behind it
    std::string_view places_;
    std::string_view next_term_;
};

/// The postings of all terms of a page, one after the other, or nothing if they were changed.
std::optional<std::string_view> decode_postings_page(std::string_view key, std::string_view value);

/// By dictionary.
using PageCounts = std::array<std::uint64_t, kDictionaries.size()>;

/// How large pages become before the next one begins.
struct PageSizes {
    std::size_t term_bytes;
    std::size_t postings_bytes;
    /// Limit: emails of a segment, so that the postings of each term fit.
    std::uint32_t emails_max;
};

/// What an engine with these limits takes.
PageSizes page_sizes(const store::Limits& limits);

/// Makes the pages of a segment from its terms, one dictionary after the other.
class PageWriter {
public:
    PageWriter(SegmentId segment, PageSizes sizes) : segment_(segment), sizes_(sizes) {}

    /// The terms of this dictionary follow.
    void begin(Dictionary dictionary);
    /// Terms must come in order; those without postings in the dictionary are left out.
    void add(std::string_view term, const Postings& postings);
    /// After the last term of each dictionary.
    void finish();

    /// The pages that are ready.
    std::vector<store::Put> take() { return std::exchange(ready_, {}); }

    std::uint64_t terms() const { return terms_; }

    /// Pages of terms.
    const PageCounts& pages() const { return pages_; }

    /// Octets of all pages so far.
    std::uint64_t bytes() const { return bytes_; }

private:
    Volume volume() const { return {segment_, dictionary_}; }

    void close(std::string_view next_term);
    void write(std::string key, std::string value);

    const SegmentId segment_;
    const PageSizes sizes_;
    Dictionary dictionary_{};
    std::string first_term_;
    std::string last_term_;
    std::string packed_;
    std::size_t text_bytes_ = 0; ///< of the terms when they are unpacked
    std::string places_;
    std::string lists_;
    std::uint64_t count_ = 0; ///< terms of the page
    std::uint64_t terms_ = 0;
    PageCounts pages_{};
    std::uint64_t bytes_ = 0;
    std::vector<store::Put> ready_;
};

} // namespace tegami::index
