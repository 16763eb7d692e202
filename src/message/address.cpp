#include "message/address.h"

#include "base/ascii.h"
#include "message/charset.h"

namespace tegami::message {
namespace {

/// atext of RFC 5321 §4.1.2 (that of RFC 5322 §3.2.3), widened to octets of UTF-8 by RFC 6531 §3.3.
bool is_atext(char c) {
    return ascii::is_alnum(c) || ascii::is_high(c) ||
           (c != '\0' && std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c));
}

bool is_dot_atom(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    char before = 'a';
    for (const char c : text) {
        if (!is_atext(c) && c != '.') return false;
        if (c == '.' && before == '.') return false;
        before = c;
    }
    return true;
}

/// Takes the local part from the front of `text`, unquoted.
Result<std::string, AddressError> take_local_part(std::string_view& text) {
    std::string local_part;
    if (text.starts_with('"')) {
        std::size_t at = 1;
        for (;; ++at) {
            if (at >= text.size()) return failure(AddressError::syntax);
            if (text[at] == '"') break;
            if (text[at] == '\\' && ++at >= text.size()) return failure(AddressError::syntax);
            if (ascii::is_control(text[at])) return failure(AddressError::syntax);
            local_part += text[at];
        }
        text.remove_prefix(at + 1);
    } else {
        std::size_t length = 0;
        while (length < text.size() && (is_atext(text[length]) || text[length] == '.'))
            ++length;
        // Interop: carriers gave out `taro.@` and `a..b@`. They mean what the same text in quotes means, and people can
        // neither change nor quote them.
        if (length == 0) return failure(AddressError::syntax);
        local_part = text.substr(0, length);
        text.remove_prefix(length);
    }
    if (local_part.size() > kLocalPartBytesMax) return failure(AddressError::too_long);
    if (!is_utf8(local_part)) return failure(AddressError::bad_utf8);
    return local_part;
}

/// Takes the domain from the front of `text`: everything up to an octet that ends domains in a path.
Result<Domain, AddressError> take_domain(std::string_view& text) {
    std::size_t length = 0;
    if (text.starts_with('[')) {
        length = text.find(']');
        if (length == text.npos) return failure(AddressError::syntax);
        ++length;
    } else {
        while (length < text.size() && !std::string_view(">,: ").contains(text[length]))
            ++length;
    }
    const auto domain = Domain::parse(text.substr(0, length));
    if (!domain) return failure(length > kDomainBytesMax ? AddressError::too_long : AddressError::bad_domain);
    text.remove_prefix(length);
    return *domain;
}

/// Takes local part, "@" and domain from the front of `text`.
Result<EmailAddress, AddressError> take_mailbox(std::string_view& text) {
    TRY(std::string local_part, take_local_part(text));
    if (!text.starts_with('@')) return failure(AddressError::syntax);
    text.remove_prefix(1);
    TRY(Domain domain, take_domain(text));
    return EmailAddress{std::move(local_part), std::move(domain)};
}

/// Drops `@a,@b:` from the front of `text`. RFC 5321 §4.1.1.3: the route should be ignored.
Result<void, AddressError> skip_source_route(std::string_view& text) {
    while (text.starts_with('@')) {
        text.remove_prefix(1);
        TRY_VOID(take_domain(text));
        if (text.starts_with(':')) {
            text.remove_prefix(1);
            return {};
        }
        if (!text.starts_with(',')) return failure(AddressError::syntax);
        text.remove_prefix(1);
        if (!text.starts_with('@')) return failure(AddressError::syntax);
    }
    return {};
}

} // namespace

std::string quote_local_part(std::string_view local_part) {
    if (is_dot_atom(local_part)) return std::string(local_part);
    std::string out = "\"";
    for (const char c : local_part) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
    return out;
}

std::string EmailAddress::to_string() const {
    return quote_local_part(local_part) + "@" + domain.ascii();
}

std::string EmailAddress::display() const {
    return quote_local_part(local_part) + "@" + domain.display();
}

bool EmailAddress::is_ascii() const {
    return std::none_of(local_part.begin(), local_part.end(), ascii::is_high);
}

std::string_view describe(AddressError error) {
    switch (error) {
    case AddressError::syntax: return "is not a mail address";
    case AddressError::too_long: return "is too long";
    case AddressError::bad_domain: return "has an invalid domain";
    case AddressError::bad_utf8: return "is not valid UTF-8";
    }
    return "is not a mail address";
}

Result<EmailAddress, AddressError> parse_email_address(std::string_view text) {
    if (text.size() > kPathBytesMax) return failure(AddressError::too_long);
    TRY(EmailAddress address, take_mailbox(text));
    if (!text.empty()) return failure(AddressError::syntax);
    return address;
}

Result<EnvelopePath, AddressError> parse_envelope_path(std::string_view text) {
    if (!text.starts_with('<')) return failure(AddressError::syntax);
    const std::string_view whole = text.substr(0, kPathBytesMax);
    std::string_view rest = whole.substr(1);
    EnvelopePath path;
    if (rest.starts_with('>')) {
        path.length = 2;
        return path;
    }
    constexpr std::string_view kPostmaster = "postmaster>";
    if (ascii::istarts_with(rest, kPostmaster)) {
        path.bare_postmaster = true;
        path.length = 1 + kPostmaster.size();
        return path;
    }
    // A path that the limit cut short fails somewhere below; what matters to the sender is that it is too long.
    const auto error = [&](AddressError found) {
        return failure(text.size() > whole.size() && whole.find('>') == whole.npos ? AddressError::too_long : found);
    };
    if (auto routed = skip_source_route(rest); !routed) return error(routed.error());
    auto mailbox = take_mailbox(rest);
    if (!mailbox) return error(mailbox.error());
    if (!rest.starts_with('>')) return error(AddressError::syntax);
    path.address = std::move(*mailbox);
    path.length = whole.size() - rest.size() + 1;
    const std::string_view octets = whole.substr(0, path.length);
    path.has_utf8 = std::any_of(octets.begin(), octets.end(), ascii::is_high);
    return path;
}

std::optional<EmailAddress> HeaderAddress::email() const {
    if (kind != Kind::mailbox || local_part.empty() || local_part.size() > kLocalPartBytesMax) return std::nullopt;
    if (!is_utf8(local_part) || std::any_of(local_part.begin(), local_part.end(), ascii::is_control))
        return std::nullopt;
    auto parsed = Domain::parse(domain);
    if (!parsed) return std::nullopt;
    return EmailAddress{local_part, std::move(*parsed)};
}

std::optional<EmailAddress> first_address(std::string_view value) {
    for (const HeaderAddress& entry : parse_address_list(value))
        if (auto address = entry.email()) return address;
    return std::nullopt;
}

} // namespace tegami::message
