#include "webauthn/cbor.h"

#include <cbor.h>

#include <limits>

namespace tegami::webauthn {

namespace {

using Kind = CborItem::Kind;

/// What the callbacks of one head leave; nothing: it is of no form that is read here.
using Decoded = std::optional<CborItem>;

void set(void* into, const CborItem& item) {
    *static_cast<Decoded*>(into) = item;
}

void set_number(void* into, std::uint64_t value) {
    if (value <= std::numeric_limits<std::int64_t>::max())
        set(into, {.kind = Kind::number, .number = static_cast<std::int64_t>(value)});
}

/// RFC 8949 §3.1: a negative number is kept as -1 less what is written.
void set_negative(void* into, std::uint64_t written) {
    if (written <= std::numeric_limits<std::int64_t>::max())
        set(into, {.kind = Kind::number, .number = -1 - static_cast<std::int64_t>(written)});
}

std::string_view view(cbor_data data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Where none is set, the head is none that is read here.
cbor_callbacks reading_callbacks() {
    cbor_callbacks callbacks = cbor_empty_callbacks;
    callbacks.uint8 = [](void* into, std::uint8_t value) { set_number(into, value); };
    callbacks.uint16 = [](void* into, std::uint16_t value) { set_number(into, value); };
    callbacks.uint32 = [](void* into, std::uint32_t value) { set_number(into, value); };
    callbacks.uint64 = [](void* into, std::uint64_t value) { set_number(into, value); };
    callbacks.negint8 = [](void* into, std::uint8_t value) { set_negative(into, value); };
    callbacks.negint16 = [](void* into, std::uint16_t value) { set_negative(into, value); };
    callbacks.negint32 = [](void* into, std::uint32_t value) { set_negative(into, value); };
    callbacks.negint64 = [](void* into, std::uint64_t value) { set_negative(into, value); };
    callbacks.byte_string = [](void* into, cbor_data data, std::size_t size) {
        set(into, {.kind = Kind::octets, .octets = view(data, size)});
    };
    callbacks.string = [](void* into, cbor_data data, std::size_t size) {
        set(into, {.kind = Kind::text, .octets = view(data, size)});
    };
    callbacks.array_start = [](void* into, std::size_t count) { set(into, {.kind = Kind::array, .count = count}); };
    callbacks.map_start = [](void* into, std::size_t count) { set(into, {.kind = Kind::map, .count = count}); };
    callbacks.float2 = [](void* into, float) { set(into, {}); };
    callbacks.float4 = [](void* into, float) { set(into, {}); };
    callbacks.float8 = [](void* into, double) { set(into, {}); };
    callbacks.null = [](void* into) { set(into, {}); };
    callbacks.undefined = [](void* into) { set(into, {}); };
    callbacks.boolean = [](void* into, bool) { set(into, {}); };
    return callbacks;
}

} // namespace

std::optional<CborItem> CborReader::next() {
    static const cbor_callbacks kCallbacks = reading_callbacks();
    Decoded decoded;
    if (failed_ || at_end()) return decoded;
    const std::string_view rest = octets_.substr(position_);
    const cbor_decoder_result result =
        cbor_stream_decode(reinterpret_cast<cbor_data>(rest.data()), rest.size(), &kCallbacks, &decoded);
    failed_ = result.status != CBOR_DECODER_FINISHED || !decoded;
    if (failed_) return std::nullopt;
    position_ += result.read;
    return decoded;
}

bool CborReader::skip() {
    std::uint64_t open = 1;
    for (; open > 0; --open) {
        const auto item = next();
        if (!item) return false;
        // Each item has an octet at least.
        const std::size_t left = octets_.size() - position_;
        failed_ = item->count > left;
        if (failed_) return false;
        open += item->kind == Kind::map ? 2 * item->count : item->count;
        failed_ = open > left + 1;
        if (failed_) return false;
    }
    return true;
}

std::optional<CborItem> CborReader::of_kind(CborItem::Kind kind) {
    const auto item = next();
    if (item && item->kind == kind) return item;
    failed_ = true;
    return std::nullopt;
}

std::optional<std::uint64_t> CborReader::map() {
    const auto item = of_kind(Kind::map);
    return item ? std::optional(item->count) : std::nullopt;
}

std::optional<std::int64_t> CborReader::number() {
    const auto item = of_kind(Kind::number);
    return item ? std::optional(item->number) : std::nullopt;
}

std::optional<std::string_view> CborReader::octets() {
    const auto item = of_kind(Kind::octets);
    return item ? std::optional(item->octets) : std::nullopt;
}

std::optional<std::string_view> CborReader::text() {
    const auto item = of_kind(Kind::text);
    return item ? std::optional(item->octets) : std::nullopt;
}

} // namespace tegami::webauthn
