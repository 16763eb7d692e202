#include "store/engine/rocks_log.h"

#include "base/ascii.h"
#include "base/bytes.h"
#include "store/engine/rocks_database.h"

#include <rocksdb/env.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tegami::store::rocks {

namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kBatchHeaderBytes = 12; // sequence number and count of writes
/// Limit: writes that one damaged place may have taken.
constexpr std::uint64_t kWritesLostMax = 1u << 20;

enum class Fragment : std::uint8_t { full = 1, first = 2, middle = 3, last = 4 };

std::uint32_t little_endian(std::string_view octets, std::size_t count) {
    std::uint32_t number = 0;
    for (std::size_t i = count; i-- > 0;)
        number = number << 8 | static_cast<unsigned char>(octets[i]);
    return number;
}

/// The fragment that begins here, if the octets are one: checksum, length, kind, payload.
std::optional<std::string_view> fragment_at(std::string_view block, Fragment& kind) {
    if (block.size() < kHeaderBytes) return std::nullopt;
    const std::size_t length = little_endian(block.substr(4), 2);
    const auto type = static_cast<unsigned char>(block[6]);
    if (type < 1 || type > 4 || length > block.size() - kHeaderBytes) return std::nullopt;
    const std::uint32_t crc = bytes::crc32c(block.substr(6, 1 + length));
    const std::uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    if (masked != little_endian(block, 4)) return std::nullopt;
    kind = static_cast<Fragment>(type);
    return block.substr(kHeaderBytes, length);
}

std::optional<std::uint64_t> number_of(std::string_view name) {
    if (!name.ends_with(".log")) return std::nullopt;
    name.remove_suffix(4);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

/// The sizes of the logs when the store was closed; empty after a crash.
std::map<std::uint64_t, std::uint64_t> read_note(rocksdb::Env& env, const std::string& note) {
    std::map<std::uint64_t, std::uint64_t> sizes;
    std::string text;
    if (!rocksdb::ReadFileToString(&env, note, &text).ok()) return sizes;
    for (const std::string_view line : ascii::split(text, '\n')) {
        const std::size_t space = line.find(' ');
        const auto number = number_of(line.substr(0, space));
        if (!number || space == std::string_view::npos) continue;
        std::uint64_t size = 0;
        std::from_chars(line.data() + space + 1, line.data() + line.size(), size);
        sizes[*number] = size;
    }
    return sizes;
}

/// Joins fragments to records.
class Joiner {
public:
    Joiner(LogScan& scan, const std::function<void(std::string_view)>& take) : scan_(scan), take_(take) {}

    void add(Fragment kind, std::string_view payload) {
        if (kind == Fragment::full || kind == Fragment::first) {
            record_ = payload;
            open_ = true;
            known_ = false;
        } else if (open_) {
            record_ += payload;
        }
        if (!open_) return; // the rest of a record whose beginning is lost
        // A first fragment may be shorter than what tells a record.
        if (!known_ && record_.size() >= kBatchHeaderBytes) {
            known_ = open_ = is_next(record_);
            scan_.goes_on = scan_.goes_on || (known_ && scan_.first_bad);
        }
        if (known_ && (kind == Fragment::full || kind == Fragment::last)) finish();
    }

    void drop() { open_ = false; }

private:
    /// Behind damage, what looks like a record may be the text of a letter that was made to look so: only a batch that
    /// continues the count of writes is one.
    bool is_next(std::string_view payload) const {
        if (!scan_.first_bad || scan_.records == 0) return true;
        const std::uint64_t sequence = sequence_of(payload);
        return sequence >= next_sequence_ && sequence - next_sequence_ <= kWritesLostMax;
    }

    static std::uint64_t sequence_of(std::string_view batch) {
        return little_endian(batch, 4) | std::uint64_t{little_endian(batch.substr(4), 4)} << 32;
    }

    void finish() {
        open_ = false;
        ++scan_.records;
        next_sequence_ = sequence_of(record_) + little_endian(std::string_view(record_).substr(8), 4);
        take_(record_);
    }

    std::uint64_t next_sequence_ = 0;

    LogScan& scan_;
    const std::function<void(std::string_view)>& take_;
    std::string record_;
    bool open_ = false;
    bool known_ = false; ///< that it continues the count of writes
};

} // namespace

