// What of a message people read, and therefore search: the decoded text of its parts, and header fields as they are shown.
// SEARCH and the word index both take it from here, so that they find the same.
#pragma once

#include "message/charset.h"
#include "message/header.h"
#include "message/structure.h"
#include "message/text.h"
#include "message/transfer_encoding.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// The texts, in UTF-8, in which a reader may look for something in a field: its decoded value; of a field with
/// addresses each address as the envelope has it, comments and quotes gone; of a MIME field each decoded parameter.
std::vector<std::string> field_texts(const Header& header, const HeaderField& field);

/// Reads a message as it streams by and hands out what is readable behind its own header: the decoded text of text parts
/// and of reports (message/delivery-status and its kin), with HTML as text and lines of Chinese and Japanese joined, and
/// the headers of parts and of enclosed messages. Memory is bounded by one such header.
class ReadableText {
public:
    enum class PartHeaders : std::uint8_t { left_out, included };

    /// Who takes the text, in the order of the message.
    class Sink {
    public:
        virtual ~Sink() = default;
        /// The next piece of a part's text, UTF-8, cut anywhere.
        virtual void text(std::string_view utf8) = 0;
        /// The part's text is at its end.
        virtual void end_text() = 0;
        /// The header of a part; good for the call.
        virtual void part_header(const Header& header) = 0;
        /// True if nothing more is wanted.
        virtual bool satisfied() const = 0;
    };

    /// The sink outlives it.
    ReadableText(const Part& root, PartHeaders headers, Sink* sink);

    /// The next octets of the message, from its first on, in any pieces.
    void feed(std::string_view octets);
    /// The message is complete.
    void finish();

    /// True if feeding more cannot change anything.
    bool done() const { return current_ == stretches_.size() || sink_->satisfied(); }

private:
    /// One stretch of the message that is read.
    struct Stretch {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        bool header = false;
        TransferEncoding encoding = TransferEncoding::seven_bit;
        std::string charset;
        bool html = false;
    };

    void collect(const Part& part, PartHeaders headers);
    void begin_stretch();
    void octets_of_stretch(std::string_view octets);
    void show(std::string utf8);
    void end_text();
    void end_stretch();

    Sink* sink_;
    std::vector<Stretch> stretches_;
    std::size_t current_ = 0; // index of the stretch that is running or next
    bool open_ = false;
    std::uint64_t position_ = 0; // octets of the message seen
    TransferDecoder transfer_{TransferEncoding::seven_bit};
    std::optional<GuessingDecoder> decoder_;
    std::optional<HtmlText> html_; // for text/html
    LineJoiner joiner_;
    std::string gathered_; // a header
};

} // namespace tegami::message
