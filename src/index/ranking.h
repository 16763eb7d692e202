// Which emails have all words of a question that need not be answered exactly (RFC 6203), and how well they fit it: rare
// words count for more than frequent ones, the word itself for more than what is near to it, a subject for more than a
// body.
//
// 1. A word is near as near_words.h has it; of a run without spaces, each two neighbours must be there.
// 2. A word that no email has, nor one near, is taken for misspelt: begin_again().
// 3. Memory is some octets for each email that is found, and one for each word and email of a segment.
#pragma once

#include "async/awaitable.h"
#include "index/near_words.h"
#include "index/segment_reader.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tegami::index {

/// Limit: words of a question; others are not looked for.
inline constexpr std::size_t kRankedWordsMax = 16;
/// Limit: emails that a question scores; of others that have its words it is not known how well they fit.
inline constexpr std::size_t kScoredEmailsMax = 1U << 18;

/// An email by its segment's place in the index and its number there.
struct Scored {
    std::uint32_t segment = 0;
    std::uint32_t email = 0;
    float score = 0;
};

class Ranking {
public:
    Ranking(std::string_view folded, FieldMask fields);

    /// Looks into the segment that the reader has open, which is the index's number `segment`; `found` gets the emails
    /// with all words. Segments come in order. Errors: damaged; those of the engine.
    async::Awaitable<store::StoreResult<>> look_into(SegmentReader* reader, const Stemmers* stemmers,
                                                     std::uint32_t segment, EmailBits* found);
    /// True: some words are misspelt, and all segments have to be looked into again.
    bool begin_again();
    /// In the order of the segments and emails, of an index of so many emails.
    async::Awaitable<std::vector<Scored>> scores(std::uint64_t emails) const;

private:
    struct Word {
        NeedleWord text;
        NearWord::By by = NearWord::By::form;
        std::uint64_t emails = 0; ///< that have it
    };

    /// For each email of a segment, how well it has a word, up to 255.
    using Weights = std::vector<std::uint8_t>;

    async::Awaitable<store::StoreResult<Weights>> weigh(SegmentReader* reader, const Stemmers* stemmers,
                                                        const Word* word) const;

    const FieldMask fields_;
    std::vector<Word> words_;
    std::vector<Scored> matches_;       ///< without scores
    std::vector<std::uint8_t> weights_; ///< of these, for each word
};

} // namespace tegami::index