LogScan scan_log(std::string_view octets, const std::function<void(std::string_view batch)>& take) {
    LogScan scan;
    Joiner joiner(scan, take);
    for (std::size_t begin = 0; begin < octets.size(); begin += kBlockBytes) {
        const std::string_view block = octets.substr(begin, kBlockBytes);
        bool sound = true;
        for (std::size_t at = 0; at + kHeaderBytes <= block.size();) {
            Fragment kind{};
            if (const auto payload = fragment_at(block.substr(at), kind)) {
                joiner.add(kind, *payload);
                at += kHeaderBytes + payload->size();
                sound = true;
                continue;
            }
            if (sound) joiner.drop();
            sound = false;
            if (!scan.first_bad) scan.first_bad = begin + at;
            ++at; // looks for the next one octet by octet
        }
    }
    return scan;
}

StoreResult<std::map<std::uint64_t, std::string>> log_files(rocksdb::Env& env, const std::string& directory) {
    std::map<std::uint64_t, std::string> logs;
    std::vector<std::string> names;
    const rocksdb::Status listed = env.GetChildren(directory, &names);
    if (listed.IsNotFound() || listed.IsPathNotFound()) return logs;
    if (!listed.ok()) return failure(from_status(listed, "list " + directory));
    for (const std::string& name : names)
        if (const auto number = number_of(name)) logs.emplace(*number, directory + '/' + name);
    return logs;
}

StoreResult<std::vector<std::string>> log_damage(rocksdb::Env& env, const std::string& directory,
                                                 const std::string& note) {
    std::vector<std::string> damage;
    TRY(const auto logs, log_files(env, directory));
    std::map<std::uint64_t, std::uint64_t> noted = read_note(env, note);
    // A younger log than those noted: a program that does not know the note has had the store open since.
    if (!noted.empty() && !logs.empty() && logs.rbegin()->first > noted.rbegin()->first) noted.clear();
    for (const auto& [number, size] : noted) {
        const auto log = logs.find(number);
        std::uint64_t now = 0;
        if (log == logs.end())
            damage.push_back(fmt::format("the log {:06}.log is missing", number));
        else if (env.GetFileSize(log->second, &now).ok() && now < size)
            damage.push_back(
                fmt::format("the log {} had {} octets when the store was closed and has {}", log->second, size, now));
    }
    for (const auto& [number, path] : logs) {
        std::string octets;
        const rocksdb::Status read = rocksdb::ReadFileToString(&env, path, &octets);
        if (!read.ok()) return failure(from_status(read, "read " + path));
        const LogScan scan = scan_log(octets, [](std::string_view) {});
        if (scan.goes_on)
            damage.push_back(
                fmt::format("the log {} is damaged at offset {}, and commits follow that were acknowledged", path,
                            *scan.first_bad));
    }
    return damage;
}

StoreResult<> check_logs(rocksdb::Env& env, const std::string& directory, const std::string& note) {
    std::vector<std::string> names;
    if (env.GetChildren(directory, &names).ok() && std::ranges::find(names, "CURRENT") == names.end() &&
        std::ranges::any_of(names, [](const std::string& name) { return name.ends_with(".sst"); }))
        return failure(Error{ErrorCode::damaged, "there are tables in " + directory + " but no file CURRENT"});
    TRY(const std::vector<std::string> damage, log_damage(env, directory, note));
    if (!damage.empty()) return failure(Error{ErrorCode::damaged, damage.front()});
    return {};
}

void note_closed(disk::FileSystem& disk, rocksdb::Env& env, const std::string& directory, const std::string& store) {
    const auto logs = log_files(env, directory);
    if (!logs || logs->empty()) return;
    std::string text;
    for (const auto& [number, path] : *logs) {
        std::uint64_t size = 0;
        if (!env.GetFileSize(path, &size).ok()) return;
        text += fmt::format("{:06}.log {}\n", number, size);
    }
    static_cast<void>(disk.remove(closed_note(store)));
    auto file = disk.create(closed_note(store));
    if (!file) return;
    const std::string_view pieces[] = {text};
    // Without the note, or with a part of it, the next start knows less: no harm.
    if (!(*file)->write_at(0, pieces) || !(*file)->sync()) return;
    static_cast<void>(disk.sync_directory(store));
}

std::string closed_note(const std::string& store) {
    return store + "/CLOSED";
}

} // namespace tegami::store::rocks
