// kill -9 of a process that delivers, deletes and collects: whatever it acknowledged is there afterwards, whole; what
// it did not acknowledge is there whole or not at all.
//
// The parent runs this very program again, as the disabled test below, in a directory of its own; the child tells what
// it acknowledges through a pipe.
#include "base/ascii.h"
#include "base/random.h"
#include "store/engine/rocks_fixture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tegami::store {
namespace {

using testing::Crowd;
using testing::RocksSubject;
using testing::wait_for;

constexpr int kAckDescriptor = 9; // where the child finds the pipe
constexpr std::uint64_t kAccounts = 12;
constexpr std::uint64_t kKept = 15; // letters an account keeps: older ones are deleted
constexpr int kRounds = 6;

Domain account(std::uint64_t number) {
    return {DomainKind::account, number};
}

/// What letter `number` of an account says; sizes on both sides of every border.
std::string letter(std::uint64_t account_number, std::uint64_t number) {
    SeededRandom random(account_number * 1000003 + number);
    constexpr std::array<std::size_t, 5> kSizes = {100, 7000, 9000, 70000, 2u << 20};
    std::string octets(kSizes[number % 50 == 49 ? 4 : number % 4] + random.below(1000), '\0');
    random.fill(octets.data(), octets.size());
    return octets;
}

std::string message_key(std::uint64_t number) {
    return "m" + std::to_string(100000 + number);
}

std::string octets_of(BlobId blob) {
    return {blob.octets.begin(), blob.octets.end()};
}

BlobId blob_of(std::string_view octets) {
    BlobId blob;
    std::ranges::copy(octets.substr(0, 16), blob.octets.begin());
    return blob;
}

async::Awaitable<void> deliver_for_ever(RocksEngine* engine, std::uint64_t account_number) {
    auto page = co_await engine->scan(account(account_number), {.rows_max = 100});
    std::map<std::uint64_t, BlobId> letters;
    for (const Row& row : page->rows)
        letters[*ascii::parse_number<std::uint64_t>(std::string_view(row.key).substr(1)) - 100000] = blob_of(row.value);
    for (std::uint64_t number = page->version.value;;) {
        const auto writer = engine->new_blob();
        auto appended = co_await writer->append(letter(account_number, number));
        auto blob = co_await writer->finish(message_key(number), {});
        if (!appended || !blob) std::abort();
        Batch batch{account(account_number), Version(number), {}, {}};
        batch.operations.emplace_back(Put{message_key(number), octets_of(blob->id)});
        batch.operations.emplace_back(AddReference{blob->id, message_key(number)});
        if (number >= kKept && letters.contains(number - kKept)) {
            batch.operations.emplace_back(Delete{message_key(number - kKept)});
            batch.operations.emplace_back(RemoveReference{letters[number - kKept], message_key(number - kKept)});
        }
        auto committed = co_await engine->commit(std::move(batch));
        // With nothing unreferenced kept for even a moment, the collector may have been quicker.
        if (!committed && committed.error().code == ErrorCode::not_found) continue;
        if (!committed) {
            fmt::print(stderr, "commit: {}\n", committed.error().detail);
            std::abort();
        }
        letters[number] = blob->id;
        const std::string line = std::to_string(account_number) + " " + std::to_string(number) + "\n";
        if (::write(kAckDescriptor, line.data(), line.size()) < 0) std::abort();
        ++number;
    }
}

async::Awaitable<void> collect_for_ever(RocksEngine* engine) {
    for (;;) {
        auto collected = co_await engine->collect();
        if (!collected) std::abort();
    }
}

TEST(RocksCrashChild, DISABLED_DeliversUntilKilled) {
    RocksSubject subject(
        {.directory = "store", .segment_bytes_max = 600000, .unreferenced_for = std::chrono::seconds(0)});
    Crowd crowd;
    for (std::uint64_t i = 0; i < kAccounts; ++i)
        crowd.add(deliver_for_ever(&subject.rocks(), i));
    crowd.add(collect_for_ever(&subject.rocks()));
    crowd.run(2);
}

struct Child {
    pid_t process = -1;
    int acks = -1;
};

Child start_child(const std::string& directory) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    const pid_t process = ::fork();
    if (process == 0) {
        if (::chdir(directory.c_str()) != 0 || ::dup2(ends[1], kAckDescriptor) < 0) ::_exit(1);
        // Its one test may be in another shard than this one.
        if (::unsetenv("GTEST_TOTAL_SHARDS") != 0 || ::unsetenv("GTEST_SHARD_INDEX") != 0) ::_exit(1);
        ::execl(program.c_str(), program.c_str(), "--gtest_also_run_disabled_tests", "--gtest_brief=1",
                "--gtest_filter=RocksCrashChild.*", nullptr);
        ::_exit(1);
    }
    ::close(ends[1]);
    return {process, ends[0]};
}

