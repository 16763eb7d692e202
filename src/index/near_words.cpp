#include "index/near_words.h"

#include "base/assert.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <libstemmer.h>
#include <utility>

namespace tegami::index {

namespace {

/// Characters that a word has at least for longer ones to be near, and those of which the spelling may be another.
constexpr std::size_t kLongerFromCharacters = 3;
constexpr std::size_t kSpellingFromCharacters = 4;
constexpr std::size_t kTwoErrorsFromCharacters = 8;
/// Octets by which the forms of a word differ in length, at most.
constexpr std::size_t kFormBytesMax = 12;
/// Octets of a beginning that are not cut off to find other forms.
constexpr std::size_t kBeginningBytes = 3;

bool begins_character(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) != 0x80;
}

/// Without the last character.
void cut_character(std::string& text) {
    while (!text.empty() && !begins_character(text.back()))
        text.pop_back();
    if (!text.empty()) text.pop_back();
}

void cut_to_common(std::string& text, std::string_view other) {
    const auto [here, there] = std::ranges::mismatch(text, other);
    text.resize(static_cast<std::size_t>(here - text.begin()));
    // No character is cut in two.
    const bool whole = there == other.end() || begins_character(*there);
    if (!whole) cut_character(text);
}

std::u32string characters_of(std::string_view utf8) {
    std::u32string characters;
    const auto size = static_cast<std::int32_t>(utf8.size());
    for (std::int32_t at = 0; at < size;) {
        UChar32 c = 0;
        U8_NEXT(utf8.data(), at, size, c);
        characters.push_back(c < 0 ? U'\0' : static_cast<char32_t>(c));
    }
    return characters;
}

std::string first_character(std::string_view utf8) {
    std::size_t end = 1;
    while (end < utf8.size() && !begins_character(utf8[end]))
        ++end;
    return std::string(utf8.substr(0, end));
}

/// German forms change a, o, u into the letters with dots, and back.
std::string with_other_vowel(const std::string& text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kVowels{
        {{"a", "\xc3\xa4"}, {"o", "\xc3\xb6"}, {"u", "\xc3\xbc"}}};
    for (const auto& [plain, dotted] : kVowels) {
        if (const std::size_t at = text.find(dotted); at != std::string::npos)
            return std::string(text).replace(at, dotted.size(), plain);
    }
    for (const auto& [plain, dotted] : kVowels) {
        if (const std::size_t at = text.find(plain); at != std::string::npos)
            return std::string(text).replace(at, plain.size(), dotted);
    }
    return text;
}

} // namespace

const std::vector<Language>& languages() {
    static const std::vector<Language> all{
        {"english", "the"},
        {"german", "und"},
        {"french", "les"},
        {"spanish", "los"},
        {"italian", "che"},
        {"portuguese", "n\xc3\xa3o"},
        {"dutch", "het"},
        {"swedish", "och"},
        {"danish", "af"},
        {"norwegian", "og"},
        {"finnish", "ett\xc3\xa4"},
        {"hungarian", "\xc3\xa9s"},
        {"romanian", "pentru"},
        {"turkish", "bir"},
        {"catalan", "amb"},
        {"basque", "eta"},
        {"irish", "agus"},
        {"lithuanian", "kad"},
        {"indonesian", "yang"},
        {"russian", "\xd1\x87\xd1\x82\xd0\xbe"},
        {"greek", "\xce\xba\xce\xb1\xce\xb9"},
        {"arabic", "\xd9\x81\xd9\x8a"},
        {"hindi", "\xe0\xa4\xb9\xe0\xa5\x88"},
    };
    return all;
}

void Stemmers::Delete::operator()(sb_stemmer* stemmer) const {
    sb_stemmer_delete(stemmer);
}

Stemmers::Stemmers(const std::vector<std::size_t>& numbers) {
    for (const std::size_t number : numbers) {
        stemmers_.emplace_back(sb_stemmer_new(languages()[number].stemmer, "UTF_8"));
        ASSERT(stemmers_.back() != nullptr); // the library lacks none of them
    }
}

