// A mailbox of a million messages in the embedded engine: what filling it costs, opening it (cold: after the store was
// closed and opened again; warm: the view is dropped but RocksDB's cache is full; open: another session has it),
// flagging one message, flagging all, copying, moving and expunging all. In between the picture of the whole account, and
// what has changed since the one before, as JMAP asks. Beside each the octets given to the disk.
// Usage: store_open [directory [messages]]
#include "in_process.h"

#include "async/worker_pool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "disk/real.h"
#include "store/account_changes.h"
#include "store/engine/rocks.h"
#include "store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

namespace tegami {
namespace {

using bench::processor_milliseconds;
using bench::wait_for;

constexpr std::size_t kAppendAtOnce = 10'000;

/// Octets that this process has caused to be written to the disk.
std::uint64_t written_bytes() {
    std::ifstream file("/proc/self/io");
    std::string name;
    std::uint64_t value = 0;
    while (file >> name >> value)
        if (name == "write_bytes:") return value;
    return 0;
}

class Measure {
public:
    explicit Measure(const char* what)
        : what_(what), written_(written_bytes()), processor_(processor_milliseconds()), begin_(clock_.instant()) {}

    ~Measure() {
        const double took = std::chrono::duration<double, std::milli>(clock_.instant() - begin_).count();
        const double written = static_cast<double>(written_bytes() - written_);
        const double processor = processor_milliseconds() - processor_;
        fmt::print("{:<44} {:>10.2f} ms {:>10.2f} ms processor {:>12.0f} octets\n", what_, took, processor, written);
        std::fflush(stdout);
    }

    Measure(const Measure&) = delete;
    Measure& operator=(const Measure&) = delete;

private:
    const SystemClock clock_;
    const char* const what_;
    const std::uint64_t written_;
    const double processor_;
    const Instant begin_;
};

/// The store on its engine; closing it is ending the process, as far as caches of ours go.
struct Opened {
    Opened(const std::string& directory, store::RocksEngineDependencies parts, Clock* clock) {
        auto made = store::RocksEngine::open({.directory = directory}, parts);
        if (!made) {
            fmt::print(stderr, "{}\n", made.error().detail);
            std::exit(1);
        }
        engine = *std::move(made);
        store = std::make_unique<store::Store>(engine.get(), clock);
    }

    std::unique_ptr<store::RocksEngine> engine;
    std::unique_ptr<store::Store> store;
};

void fill(Opened& opened, store::Account& account, store::MailboxId inbox, std::size_t count) {
    const auto writer = opened.store->new_blob();
    wait_for(writer->append(std::string(400, 'm')));
    const store::BlobRef blob = wait_for(writer->finish("card", {}));
    SeededRandom random(1);
    for (std::size_t done = 0; done < count;) {
        std::vector<store::NewMessage> messages;
        for (; done < count && messages.size() < kAppendAtOnce; ++done) {
            store::BlobRef sized = blob;
            sized.size = 2000 + random.below(100'000); // sizes as they vary in mailboxes; nobody reads the octets here
            const auto flags = random.below(3) == 0 ? store::Flags{} : store::Flags{store::Flag::seen};
            messages.push_back({.blob = sized,
                                .placements = {{inbox, flags, {}}},
                                .internal_date = Timestamp(std::chrono::seconds(1'700'000'000 + done * 60)),
                                .thread = {.message_id = std::to_string(done) + "@a.test"}});
        }
        wait_for(account.append(std::move(messages)));
    }
}

int run(const std::string& directory, std::size_t count) {
    using namespace store;
    disk::RealFileSystem disk;
    SystemClock clock;
    SystemRandom random;
    SilentLog log;
    async::ThreadPool pool(2);
    const std::string path = directory + "/store";
    std::filesystem::remove_all(path);
    const RocksEngineDependencies parts{disk, clock, random, log, pool, pool};
    MailboxId inbox;
    fmt::print("{} messages\n", count);
    {
        Opened opened(path, parts, &clock);
        const AccountPtr account = wait_for(opened.store->create_account(AccountId(1), {}));
        inbox = account->mailboxes()->find("INBOX")->id;
        const Measure measure("append, 10,000 at once");
        fill(opened, *account, inbox, count);
    }
    Opened opened(path, parts, &clock);
    const AccountPtr account = wait_for(opened.store->account(AccountId(1)));
    const MailboxId archive = account->mailboxes()->find("Archive")->id;
    OpenMailboxPtr open;
    {
        const Measure measure("open, cold");
        open = wait_for(account->open(inbox));
    }
    fmt::print("  {} messages, {:.1f} octets of memory each\n", open->view()->size(),
               static_cast<double>(open->view()->memory_bytes()) / static_cast<double>(count));
    open.reset();
    account->trim();
    {
        const Measure measure("open, warm");
        open = wait_for(account->open(inbox));
    }
    {
        const Measure measure("open, while another session has it");
        const OpenMailboxPtr again = wait_for(account->open(inbox));
    }
    open.reset();
    account->trim();
    AccountViewPtr view;
    {
        const Measure measure("view of the account, mailboxes not open");
        view = wait_for(view_account(account));
    }
    fmt::print("  {:.1f} octets of memory for each message\n",
               static_cast<double>(view->memory_bytes()) / static_cast<double>(count));
    const auto view_again = [&](const char* what, const char* changes) {
        const Version before = view->version();
        {
            const Measure measure(what);
            view = wait_for(view_account(account));
        }
        const Measure measure(changes);
        const auto changed = wait_for(changes_between(account, view, before, view->version()));
        if (!changed || changed->emails.updated.empty()) std::abort();
    };
    const FlagChange flag{.mode = FlagChange::Mode::add, .flags = {Flag::flagged}, .keywords = {}};
    const FlagChange deleted{.mode = FlagChange::Mode::add, .flags = {Flag::deleted}, .keywords = {}};
    const Uid middle(static_cast<std::uint32_t>(count / 2));
    {
        const Measure measure("flag one");
        wait_for(account->change_flags(inbox, UidSet::range(middle, middle), flag));
    }
    view_again("  the next view", "  what changed");
    {
        const Measure measure("flag 1,000 single ones");
        for (std::uint32_t i = 0; i < 1000; ++i) {
            const Uid uid(1 + static_cast<std::uint32_t>(i * (count / 1000)));
            wait_for(account->change_flags(inbox, UidSet::range(uid, uid), deleted));
        }
    }
    {
        const Measure measure("flag all");
        wait_for(account->change_flags(inbox, UidSet::all(), flag));
    }
    if (count < kChangesReadMax) view_again("  the next view", "  what changed");
    view = nullptr;
    account->trim();
    {
        const Measure measure("copy all");
        wait_for(account->copy(inbox, UidSet::all(), archive));
    }
    {
        const Measure measure("move all");
        wait_for(account->move(inbox, UidSet::all(), archive));
    }
    {
        const Measure measure("expunge all of two million");
        wait_for(account->expunge(archive, UidSet::all(), Account::Expunge::forced));
    }
    std::filesystem::remove_all(path);
    return 0;
}

} // namespace
} // namespace tegami

int main(int count, char** arguments) {
    const std::string given = count > 1 ? arguments[1] : "";
    std::string made = (std::filesystem::temp_directory_path() / "tegami_bench_XXXXXX").string();
    if (given.empty() && ::mkdtemp(made.data()) == nullptr) return 1;
    const std::size_t messages = count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 1'000'000;
    const int result = tegami::run(given.empty() ? made : given, std::max<std::size_t>(messages, 1000));
    if (given.empty()) std::filesystem::remove_all(made);
    return result;
}
