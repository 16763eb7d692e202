// tegami man, tegami completion: what there is to type, made of the same commands as the help.
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include <fmt/format.h>

#include <functional>
#include <ranges>
#include <string>
#include <vector>

namespace tegami::app {

namespace {

/// Calls `visit` for each command, those above before those below, with all words that name it: "account add".
void walk(const std::vector<Command>& commands, const std::string& above,
          const std::function<void(const std::string& words, const Command&)>& visit) {
    for (const Command& command : commands) {
        const std::string words = above.empty() ? std::string(command.name) : fmt::format("{} {}", above, command.name);
        visit(words, command);
        walk(command.subcommands, words, visit);
    }
}

/// Lines of ours, which print_line takes one by one.
void print_text(std::string_view text) {
    for (const auto line : std::views::split(text, '\n'))
        print_line(std::string_view(line));
}

std::string replace_all(std::string_view text, std::string_view what, std::string_view with) {
    std::string replaced;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with(what)) {
            replaced += with;
            at += what.size();
        } else {
            replaced += text[at++];
        }
    }
    return replaced;
}

/// Text for troff: no word of ours is a request or an escape.
std::string troff(std::string_view text) {
    std::string escaped = replace_all(replace_all(text, "\\", "\\e"), "-", "\\-");
    if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
    return replace_all(replace_all(escaped, "\n.", "\n\\&."), "\n'", "\n\\&'");
}

/// What may follow a command, as its first line in the manual shows it.
std::string usage(const std::string& words, const Command& command) {
    std::string line = fmt::format("tegami {}", words);
    for (const Option& option : command.options) {
        std::string one(option.name);
        if (option.name.starts_with("--") && option.kind != Option::Kind::flag)
            one += fmt::format(" {}", option.value.empty() ? "VALUE" : option.value);
        line += option.required ? fmt::format(" {}", one) : fmt::format(" [{}]", one);
        if (option.kind == Option::Kind::texts) line += "...";
    }
    if (!command.run) line += " COMMAND";
    return line;
}

void print_manual(const std::vector<Command>& commands) {
    print_text(".TH TEGAMI 1 \"\" \"tegami " TEGAMI_VERSION "\" \"User Commands\"\n.SH NAME\n"
               "tegami \\- a complete mail server in one program\n.SH SYNOPSIS\n"
               ".B tegami\n[\\fB\\-\\-config\\fR \\fIFILE\\fR] \\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n.SH COMMANDS");
    walk(commands, "", [](const std::string& words, const Command& command) {
        print_text(fmt::format(".SS \"{}\"\n{}.", troff(usage(words, command)), troff(command.help)));
        for (const Option& option : command.options) {
            if (option.help.empty()) continue;
            print_text(fmt::format(".TP\n\\fB{}\\fR\n{}.", troff(option.name), troff(option.help)));
        }
        if (!command.footer.empty()) print_text(fmt::format(".PP\n.nf\n{}\n.fi", troff(command.footer)));
    });
    print_text(
        ".SH OPTIONS OF EVERY COMMAND\n.TP\n\\fB\\-\\-config\\fR \\fIFILE\\fR\nThe configuration file.\n.TP\n"
        "\\fB\\-\\-help\\fR\nWhat the command does, with examples.\n.TP\n\\fB\\-\\-version\\fR\nThe version.\n"
        ".SH ENVIRONMENT\n.TP\n\\fBTEGAMI_CONFIG\\fR\nThe configuration file, where \\fB\\-\\-config\\fR does not "
        "name it.\n.SH EXIT STATUS\n0 done, 1 it did not work, 2 wrong use.");
}

/// The words that may follow a command: its subcommands and options.
std::string next_words(const std::vector<Command>& subcommands, const std::vector<Option>& options) {
    std::string words;
    for (const Command& command : subcommands)
        words += fmt::format("{} ", command.name);
    for (const Option& option : options)
        if (option.name.starts_with("--")) words += fmt::format("{} ", option.name);
    return words + "--config --help";
}

