#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/help_words.h"
#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"
#include "app/command_line/wrong_words.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <deque>
#include <filesystem>

namespace tegami::app {

namespace {

constexpr std::string_view kExamples = R"(Examples:
  tegami init /srv/tegami --domain example.org
  tegami serve --config /srv/tegami/tegami.toml
  tegami account add anna@example.org --generate
  tegami trace anna@example.org

Exit status: 0 done, 1 it did not work, 2 wrong use.)";

constexpr std::string_view kSystemConfig = "/etc/tegami/tegami.toml";

std::string default_config_file() {
    const char* const named = std::getenv("TEGAMI_CONFIG");
    if (named && *named != '\0') return named;
    std::error_code error;
    // A package's own, unless the folder has one.
    if (!std::filesystem::exists("tegami.toml", error) && std::filesystem::exists(kSystemConfig, error))
        return std::string(kSystemConfig);
    return "tegami.toml";
}

/// The words of the deepest subcommand that was recognised, for pointing at its help.
std::string command_words(const CLI::App& app) {
    std::string words = app.get_name();
    for (const CLI::App* const used : app.get_subcommands())
        words += " " + command_words(*used);
    return words;
}

/// The headings of the help, which subcommands inherit.
void use_labels_of(Language language, CLI::App& app) {
    if (language == Language::english) return;
    for (const auto& [english, japanese] :
         {std::pair{"Usage", "使い方"}, std::pair{"REQUIRED", "必須"}, std::pair{"Excludes", "併用不可"},
          std::pair{"Positionals", "引数"}, std::pair{"SUBCOMMAND", "コマンド"}, std::pair{"SUBCOMMANDS", "コマンド"},
          std::pair{"OPTIONS", "オプション"}, std::pair{"TEXT", "文字列"}, std::pair{"UINT", "数"}})
        app.get_formatter()->label(english, japanese);
}

/// The headings of the lists in the help.
void use_groups_of(Language language, CLI::App& app) {
    for (CLI::Option* const option : app.get_options())
        option->group(help_in(language, "Options"));
    for (CLI::App* const below : app.get_subcommands({})) {
        below->group(help_in(language, "Subcommands"));
        use_groups_of(language, *below);
    }
}

/// What every command takes.
std::vector<Option> options_everywhere() {
    return {{.kind = Option::Kind::text, .name = "--config"}, {.name = "--help"}, {.name = "--version"}};
}

/// The names of the subcommands of the last command that was named, if one must follow.
std::string missing_subcommand(std::span<const Command> commands, const CLI::App& app) {
    std::string names;
    for (const CLI::App* deepest = &app; deepest;) {
        const std::vector<CLI::App*> used = deepest->get_subcommands();
        deepest = used.empty() ? nullptr : used.front();
        if (!deepest) break;
        const Command& command = *std::ranges::find(commands, deepest->get_name(), &Command::name);
        if (command.run) return {};
        commands = command.subcommands;
    }
    for (const Command& command : commands)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", command.name);
    return names;
}

/// The command that was typed, with its values.
struct Chosen {
    const Command* command = nullptr;
    const Arguments* arguments = nullptr;
};

/// Makes the parser. What it is made of outlives it.
class Parser {
public:
    Parser(Language language, std::string& config_file) : language_(language), config_file_(config_file) {}

    /// Adds a command and its subcommands; `chosen_` is the one that is typed.
    void add(CLI::App& parent, const Command& command) {
        CLI::App* const app = parent.add_subcommand(std::string(command.name), help_in(language_, command.help));
        if (!command.footer.empty()) app->footer(help_in(language_, command.footer));
        Arguments& arguments = arguments_.emplace_back();
        std::vector<std::pair<const Option*, CLI::Option*>> options;
        for (const Option& option : command.options) {
            CLI::Option* const added = add_option(*app, option, arguments);
            for (const auto& [other, there] : options)
                if (std::ranges::find(option.excludes, other->name) != option.excludes.end()) added->excludes(there);
            if (option.required && command.subcommands.empty()) added->required();
            options.emplace_back(&option, added);
        }
        if (command.run) add_config_option(*app);
        if (!command.run) {
            app->require_subcommand(1);
        } else {
            app->callback([this, app, &command, &arguments, options] {
                if (!app->get_subcommands().empty()) {
                    for (const auto& [option, added] : options)
                        if (added->count() != 0)
                            throw CLI::ExcludesError(std::string(option->name),
                                                     app->get_subcommands().front()->get_name());
                    return;
                }
                for (const auto& [option, added] : options) {
                    if (option->required && added->count() == 0) throw CLI::RequiredError(std::string(option->name));
                    if (added->count() != 0) arguments.set_given(option->name);
                }
                chosen_ = {.command = &command, .arguments = &arguments};
            });
        }
        for (const Command& subcommand : command.subcommands)
            add(*app, subcommand);
    }

