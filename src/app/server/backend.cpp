#include "app/server/backend.h"

#include "app/server/certificate_files.h"
#include "app/server/memory_watch.h"
#include "async/run.h"
#include "disk/files.h"
#include "store/recovery/schema.h"

#include <fmt/format.h>

#include <unistd.h>

#include <filesystem>

namespace tegami::app {

namespace {

std::string store_directory(const std::string& data_directory) {
    return data_directory + "/store";
}

std::string open_error(const Config& config, const store::Error& error) {
    const bool damaged = error.code == store::ErrorCode::damaged;
    return fmt::format("the store in {} cannot be opened: {}{}", config.data_directory, error.detail,
                       damaged ? "; tegami repair saves what can be read" : "");
}

} // namespace

Result<void, std::string> check_owner(const std::string& data_directory, unsigned euid) {
    const auto owner = disk::owner_of(data_directory);
    if (!owner) return {};
    const bool allowed = euid == 0 || ::access(data_directory.c_str(), R_OK | W_OK | X_OK) == 0;
    if (euid == owner->uid || (euid != 0 && allowed)) return {};
    if (!allowed)
        return failure(
            fmt::format("permission denied: the data directory {} belongs to {}", data_directory, owner->name));
    return failure(fmt::format("the data directory {0} belongs to {1}: run this as that user (for example with sudo -u "
                               "{1}), because files of root would keep the server of {1} from starting",
                               data_directory, owner->name));
}

Result<void, std::string> check_store(const std::string& data_directory) {
    std::error_code error;
    if (std::filesystem::status(store_directory(data_directory), error).type() != std::filesystem::file_type::not_found)
        return {};
    return failure(
        fmt::format("there is no store in {}: is its disk mounted? A new store begins with its first domain: "
                    "tegami domain add DOMAIN",
                    data_directory));
}

Result<std::unique_ptr<Backend>, std::string> Backend::open(const Config& config, Dependencies dependencies) {
    TRY_VOID(check_owner(config.data_directory, ::geteuid()));
    if (const auto made = disk::make_directory(config.data_directory, 0700); !made)
        return failure(fmt::format("the data directory {} cannot be made: {}", config.data_directory, made.error()));
    std::unique_ptr<Backend> backend(new Backend);
    const MemoryShares shares = share_out(config.memory_budget_bytes);
    const auto retention = std::chrono::days(config.retention.expunged_days);
    auto engine = store::open_store(dependencies.context,
                                    {.directory = store_directory(config.data_directory),
                                     .memory_bytes = static_cast<std::size_t>(shares.engine),
                                     .segment_bytes_max = config.store.segment_bytes,
                                     .collect_interval = config.store.collect_interval},
                                    {.disk = backend->disk_,
                                     .clock = dependencies.timers,
                                     .random = dependencies.random,
                                     .log = dependencies.log,
                                     .pool = dependencies.lanes.reads,
                                     .long_jobs = dependencies.lanes.long_jobs});
    if (!engine) return failure(open_error(config, engine.error()));
    backend->engine_ = *std::move(engine);
    store::Engine& opened = *backend->engine_;
    backend->store_ =
        std::make_unique<store::Store>(&opened, &dependencies.timers,
                                       store::StoreOptions{.cache_bytes_max = static_cast<std::size_t>(shares.store),
                                                           .retention = retention,
                                                           .log = &dependencies.log});
    backend->queue_ = std::make_unique<store::Queue>(&opened, &dependencies.timers);
    backend->traffic_ = std::make_unique<store::Traffic>(
        &opened, &dependencies.timers, [backend = backend.get()](std::string_view name) {
            const auto domain = backend->directory_ ? message::Domain::parse(name) : std::nullopt;
            return domain && backend->directory_->administration().domains()->contains(*domain);
        });
    backend->journeys_ = std::make_unique<store::Journeys>(&opened, &dependencies.timers, &dependencies.random,
                                                           &dependencies.log, backend->traffic_.get());
    backend->audit_ = std::make_unique<store::Audit>(&opened, &dependencies.timers);
    backend->tally_ = std::make_unique<store::Tally>(&opened, &dependencies.timers, &dependencies.log);
    backend->reports_ = std::make_unique<store::KeptReports>(&opened);
    auto directory =
        async::run_on(dependencies.context,
                      directory::Directory::open({.store = *backend->store_,
                                                  .workers = dependencies.lanes.hashes,
                                                  .clock = dependencies.timers,
                                                  .random = dependencies.random},
                                                 {.default_domain = config.default_domain,
                                                  .retention = retention,
                                                  .second_factor_for_roles = config.web.second_factor_for_roles}));
    if (!directory)
        return failure(
            fmt::format("the directory in {} cannot be read: {}", config.data_directory, directory.error().message));
    backend->directory_ = *std::move(directory);
    return backend;
}

Backend::~Backend() = default;

std::unique_ptr<admin::Backups> make_backups(const Config& config, Backend& backend, Backend::Dependencies dependencies,
                                             std::optional<std::vector<std::string>> places) {
    const auto files = [&config] {
        const TlsConfig tls = certificate_files(load_config(config.file).value_or(config));
        return std::vector<admin::Backups::File>{{.name = admin::kBackupConfig, .path = config.file},
                                                 {.name = admin::kBackupCertificate, .path = tls.certificate},
                                                 {.name = admin::kBackupKey, .path = tls.key},
                                                 {.name = admin::kBackupNextKey, .path = next_key_file(config)}};
    };
    return std::make_unique<admin::Backups>(
        admin::Backups::Dependencies{.engine = backend.engine(),
                                     .disk = backend.disk(),
                                     .store = backend.store(),
                                     .directory = backend.directory().administration(),
                                     .lanes = dependencies.lanes,
                                     .timers = dependencies.timers,
                                     .random = dependencies.random,
                                     .log = dependencies.log,
                                     .data_directory = config.data_directory,
                                     .places = std::move(places),
                                     .files = files});
}

} // namespace tegami::app
