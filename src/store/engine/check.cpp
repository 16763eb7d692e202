#include "store/engine/check.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store::rocks {

namespace {

constexpr std::uint64_t kReadBytes = 1u << 20;
constexpr std::string_view kDomainKinds = "afgjqdtu";

class Check {
public:
    Check(Database& database, Segments& segments, const CommitStage& commit_stage, const std::function<bool()>& stopped,
          Progress* progress)
        : database_(database), segments_(segments), commit_stage_(commit_stage), stopped_(stopped),
          progress_(progress) {}

    StoreResult<EngineReport> run() {
        if (progress_ != nullptr) progress_->begin(Progress::Unit::octets, octets_in_all());
        std::string begin;
        while (!stopped_()) {
            const std::optional<std::string> next = walk(begin);
            if (!next) {
                tell_unreadable();
                return std::move(report_);
            }
            begin = *next;
        }
        return failure(Error{ErrorCode::unavailable, "engine is closing"});
    }

private:
    /// Of the records of blobs, about.
    std::uint64_t octets_in_all() const {
        std::uint64_t octets = database_.octets();
        for (const auto& [number, use] : commit_stage_.uses())
            octets += use.live;
        return octets;
    }

    /// Walks the rows from `begin`. Returns where to go on behind damage, or nothing at the end.
    std::optional<std::string> walk(const std::string& begin) {
        rocksdb::ReadOptions options;
        options.verify_checksums = true;
        options.fill_cache = false;
        const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator(options));
        std::string last = begin;
        for (at->Seek(begin); at->Valid() && !stopped_(); at->Next()) {
            last = at->key().ToString();
            row(last, at->value().ToStringView());
            last.push_back('\0');
        }
        if (at->status().ok()) return std::nullopt;
        const std::string end(1, '\xff');
        std::string behind = database_.behind_block(last, end);
        if (last != begin || unreadable_from_.empty()) {
            tell_unreadable();
            unreadable_from_ = last;
        }
        unreadable_to_ = behind;
        unreadable_why_ = at->status().ToString();
        if (behind == end) return std::nullopt;
        return behind;
    }

    void tell_unreadable() {
        if (unreadable_to_.empty()) return;
        report_.add_damage(fmt::format("rows from key {} to {} cannot be read: {}", ascii::printable(unreadable_from_),
                                       unreadable_to_ == "\xff" ? "the end" : ascii::printable(unreadable_to_),
                                       unreadable_why_));
        unreadable_to_.clear();
    }

    void row(const std::string& key, std::string_view value) {
        switch (key.front()) {
        case kBlobPrefix: blob(key, value); return;
        case kReferencePrefix: reference(key); return;
        case kVersionPrefix:
            if (!decode_number(value)) damaged_row(key, "a domain's version");
            return;
        case kSegmentPrefix:
            if (!decode_use(value)) damaged_row(key, "a segment's use");
            return;
        case kCandidatePrefix:
        case kSchemaKey.front(): return;
        default: break;
        }
        if (kDomainKinds.find(key.front()) == std::string_view::npos || key.size() < 9)
            damaged_row(key, "a key of no known kind");
        else
            ++report_.rows;
    }

    void damaged_row(const std::string& key, std::string_view what) {
        report_.add_damage(fmt::format("row {} is damaged: {}", ascii::printable(key), what));
    }

    void blob(const std::string& key, std::string_view value) {
        const auto id = blob_of_key(key);
        if (!id) return damaged_row(key, "a blob's row");
        ++report_.blobs;
        const auto record = decode_index(*id, value);
        if (!record) return damaged_row(key, "a blob's row");
        const StoreResult<std::uint64_t> octets = read_all(*record);
        if (progress_ != nullptr) progress_->add(record->record ? value.size() : record->at.record_bytes);
        if (octets) {
            report_.blob_octets += *octets;
        } else if (!moved_meanwhile(*record)) {
            const std::string place =
                record->record ? "" : fmt::format(" (segment {:016x} at {})", record->at.segment, record->at.offset);
            report_.add_damage(fmt::format("blob {}{} cannot be read: {}", text_of(*id), place, octets.error().detail));
        }
        if (!has_reference(*id)) ++report_.unreferenced;
    }

    StoreResult<std::uint64_t> read_all(const IndexRecord& record) {
        if (record.record) {
            TRY_VOID(card_of_record(*record.record, record.ref.id));
            TRY(const std::string content, content_of_record(*record.record, record.ref.id, 0, ~std::uint64_t{0}));
            return content.size();
        }
        TRY_VOID(segments_.read_start(record.at, record.ref.id, 0));
        std::uint64_t at = 0;
        for (;;) {
            TRY(const std::string part, segments_.read_content(record.at, record.ref.id, at, kReadBytes));
            at += part.size();
            if (part.size() < kReadBytes) break;
        }
        if (at != record.ref.size) return failure(Error{ErrorCode::damaged, "its size is not what its row says"});
        return at;
    }

    /// The walk sees the rows of one moment; the collector may have moved or forgotten the blob since.
    bool moved_meanwhile(const IndexRecord& record) {
        if (record.record) return false;
        const auto now = *database_.find_blob(record.ref.id, Database::Reach::disk);
        if (!now) return now.error().code == ErrorCode::not_found;
        return now->record || (now->at != record.at && read_all(*now));
    }

    bool has_reference(BlobId blob) {
        const std::string prefix = reference_key(blob, "");
        const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator({}));
        at->Seek(prefix);
        return at->Valid() && at->key().starts_with(prefix);
    }

    void reference(const std::string& key) {
        const auto id = blob_of_key(key);
        if (!id) return damaged_row(key, "a reference");
        if (id == last_found_ || commit_stage_.pending(*id)) return;
        const auto found = *database_.get(blob_key(*id), Database::Reach::disk);
        if (found && *found) {
            last_found_ = *id;
            return;
        }
        const auto still = *database_.get(key, Database::Reach::disk);
        if (still && !*still) return; // taken out since the walk began
        report_.add_damage(fmt::format("blob {} is referenced by {} but is not there", text_of(*id),
                                       ascii::printable(std::string_view(key).substr(1 + id->octets.size()))));
    }

    Database& database_;
    Segments& segments_;
    const CommitStage& commit_stage_;
    const std::function<bool()>& stopped_;
    Progress* const progress_;
    EngineReport report_;
    std::optional<BlobId> last_found_;
    std::string unreadable_from_; ///< what was stepped over last, from block to block
    std::string unreadable_to_;   ///< empty: told
    std::string unreadable_why_;
};

} // namespace

StoreResult<EngineReport> check_store(Database& database, Segments& segments, const CommitStage& commit_stage,
                                      const std::function<bool()>& stopped, Progress* progress) {
    return Check(database, segments, commit_stage, stopped, progress).run();
}

} // namespace tegami::store::rocks
