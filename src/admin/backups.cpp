#include "admin/backups.h"

#include "admin/last_backup.h"
#include "directory/snapshot.h"
#include "disk/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tegami::admin {

namespace {

constexpr std::size_t kFileBytesMax = 4U << 20;
constexpr std::size_t kAccountsAtOnce = 1000;

store::Error from_directory(const directory::Error& error) {
    switch (error.code) {
    case directory::ErrorCode::not_found: return {store::ErrorCode::not_found, error.message};
    case directory::ErrorCode::exists:
    case directory::ErrorCode::in_use: return {store::ErrorCode::exists, error.message};
    case directory::ErrorCode::invalid: return {store::ErrorCode::invalid, error.message};
    case directory::ErrorCode::unavailable: break;
    }
    return {store::ErrorCode::unavailable, error.message};
}

bool is_within(const std::filesystem::path& path, const std::filesystem::path& folder) {
    const auto [at, rest] = std::ranges::mismatch(folder, path);
    return at == folder.end();
}

/// Whether the folder is one of those that may be used, or in one of them. Blocks.
store::StoreResult<> check_place(const std::string& directory, const std::optional<std::vector<std::string>>& places) {
    std::error_code error;
    const auto wanted = std::filesystem::weakly_canonical(directory, error);
    if (!places || std::ranges::any_of(*places, [&](const std::string& place) {
            return is_within(wanted, std::filesystem::weakly_canonical(place, error));
        }))
        return {};
    return failure(store::Error{
        store::ErrorCode::invalid,
        fmt::format("the running server cannot reach {}: name it in backup_directories of tegami.toml and start the "
                    "server again; a stopped server needs no such line",
                    directory)});
}

/// Makes the folder if it may be one for backups. Blocks.
store::StoreResult<> make_folder(const std::string& directory, const std::string& data_directory) {
    const auto refuse = [](std::string why) {
        return failure(store::Error{store::ErrorCode::invalid, std::move(why)});
    };
    if (!std::filesystem::path(directory).is_absolute()) return refuse("the folder must be an absolute path");
    std::error_code error;
    const auto wanted = std::filesystem::weakly_canonical(directory, error);
    const auto data = std::filesystem::weakly_canonical(data_directory, error);
    if (is_within(wanted, data) || is_within(data, wanted))
        return refuse(
            fmt::format("{} and the data directory {} must not lie in each other", directory, data_directory));
    if (const auto made = disk::make_directory(directory, 0700); !made)
        return failure(store::Error{store::ErrorCode::unavailable,
                                    fmt::format("the folder {} cannot be made: {}", directory, made.error())});
    return {};
}

/// Reads a file into the backup; one that is there and cannot be read is damage, one that is not there is none.
void add_file(store::BackupOptions& options, const Backups::File& file) {
    std::error_code error;
    if (!std::filesystem::exists(file.path, error)) return;
    auto text = disk::read_file(file.path, kFileBytesMax);
    if (text)
        options.files.emplace_back(file.name, *std::move(text));
    else
        options.damage.push_back(fmt::format("{} cannot be read: {}", file.path, text.error()));
}

} // namespace

