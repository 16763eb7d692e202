#include "index/terms.h"

#include "base/ascii.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <array>

namespace tegami::index {

namespace {

/// Rises with every change of the rules in this file, of the fields of email_words.cpp and of the pages.
constexpr std::uint32_t kRules = 2;

constexpr bool is_without_spaces(char32_t c) {
    return (c >= 0x0e00 && c <= 0x0fff) || (c >= 0x1000 && c <= 0x109f) || (c >= 0x1780 && c <= 0x17ff) ||
           (c >= 0x2e80 && c <= 0x312f) || (c >= 0x31a0 && c <= 0xa4cf) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xff66 && c <= 0xff9f) || (c >= 0x20000 && c <= 0x3ffff);
}

CharacterClass find_class(char32_t c) {
    using enum CharacterClass;
    switch (u_charType(static_cast<UChar32>(c))) {
    case U_SPACE_SEPARATOR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_SURROGATE:
    case U_DASH_PUNCTUATION:
    case U_START_PUNCTUATION:
    case U_END_PUNCTUATION:
    case U_CONNECTOR_PUNCTUATION:
    case U_OTHER_PUNCTUATION:
    case U_INITIAL_PUNCTUATION:
    case U_FINAL_PUNCTUATION: return separator;
    case U_MATH_SYMBOL:
    case U_CURRENCY_SYMBOL:
    case U_MODIFIER_SYMBOL:
    case U_OTHER_SYMBOL: return c < 0x80 ? separator : dense;
    default: return is_without_spaces(c) ? dense : word;
    }
}

std::array<CharacterClass, 0x10000> make_classes() {
    std::array<CharacterClass, 0x10000> classes{};
    for (std::size_t c = 0; c < classes.size(); ++c)
        classes[c] = find_class(static_cast<char32_t>(c));
    return classes;
}

std::array<bool, 0x100> find_ascii_words() {
    std::array<bool, 0x100> words{};
    for (std::size_t c = 0; c < 0x80; ++c)
        words[c] = find_class(static_cast<char32_t>(c)) == CharacterClass::word;
    return words;
}

/// Octets at the beginning that are characters of ASCII and of a word: most of most texts.
std::size_t length_of_ascii_word(std::string_view text) {
    static const std::array<bool, 0x100> kWords = find_ascii_words();
    const std::array<bool, 0x100>& words = kWords;
    std::size_t at = 0;
    while (at < text.size() && words[static_cast<unsigned char>(text[at])])
        ++at;
    return at;
}

/// One character of well-formed UTF-8 and what it is.
struct Next {
    std::string_view octets;
    CharacterClass what = CharacterClass::separator;
};

Next take_character(std::string_view& text) {
    std::size_t at = 0;
    char32_t c = 0;
    if (!ascii::is_high(text.front())) {
        at = 1;
        c = static_cast<unsigned char>(text.front());
    } else {
        UChar32 decoded = 0;
        U8_NEXT(text.data(), at, text.size(), decoded);
        c = decoded < 0 ? 0 : static_cast<char32_t>(decoded);
    }
    const Next next{text.substr(0, at), class_of(c)};
    text.remove_prefix(at);
    return next;
}

/// Octets of the first `count` characters.
std::size_t bytes_of_first(std::string_view utf8, std::size_t count) {
    std::size_t at = 0;
    for (; count > 0 && at < utf8.size(); --count) {
        ++at;
        while (at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xc0) == 0x80)
            ++at;
    }
    return at;
}

/// A stretch of a needle whose characters are of one class.
struct Run {
    CharacterClass what = CharacterClass::separator;
    std::string_view text;
    std::vector<std::string_view> characters;
};

std::vector<Run> runs_of(std::string_view folded) {
    std::vector<Run> runs;
    for (std::string_view rest = folded; !rest.empty();) {
        const std::size_t at = folded.size() - rest.size();
        const Next next = take_character(rest);
        if (runs.empty() || runs.back().what != next.what) runs.push_back({next.what, folded.substr(at, 0), {}});
        Run& run = runs.back();
        run.text = std::string_view(run.text.data(), run.text.size() + next.octets.size());
        run.characters.push_back(next.octets);
    }
    return runs;
}

/// What a run must fit: text may go on beyond the ends of the needle, and there only.
Piece::Fit fit_of(bool first, bool last) {
    using enum Piece::Fit;
    if (first) return last ? inside : suffix;
    return last ? prefix : whole;
}

std::string_view first_characters(const Run& run, std::size_t count) {
    return run.text.substr(0, bytes_of_first(run.text, count));
}

