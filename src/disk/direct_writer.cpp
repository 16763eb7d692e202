#include "disk/direct_writer.h"

#include "base/assert.h"
#include "disk/system_error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tegami::disk {

namespace {

/// Octets that are copied together and written in one piece.
constexpr std::size_t kBufferBytes = 512 * 1024;

/// Kernels before 6.1 do not say what they want; then being opened so is enough.
bool takes_blocks(int descriptor) {
    struct statx status{};
    if (descriptor < 0 || ::statx(descriptor, "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) != 0) return false;
    if ((status.stx_mask & STATX_DIOALIGN) == 0) return true;
    const auto fits = [](std::uint32_t align) { return align > 0 && kBlockBytes % align == 0; };
    return fits(status.stx_dio_mem_align) && fits(status.stx_dio_offset_align);
}

} // namespace

std::vector<std::string_view> octets_of(std::span<const std::string_view> pieces, std::uint64_t begin,
                                        std::uint64_t end) {
    std::vector<std::string_view> part;
    std::uint64_t at = 0; // where the piece begins
    for (const std::string_view piece : pieces) {
        const std::uint64_t from = std::clamp(begin, at, at + piece.size()) - at;
        const std::uint64_t to = std::clamp(end, at, at + piece.size()) - at;
        if (from < to) part.push_back(piece.substr(from, to - from));
        at += piece.size();
    }
    return part;
}

bool DirectWriter::open() {
    if (!descriptor_) {
        Descriptor opened(::open(path_.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC));
        descriptor_.emplace(takes_blocks(opened.get()) ? std::move(opened) : Descriptor(-1));
    }
    return descriptor_->get() >= 0;
}

DiskResult<> DirectWriter::write(std::uint64_t offset, std::span<const std::string_view> pieces) {
    if (!buffer_) buffer_.reset(static_cast<char*>(std::aligned_alloc(kBlockBytes, kBufferBytes)));
    ASSERT(buffer_);
    std::size_t filled = 0;
    for (std::string_view piece : pieces) {
        while (!piece.empty()) {
            const std::size_t size = std::min(piece.size(), kBufferBytes - filled);
            std::memcpy(buffer_.get() + filled, piece.data(), size);
            piece.remove_prefix(size);
            filled += size;
            if (filled < kBufferBytes) continue;
            TRY_VOID(write_buffer(offset, filled));
            offset += filled;
            filled = 0;
        }
    }
    return write_buffer(offset, filled);
}

DiskResult<> DirectWriter::write_buffer(std::uint64_t offset, std::size_t size) {
    ASSERT(offset % kBlockBytes == 0 && size % kBlockBytes == 0);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t wrote =
            ::pwrite(descriptor_->get(), buffer_.get() + done, size - done, static_cast<off_t>(offset + done));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return system_error("write", path_);
        done += round_down(static_cast<std::uint64_t>(wrote)); // a part of a block is written once more
        if (round_down(static_cast<std::uint64_t>(wrote)) == 0) {
            errno = EIO;
            return system_error("write", path_);
        }
    }
    return {};
}

} // namespace tegami::disk
