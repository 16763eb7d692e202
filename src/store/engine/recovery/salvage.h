// The engine's part of `tegami repair`: makes a database of what can be read, and an index that names only what is
// there.
//
// 1. Nothing is destroyed: before the first change the database is put aside, whole (tables as second names of the same
//    files); segments are only read.
// 2. Afterwards every row of a blob names a record that was read to its end and matched every checksum.
// 3. It runs on a closed store, holds the store's lock, and can be run again at any time.
// It does not know accounts: references are told by their tags.
#pragma once

#include "base/clock.h"
#include "disk/file_system.h"
#include "store/types.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tegami::store {

struct SalvageOptions {
    std::string directory; ///< of the store
    std::string aside;     ///< a folder that does not exist yet: for what is replaced
    /// Told how many octets of segments were read, of how many. Most of a repair is reading them.
    std::function<void(std::uint64_t octets, std::uint64_t octets_in_all)> progress{};
};

struct SalvagedReference {
    std::string tag;
    BlobRef blob;
};

struct Salvage {
    std::vector<std::string> findings; ///< what was damaged and what was done, in sentences
    bool changed = false;              ///< the database was put aside
    bool rebuilt = false;              ///< and made anew
    /// Commits may be lost that nothing else tells of: later numbers may have been given out.
    bool commits_lost = false;
    std::vector<SalvagedReference> references; ///< of blobs that can be read
    std::map<BlobId, std::string> lost_cards;  ///< of blobs whose content cannot be read, but whose card can
    /// Blobs that can be read and that nothing references, while rows are lost: perhaps mail. Collected like every blob
    /// without a reference, an hour after the next start.
    std::vector<BlobRef> unreferenced;
};

/// Errors: unavailable (in use, I/O), no_space, not_found (there is no store).
StoreResult<Salvage> salvage_store(disk::FileSystem& disk, const Clock& clock, const SalvageOptions& options);

} // namespace tegami::store
