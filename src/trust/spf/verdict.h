// What SPF says about one identity of a message, and what it rests on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::spf {

/// RFC 7208 §2.6
enum class Outcome : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };

/// RFC 7208 §2.3, §2.4
enum class Identity : std::uint8_t { helo, mail_from };

/// Why the outcome is what it is. Where it is so is the end of Verdict::path.
enum class Reason : std::uint8_t {
    matched,               ///< the mechanism at the end of the path says so
    nothing_matched,       ///< neutral by default (RFC 7208 §4.7)
    bad_domain,            ///< malformed, an address literal or a single label (§4.3)
    no_such_domain,        ///< NXDOMAIN (§4.3)
    no_record,             ///< the domain has none (§4.5)
    several_records,       ///< (§4.5)
    record_too_long,       ///< beyond kRecordBytesMax
    syntax_error,          ///< (§4.6); subject: the term
    repeated_modifier,     ///< a second redirect or exp (§6); subject: the second
    too_many_lookups,      ///< beyond kLookupTermsMax (§4.6.4)
    too_many_void_lookups, ///< beyond kVoidLookupsMax (§4.6.4); subject: the name that is not there
    too_many_exchanges,    ///< beyond kExchangesMax (§4.6.4); subject: the name with so many MX records
    dns_failure,           ///< (§4.4, §5); subject: the name that could not be looked up
};

/// A term as it stands in a domain's record. No term: the record as a whole, or that there is none.
struct Place {
    std::string domain; ///< octets, if macros made it
    std::string term;   ///< octets
    bool operator==(const Place&) const = default;
};

struct Verdict {
    Outcome outcome = Outcome::none;
    Identity identity = Identity::mail_from;
    std::string domain; ///< that was checked, in A-labels; as it was given if the reason is bad_domain
    Reason reason = Reason::bad_domain;
    /// Where the outcome comes from: the checked domain first, then the target of each include and redirect that led
    /// on. With more than one place a domain without a record is an error (RFC 7208 §5.2, §6.1).
    std::vector<Place> path;
    std::string subject; ///< octets; what it is, the reason says
    /// What the domain's owner has to say about a fail (RFC 7208 §6.2): ASCII, controls included.
    std::optional<std::string> explanation;

    bool operator==(const Verdict&) const = default;
};

/// The word of RFC 7208 §2.6: "pass".
std::string_view to_string(Outcome outcome);
/// "mailfrom" or "helo" (RFC 7208 §9.1).
std::string_view to_string(Identity identity);
/// The enumerator's name with hyphens: "too-many-lookups".
std::string_view to_string(Reason reason);

} // namespace tegami::spf
