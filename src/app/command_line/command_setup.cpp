// tegami setup
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/finding_listing.h"
#include "app/command_line/machine_look.h"
#include "app/command_line/password_prompt.h"
#include "app/command_line/question.h"
#include "app/command_line/service_control.h"
#include "app/command_line/setup_steps.h"
#include "app/command_line/setup_text.h"
#include "app/server/backend.h"
#include "disk/files.h"
#include "sandbox/child.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

namespace tegami::app {

namespace {

constexpr const char* kSystemFolder = "/etc/tegami";
constexpr const char* kSystemData = "/var/lib/tegami";
constexpr const char* kRootKey = "/usr/share/dns/root.key";
constexpr const char* kLetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";
/// How long somebody who was asked is kept company, unless --wait says otherwise.
constexpr auto kUsualWait = std::chrono::minutes(30);
constexpr auto kStartPatience = std::chrono::seconds(60);
/// Limit: a file with a password.
constexpr std::size_t kSetupPasswordBytesMax = 4096;

/// As the system has it, if it is a full one.
std::string own_host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return {};
    const auto parsed = message::Domain::parse(name.data());
    return parsed && parsed->ascii().contains('.') && !parsed->ascii().ends_with(".localdomain") ? parsed->ascii()
                                                                                                 : std::string();
}

/// One run of the command. A step returns the status to end with, or nothing to go on.
class Setup {
public:
    Setup(Commands& commands, const Arguments& arguments) : commands_(commands), arguments_(arguments) {}

    int run() {
        if (as_json()) leave_output_to_json();
        using Step = std::optional<int> (Setup::*)();
        for (const Step step : {&Setup::find_place, &Setup::read_options, &Setup::read_file, &Setup::choose_names,
                                &Setup::choose_account, &Setup::choose_certificates, &Setup::look_at_all,
                                &Setup::write_file, &Setup::fill_store, &Setup::start_service})
            if (const auto status = (this->*step)()) return *status;
        const auto status =
            sandbox::run_as_owner(config_.data_directory, [this] { return finish_setup(final_, as_json()); });
        return status ? *status : complain(kFailed, status.error());
    }

private:
    bool as_json() const { return arguments_.flag("--json"); }

    bool may_ask() const { return !arguments_.flag("--yes") && !as_json(); }

    std::optional<int> find_place() {
        std::error_code error;
        if (const std::string& folder = arguments_.text("DIR"); !folder.empty())
            file_ = absolute_path(folder) + "/tegami.toml";
        else if (std::filesystem::exists(commands_.config_file, error) || commands_.config_file != "tegami.toml")
            file_ = absolute_path(commands_.config_file);
        else if (std::filesystem::is_directory(kSystemFolder, error))
            file_ = std::string(kSystemFolder) + "/tegami.toml";
        else
            return complain(kWrongUse, say("name a folder for the server: tegami setup DIR"));
        is_system_ = file_ == std::string(kSystemFolder) + "/tegami.toml";
        return std::nullopt;
    }

    std::optional<int> read_options() {
        for (const std::string& text : arguments_.texts("--address")) {
            const auto address = IpAddress::parse(text);
            if (!address) return complain(kWrongUse, say("--address: {} is not an IP address", text));
            look_.addresses.push_back(address->unmapped());
        }
        if (!arguments_.texts("--resolver").empty()) {
            wishes_.resolver = ResolverConfig{.mode = ResolverMode::servers};
            for (const std::string& text : arguments_.texts("--resolver")) {
                const auto address = IpAddress::parse(text);
                const auto server =
                    address ? net::Endpoint{.address = *address, .port = 53} : net::Endpoint::parse(text);
                if (!server) return complain(kWrongUse, say("--resolver: {} is not ADDRESS or ADDRESS:PORT", text));
                wishes_.resolver->servers.push_back(*server);
            }
        }
        if (const std::string& directory = arguments_.text("--acme-directory"); !directory.empty()) {
            if (!arguments_.flag("--agree-to-terms"))
                return complain(kWrongUse,
                                say("--acme-directory: the authority gives certificates to those only who agree to "
                                    "its terms: read them, and add --agree-to-terms"));
            const std::string& authorities = arguments_.text("--acme-authorities");
            wishes_.acme = {.directory = directory,
                            .authorities = authorities.empty() ? "" : absolute_path(authorities)};
        }
        return read_smarthost();
    }

