// Turns the octets of one blob into a record as they arrive, in bounded memory: full blocks are compressed at once and,
// above kBuilderMemoryBytesMax, wait in a temporary file without a name.
#pragma once

#include "disk/file_system.h"
#include "store/engine/segment_format.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

/// Stored octets that one builder holds in memory before it spills them.
inline constexpr std::size_t kBuilderMemoryBytesMax = 1u << 20;

/// The error of a disk in the words of the store.
Error from_disk(const disk::Error& error);

/// A record ready to be written: `head`, then `blocks`, or the first `spilled_bytes` of `spilled` between them.
struct PreparedBlob {
    BlobRef ref;
    std::string head; ///< header, table, blocks of the card and of the front
    std::unique_ptr<disk::File> spilled;
    std::uint64_t spilled_bytes = 0;
    std::vector<std::string> blocks; ///< blocks of the content that follow what was spilled
    std::uint64_t record_bytes = 0;

    /// The whole record; only if nothing was spilled.
    std::string joined() const;
};

class BlobBuilder {
public:
    /// Takes the octets as they are, if nothing is there that they would have to be copied behind.
    bool adopt(std::string& octets);
    /// Compresses as much of `octets` as memory allows and cuts it off its front. Does not block.
    StoreResult<> take(std::string_view& octets);

    bool must_spill() const { return memory_bytes_ > kBuilderMemoryBytesMax; }

    /// Moves the finished blocks to a temporary file in `directory`. Blocks.
    StoreResult<> spill(disk::FileSystem& disk, const std::string& directory);
    /// Ends the record. The builder is empty afterwards.
    StoreResult<PreparedBlob> finish(BlobId id, std::string_view card, std::string_view front);

private:
    static std::string add_blocks(std::string_view octets, segment::Header& header);
    void close_block(std::string_view octets);

    std::string tail_; ///< less than one block
    std::vector<segment::BlockEntry> entries_;
    std::vector<std::string> blocks_;
    std::size_t memory_bytes_ = 0;
    int haste_ = 1; ///< of the next block
    std::uint64_t content_bytes_ = 0;
    std::unique_ptr<disk::File> spilled_;
    std::uint64_t spilled_bytes_ = 0;
};

} // namespace tegami::store
