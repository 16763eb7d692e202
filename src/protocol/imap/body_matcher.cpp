// BodyMatcher of search.h: finds the searchable stretches of a message from its structure, and decodes them as the
// octets stream by.
#include "protocol/imap/search.h"

#include "base/ascii.h"
#include "message/charset.h"
#include "message/text.h"
#include "message/transfer_encoding.h"

#include <algorithm>
#include <utility>

namespace tegami::imap {

namespace {

using message::Part;
using message::PartKind;
using message::TransferEncoding;

/// One stretch of the message that is searched.
struct Stretch {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool header = false;
    TransferEncoding encoding = TransferEncoding::seven_bit;
    std::string charset;
    bool html = false;
};

/// True if a reader is shown the body as text: text/*, and what programs report in lines of text (RFC 3464, RFC 8098,
/// RFC 5965), which is all of message/* that is no message.
bool is_searched(const Part& part) {
    const bool report = part.kind == PartKind::basic && part.content_type.type == "message";
    return (part.kind == PartKind::text || report) && part.encoding != TransferEncoding::unknown;
}

void collect(const Part& part, bool with_headers, std::vector<Stretch>& stretches) {
    if (is_searched(part))
        stretches.push_back({part.body_offset, part.end(), false, part.encoding, part.content_type.parameter("charset"),
                             part.content_type.is("text", "html")});
    for (const Part& child : part.children) {
        if (with_headers)
            stretches.push_back({child.header_offset, child.body_offset, true, TransferEncoding::seven_bit, {}, false});
        collect(child, with_headers, stretches);
    }
}

/// The texts to look for in headers; an empty one where a needle does not care.
std::vector<std::string> header_texts(const std::vector<BodyNeedle>& needles) {
    std::vector<std::string> texts;
    for (const BodyNeedle& needle : needles)
        texts.push_back(needle.headers_too ? needle.text : std::string());
    return texts;
}

std::vector<std::string> body_texts(const std::vector<BodyNeedle>& needles) {
    std::vector<std::string> texts;
    for (const BodyNeedle& needle : needles)
        texts.push_back(needle.text);
    return texts;
}

} // namespace

struct BodyMatcher::State {
    State(const Part& root, const std::vector<BodyNeedle>& needles)
        : search(body_texts(needles)), header_search(header_texts(needles)) {
        for (const BodyNeedle& needle : needles)
            headers_too.push_back(needle.headers_too);
        collect(root, std::ranges::find(headers_too, true) != headers_too.end(), stretches);
        std::ranges::sort(stretches, {}, [](const Stretch& stretch) { return std::pair(stretch.begin, stretch.end); });
    }

    bool found(std::size_t index) const {
        return search.found(index) || (headers_too[index] && header_search.found(index));
    }

    bool all_found() const {
        for (std::size_t index = 0; index < headers_too.size(); ++index)
            if (!found(index)) return false;
        return true;
    }

    bool finished() const { return current == stretches.size() || all_found(); }

    void begin_stretch() {
        const Stretch& stretch = stretches[current];
        open = true;
        transfer = message::TransferDecoder(stretch.encoding);
        decoder.reset();
        html.reset();
        joiner = message::LineJoiner();
        gathered.clear();
        if (stretch.header) return;
        decoder.emplace(stretch.charset);
        if (stretch.html) html.emplace();
    }

    void octets_of_stretch(std::string_view octets) {
        if (stretches[current].header) {
            const std::size_t room = message::kHeaderBytesMax - gathered.size();
            gathered += octets.substr(0, room);
            return;
        }
        std::string decoded;
        transfer.feed(octets, decoded);
        std::string utf8;
        decoder->feed(decoded, utf8);
        show(std::move(utf8));
    }

    /// Searches the next piece of the part's text, as a reader sees it.
    void show(std::string utf8) {
        if (html) {
            std::string text;
            html->feed(utf8, text);
            utf8 = std::move(text);
        }
        std::string joined;
        joiner.feed(utf8, joined);
        search.feed(joined);
    }

    void end_text() {
        std::string decoded;
        transfer.finish(decoded);
        std::string utf8;
        decoder->feed(decoded, utf8);
        decoder->finish(utf8);
        show(std::move(utf8));
        std::string rest;
        if (html) html->finish(rest);
        std::string joined;
        joiner.feed(rest, joined);
        joiner.finish(joined);
        search.feed(joined);
        search.end_text();
    }

    void search_header() {
        const message::Header header(gathered);
        for (const message::HeaderField& field : header.fields()) {
            header_search.feed(header.name(field));
            header_search.feed(": ");
            for (const std::string& text : texts_of(header, field)) {
                header_search.feed(text);
                header_search.end_text();
            }
        }
    }

    void end_stretch() {
        if (stretches[current].header)
            search_header();
        else
            end_text();
        gathered.clear();
        open = false;
        ++current;
    }

    message::TextSearch search;
    message::TextSearch header_search;
    std::vector<bool> headers_too; // by needle
    std::vector<Stretch> stretches;
    std::size_t current = 0; // index of the stretch that is running or next
    bool open = false;
    std::uint64_t position = 0; // octets of the message seen
    message::TransferDecoder transfer{TransferEncoding::seven_bit};
    std::optional<message::GuessingDecoder> decoder;
    std::optional<message::HtmlText> html; // for text/html
    message::LineJoiner joiner;
    std::string gathered; // a header
};

BodyMatcher::BodyMatcher(const message::Part& root, const std::vector<BodyNeedle>& needles)
    : state_(std::make_unique<State>(root, needles)) {}

BodyMatcher::BodyMatcher(BodyMatcher&&) noexcept = default;
BodyMatcher& BodyMatcher::operator=(BodyMatcher&&) noexcept = default;
BodyMatcher::~BodyMatcher() = default;

void BodyMatcher::feed(std::string_view octets) {
    State& state = *state_;
    while (!octets.empty() && !state.finished()) {
        const Stretch& stretch = state.stretches[state.current];
        const std::uint64_t boundary = state.open ? stretch.end : stretch.begin;
        const std::size_t size = static_cast<std::size_t>(
            std::min<std::uint64_t>(octets.size(), boundary - std::min(boundary, state.position)));
        if (state.open && size > 0) state.octets_of_stretch(octets.substr(0, size));
        octets.remove_prefix(size);
        state.position += size;
        if (state.position < boundary) return;
        if (state.open)
            state.end_stretch();
        else
            state.begin_stretch();
    }
    state.position += octets.size();
}

void BodyMatcher::finish() {
    if (state_->open) state_->end_stretch();
    state_->current = state_->stretches.size();
}

bool BodyMatcher::done() const {
    return state_->finished();
}

bool BodyMatcher::found(std::size_t index) const {
    return state_->found(index);
}

} // namespace tegami::imap
