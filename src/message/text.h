// Text as people search and skim it: folding that makes different spellings equal, substring search over text that
// streams by, and the preview line.
#pragma once

#include "message/structure.h"
#include "message/utf8.h"

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

/// fold_for_search() of a text that arrives in pieces: what comes out is the same for every way of cutting it. Longer than
/// a few KiB without a place where folding may be cut (endless combining marks), it is cut somewhere.
class TextFolder {
public:
    /// Appends the folded text of the next piece of UTF-8, cut anywhere (even inside a character); some waits for more.
    void feed(std::string_view utf8, std::string& out);
    /// The text ends: appends what waits. The next feed begins another text.
    void finish(std::string& out);

private:
    Utf8Repair repair_;
    std::string waiting_; ///< not folded yet
    bool after_space_ = false;
};

/// Well-formed UTF-8 in Unicode normalization form C, which is what names are compared in (RFC 5198 §3).
std::string to_nfc(std::string_view utf8);

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

/// HTML as a reader sees its text: tags, comments, style and script removed, entities resolved. What begins a new block
/// (paragraph, cell, line break) becomes an empty line; other tags leave nothing, so that a word stays a word.
class HtmlText {
public:
    HtmlText();
    HtmlText(HtmlText&&) noexcept;
    HtmlText& operator=(HtmlText&&) noexcept;
    ~HtmlText();

    /// Appends the text of the next piece of UTF-8, cut anywhere.
    void feed(std::string_view utf8, std::string& out);
    /// The document ends: what waits for the end of a tag is dropped, the beginning of an entity is text.
    void finish(std::string& out);

private:
    class Machine;
    std::unique_ptr<Machine> machine_;
};

/// A whole document as text.
std::string strip_html(std::string_view utf8);

/// Takes line ends out of the middle of Chinese and Japanese text, where programs that wrap lines (RFC 3676, or by
/// hand) put them although no space belongs there: one line end with the blanks and quote marks around it, between two
/// such characters. An empty line stays, and so does all other text.
class LineJoiner {
public:
    /// Appends the text of the next piece of UTF-8, cut between characters.
    void feed(std::string_view utf8, std::string& out);
    /// The text ends.
    void finish(std::string& out);

private:
    bool after_wide_ = false; ///< the last character is one that needs no space behind it
    bool gap_has_line_end_ = false;
    std::string gap_; ///< blanks and a line end behind it; bounded
};

/// At most 256 characters a mailbox listing can show: the start of the text, quoted lines and signature left out,
/// white space joined.
std::string make_preview(const TextSample& sample);

} // namespace tegami::message
