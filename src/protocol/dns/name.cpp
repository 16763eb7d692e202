#include "protocol/dns/name.h"

#include "base/ascii.h"
#include "protocol/dns/wire_reader.h"

#include <algorithm>

namespace tegami::dns {

namespace {

void append_escaped(std::string& out, char octet) {
    if (octet == '.' || octet == '\\' || octet == '"' || octet == '(' || octet == ')' || octet == ';' || octet == '@' ||
        octet == '$') {
        out += '\\';
        out += octet;
    } else if (ascii::is_vchar(octet)) {
        out += octet;
    } else {
        const unsigned value = static_cast<unsigned char>(octet);
        out += '\\';
        out += static_cast<char>('0' + value / 100);
        out += static_cast<char>('0' + value / 10 % 10);
        out += static_cast<char>('0' + value % 10);
    }
}

bool append_label(std::string& wire, std::string_view label) {
    if (label.empty() || label.size() > kLabelBytesMax) return false;
    wire += static_cast<char>(label.size());
    wire += label;
    return true;
}

} // namespace

std::optional<Name> Name::parse(std::string_view text) {
    // Limit: a name of 255 octets that are all escaped as \DDD.
    if (text.empty() || text.size() > kNameBytesMax * 4) return std::nullopt;
    if (text == ".") return Name();
    std::string wire;
    wire.reserve(text.size() + 2);
    std::size_t length_at = 0; // of the label that is read; at the end, of the root
    wire += '\0';
    const auto end_label = [&] {
        const std::size_t size = wire.size() - length_at - 1;
        if (size == 0 || size > kLabelBytesMax) return false;
        wire[length_at] = static_cast<char>(size);
        length_at = wire.size();
        wire += '\0';
        return true;
    };
    while (!text.empty()) {
        // Most names have no escape.
        const std::size_t plain = std::min(text.find_first_of(".\\"), text.size());
        wire += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const auto character = take_character(text);
        if (!character) return std::nullopt;
        if (character->octet == '.' && !character->escaped) {
            if (!end_label()) return std::nullopt;
        } else {
            wire += character->octet;
        }
    }
    const bool is_label_open = wire.size() > length_at + 1;
    if (is_label_open && !end_label()) return std::nullopt;
    if (wire.size() > kNameBytesMax) return std::nullopt;
    return Name(std::move(wire));
}

std::optional<Name> Name::from_wire(std::string_view octets) {
    if (octets.empty() || octets.size() > kNameBytesMax) return std::nullopt;
    for (std::size_t at = 0; at < octets.size();) {
        const std::size_t length = static_cast<unsigned char>(octets[at]);
        if (length > kLabelBytesMax) return std::nullopt;
        at += 1 + length;
        if (length == 0) return at == octets.size() ? std::optional(Name(std::string(octets))) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<Name> Name::from_labels(const std::vector<std::string_view>& labels) {
    std::string wire;
    for (const std::string_view label : labels)
        if (!append_label(wire, label)) return std::nullopt;
    wire += '\0';
    if (wire.size() > kNameBytesMax) return std::nullopt;
    return Name(std::move(wire));
}

std::string Name::to_string() const {
    if (is_root()) return ".";
    std::string text;
    for (const std::string& label : labels()) {
        if (!text.empty()) text += '.';
        for (const char octet : label)
            append_escaped(text, octet);
    }
    return text;
}

std::vector<std::string> Name::labels() const {
    std::vector<std::string> labels;
    for (std::size_t at = 0; wire_[at] != '\0';) {
        const std::size_t length = static_cast<unsigned char>(wire_[at]);
        labels.push_back(wire_.substr(at + 1, length));
        at += 1 + length;
    }
    return labels;
}

std::size_t Name::label_count() const {
    std::size_t count = 0;
    for (std::size_t at = 0; wire_[at] != '\0'; at += 1 + static_cast<unsigned char>(wire_[at]))
        ++count;
    return count;
}

bool Name::is_within(const Name& ancestor) const {
    for (std::size_t at = 0;; at += 1 + static_cast<unsigned char>(wire_[at])) {
        if (wire_.size() - at == ancestor.wire_.size())
            return ascii::iequals(std::string_view(wire_).substr(at), ancestor.wire_);
        if (wire_[at] == '\0') return false;
    }
}

Name Name::parent() const {
    return is_root() ? *this : Name(wire_.substr(1 + static_cast<unsigned char>(wire_[0])));
}

std::optional<Name> Name::below(std::string_view prefix) const {
    const auto front = parse(prefix);
    if (!front) return std::nullopt;
    std::string wire = front->wire_.substr(0, front->wire_.size() - 1) + wire_;
    if (wire.size() > kNameBytesMax) return std::nullopt;
    return Name(std::move(wire));
}

std::weak_ordering Name::operator<=>(const Name& other) const {
    // Length octets are below 64, so ASCII lower case leaves them alone.
    const std::size_t shared = std::min(wire_.size(), other.wire_.size());
    for (std::size_t at = 0; at < shared; ++at) {
        if (wire_[at] == other.wire_[at]) continue;
        const auto order = ascii::to_lower(wire_[at]) <=> ascii::to_lower(other.wire_[at]);
        if (order != 0) return order;
    }
    return wire_.size() <=> other.wire_.size();
}

bool Name::operator==(const Name& other) const {
    return ascii::iequals(wire_, other.wire_);
}

} // namespace tegami::dns
