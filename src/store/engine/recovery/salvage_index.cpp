#include "store/engine/recovery/salvage_index.h"

#include "base/ascii.h"
#include "base/bytes.h"

#include <rocksdb/db.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tegami::store::rocks {

namespace {

constexpr std::size_t kChunkBytes = 1u << 20;
/// Limit: what is read of a damaged record for its card, which comes first.
constexpr std::uint64_t kCardReadBytes = 1u << 20;
constexpr std::string_view kMagic = "TGMR";
constexpr std::string_view kDomainKinds = "afgjqdtu";
/// How far versions move on where commits may be lost, so that no number is given out twice.
constexpr std::uint64_t kVersionsSkipped = 10'000;

std::optional<std::uint64_t> number_of(std::string_view name) {
    if (name.size() != 20 || !name.ends_with(".seg")) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + 16, number, 16);
    if (error != std::errc{} || end != name.data() + 16 || number == 0) return std::nullopt;
    return number;
}

/// The whole record at this place, or what is wrong with it.
StoreResult<FoundRecords::Found> read_record(disk::File& file, std::uint64_t number, std::uint64_t at,
                                             std::uint64_t size) {
    const auto fixed = file.read_at(at, segment::kFixedHeaderBytes);
    if (!fixed) return failure(from_disk(fixed.error()));
    TRY(const std::size_t header_bytes, segment::header_bytes(*fixed));
    const auto octets = file.read_at(at, header_bytes);
    if (!octets) return failure(from_disk(octets.error()));
    TRY(const segment::Header header, segment::decode_header(*octets));
    if (header.record_bytes > size - at) return failure(Error{ErrorCode::damaged, "record is cut off"});
    std::uint64_t place = at + header.header_bytes();
    for (const segment::BlockEntry& block : header.blocks) {
        const auto stored = file.read_at(place, block.stored_bytes);
        if (!stored) return failure(from_disk(stored.error()));
        if (stored->size() != block.stored_bytes || bytes::crc32c(*stored) != block.crc)
            return failure(Error{ErrorCode::damaged, "block checksum"});
        place += block.stored_bytes;
    }
    return FoundRecords::Found{{header.id, header.content_bytes(), header.card_bytes},
                               {number, at, header.record_bytes}};
}

/// Where the next record may begin; the end of the file if nowhere. A letter may hold the magic too: what is found
/// there must still match every checksum and be named by a row.
StoreResult<std::uint64_t> find_magic(disk::File& file, std::uint64_t at, std::uint64_t size) {
    while (at < size) {
        const auto octets = file.read_at(at, kChunkBytes + kMagic.size() - 1);
        if (!octets) return failure(from_disk(octets.error()));
        const std::size_t found = octets->find(kMagic);
        if (found != std::string::npos) return at + found;
        at += kChunkBytes;
    }
    return size;
}

StoreResult<> read_segment(disk::File& file, std::uint64_t number, FoundRecords& found) {
    const auto size = file.size();
    if (!size) return failure(from_disk(size.error()));
    found.sizes[number] = *size;
    std::uint64_t at = segment::kFileMagic.size();
    while (at < *size) {
        auto record = read_record(file, number, at, *size);
        if (record) {
            at += record->at.record_bytes;
            found.records.emplace(record->ref.id, *record);
            continue;
        }
        if (record.error().code != ErrorCode::damaged) return failure(record.error());
        TRY(const std::uint64_t next, find_magic(file, at + 1, *size));
        found.findings.push_back(
            fmt::format("segment {:016x} is damaged between {} and {}: {}", number, at, next, record.error().detail));
        at = next;
    }
    return {};
}

} // namespace

