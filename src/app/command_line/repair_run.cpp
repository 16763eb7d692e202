#include "app/command_line/repair_run.h"

#include "app/server/backend.h"
#include "app/server/log_writer.h"
#include "async/run.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/random.h"
#include "directory/repair.h"
#include "disk/files.h"
#include "disk/real.h"
#include "store/account_records.h"
#include "store/engine/recovery/salvage.h"
#include "store/engine/rocks.h"
#include "store/recovery/repair.h"
#include "store/recovery/schema.h"

#include <boost/asio/io_context.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

namespace tegami::app {

namespace {

constexpr std::uint64_t kReadBytes = 1u << 20;

/// Accounts that have records, unless they are being removed.
async::Awaitable<store::StoreResult<std::vector<store::AccountId>>> accounts_with_mail(store::Engine* engine) {
    std::vector<store::AccountId> accounts;
    std::uint64_t after = 0;
    for (;;) {
        CO_TRY(const std::vector<store::Domain> domains,
               co_await engine->domains(store::DomainKind::account, after, 1000));
        if (domains.empty()) co_return accounts;
        for (const store::Domain domain : domains) {
            after = domain.id;
            CO_TRY(const store::Page first, co_await engine->scan(domain, {"", "", 1, false, true}));
            if (first.rows.empty()) continue;
            const store::Row& row = first.rows.front();
            const auto account =
                row.key == store::record::account_key() ? store::record::decode_account(row.value) : std::nullopt;
            if (!account || !account->removed) accounts.emplace_back(domain.id);
        }
    }
}

async::Awaitable<store::StoreResult<bool>> write_message(store::Engine* engine, store::BlobRef blob, std::string file) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    for (std::uint64_t at = 0; at < blob.size; at += kReadBytes) {
        CO_TRY(const std::string octets, co_await engine->read_blob(blob.id, at, kReadBytes));
        out << octets;
    }
    co_return out.good();
}

/// The parts in the order in which they are made; what wakes coroutines ends before the context that they run on.
class RepairRun {
public:
    explicit RepairRun(const Config& config)
        : config_(config), workers_(std::max(2U, std::thread::hardware_concurrency())),
          store_(config.data_directory + "/store"),
          aside_(fmt::format("{}/salvage/{:%Y-%m-%dT%H%M%S}", config.data_directory,
                             fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())))) {}

    Result<json::object, std::string> run(const RepairProgress& progress) {
        auto salvaged =
            store::salvage_store(disk_, timers_, {.directory = store_, .aside = aside_, .progress = progress});
        if (!salvaged) return failure(salvaged.error().detail);
        salvage_ = *std::move(salvaged);
        auto engine = store::open_store(
            context_, {.directory = store_, .reserve_bytes = 0},
            {.disk = disk_, .clock = timers_, .random = random_, .log = log_, .pool = workers_, .long_jobs = workers_});
        if (!engine) return failure(fmt::format("the repaired store cannot be opened: {}", engine.error().detail));
        engine_ = *std::move(engine);
        TRY_VOID(repair_directory());
        TRY_VOID(repair_accounts());
        TRY_VOID(put_unclaimed_aside());
        json::object report = make_report();
        if (salvage_.changed) {
            std::ofstream file(aside_ + "/report.json");
            file << admin::write_json(report) << '\n';
        }
        return report;
    }

private:
    Result<void, std::string> repair_directory() {
        const auto with_mail = async::run_on(context_, accounts_with_mail(engine_.get()));
        if (!with_mail) return failure(with_mail.error().detail);
        auto done = async::run_on(
            context_, directory::repair(engine_.get(), &timers_, &random_,
                                        {.default_domain = config_.default_domain, .with_mail = *with_mail}));
        if (!done) return failure(done.error().message);
        directory_ = *std::move(done);
        return {};
    }

    Result<void, std::string> repair_accounts() {
        store::RepairOptions options{.quota_bytes = {},
                                     .references = {},
                                     .lost_cards = salvage_.lost_cards,
                                     .commits_lost = salvage_.commits_lost};
        for (const auto& [id, account] : directory_.accounts)
            options.quota_bytes[id] = account.quota_bytes;
        for (store::SalvagedReference& reference : salvage_.references)
            options.references.emplace(std::move(reference.tag), reference.blob);
        auto done = async::run_on(context_, store::repair(engine_.get(), &timers_, std::move(options)));
        if (!done) return failure(done.error().detail);
        accounts_ = *std::move(done);
        return {};
    }

    /// Messages that no account has go into files, for the operator to give to their owners.
    Result<void, std::string> put_unclaimed_aside() {
        for (const store::BlobRef& blob : salvage_.unreferenced) {
            if (accounts_.claimed.contains(blob.id)) continue;
            const std::string folder = aside_ + "/unclaimed";
            if (const auto made = disk::make_directory(folder, 0700); !made)
                return failure(fmt::format("{}: {}", folder, made.error()));
            std::string name;
            for (const std::uint8_t octet : blob.id.octets)
                name += fmt::format("{:02x}", octet);
            const auto written =
                async::run_on(context_, write_message(engine_.get(), blob, fmt::format("{}/{}.eml", folder, name)));
            if (!written) return failure(written.error().detail);
            if (!*written) return failure(fmt::format("{} cannot be written", folder));
            ++unclaimed_;
        }
        return {};
    }

    static json::array texts(const std::vector<std::string>& list) {
        json::array array;
        for (const std::string& text : list)
            array.emplace_back(text);
        return array;
    }

    json::object describe(const store::RepairedAccount& account) const {
        const auto known = directory_.accounts.find(account.id);
        json::array lost;
        for (const store::LostMessage& one : account.lost)
            lost.push_back(json::object{{"mailbox", one.mailbox},
                                        {"uid", one.uid},
                                        {"subject", one.subject},
                                        {"from", one.from},
                                        {"date", one.date},
                                        {"reason", one.reason}});
        return {{"id", account.id.value},
                {"address", known == directory_.accounts.end() ? "" : known->second.address.display()},
                {"lost", std::move(lost)},
                {"recovered", account.recovered},
                {"notes", texts(account.notes)}};
    }

    json::object make_report() const {
        json::array accounts;
        for (const store::RepairedAccount& account : accounts_.accounts)
            accounts.push_back(describe(account));
        std::vector<std::string> notes = directory_.notes;
        notes.insert(notes.end(), accounts_.notes.begin(), accounts_.notes.end());
        const bool changed = salvage_.changed || !accounts.empty() || !notes.empty();
        return {{"changed", changed},
                {"aside", salvage_.changed ? json::value(aside_) : json::value()},
                {"findings", texts(salvage_.findings)},
                {"notes", texts(notes)},
                {"accounts", std::move(accounts)},
                {"unclaimed", unclaimed_},
                {"losses_unknown", salvage_.commits_lost}};
    }

    const Config& config_;
    boost::asio::io_context context_{1};
    async::RealTimers timers_;
    SystemRandom random_;
    LogWriter log_{{.least = LogLevel::warning}};
    disk::RealFileSystem disk_;
    async::ThreadPool workers_;
    const std::string store_;
    const std::string aside_;
    std::unique_ptr<store::RocksEngine> engine_;
    store::Salvage salvage_;
    directory::RepairResult directory_;
    store::RepairReport accounts_;
    std::uint64_t unclaimed_ = 0;
};

} // namespace

Result<json::object, std::string> run_repair(const Config& config, const RepairProgress& progress) {
    TRY_VOID(check_owner(config.data_directory, ::geteuid()));
    return RepairRun(config).run(progress);
}

} // namespace tegami::app
