// BodyMatcher of search.h: finds the searchable stretches of a message from its structure, and decodes them as the
// octets stream by.
#include "protocol/imap/search.h"

#include "base/ascii.h"
#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/transfer_encoding.h"

#include <algorithm>

namespace tegami::imap {

namespace {

using message::Part;
using message::PartKind;
using message::TransferEncoding;

/// Limit: octets of unlabelled text that are gathered to guess their charset.
constexpr std::size_t kGuessBytesMax = 64 * 1024;

/// One stretch of the message that is searched.
struct Stretch {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool header = false;
    TransferEncoding encoding = TransferEncoding::seven_bit;
    std::string charset;
};

void collect(const Part& part, std::vector<Stretch>& stretches) {
    if (part.kind == PartKind::text && part.encoding != TransferEncoding::unknown)
        stretches.push_back(
            {part.body_offset, part.end(), false, part.encoding, part.content_type.parameter("charset")});
    for (const Part& child : part.children) {
        // An enclosed message's header is part of the body it is in.
        if (part.kind == PartKind::message)
            stretches.push_back({child.header_offset, child.body_offset, true, TransferEncoding::seven_bit, {}});
        collect(child, stretches);
    }
}

} // namespace

struct BodyMatcher::State {
    State(const Part& root, const std::vector<std::string>& needles) : search(needles) {
        collect(root, stretches);
        std::ranges::sort(stretches, {}, &Stretch::begin);
    }

    bool finished() const { return current == stretches.size() || search.all_found(); }

    void begin_stretch() {
        const Stretch& stretch = stretches[current];
        open = true;
        transfer = message::TransferDecoder(stretch.encoding);
        charset.reset();
        gathered.clear();
        // Interop: what claims to be US-ASCII, or claims nothing, often is not; it is guessed.
        const bool claims = !stretch.charset.empty() && !ascii::iequals(stretch.charset, "us-ascii");
        if (!stretch.header && claims) charset = message::CharsetDecoder::open(stretch.charset);
    }

    void octets_of_stretch(std::string_view octets) {
        if (stretches[current].header) {
            const std::size_t room = message::kHeaderBytesMax - gathered.size();
            gathered += octets.substr(0, room);
            return;
        }
        std::string decoded;
        transfer.feed(octets, decoded);
        text(decoded);
    }

    void text(std::string_view decoded) {
        if (charset) {
            std::string utf8;
            charset->feed(decoded, utf8);
            search.feed(utf8);
            return;
        }
        gathered += decoded;
        while (gathered.size() >= kGuessBytesMax) {
            // Cut after a line, where no character is in two pieces, and at a place that the text alone decides.
            const std::size_t line_end = gathered.rfind('\n', kGuessBytesMax - 1);
            guess(line_end == std::string::npos ? kGuessBytesMax : line_end + 1);
        }
    }

    /// Searches the first `size` gathered octets in the charset they seem to be in.
    void guess(std::size_t size) {
        search.feed(message::to_utf8_guessing(std::string_view(gathered).substr(0, size)));
        gathered.erase(0, size);
    }

    void end_stretch() {
        if (stretches[current].header) {
            const message::Header header(gathered);
            for (const message::HeaderField& field : header.fields()) {
                search.feed(header.name(field));
                search.feed(": ");
                search.feed(message::decode_encoded_words(header.value(field)));
                search.end_text();
            }
        } else {
            std::string decoded;
            transfer.finish(decoded);
            text(decoded);
            std::string rest;
            if (charset) charset->finish(rest);
            search.feed(rest);
            guess(gathered.size());
            search.end_text();
        }
        gathered.clear();
        open = false;
        ++current;
    }

    message::TextSearch search;
    std::vector<Stretch> stretches;
    std::size_t current = 0; // index of the stretch that is running or next
    bool open = false;
    std::uint64_t position = 0; // octets of the message seen
    message::TransferDecoder transfer{TransferEncoding::seven_bit};
    std::optional<message::CharsetDecoder> charset;
    std::string gathered; // an enclosed header, or text whose charset must be guessed
};

BodyMatcher::BodyMatcher(const message::Part& root, const std::vector<std::string>& needles)
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
    return state_->search.found(index);
}

} // namespace tegami::imap
