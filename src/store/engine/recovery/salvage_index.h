// Makes the rows of blobs, references and segments name what is there: the second step of salvage.h.
#pragma once

#include "store/engine/recovery/salvage.h"
#include "store/engine/rocks_database.h"

#include <rocksdb/write_batch.h>

#include <functional>
#include <map>
#include <set>
#include <string>

namespace tegami::store::rocks {

/// The records of all segments that were read to their end and match every checksum.
struct FoundRecords {
    struct Found {
        BlobRef ref;
        Location at;
    };

    std::multimap<BlobId, Found> records;
    std::map<std::uint64_t, std::uint64_t> sizes; ///< of the segments' files
    std::vector<std::string> findings;            ///< where octets are that are no record
};

/// Reads every segment; looks for the next record behind damage. `progress` as in SalvageOptions.
StoreResult<FoundRecords> find_records(disk::FileSystem& disk, const std::string& directory,
                                       const std::function<void(std::uint64_t, std::uint64_t)>& progress);

/// The card of a record whose other octets may be damaged.
StoreResult<std::string> read_card_alone(disk::FileSystem& disk, const std::string& directory, const Location& at,
                                         BlobId id);

class IndexRepair {
public:
    using ReadCard = std::function<StoreResult<std::string>(const Location& at, BlobId id)>;

    /// `lossy`: rows may be lost, so that records without a row may be mail.
    IndexRepair(Database& database, const FoundRecords& found, ReadCard read_card, bool lossy, bool commits_lost,
                std::uint64_t now)
        : database_(database), found_(found), read_card_(std::move(read_card)), lossy_(lossy),
          commits_lost_(commits_lost), now_(now) {}

    /// Plans the changes; `salvage` gets references and findings. Nothing is written.
    StoreResult<> plan(Salvage& salvage);

    rocksdb::WriteBatch& changes() { return changes_; }

private:
    StoreResult<> walk_blobs(Salvage& salvage);
    StoreResult<> walk_references(Salvage& salvage);
    void blob_row(const std::string& key, std::string_view value, Salvage& salvage);
    void add_unclaimed(Salvage& salvage);
    StoreResult<> plan_segments();
    StoreResult<> plan_domains();
    StoreResult<> plan_domain(const std::string& prefix);
    StoreResult<std::string> next_key(const std::string& from);

    void put(const std::string& key, const std::string& value) { changes_.Put(key, value); }

    void claim(const FoundRecords::Found& record);

    Database& database_;
    const FoundRecords& found_;
    const ReadCard read_card_;
    const bool lossy_;
    const bool commits_lost_;
    const std::uint64_t now_;
    rocksdb::WriteBatch changes_;
    std::map<BlobId, BlobRef> alive_;
    std::set<BlobId> referenced_;
    std::map<std::uint64_t, std::uint64_t> live_; ///< octets by segment
};

} // namespace tegami::store::rocks