/// The part of a word that is in one term, whatever the word is longer by.
Piece piece_of_word(const Run& run, Piece::Fit fit) {
    const std::size_t characters = run.characters.size();
    switch (fit) {
    case Piece::Fit::whole: // The first term of a longer word is whole, too.
    case Piece::Fit::prefix: return {fit, std::string(first_characters(run, kTermCharactersMax))};
    case Piece::Fit::suffix: {
        const std::size_t left_out = characters - std::min(characters, kOverlapCharacters);
        return {fit, std::string(run.text.substr(bytes_of_first(run.text, left_out)))};
    }
    case Piece::Fit::inside: break;
    }
    return {fit, std::string(first_characters(run, kOverlapCharacters))};
}

void add_pieces(const Run& run, Piece::Fit fit, std::vector<Piece>& pieces) {
    if (run.what == CharacterClass::word) {
        pieces.push_back(piece_of_word(run, fit));
    } else if (run.characters.size() == 1) {
        pieces.push_back({fit, std::string(run.text)});
    } else {
        for (std::size_t at = 0; at + 1 < run.characters.size(); ++at)
            pieces.push_back(
                {Piece::Fit::whole, std::string(run.characters[at]) + std::string(run.characters[at + 1])});
    }
}

} // namespace

std::uint32_t terms_version() {
    UVersionInfo unicode{};
    u_getUnicodeVersion(unicode);
    return kRules << 16 | std::uint32_t{unicode[0]} << 8 | unicode[1];
}

CharacterClass class_of(char32_t character) {
    static const std::array<CharacterClass, 0x10000> kClasses = make_classes();
    return character < kClasses.size() ? kClasses[character] : find_class(character);
}

void TermSplitter::feed(std::string_view folded) {
    while (!folded.empty()) {
        if (const std::size_t length = length_of_ascii_word(folded); length > 0) {
            end_dense();
            add_ascii_word(folded.substr(0, length));
            folded.remove_prefix(length);
            continue;
        }
        const Next next = take_character(folded);
        switch (next.what) {
        case CharacterClass::word:
            end_dense();
            add_word_character(next.octets);
            break;
        case CharacterClass::dense:
            end_word();
            add_dense_character(next.octets);
            break;
        case CharacterClass::separator: finish(); break;
        }
    }
}

void TermSplitter::finish() {
    end_word();
    end_dense();
}

void TermSplitter::add_ascii_word(std::string_view text) {
    while (!text.empty()) {
        pass_full_word();
        const std::string_view some = text.substr(0, kTermCharactersMax - word_characters_);
        word_ += some;
        word_characters_ += some.size();
        text.remove_prefix(some.size());
    }
}

void TermSplitter::add_word_character(std::string_view character) {
    pass_full_word();
    word_ += character;
    ++word_characters_;
}

/// Of a word that goes on beyond a term, the next term has the last characters again.
void TermSplitter::pass_full_word() {
    if (word_characters_ < kTermCharactersMax) return;
    sink_->term(word_);
    word_.erase(0, bytes_of_first(word_, kTermCharactersMax - kOverlapCharacters));
    word_characters_ = kOverlapCharacters;
}

void TermSplitter::add_dense_character(std::string_view character) {
    if (!dense_.empty()) {
        const std::size_t first = dense_.size();
        dense_ += character;
        sink_->term(dense_);
        dense_.erase(0, first);
        dense_paired_ = true;
        return;
    }
    dense_ = character;
}

void TermSplitter::end_word() {
    if (word_characters_ > 0) sink_->term(word_);
    word_.clear();
    word_characters_ = 0;
}

void TermSplitter::end_dense() {
    if (!dense_.empty() && !dense_paired_) sink_->term(dense_);
    dense_.clear();
    dense_paired_ = false;
}

NeedlePlan plan_needle(std::string_view folded) {
    const std::vector<Run> runs = runs_of(folded);
    NeedlePlan plan;
    for (std::size_t at = 0; at < runs.size(); ++at)
        if (runs[at].what != CharacterClass::separator)
            add_pieces(runs[at], fit_of(at == 0, at + 1 == runs.size()), plan.pieces);
    if (runs.size() != 1 || plan.pieces.empty()) return plan;
    const bool word = runs.front().what == CharacterClass::word;
    plan.exact = runs.front().characters.size() <= (word ? kOverlapCharacters : 2);
    return plan;
}

std::vector<NeedleWord> words_of_needle(std::string_view folded) {
    std::vector<NeedleWord> words;
    for (const Run& run : runs_of(folded)) {
        if (run.what == CharacterClass::separator) continue;
        NeedleWord word{.dense = run.what == CharacterClass::dense, .text = {}, .pieces = {}};
        if (!word.dense)
            word.text = first_characters(run, kTermCharactersMax);
        else
            add_pieces(run, Piece::Fit::inside, word.pieces);
        words.push_back(std::move(word));
    }
    return words;
}

} // namespace tegami::index
