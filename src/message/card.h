// The card: what is known about a message without reading it again, made once while it is delivered and stored in
// front of its octets. docs/formats/card.md describes the encoding.
//
// 1. encode_card and decode_card are inverse; decoding bad octets gives an error, never a crash, and no more memory
//    than a small multiple of the octets.
// 2. A reader of version n reads every version up to n.
#pragma once

#include "base/result.h"
#include "message/date.h"
#include "message/structure.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::message {

/// The version that encode_card writes.
inline constexpr std::uint8_t kCardVersion = 1;

struct Card {
    std::uint64_t size = 0;
    std::uint64_t header_size = 0; ///< with the empty line
    Envelope envelope;
    std::optional<DateTime> date;           ///< of the Date field, if it can be read
    std::optional<std::string> message_id;  ///< without brackets
    std::vector<std::string> in_reply_to;   ///< ids without brackets
    std::vector<std::string> references;    ///< ids without brackets
    std::vector<HeaderField> header_fields; ///< offsets into the message
    Part root;
    std::string preview; ///< UTF-8
    bool has_8bit_header = false;
    bool has_8bit_body = false;

    bool operator==(const Card&) const = default;
};

/// Makes the card of a message whose octets were parsed.
Card make_card(Structure structure);

/// The card as octets.
std::string encode_card(const Card& card);

enum class CardError : std::uint8_t {
    unknown_version,
    malformed, ///< ends too early, has octets left, or says what cannot be
};

Result<Card, CardError> decode_card(std::string_view octets);

} // namespace tegami::message
