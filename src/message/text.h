// Text as people search and skim it: folding that makes different spellings equal, substring search over text that
// streams by, and the preview line.
#pragma once

#include "message/structure.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: characters of a preview (RFC 8970 §3.2).
inline constexpr std::size_t kPreviewCharactersMax = 256;

/// UTF-8 text folded so that texts a reader takes for equal are equal octets: NFKC and Unicode case folding (width
/// and ligatures included), after the idea of i;unicode-casemap (RFC 5051 §2). Any run of white space is one space.
std::string fold_for_search(std::string_view utf8);

/// Looks for several texts in one text that arrives in pieces. Folds both.
class TextSearch {
public:
    explicit TextSearch(const std::vector<std::string>& needles);
    TextSearch(TextSearch&&) noexcept;
    TextSearch& operator=(TextSearch&&) noexcept;
    ~TextSearch();

    /// The next piece of UTF-8 text, cut anywhere (even inside a character).
    void feed(std::string_view utf8);
    /// The text ends: the next feed begins another text, so no needle spans the two.
    void end_text();

    /// Whether needle number `index` has been seen so far. An empty needle is in every text.
    bool found(std::size_t index) const;
    bool all_found() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// True if the text holds the needle, both folded.
bool contains_folded(std::string_view utf8, std::string_view needle);

/// HTML as plain text, simply: tags, comments, style and script removed, common entities resolved.
std::string strip_html(std::string_view utf8);

/// At most 256 characters a mailbox listing can show: the start of the text, quoted lines and signature left out,
/// white space joined.
std::string make_preview(const TextSample& sample);

} // namespace tegami::message