/// Reads acknowledgements until `count` came, kills the child, and reads what was still in the pipe.
void kill_after(const Child& child, std::uint64_t count, std::map<std::uint64_t, std::uint64_t>& next) {
    std::string text;
    std::array<char, 4096> buffer{};
    bool killed = false;
    for (;;) {
        const ssize_t got = ::read(child.acks, buffer.data(), buffer.size());
        if (got <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (!killed && static_cast<std::uint64_t>(std::ranges::count(text, '\n')) >= count) {
            ::kill(child.process, SIGKILL);
            killed = true;
        }
    }
    ::close(child.acks);
    int status = 0;
    ::waitpid(child.process, &status, 0);
    EXPECT_TRUE(killed && WIFSIGNALED(status)) << "the child ended by itself";
    std::string_view rest = text;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string_view line = rest.substr(0, end);
        const std::size_t space = line.find(' ');
        const auto account_number = ascii::parse_number<std::uint64_t>(line.substr(0, space));
        const auto number = ascii::parse_number<std::uint64_t>(line.substr(space + 1));
        ASSERT_TRUE(account_number && number);
        next[*account_number] = *number + 1;
        rest.remove_prefix(end + 1);
    }
}

void expect_whole(RocksEngine& engine, const std::map<std::uint64_t, std::uint64_t>& next) {
    for (std::uint64_t i = 0; i < kAccounts; ++i) {
        const auto page = wait_for(engine.scan(account(i), {.rows_max = 100}));
        ASSERT_TRUE(page.has_value());
        const std::uint64_t version = page->version.value;
        const std::uint64_t acknowledged = next.contains(i) ? next.at(i) : 0;
        EXPECT_GE(version, acknowledged) << "an acknowledged letter is lost";
        EXPECT_LE(version, acknowledged + 1) << "one commit was under way at most";
        const std::uint64_t first = version > kKept ? version - kKept : 0;
        ASSERT_EQ(page->rows.size(), version - first);
        for (std::uint64_t number = first; number < version; ++number) {
            const Row& row = page->rows[number - first];
            EXPECT_EQ(row.key, message_key(number));
            EXPECT_TRUE(wait_for(engine.read_blob(blob_of(row.value), 0, 4u << 20)) == letter(i, number))
                << "account " << i << " letter " << number;
            EXPECT_EQ(wait_for(engine.read_card(blob_of(row.value))), message_key(number));
        }
    }
    const auto report = wait_for(engine.check({}));
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->damage_count, 0u) << report->damage.front();
}

TEST(RocksCrash, NothingAcknowledgedIsLostByKill) {
    const testing::TemporaryDirectory directory;
    std::map<std::uint64_t, std::uint64_t> next;
    SeededRandom random(42);
    for (int round = 0; round < kRounds; ++round) {
        const Child child = start_child(directory.path());
        ASSERT_GT(child.process, 0);
        kill_after(child, 1 + random.below(400), next);
        RocksSubject subject({.directory = directory.path() + "/store", .segment_bytes_max = 600000});
        expect_whole(subject.rocks(), next);
        if (::testing::Test::HasFailure()) break;
        // An unacknowledged letter that is there counts from now on.
        for (std::uint64_t i = 0; i < kAccounts; ++i)
            next[i] = wait_for(subject.rocks().scan(account(i), {.rows_max = 1}))->version.value;
    }
}

} // namespace
} // namespace tegami::store
