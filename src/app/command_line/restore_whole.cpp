#include "app/command_line/restore_whole.h"

#include "admin/backups.h"
#include "admin/json.h"
#include "app/configuration/config.h"
#include "app/server/log_writer.h"
#include "async/run.h"
#include "base/ascii.h"
#include "directory/web_sessions.h"
#include "disk/files.h"
#include "disk/real.h"
#include "store/engine/backup_restore.h"
#include "store/recovery/renew.h"
#include "store/recovery/schema.h"

#include <fmt/format.h>

#include <filesystem>

namespace tegami::app {

namespace {

/// The configuration for the new place: the data directory is beside it.
std::string moved_config(std::string_view text) {
    std::string moved;
    bool top = true; // before the first section
    for (const std::string_view line : ascii::split(text, '\n')) {
        const std::string_view trimmed = ascii::trim(line);
        if (trimmed.starts_with('[')) top = false;
        const bool names_data = top && trimmed.starts_with("data_directory") &&
                                ascii::trim(trimmed.substr(std::string_view("data_directory").size())).starts_with('=');
        moved += names_data ? std::string_view("data_directory = \"data\"") : line;
        moved += '\n';
    }
    moved.pop_back();
    return moved;
}

class RestoreRun {
public:
    explicit RestoreRun(const WholeRestore& wanted) : wanted_(wanted), data_(wanted.to + "/data") {}

    Result<json::object, std::string> run() {
        auto opened = store::BackupFolder::open(disk_, wanted_.backup, store::BackupFolder::Use::read);
        if (!opened) return failure(opened.error().detail);
        folder_ = *std::move(opened);
        auto point = folder_->find(wanted_.point);
        if (!point) return failure(point.error().detail);
        point_ = *std::move(point);
        TRY_VOID(make_folders());
        auto report = fill();
        std::error_code error; // best effort: the operator can remove what nobody needs, too
        if (!report) std::filesystem::remove_all(data_, error);
        return report;
    }

private:
    Result<json::object, std::string> fill() {
        auto restored = store::restore_store(*folder_, point_, data_ + "/store", [this](std::uint64_t octets) {
            if (wanted_.progress) wanted_.progress(octets, point_.octets());
            return true;
        });
        if (!restored) return failure(restored.error().detail);
        damage_ = point_.damage;
        damage_.insert(damage_.end(), restored->damage.begin(), restored->damage.end());
        TRY(const std::uint64_t accounts, renew());
        TRY_VOID(write_file(admin::kBackupCertificate, data_ + "/tls/certificate.pem", 0644));
        TRY_VOID(write_file(admin::kBackupKey, data_ + "/tls/key.pem", 0600));
        TRY_VOID(write_file(admin::kBackupNextKey, data_ + "/tls/next-key.pem", 0600));
        TRY_VOID(write_file(admin::kBackupConfig, config_path(), 0644)); // the last: now it is a server
        look_at_config();
        return json::object{{"point", point_.name},
                            {"accounts", accounts},
                            {"bytes", restored->octets},
                            {"config", config_path()},
                            {"damage", admin::to_array(damage_)},
                            {"notes", admin::to_array(notes_)}};
    }

    std::string config_path() const { return wanted_.to + "/tegami.toml"; }

    Result<void, std::string> make_folders() const {
        std::error_code error;
        if (std::filesystem::exists(wanted_.to, error) && !std::filesystem::is_empty(wanted_.to, error))
            return failure(fmt::format("{} is not empty: a whole server is restored into a new folder", wanted_.to));
        for (const std::string& path : {wanted_.to, data_, data_ + "/tls"})
            if (const auto made = disk::make_directory(path, 0700); !made)
                return failure(fmt::format("{} cannot be made: {}", path, made.error()));
        return {};
    }

    Result<std::uint64_t, std::string> renew() {
        auto engine = store::open_store(
            context_, {.directory = data_ + "/store", .reserve_bytes = 0},
            {.disk = disk_, .clock = timers_, .random = random_, .log = log_, .pool = workers_, .long_jobs = workers_});
        if (!engine) return failure(fmt::format("the restored store cannot be opened: {}", engine.error().detail));
        const auto renewed = async::run_on(context_, store::renew_accounts(engine->get(), &timers_));
        if (!renewed) return failure(renewed.error().detail);
        const auto forgotten = async::run_on(context_, directory::forget_web_sessions(engine->get()));
        if (!forgotten) return failure(forgotten.error().message);
        return *renewed;
    }

    Result<void, std::string> write_file(std::string_view name, const std::string& path, unsigned mode) {
        const auto file = std::ranges::find(point_.files, name, &store::BackupFile::name);
        if (file == point_.files.end()) {
            notes_.push_back(fmt::format("the backup has no {}", name));
            return {};
        }
        const auto text = folder_->read_file(point_, *file);
        if (!text) {
            damage_.push_back(text.error().detail);
            return {};
        }
        if (const auto written =
                disk::create_file(path, name == admin::kBackupConfig ? moved_config(*text) : *text, mode);
            !written)
            return failure(fmt::format("{} cannot be written: {}", path, written.error()));
        return {};
    }

    /// What another machine may lack.
    void look_at_config() {
        const ConfigResult config = load_config(config_path());
        std::error_code error;
        if (!config) {
            for (const ConfigProblem& problem : config.error())
                notes_.push_back(problem.to_string(config_path()));
        } else if (!config->tls.certificate.empty() && !std::filesystem::exists(config->tls.certificate, error)) {
            notes_.push_back(fmt::format("tls.certificate in tegami.toml names {}, which is not here; its copy is {}",
                                         config->tls.certificate, data_ + "/tls/certificate.pem"));
        }
    }

    const WholeRestore& wanted_;
    const std::string data_;
    boost::asio::io_context context_{1};
    async::RealTimers timers_;
    SystemRandom random_;
    LogWriter log_{{.least = LogLevel::warning}};
    disk::RealFileSystem disk_;
    async::ThreadPool workers_{2};
    std::unique_ptr<store::BackupFolder> folder_;
    store::BackupPoint point_;
    std::vector<std::string> damage_;
    std::vector<std::string> notes_;
};

} // namespace

Result<json::object, std::string> run_whole_restore(const WholeRestore& wanted) {
    return RestoreRun(wanted).run();
}

} // namespace tegami::app
