#include "trust/bimi/record.h"

#include "base/ascii.h"
#include "message/domain.h"
#include "trust/dkim/tag_list.h"

#include <algorithm>
#include <array>

namespace tegami::bimi {

namespace {

constexpr std::string_view kScheme = "https://";
/// Endings of pictures in other formats than SVG, the only one (§4.3.2).
constexpr std::array<std::string_view, 9> kOtherFormats{".png",  ".jpg",  ".jpeg", ".gif", ".webp",
                                                        ".avif", ".tiff", ".bmp",  ".ico"};

/// An octet of a URI (RFC 3986 §2) other than the comma and the semicolon, which must be encoded here.
bool is_url_octet(char c) {
    return ascii::is_alnum(c) || std::string_view("-._~:/?#[]@!$&'()*+=%").contains(c);
}

/// The host of an https URL, which must be a full name: with a dot, no address, no user before it.
bool is_usable(std::string_view url) {
    if (url.size() > kUrlBytesMax || !ascii::istarts_with(url, kScheme) || !std::ranges::all_of(url, is_url_octet))
        return false;
    const std::string_view rest = url.substr(kScheme.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const std::size_t colon = authority.find(':');
    const std::string_view port = colon == authority.npos ? "" : authority.substr(colon + 1);
    if (port.size() > 5 || !std::ranges::all_of(port, ascii::is_digit)) return false;
    const auto name = message::Domain::parse(authority.substr(0, colon));
    return name && !name->is_address_literal() && name->ascii().contains('.') && !ascii::is_digit(name->ascii().back());
}

bool is_of_other_format(std::string_view url) {
    const std::string_view path = url.substr(0, url.find_first_of("?#"));
    return std::ranges::any_of(kOtherFormats, [path](std::string_view ending) {
        return path.size() >= ending.size() && ascii::iequals(path.substr(path.size() - ending.size()), ending);
    });
}

/// sub-domain *( "." sub-domain ) of §4.4.
bool is_selector(std::string_view text) {
    return text.size() <= kSelectorBytesMax && std::ranges::all_of(ascii::split(text, '.'), [](std::string_view label) {
               return !label.empty() && label.size() <= message::kLabelBytesMax && label.front() != '-' &&
                      label.back() != '-' &&
                      std::ranges::all_of(label, [](char c) { return ascii::is_alnum(c) || c == '-'; });
           });
}

std::optional<Avatar> parse_avatar(const dkim::Tag* tag) {
    if (tag == nullptr) return std::nullopt;
    if (tag->value == "brand") return Avatar::brand;
    if (tag->value == "personal") return Avatar::personal;
    return std::nullopt;
}

} // namespace

bool is_record(std::string_view text) {
    const std::string_view first = text.substr(0, text.find(';'));
    const std::size_t equals = first.find('=');
    return equals != first.npos && ascii::trim(first.substr(0, equals)) == "v" &&
           ascii::trim(first.substr(equals + 1)) == "BIMI1";
}

Result<Record, RecordFault> parse_record(std::string_view text) {
    if (text.size() > kRecordBytesMax) return failure(RecordFault::syntax);
    const auto tags = dkim::TagList::parse(text);
    if (!tags) return failure(RecordFault::syntax);
    const dkim::Tag* const location = tags->find("l");
    const dkim::Tag* const authority = tags->find("a");
    const dkim::Tag* const by_local_part = tags->find("lps");
    if (location == nullptr) return failure(RecordFault::location_missing);
    Record record{.location = std::string(location->value),
                  .authority = std::string(authority == nullptr ? "" : authority->value),
                  .by_local_part = by_local_part != nullptr && by_local_part->value == "true",
                  .avatar = parse_avatar(tags->find("avp"))};
    if (!record.authority.empty() && !is_usable(record.authority)) return failure(RecordFault::authority_unusable);
    if (record.declines()) return record;
    if (record.location.empty()) return failure(RecordFault::location_missing);
    if (!is_usable(record.location) || is_of_other_format(record.location))
        return failure(RecordFault::location_unusable);
    return record;
}

std::optional<std::string> parse_selector(std::string_view value) {
    if (!is_record(value)) return std::nullopt;
    const auto tags = dkim::TagList::parse(value);
    const dkim::Tag* const selector = tags ? tags->find("s") : nullptr;
    if (selector == nullptr || !is_selector(selector->value)) return std::nullopt;
    return ascii::lower(selector->value);
}

std::optional<std::string> selector_of(std::string_view local_part) {
    std::string selector;
    for (const char c : local_part.substr(0, local_part.find('+'))) {
        const char taken = c == '_' || c == '.' ? '-' : c;
        if (taken == '-' && (selector.empty() || selector.back() == '-')) continue;
        selector += taken;
    }
    if (selector.ends_with('-')) selector.pop_back();
    if (selector.size() > message::kLabelBytesMax || !is_selector(selector)) return std::nullopt;
    return ascii::lower(selector);
}

} // namespace tegami::bimi
