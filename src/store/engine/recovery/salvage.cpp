#include "store/engine/recovery/salvage.h"

#include "store/engine/recovery/salvage_database.h"
#include "store/engine/recovery/salvage_index.h"
#include "store/engine/rocks_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tegami::store {

namespace {

namespace fs = std::filesystem;
using rocks::Database;

std::unexpected<Error> io_error(std::string_view what, const std::error_code& error) {
    return failure(Error{ErrorCode::unavailable, fmt::format("{}: {}", what, error.message())});
}

StoreResult<> move(const std::string& from, const std::string& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) return io_error(fmt::format("move {} to {}", from, to), error);
    return {};
}

StoreResult<> make(const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return io_error("make " + folder, error);
    return {};
}

/// One run of salvage_store.
class Run {
public:
    Run(disk::FileSystem& disk, const Clock& clock, const SalvageOptions& options)
        : disk_(disk), clock_(clock), options_(options), database_(options.directory + "/db") {}

    StoreResult<Salvage> run() {
        // A new database is whole once the old one is aside; a run that was cut short is ended, or begun again.
        std::error_code error;
        const std::string made = options_.directory + "/db.new";
        if (!fs::exists(database_, error) && fs::exists(made, error)) TRY_VOID(move(made, database_));
        fs::remove_all(made, error);
        fs::remove_all(options_.directory + "/db.work", error);
        const std::string note = rocks::closed_note(options_.directory);
        TRY(rocks::DatabaseSalvage state, rocks::examine_database(database_, note));
        salvage_.findings = state.findings;
        salvage_.commits_lost = state.commits_lost;
        if (!state.findings.empty()) TRY_VOID(rebuild());
        TRY(const rocks::FoundRecords found,
            rocks::find_records(disk_, options_.directory + "/segments", options_.progress));
        std::ranges::copy(found.findings, std::back_inserter(salvage_.findings));
        TRY_VOID(repair_index(found));
        fs::remove(note, error);
        return std::move(salvage_);
    }

private:
    StoreResult<> rebuild() {
        TRY_VOID(make(options_.aside));
        const std::string made = options_.directory + "/db.new";
        const std::string aside = options_.aside + "/db";
        std::error_code error;
        if (fs::exists(database_, error)) {
            TRY(const rocks::DatabaseSalvage done,
                rocks::rebuild_database(database_, options_.directory + "/db.work", made));
            salvage_.commits_lost = salvage_.commits_lost || done.commits_lost;
            // What could be opened was walked before, with the same findings.
            const auto is_walk = [](const std::string& finding) { return finding.starts_with("rows from"); };
            const bool walked = std::ranges::any_of(salvage_.findings, is_walk);
            for (const std::string& finding : done.findings)
                if (!walked || !is_walk(finding)) salvage_.findings.push_back(finding);
            TRY_VOID(move(database_, aside));
        } else {
            TRY(const auto opened, Database::open_unchecked({.directory = made}));
        }
        TRY_VOID(move(made, database_));
        if (const auto synced = disk_.sync_directory(options_.directory); !synced)
            return failure(from_disk(synced.error()));
        salvage_.changed = salvage_.rebuilt = true;
        return {};
    }

    StoreResult<> repair_index(const rocks::FoundRecords& found) {
        const auto moment = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count());
        TRY(std::unique_ptr<Database> database, Database::open_unchecked({.directory = database_}));
        const auto card = [this](const Location& at, BlobId id) {
            return rocks::read_card_alone(disk_, options_.directory + "/segments", at, id);
        };
        rocks::IndexRepair index(*database, found, card, salvage_.rebuilt, salvage_.commits_lost, moment);
        TRY_VOID(index.plan(salvage_));
        if (index.changes().Count() == 0) return {};
        if (!salvage_.changed) {
            database.reset();
            TRY_VOID(make(options_.aside));
            TRY_VOID(rocks::copy_database(database_, options_.aside + "/db"));
            TRY(database, Database::open_unchecked({.directory = database_}));
            salvage_.changed = true;
        }
        rocksdb::WriteOptions write;
        write.sync = true;
        const rocksdb::Status written = database->rocks().Write(write, &index.changes());
        if (!written.ok()) return failure(rocks::from_status(written, "write the index"));
        return {};
    }

    disk::FileSystem& disk_;
    const Clock& clock_;
    const SalvageOptions& options_;
    const std::string database_;
    Salvage salvage_;
};

} // namespace

StoreResult<Salvage> salvage_store(disk::FileSystem& disk, const Clock& clock, const SalvageOptions& options) {
    std::error_code error;
    if (!fs::exists(options.directory, error))
        return failure(Error{ErrorCode::not_found, "there is no store in " + options.directory});
    auto lock = disk.lock(options.directory + "/LOCK");
    if (!lock && lock.error().code == disk::ErrorCode::locked)
        return failure(Error{ErrorCode::unavailable, "the store is in use: stop the server first"});
    if (!lock) return failure(from_disk(lock.error()));
    return Run(disk, clock, options).run();
}

} // namespace tegami::store