    std::optional<int> read_smarthost() {
        const std::string& text = arguments_.text("--smarthost");
        if (text.empty()) return std::nullopt;
        wishes_.smarthost = parse_smarthost(text);
        if (!wishes_.smarthost) return complain(kWrongUse, say("--smarthost: {} is not HOST or HOST:PORT", text));
        wishes_.smarthost->user = arguments_.text("--smarthost-user");
        const std::string& file = arguments_.text("--smarthost-password-file");
        if (wishes_.smarthost->user.empty() != file.empty())
            return complain(kWrongUse, say("--smarthost-user and --smarthost-password-file go together"));
        if (!file.empty()) wishes_.smarthost->password_file = absolute_path(file);
        return std::nullopt;
    }

    /// The configuration that is there.
    std::optional<int> read_file() {
        std::error_code error;
        if (!std::filesystem::exists(file_, error)) return std::nullopt;
        ConfigResult loaded = load_config(file_);
        const auto text = disk::read_file(file_, 1 << 20);
        if (!loaded || !text) {
            if (!loaded)
                for (const ConfigProblem& problem : loaded.error())
                    complain(kFailed, problem.to_string(file_));
            return kFailed;
        }
        config_ = *std::move(loaded);
        text_ = *text;
        was_there_ = true;
        print_line(say("{} is there already: what it says stays.", file_));
        return std::nullopt;
    }

    /// The answer to a question, or why there is none.
    std::optional<std::string> answer(std::string_view option, std::string_view question, std::string_view proposal) {
        if (const std::string& given = arguments_.text(option); !given.empty()) return given;
        if (!may_ask() && !proposal.empty()) return std::string(proposal);
        auto answered = may_ask() ? ask_line(question, proposal) : std::nullopt;
        if (answered && !answered->empty()) return answered;
        complain(kWrongUse, say("{} is needed, for nobody answers", option));
        return std::nullopt;
    }

    std::optional<int> choose_names() {
        const std::string host = own_host_name();
        const std::string above = host.contains('.') ? host.substr(host.find('.') + 1) : "";
        std::optional<std::string> domain = arguments_.text("--domain");
        if (domain->empty() && was_there_) domain = config_.default_domain.ascii();
        if (domain->empty())
            domain =
                answer("--domain", say("For which domain is the mail?"), may_ask() && above.contains('.') ? above : "");
        if (!domain) return kWrongUse;
        const auto parsed = message::Domain::parse(*domain);
        if (!parsed || parsed->is_address_literal())
            return complain(kWrongUse, say("--domain: {} is not a domain such as example.org", *domain));
        final_.domain = *parsed;
        if (was_there_) {
            const std::string& wanted = arguments_.text("--host-name");
            if (!wanted.empty() && wanted != config_.host_name)
                return complain(kWrongUse,
                                say("--host-name: {} says {} already; change it there", file_, config_.host_name));
            return std::nullopt;
        }
        const bool fits = host.ends_with("." + parsed->ascii());
        const auto name = answer("--host-name", say("Which name has this server in the DNS?"),
                                 fits ? host : "mail." + parsed->ascii());
        if (!name) return kWrongUse;
        wishes_.host_name = *name;
        return make_text();
    }

    /// A new configuration.
    std::optional<int> make_text() {
        std::vector<std::string> listen = arguments_.texts("--listen");
        if (listen.empty()) listen = every_address();
        text_ = default_config_text(*final_.domain, listen, port_offset());
        if (is_system_ && std::filesystem::is_directory(kSystemData)) wishes_.data_directory = kSystemData;
        wishes_.memory_budget = memory_budget_for(machine_memory_bytes());
        return apply_wishes();
    }

    std::uint16_t port_offset() const { return static_cast<std::uint16_t>(arguments_.number("--port-offset")); }

