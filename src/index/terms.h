// Words of folded text, and what the words of a search's text say about them.
//
// 1. Text and search go through the same folding (message/text.h) and the same classes of characters, so a text that
//    holds a needle has, for each piece of the needle's plan, a term that fits the piece.
// 2. A term is a stretch of the folded text: whoever finds a piece in a term has found it in the text.
// 3. No term is longer than kTermCharactersMax; of longer words each stretch of kOverlapCharacters is in some term.
// docs/formats/word_index.md has the rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::index {

/// Limit: characters of one term. Longer words (encoded data, addresses of the web) become overlapping terms.
inline constexpr std::size_t kTermCharactersMax = 64;
/// Limit: octets of one term: a character has four at most.
inline constexpr std::size_t kTermBytesMax = 4 * kTermCharactersMax;
/// By how much the terms of one long word overlap.
inline constexpr std::size_t kOverlapCharacters = 16;

/// Changes when text is cut into terms in another way, by us or by ICU: an index of another version is made anew.
std::uint32_t terms_version();

/// What a character is to words.
enum class CharacterClass : std::uint8_t {
    separator, ///< white space, punctuation, what is not seen
    word,      ///< of scripts with spaces between words
    dense,     ///< of scripts without, and symbols: each two neighbours are a term
};

CharacterClass class_of(char32_t character);

/// Cuts one text after the other into terms.
class TermSplitter {
public:
    class Sink {
    public:
        virtual ~Sink() = default;
        /// Good for the call.
        virtual void term(std::string_view term) = 0;
    };

    /// The sink outlives it.
    explicit TermSplitter(Sink* sink) : sink_(sink) {}

    /// The next piece of folded text, well-formed UTF-8, cut between characters.
    void feed(std::string_view folded);
    /// The text ends.
    void finish();

private:
    void add_ascii_word(std::string_view text);
    void add_word_character(std::string_view character);
    void pass_full_word();
    void add_dense_character(std::string_view character);
    void end_word();
    void end_dense();

    Sink* sink_;
    std::string word_;
    std::size_t word_characters_ = 0;
    std::string dense_; ///< the last character of a dense run
    bool dense_paired_ = false;
};

/// One thing that a text with the needle must have: a term that fits.
struct Piece {
    enum class Fit : std::uint8_t {
        whole,  ///< the term is the text
        prefix, ///< it begins with it
        suffix, ///< it ends with it
        inside, ///< it has it somewhere
    };
    Fit fit = Fit::whole;
    std::string text;

    bool operator==(const Piece&) const = default;
};

struct NeedlePlan {
    /// A text that holds the needle has a term for each of them. Without pieces any text may hold it.
    std::vector<Piece> pieces;
    /// A text with a term for the (only) piece holds the needle: nothing is left to be looked at.
    bool exact = false;
};

/// The plan for a needle that is folded.
NeedlePlan plan_needle(std::string_view folded);

/// A word of a needle, or a run of characters that are written without spaces.
struct NeedleWord {
    bool dense = false;
    std::string text; ///< a term, if it is a word
    /// Of a dense run: a text that has it has a term for each of them.
    std::vector<Piece> pieces;
};

/// What a needle is made of, for who does not mind the order.
std::vector<NeedleWord> words_of_needle(std::string_view folded);

} // namespace tegami::index
