#include "disk/real.h"

#include "base/descriptor.h"
#include "disk/direct_writer.h"
#include "disk/system_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

namespace tegami::disk {

namespace {

constexpr mode_t kFileMode = 0600;      // mail is read by nobody but the server's user
constexpr mode_t kDirectoryMode = 0700; // likewise

class RealFile final : public File {
public:
    RealFile(Descriptor descriptor, std::string path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)), direct_(path_) {}

    DiskResult<std::string> read_at(std::uint64_t offset, std::size_t length) override {
        std::string octets;
        bool failed = false;
        octets.resize_and_overwrite(length, [&](char* into, std::size_t) {
            std::size_t done = 0;
            while (done < length) {
                const ssize_t got =
                    ::pread(descriptor_.get(), into + done, length - done, static_cast<off_t>(offset + done));
                if (got < 0 && errno == EINTR) continue;
                failed = got < 0;
                if (got <= 0) break;
                done += static_cast<std::size_t>(got);
            }
            return done;
        });
        if (failed) return system_error("read", path_);
        return octets;
    }

    DiskResult<> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
        std::vector<iovec> parts;
        parts.reserve(pieces.size());
        for (const std::string_view piece : pieces)
            if (!piece.empty()) parts.push_back({const_cast<char*>(piece.data()), piece.size()}); // pwritev only reads
        std::span<iovec> rest(parts);
        while (!rest.empty()) {
            const int count = static_cast<int>(std::min<std::size_t>(rest.size(), IOV_MAX));
            const ssize_t wrote = ::pwritev(descriptor_.get(), rest.data(), count, static_cast<off_t>(offset));
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) return system_error("write", path_);
            offset += static_cast<std::uint64_t>(wrote);
            rest = after(rest, static_cast<std::size_t>(wrote));
        }
        return {};
    }

    DiskResult<> write_past_cache(std::uint64_t offset, std::span<const std::string_view> pieces) override {
        std::uint64_t size = 0;
        for (const std::string_view piece : pieces)
            size += piece.size();
        const std::uint64_t begin = std::min(round_up(offset), offset + size);
        const std::uint64_t end = std::max(begin, round_down(offset + size));
        if (begin == end || !direct_.open()) return write_at(offset, pieces);
        // The ends that fill no block of the disk go through the cache, like the block that they share with others.
        TRY_VOID(write_at(offset, octets_of(pieces, 0, begin - offset)));
        TRY_VOID(direct_.write(begin, octets_of(pieces, begin - offset, end - offset)));
        return write_at(end, octets_of(pieces, end - offset, size));
    }

    DiskResult<> sync() override {
        if (::fdatasync(descriptor_.get()) != 0) return system_error("sync", path_);
        return {};
    }

    DiskResult<> truncate(std::uint64_t size) override {
        if (::ftruncate(descriptor_.get(), static_cast<off_t>(size)) != 0) return system_error("truncate", path_);
        return {};
    }

    DiskResult<std::uint64_t> size() override {
        struct stat status{};
        if (::fstat(descriptor_.get(), &status) != 0) return system_error("stat", path_);
        return static_cast<std::uint64_t>(status.st_size);
    }

private:
    /// What is left of the parts after `size` octets were written.
    static std::span<iovec> after(std::span<iovec> parts, std::size_t size) {
        while (!parts.empty() && size >= parts.front().iov_len) {
            size -= parts.front().iov_len;
            parts = parts.subspan(1);
        }
        if (!parts.empty() && size > 0) {
            parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + size;
            parts.front().iov_len -= size;
        }
        return parts;
    }

    const Descriptor descriptor_;
    const std::string path_;
    DirectWriter direct_;
};

class RealLock final : public Lock {
public:
    explicit RealLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

private:
    const Descriptor descriptor_; // closing it releases the lock
};

DiskResult<std::unique_ptr<File>> open_file(const std::string& path, int flags, std::string_view what) {
    Descriptor descriptor(::open(path.c_str(), flags | O_CLOEXEC, kFileMode));
    if (descriptor.get() < 0) return system_error(what, path);
    return std::make_unique<RealFile>(std::move(descriptor), path);
}

} // namespace

DiskResult<std::unique_ptr<File>> RealFileSystem::create(const std::string& path) {
    return open_file(path, O_RDWR | O_CREAT | O_EXCL, "create");
}

DiskResult<std::unique_ptr<File>> RealFileSystem::open(const std::string& path) {
    return open_file(path, O_RDWR, "open");
}

DiskResult<std::unique_ptr<File>> RealFileSystem::open_read_only(const std::string& path) {
    return open_file(path, O_RDONLY, "open");
}

DiskResult<std::unique_ptr<File>> RealFileSystem::temporary(const std::string& directory) {
    // Not O_TMPFILE: network and stacked file systems lack it. A crash between the two calls leaves an empty file.
    std::string path = directory + "/temporary.XXXXXX";
    Descriptor descriptor(::mkostemp(path.data(), O_CLOEXEC));
    if (descriptor.get() < 0) return system_error("make a temporary file in", directory);
    if (::unlink(path.c_str()) != 0) return system_error("remove the name of", path);
    return std::make_unique<RealFile>(std::move(descriptor), path);
}

DiskResult<> RealFileSystem::make_directory(const std::string& path) {
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        const std::string part = path.substr(0, slash);
        if (::mkdir(part.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return system_error("make directory", part);
        if (slash == std::string::npos) return {};
    }
}

DiskResult<> RealFileSystem::sync_directory(const std::string& path) {
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.get() < 0) return system_error("open directory", path);
    if (::fsync(descriptor.get()) != 0) return system_error("sync directory", path);
    return {};
}

DiskResult<std::vector<std::string>> RealFileSystem::list(const std::string& directory) {
    DIR* const stream = ::opendir(directory.c_str());
    if (stream == nullptr) return system_error("list", directory);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    const int number = errno;
    ::closedir(stream);
    errno = number;
    if (number != 0) return system_error("list", directory);
    std::ranges::sort(names);
    return names;
}

DiskResult<> RealFileSystem::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from);
    return {};
}

DiskResult<> RealFileSystem::remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0) return system_error("remove", path);
    return {};
}

DiskResult<std::unique_ptr<Lock>> RealFileSystem::lock(const std::string& path) {
    Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
    if (descriptor.get() < 0) return system_error("open lock", path);
    if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) return system_error("lock", path);
    return std::make_unique<RealLock>(std::move(descriptor));
}

DiskResult<std::uint64_t> RealFileSystem::free_bytes(const std::string& directory) {
    struct statvfs status{};
    if (::statvfs(directory.c_str(), &status) != 0) return system_error("ask for space in", directory);
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

} // namespace tegami::disk
