// tegami init, serve, check-config, reload, restart, limit-service, verify
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/local_admin.h"
#include "app/command_line/machine_look.h"
#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"
#include "app/command_line/service_control.h"
#include "app/configuration/units.h"
#include "app/server/backend.h"
#include "app/server/certificate_files.h"
#include "app/server/server.h"
#include "app/server/smarthosts.h"
#include "app/server/socket_holder.h"
#include "disk/files.h"
#include "sandbox/owner.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace tegami::app {

namespace {

/// How many domains the store has then. The error is a sentence.
Result<std::size_t, std::string> add_first_domain(const Config& config) {
    admin::ProgressBoard progress;
    TRY(auto local, LocalAdmin::open(config, &progress));
    const admin::Answer answer = local->call("/domain/add", {{"name", config.default_domain.ascii()}});
    // A store that has the domain already is kept: the file may have been lost alone.
    if (!answer && answer.error().status != 409)
        return failure(say("the domain cannot be added: {}", answer.error().message));
    const admin::Answer list = local->call("/domain/list", {});
    if (!list) return failure(list.error().message);
    return list->at("domains").as_array().size();
}

int init(Commands&, const Arguments& arguments) {
    const auto domain = message::Domain::parse(arguments.text("--domain"));
    if (!domain || domain->is_address_literal())
        return complain(kWrongUse, say("--domain: {} is not a domain such as example.org", arguments.text("--domain")));
    std::vector<std::string> listen = arguments.texts("--listen");
    for (std::string& text : listen) {
        const auto address = IpAddress::parse(text);
        if (!address) return complain(kWrongUse, say("--listen: {} is not an IP address", text));
        text = address->to_string();
    }
    std::ranges::sort(listen);
    listen.erase(std::ranges::unique(listen).begin(), listen.end());
    if (listen.empty()) listen = every_address();
    if (const auto made = disk::make_directory(arguments.text("DIR"), 0700); !made)
        return complain(kFailed, fmt::format("{}: {}", arguments.text("DIR"), made.error()));
    std::error_code error;
    const std::string file = std::filesystem::absolute(arguments.text("DIR"), error).lexically_normal() / "tegami.toml";
    std::string text =
        default_config_text(*domain, listen, static_cast<std::uint16_t>(arguments.number("--port-offset")));
    if (const std::string& data = arguments.text("--data"); !data.empty()) {
        if (data.find_first_of("\"\\\n") != std::string::npos)
            return complain(kWrongUse, say("--data: quotes, backslashes and line ends cannot be in it"));
        constexpr std::string_view kUsual = "\ndata_directory = \"data\"\n";
        text.replace(text.find(kUsual), kUsual.size(), fmt::format("\ndata_directory = \"{}\"\n", absolute_path(data)));
    }
    const ConfigResult config = parse_config(text, file);
    if (!config) return complain(kFailed, config.error().front().to_string(file));
    if (const auto written = disk::create_file(file, text, 0644); !written)
        return complain(kFailed, say("{} cannot be made: {}", file, written.error()));
    if (const auto became = sandbox::become_owner_of(config->data_directory); !became)
        return complain(kFailed, became.error());
    const bool was_there = check_store(config->data_directory).has_value();
    const auto domains = add_first_domain(*config);
    if (!domains) return complain(kFailed, domains.error());
    if (print_as_json(arguments, json::object{{"config", file},
                                              {"data_directory", config->data_directory},
                                              {"domain", domain->ascii()},
                                              {"store_was_there", was_there}}))
        return kDone;
    if (was_there)
        print_line(say("{} written, {} keeps the store that was there, with {}.", file, config->data_directory,
                       count_of(*domains, "domain")));
    else
        print_line(say("{} written, {} has an empty store for {}.", file, config->data_directory, domain->display()));
    print_gap();
    print_line(say("Next:"));
    print_line(fmt::format("  tegami account add NAME@{} --config {}", domain->display(), file));
    print_line(fmt::format("  tegami dns records {} --config {}", domain->display(), file));
    print_line(fmt::format("  tegami serve --config {}", file));
    return kDone;
}

int serve(Commands& commands, const Arguments& arguments) {
    const Config* const config = commands.config();
    if (!config) return commands.status();
    if (const auto there = check_store(config->data_directory); !there) return complain(kFailed, there.error());
    if (!arguments.flag("--restartable")) return run_server(*config, commands.web_files);
    // By its name: after an upgrade that is the new program.
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return complain(kFailed, fmt::format("/proc/self/exe: {}", error.message()));
    return hold_sockets(*config, program);
}

/// The number of the process that answers; nothing if none does.
std::optional<std::int64_t> serving_process(Commands& commands) {
    const auto status = commands.ask_server("/status");
    return status ? std::optional(status->at("process").to_number<std::int64_t>()) : std::nullopt;
}

int restart(Commands& commands, const Arguments& arguments) {
    const std::optional<std::int64_t> before = serving_process(commands);
    const auto answer = commands.ask("/restart", {});
    if (!answer) return commands.status();
    const json::array& problems = answer->at("problems").as_array();
    for (const json::value& problem : problems)
        complain(kFailed, from_server(spoken_language(), std::string_view(problem.as_string())));
    if (!problems.empty()) return complain(kFailed, say("nothing was changed"));
    // Limit: opening a large store takes minutes.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(30);
    while (std::chrono::steady_clock::now() < deadline) {
        const std::optional<std::int64_t> now = serving_process(commands);
        if (now && now != before) {
            if (!print_as_json(arguments, json::object{{"process", *now}}))
                print_line(say("Restarted: process {} serves now.", *now));
            return kDone;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return complain(kFailed, say("the old server was told to end, and no new one answers: its log says why"));
}

/// What stops a server with this configuration, and what hurts it.
struct ConfigFaults {
    std::vector<std::string> problems;
    std::vector<std::string> warnings;
};

ConfigFaults faults_of(const std::string& file) {
    ConfigFaults faults;
    const ConfigResult config = load_config(file);
    if (!config) {
        for (const ConfigProblem& problem : config.error())
            faults.problems.push_back(problem.to_string(file));
        return faults;
    }
    auto checked = check_certificate(*config, SystemClock().now());
    if (checked)
        faults.warnings = *std::move(checked);
    else
        faults.problems.push_back(checked.error());
    if (const auto smarthosts = smarthosts_of(*config); !smarthosts) faults.problems.push_back(smarthosts.error());
    for (const auto& [key, path] : {std::pair{"resolver.trust_anchor", config->resolver.trust_anchor},
                                    std::pair{"acme.authorities", config->acme.authorities},
                                    std::pair{"acme.external_account_file", config->acme.external_account_file}}) {
        if (path.empty()) continue;
        const auto read = disk::read_file(path, 1 << 20);
        if (!read) faults.problems.push_back(fmt::format("{}: {}: {}", key, path, read.error()));
    }
    return faults;
}

int check_config(Commands& commands, const Arguments& arguments) {
    const ConfigFaults faults = faults_of(commands.config_file);
    const int status = faults.problems.empty() ? kDone : kFailed;
    if (print_as_json(arguments, json::object{{"problems", admin::to_array(faults.problems)},
                                              {"warnings", admin::to_array(faults.warnings)}}))
        return status;
    for (const std::string& problem : faults.problems)
        complain(kFailed, from_server(spoken_language(), problem));
    for (const std::string& warning : faults.warnings)
        complain(kDone, say("warning: {}", from_server(spoken_language(), warning)));
    if (status == kDone) print_line(say("{}: no faults", commands.config_file));
    return status;
}

int reload(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/reload", {});
    if (!answer) return commands.status();
    const json::array& problems = answer->at("problems").as_array();
    if (arguments.flag("--json")) {
        print_json(*answer);
        return problems.empty() ? kDone : kFailed;
    }
    for (const json::value& problem : problems)
        complain(kFailed, from_server(spoken_language(), std::string_view(problem.as_string())));
    if (!problems.empty()) return complain(kFailed, say("nothing was changed"));
    print_line(say("Certificate and configuration read again."));
    for (const json::value& warning : answer->at("warnings").as_array())
        complain(kDone, say("warning: {}", from_server(spoken_language(), std::string_view(warning.as_string()))));
    for (const json::value& key : answer->at("applied").as_array())
        print_line(say("in force now: {}", std::string_view(key.as_string())));
    for (const json::value& key : answer->at("restart").as_array())
        print_line(say("needs a restart: {}", std::string_view(key.as_string())));
    return kDone;
}

int limit_service(Commands& commands, const Arguments& arguments) {
    const Config* const config = commands.config();
    if (!config) return commands.status();
    if (!has_system_service()) return complain(kFailed, say("systemd has no service tegami here"));
    const ServiceLimits limits = service_limits_for(config->memory_budget_bytes);
    // For this start: what follows from memory_budget the next time is said then.
    if (!run_systemctl({"set-property", "--runtime", "tegami.service", fmt::format("MemoryHigh={}", limits.high),
                        fmt::format("MemoryMax={}", limits.most)}))
        return complain(kFailed, say("systemd did not take the limits of the service"));
    if (!print_as_json(arguments, json::object{{"memory_high", limits.high}, {"memory_max", limits.most}}))
        print_line(say("The service is slowed down above {} of memory, and never has more than {}.",
                       print_bytes(limits.high), print_bytes(limits.most)));
    return kDone;
}

int verify_store(Commands& commands, const Arguments& arguments) {
    const auto report = commands.ask_long("/verify", {{"read_blobs", arguments.flag("--blobs")}});
    if (!report) return commands.status();
    const bool sound = report->at("sound").as_bool();
    if (arguments.flag("--json")) {
        print_json(*report);
        return sound ? kDone : kFailed;
    }
    for (const json::value& finding : report->at("findings").as_array())
        complain(kFailed, std::string_view(finding.as_string()));
    const auto count = [&report](std::string_view name, Noun noun) { return count_of(count_in(*report, name), noun); };
    const std::string accounts = count("accounts", "account");
    const std::string mailboxes = count("mailboxes", "mailbox");
    const std::string messages = count("messages", "message");
    const std::string waiting = count("queue_entries", "queue entry");
    const std::string records = count("records", "record");
    print_line(sound ? say("{}, {}, {}, {}, {}: sound", accounts, mailboxes, messages, waiting, records)
                     : say("{}, {}, {}, {}, {}: {}", accounts, mailboxes, messages, waiting, records,
                           count("problems", "problem")));
    return sound ? kDone : kFailed;
}

} // namespace

std::vector<Command> server_commands() {
    return {
        {.name = "init",
         .help = "Write a commented tegami.toml and make an empty store with one domain",
         .options = {{.kind = Option::Kind::text,
                      .name = "DIR",
                      .help = "The folder for both; made if it is missing",
                      .required = true},
                     {.kind = Option::Kind::text,
                      .name = "--domain",
                      .help = "The first domain, such as example.org",
                      .value = "DOMAIN",
                      .required = true},
                     {.kind = Option::Kind::texts,
                      .name = "--listen",
                      .help = "An address to listen on; may be given several times. Otherwise every address of this "
                              "machine, IPv4 and IPv6",
                      .value = "ADDRESS"},
                     {.kind = Option::Kind::text,
                      .name = "--data",
                      .help = "The folder for the mail, if that is another one; if it belongs to a user, the store is "
                              "made as that user",
                      .value = "FOLDER"},
                     {.kind = Option::Kind::number,
                      .name = "--port-offset",
                      .help = "Added to every port: with 20000, SMTP is on 20025, and no root is needed",
                      .value = "N",
                      .most = kPortOffsetMax},
                     json_option()},
         .footer = "Examples:\n  tegami init /srv/tegami --domain example.org\n"
                   "  tegami init run --domain a.test --listen 127.0.0.1 --listen ::1 --port-offset 20000",
         .run = init},
        {.name = "serve",
         .help = "Run the server until Ctrl-C",
         .options = {{.name = "--restartable",
                      .help = "Hold its sockets in a small process beside it, so that tegami restart refuses no "
                              "connection; under systemd systemctl restart does so without"}},
         .footer = "Example:\n  tegami serve --config /srv/tegami/tegami.toml",
         .run = serve},
        {.name = "check-config",
         .help = "Report every fault of the configuration file",
         .options = {json_option()},
         .footer = "Example:\n  tegami check-config --config /srv/tegami/tegami.toml",
         .run = check_config},
        {.name = "reload",
         .help = "Have the running server read its configuration and certificate again",
         .options = {json_option()},
         .footer = "Example:\n  tegami reload",
         .run = reload},
        {.name = "restart",
         .help = "Have the running server end in order and a new one take over its sockets: connections wait meanwhile",
         .options = {json_option()},
         .footer = "Example:\n  tegami restart",
         .run = restart},
        {.name = "limit-service",
         .help =
             "Have systemd limit the memory of the service as memory_budget says; its unit does so before each start",
         .options = {json_option()},
         .footer = "Example:\n  tegami limit-service",
         .run = limit_service},
        {.name = "verify",
         .help = "Check every record of the store",
         .options = {{.name = "--blobs", .help = "Read every message too, which takes longer"}, json_option()},
         .footer = "Example:\n  tegami verify --blobs",
         .run = verify_store},
    };
}

} // namespace tegami::app
