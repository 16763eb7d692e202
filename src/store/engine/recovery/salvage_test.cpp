// What the disk has damaged is put aside, and a store that opens and is sound is made of the rest.
#include "store/engine/recovery/salvage.h"

#include "base/random.h"
#include "store/engine/rocks_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tegami::store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RocksSubject;
using testing::wait_for;
namespace fs = std::filesystem;

constexpr Domain kAccount{DomainKind::account, 1};

class SalvageTest : public ::testing::Test {
protected:
    static std::string noise(int seed, std::size_t size) {
        SeededRandom random(static_cast<std::uint64_t>(seed));
        std::string octets(size, '\0');
        random.fill(octets.data(), size);
        return octets;
    }

    /// A commit with a row and a blob, small or in a segment.
    void add(int number) {
        const auto writer = subject_.engine().new_blob();
        ASSERT_TRUE(wait_for(writer->append(noise(number, number % 2 == 0 ? 500 : 20'000))));
        const auto blob = wait_for(writer->finish("card", {}));
        ASSERT_TRUE(blob.has_value());
        blobs_.push_back(blob->id);
        Batch batch{kAccount, {}, {}, {}};
        batch.operations.emplace_back(Put{"k" + std::to_string(1000 + number), noise(number, 60)});
        batch.operations.emplace_back(AddReference{blob->id, "t" + std::to_string(number)});
        ASSERT_TRUE(wait_for(subject_.engine().commit(std::move(batch))));
    }

    /// `in_table` commits are moved from the log to a table; the others stay in the log.
    void fill(int in_table, int in_log) {
        for (int number = 0; number < in_table; ++number)
            add(number);
        subject_.reopen();
        for (int number = in_table; number < in_table + in_log; ++number)
            add(number);
        subject_.close();
    }

    fs::path largest(std::string_view folder, std::string_view extension) {
        fs::path found;
        for (const auto& entry : fs::directory_iterator(subject_.path() + '/' + std::string(folder)))
            if (entry.path().extension() == extension && (found.empty() || entry.file_size() > fs::file_size(found)))
                found = entry.path();
        return found;
    }

    static void flip(const fs::path& path, std::uintmax_t at) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        const int octet = file.get();
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(octet ^ 0x40));
    }

    Salvage salvage() {
        const std::string aside = subject_.path() + "/aside";
        auto done = salvage_store(disk_, clock_, {.directory = subject_.path(), .aside = aside});
        EXPECT_TRUE(done.has_value()) << done.error().detail;
        if (!done) return {};
        EXPECT_EQ(fs::exists(aside), done->changed);
        subject_.open();
        const auto report = wait_for(subject_.engine().check({}));
        EXPECT_THAT(report->damage, IsEmpty());
        return *std::move(done);
    }

    std::size_t rows() {
        std::size_t count = 0;
        std::string begin = "k";
        for (bool more = true; more;) {
            const auto page = wait_for(subject_.engine().scan(kAccount, {begin, "l", 500}));
            for (const Row& row : page->rows)
                EXPECT_EQ(row.value, noise(std::stoi(row.key.substr(1)) - 1000, 60));
            count += page->rows.size();
            more = page->more;
            if (more) begin = page->rows.back().key + '\0';
        }
        return count;
    }

    /// Blobs that can be read; what is read is right.
    std::size_t readable() {
        std::size_t count = 0;
        for (std::size_t number = 0; number < blobs_.size(); ++number) {
            const auto octets = wait_for(subject_.engine().read_blob(blobs_[number], 0, 100'000));
            if (!octets) continue;
            EXPECT_EQ(*octets, noise(static_cast<int>(number), number % 2 == 0 ? 500 : 20'000));
            ++count;
        }
        return count;
    }

    disk::RealFileSystem disk_;
    SystemClock clock_;
    RocksSubject subject_;
    std::vector<BlobId> blobs_;
};

TEST_F(SalvageTest, a_whole_store_is_not_changed) {
    fill(50, 10);
    const Salvage done = salvage();
    EXPECT_FALSE(done.changed);
    EXPECT_THAT(done.findings, IsEmpty());
    EXPECT_EQ(done.references.size(), 60u);
    EXPECT_EQ(rows(), 60u);
}

TEST_F(SalvageTest, a_damaged_block_of_a_table_costs_its_rows) {
    fill(200, 10);
    const fs::path table = largest("db", ".sst");
    flip(table, fs::file_size(table) / 2);
    const Salvage done = salvage();
    EXPECT_TRUE(done.rebuilt);
    EXPECT_FALSE(done.commits_lost);
    EXPECT_THAT(done.findings, Contains(HasSubstr("cannot be read")));
    EXPECT_GE(readable() + rows(), 420u - 2 * 70);
    EXPECT_TRUE(fs::exists(subject_.path() + "/aside/db/" + table.filename().string()));
}

TEST_F(SalvageTest, what_was_written_beside_a_damaged_block_since_is_kept) {
    fill(200, 0);
    subject_.reopen();
    subject_.close();
    const fs::path table = largest("db", ".sst");
    flip(table, fs::file_size(table) - 10'000); // among the rows of the account
    subject_.open();
    std::vector<Operation> operations;
    for (int number = 0; number < 200; ++number)
        operations.emplace_back(Put{fmt::format("k{}x", 1000 + number), noise(number, 60)});
    ASSERT_TRUE(wait_for(subject_.engine().commit({kAccount, {}, {}, std::move(operations)})));
    subject_.reopen(); // into a table of its own
    subject_.close();
    EXPECT_TRUE(salvage().rebuilt);
    EXPECT_LT(rows(), 400u);
    for (int number = 0; number < 200; ++number)
        EXPECT_EQ(wait_for(subject_.engine().get(kAccount, fmt::format("k{}x", 1000 + number))), noise(number, 60));
}

TEST_F(SalvageTest, of_a_cut_table_the_rest_is_read) {
    fill(200, 10);
    const fs::path table = largest("db", ".sst");
    fs::resize_file(table, fs::file_size(table) * 3 / 4);
    const Salvage done = salvage();
    EXPECT_TRUE(done.commits_lost);
    EXPECT_THAT(done.findings, Contains(HasSubstr("rows of it were read")));
    // Blobs and references come first in the order of keys, then the rows of the account.
    EXPECT_GE(readable(), 110u + 70u);
    EXPECT_GE(done.references.size() + rows(), 10u + 10u);
}

TEST_F(SalvageTest, a_damaged_end_of_a_table_costs_nothing) {
    fill(200, 10);
    const fs::path table = largest("db", ".sst");
    flip(table, fs::file_size(table) - 30);
    salvage();
    EXPECT_EQ(rows(), 210u);
    EXPECT_EQ(readable(), 210u);
}

TEST_F(SalvageTest, a_damaged_record_of_the_log_costs_its_commit) {
    fill(20, 40);
    flip(largest("db", ".log"), 5000);
    const Salvage done = salvage();
    EXPECT_TRUE(done.commits_lost);
    EXPECT_EQ(rows(), 59u);
    EXPECT_GE(readable(), 59u);
}

TEST_F(SalvageTest, lists_of_tables_can_be_made_anew) {
    fill(50, 10);
    for (const auto& entry : fs::directory_iterator(subject_.path() + "/db"))
        if (entry.path().filename().string().starts_with("MANIFEST")) fs::remove(entry.path());
    salvage();
    EXPECT_EQ(rows(), 60u);
    EXPECT_EQ(readable(), 60u);
    subject_.close();
    fs::remove(subject_.path() + "/db/CURRENT");
    fs::remove_all(subject_.path() + "/aside");
    salvage();
    EXPECT_EQ(rows(), 60u);
    EXPECT_EQ(readable(), 60u);
}

TEST_F(SalvageTest, damage_in_a_segment_costs_one_blob) {
    fill(40, 10);
    flip(largest("segments", ".seg"), 100'000);
    const Salvage done = salvage();
    EXPECT_TRUE(done.changed);
    EXPECT_FALSE(done.rebuilt);
    EXPECT_EQ(readable(), 49u);
    EXPECT_EQ(rows(), 50u);
    EXPECT_EQ(done.references.size(), 49u);
    ASSERT_EQ(done.lost_cards.size(), 1u);
    EXPECT_EQ(done.lost_cards.begin()->second, "card");
}

TEST_F(SalvageTest, without_a_database_the_messages_in_segments_are_found) {
    fill(40, 10);
    fs::remove_all(subject_.path() + "/db");
    const Salvage done = salvage();
    EXPECT_TRUE(done.commits_lost);
    EXPECT_EQ(done.unreferenced.size(), 25u);
    EXPECT_EQ(readable(), 25u);
}

TEST_F(SalvageTest, rows_of_every_kind_of_domain_are_kept) {
    constexpr DomainKind kKinds[] = {DomainKind::account, DomainKind::text_index, DomainKind::journey,
                                     DomainKind::queue,   DomainKind::directory,  DomainKind::tally,
                                     DomainKind::audit,   DomainKind::upload};
    for (const DomainKind kind : kKinds) {
        Batch batch{{kind, 7}, {}, {}, {}};
        batch.operations.emplace_back(Put{"row", "value"});
        ASSERT_TRUE(wait_for(subject_.engine().commit(std::move(batch))));
    }
    fill(0, 10);
    for (const auto& entry : fs::directory_iterator(subject_.path() + "/db"))
        if (entry.path().filename().string().starts_with("MANIFEST")) fs::remove(entry.path());
    EXPECT_TRUE(salvage().changed);
    for (const DomainKind kind : kKinds) {
        const auto row = wait_for(subject_.engine().get({kind, 7}, "row"));
        EXPECT_TRUE(row && *row == "value") << static_cast<char>(kind);
    }
}

TEST_F(SalvageTest, a_store_in_use_is_refused) {
    fill(2, 0);
    subject_.open();
    const auto done = salvage_store(disk_, clock_, {.directory = subject_.path(), .aside = subject_.path() + "/aside"});
    ASSERT_FALSE(done.has_value());
    EXPECT_THAT(done.error().detail, HasSubstr("stop the server"));
}

} // namespace
} // namespace tegami::store
