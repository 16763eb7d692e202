// tegami init, serve, check-config, reload, verify
#include "app/command_line/commands.h"

#include "app/command_line/local_admin.h"
#include "app/server/certificate_files.h"
#include "app/server/server.h"
#include "disk/files.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace tegami::app {

namespace json = boost::json;

namespace {

/// So that the highest default port, 995, stays a port.
constexpr std::uint32_t kPortOffsetMax = 65535 - 995;

struct ServerOptions {
    std::string folder;
    std::string domain;
    std::string listen = "0.0.0.0";
    std::uint32_t port_offset = 0;
    bool read_blobs = false;
    bool as_json = false;
};

int add_first_domain(const Config& config) {
    auto admin = LocalAdmin::open(config);
    if (!admin) return complain(kFailed, admin.error());
    const net::HttpResponse response =
        (*admin)->handle({.method = "POST",
                          .target = "/domain/add",
                          .headers = {},
                          .body = json::serialize(json::object{{"name", config.default_domain.ascii()}})});
    // A store that has the domain already is kept: the file may have been lost alone.
    if (response.status == 200 || response.status == 409) return kDone;
    return complain(kFailed, fmt::format("the domain cannot be added: {}", response.body));
}

int init(Commands&, const ServerOptions& options) {
    const auto domain = message::Domain::parse(options.domain);
    if (!domain || domain->is_address_literal())
        return complain(kWrongUse, fmt::format("--domain: {} is not a domain such as example.org", options.domain));
    if (!IpAddress::parse(options.listen))
        return complain(kWrongUse, fmt::format("--listen: {} is not an IP address", options.listen));
    if (const auto made = disk::make_directory(options.folder, 0700); !made)
        return complain(kFailed, fmt::format("{}: {}", options.folder, made.error()));
    std::error_code error;
    const std::string file = std::filesystem::absolute(options.folder, error).lexically_normal() / "tegami.toml";
    const std::string text =
        default_config_text(*domain, options.listen, static_cast<std::uint16_t>(options.port_offset));
    const ConfigResult config = parse_config(text, file);
    if (!config) return complain(kFailed, config.error().front().to_string(file));
    if (const auto written = disk::create_file(file, text, 0644); !written)
        return complain(kFailed, fmt::format("{} cannot be made: {}", file, written.error()));
    if (const int status = add_first_domain(*config); status != kDone) return status;
    print_line(fmt::format("{} written, {} has an empty store for {}.\n\nNext:\n"
                           "  tegami account add NAME@{} --config {}\n  tegami serve --config {}",
                           file, config->data_directory, domain->display(), domain->display(), file, file));
    return kDone;
}

int serve(Commands& commands, const ServerOptions&) {
    const Config* const config = commands.config();
    return config ? run_server(*config) : commands.status();
}

int check_config(Commands& commands, const ServerOptions&) {
    const Config* const config = commands.config();
    if (!config) return commands.status();
    int status = kDone;
    if (const auto checked = check_certificate(*config); !checked) status = complain(kFailed, checked.error());
    if (!config->resolver.trust_anchor.empty()) {
        const auto read = disk::read_file(config->resolver.trust_anchor, 1 << 20);
        if (!read)
            status = complain(
                kFailed, fmt::format("resolver.trust_anchor: {}: {}", config->resolver.trust_anchor, read.error()));
    }
    if (status == kDone) print_line(fmt::format("{}: no faults", config->file));
    return status;
}

void print_list(std::string_view heading, const json::value& list) {
    for (const json::value& one : list.as_array())
        print_line(fmt::format("{}: {}", heading, std::string_view(one.as_string())));
}

int reload(Commands& commands, const ServerOptions& options) {
    const auto answer = commands.ask("/reload", {});
    if (!answer) return commands.status();
    const json::array& problems = answer->at("problems").as_array();
    if (options.as_json) {
        print_json(*answer);
        return problems.empty() ? kDone : kFailed;
    }
    for (const json::value& problem : problems)
        complain(kFailed, std::string_view(problem.as_string()));
    if (!problems.empty()) return complain(kFailed, "nothing was changed");
    print_line("Certificate and configuration read again.");
    print_list("in force now", answer->at("applied"));
    print_list("needs a restart", answer->at("restart"));
    return kDone;
}

int verify(Commands& commands, const ServerOptions& options) {
    const auto report = commands.ask("/verify", {{"read_blobs", options.read_blobs}}, std::chrono::hours(24));
    if (!report) return commands.status();
    const bool sound = report->at("sound").as_bool();
    if (options.as_json) {
        print_json(*report);
        return sound ? kDone : kFailed;
    }
    for (const json::value& finding : report->at("findings").as_array())
        complain(kFailed, std::string_view(finding.as_string()));
    print_line(fmt::format("{} accounts, {} mailboxes, {} messages, {} queue entries, {} records: {}",
                           text_of(*report, "accounts"), text_of(*report, "mailboxes"), text_of(*report, "messages"),
                           text_of(*report, "queue_entries"), text_of(*report, "records"),
                           sound ? std::string("sound") : text_of(*report, "problems") + " problems"));
    return sound ? kDone : kFailed;
}

} // namespace

void add_server_commands(CLI::App& app, Commands& commands) {
    auto options = std::make_shared<ServerOptions>();
    const auto does = [&commands, options](CLI::App* command, int (*what)(Commands&, const ServerOptions&)) {
        command->callback([&commands, options, what] {
            commands.action = [&commands, options, what] { return what(commands, *options); };
        });
    };
    CLI::App* const initialising =
        app.add_subcommand("init", "Write a commented tegami.toml and make an empty store with one domain");
    initialising->add_option("DIR", options->folder, "The folder for both; made if it is missing")->required();
    initialising->add_option("--domain", options->domain, "The first domain, such as example.org")
        ->type_name("DOMAIN")
        ->required();
    initialising->add_option("--listen", options->listen, "The address to listen on")
        ->type_name("ADDRESS")
        ->capture_default_str();
    initialising
        ->add_option("--port-offset", options->port_offset,
                     "Added to every port: with 20000, SMTP is on 20025, and no root is needed")
        ->type_name("N")
        ->check(CLI::Range(0U, kPortOffsetMax));
    initialising->footer("Examples:\n  tegami init /srv/tegami --domain example.org\n"
                         "  tegami init run --domain a.test --listen 127.0.0.1 --port-offset 20000");
    does(initialising, init);

    CLI::App* const serving = app.add_subcommand("serve", "Run the server until Ctrl-C");
    serving->footer("Example:\n  tegami serve --config /srv/tegami/tegami.toml");
    does(serving, serve);

    CLI::App* const checking = app.add_subcommand("check-config", "Report every fault of the configuration file");
    checking->footer("Example:\n  tegami check-config --config /srv/tegami/tegami.toml");
    does(checking, check_config);

    CLI::App* const reloading =
        app.add_subcommand("reload", "Have the running server read its configuration and certificate again");
    reloading->add_flag("--json", options->as_json, "Print JSON");
    reloading->footer("Example:\n  tegami reload");
    does(reloading, reload);

    CLI::App* const verifying = app.add_subcommand("verify", "Check every record of the store");
    verifying->add_flag("--blobs", options->read_blobs, "Read every message too, which takes longer");
    verifying->add_flag("--json", options->as_json, "Print JSON");
    verifying->footer("Example:\n  tegami verify --blobs");
    does(verifying, verify);
}

} // namespace tegami::app