StoreResult<FoundRecords> find_records(disk::FileSystem& disk, const std::string& directory,
                                       const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    FoundRecords found;
    const auto names = disk.list(directory);
    if (!names && names.error().code == disk::ErrorCode::not_found) return found;
    if (!names) return failure(from_disk(names.error()));
    std::uint64_t octets = 0;
    const auto for_each_segment = [&](auto&& take) -> StoreResult<> {
        for (const std::string& name : *names) {
            const auto number = number_of(name);
            if (!number) continue;
            auto file = disk.open_read_only(fmt::format("{}/{}", directory, name));
            if (!file) return failure(from_disk(file.error()));
            TRY_VOID(take(**file, *number));
        }
        return {};
    };
    TRY_VOID(for_each_segment([&](disk::File& file, std::uint64_t) -> StoreResult<> {
        octets += file.size().value_or(0);
        return {};
    }));
    std::uint64_t done = 0;
    TRY_VOID(for_each_segment([&](disk::File& file, std::uint64_t number) -> StoreResult<> {
        if (progress) progress(done, octets);
        TRY_VOID(read_segment(file, number, found));
        done += found.sizes[number];
        return {};
    }));
    return found;
}

StoreResult<std::string> read_card_alone(disk::FileSystem& disk, const std::string& directory, const Location& at,
                                         BlobId id) {
    const auto file = disk.open_read_only(fmt::format("{}/{:016x}.seg", directory, at.segment));
    if (!file) return failure(from_disk(file.error()));
    const auto octets =
        (*file)->read_at(at.offset, static_cast<std::size_t>(std::min(at.record_bytes, kCardReadBytes)));
    if (!octets) return failure(from_disk(octets.error()));
    return card_of_record(*octets, id);
}

StoreResult<> IndexRepair::plan(Salvage& salvage) {
    TRY_VOID(walk_blobs(salvage));
    TRY_VOID(walk_references(salvage));
    if (lossy_) add_unclaimed(salvage);
    TRY_VOID(plan_segments());
    return plan_domains();
}

void IndexRepair::claim(const FoundRecords::Found& record) {
    put(blob_key(record.ref.id), encode_index({.ref = record.ref, .at = record.at, .record = {}}));
    alive_[record.ref.id] = record.ref;
    live_[record.at.segment] += record.at.record_bytes;
}

void IndexRepair::blob_row(const std::string& key, std::string_view value, Salvage& salvage) {
    const auto id = blob_of_key(key);
    if (!id) return static_cast<void>(changes_.Delete(key));
    const auto record = decode_index(*id, value);
    if (record && record->record) {
        const auto card = card_of_record(*record->record, *id);
        const auto content = content_of_record(*record->record, *id, 0, ~std::uint64_t{0});
        if (card && content) {
            alive_[*id] = {*id, content->size(), static_cast<std::uint32_t>(card->size())};
            return;
        }
    }
    const auto [first, last] = found_.records.equal_range(*id);
    if (record && !record->record)
        for (auto at = first; at != last; ++at)
            if (at->second.at == record->at && at->second.ref.size == record->ref.size) {
                alive_[*id] = at->second.ref;
                live_[record->at.segment] += record->at.record_bytes;
                return;
            }
    if (first != last) {
        salvage.findings.push_back(fmt::format("blob {}: its row named a place where it is not", text_of(*id)));
        return claim(std::prev(last)->second);
    }
    salvage.findings.push_back(fmt::format("blob {} cannot be read", text_of(*id)));
    if (record) {
        auto card = record->record ? card_of_record(*record->record, *id) : read_card_(record->at, *id);
        if (card) salvage.lost_cards.emplace(*id, *std::move(card));
    }
    changes_.Delete(key);
}

StoreResult<> IndexRepair::walk_blobs(Salvage& salvage) {
    const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator({}));
    for (at->Seek(std::string(1, kBlobPrefix)); at->Valid() && at->key().ToStringView().front() == kBlobPrefix;
         at->Next())
        blob_row(at->key().ToString(), at->value().ToStringView(), salvage);
    if (!at->status().ok()) return failure(from_status(at->status(), "read the rows of blobs"));
    return {};
}

