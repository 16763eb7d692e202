// The MIME structure of a message (RFC 2045, RFC 2046) with exact offsets, found while the octets stream by.
//
// 1. Feeding a message in any pieces gives the same Structure; memory is bounded by the limits below, not by the
//    message; time is linear.
// 2. Every octet range lies inside its parent's body, and ranges of siblings do not overlap.
// 3. A part of kind `multipart` has at least one child, one of kind `message` exactly one. What cannot be so
//    (no boundary given, a limit reached, an enclosed message in base64 or quoted-printable) is presented as a leaf, its
//    content type changed to fit. Offsets into encoded octets would name no part, and decoding them here would let a
//    message grow with each layer; as application/octet-stream every mail program decodes it and keeps it whole.
// 4. Nothing is decoded here but the values of MIME fields.
#pragma once

#include "message/content_type.h"
#include "message/envelope.h"
#include "message/transfer_encoding.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: parts within parts.
inline constexpr std::size_t kNestingMax = 64;
/// Limit: parts of one message.
inline constexpr std::size_t kPartsMax = 4'096;
/// Limit: octets of field values kept for all parts of one message together; values beyond are left out.
inline constexpr std::size_t kStructureTextBytesMax = 2 * 1024 * 1024;
/// Limit: octets of a boundary. RFC 2046 §5.1.1 allows 70; longer ones exist.
inline constexpr std::size_t kBoundaryBytesMax = 500;
/// Octets of the first text kept for the preview, before decoding.
inline constexpr std::size_t kTextSampleBytesMax = 32 * 1024;

enum class PartKind : std::uint8_t { text, basic, multipart, message };

struct Part {
    PartKind kind = PartKind::text;
    std::uint64_t header_offset = 0;
    std::uint64_t header_length = 0; ///< with the empty line; BODY[n.MIME], BODY[HEADER]
    std::uint64_t body_offset = 0;
    std::uint64_t body_length = 0; ///< without the line end that belongs to the next delimiter
    std::uint64_t body_lines = 0;  ///< line ends in the body

    ContentType content_type;
    TransferEncoding encoding = TransferEncoding::seven_bit;
    std::string encoding_name; ///< upper case: of `encoding`, or as written if that is unknown
    std::optional<std::string> id;
    std::optional<std::string> description;
    std::optional<std::string> md5;
    std::optional<Disposition> disposition;
    std::vector<std::string> language;
    std::optional<std::string> location;

    /// Of the enclosed message, for kind `message`.
    std::optional<Envelope> envelope;
    /// multipart: its parts. message: the enclosed message, whose header_offset is this part's body_offset.
    std::vector<Part> children;

    std::uint64_t end() const { return body_offset + body_length; }

    bool operator==(const Part&) const = default;
};

/// The beginning of the first text part, undecoded: what a preview is made from.
struct TextSample {
    std::string bytes;
    ContentType content_type;
    TransferEncoding encoding = TransferEncoding::seven_bit;

    bool operator==(const TextSample&) const = default;
};

struct Structure {
    /// The message itself; header_offset is 0.
    Part root;
    /// Of the message itself.
    Envelope envelope;
    std::vector<HeaderField> header_fields;
    /// The first kHeaderBytesMax octets of the message's own header.
    std::string header_bytes;
    TextSample text_sample;
    std::uint64_t size = 0;
    /// A limit made parts or values be left out.
    bool limited = false;
    /// There are octets above 0x7f in a header: only SMTPUTF8 peers may get it (RFC 6532 §3).
    bool has_8bit_header = false;
    /// There are octets above 0x7f in a body: 8BITMIME is needed.
    bool has_8bit_body = false;

    bool operator==(const Structure&) const = default;
};

class StructureParser {
public:
    StructureParser();
    StructureParser(StructureParser&&) noexcept;
    StructureParser& operator=(StructureParser&&) noexcept;
    ~StructureParser();

    /// The next octets of the message, cut anywhere.
    void feed(std::string_view octets);
    /// What it holds, about: bounded whatever the message is.
    std::size_t memory_bytes() const;
    /// The message is complete. The parser must not be used after.
    Structure finish();

private:
    class Machine;
    std::unique_ptr<Machine> machine_;
};

/// The structure of a whole message.
Structure parse_structure(std::string_view message);

/// The part that IMAP names by these numbers (RFC 9051 §6.4.5.1): 1 is the body of a message without parts; numbers
/// go through enclosed messages. Empty numbers name the root. nullptr if there is none.
const Part* find_part(const Part& root, const std::vector<std::uint32_t>& numbers);

} // namespace tegami::message
