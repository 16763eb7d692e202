#include "store/engine/segment_format.h"

#include "base/assert.h"
#include "base/bytes.h"

#include <algorithm>
#include <array>

#include <lz4.h>

namespace tegami::store::segment {

namespace {

constexpr std::uint32_t kRecordMagic = 0x54474d52; // "TGMR"
constexpr std::uint32_t kCompressedBit = 1u << 31;

std::unexpected<Error> damaged(const char* what) {
    return failure(Error{ErrorCode::damaged, what});
}

} // namespace

std::size_t Header::card_blocks() const {
    return blocks_for(card_bytes);
}

std::size_t Header::front_blocks() const {
    return blocks_for(front_bytes);
}

std::size_t Header::header_bytes() const {
    return kFixedHeaderBytes + blocks.size() * kTableEntryBytes;
}

std::size_t blocks_for(std::uint64_t octets) {
    return static_cast<std::size_t>((octets + kBlockBytes - 1) / kBlockBytes);
}

std::size_t block_bytes(std::uint64_t part_bytes, std::size_t index) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, part_bytes - index * kBlockBytes));
}

StoredBlock store_block(std::string_view octets, int haste) {
    ASSERT(!octets.empty() && octets.size() <= kBlockBytes);
    std::array<char, kBlockBytes> compressed; // NOLINT(cppcoreguidelines-pro-type-member-init): written by LZ4
    // A destination one octet smaller than the source makes LZ4 give up when compression gains nothing.
    const int size = LZ4_compress_fast(octets.data(), compressed.data(), static_cast<int>(octets.size()),
                                       static_cast<int>(octets.size()) - 1, haste);
    StoredBlock block;
    block.entry.compressed = size > 0;
    if (size > 0)
        block.octets.assign(compressed.data(), static_cast<std::size_t>(size));
    else
        block.octets.assign(octets);
    block.entry.stored_bytes = static_cast<std::uint32_t>(block.octets.size());
    block.entry.crc = bytes::crc32c(block.octets);
    return block;
}

StoreResult<> restore_block(const BlockEntry& entry, std::string_view stored, std::size_t original_bytes,
                            std::string& out) {
    if (stored.size() != entry.stored_bytes) return damaged("block is cut off");
    if (bytes::crc32c(stored) != entry.crc) return damaged("block checksum");
    if (!entry.compressed) {
        if (stored.size() != original_bytes) return damaged("block size");
        out += stored;
        return {};
    }
    const std::size_t begin = out.size();
    int size = 0;
    out.resize_and_overwrite(begin + original_bytes, [&](char* octets, std::size_t all) {
        size = LZ4_decompress_safe(stored.data(), octets + begin, static_cast<int>(stored.size()),
                                   static_cast<int>(original_bytes));
        return size < 0 ? begin : std::min(all, begin + static_cast<std::size_t>(size));
    });
    if (size < 0 || static_cast<std::size_t>(size) != original_bytes) return damaged("block compression");
    return {};
}

std::string encode_header(Header& header) {
    header.record_bytes = header.header_bytes();
    for (const BlockEntry& block : header.blocks)
        header.record_bytes += block.stored_bytes;
    std::string covered;
    covered.reserve(header.header_bytes());
    bytes::append_big_endian(covered, header.record_bytes);
    covered.append(header.id.octets.begin(), header.id.octets.end());
    bytes::append_big_endian(covered, header.front_bytes);
    bytes::append_big_endian(covered, header.card_bytes);
    bytes::append_big_endian(covered, header.body_bytes);
    for (const BlockEntry& block : header.blocks) {
        bytes::append_big_endian(covered, block.stored_bytes | (block.compressed ? kCompressedBit : 0));
        bytes::append_big_endian(covered, block.crc);
    }
    std::string octets;
    octets.reserve(header.header_bytes());
    bytes::append_big_endian(octets, kRecordMagic);
    bytes::append_big_endian(octets, bytes::crc32c(covered));
    return octets += covered;
}

StoreResult<std::size_t> header_bytes(std::string_view fixed_header) {
    bytes::Reader reader(fixed_header);
    if (reader.big_endian<std::uint32_t>() != kRecordMagic) return damaged("no record here");
    reader.take(28);
    const auto front_bytes = reader.big_endian<std::uint32_t>();
    const auto card_bytes = reader.big_endian<std::uint32_t>();
    const auto body_bytes = reader.big_endian<std::uint64_t>();
    if (reader.failed()) return damaged("record header is cut off");
    if (front_bytes > kFrontBytesMax || card_bytes > kCardBytesMax || body_bytes > kContentBytesMax)
        return damaged("record sizes");
    const std::size_t blocks = blocks_for(card_bytes) + blocks_for(front_bytes) + blocks_for(body_bytes);
    return kFixedHeaderBytes + blocks * kTableEntryBytes;
}

StoreResult<Header> decode_header(std::string_view octets) {
    TRY(const std::size_t size, header_bytes(octets));
    if (octets.size() < size) return damaged("block table is cut off");
    bytes::Reader reader(octets.substr(4, size - 4));
    const auto crc = reader.big_endian<std::uint32_t>();
    if (bytes::crc32c(reader.rest()) != crc) return damaged("record header checksum");
    Header header;
    header.record_bytes = reader.big_endian<std::uint64_t>();
    std::ranges::copy(reader.take(header.id.octets.size()), header.id.octets.begin());
    header.front_bytes = reader.big_endian<std::uint32_t>();
    header.card_bytes = reader.big_endian<std::uint32_t>();
    header.body_bytes = reader.big_endian<std::uint64_t>();
    std::uint64_t total = size;
    while (!reader.rest().empty()) {
        const auto stored = reader.big_endian<std::uint32_t>();
        const BlockEntry entry{stored & ~kCompressedBit, (stored & kCompressedBit) != 0,
                               reader.big_endian<std::uint32_t>()};
        if (entry.stored_bytes > kBlockBytes) return damaged("block size");
        total += entry.stored_bytes;
        header.blocks.push_back(entry);
    }
    if (reader.failed() || total != header.record_bytes) return damaged("record length");
    return header;
}

} // namespace tegami::store::segment