    /// Puts the wishes into the text, and reads it.
    std::optional<int> apply_wishes() {
        const ConfigResult before = parse_config(text_, file_);
        if (!before) return complain(kFailed, before.error().front().to_string(file_));
        text_ = with_wishes(text_, wishes_, *before, port_offset());
        ConfigResult after = parse_config(text_, file_);
        if (!after) return complain(kFailed, after.error().front().to_string(file_));
        config_ = *std::move(after);
        return std::nullopt;
    }

    std::optional<int> choose_account() {
        std::string account = arguments_.text("--account");
        const bool store_there = check_store(config_.data_directory).has_value();
        if (account.empty() && store_there && is_there("")) return std::nullopt;
        if (account.empty()) {
            const char* const user = std::getenv("SUDO_USER");
            const auto given =
                answer("--account", say("Which is the first account?"),
                       may_ask() ? fmt::format("{}@{}", user ? user : "admin", final_.domain->display()) : "");
            if (!given) return kWrongUse;
            account = *given;
        }
        if (!account.contains('@')) account += "@" + final_.domain->ascii();
        final_.account = account;
        if (store_there && is_there(final_.account)) return std::nullopt;
        return choose_password();
    }

    std::optional<int> choose_password() {
        if (const std::string& file = arguments_.text("--password-file"); !file.empty()) {
            const auto text = disk::read_secret_file(file, kSetupPasswordBytesMax);
            if (!text) return complain(kFailed, say("--password-file: {}: {}", file, text.error()));
            final_.password = text->substr(0, text->find_first_of("\r\n"));
            return std::nullopt;
        }
        SystemRandom random;
        const bool prompt = may_ask() && ::isatty(STDIN_FILENO) == 1;
        if (prompt) print_line(say("Which password has {}?", final_.account));
        auto password = new_password(prompt ? PasswordSource::prompt : PasswordSource::generated, random);
        if (!password) return complain(kWrongUse, password.error());
        final_.password = *std::move(password);
        final_.show_password = !prompt;
        return std::nullopt;
    }

    /// An account, or any if it is empty.
    bool is_there(const std::string& account) const {
        const auto found =
            sandbox::run_as_owner(config_.data_directory, [&] { return has_account(file_, account) ? 1 : 0; });
        return found && *found == 1;
    }

    std::optional<int> choose_certificates() {
        if (!wishes_.acme && !was_there_ && may_ask()) {
            const auto wanted =
                ask_line(say("Shall Let's Encrypt give the certificates? Then you agree to its terms, which are at "
                             "https://letsencrypt.org/repository/ (yes or no)"),
                         "yes");
            if (wanted && (*wanted == "yes" || *wanted == "y")) wishes_.acme = {.directory = kLetsEncrypt};
        }
        return apply_wishes();
    }

    std::optional<int> look_at_all() {
        print_line(say("Looking at this machine, which takes some seconds ..."));
        if (!was_there_) choose_resolver();
        if (const auto status = apply_wishes()) return status;
        std::error_code error;
        const bool runs = std::filesystem::exists(config_.admin_socket(), error);
        if (runs)
            for (const Listener& listener : config_.listeners)
                look_.ours.insert(listener.endpoint.port);
        health::Machine machine = look_at_machine(config_, look_);
        if (machine.way_out == health::WayOut::closed && may_ask()) {
            if (const auto status = ask_for_smarthost(machine)) return status;
        }
        print_gap();
        const std::vector<health::Finding> findings = health::judge_machine(machine);
        print_health(findings);
        final_.findings = health_json(findings);
        print_gap();
        final_.addresses = public_addresses(look_);
        if (!config_.acme.is_used() && config_.tls.certificate.empty())
            print_line(say(
                "The server makes its certificate itself: other servers accept it, mail programs ask or refuse. With "
                "--acme-directory an authority gives one."));
        return std::nullopt;
    }

