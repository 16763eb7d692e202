#include "store/engine/rocks_keys.h"

#include "base/bytes.h"
#include "store/engine/segment_format.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store::rocks {

namespace {

constexpr std::uint8_t kPlaceRow = 0;
constexpr std::uint8_t kPlaceSegment = 1;

std::string with_blob(char prefix, BlobId blob) {
    std::string key(1, prefix);
    key.append(blob.octets.begin(), blob.octets.end());
    return key;
}

} // namespace

std::string domain_prefix(Domain domain) {
    std::string prefix(1, static_cast<char>(domain.kind));
    bytes::append_big_endian(prefix, domain.id);
    return prefix;
}

std::string domain_end(Domain domain) {
    return prefix_end(domain_prefix(domain));
}

std::string row_key(Domain domain, std::string_view key) {
    return domain_prefix(domain).append(key);
}

std::string version_key(Domain domain) {
    return kVersionPrefix + domain_prefix(domain);
}

std::string blob_key(BlobId blob) {
    return with_blob(kBlobPrefix, blob);
}

std::string reference_key(BlobId blob, std::string_view tag) {
    return with_blob(kReferencePrefix, blob).append(tag);
}

std::string candidate_key(BlobId blob) {
    return with_blob(kCandidatePrefix, blob);
}

std::string segment_key(std::uint64_t number) {
    std::string key(1, kSegmentPrefix);
    bytes::append_big_endian(key, number);
    return key;
}

std::string prefix_end(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff)
        prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

std::string encode_number(std::uint64_t number) {
    std::string value;
    bytes::append_big_endian(value, number);
    return value;
}

std::optional<std::uint64_t> decode_number(std::string_view value) {
    bytes::Reader reader(value);
    const auto number = reader.big_endian<std::uint64_t>();
    if (!reader.complete()) return std::nullopt;
    return number;
}

std::string encode_index(const IndexRecord& record) {
    std::string value;
    if (record.record) {
        value.push_back(static_cast<char>(kPlaceRow));
        return value += *record.record;
    }
    value.push_back(static_cast<char>(kPlaceSegment));
    for (const std::uint64_t number : {record.at.segment, record.at.offset, record.at.record_bytes,
                                       std::uint64_t{record.ref.card_size}, record.ref.size})
        bytes::append_varint(value, number);
    return value;
}

std::optional<IndexRecord> decode_index(BlobId blob, std::string_view value) {
    bytes::Reader reader(value);
    const auto place = reader.big_endian<std::uint8_t>();
    if (place == kPlaceRow) {
        // Only what the row itself says; the record is checked when it is read.
        return IndexRecord{.ref = {.id = blob}, .record = std::make_shared<const std::string>(reader.rest())};
    }
    IndexRecord record{.ref = {.id = blob}};
    record.at.segment = reader.varint();
    record.at.offset = reader.varint();
    record.at.record_bytes = reader.varint();
    const std::uint64_t card_size = reader.varint();
    record.ref.size = reader.varint();
    if (place != kPlaceSegment || !reader.complete() || card_size > segment::kCardBytesMax) return std::nullopt;
    record.ref.card_size = static_cast<std::uint32_t>(card_size);
    return record;
}

std::string encode_schema(SchemaMark mark) {
    std::string value;
    bytes::append_big_endian(value, mark.version);
    value.push_back(mark.complete ? 1 : 0);
    return value;
}

std::optional<SchemaMark> decode_schema(std::string_view value) {
    bytes::Reader in(value);
    SchemaMark mark;
    mark.version = in.big_endian<std::uint32_t>();
    // Schemas 1 and 2 had no more than the number.
    const auto complete = value.size() == 4 ? std::uint8_t{1} : in.big_endian<std::uint8_t>();
    mark.complete = complete != 0;
    if (!in.complete() || complete > 1) return std::nullopt;
    return mark;
}

std::string encode_use(const SegmentUse& use) {
    std::string value;
    bytes::append_varint(value, use.end);
    bytes::append_varint(value, use.live);
    return value;
}

std::optional<SegmentUse> decode_use(std::string_view value) {
    bytes::Reader reader(value);
    SegmentUse use;
    use.end = reader.varint();
    use.live = reader.varint();
    if (!reader.complete()) return std::nullopt;
    return use;
}

std::optional<Domain> domain_of_version_key(std::string_view key) {
    bytes::Reader reader(key);
    reader.take(1);
    Domain domain{static_cast<DomainKind>(reader.big_endian<std::uint8_t>())};
    domain.id = reader.big_endian<std::uint64_t>();
    if (!reader.complete()) return std::nullopt;
    return domain;
}

std::optional<BlobId> blob_of_key(std::string_view key) {
    BlobId blob;
    if (key.size() < 1 + blob.octets.size()) return std::nullopt;
    std::ranges::copy(key.substr(1, blob.octets.size()), blob.octets.begin());
    return blob;
}

std::string text_of(BlobId blob) {
    std::string text;
    for (const std::uint8_t octet : blob.octets)
        text += fmt::format("{:02x}", octet);
    return text;
}

} // namespace tegami::store::rocks
