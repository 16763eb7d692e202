#include "message/header.h"

#include "base/ascii.h"

#include <cstring>

namespace tegami::message {
namespace {

/// Octets of the line at `at`, its LF included.
std::size_t line_length(std::string_view bytes, std::size_t at) {
    const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
    if (found == nullptr) return bytes.size() - at;
    return static_cast<std::size_t>(static_cast<const char*>(found) - (bytes.data() + at)) + 1;
}

bool is_empty_line(std::string_view line) {
    return line == "\n" || line == "\r\n";
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::uint32_t narrow(std::size_t number) {
    return static_cast<std::uint32_t>(number);
}

/// Octets of the line end that `text` ends with.
std::size_t line_end_length(std::string_view text) {
    if (text.ends_with("\r\n")) return 2;
    return text.ends_with('\n') ? 1 : 0;
}

HeaderField make_field(std::string_view bytes, std::size_t offset, std::size_t length) {
    const std::string_view text = bytes.substr(offset, length);
    HeaderField field{.offset = narrow(offset), .length = narrow(length)};
    const std::size_t colon = text.find(':');
    // RFC 5322 §4.5: space between name and colon was once allowed.
    const std::string_view name = ascii::trim(text.substr(0, colon == text.npos ? 0 : colon));
    std::size_t value_start = 0;
    if (is_field_name(name) && text.starts_with(name)) {
        field.name_length = narrow(name.size());
        value_start = colon + 1;
    }
    const std::size_t value_end = std::max(value_start, length - line_end_length(text));
    field.value_offset = narrow(offset + value_start);
    field.value_length = narrow(value_end - value_start);
    return field;
}

} // namespace

Header::Header(std::string_view message) : bytes_(message) {
    std::size_t at = 0;
    std::size_t field_start = 0;
    const auto end_field = [&](std::size_t end) {
        if (end == field_start) return;
        // Interop: gateways put a byte order mark before the first field; it is no part of the field's name.
        if (message.substr(field_start, end - field_start).starts_with(kByteOrderMark) &&
            fields_.size() < kHeaderFieldsMax && end <= kHeaderBytesMax) {
            fields_.push_back(make_field(message, field_start, kByteOrderMark.size()));
            field_start += kByteOrderMark.size();
        }
        if (fields_.size() >= kHeaderFieldsMax || end > kHeaderBytesMax)
            truncated_ = true;
        else
            fields_.push_back(make_field(message, field_start, end - field_start));
        field_start = end;
    };
    while (at < message.size()) {
        const std::size_t length = line_length(message, at);
        const std::string_view line = message.substr(at, length);
        if (is_empty_line(line)) {
            end_field(at);
            size_ = at + length;
            has_end_ = true;
            return;
        }
        // Text before the first field that begins with space cannot be the continuation of anything.
        if (!ascii::is_wsp(line.front())) end_field(at);
        at += length;
    }
    end_field(at);
    size_ = at;
}

std::string Header::value(const HeaderField& field) const {
    return unfold(raw_value(field));
}

const HeaderField* Header::find(std::string_view wanted) const {
    for (const HeaderField& field : fields_)
        if (field.name_length == wanted.size() && ascii::iequals(name(field), wanted)) return &field;
    return nullptr;
}

std::vector<const HeaderField*> Header::find_all(std::string_view wanted) const {
    std::vector<const HeaderField*> found;
    for (const HeaderField& field : fields_)
        if (field.name_length == wanted.size() && ascii::iequals(name(field), wanted)) found.push_back(&field);
    return found;
}

std::optional<std::string> Header::value(std::string_view wanted) const {
    const HeaderField* field = find(wanted);
    if (field == nullptr) return std::nullopt;
    return value(*field);
}

std::string unfold(std::string_view raw_value) {
    std::string out;
    const std::string_view text = ascii::trim(raw_value);
    out.reserve(text.size());
    for (const char c : text)
        if (c != '\r' && c != '\n') out += c;
    return out;
}

bool is_field_name(std::string_view text) {
    if (text.empty()) return false;
    for (const char c : text)
        if (!ascii::is_vchar(c) || c == ':') return false;
    return true;
}

} // namespace tegami::message
