// Files as the store needs them: written at an offset, synced, renamed, listed, locked.
//
// 1. Written octets may be lost, whole or in part and in any order, until sync() of their file succeeded.
// 2. A made, renamed or removed name may be lost until sync_directory() of its directory succeeded.
// 3. After a failed sync() the octets written since the last good one must be taken for lost.
// 4. Every call blocks. A File may be read from several threads at once; writes to one file come one after another.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::disk {

enum class ErrorCode : std::uint8_t {
    not_found,
    exists,
    locked,   ///< another open lock holds it
    no_space, ///< the disk or the quota is full
    io,       ///< everything else; `detail` has the system's words
};

struct Error {
    ErrorCode code;
    std::string detail; ///< what was done, to which path, and the system's words
};

template <class T = void>
using DiskResult = Result<T, Error>;

class File {
public:
    virtual ~File() = default;
    /// The octets from `offset`, fewer than `length` only at the end of the file.
    virtual DiskResult<std::string> read_at(std::uint64_t offset, std::size_t length) = 0;
    /// Writes the pieces one after another from `offset`, growing the file as needed. After an error any part may
    /// have been written.
    virtual DiskResult<> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) = 0;

    /// Like write_at(), for much that is not read again at once: keeps it out of the system's page cache where the file
    /// system can do that.
    virtual DiskResult<> write_past_cache(std::uint64_t offset, std::span<const std::string_view> pieces) {
        return write_at(offset, pieces);
    }

    /// Makes the content (and the size) durable.
    virtual DiskResult<> sync() = 0;
    virtual DiskResult<> truncate(std::uint64_t size) = 0;
    virtual DiskResult<std::uint64_t> size() = 0;
};

/// Holds a lock until it is destroyed.
class Lock {
public:
    virtual ~Lock() = default;
};

class FileSystem {
public:
    virtual ~FileSystem() = default;
    /// Opens for reading and writing; `create` makes a new file and fails with `exists` if there is one.
    virtual DiskResult<std::unique_ptr<File>> create(const std::string& path) = 0;
    virtual DiskResult<std::unique_ptr<File>> open(const std::string& path) = 0;
    virtual DiskResult<std::unique_ptr<File>> open_read_only(const std::string& path) = 0;
    /// A file without a name, in the space of `directory`; gone with its File.
    virtual DiskResult<std::unique_ptr<File>> temporary(const std::string& directory) = 0;

    /// Makes the directory and those above it; it may be there already.
    virtual DiskResult<> make_directory(const std::string& path) = 0;
    virtual DiskResult<> sync_directory(const std::string& path) = 0;
    /// The names in a directory, sorted, without "." and "..".
    virtual DiskResult<std::vector<std::string>> list(const std::string& directory) = 0;
    /// Replaces `to` if it is there.
    virtual DiskResult<> rename(const std::string& from, const std::string& to) = 0;
    virtual DiskResult<> remove(const std::string& path) = 0;
    /// Takes the lock that the file at `path` (made if missing) stands for; error `locked` if it is taken.
    virtual DiskResult<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
    /// Octets that may still be written in the file system of `directory`.
    virtual DiskResult<std::uint64_t> free_bytes(const std::string& directory) = 0;
};

} // namespace tegami::disk
