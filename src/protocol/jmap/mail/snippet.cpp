#include "protocol/jmap/mail/snippet.h"

#include "base/ascii.h"
#include "message/text.h"
#include "message/utf8.h"

#include <algorithm>

namespace tegami::jmap {

namespace {

constexpr std::string_view kMark = "<mark>";
constexpr std::string_view kEndMark = "</mark>";
/// Octets of text in front of the first word.
constexpr std::size_t kBeforeBytes = 40;
/// Text that is looked at together, and what of it is looked at again with what follows.
constexpr std::size_t kPieceBytes = 8 * 1024;
constexpr std::size_t kOverlapBytes = 1024;

/// Well-formed UTF-8: how long the character is that begins here.
std::size_t character_at(std::string_view utf8, std::size_t at) {
    std::size_t end = at + 1;
    while (end < utf8.size() && (static_cast<unsigned char>(utf8[end]) & 0xc0) == 0x80)
        ++end;
    return end - at;
}

/// The text folded character by character, and where in it each folded octet comes from.
struct Folded {
    explicit Folded(std::string_view utf8) {
        for (std::size_t at = 0; at < utf8.size();) {
            const std::size_t length = character_at(utf8, at);
            if (length == 1)
                text += ascii::to_lower(utf8[at]);
            else
                text += message::fold_for_search(utf8.substr(at, length));
            from.resize(text.size(), at);
            at += length;
        }
        from.push_back(utf8.size());
    }

    std::string text;
    std::vector<std::size_t> from;
};

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Where the words are, rising, without those that begin inside another.
std::vector<Range> find_words(std::string_view utf8, const std::vector<std::string>& words) {
    const Folded folded(utf8);
    std::vector<Range> all;
    for (const std::string& word : words) {
        const std::string wanted = message::fold_for_search(word);
        for (std::size_t at = 0; !wanted.empty() && (at = folded.text.find(wanted, at)) != std::string::npos;
             at += wanted.size()) {
            const std::size_t last = folded.from[at + wanted.size() - 1];
            all.push_back({folded.from[at], last + character_at(utf8, last)});
        }
    }
    std::ranges::sort(all, [](const Range& left, const Range& right) {
        return left.begin != right.begin ? left.begin < right.begin : left.end > right.end;
    });
    std::vector<Range> apart;
    for (const Range& range : all)
        if (apart.empty() || range.begin >= apart.back().end) apart.push_back(range);
    return apart;
}

std::string_view in_html(std::string_view character) {
    if (character == "&") return "&amp;";
    if (character == "<") return "&lt;";
    if (character == ">") return "&gt;";
    return character;
}

/// White space as single spaces, none at the ends.
std::string joined(std::string_view utf8) {
    std::string text;
    for (const char octet : utf8) {
        const bool space = ascii::is_space(octet);
        if (space && (text.empty() || text.back() == ' ')) continue;
        text += space ? ' ' : octet;
    }
    if (text.ends_with(' ')) text.pop_back();
    return text;
}

/// A little before the first word, where one begins if there is a space.
std::size_t beginning(std::string_view text, std::size_t word) {
    std::size_t begin = word - std::min(word, kBeforeBytes);
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80)
        ++begin;
    const std::size_t space = text.substr(begin, word - begin).find(' ');
    return begin > 0 && space != std::string_view::npos ? begin + space + 1 : begin;
}

} // namespace

std::optional<std::string> mark_words(std::string_view utf8, const std::vector<std::string>& words,
                                      std::size_t bytes_max) {
    const std::string text = joined(message::repair_utf8(utf8));
    const std::vector<Range> found = find_words(text, words);
    if (found.empty()) return std::nullopt;
    std::string marked;
    auto word = found.begin();
    bool open = false;
    const bool whole =
        text.size() <= bytes_max && found.size() * (kMark.size() + kEndMark.size()) + text.size() <= bytes_max;
    for (std::size_t at = whole ? 0 : beginning(text, found.front().begin); at < text.size();) {
        const std::size_t length = character_at(text, at);
        const std::string_view shown = in_html(std::string_view(text).substr(at, length));
        const bool opens = word != found.end() && at == word->begin;
        const std::size_t closing = opens || open ? kEndMark.size() : 0;
        if (marked.size() + (opens ? kMark.size() : 0) + shown.size() + closing > bytes_max) break;
        if (opens) marked += kMark;
        open = open || opens;
        marked += shown;
        at += length;
        if (!open || at < word->end) continue;
        marked += kEndMark;
        open = false;
        ++word;
    }
    if (open) marked += kEndMark;
    return marked;
}

void SnippetFinder::text(std::string_view utf8) {
    taken_ += utf8.size();
    waiting_ += utf8;
    if (waiting_.size() >= kPieceBytes) look();
}

void SnippetFinder::end_text() {
    look();
    waiting_.clear();
}

void SnippetFinder::look() {
    const bool there = std::ranges::any_of(
        words_, [this](const std::string& word) { return message::contains_folded(waiting_, word); });
    if (there && !found_) found_ = mark_words(waiting_, words_, kSnippetBytesMax);
    const std::size_t kept = std::min(waiting_.size(), kOverlapBytes);
    waiting_.erase(0, waiting_.size() - kept);
}

} // namespace tegami::jmap
