// The segment files of docs/formats/segments.md: appending in groups, reading parts, walking, removing.
//
// 1. append() returns only after what it wrote is synced; on error none of it counts.
// 2. append(), remove() and start-up are one thread's; reading and walking any thread's. All calls block.
// 3. Open file handles are bounded.
// It does not know which records are alive.
#pragma once

#include "disk/file_system.h"
#include "store/engine/blob_builder.h"
#include "store/engine/engine.h"
#include "store/engine/segment_record.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace tegami::store {

/// Where a record lies.
struct Location {
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;
    std::uint64_t record_bytes = 0;
    bool operator==(const Location&) const = default;
};

struct SegmentOptions {
    std::uint64_t segment_bytes_max = 256u << 20;
    std::size_t open_files_max = 64;
};

class Segments {
public:
    /// Opens the directory (made if missing). `ends` says of each segment how far records in it are known to be synced;
    /// the last one is cut after its last whole record beyond that.
    static StoreResult<std::unique_ptr<Segments>> open(disk::FileSystem& disk, std::string directory,
                                                       SegmentOptions options,
                                                       const std::map<std::uint64_t, std::uint64_t>& ends);
    /// For reading alone: the segments are these files, by number. Nothing else may be called than reading.
    static std::unique_ptr<Segments> of_files(disk::FileSystem& disk, std::map<std::uint64_t, std::string> files);

    /// Writes the records one after another and syncs. Errors: no_space, unavailable.
    StoreResult<std::vector<Location>> append(std::span<const PreparedBlob* const> blobs);

    /// Octets of the content. Errors: not_found (the segment is gone), damaged, unavailable.
    StoreResult<std::string> read_content(Location at, BlobId id, std::uint64_t offset, std::uint64_t length);
    /// As Engine::read_starts().
    StoreResult<BlobStart> read_start(Location at, BlobId id, std::uint64_t length);
    /// The record as it lies there, after checking every checksum in it.
    StoreResult<std::string> read_record(Location at, BlobId id);

    struct Entry {
        BlobId id;
        Location at;
    };

    /// The records of a segment between `offset` (0: the first) and `end`, at most `count_max`; empty at the end. Reads
    /// headers only. Beyond what the index knows, a segment that was given up may hold anything.
    StoreResult<std::vector<Entry>> walk(std::uint64_t number, std::uint64_t offset, std::uint64_t end,
                                         std::size_t count_max);

    std::vector<std::uint64_t> numbers() const;
    StoreResult<std::uint64_t> size(std::uint64_t number);

    /// The segment that append() writes to next; it must not be removed. None if the next append begins one.
    std::uint64_t open_number() const { return open_number_; }

    StoreResult<> remove(std::uint64_t number);

    const std::string& directory() const { return directory_; }

private:
    using Handle = std::shared_ptr<disk::File>;

    Segments(disk::FileSystem& disk, std::string directory, SegmentOptions options)
        : disk_(disk), directory_(std::move(directory)), options_(options) {}

    std::string path(std::uint64_t number) const;
    StoreResult<> recover_last(std::uint64_t known_end);
    StoreResult<> begin_segment();
    StoreResult<std::vector<Location>> write_all(std::span<const PreparedBlob* const> blobs);
    StoreResult<> copy_spilled(const PreparedBlob& blob, std::uint64_t offset);
    StoreResult<std::vector<Location>> give_up(Error error, bool synced);
    StoreResult<Handle> handle(std::uint64_t number);
    StoreResult<segment::RecordSource> record(Location at, segment::RecordSource::Wanted wanted);

    disk::FileSystem& disk_;
    const std::string directory_;
    const SegmentOptions options_;
    std::optional<std::map<std::uint64_t, std::string>> files_; ///< instead of the names in the directory

    std::unique_ptr<disk::File> open_file_; ///< none: the next append begins a segment
    std::atomic<std::uint64_t> open_number_ = 0;
    std::uint64_t end_ = 0; ///< of the open segment
    std::uint64_t last_number_ = 0;

    mutable std::mutex mutex_; ///< for what follows
    std::vector<std::uint64_t> numbers_;
    std::list<std::uint64_t> recent_; ///< most recently used handle first
    std::unordered_map<std::uint64_t, std::pair<Handle, std::list<std::uint64_t>::iterator>> handles_;
};

/// Parts of a record that is in memory as a whole.
StoreResult<std::string> content_of_record(std::string_view record, BlobId id, std::uint64_t offset,
                                           std::uint64_t length);
StoreResult<std::string> card_of_record(std::string_view record, BlobId id);
StoreResult<BlobStart> start_of_record(std::string_view record, BlobId id, std::uint64_t length);

/// Reads the records of a segment's file in [begin, end), where a record begins at `begin`; calls `damaged` for each
/// that does not match its checksums. Where a header cannot be read the walk ends: where the next record begins is not
/// known.
StoreResult<> check_records(const std::shared_ptr<disk::File>& file, std::uint64_t begin, std::uint64_t end,
                            const std::function<void(std::uint64_t at, const std::string& why)>& damaged);

} // namespace tegami::store
