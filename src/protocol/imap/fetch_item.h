// What a FETCH may ask for (RFC 9051 §6.4.5), as values, and the text of a section as it comes back in the answer.
#pragma once

#include "protocol/imap/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::imap {

/// Items without arguments. `body` is the non-extensible BODY, `body_structure` is BODYSTRUCTURE. `modseq` is of RFC 7162,
/// `email_id` and `thread_id` of RFC 8474, `save_date` of RFC 8514, `preview` of RFC 8970.
enum class FetchAttribute : std::uint8_t {
    envelope,
    flags,
    internal_date,
    rfc822_size,
    uid,
    body,
    body_structure,
    modseq,
    email_id,
    thread_id,
    save_date,
    preview,
};

/// What of a part is meant: section-text of RFC 9051 §9.
enum class SectionText : std::uint8_t { whole, header, header_fields, header_fields_not, text, mime };

/// The inside of BODY[...]: part numbers, then what of that part.
struct Section {
    std::vector<std::uint32_t> part;
    SectionText text = SectionText::whole;
    std::vector<std::string> fields;

    bool operator==(const Section&) const = default;
};

/// "<first.length>": octets from `first`, at most `length` (never 0).
struct Partial {
    std::uint64_t first = 0;
    std::uint64_t length = 0;

    bool operator==(const Partial&) const = default;
};

/// How the answer is labelled: three items are BODY[...] under older names (RFC 3501 §6.4.5).
enum class BodyLabel : std::uint8_t { body, rfc822, rfc822_header, rfc822_text };

/// BODY[...]; without `peek` it sets \Seen.
struct FetchBody {
    Section section;
    std::optional<Partial> partial;
    bool peek = false;
    BodyLabel label = BodyLabel::body;

    bool operator==(const FetchBody&) const = default;
};

/// BINARY[...] (RFC 9051 §6.4.5, RFC 3516): the part's body with its transfer encoding undone.
struct FetchBinary {
    std::vector<std::uint32_t> part;
    std::optional<Partial> partial;
    bool peek = false;

    bool operator==(const FetchBinary&) const = default;
};

/// BINARY.SIZE[...]: the size of what BINARY would send.
struct FetchBinarySize {
    std::vector<std::uint32_t> part;

    bool operator==(const FetchBinarySize&) const = default;
};

using FetchItem = std::variant<FetchAttribute, FetchBody, FetchBinary, FetchBinarySize>;

/// True if answering the item sets \Seen: BODY[...] and BINARY[...] without PEEK, and older names for such.
bool sets_seen(const FetchItem& item);

/// "1.2.HEADER.FIELDS (Subject)": the inside of the brackets.
std::string to_string(const Section& section);
/// "1.2" for a part's numbers.
std::string to_string(const std::vector<std::uint32_t>& part);
/// The item's name in the FETCH answer: "BODY[TEXT]<0>", "INTERNALDATE", "BINARY[1]".
std::string response_name(const FetchItem& item);

} // namespace tegami::imap
