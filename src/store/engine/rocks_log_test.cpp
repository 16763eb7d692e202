// The end of a log after a power cut is told from damage in the middle.
#include "store/engine/rocks_log.h"

#include "base/bytes.h"
#include "store/engine/rocks_fixture.h"
#include "testing/turns.h"

#include <gmock/gmock.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>

namespace tegami::store {
namespace {

using ::testing::HasSubstr;
using testing::RocksSubject;
using testing::wait_for;

class RocksLog : public ::testing::Test {
protected:
    void commit(int number, std::size_t size) {
        Batch batch{{DomainKind::account, 1}, {}, {}, {}};
        batch.operations.emplace_back(
            Put{"k" + std::to_string(number), std::string(size, static_cast<char>('a' + number))});
        ASSERT_TRUE(wait_for(subject_.engine().commit(std::move(batch))));
    }

    /// Some commits, one larger than a block of the log; the path of the log.
    std::string filled() {
        for (int number = 0; number < 6; ++number)
            commit(number, number == 3 ? 100'000 : 300);
        subject_.close();
        const auto logs = rocks::log_files(*rocksdb::Env::Default(), subject_.path() + "/db");
        return logs->rbegin()->second;
    }

    static std::string octets(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    static void write(const std::string& path, std::string_view octets) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << octets;
    }

    static rocks::LogScan scan(std::string_view octets) {
        return rocks::scan_log(octets, [](std::string_view) {});
    }

    RocksSubject subject_;
};

TEST_F(RocksLog, a_whole_log_is_read_to_its_end) {
    const std::string log = octets(filled());
    const rocks::LogScan found = scan(log);
    EXPECT_GE(found.records, 6u);
    EXPECT_FALSE(found.first_bad);
}

TEST_F(RocksLog, a_cut_at_any_place_is_an_end) {
    const std::string log = octets(filled());
    for (std::size_t size = 0; size < log.size(); size += 97)
        EXPECT_FALSE(scan(std::string_view(log).substr(0, size)).goes_on) << size;
}

TEST_F(RocksLog, a_bit_anywhere_but_in_the_last_record_is_damage) {
    std::string log = octets(filled());
    const std::uint64_t records = scan(log).records;
    for (std::size_t at = 0; at < log.size(); at += 61) {
        if (!tegami::testing::is_due(at / 61, 6)) continue;
        log[at] = static_cast<char>(log[at] ^ 4);
        const rocks::LogScan found = scan(log);
        EXPECT_EQ(found.records, records - 1) << at;
        EXPECT_TRUE(found.first_bad.has_value());
        EXPECT_EQ(found.goes_on, at < log.size() - 300 - 60) << at;
        log[at] = static_cast<char>(log[at] ^ 4);
    }
}

/// A fragment as RocksDB writes it.
std::string fragment(char kind, std::string_view payload) {
    std::string covered(1, kind);
    covered += payload;
    const std::uint32_t crc = bytes::crc32c(covered);
    const std::uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    std::string octets;
    for (int shift = 0; shift < 32; shift += 8)
        octets.push_back(static_cast<char>(masked >> shift));
    octets.push_back(static_cast<char>(payload.size()));
    octets.push_back(static_cast<char>(payload.size() >> 8));
    return octets += covered;
}

/// The header of a batch of one write.
std::string batch(char sequence, std::size_t size) {
    std::string octets(size, 'x');
    octets.replace(0, 12, std::string(1, sequence) + std::string(7, '\0') + std::string("\x01\0\0\0", 4));
    return octets;
}

TEST_F(RocksLog, a_record_may_begin_with_a_few_octets_at_the_end_of_a_block) {
    for (const std::size_t first : {std::size_t{0}, std::size_t{5}, std::size_t{11}, std::size_t{12}}) {
        const std::string second = batch(2, 100);
        std::string log = fragment(1, batch(1, 32768 - 7 - 7 - first));
        log += fragment(2, std::string_view(second).substr(0, first));
        log += fragment(4, std::string_view(second).substr(first));
        std::vector<std::string> records;
        const rocks::LogScan whole =
            rocks::scan_log(log, [&](std::string_view record) { records.emplace_back(record); });
        EXPECT_EQ(whole.records, 2u) << first;
        EXPECT_FALSE(whole.first_bad);
        EXPECT_EQ(records.back(), second);
        log[20] = 'y';
        EXPECT_TRUE(scan(log).goes_on) << first;
    }
}

TEST_F(RocksLog, what_a_letter_says_is_no_record) {
    std::string log = fragment(1, batch(1, 100)) + fragment(1, batch(2, 50) + fragment(1, std::string(40, '\xff')));
    log[115] = 'y';
    const rocks::LogScan found = scan(log);
    EXPECT_EQ(found.records, 1u);
    EXPECT_FALSE(found.goes_on);
}

TEST_F(RocksLog, the_pages_of_a_large_last_record_may_reach_the_disk_in_any_order) {
    for (int number = 0; number < 3; ++number)
        commit(number, 300);
    commit(3, 200'000);
    subject_.close();
    const auto logs = rocks::log_files(*rocksdb::Env::Default(), subject_.path() + "/db");
    std::string log = octets(logs->rbegin()->second);
    for (std::size_t at = 8192; at < 16384; ++at)
        log[at] = 0;
    EXPECT_FALSE(scan(log).goes_on);
}

TEST_F(RocksLog, a_store_with_a_damaged_log_is_not_opened) {
    const std::string path = filled();
    const std::string log = octets(path);
    std::string flipped = log;
    flipped[200] = static_cast<char>(flipped[200] ^ 1);
    write(path, flipped);
    EXPECT_THAT(subject_.try_open().error().detail, HasSubstr("is damaged at offset"));
    write(path, std::string_view(log).substr(0, log.size() - 400));
    EXPECT_THAT(subject_.try_open().error().detail, HasSubstr("octets when the store was closed"));
    std::filesystem::remove(path);
    EXPECT_THAT(subject_.try_open().error().detail, HasSubstr("is missing"));
    write(path, log);
    EXPECT_TRUE(subject_.try_open().has_value());
}

TEST_F(RocksLog, without_its_file_current_a_database_is_not_made_anew) {
    filled();
    subject_.open(); // the log becomes a table
    subject_.close();
    std::filesystem::remove(subject_.path() + "/db/CURRENT");
    EXPECT_THAT(subject_.try_open().error().detail, HasSubstr("no file CURRENT"));
}

} // namespace
} // namespace tegami::store
