#include "store/engine/backup_manifest.h"

#include "base/ascii.h"
#include "base/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace tegami::store {

namespace {

constexpr std::string_view kFormat = "tegami-backup ";
constexpr std::string_view kFormatVersion = "1";

std::unexpected<Error> damaged(std::string_view line) {
    return failure(
        Error{ErrorCode::damaged, fmt::format("a manifest of the backup is damaged: {}", ascii::printable(line))});
}

template <class Number>
bool read_number(std::string_view text, Number& number, int base = 10) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc{} && end == text.data() + text.size();
}

/// A name that stays in its folder.
bool is_file_name(std::string_view name) {
    return !name.empty() && !name.starts_with('.') && name.find('/') == std::string_view::npos;
}

std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

bool take_line(BackupPoint& point, std::string_view name, std::string_view rest) {
    const std::vector<std::string_view> words = ascii::split(rest, ' ');
    if (name == "time") {
        std::int64_t time = 0;
        const bool read = read_number(rest, time);
        point.time = Timestamp(Duration(time));
        return read;
    }
    if (name == "database")
        return words.size() == 2 && read_number(words[0], point.database) &&
               read_number(words[1], point.database_octets);
    if (name == "accounts") return read_number(rest, point.accounts);
    if (name == "file") {
        BackupFile& file = point.files.emplace_back();
        if (words.size() != 3 || !is_file_name(words[0])) return false;
        file.name = words[0];
        return read_number(words[1], file.octets) && read_number(words[2], file.crc, 16);
    }
    if (name == "segment") {
        BackupSegment& segment = point.segments.emplace_back();
        if (words.size() != 4 || !is_file_name(words[1])) return false;
        segment.file = words[1];
        return read_number(words[0], segment.number, 16) && read_number(words[2], segment.octets) &&
               read_number(words[3], segment.crc, 16);
    }
    if (name != "damaged") return false;
    point.damage.emplace_back(rest);
    return true;
}

} // namespace

std::uint64_t BackupPoint::octets() const {
    std::uint64_t sum = database_octets;
    for (const BackupSegment& segment : segments)
        sum += segment.octets;
    for (const BackupFile& file : files)
        sum += file.octets;
    return sum;
}

std::string encode_manifest(const BackupPoint& point) {
    std::string text =
        fmt::format("{}{}\ntime {}\ndatabase {} {}\naccounts {}\n", kFormat, kFormatVersion,
                    point.time.time_since_epoch().count(), point.database, point.database_octets, point.accounts);
    for (const BackupFile& file : point.files)
        text += fmt::format("file {} {} {:08x}\n", file.name, file.octets, file.crc);
    for (const BackupSegment& segment : point.segments)
        text +=
            fmt::format("segment {:016x} {} {} {:08x}\n", segment.number, segment.file, segment.octets, segment.crc);
    for (const std::string& sentence : point.damage)
        text += fmt::format("damaged {}\n", one_line(sentence));
    return text + fmt::format("end {:08x}\n", bytes::crc32c(text));
}

StoreResult<BackupPoint> decode_manifest(std::string_view octets) {
    const std::string_view first = octets.substr(0, octets.find('\n'));
    if (!first.starts_with(kFormat)) return damaged("its first line");
    if (first.substr(kFormat.size()) != kFormatVersion)
        return failure(Error{ErrorCode::invalid, "the backup was made by a newer program"});
    const std::size_t end = octets.rfind("end ");
    std::uint32_t crc = 0;
    if (end == std::string_view::npos || !octets.ends_with('\n') ||
        !read_number(octets.substr(end + 4, octets.size() - end - 5), crc, 16) ||
        crc != bytes::crc32c(octets.substr(0, end)))
        return damaged("its checksum does not match");
    BackupPoint point;
    std::string_view rest = octets.substr(first.size() + 1, end - first.size() - 1);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        const std::size_t gap = line.find(' ');
        if (gap == std::string_view::npos || !take_line(point, line.substr(0, gap), line.substr(gap + 1)))
            return damaged(line);
    }
    return point;
}

} // namespace tegami::store
