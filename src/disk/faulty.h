// A disk in memory that fails as disks do: the real one's twin for tests and simulation, repeatable from a seed.
//
// 1. crash() takes the disk back to what was synced, plus an arbitrary part of what was not: every un-synced write is
//    cut into sectors, each of which may have arrived or not; of the changes to a directory a prefix has arrived.
//    Files and locks that were open before a crash are dead: every call on them fails.
// 2. A failed sync loses the octets it should have saved: they can be read until the next crash, and no later sync
//    brings them back (what Linux does after EIO).
// 3. A failed write leaves a part of its octets behind.
// 4. cut_power() ends everything in the middle of a call: what that call was writing or syncing is as un-synced as what
//    came before it, and until crash() starts the machine again every call fails.
#pragma once

#include "base/random.h"
#include "disk/file_system.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace tegami::disk {

class FaultyFileSystem final : public FileSystem {
public:
    enum class Call : std::uint8_t { any, read, write, sync, name, open };

    explicit FaultyFileSystem(std::uint64_t seed);
    ~FaultyFileSystem() override;
    FaultyFileSystem(const FaultyFileSystem&) = delete;
    FaultyFileSystem& operator=(const FaultyFileSystem&) = delete;

    /// Pulls the plug and starts again.
    void crash();
    /// The `nth` call of this kind from now (1 is the next) fails with `code`.
    void fail(Call call, std::uint64_t nth, ErrorCode code);
    /// Every call of this kind fails from now on, until clear_failures().
    void fail_always(Call call, ErrorCode code);
    /// Forgets the failures and power cuts that have not happened.
    void clear_failures();
    /// The power goes during the `nth` call of this kind from now (1 is the next): `gone` is called once, inside that
    /// call, and may not touch the disk. Replaces an earlier cut; none of them outlives crash().
    void cut_power(Call call, std::uint64_t nth, std::function<void()> gone);
    /// The power goes now, between two calls.
    void cut_power();
    /// How many calls of this kind were made.
    std::uint64_t calls(Call call) const;
    /// The disk holds this many octets and no more.
    void set_capacity(std::uint64_t bytes);
    /// Turns one bit around, on the platter and in the cache; the file must be longer than `offset`.
    void rot(const std::string& path, std::uint64_t offset);

    DiskResult<std::unique_ptr<File>> create(const std::string& path) override;
    DiskResult<std::unique_ptr<File>> open(const std::string& path) override;
    DiskResult<std::unique_ptr<File>> open_read_only(const std::string& path) override;
    DiskResult<std::unique_ptr<File>> temporary(const std::string& directory) override;
    DiskResult<> make_directory(const std::string& path) override;
    DiskResult<> sync_directory(const std::string& path) override;
    DiskResult<std::vector<std::string>> list(const std::string& directory) override;
    DiskResult<> rename(const std::string& from, const std::string& to) override;
    DiskResult<> remove(const std::string& path) override;
    DiskResult<std::unique_ptr<Lock>> lock(const std::string& path) override;
    DiskResult<std::uint64_t> free_bytes(const std::string& directory) override;

private:
    class Disk;
    class OpenFile;
    class OpenLock;
    std::shared_ptr<Disk> disk_; ///< shared with open files
};

} // namespace tegami::disk