std::vector<std::string> Stemmers::stems(std::string_view word) const {
    std::vector<std::string> stems;
    for (const auto& stemmer : stemmers_) {
        const auto* const octets = reinterpret_cast<const sb_symbol*>(word.data());
        const sb_symbol* const stem = sb_stemmer_stem(stemmer.get(), octets, static_cast<int>(word.size()));
        ASSERT(stem != nullptr); // there is memory
        stems.emplace_back(reinterpret_cast<const char*>(stem),
                           static_cast<std::size_t>(sb_stemmer_length(stemmer.get())));
    }
    return stems;
}

bool Stemmers::has_stem(std::string_view word, const std::vector<std::string>& stems) const {
    for (std::size_t at = 0; at < stemmers_.size(); ++at) {
        const auto* const octets = reinterpret_cast<const sb_symbol*>(word.data());
        const sb_symbol* const stem = sb_stemmer_stem(stemmers_[at].get(), octets, static_cast<int>(word.size()));
        const std::string_view found(reinterpret_cast<const char*>(stem),
                                     static_cast<std::size_t>(sb_stemmer_length(stemmers_[at].get())));
        if (!found.empty() && found == stems[at]) return true;
    }
    return false;
}

bool is_nearly(std::u32string_view a, std::u32string_view b, std::size_t differences_max) {
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > differences_max) return false;
    // Three rows of the table of distances: swapped neighbours look two back.
    std::vector<std::size_t> two_back;
    std::vector<std::size_t> back;
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t y = 0; y <= b.size(); ++y)
        row[y] = y;
    for (std::size_t x = 1; x <= a.size(); ++x) {
        two_back = std::exchange(back, std::exchange(row, std::vector<std::size_t>(b.size() + 1)));
        row[0] = x;
        for (std::size_t y = 1; y <= b.size(); ++y) {
            row[y] = std::min({back[y] + 1, row[y - 1] + 1, back[y - 1] + (a[x - 1] == b[y - 1] ? 0 : 1)});
            const bool swapped = x > 1 && y > 1 && a[x - 1] == b[y - 2] && a[x - 2] == b[y - 1];
            if (swapped) row[y] = std::min(row[y], two_back[y - 2] + 1);
        }
        if (std::ranges::min(row) > differences_max) return false;
    }
    return row.back() <= differences_max;
}

NearWord::NearWord(std::string_view word, By by, const Stemmers* stemmers)
    : word_(word), by_(by), stemmers_(stemmers), characters_(characters_of(word)) {
    if (by == By::spelling) {
        if (characters_.size() >= kSpellingFromCharacters) beginnings_.push_back(first_character(word));
        return;
    }
    stems_ = stemmers->stems(word);
    std::string beginning = word_;
    for (const std::string& stem : stems_)
        cut_to_common(beginning, stem);
    // Stems end with what forms of the word may not have: happi, of happy.
    if (beginning.size() > kBeginningBytes || beginning.ends_with('i') || beginning.ends_with('y'))
        cut_character(beginning);
    if (beginning.empty()) beginning = first_character(word);
    beginnings_.push_back(beginning);
    std::string other = with_other_vowel(beginning);
    if (other != beginning) beginnings_.push_back(std::move(other));
}

float NearWord::nearness_by_spelling(std::string_view word) const {
    const std::size_t differences = characters_.size() >= kTwoErrorsFromCharacters ? 2 : 1;
    const std::size_t longest = (characters_.size() + differences) * 4;
    if (word.size() > longest) return 0;
    return is_nearly(characters_, characters_of(word), differences) ? kOtherSpelling : 0;
}

float NearWord::nearness(std::string_view word) const {
    if (word == word_) return kSameWord;
    if (by_ == By::spelling) return nearness_by_spelling(word);
    const std::size_t difference = std::max(word.size(), word_.size()) - std::min(word.size(), word_.size());
    if (difference <= kFormBytesMax && stemmers_->has_stem(word, stems_)) return kOtherForm;
    return characters_.size() >= kLongerFromCharacters && word.starts_with(word_) ? kLongerWord : 0;
}

} // namespace tegami::index
