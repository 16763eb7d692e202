// Which octets of a stored message a FETCH item means, from the message's structure alone (RFC 9051 §6.4.5.1).
//
// A plan is one range to send as it is, a header to filter first (filter_header), or nothing: the part does not exist,
// and the answer is NIL. BINARY plans name the encoding that must be undone.
#pragma once

#include "base/result.h"
#include "message/structure.h"
#include "message/transfer_encoding.h"
#include "protocol/imap/fetch_item.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tegami::imap {

/// Octets of the message as it is stored.
struct OctetRange {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    bool operator==(const OctetRange&) const = default;
};

/// The section does not exist: NIL.
struct NoSuchSection {
    bool operator==(const NoSuchSection&) const = default;
};

/// Send these octets; the partial is already applied.
struct SendRange {
    OctetRange range;

    bool operator==(const SendRange&) const = default;
};

/// Load these octets, then send clipped(filter_header(octets, section), partial).
struct FilterHeader {
    OctetRange header;

    bool operator==(const FilterHeader&) const = default;
};

using SectionPlan = std::variant<NoSuchSection, SendRange, FilterHeader>;

/// What to send for BODY[...], under whichever name.
SectionPlan plan_section(const message::Part& root, const FetchBody& item);

/// The fields that HEADER.FIELDS or HEADER.FIELDS.NOT selects, as they stand, then the empty line if the header has
/// one (RFC 9051 §6.4.5.1: it is included in all cases, if the header has it).
std::string filter_header(std::string_view header, const Section& section);

/// The range cut to the partial; starting beyond its end gives an empty range (RFC 9051 §6.4.5).
OctetRange clipped(OctetRange range, const std::optional<Partial>& partial);
/// The text cut to the partial.
std::string_view clipped(std::string_view text, const std::optional<Partial>& partial);

/// The octets of a part, and the encoding to undo; for BINARY the partial counts decoded octets.
struct BinaryPlan {
    OctetRange encoded;
    message::TransferEncoding encoding = message::TransferEncoding::seven_bit;
    /// Nothing has to be undone: the decoded size is encoded.length.
    bool identity = true;

    bool operator==(const BinaryPlan&) const = default;
};

/// Why BINARY cannot be answered.
enum class BinaryError : std::uint8_t {
    /// The part does not exist: NIL.
    no_such_part,
    /// NO [UNKNOWN-CTE] (RFC 3516 §4.3).
    unknown_encoding,
};

/// What to load for BINARY[...] and BINARY.SIZE[...].
Result<BinaryPlan, BinaryError> plan_binary(const message::Part& root, const std::vector<std::uint32_t>& part);

} // namespace tegami::imap
