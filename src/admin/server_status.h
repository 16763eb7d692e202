// What a running server says of itself: where it listens, and who uses its memory.
#pragma once

#include "admin/certificate_state.h"
#include "admin/last_backup.h"
#include "base/clock.h"
#include "base/counter.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::admin {

struct ServerStatus {
    struct Listening {
        std::string service; ///< as in the configuration
        std::string endpoint;
    };

    /// A part of the process's memory, in octets.
    struct MemoryPart {
        std::string name;
        std::uint64_t bytes = 0;
        std::uint64_t bytes_max = 0; ///< 0: it has no share of its own
    };

    /// How long something took, each time since the start.
    struct Durations {
        std::string name;
        const DurationHistogram* histogram; ///< as it is now
    };

    std::string version; ///< of the program that runs
    std::string host_name;
    std::int64_t process = 0; ///< its number in the system
    Timestamp started;
    std::vector<Listening> listening;
    std::size_t connections = 0;
    std::size_t connections_max = 0;
    std::uint64_t logins_refused = 0; ///< since the start
    std::uint64_t memory_bytes = 0;   ///< of the process, without what it maps from files
    std::uint64_t memory_budget = 0;
    std::vector<MemoryPart> memory;
    std::vector<Durations> durations;
    bool memory_pressed = false;       ///< nothing new may begin
    std::uint64_t disk_free_bytes = 0; ///< where the store is
    std::uint64_t store_bytes = 0;     ///< that it takes
    std::uint64_t queue_messages = 0;
    std::optional<Timestamp> queue_oldest;
    std::uint64_t index_waiting = 0; ///< messages that the word index has not come to
    std::vector<CertificateState> certificates;
    bool backups_wanted = false; ///< the configuration has a place for them
    std::optional<LastBackup> last_backup;
    std::uint64_t log_lines_lost = 0; ///< since the start
    std::uint64_t journey_events_lost = 0;
};

} // namespace tegami::admin
