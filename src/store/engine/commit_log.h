// The log of LoggedMemoryEngine: one file of records, each whole or not there after a crash.
//
// 1. What write() wrote survives a power cut once sync() has returned without an error.
// 2. open() gives back the records up to the first that is torn, missing or out of sequence, and moves them to a new,
//    synced file: a file whose sync has failed looks good until the next crash, so it is never written to again.
// 3. After an error of write() nothing of it is there: it has been cut off, durably. If even that fails, or a sync has
//    failed, failed() is true and the log takes nothing more until it is opened again.
//
// Record: u32 length and u32 CRC-32C of the rest, u64 sequence number, octets. Big-endian.
#pragma once

#include "disk/file_system.h"
#include "store/types.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tegami::store {

class CommitLog {
public:
    using Replay = std::function<StoreResult<>(std::string_view octets)>;

    /// Hands every record to `replay`, oldest first. The directory exists.
    static StoreResult<std::unique_ptr<CommitLog>> open(disk::FileSystem& disk, std::string directory,
                                                        const Replay& replay);

    /// Adds a record to what the next write() writes.
    void add(std::string_view octets);
    /// Errors: no_space, unavailable.
    StoreResult<> write();
    StoreResult<> sync();

    bool failed() const { return file_ == nullptr; }

private:
    explicit CommitLog(disk::FileSystem& disk) : disk_(disk) {}

    StoreResult<std::string> read_old(const std::string& path, const Replay& replay);
    StoreResult<> begin_file(const std::string& directory, std::string_view records);

    disk::FileSystem& disk_;
    std::unique_ptr<disk::File> file_; ///< none: failed
    std::uint64_t end_ = 0;            ///< of what was written without an error
    std::uint64_t sequence_ = 0;       ///< of the last record
    std::string waiting_;
    std::uint64_t waiting_records_ = 0;
};

} // namespace tegami::store
