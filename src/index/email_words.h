// The words of one email, as SEARCH would find them: its header, the text that is read in it, the headers of its parts.
// Pure; whoever runs it reads the octets.
#pragma once

#include "index/segment_builder.h"
#include "message/header.h"
#include "message/readable_text.h"
#include "message/text.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::index {

/// Where the words of a header field of this name go: FROM, TO, CC, BCC and SUBJECT have fields of their own.
Field field_of(std::string_view header_field);

class EmailWords final : private message::ReadableText::Sink, private TermSplitter::Sink {
public:
    /// `header` has the email's header, whatever follows it; the email is the builder's present one. The builder outlives
    /// this.
    EmailWords(std::string_view header, const message::Part& root, SegmentBuilder* builder);

    /// The octets of the email, from its first on, in any pieces.
    void feed(std::string_view octets) { readable_.feed(octets); }

    void finish() { readable_.finish(); }

    /// True if feeding more changes nothing.
    bool done() const { return readable_.done(); }

private:
    void text(std::string_view utf8) override;
    void end_text() override;
    void part_header(const message::Header& header) override;

    bool satisfied() const override { return full_; }

    void term(std::string_view term) override;

    void add_text(std::string_view utf8, Field field);
    void add_name(std::string_view name);

    SegmentBuilder* const builder_;
    message::TextFolder folder_;
    std::string folded_;
    TermSplitter splitter_{this};
    Field field_ = Field::body;
    bool full_ = false; ///< no more words of this email are kept
    message::ReadableText readable_;
};

/// Puts the words of an email's attachments, each a text by itself, into the builder, whose present email it is.
void add_attachment_words(const std::vector<std::string>& texts, SegmentBuilder* builder);

} // namespace tegami::index
