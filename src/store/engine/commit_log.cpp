#include "store/engine/commit_log.h"

#include "base/bytes.h"
#include "base/sabotage.h"
#include "store/engine/blob_builder.h"

namespace tegami::store {

namespace {

constexpr std::size_t kFrameBytes = 8;
constexpr std::size_t kSequenceBytes = 8;

} // namespace

StoreResult<std::unique_ptr<CommitLog>> CommitLog::open(disk::FileSystem& disk, std::string directory,
                                                        const Replay& replay) {
    std::unique_ptr<CommitLog> log(new CommitLog(disk));
    TRY(const std::string records, log->read_old(directory + "/log", replay));
    TRY_VOID(log->begin_file(directory, records));
    return log;
}

StoreResult<std::string> CommitLog::read_old(const std::string& path, const Replay& replay) {
    auto file = disk_.open_read_only(path);
    if (!file && file.error().code == disk::ErrorCode::not_found) return std::string{};
    if (!file) return failure(from_disk(file.error()));
    const auto size = (*file)->size();
    if (!size) return failure(from_disk(size.error()));
    auto octets = (*file)->read_at(0, static_cast<std::size_t>(*size));
    if (!octets) return failure(from_disk(octets.error()));
    std::size_t end = 0;
    for (;;) {
        bytes::Reader reader(std::string_view(*octets).substr(end));
        const auto length = reader.big_endian<std::uint32_t>();
        const auto crc = reader.big_endian<std::uint32_t>();
        const std::string_view rest = reader.take(length);
        if (reader.failed() || length < kSequenceBytes || bytes::crc32c(rest) != crc) break;
        bytes::Reader record(rest);
        if (record.big_endian<std::uint64_t>() != sequence_ + 1) break;
        TRY_VOID(replay(record.rest()));
        ++sequence_;
        end += kFrameBytes + length;
    }
    octets->resize(end);
    return *std::move(octets);
}

StoreResult<> CommitLog::begin_file(const std::string& directory, std::string_view records) {
    const std::string made = directory + "/log.new";
    if (const auto left = disk_.remove(made); !left && left.error().code != disk::ErrorCode::not_found)
        return failure(from_disk(left.error()));
    auto file = disk_.create(made);
    if (!file) return failure(from_disk(file.error()));
    const std::string_view pieces[] = {records};
    auto done = (*file)->write_at(0, pieces);
    if (done) done = (*file)->sync();
    if (done) done = disk_.rename(made, directory + "/log");
    if (done) done = disk_.sync_directory(directory);
    if (!done) return failure(from_disk(done.error()));
    file_ = *std::move(file);
    end_ = records.size();
    return {};
}

void CommitLog::add(std::string_view octets) {
    std::string record;
    bytes::append_big_endian(record, sequence_ + ++waiting_records_);
    record += octets;
    bytes::append_big_endian(waiting_, static_cast<std::uint32_t>(record.size()));
    bytes::append_big_endian(waiting_, bytes::crc32c(record));
    waiting_ += record;
}

StoreResult<> CommitLog::write() {
    const std::string octets = std::exchange(waiting_, {});
    const std::uint64_t records = std::exchange(waiting_records_, 0);
    if (failed()) return failure(Error{ErrorCode::unavailable, "the log has failed: open the store again"});
    const std::string_view pieces[] = {octets};
    if (const auto written = file_->write_at(end_, pieces); !written) {
        const bool cut = file_->truncate(end_) && file_->sync();
        if (cut) return failure(from_disk(written.error()));
        file_.reset();
        return failure(Error{ErrorCode::unknown, written.error().detail});
    }
    end_ += octets.size();
    sequence_ += records;
    return {};
}

StoreResult<> CommitLog::sync() {
    if (kSabotage == Sabotage::skip_sync) return {};
    const auto synced = file_->sync();
    if (synced) return {};
    file_.reset();
    return failure(Error{ErrorCode::unknown, synced.error().detail});
}

} // namespace tegami::store
