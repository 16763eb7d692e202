// BodyMatcher of search.h: looks for texts in what message/readable_text.h finds in a message.
#include "message/readable_text.h"
#include "message/text.h"
#include "protocol/imap/search.h"

#include <algorithm>

namespace tegami::imap {

namespace {

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

struct BodyMatcher::State final : message::ReadableText::Sink {
    State(const message::Part& root, const std::vector<BodyNeedle>& needles)
        : search(body_texts(needles)), header_search(header_texts(needles)) {
        using enum message::ReadableText::PartHeaders;
        for (const BodyNeedle& needle : needles)
            headers_too.push_back(needle.headers_too);
        const bool with_headers = std::ranges::find(headers_too, true) != headers_too.end();
        readable.emplace(root, with_headers ? included : left_out, this);
    }

    bool found(std::size_t index) const {
        return search.found(index) || (headers_too[index] && header_search.found(index));
    }

    bool satisfied() const override {
        for (std::size_t index = 0; index < headers_too.size(); ++index)
            if (!found(index)) return false;
        return true;
    }

    void text(std::string_view utf8) override { search.feed(utf8); }

    void end_text() override { search.end_text(); }

    void part_header(const message::Header& header) override {
        for (const message::HeaderField& field : header.fields()) {
            header_search.feed(header.name(field));
            header_search.feed(": ");
            for (const std::string& text : message::field_texts(header, field)) {
                header_search.feed(text);
                header_search.end_text();
            }
        }
    }

    message::TextSearch search;
    message::TextSearch header_search;
    std::vector<bool> headers_too; // by needle
    std::optional<message::ReadableText> readable;
};

BodyMatcher::BodyMatcher(const message::Part& root, const std::vector<BodyNeedle>& needles)
    : state_(std::make_unique<State>(root, needles)) {}

BodyMatcher::BodyMatcher(BodyMatcher&&) noexcept = default;
BodyMatcher& BodyMatcher::operator=(BodyMatcher&&) noexcept = default;
BodyMatcher::~BodyMatcher() = default;

void BodyMatcher::feed(std::string_view octets) {
    state_->readable->feed(octets);
}

void BodyMatcher::finish() {
    state_->readable->finish();
}

message::ReadableText::Sink* BodyMatcher::attached() {
    return state_.get();
}

bool BodyMatcher::done() const {
    return state_->readable->done();
}

bool BodyMatcher::found(std::size_t index) const {
    return state_->found(index);
}

} // namespace tegami::imap
