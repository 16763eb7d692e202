#include "store/engine/segments.h"

#include "base/bytes.h"
#include "base/sabotage.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace tegami::store {

namespace {

using segment::Header;

constexpr std::size_t kCopyBytes = 1u << 20;
/// Records from this size on are written past the page cache (docs/decisions/0008): copying them there costs more than
/// anything else that is done to them. Smaller ones stay in it, for the program that fetches new mail at once.
constexpr std::uint64_t kPastCacheBytes = 256 * 1024;

std::unexpected<Error> damaged_segment(std::string detail) {
    return failure(Error{ErrorCode::damaged, std::move(detail)});
}

std::optional<std::uint64_t> number_of(std::string_view name) {
    if (name.size() != 20 || !name.ends_with(".seg")) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + 16, number, 16);
    if (error != std::errc{} || end != name.data() + 16 || number == 0) return std::nullopt;
    return number;
}

} // namespace

StoreResult<std::string> content_of_record(std::string_view record, BlobId id, std::uint64_t offset,
                                           std::uint64_t length) {
    segment::RecordSource source(record);
    TRY(const Header header, segment::read_header(source, id));
    return segment::read_content(source, header, offset, length);
}

StoreResult<std::string> card_of_record(std::string_view record, BlobId id) {
    TRY(BlobStart start, start_of_record(record, id, 0));
    return std::move(start.card);
}

StoreResult<BlobStart> start_of_record(std::string_view record, BlobId id, std::uint64_t length) {
    segment::RecordSource source(record);
    TRY(const Header header, segment::read_header(source, id));
    return segment::read_start(source, header, length);
}

StoreResult<> check_records(const std::shared_ptr<disk::File>& file, std::uint64_t begin, std::uint64_t end,
                            const std::function<void(std::uint64_t, const std::string&)>& damaged) {
    if (begin < segment::kFileMagic.size()) {
        const auto magic = file->read_at(0, segment::kFileMagic.size());
        if (!magic) return failure(from_disk(magic.error()));
        if (*magic != segment::kFileMagic) damaged(0, "its first octets are not those of a segment");
    }
    std::uint64_t at = std::max<std::uint64_t>(begin, segment::kFileMagic.size());
    while (at < end) {
        TRY(segment::RecordSource source, segment::RecordSource::of_file(file, at, end - at));
        const auto header = segment::read_header(source);
        if (!header) {
            damaged(at, fmt::format("{}; nothing behind it was checked", header.error().detail));
            return {};
        }
        if (const auto sound = segment::verify(source, *header); !sound) damaged(at, sound.error().detail);
        at += header->record_bytes;
    }
    if (at > end) damaged(end, "the last record is cut off");
    return {};
}

std::unique_ptr<Segments> Segments::of_files(disk::FileSystem& disk, std::map<std::uint64_t, std::string> files) {
    std::unique_ptr<Segments> segments(new Segments(disk, {}, {}));
    segments->files_ = std::move(files);
    return segments;
}

StoreResult<std::unique_ptr<Segments>> Segments::open(disk::FileSystem& disk, std::string directory,
                                                      SegmentOptions options,
                                                      const std::map<std::uint64_t, std::uint64_t>& ends) {
    if (const auto made = disk.make_directory(directory); !made) return failure(from_disk(made.error()));
    std::unique_ptr<Segments> segments(new Segments(disk, std::move(directory), options));
    const auto names = disk.list(segments->directory_);
    if (!names) return failure(from_disk(names.error()));
    for (const std::string& name : *names)
        if (const auto number = number_of(name)) segments->numbers_.push_back(*number);
    // A number that the index knows is never used again, even if its file was lost: old rows may still name it.
    if (!ends.empty()) segments->last_number_ = ends.rbegin()->first;
    if (!segments->numbers_.empty()) {
        const std::uint64_t last = segments->numbers_.back();
        segments->last_number_ = std::max(segments->last_number_, last);
        const auto known = ends.find(last);
        if (segments->last_number_ == last) TRY_VOID(segments->recover_last(known == ends.end() ? 0 : known->second));
    }
    return segments;
}

