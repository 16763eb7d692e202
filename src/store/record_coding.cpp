#include "store/record_coding.h"

#include <algorithm>

namespace tegami::store::record {

using bytes::append_big_endian;
using bytes::append_varint;
using bytes::Reader;

std::string begin_value() {
    return {static_cast<char>(kFormat)};
}

Reader open_value(std::string_view value) {
    Reader reader(value);
    if (reader.big_endian<std::uint8_t>() != kFormat) reader.fail();
    return reader;
}

void append_time(std::string& out, Timestamp time) {
    append_big_endian(out, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

Timestamp read_time(Reader& in) {
    return Timestamp(Duration(static_cast<std::int64_t>(in.big_endian<std::uint64_t>())));
}

void append_zone(std::string& out, std::chrono::minutes zone) {
    const auto minutes = static_cast<std::uint64_t>(zone.count() < 0 ? -zone.count() : zone.count());
    append_varint(out, 2 * minutes - (zone.count() < 0 ? 1 : 0));
}

std::chrono::minutes read_zone(Reader& in) {
    constexpr std::uint64_t kDayMinutes = 24 * 60;
    const std::uint64_t number = in.varint();
    const std::uint64_t minutes = number / 2 + number % 2;
    if (minutes >= kDayMinutes) {
        in.fail();
        return std::chrono::minutes(0);
    }
    const auto signed_minutes = static_cast<std::int64_t>(minutes);
    return std::chrono::minutes(number % 2 == 1 ? -signed_minutes : signed_minutes);
}

std::uint32_t read32(Reader& in) {
    const std::uint64_t number = in.varint();
    if (number > 0xffff'ffff) in.fail();
    return static_cast<std::uint32_t>(number);
}

void append_blob(std::string& out, const BlobRef& blob) {
    for (const std::uint8_t octet : blob.id.octets)
        out.push_back(static_cast<char>(octet));
    append_varint(out, blob.size);
    append_varint(out, blob.card_size);
}

BlobRef read_blob(Reader& in) {
    BlobRef blob;
    const std::string_view id = in.take(blob.id.octets.size());
    std::ranges::transform(id, blob.id.octets.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    blob.size = in.varint();
    blob.card_size = read32(in);
    return blob;
}

std::string behind(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xff')
        prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

std::uint32_t number32(std::string_view key, std::size_t at) {
    Reader in(key.substr(std::min(at, key.size())));
    return in.big_endian<std::uint32_t>();
}

std::uint64_t number64(std::string_view key, std::size_t at) {
    Reader in(key.substr(std::min(at, key.size())));
    return in.big_endian<std::uint64_t>();
}

} // namespace tegami::store::record
