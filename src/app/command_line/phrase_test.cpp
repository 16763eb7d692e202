#include "app/command_line/phrase.h"

#include "app/command_line/command.h"
#include "app/command_line/help_words.h"
#include "app/command_line/server_words.h"
#include "app/command_line/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace tegami::app {
namespace {

/// The environment has this locale and no other for a while.
class Locale {
public:
    explicit Locale(const char* name) {
        if (const char* const value = std::getenv("LC_ALL")) before_ = value;
        ::setenv("LC_ALL", name, 1);
    }

    ~Locale() {
        if (before_)
            ::setenv("LC_ALL", before_->c_str(), 1);
        else
            ::unsetenv("LC_ALL");
    }

    Locale(const Locale&) = delete;
    Locale& operator=(const Locale&) = delete;

private:
    std::optional<std::string> before_;
};

TEST(Phrase, SpeaksTheLanguageOfTheEnvironment) {
    {
        const Locale locale("ja_JP.UTF-8");
        EXPECT_EQ(say("account {} added", "anna@a.test"), "アカウント anna@a.test を追加しました");
        EXPECT_EQ(say("{} of {} added", 2, count_of(3, "account")), "アカウント 3 件中 2 件を追加しました");
        EXPECT_EQ(count_of(1, "day"), "1 日");
    }
    const Locale locale("C.UTF-8");
    EXPECT_EQ(say("{} of {} added", 1, count_of(1, "account")), "1 of 1 account added");
    EXPECT_EQ(count_of(0, "queue entry") + ", " + count_of(1, "queue entry"), "0 queue entries, 1 queue entry");
    EXPECT_EQ(say("account {0} removed; tegami account undelete {0} brings it back within {1}", "a@a.test", "1 day"),
              "account a@a.test removed; tegami account undelete a@a.test brings it back within 1 day");
}

void expect_known(const Command& command) {
    EXPECT_TRUE(is_help_known(command.help)) << "help_words.cpp lacks: " << command.help;
    EXPECT_TRUE(is_help_known(command.footer)) << "help_words.cpp lacks a line of: " << command.footer;
    for (const Option& option : command.options)
        EXPECT_TRUE(is_help_known(option.help)) << "help_words.cpp lacks: " << option.help;
    for (const Command& below : command.subcommands)
        expect_known(below);
}

TEST(HelpWords, KnowTheHelpOfEveryCommand) {
    for (const Command& command : all_commands())
        expect_known(command);
    EXPECT_EQ(help_in(Language::japanese, "Example:\n  tegami reload"), "例：\n  tegami reload");
    EXPECT_EQ(help_in(Language::english, "Example:\n\n  tegami reload"), "Example:\n\n  tegami reload");
    EXPECT_FALSE(is_help_known("Something else"));
}

TEST(ServerWords, RecogniseSentencesByTheirPattern) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"there is no account anna@a.test", "アカウント anna@a.test はありません"},
        {"there is no account anna@a.test: it is an alias", "アカウント anna@a.test はありません（別名です）"},
        {"there is no account or alias anna@a.test", "アカウントも別名も anna@a.test はありません"},
        {"anna is not a mail address", "anna はメールアドレスではありません"},
        {"b.test is not a domain of this server: add it first (tegami domain add b.test)",
         "b.test はこのサーバーのドメインではありません。先に追加してください（tegami domain add b.test）"},
        {"ADDRESS is required", "ADDRESS が必要です"},
        {"--format: xml not in {table,zone,json}", "--format：xml は次のどれでもありません：{table,zone,json}"},
        {"something of which nobody thought", "something of which nobody thought"},
        {"there is no account ", "there is no account "},
        {"{} {0}", "{} {0}"},
        {"", ""},
    };
    for (const auto& [english, japanese] : cases) {
        EXPECT_EQ(from_server(Language::japanese, english), japanese);
        EXPECT_EQ(from_server(Language::english, english), english);
    }
}

TEST(Terminal, CountsColumns) {
    EXPECT_EQ(columns_of("abc"), 3U);
    EXPECT_EQ(columns_of("Grüße"), 5U);
    EXPECT_EQ(columns_of("容量の上限"), 10U);
    EXPECT_EQ(columns_of("ｱｲｳ、한글「」"), 13U);
    EXPECT_EQ(columns_of("…“”"), 3U);
}

} // namespace
} // namespace tegami::app