    /// The first way to ask that proves signed answers, if there is one.
    void choose_resolver() {
        std::error_code error;
        if (!std::filesystem::exists(kRootKey, error)) return;
        std::vector<ResolverConfig> ways{wishes_.resolver.value_or(ResolverConfig{})};
        if (!wishes_.resolver) ways.push_back({.mode = ResolverMode::recursive});
        for (ResolverConfig& way : ways) {
            way.trust_anchor = kRootKey;
            if (!proves_answers(way)) continue;
            wishes_.resolver = way;
            return;
        }
    }

    std::optional<int> ask_for_smarthost(health::Machine& machine) {
        print_line(say("No mail gets out by port 25: {}.", from_server(spoken_language(), machine.way_out_words)));
        const auto host =
            ask_line(say("Through which other server shall it go (HOST or HOST:PORT; nothing: none)?"), "");
        if (!host || host->empty()) return std::nullopt;
        wishes_.smarthost = parse_smarthost(*host);
        if (!wishes_.smarthost) return complain(kWrongUse, say("{} is not HOST or HOST:PORT", *host));
        wishes_.smarthost->user = ask_line(say("Who are you there (nothing: it wants no login)?"), "").value_or("");
        if (!wishes_.smarthost->user.empty()) {
            const auto password = typed_password(say("Password there: "));
            if (!password) return complain(kWrongUse, password.error());
            smarthost_password_ = *password;
            wishes_.smarthost->password_file = std::filesystem::path(file_).parent_path() / "smarthost-password";
        }
        machine.smarthost = wishes_.smarthost->host;
        return apply_wishes();
    }

    std::optional<int> write_file() {
        const std::string folder = std::filesystem::path(file_).parent_path();
        if (const auto made = disk::make_directory(folder, 0700); !made)
            return complain(kFailed, fmt::format("{}: {}", folder, made.error()));
        if (!smarthost_password_.empty()) {
            const std::string& secret = wishes_.smarthost->password_file;
            const auto written = disk::create_file(secret, smarthost_password_ + "\n", 0600);
            if (!written) return complain(kFailed, fmt::format("{}: {}", secret, written.error()));
            const auto owner = disk::owner_of(config_.data_directory);
            if (owner && ::geteuid() == 0 && ::chown(secret.c_str(), owner->uid, static_cast<gid_t>(-1)) != 0)
                return complain(kFailed, say("{} cannot be given to the server", secret));
        }
        const auto now = was_there_ ? disk::read_file(file_, 1 << 20) : Result<std::string, std::string>(std::string());
        if (now && *now == text_) return std::nullopt;
        changed_ = true;
        const std::string beside = was_there_ ? file_ + ".new" : file_;
        std::error_code error;
        if (was_there_) std::filesystem::remove(beside, error);
        if (const auto written = disk::create_file(beside, text_, 0644); !written)
            return complain(kFailed, say("{} cannot be made: {}", beside, written.error()));
        if (was_there_) std::filesystem::rename(beside, file_, error);
        if (error) return complain(kFailed, say("{} cannot be replaced: {}", file_, error.message()));
        print_line(say("{} written.", file_));
        return std::nullopt;
    }

    std::optional<int> fill_store() {
        final_.config_file = file_;
        const std::string& folder = arguments_.text("DIR");
        final_.again = folder.empty() ? "tegami setup" : fmt::format("tegami setup {}", folder);
        const auto status = sandbox::run_as_owner(config_.data_directory, [this] { return fill(final_); });
        if (!status) return complain(kFailed, status.error());
        return *status == kDone ? std::nullopt : std::optional<int>(*status);
    }

    std::optional<int> start_service() {
        final_.wait = arguments_.given("--wait") ? std::chrono::minutes(arguments_.number("--wait"))
                      : may_ask()                ? kUsualWait
                                                 : std::chrono::minutes(0);
        std::error_code error;
        final_.runs = std::filesystem::exists(config_.admin_socket(), error);
        if (is_system_ && has_system_service()) {
            const bool again = final_.runs && changed_;
            if (!run_systemctl({"enable", "--now", "tegami"}) || (again && !run_systemctl({"restart", "tegami"})))
                return complain(kFailed, say("the service does not start: journalctl -u tegami says why"));
            final_.runs = wait_for_file(config_.admin_socket(), kStartPatience);
            if (!final_.runs)
                return complain(kFailed, say("the service does not answer: journalctl -u tegami says why"));
            print_line(say("The service runs, and starts with the machine."));
        } else if (final_.runs && changed_) {
            print_line(say("The server that runs has to be started again for what has changed."));
        } else if (!final_.runs) {
            final_.start_command =
                is_system_ ? say("systemctl enable --now tegami (where systemd runs), or as root tegami serve")
                           : fmt::format("tegami serve --config {}", file_);
        }
        return std::nullopt;
    }

