// Writes whole blocks of one file past the system's page cache (O_DIRECT). Measured: docs/decisions/0008.
//
// What was written so is on the disk, or in its cache, but not durable before the file's sync(). The kernel drops what the
// page cache has of these blocks, so whoever reads afterwards sees them.
#pragma once

#include "base/descriptor.h"
#include "disk/file_system.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::disk {

/// Offsets and lengths of direct writes are multiples of this: no disk of today has larger blocks.
inline constexpr std::uint64_t kBlockBytes = 4096;

constexpr std::uint64_t round_down(std::uint64_t offset) {
    return offset / kBlockBytes * kBlockBytes;
}

constexpr std::uint64_t round_up(std::uint64_t offset) {
    return round_down(offset + kBlockBytes - 1);
}

/// The octets from `begin` to `end` of all pieces together.
std::vector<std::string_view> octets_of(std::span<const std::string_view> pieces, std::uint64_t begin,
                                        std::uint64_t end);

class DirectWriter {
public:
    explicit DirectWriter(std::string path) : path_(std::move(path)) {}

    /// False if the file system cannot do it (some network and memory file systems): then write as ever.
    bool open();
    /// `offset` and the octets of all pieces together are whole blocks; after open() said true.
    DiskResult<> write(std::uint64_t offset, std::span<const std::string_view> pieces);

private:
    struct Free {
        void operator()(char* octets) const { std::free(octets); }
    };

    DiskResult<> write_buffer(std::uint64_t offset, std::size_t size);

    const std::string path_;
    std::optional<Descriptor> descriptor_; ///< once it was tried
    std::unique_ptr<char, Free> buffer_;   ///< at a block's border in memory too
};

} // namespace tegami::disk
