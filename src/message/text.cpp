#include "message/text.h"

#include "base/ascii.h"
#include "message/charset.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace tegami::message {
namespace {

/// Text that waits before it is folded and searched, so that small pieces cost little.
constexpr std::size_t kBatchBytes = 16 * 1024;
/// Limit: octets without a place where folding may be cut, such as endless combining marks.
constexpr std::size_t kUncuttableBytesMax = 4 * 1024;

const icu::Normalizer2* normalizer() {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFKCCasefoldInstance(error);
    return U_SUCCESS(error) ? found : nullptr;
}

/// What an octet of ASCII folds to: lower case, and white space to a space. Others stay.
constexpr std::array<char, 256> make_folding() {
    std::array<char, 256> table{};
    for (int octet = 0; octet < 256; ++octet) {
        const char c = static_cast<char>(octet);
        const bool space = ascii::is_space(c) || c == '\f' || c == '\v' || c == '\0';
        table[static_cast<std::size_t>(octet)] = space ? ' ' : ascii::to_lower(c);
    }
    return table;
}

constexpr std::array<char, 256> kFolding = make_folding();

/// NFKC and case folding of well-formed UTF-8 that is not all ASCII.
std::string normalize(std::string_view utf8) {
    std::string folded;
    folded.reserve(utf8.size());
    UErrorCode error = U_ZERO_ERROR;
    icu::StringByteSink<std::string> sink(&folded);
    if (const icu::Normalizer2* nfkc = normalizer())
        nfkc->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())), sink, nullptr, error);
    else
        error = U_INTERNAL_PROGRAM_ERROR;
    return U_SUCCESS(error) ? folded : std::string(utf8);
}

bool is_ascii(std::string_view text) {
    unsigned char all = 0;
    for (const char c : text)
        all |= static_cast<unsigned char>(c);
    return all < 0x80;
}

/// Appends `utf8` folded, each run of white space as one space. `after_space`: what was appended before ended with one.
void append_folded(std::string& out, std::string_view utf8, bool& after_space) {
    std::string normalized;
    if (!is_ascii(utf8)) {
        normalized = normalize(utf8);
        utf8 = normalized;
    }
    const std::size_t before = out.size();
    out.resize(before + utf8.size());
    char* to = out.data() + before;
    bool space = after_space;
    for (const char c : utf8) {
        // The octet is always written, and overwritten by the next if it is a space too many: no branch to miss.
        *to = kFolding[static_cast<unsigned char>(c)];
        const bool is_space = *to == ' ';
        to += is_space && space ? 0 : 1;
        space = is_space;
    }
    after_space = space;
    out.resize(static_cast<std::size_t>(to - out.data()));
}

/// Without the beginning of a character at its end. `utf8` was cut from well-formed text.
std::string_view whole_characters(std::string_view utf8) {
    std::size_t start = utf8.size();
    while (start > 0 && (static_cast<unsigned char>(utf8[start - 1]) & 0xc0) == 0x80)
        --start;
    if (start == 0 || static_cast<unsigned char>(utf8[start - 1]) < 0xc0) return utf8;
    const auto lead = static_cast<unsigned char>(utf8[start - 1]);
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return utf8.size() - (start - 1) == length ? utf8 : utf8.substr(0, start - 1);
}

/// Where text may be cut so that both sides fold as the whole does: before the last character that combines with
/// nothing before it.
std::size_t last_cut(std::string_view utf8) {
    const icu::Normalizer2* nfkc = normalizer();
    const std::size_t lowest = utf8.size() - std::min(utf8.size(), kUncuttableBytesMax);
    std::size_t at = utf8.size();
    while (at > lowest) {
        --at;
        while (at > 0 && (static_cast<unsigned char>(utf8[at]) & 0xc0) == 0x80)
            --at;
        const auto* octets = reinterpret_cast<const std::uint8_t*>(utf8.data());
        UChar32 c = 0;
        U8_GET_UNSAFE(octets, at, c); // The text is well-formed, and a character begins here.
        if (nfkc == nullptr || c < 0x80 || nfkc->hasBoundaryBefore(c)) return at;
    }
    return utf8.size();
}

} // namespace

std::string fold_for_search(std::string_view utf8) {
    std::string out;
    bool after_space = false;
    if (is_utf8(utf8))
        append_folded(out, utf8, after_space);
    else
        append_folded(out, repair_utf8(utf8), after_space);
    return out;
}

std::string to_nfc(std::string_view utf8) {
    std::string out;
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* const nfc = is_ascii(utf8) ? nullptr : icu::Normalizer2::getNFCInstance(error);
    if (nfc == nullptr || U_FAILURE(error)) return std::string(utf8);
    icu::StringByteSink<std::string> sink(&out);
    nfc->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())), sink, nullptr, error);
    return U_SUCCESS(error) ? out : std::string(utf8);
}

void TextFolder::feed(std::string_view utf8, std::string& out) {
    repair_.feed(utf8, waiting_);
    std::size_t folded = 0;
    while (waiting_.size() - folded >= kBatchBytes) {
        const std::string_view batch = whole_characters(std::string_view(waiting_).substr(folded, kBatchBytes));
        const std::size_t size = last_cut(batch);
        append_folded(out, batch.substr(0, size), after_space_);
        folded += size;
    }
    waiting_.erase(0, folded);
}

void TextFolder::finish(std::string& out) {
    repair_.finish(waiting_);
    append_folded(out, waiting_, after_space_);
    waiting_.clear();
    after_space_ = false;
}

struct TextSearch::State {
    struct Needle {
        std::string text;
        bool found = false;
    };

    std::vector<Needle> needles;
    std::size_t missing = 0;
    std::size_t overlap = 0; ///< octets of folded text that a needle may have begun in
    TextFolder folder;
    std::string window; ///< folded: the overlap, then what is new

    /// `searched` octets of the window were there the last time.
    void search(std::size_t searched) {
        if (window.size() == searched) return;
        for (Needle& needle : needles) {
            // memmem is linear in the C library; std::string::find is not.
            if (needle.found || needle.text.size() > window.size()) continue;
            needle.found = memmem(window.data(), window.size(), needle.text.data(), needle.text.size()) != nullptr;
            if (needle.found) --missing;
        }
        if (window.size() > overlap) window.erase(0, window.size() - overlap);
    }
};

TextSearch::TextSearch(const std::vector<std::string>& needles) : state_(std::make_unique<State>()) {
    for (const std::string& needle : needles) {
        std::string folded = fold_for_search(needle);
        state_->overlap = std::max(state_->overlap, folded.size());
        const bool found = folded.empty();
        state_->needles.push_back({std::move(folded), found});
        if (!found) ++state_->missing;
    }
}

TextSearch::TextSearch(TextSearch&&) noexcept = default;
TextSearch& TextSearch::operator=(TextSearch&&) noexcept = default;
TextSearch::~TextSearch() = default;

void TextSearch::feed(std::string_view utf8) {
    if (all_found()) return;
    const std::size_t searched = state_->window.size();
    state_->folder.feed(utf8, state_->window);
    state_->search(searched);
}

void TextSearch::end_text() {
    const std::size_t searched = state_->window.size();
    state_->folder.finish(state_->window);
    state_->search(searched);
    state_->window.clear();
}

bool TextSearch::found(std::size_t index) const {
    return state_->needles[index].found;
}

bool TextSearch::all_found() const {
    return state_->missing == 0;
}

bool contains_folded(std::string_view utf8, std::string_view needle) {
    TextSearch search({std::string(needle)});
    search.feed(utf8);
    search.end_text();
    return search.all_found();
}

} // namespace tegami::message
