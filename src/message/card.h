// The card: what is known about a message without reading it again, made once while it is delivered and stored in
// front of its octets. docs/formats/card.md describes the encoding.
//
// 1. Positions are those of the message as it is stored. Octets put in front of it shift them (put_in_front); in the
//    encoding they are relative to what lies around them, so that a front changes little.
// 2. encode_card and decode_card are inverse; decoding bad octets gives an error, never a crash, and no more memory
//    than a small multiple of the octets.
// 3. A reader of version n reads every released version up to n.
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
inline constexpr std::uint8_t kCardVersion = 2;

struct Card {
    std::uint64_t size = 0;
    std::uint64_t header_size = 0; ///< with the empty line
    std::uint64_t front_size = 0;  ///< octets at the beginning that we put there, part of the header
    std::string journey;           ///< names what happened to the message (store/journey.h); empty if nothing is kept
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

/// Makes it the card of the same message with `front` before it: whole header fields. What they say of the message
/// (Date, From, Message-ID) counts if its own header did not say it.
/// `front` must not be put in front of a message twice.
void put_in_front(std::string_view front, Card& card);

/// The card as octets.
std::string encode_card(const Card& card);

enum class CardError : std::uint8_t {
    unknown_version,
    malformed, ///< ends too early, has octets left, or says what cannot be
};

Result<Card, CardError> decode_card(std::string_view octets);

/// Which addresses of the header are read: of each field all, or the first one alone, by which messages are sorted.
enum class CardAddresses : std::uint8_t { all, first };

/// The card without `header_fields` and `root`, which stand last and take most of the time: octets behind the envelope are
/// not looked at.
Result<Card, CardError> decode_card_head(std::string_view octets, CardAddresses addresses = CardAddresses::all);

} // namespace tegami::message
