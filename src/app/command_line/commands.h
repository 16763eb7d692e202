// What the families of commands share: the configuration, asking the server (or the store itself), and printing.
// Exit statuses: 0 done, 1 it did not work, 2 wrong use.
#pragma once

#include "app/configuration/config.h"
#include "base/clock.h"

#include <boost/json/object.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace tegami::app {

class LocalAdmin;

enum ExitStatus : int { kDone = 0, kFailed = 1, kWrongUse = 2 };

class Commands {
public:
    Commands();
    ~Commands();
    Commands(const Commands&) = delete;
    Commands& operator=(const Commands&) = delete;

    std::string config_file;
    /// What the parsed command line asks for; returns the exit status.
    std::function<int()> action;

    /// The configuration; if it has faults, they are printed and there is none.
    const Config* config();

    /// Asks the running server or, without one, the store itself. A refusal is printed; then there is no answer and
    /// status() says what to exit with.
    std::optional<boost::json::object> ask(std::string_view operation, boost::json::object request,
                                           Duration patience = std::chrono::minutes(10));

    /// Asks for all pages of a listing and joins their rows.
    std::optional<boost::json::array> ask_all(std::string_view operation, boost::json::object request,
                                              std::string_view rows);

    int status() const { return status_; }

private:
    struct Reply {
        unsigned status;
        std::string body;
    };

    std::optional<Reply> exchange(std::string_view operation, const boost::json::object& request, Duration patience);

    std::optional<Config> config_;
    std::unique_ptr<LocalAdmin> local_;
    int status_ = kDone;
};

// Printing: text goes to standard output, complaints as one line `tegami: …` to standard error.
void print_line(std::string_view text);
void print_json(const boost::json::value& value);
int complain(int status, std::string_view message);

/// Text of others on one line of a terminal: control characters as spaces, not longer than some 60 characters.
std::string one_line(std::string_view text);

/// Rows as columns, each as wide as its widest text.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// A text member of an answer; empty if it is missing or null.
std::string text_of(const boost::json::object& object, std::string_view name);

// Each family adds its subcommands.
void add_server_commands(CLI::App& app, Commands& commands);
void add_repair_command(CLI::App& app, Commands& commands);
void add_downgrade_command(CLI::App& app, Commands& commands);
void add_backup_commands(CLI::App& app, Commands& commands);
void add_restore_command(CLI::App& app, Commands& commands);
void add_domain_commands(CLI::App& app, Commands& commands);
void add_account_commands(CLI::App& app, Commands& commands);
/// `undelete`, one of the family `account`.
void add_undelete_command(CLI::App& family, Commands& commands);
void add_alias_commands(CLI::App& app, Commands& commands);
void add_queue_commands(CLI::App& app, Commands& commands);
void add_trace_command(CLI::App& app, Commands& commands);

/// The program: parses the command line, runs the command, returns the exit status.
int run_command_line(int argc, const char* const* argv);

} // namespace tegami::app
