// What an operator is told to look at, and that a sound server has nothing of that; and that a backup is remembered.
#include "admin/server_warnings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>

namespace tegami::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;
using std::chrono::days;

constexpr Timestamp kNow{days(20'000)};

ServerStatus sound_server() {
    return {.connections = 10,
            .connections_max = 100,
            .disk_free_bytes = 100ULL << 30,
            .queue_messages = 1,
            .queue_oldest = kNow - 2h,
            .certificates = {{.name = "mail.b.test", .not_after = kNow + days(60)}},
            .backups_wanted = true,
            .last_backup = LastBackup{.time = kNow - days(1), .folder = "/mnt/backup"}};
}

TEST(ServerWarningsTest, ASoundServerHasNone) {
    EXPECT_THAT(warnings_about(sound_server(), kNow), IsEmpty());
    ServerStatus renews = sound_server();
    renews.certificates.front() = {.name = "a", .not_after = kNow + days(10), .renewal = kNow + days(2)};
    EXPECT_THAT(warnings_about(renews, kNow), IsEmpty()) << "it does that by itself";
    ServerStatus without = sound_server();
    without.backups_wanted = false;
    without.last_backup.reset();
    EXPECT_THAT(warnings_about(without, kNow), IsEmpty()) << "backups are made by other means";
}

TEST(ServerWarningsTest, SayWhatIsWrongAndWhatToDo) {
    struct Case {
        std::function<void(ServerStatus&)> change;
        const char* sentence;
    };

    for (const Case& one : {
             Case{[](ServerStatus& s) { s.certificates[0].not_after = kNow - 1h; }, "mail.b.test has ended"},
             Case{[](ServerStatus& s) { s.certificates[0].not_after = kNow + days(9) + 1h; }, "ends in 9 days"},
             Case{[](ServerStatus& s) { s.certificates[0].problem = "refused"; }, "could not be renewed: refused"},
             Case{[](ServerStatus& s) { s.disk_free_bytes = 300ULL << 20; }, "only 300 MiB are free"},
             Case{[](ServerStatus& s) { s.memory_pressed = true; }, "raise memory_budget"},
             Case{[](ServerStatus& s) { s.connections = 95; }, "95 of 100 places"},
             Case{[](ServerStatus& s) { s.queue_oldest = kNow - days(3); }, "waited for 3 days"},
             Case{[](ServerStatus& s) { s.index_waiting = 20'000; }, "20000 messages wait for the word index"},
             Case{[](ServerStatus& s) { s.last_backup.reset(); }, "there is no backup"},
             Case{[](ServerStatus& s) { s.last_backup->time = kNow - days(8); }, "the last backup is 8 days old"},
             Case{[](ServerStatus& s) { s.log_lines_lost = 3; }, "3 lines of the log"},
         }) {
        ServerStatus status = sound_server();
        one.change(status);
        EXPECT_THAT(warnings_about(status, kNow), ElementsAre(HasSubstr(one.sentence)));
    }
}

TEST(LastBackupTest, IsRememberedAndAFileThatIsNoneIsNone) {
    std::string pattern = (std::filesystem::temp_directory_path() / "tegami-backup-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    EXPECT_EQ(read_last_backup(folder), std::nullopt);
    for (const LastBackup& backup : {LastBackup{kNow, "/mnt/a b"}, LastBackup{kNow + 1s, "/mnt/\n"}}) {
        ASSERT_TRUE(write_last_backup(folder, backup));
        EXPECT_EQ(read_last_backup(folder), backup);
    }
    for (const char* const junk :
         {"", "\n", "1", "1\n", "x /mnt\n", "99999999999999999999 /mnt\n", "9999999999999 /\n", "1 /mnt"}) {
        std::ofstream(folder / "last-backup") << junk;
        EXPECT_EQ(read_last_backup(folder), std::nullopt) << junk;
    }
    std::filesystem::remove_all(folder);
}

TEST(LastBackupTest, CheckupsAreRememberedByFolder) {
    std::string pattern = (std::filesystem::temp_directory_path() / "tegami-backup-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    EXPECT_TRUE(read_checkups(folder).empty());
    std::map<std::string, BackupCheckup> checkups{{"/mnt/a b", {kNow, 0}}, {"/mnt/c", {kNow - 1s, 3}}};
    ASSERT_TRUE(write_checkups(folder, checkups));
    EXPECT_EQ(read_checkups(folder), checkups);
    std::ofstream(folder / "backup-checks") << "junk\n1 2\n5 0 /mnt/d\n5 x /mnt/e\n99999999999999 0 /mnt/f\n6 0 /cut";
    EXPECT_THAT(read_checkups(folder), ElementsAre(std::pair(std::string("/mnt/d"), BackupCheckup{Timestamp(5s), 0})));
    for (std::size_t number = 0; number <= kCheckupsMax; ++number)
        checkups["/" + std::to_string(number)] = {kNow + std::chrono::seconds(number), 0};
    ASSERT_TRUE(write_checkups(folder, checkups));
    EXPECT_EQ(read_checkups(folder).size(), kCheckupsMax);
    EXPECT_FALSE(read_checkups(folder).contains("/mnt/c")) << "the oldest goes";
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace tegami::admin
