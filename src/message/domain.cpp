#include "message/domain.h"

#include "base/ascii.h"
#include "base/freer.h"
#include "message/address_literal.h"

#include <idn2.h>

#include <memory>

namespace tegami::message {
namespace {

using IdnText = std::unique_ptr<char, Freer<idn2_free>>;

/// LDH labels (and underscores) separated by single dots, each and all within their limits.
bool is_host_name(std::string_view text) {
    if (text.size() > kDomainBytesMax) return false;
    std::size_t size = 0; // of this label so far
    char before = '.';
    for (const char c : text) {
        if (c == '.') {
            if (size == 0 || before == '-') return false;
            size = 0;
        } else {
            if (!ascii::is_alnum(c) && c != '_' && (c != '-' || size == 0)) return false;
            if (++size > kLabelBytesMax) return false;
        }
        before = c;
    }
    return size != 0 && before != '-';
}

/// The canonical literal for what stands between the brackets, or nothing.
std::optional<std::string> canonical_literal(std::string_view inner) {
    constexpr std::string_view kTag = "ipv6:";
    if (ascii::istarts_with(inner, kTag)) {
        const auto address = canonical_ipv6(inner.substr(kTag.size()));
        if (!address) return std::nullopt;
        return "[ipv6:" + *address + "]";
    }
    const auto address = canonical_ipv4(inner);
    if (!address) return std::nullopt;
    return "[" + *address + "]";
}

} // namespace

std::optional<Domain> Domain::parse(std::string_view text) {
    // Limit: U-labels are at most about as long as their A-labels, so this bounds the work of libidn2.
    if (text.empty() || text.size() > 2 * kDomainBytesMax) return std::nullopt;
    if (text.front() == '[') {
        if (text.size() < 3 || text.back() != ']') return std::nullopt;
        auto literal = canonical_literal(text.substr(1, text.size() - 2));
        if (!literal) return std::nullopt;
        return Domain(std::move(*literal));
    }
    bool has_high = false;
    for (const char c : text) {
        if (ascii::is_high(c))
            has_high = true;
        else if (!ascii::is_vchar(c))
            return std::nullopt;
    }
    std::string ascii_form;
    if (has_high) {
        const std::string copy(text);
        char* raw = nullptr;
        // Non-transitional processing, as browsers and registries do it today; no fallback that would change names.
        const int status = idn2_to_ascii_8z(copy.c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
        const IdnText converted(raw);
        if (status != IDN2_OK) return std::nullopt;
        ascii_form = ascii::lower(converted.get());
    } else {
        ascii_form = ascii::lower(text);
    }
    if (ascii_form.ends_with('.')) ascii_form.pop_back();
    if (!is_host_name(ascii_form)) return std::nullopt;
    return Domain(std::move(ascii_form));
}

std::string Domain::display() const {
    if (is_address_literal() || ascii_.find("xn--") == std::string::npos) return ascii_;
    char* raw = nullptr;
    const int status = idn2_to_unicode_8z8z(ascii_.c_str(), &raw, 0);
    const IdnText converted(raw);
    if (status != IDN2_OK) return ascii_;
    // A-labels that nobody could have typed as text (RFC 5891 §5.4) are shown as they are: reading what is shown must
    // give the same domain.
    std::string shown = converted.get();
    const auto back = parse(shown);
    return back && back->ascii_ == ascii_ ? shown : ascii_;
}

std::string_view Domain::literal_address() const {
    if (!is_address_literal()) return {};
    std::string_view inner = std::string_view(ascii_).substr(1, ascii_.size() - 2);
    if (inner.starts_with("ipv6:")) inner.remove_prefix(5);
    return inner;
}

} // namespace tegami::message
