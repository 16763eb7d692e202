// What an APPEND of many messages does behind the network: through ingest in pieces of 16 KiB, made into records by a worker, and
// stored in one commit in a new store. For callgrind, which neighbours on the machine do not disturb.
// Usage: bench/letters.py COUNT | append_many [directory]
#include "async/worker_pool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "disk/real.h"
#include "in_process.h"
#include "ingest/gathered.h"
#include "store/engine/rocks.h"
#include "store/mailbox_list.h"
#include "store/store.h"

#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::bench {
namespace {

constexpr std::size_t kPieceBytes = 16 * 1024;

class SilentLog final : public Log {
public:
    void write(LogLevel, std::string_view, LogFields) override {}
};

/// Each begins with a line that has its size.
std::vector<std::string> read_letters(std::istream& from) {
    std::vector<std::string> letters;
    for (std::size_t size = 0; from >> size && from.get() == '\n';) {
        std::string letter(size, '\0');
        from.read(letter.data(), static_cast<std::streamsize>(size));
        letters.push_back(std::move(letter));
    }
    return letters;
}

async::Awaitable<> bring(ingest::Gathered* gathered, const std::vector<std::string>* letters, std::size_t* next) {
    while (*next < letters->size() && !gathered->is_full()) {
        const std::string& letter = (*letters)[(*next)++];
        gathered->begin(letter.size());
        for (std::size_t at = 0; at < letter.size(); at += kPieceBytes) {
            std::string piece = letter.substr(at, kPieceBytes);
            const auto kept = co_await gathered->append(std::move(piece));
            if (!kept) std::abort();
        }
        const auto complete = co_await gathered->complete();
        if (!complete) std::abort();
    }
}

async::Awaitable<store::StoreResult<std::vector<store::NewMessage>>>
take_in(ingest::GatheredDependencies dependencies, const std::vector<std::string>* letters, store::MailboxId mailbox) {
    ingest::Gathered gathered(dependencies);
    std::vector<store::NewMessage> messages;
    std::size_t next = 0;
    do {
        async::Awaitable<> more = bring(&gathered, letters, &next);
        CO_TRY(std::vector<ingest::Arrival> arrivals, co_await gathered.advance(std::move(more)));
        for (ingest::Arrival& arrival : arrivals)
            messages.push_back({.blob = arrival.blob,
                                .placements = {{mailbox, {}, {}}},
                                .internal_date = Timestamp(std::chrono::seconds(1'700'000'000)),
                                .thread = ingest::thread_hints(arrival.card),
                                .card = std::move(arrival.card_octets)});
    } while (next < letters->size() || !gathered.empty());
    co_return messages;
}

class Stopwatch {
public:
    double milliseconds() const { return std::chrono::duration<double, std::milli>(clock_.instant() - begin_).count(); }

private:
    const SystemClock clock_;
    const Instant begin_ = clock_.instant();
};

int run(const std::string& directory) {
    const std::vector<std::string> letters = read_letters(std::cin);
    disk::RealFileSystem disk;
    SystemClock clock;
    SystemRandom random;
    SilentLog log;
    async::ThreadPool pool(1);
    MemoryBudget memory(256U << 20);
    const std::string path = directory + "/store";
    std::filesystem::remove_all(path);
    auto engine = store::RocksEngine::open({.directory = path},
                                           store::RocksEngineDependencies{disk, clock, random, log, pool, pool});
    if (!engine) return 1;
    store::Store store(engine->get(), &clock);
    const store::AccountPtr account = wait_for(store.create_account(store::AccountId(1), {}));
    const store::MailboxId inbox = account->mailboxes()->find("INBOX")->id;
    const Stopwatch taking;
    const double begin = processor_milliseconds();
    std::vector<store::NewMessage> messages =
        wait_for(take_in({.engine = engine->get(), .memory = &memory, .workers = &pool}, &letters, inbox));
    const double taken = taking.milliseconds();
    const double made = processor_milliseconds();
    wait_for(account->append(std::move(messages), {}, store::Commits::one));
    fmt::print("{} messages: taken in {:.0f} ms ({:.0f} of the processor), committed in {:.0f} ms ({:.0f})\n",
               letters.size(), taken, made - begin, taking.milliseconds() - taken, processor_milliseconds() - made);
    return 0;
}

} // namespace
} // namespace tegami::bench

int main(int argc, char** argv) {
    return tegami::bench::run(argc > 1 ? argv[1] : ".");
}
