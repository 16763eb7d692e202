#include "index/state.h"

#include "store/record_coding.h"

#include <algorithm>
#include <bit>

namespace tegami::index {

namespace {

constexpr std::size_t kJoined = 4;

void append_layer(std::string& out, const LayerState& layer) {
    bytes::append_varint(out, layer.next_email);
    bytes::append_varint(out, layer.segments.size());
    for (const Segment& segment : layer.segments)
        for (const std::uint64_t number : {std::uint64_t{segment.id.value}, std::uint64_t{segment.first},
                                           std::uint64_t{segment.end}, std::uint64_t{segment.emails}, segment.terms,
                                           segment.pages[0], segment.pages[1], segment.pages[2], segment.bytes})
            bytes::append_varint(out, number);
}

LayerState read_layer(bytes::Reader& in, SegmentId next_segment) {
    LayerState layer;
    layer.next_email = store::record::read32(in);
    const std::uint64_t count = in.varint();
    for (std::uint64_t at = 0; at < count && !in.failed(); ++at) {
        Segment segment;
        segment.id = SegmentId(store::record::read32(in));
        segment.first = store::record::read32(in);
        segment.end = store::record::read32(in);
        segment.emails = store::record::read32(in);
        segment.terms = in.varint();
        for (std::uint64_t& pages : segment.pages)
            pages = in.varint();
        segment.bytes = in.varint();
        const std::uint32_t least = layer.segments.empty() ? 0 : layer.segments.back().end;
        if (segment.first < least || segment.end <= segment.first || segment.end > layer.next_email ||
            segment.id >= next_segment)
            in.fail();
        layer.segments.push_back(segment);
    }
    return layer;
}

/// 0 for one email, 1 for up to 7, 2 for up to 31 and so on.
unsigned kind_of(const Segment& segment) {
    return static_cast<unsigned>(std::bit_width(segment.span())) / 2;
}

} // namespace

std::uint64_t Segment::pages_with(FieldMask fields) const {
    std::uint64_t sum = 0;
    for (const Dictionary dictionary : kDictionaries)
        if ((fields_of(dictionary) & fields) != 0) sum += pages[static_cast<std::size_t>(dictionary)];
    return sum;
}

std::uint64_t IndexState::bytes() const {
    std::uint64_t sum = 0;
    for (const Layer layer : kLayers)
        for (const Segment& segment : of(layer).segments)
            sum += segment.bytes;
    return sum;
}

bool IndexState::has(const Segment& segment) const {
    return std::ranges::any_of(kLayers, [&](Layer layer) {
        return std::ranges::find(of(layer).segments, segment) != of(layer).segments.end();
    });
}

store::Domain index_domain(store::AccountId account) {
    return {store::DomainKind::text_index, account.value};
}

std::string state_key() {
    return "A";
}

std::string encode_state(const IndexState& state) {
    std::string out = store::record::begin_value();
    bytes::append_varint(out, state.terms_version);
    bytes::append_varint(out, state.account_version.value);
    bytes::append_varint(out, state.next_segment.value);
    append_layer(out, state.messages);
    bytes::append_varint(out, state.formats);
    append_layer(out, state.attachments);
    bytes::append_big_endian(out, bytes::crc32c(out));
    return out;
}

std::optional<IndexState> decode_state(std::string_view value) {
    if (value.size() < 4) return std::nullopt;
    const std::string_view body = value.substr(0, value.size() - 4);
    bytes::Reader checksum(value.substr(body.size()));
    if (checksum.big_endian<std::uint32_t>() != bytes::crc32c(body)) return std::nullopt;
    bytes::Reader in = store::record::open_value(body);
    IndexState state;
    state.terms_version = store::record::read32(in);
    state.account_version = store::Version(in.varint());
    state.next_segment = SegmentId(store::record::read32(in));
    state.messages = read_layer(in, state.next_segment);
    state.formats = static_cast<extraction::Formats>(in.varint());
    state.attachments = read_layer(in, state.next_segment);
    if (!in.complete()) return std::nullopt;
    return state;
}

std::size_t segments_to_join(const LayerState& layer, std::uint32_t emails_max) {
    std::size_t join = 0;
    unsigned kind = 0;
    std::size_t count = 0;
    for (auto at = layer.segments.rbegin(); at != layer.segments.rend(); ++at) {
        const std::uint64_t span = std::uint64_t{layer.segments.back().end} - at->first;
        if (span > emails_max) break;
        kind = std::max(kind, kind_of(*at));
        ++count;
        // All of those behind the first of this kind go with it.
        const auto of_kind =
            std::ranges::count_if(layer.segments.end() - static_cast<std::ptrdiff_t>(count), layer.segments.end(),
                                  [&](const Segment& segment) { return kind_of(segment) == kind; });
        if (static_cast<std::size_t>(of_kind) >= kJoined) join = count;
    }
    return join;
}

} // namespace tegami::index