    Commands& commands_;
    const Arguments& arguments_;
    std::string file_;
    bool is_system_ = false; ///< of the package
    bool was_there_ = false;
    bool changed_ = false;
    std::string text_;
    Config config_;
    SetupWishes wishes_;
    LookOptions look_;
    std::string smarthost_password_;
    SetupOrder final_;
};

int setup(Commands& commands, const Arguments& arguments) {
    return Setup(commands, arguments).run();
}

Option text_option(std::string_view name, std::string_view help, std::string_view value) {
    return {.kind = Option::Kind::text, .name = name, .help = help, .value = value};
}

} // namespace

Command setup_command() {
    return {
        .name = "setup",
        .help = "From a bare machine to a server that sends and receives: asks, looks, writes, starts, checks",
        .options = {text_option("DIR", "The folder for configuration and mail, where no package has made one", ""),
                    text_option("--domain", "The first domain, or another one, such as example.org", "DOMAIN"),
                    text_option("--host-name", "The server's name in the DNS; otherwise mail.DOMAIN", "NAME"),
                    text_option("--account", "The first account, such as anna@example.org", "ADDRESS"),
                    text_option("--password-file", "A file with its password; otherwise one is asked for, or made",
                                "FILE"),
                    {.kind = Option::Kind::texts,
                     .name = "--address",
                     .help = "An address by which others reach this server; may be given several times. Otherwise "
                             "those of the machine that are public",
                     .value = "ADDRESS"},
                    text_option("--acme-directory", "The authority that gives certificates by itself (ACME)", "URL"),
                    {.name = "--agree-to-terms", .help = "You have read its terms, and agree to them"},
                    text_option("--acme-authorities", "Who proves its server, where it is one of your own", "FILE"),
                    text_option("--smarthost", "Another server that all mail goes through; port 587 unless it is named",
                                "HOST[:PORT]"),
                    text_option("--smarthost-user", "Who we are there", "NAME"),
                    text_option("--smarthost-password-file", "A file with the password there", "FILE"),
                    {.kind = Option::Kind::texts,
                     .name = "--resolver",
                     .help = "A name server to ask; may be given several times. Otherwise those of the system",
                     .value = "ADDRESS[:PORT]"},
                    {.kind = Option::Kind::texts,
                     .name = "--listen",
                     .help = "An address to listen on; may be given several times. Otherwise every one",
                     .value = "ADDRESS"},
                    {.kind = Option::Kind::number,
                     .name = "--port-offset",
                     .help = "Added to every port, for a trial without root",
                     .value = "N",
                     .most = kPortOffsetMax},
                    {.kind = Option::Kind::number,
                     .name = "--wait",
                     .help =
                         "Minutes to wait for the records and for a first letter; otherwise 30 if somebody was asked, "
                         "else 0",
                     .value = "MINUTES",
                     .most = 24 * 60},
                    {.name = "--yes", .help = "Ask nothing"},
                    {.name = "--json", .help = "Ask nothing; print JSON at the end, and all else to standard error"}},
        .footer =
            "Typed again it goes on where it was, and changes nothing that was not asked for. Ctrl-C ends the waiting; "
            "what is set up stays.\nExit status 1 if something could not be set up; what only hurts (no reverse DNS, "
            "a closed port) is said, and tegami doctor says it again.\n\nExamples:\n  tegami setup\n"
            "  tegami setup --yes --domain example.org --account anna@example.org --password-file secret\n"
            "  tegami setup --smarthost smtp.example.net --smarthost-user me --smarthost-password-file secret",
        .run = setup};
}

} // namespace tegami::app
