// What a search has found, shown in its surroundings: SearchSnippet (RFC 8621 §5).
#pragma once

#include "message/readable_text.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmap {

/// Limit: octets of a snippet out of a body (RFC 8621 §5).
inline constexpr std::size_t kSnippetBytesMax = 255;
/// Limit: octets of a message's text that are looked at.
inline constexpr std::size_t kSnippetTextBytesMax = 1024 * 1024;

/// The text, ready for HTML, with `<mark>` around every word of `words` in it, from a little before the first one on, and
/// at most `bytes_max` octets of it, that is whole characters. Nothing if none of them is there. White space is joined.
std::optional<std::string> mark_words(std::string_view utf8, const std::vector<std::string>& words,
                                      std::size_t bytes_max);

/// Takes the text of a message, and keeps the first place with one of the words.
class SnippetFinder final : public message::ReadableText::Sink {
public:
    explicit SnippetFinder(std::vector<std::string> words) : words_(std::move(words)) {}

    void text(std::string_view utf8) override;
    void end_text() override;

    void part_header(const message::Header&) override {}

    bool satisfied() const override { return found_ || taken_ >= kSnippetTextBytesMax; }

    const std::optional<std::string>& snippet() const { return found_; }

private:
    void look();

    const std::vector<std::string> words_;
    std::string waiting_;
    std::size_t taken_ = 0;
    std::optional<std::string> found_;
};

} // namespace tegami::jmap
