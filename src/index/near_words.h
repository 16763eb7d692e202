// Which words of mail are near to a word that somebody looks for: the same, another form of it, a longer one, or, where
// nobody wrote it, one that is spelt nearly so. For searches that need not be exact (RFC 6203). Pure.
//
// 1. Forms are told by the Snowball stems of the languages that the mail is in; a language is told by one word that its
//    texts rarely do without.
// 2. Whatever is near begins with one of beginnings(): so only a few pages of the index need be looked at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sb_stemmer;

namespace tegami::index {

struct Language {
    const char* stemmer;   ///< Snowball's name
    const char* tell_tale; ///< folded; its texts have this word
};

/// The languages whose words have forms that we know.
const std::vector<Language>& languages();

/// Finds the stems of words in some languages. Not for several threads at once.
class Stemmers {
public:
    /// `numbers`: places in languages().
    explicit Stemmers(const std::vector<std::size_t>& numbers);

    /// The stem of a folded word in each of the languages.
    std::vector<std::string> stems(std::string_view word) const;
    /// True if the word has this stem in one of the languages, `stems` being one for each.
    bool has_stem(std::string_view word, const std::vector<std::string>& stems) const;

private:
    struct Delete {
        void operator()(sb_stemmer* stemmer) const;
    };

    std::vector<std::unique_ptr<sb_stemmer, Delete>> stemmers_;
};

/// How near a word is, from 0 (not at all) to 1 (the same).
inline constexpr float kSameWord = 1.0F;
inline constexpr float kOtherForm = 0.8F;
inline constexpr float kLongerWord = 0.6F;
inline constexpr float kOtherSpelling = 0.4F;

class NearWord {
public:
    enum class By : std::uint8_t { form, spelling };

    /// `word` is folded and not empty. `stemmers` outlives this; by spelling none is asked.
    NearWord(std::string_view word, By by, const Stemmers* stemmers);

    /// What the words that may be near begin with; none is the beginning of another.
    const std::vector<std::string>& beginnings() const { return beginnings_; }

    /// How near a folded word is that has one of these beginnings.
    float nearness(std::string_view word) const;

private:
    float nearness_by_spelling(std::string_view word) const;

    const std::string word_;
    const By by_;
    const Stemmers* const stemmers_;
    std::vector<std::string> stems_;
    std::u32string characters_;
    std::vector<std::string> beginnings_;
};

/// True if the texts differ by at most so many characters that are missing, in addition, other ones or swapped.
bool is_nearly(std::u32string_view a, std::u32string_view b, std::size_t differences_max);

} // namespace tegami::index
