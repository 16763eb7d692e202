// The command line from outside: what is typed goes in; output, complaints and exit status come out.
#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/qr_code.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace tegami::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

struct Outcome {
    int status;
    std::string output;
    std::string complaints;
};

Outcome type(std::vector<std::string> words) {
    std::vector<const char*> arguments{"tegami"};
    for (const std::string& word : words)
        arguments.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = run_command_line(static_cast<int>(arguments.size()), arguments.data(), {});
    std::fflush(stdout);
    std::string output = testing::internal::GetCapturedStdout();
    return {status, std::move(output), testing::internal::GetCapturedStderr()};
}

class CommandLineTest : public testing::Test {
protected:
    CommandLineTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tegami-command-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }

    ~CommandLineTest() override { std::filesystem::remove_all(folder_); }

    /// A command on this server that must succeed.
    std::string done(std::vector<std::string> words) {
        const Outcome outcome = on_server(std::move(words));
        EXPECT_EQ(outcome.status, kDone) << outcome.complaints;
        return outcome.output;
    }

    Outcome on_server(std::vector<std::string> words) {
        words.insert(words.end(), {"--config", folder_ / "tegami.toml"});
        return type(std::move(words));
    }

    void init() {
        const Outcome made = type({"init", folder_, "--domain", "a.test", "--listen", "127.0.0.1"});
        ASSERT_EQ(made.status, kDone) << made.complaints;
    }

    std::filesystem::path folder_;
};

/// Every command there is, as the words that name it.
std::vector<std::vector<std::string>> every_command() {
    std::vector<std::vector<std::string>> all;
    for (const Command& command : all_commands()) {
        all.push_back({std::string(command.name)});
        for (const Command& subcommand : command.subcommands)
            all.push_back({std::string(command.name), std::string(subcommand.name)});
    }
    return all;
}

TEST_F(CommandLineTest, EveryCommandHasHelpWithAnExample) {
    for (std::vector<std::string> words : every_command()) {
        const std::string example = "tegami " + words.front();
        words.push_back("--help");
        const Outcome help = type(words);
        EXPECT_EQ(help.status, kDone);
        EXPECT_THAT(help.output, AllOf(HasSubstr("Example"), HasSubstr(example)));
    }
}

TEST_F(CommandLineTest, WhatAnswersDoesSoAsJsonToo) {
    // A log, and references.
    const std::set<std::string_view> without{"serve", "man", "completion"};
    std::vector<std::string> silent;
    const auto look = [&](const auto& self, const Command& command, const std::string& above) -> void {
        const std::string name = above + std::string(command.name);
        for (const Command& subcommand : command.subcommands)
            self(self, subcommand, name + " ");
        if (command.run && std::ranges::find(command.options, "--json", &Option::name) == command.options.end() &&
            !without.contains(name))
            silent.push_back(name);
    };
    for (const Command& command : all_commands())
        look(look, command, "");
    EXPECT_THAT(silent, testing::IsEmpty());
}