StoreResult<> IndexRepair::walk_references(Salvage& salvage) {
    const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator({}));
    for (at->Seek(std::string(1, kReferencePrefix));
         at->Valid() && at->key().ToStringView().front() == kReferencePrefix; at->Next()) {
        const std::string key = at->key().ToString();
        const auto id = blob_of_key(key);
        if (id && !alive_.contains(*id))
            if (const auto record = found_.records.find(*id); record != found_.records.end()) claim(record->second);
        if (!id || !alive_.contains(*id)) {
            changes_.Delete(key);
            continue;
        }
        referenced_.insert(*id);
        salvage.references.push_back({key.substr(1 + id->octets.size()), alive_[*id]});
    }
    for (at->Seek(std::string(1, kCandidatePrefix));
         at->Valid() && at->key().ToStringView().front() == kCandidatePrefix; at->Next()) {
        const auto id = blob_of_key(at->key().ToStringView());
        if (!id || !alive_.contains(*id)) changes_.Delete(at->key());
    }
    if (!at->status().ok()) return failure(from_status(at->status(), "read the references"));
    return {};
}

/// What no row leads to may be mail whose rows are lost: it gets a row, and the hour that every new blob has.
void IndexRepair::add_unclaimed(Salvage& salvage) {
    for (const auto& [id, record] : found_.records)
        if (!alive_.contains(id)) claim(record);
    for (const auto& [id, ref] : alive_) {
        if (referenced_.contains(id)) continue;
        salvage.unreferenced.push_back(ref);
        put(candidate_key(id), encode_number(now_));
    }
}

StoreResult<> IndexRepair::plan_segments() {
    std::map<std::uint64_t, SegmentUse> before;
    const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator({}));
    for (at->Seek(std::string(1, kSegmentPrefix)); at->Valid() && at->key().ToStringView().front() == kSegmentPrefix;
         at->Next()) {
        const auto number = decode_number(at->key().ToStringView().substr(1));
        const auto use = decode_use(at->value().ToStringView());
        if (number && use)
            before[*number] = *use;
        else
            changes_.Delete(at->key());
    }
    if (!at->status().ok()) return failure(from_status(at->status(), "read the segments' rows"));
    for (const auto& [number, use] : before) {
        const auto size = found_.sizes.find(number);
        const std::uint64_t end = size == found_.sizes.end() ? 0 : std::min(use.end, size->second);
        const std::uint64_t live = live_[number];
        if (end != use.end || live != use.live) put(segment_key(number), encode_use({end, live}));
    }
    // A segment without a row keeps all it has: the start would cut it at its first damage.
    for (const auto& [number, size] : found_.sizes)
        if (!before.contains(number)) put(segment_key(number), encode_use({size, live_[number]}));
    return {};
}

StoreResult<std::string> IndexRepair::next_key(const std::string& from) {
    const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator({}));
    at->Seek(from);
    if (!at->status().ok()) return failure(from_status(at->status(), "read the domains"));
    return at->Valid() ? at->key().ToString() : std::string();
}

/// A domain's version is above every number it has given out.
StoreResult<> IndexRepair::plan_domain(const std::string& prefix) {
    TRY(const auto value, *database_.get(kVersionPrefix + prefix, Database::Reach::disk));
    const auto version = value ? decode_number(*value) : std::nullopt;
    if (version && !commits_lost_) return {};
    std::uint64_t highest = version.value_or(0);
    // The log of an account has its versions as keys.
    const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator({}));
    at->SeekForPrev(prefix + 'M');
    if (!at->status().ok()) return failure(from_status(at->status(), "read the domains"));
    if (at->Valid() && at->key().starts_with(prefix + 'L') && at->key().size() == prefix.size() + 9)
        highest = std::max(highest, decode_number(at->key().ToStringView().substr(prefix.size() + 1)).value_or(0));
    put(kVersionPrefix + prefix, encode_number(highest + kVersionsSkipped));
    return {};
}

StoreResult<> IndexRepair::plan_domains() {
    std::string from("a");
    for (;;) {
        TRY(const std::string key, next_key(from));
        if (key.empty()) break;
        if (kDomainKinds.find(key.front()) == std::string_view::npos || key.size() < 9) {
            changes_.Delete(key);
            from = key + '\0';
            continue;
        }
        const std::string prefix = key.substr(0, 9);
        TRY_VOID(plan_domain(prefix));
        from = prefix_end(prefix);
        if (from.empty()) break;
    }
    TRY(const auto schema, *database_.get(std::string(kSchemaKey), Database::Reach::disk));
    if (!schema) put(std::string(kSchemaKey), encode_schema({}));
    return {};
}

} // namespace tegami::store::rocks