StoreResult<> Segments::recover_last(std::uint64_t known_end) {
    auto file = disk_.open(path(last_number_));
    if (!file) return failure(from_disk(file.error()));
    const auto size = (*file)->size();
    if (!size) return failure(from_disk(size.error()));
    const auto magic = (*file)->read_at(0, segment::kFileMagic.size());
    if (!magic) return failure(from_disk(magic.error()));
    // What was synced is not there or not ours: damage that verify reports; new records go elsewhere.
    if (known_end > *size || *magic != segment::kFileMagic) {
        if (known_end == 0) TRY_VOID(remove(last_number_));
        return {};
    }
    const Handle shared = *std::move(file);
    std::uint64_t end = std::max<std::uint64_t>(known_end, segment::kFileMagic.size());
    while (end < *size) {
        TRY(segment::RecordSource source, segment::RecordSource::of_file(shared, end, *size - end));
        const auto header = segment::read_header(source);
        if (!header || header->record_bytes > *size - end || !segment::verify(source, *header)) break;
        end += header->record_bytes;
    }
    if (end < *size) {
        if (const auto cut = shared->truncate(end); !cut) return failure(from_disk(cut.error()));
        if (const auto synced = shared->sync(); !synced) return failure(from_disk(synced.error()));
    }
    // Whoever made it may have been killed before its name was synced.
    if (const auto named = disk_.sync_directory(directory_); !named) return failure(from_disk(named.error()));
    auto reopened = disk_.open(path(last_number_));
    if (!reopened) return failure(from_disk(reopened.error()));
    open_file_ = *std::move(reopened);
    open_number_ = last_number_;
    end_ = end;
    return {};
}

std::string Segments::path(std::uint64_t number) const {
    return fmt::format("{}/{:016x}.seg", directory_, number);
}

StoreResult<> Segments::begin_segment() {
    open_file_.reset();
    open_number_ = 0;
    const std::uint64_t number = last_number_ + 1;
    auto file = disk_.create(path(number));
    if (!file) return failure(from_disk(file.error()));
    last_number_ = number; // the name is used up, whatever happens next
    const std::string_view pieces[] = {segment::kFileMagic};
    auto done = (*file)->write_at(0, pieces);
    if (done) done = (*file)->sync();
    if (done) done = disk_.sync_directory(directory_);
    if (!done) {
        static_cast<void>(disk_.remove(path(number))); // best effort: an empty segment does no harm
        return failure(from_disk(done.error()));
    }
    open_file_ = *std::move(file);
    open_number_ = number;
    end_ = segment::kFileMagic.size();
    const std::lock_guard lock(mutex_);
    numbers_.push_back(number);
    return {};
}

StoreResult<std::vector<Location>> Segments::append(std::span<const PreparedBlob* const> blobs) {
    std::vector<Location> locations;
    while (!blobs.empty()) {
        if (!open_file_ || end_ >= options_.segment_bytes_max) TRY_VOID(begin_segment());
        // As many as the segment takes; at least one, so that a giant has a segment of its own.
        std::size_t count = 0;
        std::uint64_t end = end_;
        while (count < blobs.size() && (end + blobs[count]->record_bytes <= options_.segment_bytes_max ||
                                        (count == 0 && end_ == segment::kFileMagic.size())))
            end += blobs[count++]->record_bytes;
        if (count == 0) {
            TRY_VOID(begin_segment());
            continue;
        }
        TRY(const auto written, write_all(blobs.first(count)));
        locations.insert(locations.end(), written.begin(), written.end());
        blobs = blobs.subspan(count);
    }
    return locations;
}

StoreResult<std::vector<Location>> Segments::write_all(std::span<const PreparedBlob* const> blobs) {
    std::vector<Location> locations;
    std::vector<std::string_view> pieces;
    std::uint64_t begin = end_; // of the pieces
    std::uint64_t end = end_;
    const auto flush = [&](std::uint64_t upto, bool past_cache) -> StoreResult<> {
        const auto done =
            past_cache ? open_file_->write_past_cache(begin, pieces) : open_file_->write_at(begin, pieces);
        if (!done) return failure(from_disk(done.error()));
        pieces.clear();
        begin = upto;
        return {};
    };
    for (const PreparedBlob* blob : blobs) {
        locations.push_back({open_number_, end, blob->record_bytes});
        const bool past_cache = blob->record_bytes >= kPastCacheBytes;
        if (past_cache)
            if (const auto done = flush(end, false); !done) return give_up(done.error(), true);
        pieces.emplace_back(blob->head);
        if (blob->spilled) {
            const std::uint64_t middle = end + blob->head.size();
            if (const auto done = flush(middle, false); !done) return give_up(done.error(), true);
            if (const auto done = copy_spilled(*blob, middle); !done) return give_up(done.error(), true);
            begin = middle + blob->spilled_bytes;
        }
        pieces.insert(pieces.end(), blob->blocks.begin(), blob->blocks.end());
        end += blob->record_bytes;
        if (past_cache)
            if (const auto done = flush(end, true); !done) return give_up(done.error(), true);
    }
    if (const auto done = flush(end, false); !done) return give_up(done.error(), true);
    if (kSabotage != Sabotage::skip_sync)
        if (const auto synced = open_file_->sync(); !synced) return give_up(from_disk(synced.error()), false);
    end_ = end;
    return locations;
}

StoreResult<> Segments::copy_spilled(const PreparedBlob& blob, std::uint64_t offset) {
    for (std::uint64_t at = 0; at < blob.spilled_bytes;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBytes, blob.spilled_bytes - at));
        const auto octets = blob.spilled->read_at(at, size);
        if (!octets) return failure(from_disk(octets.error()));
        if (octets->size() != size) return failure(Error{ErrorCode::unavailable, "temporary file is cut off"});
        const std::string_view pieces[] = {*octets};
        const auto done = open_file_->write_past_cache(offset + at, pieces);
        if (!done) return failure(from_disk(done.error()));
        at += size;
    }
    return {};
}