Backups::Backups(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

async::Awaitable<store::StoreResult<std::uint64_t>> Backups::count_accounts() {
    std::uint64_t count = 0;
    std::string from;
    do {
        const auto page = co_await dependencies_.directory.list_accounts(std::nullopt, from, kAccountsAtOnce);
        if (!page) break; // damage of the directory; the count is for people
        count += page->items.size();
        from = page->next;
    } while (!from.empty());
    co_return count;
}

/// For `tegami status`: failing to write it is no failure of the backup.
async::Awaitable<> Backups::remember(Timestamp time, std::string directory) {
    const auto write = [data = dependencies_.data_directory, last = LastBackup{time, std::move(directory)}] {
        return write_last_backup(data, last);
    };
    const auto written = co_await async::run(&dependencies_.lanes.reads, write);
    if (!written) dependencies_.log.warning("that a backup was made is not remembered", {{"reason", written.error()}});
}

async::Awaitable<store::StoreResult<store::BackupDone>> Backups::backup(std::string directory, std::size_t keep,
                                                                        ProgressPtr progress) {
    store::BackupOptions options{.directory = directory, .keep = keep, .progress = std::move(progress)};
    CO_TRY(options.accounts, co_await count_accounts());
    const auto prepare = [&options, this]() -> store::StoreResult<> {
        TRY_VOID(check_place(options.directory, dependencies_.places));
        TRY_VOID(make_folder(options.directory, dependencies_.data_directory));
        for (const File& file : dependencies_.files())
            add_file(options, file);
        return {};
    };
    CO_TRY_VOID(co_await async::run(&dependencies_.lanes.reads, prepare));
    auto done = co_await dependencies_.engine.backup(std::move(options));
    if (done) co_await remember(done->point.time, directory);
    if (!done)
        dependencies_.log.error("no backup was made", {{"folder", directory}, {"reason", done.error().detail}});
    else
        dependencies_.log.info("backup made", {{"folder", directory},
                                               {"point", done->point.name},
                                               {"bytes_written", done->octets_written},
                                               {"damage", done->point.damage.size()}});
    co_return done;
}

async::Awaitable<store::StoreResult<std::unique_ptr<Backups::Source>>> Backups::open(std::string directory,
                                                                                     std::string point) {
    const auto open = [this, directory = std::move(directory),
                       point = std::move(point)]() -> store::StoreResult<std::unique_ptr<Source>> {
        TRY_VOID(check_place(directory, dependencies_.places));
        TRY(auto folder, store::BackupFolder::open(dependencies_.disk, directory, store::BackupFolder::Use::read));
        TRY(const store::BackupPoint found, folder->find(point));
        TRY(auto engine, store::BackupReader::open(std::move(folder), found, dependencies_.lanes.reads));
        return std::make_unique<Source>(Source{.name = found.name, .engine = std::move(engine)});
    };
    co_return co_await async::run(&dependencies_.lanes.long_jobs, open);
}

async::Awaitable<store::StoreResult<Backups::Points>> Backups::points(std::string directory) {
    const auto look = [this, directory = std::move(directory)]() -> store::StoreResult<Points> {
        TRY_VOID(check_place(directory, dependencies_.places));
        TRY(const auto folder,
            store::BackupFolder::open(dependencies_.disk, directory, store::BackupFolder::Use::look));
        Points found{.points = folder->points(), .unreadable = folder->unreadable(), .checkup = {}};
        const auto checkups = read_checkups(dependencies_.data_directory);
        if (const auto known = checkups.find(directory); known != checkups.end()) found.checkup = known->second;
        return found;
    };
    co_return co_await async::run(&dependencies_.lanes.reads, look);
}

async::Awaitable<store::StoreResult<store::BackupCheck>> Backups::verify(std::string directory, ProgressPtr progress) {
    const auto check = [this, directory = std::move(directory), progress = std::move(progress),
                        now = dependencies_.timers.now()]() -> store::StoreResult<store::BackupCheck> {
        TRY_VOID(check_place(directory, dependencies_.places));
        TRY(const auto folder,
            store::BackupFolder::open(dependencies_.disk, directory, store::BackupFolder::Use::read));
        progress->begin(Progress::Unit::octets, folder->octets());
        TRY(store::BackupCheck found, folder->check([&progress](std::uint64_t octets) {
            progress->set(octets);
            return true;
        }));
        auto checkups = read_checkups(dependencies_.data_directory);
        checkups[directory] = {.time = now, .problems = found.damage.size()};
        const auto written = write_checkups(dependencies_.data_directory, std::move(checkups));
        if (!written)
            dependencies_.log.warning("that a backup was verified is not remembered", {{"reason", written.error()}});
        return found;
    };
    co_return co_await async::run(&dependencies_.lanes.long_jobs, check);
}

json::object to_json(const store::BackupPoint& point) {
    return {{"point", point.name},
            {"time", print_time(point.time)},
            {"accounts", point.accounts},
            {"bytes", point.octets()},
            {"damage", to_array(point.damage)}};
}

/// The account that mail goes to; made if it is not there.
async::Awaitable<store::StoreResult<store::AccountPtr>>
Backups::target(store::Engine* backup, message::EmailAddress address, Restored* restored) {
    directory::Administration& directory = dependencies_.directory;
    auto there = co_await directory.account_at(address);
    if (!there) co_return failure(from_directory(there.error()));
    store::AccountId id;
    if (*there) {
        id = (*there)->id;
    } else {
        auto stored = co_await directory::stored_account(backup, address);
        if (!stored) co_return failure(from_directory(stored.error()));
        if (!*stored) co_return failure(store::Error{store::ErrorCode::not_found, "the account is not in the backup"});
        const auto made = co_await directory.restore_account(**std::move(stored));
        if (!made) co_return failure(from_directory(made.error()));
        restored->account_made = true;
        id = made->id;
    }
    co_return co_await dependencies_.store.account(id);
}

async::Awaitable<store::StoreResult<Backups::Restored>>
Backups::restore(Source* source, message::EmailAddress address, store::RestoreWish wish, ProgressPtr progress) {
    const auto stored = co_await directory::stored_account(source->engine.get(), address);
    if (!stored) co_return failure(from_directory(stored.error()));
    if (!*stored)
        co_return failure(store::Error{store::ErrorCode::not_found, fmt::format("the backup of {} has no account {}",
                                                                                source->name, address.display())});
    store::Store backup(source->engine.get(), &dependencies_.timers);
    CO_TRY(store::AccountPtr from, co_await backup.account((*stored)->account.id));
    if (wish.mailbox && !from->mailboxes()->find(store::canonical_mailbox_name(*wish.mailbox)))
        co_return failure(
            store::Error{store::ErrorCode::not_found, fmt::format("in the backup of {} {} has no mailbox {}",
                                                                  source->name, address.display(), *wish.mailbox)});
    Restored restored;
    CO_TRY(store::AccountPtr to, co_await target(source->engine.get(), address, &restored));
    store::RestoreParts parts{
        .backup = source->engine.get(),
        .from = std::move(from),
        .store = &dependencies_.store,
        .to = std::move(to),
        .restored_blob = [engine = &dependencies_.engine](store::BlobId id) { return engine->restored_blob(id); },
        .progress = std::move(progress)};
    CO_TRY(restored.report, co_await store::restore_messages(std::move(parts), std::move(wish)));
    std::uint64_t messages = 0;
    for (const store::RestoredMailbox& mailbox : restored.report.mailboxes)
        messages += mailbox.restored;
    dependencies_.log.info("mail restored from a backup",
                           {{"point", source->name}, {"account", address.display()}, {"messages", messages}});
    co_return restored;
}

} // namespace tegami::admin