    const Chosen& chosen() const { return chosen_; }

    /// `--config`, in front of a command or behind it.
    void add_config_option(CLI::App& app) {
        app.add_option("--config", config_file_, help_in(language_, "The configuration file"))
            ->type_name("FILE")
            ->default_str("$TEGAMI_CONFIG, ./tegami.toml or /etc/tegami/tegami.toml");
    }

private:
    CLI::Option* add_option(CLI::App& app, const Option& option, Arguments& arguments) {
        CLI::Option* const added = bind(app, option, arguments);
        if (!option.value.empty()) added->type_name(std::string(option.value));
        if (!option.otherwise.empty()) added->capture_default_str();
        if (!option.one_of.empty()) added->check(CLI::IsMember(option.one_of));
        if (option.most != 0) added->check(CLI::Range(option.least, option.most));
        return added;
    }

    CLI::Option* bind(CLI::App& app, const Option& option, Arguments& arguments) {
        const std::string name(option.name);
        const std::string help = help_in(language_, option.help);
        switch (option.kind) {
        case Option::Kind::flag: return app.add_flag(name, std::get<bool>(arguments.add(option.name, false)), help);
        case Option::Kind::text:
            return app.add_option(
                name, std::get<std::string>(arguments.add(option.name, std::string(option.otherwise))), help);
        case Option::Kind::number:
            return app.add_option(name, std::get<std::uint64_t>(arguments.add(option.name, std::uint64_t{0})), help);
        case Option::Kind::texts: break;
        }
        Arguments::Value& place = arguments.add(option.name, std::vector<std::string>());
        CLI::Option* const list = app.add_option(name, std::get<std::vector<std::string>>(place), help);
        // `--listen A --listen B`: what follows the value is something else.
        if (name.starts_with("--")) list->allow_extra_args(false);
        return list;
    }

    const Language language_;
    std::string& config_file_;
    std::deque<Arguments> arguments_; ///< which do not move
    Chosen chosen_;
};

} // namespace

std::vector<Command> all_commands() {
    std::vector<Command> all = server_commands();
    for (Command (*const family)() :
         {setup_command,        doctor_command,      status_command, repair_command,        downgrade_command,
          backup_command,       restore_command,     import_command, export_command,        domain_command,
          account_command,      alias_command,       dkim_command,   dmarc_command,         dns_command,
          tls_command,          certificate_command, ban_command,    configuration_command, session_command,
          queue_command,        index_command,       trace_command,  log_command,           audit_command,
          check_message_command})
        all.push_back(family());
    for (Command& command : reference_commands())
        all.push_back(std::move(command));
    return all;
}

int run_command_line(int argc, const char* const* argv, std::span<const webd::File> web_files) {
    Commands commands;
    commands.web_files = web_files;
    commands.config_file = default_config_file();
    const Language language = spoken_language();
    CLI::App app(help_in(language, "Tegami, a complete mail server in one program."), "tegami");
    use_labels_of(language, app);
    app.footer(help_in(language, kExamples));
    app.set_version_flag("--version", "tegami " TEGAMI_VERSION, help_in(language, "Print the version and exit"));
    app.set_help_flag("--help,-h", help_in(language, "Print this help and exit"));
    app.require_subcommand(1);
    app.fallthrough();
    const std::vector<Command> all = all_commands();
    Parser parser(language, commands.config_file);
    parser.add_config_option(app);
    for (const Command& command : all)
        parser.add(app, command);
    use_groups_of(language, app);
    const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
    if (const auto wrong = find_wrong_word(all, options_everywhere(), words))
        return complain(kWrongUse,
                        say("{} (see {} --help)", wrong->complaint,
                            wrong->command.empty() ? std::string("tegami") : fmt::format("tegami {}", wrong->command)));
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        const std::string words_so_far = command_words(app);
        const std::string missing = missing_subcommand(all, app);
        if (!missing.empty())
            return complain(kWrongUse,
                            say("{} needs a command: {} (see {} --help)", words_so_far, missing, words_so_far));
        return complain(kWrongUse, say("{} (see {} --help)", from_server(language, error.what()), words_so_far));
    }
    return parser.chosen().command->run(commands, *parser.chosen().arguments);
}

} // namespace tegami::app