TEST_F(CommandLineTest, WrongUseIsOneLineAndStatusTwo) {
    const std::string commands =
        "init, serve, check-config, reload, restart, limit-service, verify, setup, doctor, status, repair, downgrade, "
        "backup, "
        "restore, "
        "import, export, domain, account, alias, dkim, dmarc, dns, tls, certificate, ban, settings, session, queue, "
        "index, "
        "trace, log, audit, "
        "check-message, man, completion (see tegami --help)\n";
    const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
        {{}, "tegami: tegami needs a command: " + commands},
        {{"queue"},
         "tegami: tegami queue needs a command: list, show, retry, hold, release, bounce, remove (see tegami queue "
         "--help)\n"},
        {{"acount", "list"}, "tegami: there is no command acount: did you mean account? (see tegami --help)\n"},
        {{"undelete"}, "tegami: there is no command undelete: did you mean account undelete? (see tegami --help)\n"},
        {{"--config", "x", "queu"}, "tegami: there is no command queu: did you mean queue? (see tegami --help)\n"},
        {{"frobnicate"}, "tegami: there is no command frobnicate: there are " + commands},
        {{"account", "remvoe", "x"},
         "tegami: tegami account has no command remvoe: did you mean remove? (see tegami account --help)\n"},
        {{"queue", "delete", "7"},
         "tegami: tegami queue has no command delete: there are list, show, retry, hold, release, bounce, remove (see "
         "tegami queue --help)\n"},
        {{"account", "add", "x", "--pasword-stdin"},
         "tegami: tegami account add has no option --pasword-stdin: did you mean --password-stdin? (see tegami account "
         "add --help)\n"},
        {{"serve", "--verbose"}, "tegami: tegami serve has no option --verbose (see tegami serve --help)\n"},
        {{"--confg=x", "serve"}, "tegami: there is no option --confg: did you mean --config? (see tegami --help)\n"},
        {{"domain", "list", "--jsn"},
         "tegami: tegami domain list has no option --jsn: did you mean --json? (see tegami domain list --help)\n"},
        {{"backup", "list", "/x", "--keep", "3"},
         "tegami: tegami backup list has no option --keep (see tegami backup list --help)\n"},
        {{"backup", "--keep", "3", "list", "/x"}, "tegami: --keep excludes list (see tegami backup list --help)\n"},
        {{"queue", "list", "7"}, "tegami: The following argument was not expected: 7 (see tegami queue list --help)\n"},
        {{"account", "add"}, "tegami: ADDRESS is required (see tegami account add --help)\n"},
        {{"account", "list", "--removed", "--domain", "x"},
         "tegami: --domain excludes --removed (see tegami account list --help)\n"},
        {{"backup"}, "tegami: DIR is required (see tegami backup --help)\n"},
        {{"backup", "/x", "--keep", "0"},
         "tegami: --keep: Value 0 not in range 1 to 100000 (see tegami backup --help)\n"},
        {{"init", "/x", "--domain", "a.test", "--port-offset", "x"},
         "tegami: --port-offset: Value x not in range 0 to 64540 (see tegami init --help)\n"},
        {{"init", "/x", "--domain", "a.test", "--listen", "::1", "--listen", "nowhere"},
         "tegami: --listen: nowhere is not an IP address\n"},
        {{"trace", "x", "--lang", "fr"}, "tegami: --lang: fr not in {en,ja} (see tegami trace --help)\n"},
        {{"import", "anna@a.test"},
         "tegami: import needs an ACCOUNT and a SOURCE, or --imap (see tegami import --help)\n"},
        {{"import", "anna@a.test", "/x", "--user", "anna"}, "tegami: --user is of no use without --imap\n"},
        {{"import", "anna@a.test", "/x", "--imap", "old.test"},
         "tegami: either SOURCE or --imap says where the mail is, not both\n"},
        {{"import", "--imap", "old.test"}, "tegami: either ACCOUNT or --accounts says whose mail it is\n"},
        {{"import", "anna@a.test", "--imap", "old.test:no"}, "tegami: --imap: old.test:no is not HOST or HOST:PORT\n"},
        {{"restore", "/x"},
         "tegami: say what to restore: --to DIR (a whole server), --account ADDRESS or --all-accounts\n"},
    };
    for (const auto& [words, complaint] : wrong) {
        const Outcome outcome = type(words);
        EXPECT_EQ(outcome.status, kWrongUse);
        EXPECT_EQ(outcome.output, "");
        EXPECT_EQ(outcome.complaints, complaint);
    }
}

