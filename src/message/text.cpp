#include "message/text.h"

#include "base/ascii.h"
#include "message/charset.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/utf8.h>

#include <algorithm>
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

bool is_ascii(std::string_view text) {
    return std::none_of(text.begin(), text.end(), ascii::is_high);
}

/// NFKC and case folding of well-formed UTF-8.
std::string fold(std::string_view utf8) {
    if (is_ascii(utf8)) return ascii::lower(utf8);
    std::string folded;
    folded.reserve(utf8.size());
    UErrorCode error = U_ZERO_ERROR;
    icu::StringByteSink<std::string> sink(&folded);
    if (const icu::Normalizer2* nfkc = normalizer())
        nfkc->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())), sink, nullptr, error);
    else
        error = U_INTERNAL_PROGRAM_ERROR;
    return U_SUCCESS(error) ? folded : ascii::lower(utf8);
}

/// Appends `text`, each run of white space as one space. `after_space`: what was appended before ended with one.
void append_joined(std::string& out, std::string_view text, bool& after_space) {
    for (const char c : text) {
        const bool space = ascii::is_space(c) || c == '\f' || c == '\v' || c == '\0';
        if (space && after_space) continue;
        out += space ? ' ' : c;
        after_space = space;
    }
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
    append_joined(out, fold(is_utf8(utf8) ? std::string(utf8) : repair_utf8(utf8)), after_space);
    return out;
}

struct TextSearch::State {
    struct Needle {
        std::string text;
        bool found = false;
    };

    std::vector<Needle> needles;
    std::size_t missing = 0;
    std::size_t overlap = 0; ///< octets of folded text that a needle may have begun in
    Utf8Repair repair;
    std::string waiting; ///< not folded yet
    std::string window;  ///< folded: the overlap, then what is new
    bool after_space = false;

    void search(std::size_t bytes) {
        append_joined(window, fold(std::string_view(waiting).substr(0, bytes)), after_space);
        waiting.erase(0, bytes);
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
    state_->repair.feed(utf8, state_->waiting);
    const std::size_t batch = std::max(kBatchBytes, 2 * state_->overlap);
    if (state_->waiting.size() >= batch) state_->search(last_cut(state_->waiting));
}

void TextSearch::end_text() {
    state_->repair.finish(state_->waiting);
    state_->search(state_->waiting.size());
    state_->window.clear();
    state_->after_space = false;
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
