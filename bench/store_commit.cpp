// Durable deliveries a second through the embedded engine (one blob, three rows and a reference each), beside what the
// disk itself can do in the same run: the same octets written by one thread, one fdatasync for all that wait.
// Usage: store_commit [directory [seconds for each figure]]
#include "async/awaitable.h"
#include "async/worker_pool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "disk/real.h"
#include "store/engine/rocks.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace tegami {
namespace {

constexpr int kIoThreads = 2;
constexpr int kRounds = 3; // engine and disk take turns, so that a noisy neighbour hits both
constexpr std::uint64_t kAccounts = 1000;

class StderrLog final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields) override { fmt::print(stderr, "{}\n", event); }
};

/// Octets that this process has caused to be written to the disk.
std::uint64_t written_bytes() {
    std::ifstream file("/proc/self/io");
    std::string name;
    std::uint64_t value = 0;
    while (file >> name >> value)
        if (name == "write_bytes:") return value;
    return 0;
}

struct Load {
    store::Engine* engine;
    std::string content; ///< does not compress
    std::atomic<bool> stop = false;
    std::atomic<std::uint64_t> delivered = 0;
    std::atomic<std::uint64_t> failed = 0;
    std::atomic<int> running = 0;
};

async::Awaitable<void> deliver(Load* load, std::uint64_t seed) {
    SeededRandom random(seed);
    for (std::uint64_t number = 0; !load->stop; ++number) {
        const store::Domain account{store::DomainKind::account, random.below(kAccounts)};
        const auto writer = load->engine->new_blob();
        auto appended = co_await writer->append(load->content);
        auto blob = co_await writer->finish(std::string(600, 'c'), {});
        if (!appended || !blob) {
            ++load->failed;
            break;
        }
        const std::string key = std::to_string(seed) + "." + std::to_string(number);
        store::Batch batch{account, {}, {}, {}};
        batch.operations.emplace_back(store::Put{"E" + key, std::string(60, 'e')});
        batch.operations.emplace_back(store::Put{"L" + key, std::string(20, 'l')});
        batch.operations.emplace_back(store::Put{"B1", std::string(60, 'b')});
        batch.operations.emplace_back(store::AddReference{blob->id, key});
        auto committed = co_await load->engine->commit(std::move(batch));
        if (!committed) {
            ++load->failed;
            break;
        }
        ++load->delivered;
    }
    --load->running;
}

struct Rate {
    double per_second = 0;
    double written_per_octet = 0;
};

Rate engine_rate(store::Engine& engine, std::size_t size, int waiting, double seconds) {
    boost::asio::io_context context;
    auto work = boost::asio::make_work_guard(context);
    std::vector<std::thread> threads;
    for (int i = 0; i < kIoThreads; ++i)
        threads.emplace_back([&] { context.run(); });
    Load load{.engine = &engine, .content = std::string(size, '\0')};
    SeededRandom(size).fill(load.content.data(), size);
    load.running = waiting;
    const SystemClock clock;
    const std::uint64_t written = written_bytes();
    const Instant begin = clock.instant();
    for (int i = 0; i < waiting; ++i)
        boost::asio::co_spawn(context, deliver(&load, static_cast<std::uint64_t>(i) + 1), [](std::exception_ptr) {});
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    load.stop = true;
    while (load.running > 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const double took = std::chrono::duration<double>(clock.instant() - begin).count();
    // The stages' threads may still hold the context's executor for a moment after the last answer.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    work.reset();
    for (std::thread& thread : threads)
        thread.join();
    if (load.failed > 0) fmt::print(stderr, "{} deliveries failed\n", load.failed.load());
    const double delivered = static_cast<double>(load.delivered.load());
    return {delivered / took, static_cast<double>(written_bytes() - written) / (delivered * static_cast<double>(size))};
}

double disk_rate(disk::FileSystem& disk, const std::string& directory, std::size_t size, int waiting, double seconds) {
    const auto file = disk.temporary(directory).value();
    std::string content(size, '\0');
    SeededRandom(size).fill(content.data(), size);
    const std::vector<std::string_view> pieces(static_cast<std::size_t>(waiting), content);
    const SystemClock clock;
    const Instant begin = clock.instant();
    std::uint64_t at = 0;
    double took = 0;
    while (took < seconds) {
        file->write_at(at, pieces).value();
        file->sync().value();
        at += pieces.size() * size;
        took = std::chrono::duration<double>(clock.instant() - begin).count();
    }
    return static_cast<double>(at / size) / took;
}

int run(const std::string& directory, double seconds) {
    disk::RealFileSystem disk;
    const SystemClock clock;
    SystemRandom random;
    StderrLog log;
    async::ThreadPool pool(2);
    fmt::print("{:>7} {:>8} {:>14} {:>14} {:>6} {:>22}\n", "octets", "waiting", "deliveries/s", "fdatasync/s", "ratio",
               "written per octet");
    for (const std::size_t size : {4096u, 40960u}) {
        for (const int waiting : {1, 64, 512}) {
            const std::string path = directory + "/store";
            std::filesystem::remove_all(path);
            auto engine = store::RocksEngine::open({.directory = path}, {disk, clock, random, log, pool, pool});
            if (!engine) {
                fmt::print(stderr, "{}\n", engine.error().detail);
                return 1;
            }
            std::vector<Rate> rates;
            std::vector<double> disk_rates;
            for (int round = 0; round < kRounds; ++round) {
                rates.push_back(engine_rate(**engine, size, waiting, seconds / kRounds));
                disk_rates.push_back(disk_rate(disk, directory, size, waiting, seconds / kRounds));
            }
            std::ranges::sort(rates, {}, &Rate::per_second);
            std::ranges::sort(disk_rates);
            const Rate rate = rates[kRounds / 2];
            const double disk_only = disk_rates[kRounds / 2];
            fmt::print("{:>7} {:>8} {:>14.0f} {:>14.0f} {:>6.2f} {:>22.2f}\n", size, waiting, rate.per_second,
                       disk_only, rate.per_second / disk_only, rate.written_per_octet);
            std::fflush(stdout);
        }
    }
    std::filesystem::remove_all(directory + "/store");
    return 0;
}

} // namespace
} // namespace tegami

int main(int count, char** arguments) {
    const std::string given = count > 1 ? arguments[1] : "";
    std::string made = (std::filesystem::temp_directory_path() / "tegami_bench_XXXXXX").string();
    if (given.empty() && ::mkdtemp(made.data()) == nullptr) return 1;
    const int result = tegami::run(given.empty() ? made : given, count > 2 ? std::atof(arguments[2]) : 6);
    if (given.empty()) std::filesystem::remove_all(made);
    return result;
}
