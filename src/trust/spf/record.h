// SPF records (RFC 7208 §4.5, §4.6.1) as values. A record is parsed wholly before any of it counts: one error anywhere
// makes it an error.
#pragma once

#include "base/ip_address.h"
#include "base/result.h"
#include "trust/spf/macro.h"
#include "trust/spf/verdict.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::spf {

/// Limit: octets of a record. RFC 7208 §3.4 asks for at most 450; lists of networks make them longer.
inline constexpr std::size_t kRecordBytesMax = 16'384;

enum class Mechanism : std::uint8_t { all, include, a, mx, ptr, ip4, ip6, exists };

/// A mechanism with its qualifier.
struct Directive {
    Outcome qualifier = Outcome::pass; ///< the outcome if it matches
    Mechanism mechanism = Mechanism::all;
    std::optional<MacroString> target; ///< none: the domain itself, or the mechanism has no domain
    IpAddress network;                 ///< of ip4 and ip6, with bits beyond the prefix
    unsigned v4_bits = 32;
    unsigned v6_bits = 128;
    std::string text; ///< as it stands in the record
};

struct Modifier {
    MacroString target;
    std::string text; ///< as it stands in the record
};

struct Record {
    std::vector<Directive> directives;
    std::optional<Modifier> redirect;
    std::optional<Modifier> explanation;
};

struct RecordError {
    Reason reason = Reason::syntax_error; ///< or repeated_modifier, record_too_long
    std::string term;                     ///< the first at fault; none if the record is too long
    bool operator==(const RecordError&) const = default;
};

/// Whether a TXT record's octets begin with the version section (RFC 7208 §4.5), and so are an SPF record.
bool is_record(std::string_view octets);

/// The terms of what is_record.
Result<Record, RecordError> parse_record(std::string_view octets);

/// The records that one message has led to, each parsed once however often it is evaluated: as many as questions are
/// answered. For one thread at a time.
class ParsedRecords {
public:
    /// As parse_record(); the reference is good as long as the object.
    const Result<Record, RecordError>& parse(const std::string& octets);

private:
    std::map<std::string, Result<Record, RecordError>> records_;
};

} // namespace tegami::spf
