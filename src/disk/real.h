// The machine's disk through POSIX calls.
#pragma once

#include "disk/file_system.h"

namespace tegami::disk {

class RealFileSystem final : public FileSystem {
public:
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
};

} // namespace tegami::disk
