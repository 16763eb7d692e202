// What a backup is asked to do, and what it did: without the database's own headers, for those who only ask.
#pragma once

#include "base/progress.h"
#include "store/engine/backup_folder.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tegami::store {

struct BackupOptions {
    std::string directory; ///< exists
    std::size_t keep = 0;  ///< how many points remain afterwards; 0: all
    std::uint64_t accounts = 0;
    std::vector<std::pair<std::string, std::string>> files; ///< name and octets: what belongs to the point besides
    std::vector<std::string> damage;                        ///< known before, in sentences
    ProgressPtr progress = std::make_shared<Progress>();
};

/// What a backup did.
struct BackupDone {
    BackupPoint point;
    std::uint64_t octets_written = 0;
    std::vector<std::string> removed; ///< points that `keep` has ended
};

} // namespace tegami::store
