#include "admin/last_backup.h"

#include "base/ascii.h"
#include "disk/files.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>

namespace tegami::admin {

namespace {

/// Limit: a moment and a path.
constexpr std::size_t kLastBackupBytesMax = 8192;

std::string last_backup_file(const std::string& data_directory) {
    return data_directory + "/last-backup";
}

} // namespace

std::optional<LastBackup> read_last_backup(const std::string& data_directory) {
    const auto text = disk::read_file(last_backup_file(data_directory), kLastBackupBytesMax);
    if (!text || !text->ends_with('\n')) return std::nullopt;
    const std::size_t space = text->find(' ');
    // Limit: any later moment would not fit into a Timestamp.
    constexpr std::uint64_t kLatest = 1ULL << 42;
    const auto moment = ascii::parse_number<std::uint64_t>(text->substr(0, space));
    if (space == std::string::npos || !moment || *moment > kLatest) return std::nullopt;
    return LastBackup{.time = Timestamp(std::chrono::seconds(*moment)),
                      .folder = text->substr(space + 1, text->size() - space - 2)};
}

Result<void, std::string> write_last_backup(const std::string& data_directory, const LastBackup& backup) {
    const std::string file = last_backup_file(data_directory);
    const auto moment = std::chrono::floor<std::chrono::seconds>(backup.time).time_since_epoch().count();
    std::error_code error;
    std::filesystem::remove(file + ".new", error);
    TRY_VOID(disk::create_file(file + ".new", fmt::format("{} {}\n", moment, backup.folder), 0600));
    std::filesystem::rename(file + ".new", file, error);
    if (error) return failure(error.message());
    return {};
}

} // namespace tegami::admin
