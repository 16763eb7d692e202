// The record form of blobs, as in docs/formats/segments.md: pure, no file in reach.
#pragma once

#include "store/types.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store::segment {

inline constexpr std::string_view kFileMagic{"TGMISEG\x01", 8};
inline constexpr std::size_t kBlockBytes = 64 * 1024;
inline constexpr std::size_t kFixedHeaderBytes = 48;
inline constexpr std::size_t kTableEntryBytes = 8;
/// Limit: a card describes one message; 16 MiB of structure is not a message.
inline constexpr std::uint32_t kCardBytesMax = 16u << 20;
/// Limit: fields that we put in front of one message.
inline constexpr std::uint32_t kFrontBytesMax = 1u << 20;
/// Limit: keeps the block table of one record below 8 MiB.
inline constexpr std::uint64_t kContentBytesMax = 64ull << 30;

struct BlockEntry {
    std::uint32_t stored_bytes = 0;
    bool compressed = false;
    std::uint32_t crc = 0;
};

/// A block as it is stored.
struct StoredBlock {
    BlockEntry entry;
    std::string octets;
};

struct Header {
    BlobId id;
    std::uint32_t card_bytes = 0;
    std::uint32_t front_bytes = 0;
    std::uint64_t body_bytes = 0; ///< what follows the front
    std::uint64_t record_bytes = 0;
    std::vector<BlockEntry> blocks; ///< of the card, the front, and the body

    /// What readers see: the front and the body.
    std::uint64_t content_bytes() const { return front_bytes + body_bytes; }

    std::size_t card_blocks() const;
    std::size_t front_blocks() const;
    /// Where the first block begins.
    std::size_t header_bytes() const;
};

/// How many blocks so many octets make.
std::size_t blocks_for(std::uint64_t octets);

/// Octets before compression of block `index` of `count`, of a part of `part_bytes`.
std::size_t block_bytes(std::uint64_t part_bytes, std::size_t index);

/// Compresses one block of at most kBlockBytes, unless that makes it larger. With more `haste` (LZ4's acceleration, from 1)
/// it looks less hard for what repeats.
StoredBlock store_block(std::string_view octets, int haste = 1);

/// Adds the block's octets to `out`, or `damaged`.
StoreResult<> restore_block(const BlockEntry& entry, std::string_view stored, std::size_t original_bytes,
                            std::string& out);

/// The header and block table; fills in the record's length.
std::string encode_header(Header& header);

/// Size of header and table that the octets (at least kFixedHeaderBytes) announce, or `damaged`.
StoreResult<std::size_t> header_bytes(std::string_view fixed_header);

/// Checks and decodes a header with its table; `octets` may be longer.
StoreResult<Header> decode_header(std::string_view octets);

} // namespace tegami::store::segment
