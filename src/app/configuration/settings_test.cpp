// What a change of one key leaves alone, and what is refused.
#include "app/configuration/settings.h"

#include "disk/files.h"

#include <gmock/gmock.h>

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace tegami::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kFile = R"(# Ours.
host_name = "mail.example.org" # in the DNS, too
default_domain = "例え.example"

[listen.smtp]
address = [
  "127.0.0.1", # this machine
]
port = 25

[queue]
# first_retry = "5min"
expiry = '5d'   # do not change
longest_retry = "4h"
)";

Result<ChangedConfig, std::vector<ConfigProblem>> change(std::string_view key, std::string_view value,
                                                         std::string_view text = kFile) {
    return change_key(text, "/etc/tegami/tegami.toml", key, value);
}

std::string fault(std::string_view key, std::string_view value, std::string_view text = kFile) {
    const auto changed = change(key, value, text);
    EXPECT_FALSE(changed);
    return changed ? "" : changed.error().front().to_string("tegami.toml");
}

std::string with(std::string_view old, std::string_view now) {
    std::string text(kFile);
    text.replace(text.find(old), old.size(), now);
    return text;
}

TEST(SettingsTest, AChangeLeavesEverythingElse) {
    EXPECT_EQ(change("queue.expiry", "7d").value().text, with("'5d'", "\"7d\""));
    EXPECT_EQ(change("queue.expiry", "\"7d\"").value().text, with("'5d'", "\"7d\""));
    EXPECT_EQ(change("host_name", "mx.example.org").value().text, with("mail.example.org", "mx.example.org"));
    EXPECT_EQ(change("default_domain", "b\u00fcro.example").value().text, with("例え.example", "b\u00fcro.example"));
    EXPECT_EQ(change("listen.smtp.port", "2525").value().text, with("25", "2525"));
    EXPECT_THAT(change("listen.smtp.address", R"(["::1", "127.0.0.1"])").value().text,
                HasSubstr("address = [ \"::1\", \"127.0.0.1\" ]\nport = 25\n"));
    EXPECT_EQ(change("queue.first_retry", "1min").value().text,
              with("# first_retry = \"5min\"", "first_retry = \"1min\""));
    EXPECT_THAT(change("log.level", "debug").value().text,
                HasSubstr("longest_retry = \"4h\"\n\n[log]\nlevel = \"debug\""));
    EXPECT_EQ(change("queue.expiry", "\"7d\" # soon").value().text.find("soon"), std::string::npos);
}

TEST(SettingsTest, SaysWhatAChangeNeeds) {
    const ChangedConfig live = change("limits.recipients", "200").value();
    EXPECT_EQ(live.lines, "[limits]\nrecipients = 200");
    EXPECT_THAT(live.difference.live, ElementsAre("limits"));
    EXPECT_THAT(live.difference.restart, IsEmpty());
    EXPECT_THAT(change("queue.expiry", "7d").value().difference.restart, ElementsAre("queue"));
    EXPECT_EQ(change("received_spf", "true").value().lines, "received_spf = true");
}

TEST(SettingsTest, WhatWouldBeWrongIsRefused) {
    EXPECT_EQ(fault("queue.expiry", "1h"),
              "tegami.toml:13: queue.expiry: must not be shorter than queue.longest_retry");
    EXPECT_THAT(fault("queue.expiry", "soon"), HasSubstr("queue.expiry: must be a time from"));
    EXPECT_THAT(fault("limits.recipients", "\"many\""), HasSubstr("must be a whole number from 100 to 10000"));
    EXPECT_THAT(fault("queue.nothing", "1"), HasSubstr("there is no such key"));
    EXPECT_THAT(fault("listen.gopher.port", "70"), HasSubstr("there is no such key"));
    EXPECT_THAT(fault("queue", "1"), HasSubstr("there is no such key"));
    EXPECT_THAT(fault("log.level", "\"info\"\n[web]\npictures = false"), HasSubstr("takes one line"));
    EXPECT_THAT(fault("log.level", ""), HasSubstr("takes one line"));
    EXPECT_THAT(fault("log.level", "info", "= ="), HasSubstr("tegami.toml:1: "));
    // A fault that is there already can be mended.
    EXPECT_TRUE(change("queue.expiry", "5d", with("'5d'", "'1h'")));
}

TEST(SettingsTest, ShowsEveryKey) {
    const auto all = shown_keys(kFile).value();
    const auto value_of = [&](std::string_view key) {
        const auto found = std::ranges::find(all, key, &ShownKey::key);
        return found == all.end() ? "not there" : found->value;
    };
    EXPECT_EQ(value_of("queue.expiry"), "\"5d\"");
    EXPECT_EQ(value_of("queue.first_retry"), "");
    EXPECT_EQ(value_of("listen.smtp.port"), "25");
    EXPECT_EQ(value_of("listen.imap.port"), "not there");
    EXPECT_EQ(value_of("default_domain"), "\"例え.example\"");
    for (const ShownKey& each : all)
        EXPECT_TRUE(each.words) << each.key;
    EXPECT_FALSE(shown_keys("= ="));
}

TEST(SettingsTest, TheFileIsReplacedAsItWas) {
    const std::string folder = (std::filesystem::temp_directory_path() / "tegami-settings-test-XXXXXX").string();
    std::string made = folder;
    ASSERT_TRUE(::mkdtemp(made.data()));
    const std::string file = made + "/tegami.toml";
    ASSERT_TRUE(disk::create_file(file, "old", 0640));
    std::filesystem::create_symlink(file, made + "/link");
    EXPECT_TRUE(replace_config(made + "/link", "new"));
    EXPECT_EQ(disk::read_file(file, 100).value(), "new");
    struct stat after{};
    EXPECT_EQ(::stat(file.c_str(), &after), 0);
    EXPECT_EQ(after.st_mode & 0777U, 0640U);
    EXPECT_TRUE(std::filesystem::is_symlink(made + "/link"));
    EXPECT_FALSE(replace_config(made + "/nothing", "new"));
    std::filesystem::remove_all(made);
}

} // namespace
} // namespace tegami::app
