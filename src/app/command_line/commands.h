// What the families of commands share: the configuration, asking the server (or the store itself), and printing.
// Exit statuses: 0 done, 1 it did not work, 2 wrong use.
#pragma once

#include "admin/operation.h"
#include "app/configuration/config.h"
#include "base/clock.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
    /// The configuration; if it has faults, they are printed and there is none.
    const Config* config();

    /// Asks the running server or, without one, the store itself. A refusal is printed; then there is no answer and
    /// status() says what to exit with.
    std::optional<json::object> ask(const std::string& operation, json::object request,
                                    Duration patience = std::chrono::minutes(10));

    /// Asks for all pages of a listing and joins their rows.
    std::optional<json::array> ask_all(const std::string& operation, json::object request, std::string_view rows);

    int status() const { return status_; }

private:
    /// The answer of the server or of the store; nothing, with a complaint, if neither could be asked.
    std::optional<admin::Answer> answer_to(const std::string& operation, const json::object& request,
                                           Duration patience);

    std::optional<Config> config_;
    std::unique_ptr<LocalAdmin> local_;
    int status_ = kDone;
};

// Printing: text goes to standard output, complaints as one line `tegami: …` to standard error.
void print_line(std::string_view text);
void print_json(const json::value& value);
int complain(int status, std::string_view message);

/// Backups and restores of large stores take hours.
inline constexpr Duration kBackupPatience = std::chrono::hours(24 * 7);

/// A path as the server finds it whatever folder it runs in, without a slash at the end.
std::string absolute_path(const std::string& path);

/// Text of others on one line of a terminal: control characters as spaces, not longer than some 60 characters.
std::string one_line(std::string_view text);

/// Rows as columns, each as wide as its widest text.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// A text member of an answer; empty if it is missing or null.
std::string text_of(const json::object& object, std::string_view name);

/// The program: parses the command line, runs the command, returns the exit status.
int run_command_line(int argc, const char* const* argv);

} // namespace tegami::app
