#include "message/readable_text.h"

#include "base/ascii.h"
#include "message/address.h"
#include "message/content_type.h"
#include "message/encoded_word.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::message {

namespace {

/// RFC 5322 §3.6.2, §3.6.3, §3.6.6, and the one of notifications (RFC 8098 §2.1).
constexpr std::array<std::string_view, 13> kAddressFields{"From",
                                                          "Sender",
                                                          "Reply-To",
                                                          "To",
                                                          "Cc",
                                                          "Bcc",
                                                          "Resent-From",
                                                          "Resent-Sender",
                                                          "Resent-Reply-To",
                                                          "Resent-To",
                                                          "Resent-Cc",
                                                          "Resent-Bcc",
                                                          "Disposition-Notification-To"};

bool is_address_field(std::string_view field) {
    return std::ranges::any_of(kAddressFields, [&](std::string_view name) { return ascii::iequals(name, field); });
}

void add_addresses(std::string_view value, std::vector<std::string>& texts) {
    for (const HeaderAddress& address : parse_address_list(value)) {
        std::string text = decode_encoded_words(address.name);
        if (address.kind == HeaderAddress::Kind::mailbox) {
            text += text.empty() ? "<" : " <";
            text += decode_encoded_words(address.local_part + '@' + address.domain);
            text += '>';
        }
        texts.push_back(std::move(text));
        // A domain of other letters is looked for as people write it.
        if (!ascii::lower(address.domain).contains("xn--")) continue;
        if (const std::optional<EmailAddress> email = address.email()) texts.push_back(email->display());
    }
}

void add_parameters(const std::vector<Parameter>& parameters, std::vector<std::string>& texts) {
    std::vector<std::string_view> told;
    for (const Parameter& parameter : parameters) {
        const std::string_view name = std::string_view(parameter.name).substr(0, parameter.name.find('*'));
        if (std::ranges::find(told, name) != told.end()) continue;
        told.push_back(name);
        if (std::optional<std::string> value = decode_parameter(parameters, name))
            texts.push_back(std::string(name) + '=' + *std::move(value));
    }
}

/// True if a reader is shown the body as text: text/*, and what programs report in lines of text (RFC 3464, RFC 8098,
/// RFC 5965), which is all of message/* that is no message.
bool is_readable(const Part& part) {
    const bool report = part.kind == PartKind::basic && part.content_type.type == "message";
    return (part.kind == PartKind::text || report) && part.encoding != TransferEncoding::unknown;
}

} // namespace

std::vector<std::string> field_texts(const Header& header, const HeaderField& field) {
    std::vector<std::string> texts{decode_encoded_words(header.value(field))};
    const std::string_view name = header.name(field);
    if (is_address_field(name)) {
        add_addresses(header.raw_value(field), texts);
    } else if (ascii::iequals(name, "Content-Type")) {
        if (const auto type = parse_content_type(header.raw_value(field))) add_parameters(type->parameters, texts);
    } else if (ascii::iequals(name, "Content-Disposition")) {
        if (const auto disposition = parse_disposition(header.raw_value(field)))
            add_parameters(disposition->parameters, texts);
    }
    return texts;
}

ReadableText::ReadableText(const Part& root, PartHeaders headers, Sink* sink) : sink_(sink) {
    collect(root, headers);
    std::ranges::sort(stretches_, {}, [](const Stretch& stretch) { return std::pair(stretch.begin, stretch.end); });
}

void ReadableText::collect(const Part& part, PartHeaders headers) {
    if (is_readable(part))
        stretches_.push_back({part.body_offset, part.end(), false, part.encoding,
                              part.content_type.parameter("charset"), part.content_type.is("text", "html")});
    for (const Part& child : part.children) {
        if (headers == PartHeaders::included)
            stretches_.push_back(
                {child.header_offset, child.body_offset, true, TransferEncoding::seven_bit, {}, false});
        collect(child, headers);
    }
}

void ReadableText::begin_stretch() {
    const Stretch& stretch = stretches_[current_];
    open_ = true;
    transfer_ = TransferDecoder(stretch.encoding);
    decoder_.reset();
    html_.reset();
    joiner_ = LineJoiner();
    gathered_.clear();
    if (stretch.header) return;
    decoder_.emplace(stretch.charset);
    if (stretch.html) html_.emplace();
}

void ReadableText::octets_of_stretch(std::string_view octets) {
    if (stretches_[current_].header) {
        gathered_ += octets.substr(0, kHeaderBytesMax - gathered_.size());
        return;
    }
    std::string decoded;
    transfer_.feed(octets, decoded);
    std::string utf8;
    decoder_->feed(decoded, utf8);
    show(std::move(utf8));
}

/// The next piece of the part's text, as a reader sees it.
void ReadableText::show(std::string utf8) {
    if (html_) {
        std::string text;
        html_->feed(utf8, text);
        utf8 = std::move(text);
    }
    std::string joined;
    joiner_.feed(utf8, joined);
    sink_->text(joined);
}

void ReadableText::end_text() {
    std::string decoded;
    transfer_.finish(decoded);
    std::string utf8;
    decoder_->feed(decoded, utf8);
    decoder_->finish(utf8);
    show(std::move(utf8));
    std::string rest;
    if (html_) html_->finish(rest);
    std::string joined;
    joiner_.feed(rest, joined);
    joiner_.finish(joined);
    sink_->text(joined);
    sink_->end_text();
}

void ReadableText::end_stretch() {
    if (stretches_[current_].header)
        sink_->part_header(Header(gathered_));
    else
        end_text();
    gathered_.clear();
    open_ = false;
    ++current_;
}

void ReadableText::feed(std::string_view octets) {
    while (!octets.empty() && !done()) {
        const Stretch& stretch = stretches_[current_];
        const std::uint64_t boundary = open_ ? stretch.end : stretch.begin;
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), boundary - std::min(boundary, position_)));
        if (open_ && size > 0) octets_of_stretch(octets.substr(0, size));
        octets.remove_prefix(size);
        position_ += size;
        if (position_ < boundary) return;
        if (open_)
            end_stretch();
        else
            begin_stretch();
    }
    position_ += octets.size();
}

void ReadableText::finish() {
    if (open_) end_stretch();
    current_ = stretches_.size();
}

} // namespace tegami::message