/// For shells that have a variable `at` with the words of the command so far and set `offered` by it.
void print_cases(const std::vector<Command>& commands, std::string_view indent) {
    print_text(fmt::format("{}'') offered='{} --version' ;;", indent, next_words(commands, {})));
    walk(commands, "", [&](const std::string& words, const Command& command) {
        print_text(
            fmt::format("{}' {}') offered='{}' ;;", indent, words, next_words(command.subcommands, command.options)));
    });
}

/// A pattern of everything that names a command, for `case`.
std::string all_words(const std::vector<Command>& commands) {
    std::string pattern;
    walk(commands, "", [&](const std::string& words, const Command&) {
        pattern += fmt::format("{}' {}'", pattern.empty() ? "" : "|", words);
    });
    return pattern;
}

void print_bash(const std::vector<Command>& commands) {
    print_text(
        "_tegami() {\n    local at='' offered='' number\n    for ((number = 1; number < COMP_CWORD; number++)); do");
    print_text(fmt::format("        case \"$at ${{COMP_WORDS[number]}}\" in\n        {}) at=\"$at "
                           "${{COMP_WORDS[number]}}\" ;;\n        esac\n    done\n    case \"$at\" in",
                           all_words(commands)));
    print_cases(commands, "    ");
    print_text("    esac\n    COMPREPLY=($(compgen -W \"$offered\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
               "complete -o default -F _tegami tegami");
}

void print_zsh(const std::vector<Command>& commands) {
    print_text("#compdef tegami\n_tegami() {\n    local at='' offered='' number\n    for ((number = 2; number < "
               "CURRENT; number++)); do");
    print_text(fmt::format("        case \"$at ${{words[number]}}\" in\n        {}) at=\"$at ${{words[number]}}\" ;;\n"
                           "        esac\n    done\n    case \"$at\" in",
                           all_words(commands)));
    print_cases(commands, "    ");
    print_text("    esac\n    compadd -- ${=offered}\n    _files\n}\nif [ \"$funcstack[1]\" = _tegami ]; then _tegami "
               "\"$@\"; else compdef _tegami tegami; fi");
}

void print_fish(const std::vector<Command>& commands) {
    const auto quoted = [](std::string_view text) {
        return fmt::format("'{}'", replace_all(replace_all(text, "\\", "\\\\"), "'", "\\'"));
    };
    print_text("function __tegami_at\n    set -l at\n    for word in (commandline -opc)[2..-1]\n"
               "        string match -q -- '-*' $word; or set at $at $word\n    end\n"
               "    if test -z \"$argv\"\n        test -z \"$at\"\n    else\n"
               "        test \"$at\" = \"$argv\"; or string match -q -- \"$argv *\" \"$at\"\n    end\nend");
    const auto offer = [&](const std::string& at, const Command& command) {
        print_text(
            fmt::format("complete -c tegami -n '__tegami_at {}' -a {} -d {}", at, command.name, quoted(command.help)));
    };
    for (const Command& command : commands)
        offer("", command);
    walk(commands, "", [&](const std::string& words, const Command& command) {
        for (const Command& below : command.subcommands)
            offer(words, below);
        for (const Option& option : command.options)
            if (option.name.starts_with("--"))
                print_text(fmt::format("complete -c tegami -n '__tegami_at {}' -l {}{} -d {}", words,
                                       option.name.substr(2), option.kind == Option::Kind::flag ? "" : " -r",
                                       quoted(option.help)));
    });
}

int manual(Commands&, const Arguments&) {
    print_manual(all_commands());
    return kDone;
}

int completion(Commands&, const Arguments& arguments) {
    const std::string& shell = arguments.text("SHELL");
    if (shell == "bash") print_bash(all_commands());
    if (shell == "zsh") print_zsh(all_commands());
    if (shell == "fish") print_fish(all_commands());
    return kDone;
}

} // namespace

std::vector<Command> reference_commands() {
    return {
        {.name = "man", .help = "Print the manual page", .footer = "Example:\n  tegami man | man -l -", .run = manual},
        {.name = "completion",
         .help = "Print what completes commands in a shell",
         .options = {{.kind = Option::Kind::text,
                      .name = "SHELL",
                      .help = "bash, zsh or fish",
                      .required = true,
                      .one_of = {"bash", "zsh", "fish"}}},
         .footer = "Example:\n  source <(tegami completion bash)",
         .run = completion},
    };
}

} // namespace tegami::app