TEST_F(CommandLineTest, ManagesAServerThatDoesNotRun) {
    init();
    EXPECT_EQ(done({"domain", "list"}), "a.test\n");
    EXPECT_EQ(done({"domain", "add", "b.test", "--catch-all", "anna@a.test"}),
              "domain b.test added\ntegami dns records b.test shows what to publish in the DNS\n");
    EXPECT_THAT(done({"account", "add", "anna@a.test", "--generate", "--quota", "2GiB"}),
                StartsWith("account anna@a.test added\npassword: "));
    EXPECT_THAT(done({"account", "list", "--domain", "a.test"}), StartsWith("anna@a.test  quota 2GiB  since "));
    EXPECT_EQ(done({"alias", "add", "sales@a.test", "anna@a.test", "bo@c.test"}),
              "alias sales@a.test added: anna@a.test, bo@c.test\n");
    EXPECT_EQ(done({"alias", "list", "--json"}),
              R"({"aliases":[{"address":"sales@a.test","targets":["anna@a.test","bo@c.test"]}]})"
              "\n");
    const std::string said = done({"account", "settings", "Anna@A.test", "--lang", "en"});
    EXPECT_THAT(said, StartsWith("Settings for mail programs of anna@a.test\n\n"
                                 "User name             anna@a.test\n"
                                 "Password              that of the account\n"
                                 "Incoming mail (IMAP)  mail.a.test          port 993  SSL/TLS\n"
                                 "  or                  mail.a.test          port 143  STARTTLS\n"
                                 "Incoming mail (POP3)  mail.a.test          port 995  SSL/TLS\n"));
    EXPECT_THAT(said, AllOf(HasSubstr("Outgoing mail (SMTP)  mail.a.test          port 465  SSL/TLS\n"),
                            HasSubstr("tegami dns check a.test\n"),
                            HasSubstr("\nhttps://mail.a.test/mail/settings?emailaddress=anna@a.test\n\n█")));
    EXPECT_THAT(done({"account", "settings", "anna@a.test", "--lang", "ja"}), HasSubstr("受信メール (IMAP)"));
    EXPECT_THAT(done({"account", "settings", "anna@a.test", "--json"}),
                AllOf(HasSubstr(R"({"protocol":"submission","security":"starttls","host":"mail.a.test","port":587}],)"),
                      HasSubstr(R"("profile":"https://mail.a.test/)")));
    EXPECT_EQ(on_server({"account", "settings", "sales@a.test"}).complaints,
              "tegami: there is no account sales@a.test: it is an alias\n");
    EXPECT_EQ(done({"queue", "list"}), "The queue is empty.\n");
    EXPECT_THAT(done({"verify", "--blobs"}), HasSubstr("1 account, "));
    const Outcome again = on_server({"domain", "add", "b.test"});
    EXPECT_EQ(again.status, kFailed);
    EXPECT_EQ(again.complaints, "tegami: the domain b.test exists already\n");
    EXPECT_EQ(on_server({"account", "remove", "anna"}).status, kWrongUse);
}

TEST(QrCodeTest, IsLightAroundDarkCorners) {
    const std::vector<std::string> lines = qr_lines("https://a.test/");
    ASSERT_EQ(lines.size(), 15U); // 21 modules, 4 around, two in a line; one is over
    const auto repeated = [](std::string_view text, int times) {
        std::string all;
        while (times-- > 0)
            all += text;
        return all;
    };
    EXPECT_EQ(lines[0], repeated("█", 29));
    EXPECT_THAT(lines[2], StartsWith(repeated("█", 4) + " ▄▄▄▄▄ █")); // a corner: dark, with light in it
    EXPECT_EQ(lines[14], repeated("▀", 29));
    EXPECT_THAT(qr_lines(std::string(3000, 'a')), testing::IsEmpty());
}

TEST_F(CommandLineTest, ShowsAndChangesAccounts) {
    init();
    done({"account", "add", "anna@a.test", "--generate"});
    EXPECT_THAT(done({"account", "show", "anna@a.test"}),
                MatchesRegex("account  anna@a.test\nstate    enabled\nquota    none\nholds    0 B in 0 messages\n"
                             "since    [0-9T:Z-]+\n"));
    EXPECT_THAT(done({"account", "set", "anna@a.test", "--quota", "2GiB", "--disable"}),
                AllOf(HasSubstr("state    disabled: gets mail, cannot log in\nquota    2GiB\n"),
                      HasSubstr("holds    0 B in 0 messages, 0% of the quota\n")));
    EXPECT_THAT(done({"account", "set", "anna@a.test", "--enable"}), HasSubstr("enabled\nquota    2GiB\n"));
    EXPECT_THAT(done({"account", "set", "anna@a.test", "--no-quota"}), HasSubstr("quota    none\n"));
    EXPECT_THAT(done({"account", "show", "anna@a.test", "--json"}),
                AllOf(HasSubstr(R"("quota_bytes":0,"enabled":true)"), HasSubstr(R"("used_bytes":0,"messages":0)")));
    const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
        {{"account", "set", "anna@a.test"}, "2 say what to change: --quota, --no-quota, --enable or --disable"},
        {{"account", "set", "anna@a.test", "--quota", "much"}, "2 --quota: much is not a size such as 2GiB"},
        {{"account", "set", "anna@a.test", "--quota", ""}, "2 --quota:  is not a size such as 2GiB"},
        {{"account", "set", "anna@a.test", "--quota", "10G"}, "2 --quota: 10G is not a size such as 2GiB"},
        {{"account", "set", "anna@a.test", "--quota", "1.5GiB"}, "2 --quota: 1.5GiB is not a size such as 2GiB"},
        {{"account", "set", "anna@a.test", "--quota", "-1"}, "2 --quota: -1 is not a size such as 2GiB"},
        {{"account", "set", "anna@a.test", "--quota", "0"}, "2 --quota: 0 is not a size such as 2GiB"},
        {{"account", "set", "bo@a.test", "--disable"}, "1 there is no account bo@a.test"},
        {{"account", "set", "bo@a.test", "--no-quota"}, "1 there is no account bo@a.test"},
        {{"account", "show", "bo@a.test"}, "1 there is no account bo@a.test"},
        {{"account", "list", "--domain", "nope.test"}, "1 there is no domain nope.test"},
        {{"alias", "list", "--domain", "nope.test"}, "1 there is no domain nope.test"},
    };
    for (const auto& [words, complaint] : wrong) {
        const Outcome outcome = on_server(words);
        EXPECT_EQ(std::to_string(outcome.status) + " " + outcome.complaints,
                  complaint.substr(0, 2) + "tegami: " + complaint.substr(2) + "\n");
    }
}

TEST_F(CommandLineTest, ShowsAndChangesDomains) {
    init();
    done({"account", "add", "anna@a.test", "--generate"});
    done({"alias", "add", "sales@a.test", "anna@a.test"});
    EXPECT_EQ(done({"domain", "show", "a.test"}),
              "domain         a.test\ncatch-all      none\nsub-addresses  user+detail\nMTA-STS        testing\n"
              "has            1 account, 1 alias\n");
    EXPECT_THAT(done({"domain", "set", "a.test", "--catch-all", "anna@a.test"}),
                HasSubstr("catch-all      anna@a.test\nsub-addresses  user+detail\n"));
    EXPECT_THAT(done({"domain", "set", "a.test", "--subaddress-separator", ""}),
                HasSubstr("catch-all      anna@a.test\nsub-addresses  none\n"));
    EXPECT_THAT(done({"domain", "set", "a.test", "--no-catch-all"}), HasSubstr("catch-all      none\n"));
    EXPECT_THAT(done({"domain", "set", "a.test", "--mta-sts", "enforce"}),
                AllOf(HasSubstr("MTA-STS        enforce\n"), HasSubstr("Publish: _mta-sts.a.test TXT \"v=STSv1; id="),
                      Not(HasSubstr("[listen.https]"))));
    EXPECT_THAT(done({"domain", "set", "a.test", "--mta-sts", "none"}),
                AllOf(HasSubstr("for up to 14 days"), HasSubstr("leave mta-sts.a.test as it is, and publish: ")));
    EXPECT_EQ(on_server({"domain", "set", "a.test", "--mta-sts", "on"}).status, kWrongUse);
    EXPECT_EQ(done({"domain", "list"}), "a.test\n");
    const Outcome missing = on_server({"domain", "set", "b.test", "--no-catch-all"});
    EXPECT_EQ(missing.status, kFailed);
    EXPECT_EQ(missing.complaints, "tegami: there is no domain b.test\n");
    EXPECT_EQ(on_server({"domain", "show", "b.test"}).complaints, "tegami: there is no domain b.test\n");
    EXPECT_EQ(on_server({"domain", "set", "a.test"}).status, kWrongUse);
    EXPECT_EQ(on_server({"domain", "set", "a.test", "--catch-all", "anna"}).status, kWrongUse);
}

TEST_F(CommandLineTest, SaysWhatToPublish) {
    init();
    const std::string keys = done({"dkim", "list"});
    EXPECT_THAT(keys, AllOf(StartsWith("a.test\n"), HasSubstr("not seen in the DNS yet"), HasSubstr("Publish:"),
                            HasSubstr("-rsa._domainkey.a.test TXT\n  v=DKIM1; k=rsa; p=")));
    EXPECT_THAT(keys, testing::Not(HasSubstr("PRIVATE")));
    const std::string records = done({"dns", "records", "a.test"});
    EXPECT_THAT(records, AllOf(HasSubstr("a.test MX  10 mail.a.test\n"),
                               HasSubstr("mail.a.test A  (the public address)"), HasSubstr("Good to have:")));
    EXPECT_THAT(done({"dns", "records", "a.test", "--address", "192.0.2.1", "--format", "zone"}),
                HasSubstr("\nmail.a.test. 3600 IN A 192.0.2.1\n"));
    EXPECT_EQ(done({"dns", "records", "a.test", "--json"}), done({"dns", "records", "a.test", "--format", "json"}));
    const Outcome elsewhere = on_server({"dns", "records", "b.test"});
    EXPECT_EQ(elsewhere.status, kFailed);
    EXPECT_EQ(elsewhere.complaints, "tegami: there is no domain b.test\n");
    EXPECT_EQ(on_server({"dns", "records", "a.test", "--address", "here"}).status, kWrongUse);
    EXPECT_EQ(on_server({"dns", "records", "a.test", "--json", "--format", "zone"}).status, kWrongUse);
}

/// What people type where another program would have taken it, and what they are told.
TEST_F(CommandLineTest, SaysWhatWasMeantByAliases) {
    init();
    done({"account", "add", "anna@a.test", "--generate"});
    done({"alias", "add", "sales@a.test", "\"a,b\"@c.test", "anna@a.test"});
    const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
        {{"alias", "add", "x@a.test", "anna@a.test,bo@c.test"},
         "2 anna@a.test,bo@c.test: write targets apart with spaces, without commas"},
        {{"alias", "add", "x@a.test", "anna@a.test,", "bo@c.test"},
         "2 anna@a.test,: write targets apart with spaces, without commas"},
        {{"alias", "add", "@a.test", "anna@a.test"},
         "2 @a.test is no address: for all that nobody else gets in a domain there is tegami domain set a.test "
         "--catch-all ADDRESS"},
        {{"alias", "add", "x@a.test", "X@a.test"}, "2 x@a.test cannot stand for itself"},
        {{"account", "password", "sales@a.test", "--generate"}, "1 there is no account sales@a.test: it is an alias"},
        {{"account", "password", "nobody@a.test", "--generate"}, "1 there is no account nobody@a.test"},
        {{"domain", "remove", "a.test"},
         "1 the domain a.test still has accounts: remove them first (tegami account list --domain a.test)"},
    };
    done({"domain", "set", "a.test", "--catch-all", "anna@a.test"}); // makes no account of nobody@
    for (const auto& [words, complaint] : wrong) {
        const Outcome outcome = on_server(words);
        EXPECT_EQ(std::to_string(outcome.status) + " " + outcome.complaints,
                  complaint.substr(0, 2) + "tegami: " + complaint.substr(2) + "\n");
    }
    EXPECT_EQ(on_server({"account", "remove", "anna@a.test"}).complaints,
              "tegami: warning: the alias sales@a.test still leads to anna@a.test\n"
              "tegami: warning: the catch-all of a.test still leads to anna@a.test\n");
}

/// A disk that is not mounted: a new store in its place would refuse everybody's mail for good.
TEST_F(CommandLineTest, AStoreThatIsGoneIsNotMadeAnew) {
    init();
    const std::filesystem::path data = folder_ / "data";
    std::filesystem::remove_all(data);
    for (const bool mount_point : {false, true}) {
        if (mount_point) std::filesystem::create_directory(data);
        for (const std::vector<std::string>& words :
             {std::vector<std::string>{"serve"}, {"domain", "list"}, {"account", "list"}, {"verify"}}) {
            const Outcome outcome = on_server(words);
            EXPECT_EQ(outcome.status, kFailed);
            EXPECT_EQ(outcome.complaints, "tegami: there is no store in " + data.string() +
                                              ": is its disk mounted? A new store begins with its first domain: tegami "
                                              "domain add DOMAIN\n");
        }
        EXPECT_EQ(std::filesystem::exists(data), mount_point);
    }
    EXPECT_EQ(done({"domain", "add", "a.test"}),
              "domain a.test added\ntegami dns records a.test shows what to publish in the DNS\n");
    EXPECT_EQ(done({"domain", "list"}), "a.test\n");
}

TEST_F(CommandLineTest, InitSaysThatAStoreWasThere) {
    init();
    done({"account", "add", "anna@a.test", "--generate"});
    std::filesystem::remove(folder_ / "tegami.toml");
    EXPECT_THAT(type({"init", folder_, "--domain", "b.test", "--listen", "127.0.0.1"}).output,
                HasSubstr("data keeps the store that was there, with 2 domains.\n"));
    EXPECT_EQ(done({"domain", "list"}), "a.test\nb.test\n");
}

TEST_F(CommandLineTest, NamesOctetsThatAreNoUtf8) {
    init();
    const Outcome outcome = on_server({"account", "show", "anna\x93@a.test"});
    EXPECT_EQ(outcome.status, kWrongUse);
    EXPECT_EQ(outcome.complaints, "tegami: what was typed has octets that are no UTF-8\n");
    EXPECT_EQ(type({"qu\xe2\x80\xaeue"}).complaints.substr(0, 40), "tegami: there is no command qu\\u{202e}ue");
}

TEST_F(CommandLineTest, ImportsWhatItCanAndNamesTheRest) {
    init();
    const std::string file = folder_ / "accounts.txt";
    std::ofstream(file) << "# people\nanna@a.test a good one\n\nbo@elsewhere.test a good one\n";
    const Outcome outcome = on_server({"account", "import", file});
    EXPECT_EQ(outcome.status, kFailed);
    EXPECT_EQ(outcome.output, "1 of 2 accounts added\n");
    EXPECT_THAT(outcome.complaints, StartsWith("tegami: " + file + ":4: bo@elsewhere.test: "));
}

TEST_F(CommandLineTest, ImportsFilesAsProgramsWriteThem) {
    init();
    const std::string file = folder_ / "accounts.txt";
    const auto import = [&](const std::string& text) {
        std::ofstream(file) << text;
        const Outcome outcome = on_server({"account", "import", file});
        return outcome.output + outcome.complaints;
    };
    EXPECT_EQ(import("\xef\xbb\xbf"
                     "anna@a.test a good one\r\nbo@a.test a good one\r\n"),
              "2 of 2 accounts added\n");
    EXPECT_THAT(done({"account", "list"}), StartsWith("anna@a.test  "));
    EXPECT_EQ(import("\xef\xbb\xbf# nobody\n"), "0 of 0 accounts added\n");
    EXPECT_EQ(import("cy@a.test short\n"), "0 of 1 account added\ntegami: " + file +
                                               ":1: cy@a.test: the password is too short: it needs 8 characters\n");
    EXPECT_EQ(import("cy@a.test 12345678\n"),
              "1 of 1 account added\ntegami: " + file +
                  ":1: cy@a.test: this password is one of those that are guessed first: take another\n");
    EXPECT_EQ(import("\xef\xbb\xbf\xef\xbb\xbf"
                     "di@a.test a good one\n"),
              "0 of 1 account added\ntegami: " + file +
                  ":1: the address \\u{feff}di@a.test has characters that are not seen: write it "
                  "without them\n");
    EXPECT_EQ(import("di@a.test a good one\ned@a.test caf\xe9 au lait\n"),
              "tegami: " + file + ": this is no UTF-8: see line 2\n");
    EXPECT_EQ(import("\xff\xfe"
                     "d\xe9"),
              "tegami: " + file + ": this is no UTF-8, but UTF-16: save it as UTF-8\n");
}

TEST_F(CommandLineTest, ListensWhereItIsTold) {
    const auto addresses = [this](std::vector<std::string> listen) {
        std::filesystem::remove_all(folder_);
        std::vector<std::string> words{"init", folder_, "--domain", "a.test"};
        for (const std::string& address : listen)
            words.insert(words.end(), {"--listen", address});
        EXPECT_EQ(type(words).status, kDone);
        std::vector<std::string> all;
        for (const Listener& listener : load_config(folder_ / "tegami.toml").value().listeners)
            if (listener.service == Service::smtp) all.push_back(listener.endpoint.address.to_string());
        return all;
    };
    EXPECT_EQ(addresses({"127.0.0.1"}), std::vector<std::string>{"127.0.0.1"});
    EXPECT_EQ(addresses({"::"}), std::vector<std::string>{"::"});
    EXPECT_EQ(addresses({"::1", "127.0.0.1", "::1"}), (std::vector<std::string>{"127.0.0.1", "::1"}));
    EXPECT_EQ(addresses({}).front(), "0.0.0.0");
}

TEST_F(CommandLineTest, BacksUpAndBringsBack) {
    init();
    done({"account", "add", "anna@a.test", "--generate"});
    EXPECT_EQ(done({"index", "status"}), "anna@a.test  0 messages  0 waiting  attached files not read  0 B\n");
    EXPECT_EQ(done({"index", "rebuild", "--all"}),
              "the word index of anna@a.test is made anew while the server runs\n");
    const std::string backups = std::string(folder_) + "-backups";
    EXPECT_THAT(done({"backup", backups, "--keep", "3"}), StartsWith("backup "));
    EXPECT_THAT(type({"backup", "list", backups}).output, HasSubstr("1 account"));
    EXPECT_THAT(type({"backup", "verify", backups}).output, StartsWith("1 point, "));
    done({"account", "remove", "anna@a.test", "--now"});
    EXPECT_THAT(done({"restore", backups, "--account", "anna@a.test"}), StartsWith("account anna@a.test made again"));
    std::filesystem::remove_all(backups);
}

} // namespace
} // namespace tegami::app
