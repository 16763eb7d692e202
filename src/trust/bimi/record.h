// What a domain publishes about its logo: the BIMI Assertion Record, and the field by which a letter names one of
// several (draft-brand-indicators-for-message-identification §4.3, §5.1).
//
// 1. Nothing is mended: what breaks the syntax is a fault (§4.3). Unknown tags are ignored.
// 2. A location that was taken is an https URL in ASCII which fits into one line of a header field.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::bimi {

/// Limit: octets of a record; the draft has none.
inline constexpr std::size_t kRecordBytesMax = 4096;
/// Limit: octets of a URL, so that its line in BIMI-Location has less than 998 (RFC 5322 §2.1.1).
inline constexpr std::size_t kUrlBytesMax = 900;
/// Limit: octets of a selector.
inline constexpr std::size_t kSelectorBytesMax = 128;

/// What is to be shown if the reader knows a picture of the author, too.
enum class Avatar : std::uint8_t { brand, personal };

struct Record {
    std::string location;           ///< `l=`: of the logo; empty if there is none to be shown
    std::string authority;          ///< `a=`: of the certificate about it; may be empty
    bool by_local_part = false;     ///< `lps=true`: the author's local part is a selector, too
    std::optional<Avatar> avatar{}; ///< `avp=`, if it says one of these

    /// The domain wants no logo shown (§4.3.1).
    bool declines() const { return location.empty() && authority.empty(); }

    bool operator==(const Record&) const = default;
};

enum class RecordFault : std::uint8_t { syntax, location_missing, location_unusable, authority_unusable };

/// Whether the joined strings of a TXT record are one of BIMI's: `v=BIMI1` is its first tag.
bool is_record(std::string_view text);

/// Of a text that is_record().
Result<Record, RecordFault> parse_record(std::string_view text);

/// The selector in the raw value of BIMI-Selector, in lower case; nothing if the field breaks its syntax.
std::optional<std::string> parse_selector(std::string_view value);

/// The selector that an author's local part stands for (§4.5); nothing if it cannot be one.
std::optional<std::string> selector_of(std::string_view local_part);

} // namespace tegami::bimi