/// After a failed write the segment is cut back and used again; after a failed sync, or if that fails too, never.
StoreResult<std::vector<Location>> Segments::give_up(Error error, bool synced) {
    const bool cut = open_file_->truncate(end_).has_value();
    if (!synced || !cut) {
        open_file_.reset();
        open_number_ = 0;
    }
    return failure(std::move(error));
}

StoreResult<Segments::Handle> Segments::handle(std::uint64_t number) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = handles_.find(number); found != handles_.end()) {
            recent_.splice(recent_.begin(), recent_, found->second.second);
            return found->second.first;
        }
    }
    if (files_ && !files_->contains(number)) return failure(Error{ErrorCode::not_found, "there is no such segment"});
    auto file = disk_.open_read_only(files_ ? files_->at(number) : path(number));
    if (!file) return failure(from_disk(file.error()));
    const Handle opened = *std::move(file);
    const std::lock_guard lock(mutex_);
    if (handles_.contains(number)) return opened;
    recent_.push_front(number);
    handles_.emplace(number, std::pair{opened, recent_.begin()});
    if (recent_.size() > options_.open_files_max) {
        handles_.erase(recent_.back());
        recent_.pop_back();
    }
    return opened;
}

StoreResult<segment::RecordSource> Segments::record(Location at, segment::RecordSource::Wanted wanted) {
    TRY(Handle file, handle(at.segment));
    return segment::RecordSource::of_file(std::move(file), at.offset, at.record_bytes, wanted);
}

StoreResult<std::string> Segments::read_content(Location at, BlobId id, std::uint64_t offset, std::uint64_t length) {
    TRY(segment::RecordSource source, record(at, segment::RecordSource::Wanted::content));
    TRY(const Header header, segment::read_header(source, id));
    return segment::read_content(source, header, offset, length);
}

StoreResult<BlobStart> Segments::read_start(Location at, BlobId id, std::uint64_t length) {
    using Wanted = segment::RecordSource::Wanted;
    TRY(segment::RecordSource source, record(at, length == 0 ? Wanted::card : Wanted::content));
    TRY(const Header header, segment::read_header(source, id));
    return segment::read_start(source, header, length);
}

StoreResult<std::string> Segments::read_record(Location at, BlobId id) {
    TRY(Handle file, handle(at.segment));
    auto octets = file->read_at(at.offset, static_cast<std::size_t>(at.record_bytes));
    if (!octets) return failure(from_disk(octets.error()));
    segment::RecordSource source(*octets);
    TRY(const Header header, segment::read_header(source, id));
    TRY_VOID(segment::verify(source, header));
    return *std::move(octets);
}

StoreResult<std::vector<Segments::Entry>> Segments::walk(std::uint64_t number, std::uint64_t offset, std::uint64_t end,
                                                         std::size_t count_max) {
    TRY(const Handle file, handle(number));
    const auto size = file->size();
    if (!size) return failure(from_disk(size.error()));
    std::vector<Entry> entries;
    std::uint64_t at = std::max<std::uint64_t>(offset, segment::kFileMagic.size());
    while (at < std::min(end, *size) && entries.size() < count_max) {
        std::string ahead;
        const auto fixed = file->read_at(at, segment::kFixedHeaderBytes);
        if (!fixed) return failure(from_disk(fixed.error()));
        TRY(const std::size_t header_size, segment::header_bytes(*fixed));
        const auto octets = file->read_at(at, header_size);
        if (!octets) return failure(from_disk(octets.error()));
        TRY(const Header header, segment::decode_header(*octets));
        if (header.record_bytes > *size - at) return damaged_segment("record is cut off");
        entries.push_back({header.id, {number, at, header.record_bytes}});
        at += header.record_bytes;
    }
    return entries;
}

std::vector<std::uint64_t> Segments::numbers() const {
    const std::lock_guard lock(mutex_);
    return numbers_;
}

StoreResult<std::uint64_t> Segments::size(std::uint64_t number) {
    TRY(const Handle file, handle(number));
    const auto size = file->size();
    if (!size) return failure(from_disk(size.error()));
    return *size;
}

StoreResult<> Segments::remove(std::uint64_t number) {
    if (const auto done = disk_.remove(path(number)); !done) return failure(from_disk(done.error()));
    {
        const std::lock_guard lock(mutex_);
        std::erase(numbers_, number);
        if (const auto found = handles_.find(number); found != handles_.end()) {
            recent_.erase(found->second.second);
            handles_.erase(found);
        }
    }
    const auto synced = disk_.sync_directory(directory_);
    if (!synced) return failure(from_disk(synced.error()));
    return {};
}

} // namespace tegami::store
