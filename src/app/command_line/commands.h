// What the families of commands share: the configuration, asking the server (or the store itself); terminal.h prints.
// Exit statuses: 0 done, 1 it did not work, 2 wrong use.
#pragma once

#include "admin/operation.h"
#include "admin/progress_board.h"
#include "app/command_line/terminal.h"
#include "app/configuration/config.h"
#include "base/clock.h"
#include "net/http_client.h"
#include "service/webd/files.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

class Arguments;
class LocalAdmin;

enum ExitStatus : int { kDone = 0, kFailed = 1, kWrongUse = 2 };

/// How long a command waits for its answer.
inline constexpr Duration kUsualPatience = std::chrono::minutes(10);
/// Reading or copying all of a large store takes hours.
inline constexpr Duration kLongPatience = std::chrono::hours(24 * 7);

class Commands {
public:
    Commands();
    ~Commands();
    Commands(const Commands&) = delete;
    Commands& operator=(const Commands&) = delete;

    std::string config_file;
    std::span<const webd::File> web_files; ///< of a server that is run
    /// The configuration; if it has faults, they are printed and there is none.
    const Config* config();

    /// Asks the running server or, without one, the store itself. A refusal is printed; then there is no answer and
    /// status() says what to exit with.
    std::optional<json::object> ask(const std::string& operation, json::object request,
                                    Duration patience = kUsualPatience);
    /// The same of what may take hours; meanwhile the terminal shows how far it is.
    std::optional<json::object> ask_long(const std::string& operation, json::object request);
    /// The same about something that may be gone by now, which is no failure: there is no answer then, and no word.
    std::optional<json::object> ask_if_there(const std::string& operation, json::object request);

    /// Asks the running server alone; without one there is no answer, and no word.
    std::optional<json::object> ask_server(const std::string& operation);
    /// Asks the running server alone for octets; `sink` takes them as they come. Whether all came; a refusal is as above.
    bool receive_from_server(const std::string& operation, const json::object& request, const net::HttpSink& sink);

    /// Asks for all pages of a listing and joins their rows.
    std::optional<json::array> ask_all(const std::string& operation, json::object request, std::string_view rows);

    /// Gives the server, or the store itself, the messages that are in `octets` (transfer/item.h); a refusal is as above.
    std::optional<json::object> send_mail(const json::object& request, net::HttpUpload octets);
    /// Asks for the messages of a mailbox; `sink` takes them as they come. Whether all came.
    bool receive_mail(const json::object& request, const net::HttpSink& sink);

    int status() const { return status_; }

private:
    /// Ways to get one answer.
    struct Ways {
        std::function<Result<net::HttpResponse, net::HttpProblem>(const std::string& socket)> from_server;
        std::function<admin::Answer(LocalAdmin& store)> from_store;
    };

    /// The answer of the server or of the store; nothing, with a complaint, if neither could be asked.
    std::optional<admin::Answer> answer_to(const std::string& operation, const json::object& request,
                                           Duration patience);
    std::optional<admin::Answer> answer_by(const Ways& ways, bool is_utf8, bool makes_store);
    /// The answer, or a complaint.
    std::optional<json::object> taken(std::optional<admin::Answer> answer);
    void complain_refusal(const admin::Refusal& refusal);

    std::optional<Config> config_;
    admin::ProgressBoard progress_; ///< of what `local_` does
    std::unique_ptr<LocalAdmin> local_;
    int status_ = kDone;
};

/// A path as the server finds it whatever folder it runs in, without a slash at the end.
std::string absolute_path(const std::string& path);

/// U+FEFF in UTF-8, with which some programs begin a file.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// A text member of an answer; empty if it is missing or null.
std::string text_of(const json::object& object, std::string_view name);

/// Warns of aliases and catch-alls that still lead to an address that has just been removed; `answer` names them.
void complain_sources(const json::object& answer, std::string_view address);

/// Prints the answer if --json was typed; whether it was.
bool print_as_json(const Arguments& arguments, const json::object& answer);

/// A number in an answer; 0 if it is missing.
std::uint64_t count_in(const json::object& object, std::string_view name);

/// The program: parses the command line, runs the command, returns the exit status. `web_files` are what a server shows.
int run_command_line(int argc, const char* const* argv, std::span<const webd::File> web_files);

} // namespace tegami::app
