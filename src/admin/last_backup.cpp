#include "admin/last_backup.h"

#include "base/ascii.h"
#include "disk/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace tegami::admin {

namespace {

/// Limit: a moment and a path.
constexpr std::size_t kLastBackupBytesMax = 8192;
/// Limit: any later moment, in seconds, would not fit into a Timestamp.
constexpr std::uint64_t kLatest = 1ULL << 42;

std::string last_backup_file(const std::string& data_directory) {
    return data_directory + "/last-backup";
}

std::string checkups_file(const std::string& data_directory) {
    return data_directory + "/backup-checks";
}

std::int64_t seconds_of(Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// In place of the file that is there.
Result<void, std::string> replace_file(const std::string& file, const std::string& text) {
    std::error_code error;
    std::filesystem::remove(file + ".new", error);
    TRY_VOID(disk::create_file(file + ".new", text, 0600));
    std::filesystem::rename(file + ".new", file, error);
    if (error) return failure(error.message());
    return {};
}

} // namespace

std::optional<LastBackup> read_last_backup(const std::string& data_directory) {
    const auto text = disk::read_file(last_backup_file(data_directory), kLastBackupBytesMax);
    if (!text || !text->ends_with('\n')) return std::nullopt;
    const std::size_t space = text->find(' ');
    const auto moment = ascii::parse_number<std::uint64_t>(text->substr(0, space));
    if (space == std::string::npos || !moment || *moment > kLatest) return std::nullopt;
    return LastBackup{.time = Timestamp(std::chrono::seconds(*moment)),
                      .folder = text->substr(space + 1, text->size() - space - 2)};
}

Result<void, std::string> write_last_backup(const std::string& data_directory, const LastBackup& backup) {
    return replace_file(last_backup_file(data_directory),
                        fmt::format("{} {}\n", seconds_of(backup.time), backup.folder));
}

std::map<std::string, BackupCheckup> read_checkups(const std::string& data_directory) {
    std::map<std::string, BackupCheckup> checkups;
    const auto text = disk::read_file(checkups_file(data_directory), kCheckupsMax * kLastBackupBytesMax);
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        const std::size_t first = line.find(' ');
        const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
        if (second == std::string_view::npos) continue;
        const auto moment = ascii::parse_number<std::uint64_t>(line.substr(0, first));
        const auto problems = ascii::parse_number<std::uint64_t>(line.substr(first + 1, second - first - 1));
        if (!moment || *moment > kLatest || !problems) continue;
        checkups[std::string(line.substr(second + 1))] = {.time = Timestamp(std::chrono::seconds(*moment)),
                                                          .problems = *problems};
    }
    return checkups;
}

Result<void, std::string> write_checkups(const std::string& data_directory,
                                         std::map<std::string, BackupCheckup> checkups) {
    while (checkups.size() > kCheckupsMax)
        checkups.erase(std::ranges::min_element(checkups, {}, [](const auto& each) { return each.second.time; }));
    std::string text;
    for (const auto& [folder, checkup] : checkups)
        if (!folder.contains('\n'))
            text += fmt::format("{} {} {}\n", seconds_of(checkup.time), checkup.problems, folder);
    return replace_file(checkups_file(data_directory), text);
}

} // namespace tegami::admin
