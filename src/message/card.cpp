// The encoding of docs/formats/card.md. Whoever changes one changes the other in the same commit, with the version.
#include "message/card.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "message/message_id.h"
#include "message/text.h"

#include <algorithm>
#include <array>
#include <span>

namespace tegami::message {
namespace {

constexpr std::uint8_t kHas8BitHeader = 1;
constexpr std::uint8_t kHas8BitBody = 2;
constexpr std::uint8_t kHasDate = 4;
constexpr std::uint8_t kZoneUnknown = 8;
constexpr std::uint8_t kFlagsKnown = 15;

/// Limit: nesting that decode_card follows; a StructureParser makes at most kNestingMax, and one level of text in a
/// multipart without delimiters.
constexpr std::size_t kDecodeNestingMax = kNestingMax + 2;

std::uint64_t zigzag(std::int64_t number) {
    return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}

std::int64_t unzigzag(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

class Encoder {
public:
    std::string encode(const Card& card) && {
        byte(kCardVersion);
        byte(static_cast<std::uint8_t>((card.has_8bit_header ? kHas8BitHeader : 0) |
                                       (card.has_8bit_body ? kHas8BitBody : 0) | (card.date ? kHasDate : 0) |
                                       (card.date && card.date->zone_unknown ? kZoneUnknown : 0)));
        number(card.size);
        number(card.header_size);
        number(card.front_size);
        string(card.journey);
        if (card.date) {
            number(zigzag(card.date->utc.time_since_epoch().count()));
            number(zigzag(card.date->offset.count()));
        }
        optional(card.message_id);
        strings(card.in_reply_to);
        strings(card.references);
        string(card.preview);
        envelope(card.envelope);
        fields(card.header_fields);
        part(card.root, 0);
        return std::move(out_);
    }

private:
    void byte(std::uint8_t value) { out_ += static_cast<char>(value); }

    void number(std::uint64_t value) { bytes::append_varint(out_, value); }

    void string(std::string_view value) { bytes::append_string(out_, value); }

    void optional(const std::optional<std::string>& value) {
        number(value ? value->size() + 1 : 0);
        if (value) out_ += *value;
    }

    void strings(const std::vector<std::string>& values) {
        number(values.size());
        for (const std::string& value : values)
            string(value);
    }

    void addresses(const std::vector<HeaderAddress>& list) {
        number(list.size());
        for (const HeaderAddress& address : list) {
            byte(static_cast<std::uint8_t>(address.kind));
            string(address.name);
            if (address.kind != HeaderAddress::Kind::mailbox) continue;
            string(address.route);
            string(address.local_part);
            string(address.domain);
        }
    }

    void envelope(const Envelope& values) {
        optional(values.date);
        optional(values.subject);
        for (const auto* list : {&values.from, &values.sender, &values.reply_to, &values.to, &values.cc, &values.bcc})
            addresses(*list);
        optional(values.in_reply_to);
        optional(values.message_id);
    }

    void fields(const std::vector<HeaderField>& list) {
        number(list.size());
        std::uint32_t end = 0;
        for (const HeaderField& field : list) {
            number(field.offset - end);
            number(field.length);
            number(field.name_length);
            number(field.value_offset - field.offset);
            number(field.value_length);
            end = field.offset + field.length;
        }
    }

    void parameters(const std::vector<Parameter>& list) {
        number(list.size());
        for (const Parameter& parameter : list) {
            string(parameter.name);
            string(parameter.value);
        }
    }

    void part(const Part& values, std::uint64_t parent_body) {
        byte(static_cast<std::uint8_t>(values.kind));
        number(values.header_offset - parent_body);
        number(values.header_length);
        number(values.body_length);
        number(values.body_lines);
        string(values.content_type.type);
        string(values.content_type.subtype);
        parameters(values.content_type.parameters);
        byte(static_cast<std::uint8_t>(values.encoding));
        string(values.encoding_name);
        for (const auto* value : {&values.id, &values.description, &values.md5, &values.location})
            optional(*value);
        byte(values.disposition ? 1 : 0);
        if (values.disposition) {
            string(values.disposition->type);
            parameters(values.disposition->parameters);
        }
        strings(values.language);
        if (values.kind == PartKind::message) envelope(values.envelope.value_or(Envelope{}));
        if (values.kind == PartKind::multipart) number(values.children.size());
        for (const Part& child : values.children)
            part(child, values.body_offset);
    }

    std::string out_;
};

/// Reads what Encoder wrote. After a fault the reader yields zeros and empty strings, and every list is short, so each
/// function may go on without looking.
class Decoder {
public:
    explicit Decoder(std::string_view octets, CardAddresses addresses = CardAddresses::all)
        : reader_(octets), addresses_(addresses) {}

    Result<Card, CardError> decode() && {
        TRY(Card card, head());
        card.header_fields = fields(card.header_size);
        card.root = part(0, card.size, 0);
        require(card.root.header_offset == 0 && card.root.header_length == card.header_size);
        if (!reader_.complete()) return failure(CardError::malformed);
        return card;
    }

    Result<Card, CardError> head() {
        TRY(Card card, beginning());
        card.message_id = optional();
        card.in_reply_to = strings();
        card.references = strings();
        card.preview = string();
        card.envelope = envelope();
        if (reader_.failed()) return failure(CardError::malformed);
        return card;
    }

    /// As far as the date.
    Result<Card, CardError> beginning() {
        const auto version = reader_.big_endian<std::uint8_t>();
        if (!reader_.failed() && version != kCardVersion) return failure(CardError::unknown_version);
        Card card;
        const auto flags = reader_.big_endian<std::uint8_t>();
        require((flags & ~kFlagsKnown) == 0 && ((flags & kHasDate) != 0 || (flags & kZoneUnknown) == 0));
        card.has_8bit_header = (flags & kHas8BitHeader) != 0;
        card.has_8bit_body = (flags & kHas8BitBody) != 0;
        card.size = reader_.varint();
        card.header_size = reader_.varint();
        require(card.header_size <= card.size);
        card.front_size = reader_.varint();
        require(card.front_size <= card.header_size);
        card.journey = string();
        if ((flags & kHasDate) != 0) card.date = date((flags & kZoneUnknown) != 0);
        if (reader_.failed()) return failure(CardError::malformed);
        return card;
    }

private:
    void require(bool holds) {
        if (!holds) reader_.fail();
    }

    std::string string() { return std::string(reader_.string()); }

    std::optional<std::string> optional() {
        const std::uint64_t length = reader_.varint();
        if (length == 0) return std::nullopt;
        return std::string(reader_.take(static_cast<std::size_t>(length - 1)));
    }

    /// The number of elements of a list; each takes at least `bytes_min` octets, so no more can follow than fit.
    std::uint64_t count(std::size_t bytes_min) {
        const std::uint64_t number = reader_.varint();
        require(number <= reader_.rest().size() / bytes_min);
        return reader_.failed() ? 0 : number;
    }

    std::vector<std::string> strings() {
        std::vector<std::string> values;
        for (std::uint64_t left = count(1); left > 0 && !reader_.failed(); --left)
            values.push_back(string());
        return values;
    }

    DateTime date(bool zone_unknown) {
        // Limit: the years that parse_date gives, with a day to either side for the zone.
        constexpr std::int64_t kSecondsMax = 400'000'000'000;
        constexpr std::int64_t kMinutesMax = 24 * 60;
        const std::int64_t seconds = unzigzag(reader_.varint());
        const std::int64_t minutes = unzigzag(reader_.varint());
        require(seconds > -kSecondsMax && seconds < kSecondsMax && minutes > -kMinutesMax && minutes < kMinutesMax);
        if (reader_.failed()) return {};
        return {std::chrono::sys_seconds(std::chrono::seconds(seconds)), std::chrono::minutes(minutes), zone_unknown};
    }

    std::vector<HeaderAddress> addresses() {
        std::vector<HeaderAddress> list;
        for (std::uint64_t left = count(2); left > 0 && !reader_.failed(); --left) {
            const auto kind = reader_.big_endian<std::uint8_t>();
            require(kind <= static_cast<std::uint8_t>(HeaderAddress::Kind::group_end));
            if (reader_.failed()) break;
            HeaderAddress address;
            address.kind = static_cast<HeaderAddress::Kind>(kind);
            std::array<std::string*, 4> texts{&address.name, &address.route, &address.local_part, &address.domain};
            const std::size_t count = address.kind == HeaderAddress::Kind::mailbox ? texts.size() : 1;
            const bool passed_over = addresses_ == CardAddresses::first && !list.empty();
            for (std::string* const text : std::span(texts).first(count)) {
                const std::string_view octets = reader_.string();
                if (!passed_over) *text = octets;
            }
            if (!passed_over) list.push_back(std::move(address));
        }
        return list;
    }

    Envelope envelope() {
        Envelope values;
        values.date = optional();
        values.subject = optional();
        for (auto* list : {&values.from, &values.sender, &values.reply_to, &values.to, &values.cc, &values.bcc})
            *list = addresses();
        values.in_reply_to = optional();
        values.message_id = optional();
        return values;
    }

    std::vector<HeaderField> fields(std::uint64_t header_size) {
        std::vector<HeaderField> list;
        std::uint64_t end = 0;
        for (std::uint64_t left = count(5); left > 0 && !reader_.failed(); --left) {
            const std::uint64_t gap = reader_.varint();
            const std::uint64_t length = reader_.varint();
            const std::uint64_t name_length = reader_.varint();
            const std::uint64_t value_start = reader_.varint();
            const std::uint64_t value_length = reader_.varint();
            require(gap <= header_size - end && length <= header_size - end - gap);
            require(value_start <= length && value_length <= length - value_start && name_length <= value_start);
            require(end + gap + length <= UINT32_MAX);
            if (reader_.failed()) break;
            HeaderField field;
            field.offset = static_cast<std::uint32_t>(end + gap);
            field.length = static_cast<std::uint32_t>(length);
            field.name_length = static_cast<std::uint32_t>(name_length);
            field.value_offset = field.offset + static_cast<std::uint32_t>(value_start);
            field.value_length = static_cast<std::uint32_t>(value_length);
            end = field.offset + length;
            list.push_back(field);
        }
        return list;
    }

    std::vector<Parameter> parameters() {
        std::vector<Parameter> list;
        for (std::uint64_t left = count(2); left > 0 && !reader_.failed(); --left) {
            std::string name = string();
            list.push_back({std::move(name), string()});
        }
        return list;
    }

    /// Reads where the part lies: from `start` (the parent's body) on, and nowhere beyond `end`.
    void place(Part& values, std::uint64_t start, std::uint64_t end) {
        const std::uint64_t offset = reader_.varint();
        values.header_length = reader_.varint();
        values.body_length = reader_.varint();
        values.body_lines = reader_.varint();
        const std::uint64_t room = end - start;
        require(offset <= room && values.header_length <= room - offset &&
                values.body_length <= room - offset - values.header_length && values.body_lines <= values.body_length);
        values.header_offset = start + offset;
        values.body_offset = values.header_offset + values.header_length;
    }

    void describe(Part& values) {
        values.content_type.type = string();
        values.content_type.subtype = string();
        values.content_type.parameters = parameters();
        const auto encoding = reader_.big_endian<std::uint8_t>();
        require(encoding <= static_cast<std::uint8_t>(TransferEncoding::unknown));
        if (!reader_.failed()) values.encoding = static_cast<TransferEncoding>(encoding);
        values.encoding_name = string();
        for (auto* value : {&values.id, &values.description, &values.md5, &values.location})
            *value = optional();
        const auto has_disposition = reader_.big_endian<std::uint8_t>();
        require(has_disposition <= 1);
        if (has_disposition == 1) {
            std::string type = string();
            values.disposition = Disposition{std::move(type), parameters()};
        }
        values.language = strings();
    }

    Part part(std::uint64_t start, std::uint64_t end, std::size_t depth) {
        Part values;
        require(depth <= kDecodeNestingMax);
        const auto kind = reader_.big_endian<std::uint8_t>();
        require(kind <= static_cast<std::uint8_t>(PartKind::message));
        if (reader_.failed()) return values;
        values.kind = static_cast<PartKind>(kind);
        place(values, start, end);
        describe(values);
        if (values.kind == PartKind::message) values.envelope = envelope();
        // A part takes at least 16 octets.
        constexpr std::size_t kPartBytesMin = 16;
        std::uint64_t children = values.kind == PartKind::message ? 1 : 0;
        if (values.kind == PartKind::multipart) {
            children = count(kPartBytesMin);
            require(children >= 1);
        }
        for (std::uint64_t left = children; left > 0 && !reader_.failed(); --left)
            values.children.push_back(part(values.body_offset, values.end(), depth + 1));
        return values;
    }

    bytes::Reader reader_;
    CardAddresses addresses_;
};

} // namespace

Card make_card(Structure structure) {
    Card card;
    const Header header(structure.header_bytes);
    card.size = structure.size;
    card.header_size = structure.root.header_length;
    if (structure.envelope.date) card.date = parse_date(*structure.envelope.date);
    if (structure.envelope.message_id) card.message_id = parse_message_id(*structure.envelope.message_id);
    if (structure.envelope.in_reply_to) card.in_reply_to = parse_message_ids(*structure.envelope.in_reply_to);
    if (const auto references = header.value("References")) card.references = parse_message_ids(*references);
    card.envelope = std::move(structure.envelope);
    card.header_fields = std::move(structure.header_fields);
    card.root = std::move(structure.root);
    card.preview = make_preview(structure.text_sample);
    card.has_8bit_header = structure.has_8bit_header;
    card.has_8bit_body = structure.has_8bit_body;
    return card;
}

namespace {

/// Moves everything in the part but its own beginning; `by` octets.
void shift_body(Part& part, std::uint64_t by) {
    part.body_offset += by;
    for (Part& child : part.children) {
        child.header_offset += by;
        shift_body(child, by);
    }
}

/// Takes from `front` what `own` lacks.
void complete(Envelope& own, Envelope front) {
    if (!own.date) own.date = std::move(front.date);
    if (!own.message_id) own.message_id = std::move(front.message_id);
    if (!own.from.empty()) return;
    own.from = std::move(front.from);
    if (own.sender.empty()) own.sender = own.from;
    if (own.reply_to.empty()) own.reply_to = own.from;
}

} // namespace

void put_in_front(std::string_view front, Card& card) {
    if (front.empty()) return;
    ASSERT(card.front_size == 0);
    const Header header(front);
    card.front_size = front.size();
    card.size += front.size();
    card.header_size += front.size();
    card.root.header_length += front.size();
    shift_body(card.root, front.size());
    std::vector<HeaderField> fields = header.fields();
    for (HeaderField& field : card.header_fields) {
        field.offset += static_cast<std::uint32_t>(front.size());
        field.value_offset += static_cast<std::uint32_t>(front.size());
    }
    fields.insert(fields.end(), card.header_fields.begin(), card.header_fields.end());
    card.header_fields = std::move(fields);
    card.has_8bit_header |= std::ranges::any_of(front, ascii::is_high);

    Envelope envelope = parse_envelope(header);
    if (!card.envelope.date && envelope.date) card.date = parse_date(*envelope.date);
    if (!card.envelope.message_id && envelope.message_id) card.message_id = parse_message_id(*envelope.message_id);
    complete(card.envelope, std::move(envelope));
}

std::string encode_card(const Card& card) {
    return Encoder().encode(card);
}

Result<Card, CardError> decode_card(std::string_view octets) {
    return Decoder(octets).decode();
}

Result<Card, CardError> decode_card_head(std::string_view octets, CardAddresses addresses) {
    return Decoder(octets, addresses).head();
}

} // namespace tegami::message
