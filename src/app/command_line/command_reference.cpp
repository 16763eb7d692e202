// tegami man, tegami completion: what there is to type, made of the same commands as the help.
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace tegami::app {

namespace {

/// Limit: names that are offered; nobody reads more.
constexpr std::size_t kNamesMax = 1000;

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

/// What `tegami completion` calls names of this kind; empty for none.
std::string_view word_for(Option::Names names) {
    switch (names) {
    case Option::Names::accounts: return "accounts";
    case Option::Names::aliases: return "aliases";
    case Option::Names::domains: return "domains";
    case Option::Names::letters: return "letters";
    case Option::Names::none: break;
    }
    return "";
}

/// The names that may stand as an argument without an option.
std::string_view names_for(const Command& command) {
    for (const Option& option : command.options)
        if (!option.name.starts_with("--") && option.names != Option::Names::none) return word_for(option.names);
    return "";
}

/// The words that an option takes, or how to get them: `offered` or `names`.
std::string values_of(const Option& option) {
    std::string words;
    for (const std::string& word : option.one_of)
        words += fmt::format("{}{}", words.empty() ? "" : " ", word);
    return fmt::format("offered='{}' names='{}'", words, word_for(option.names));
}

/// For shells that have a variable `at` with the words of the command so far, `before` with the word in front, and set
/// `offered` (words) and `names` (a kind of names) by them.
void print_cases(const std::vector<Command>& commands) {
    print_text("    case \"$at $before\" in\n    *' --config') offered='' names='' ;;");
    walk(commands, "", [](const std::string& words, const Command& command) {
        for (const Option& option : command.options)
            if (option.name.starts_with("--") && option.kind != Option::Kind::flag)
                print_text(fmt::format("    ' {} {}') {} ;;", words, option.name, values_of(option)));
    });
    print_text("    *) case \"$at\" in");
    print_text(fmt::format("        '') offered='{} --version' ;;", next_words(commands, {})));
    walk(commands, "", [](const std::string& words, const Command& command) {
        std::string offered = next_words(command.subcommands, command.options);
        for (const Option& option : command.options)
            if (!option.name.starts_with("--"))
                for (const std::string& word : option.one_of)
                    offered += " " + word;
        print_text(fmt::format("        ' {}') offered='{}' names='{}' ;;", words, offered, names_for(command)));
    });
    print_text("        esac ;;\n    esac");
}

/// A pattern of everything that names a command, for `case`.
std::string all_words(const std::vector<Command>& commands) {
    std::string pattern;
    walk(commands, "", [&](const std::string& words, const Command&) {
        pattern += fmt::format("{}' {}'", pattern.empty() ? "" : "|", words);
    });
    return pattern;
}

/// Finds `at`, and `config`, the configuration that was named, among the words; `first` is the number of the first one,
/// `last` of the one that is typed now.
void print_look(const std::vector<Command>& commands, std::string_view words, std::string_view first,
                std::string_view last) {
    print_text(fmt::format("    local at='' offered='' names='' number word before='' config=()\n"
                           "    for ((number = {1}; number < {2}; number++)); do\n"
                           "        word=${{{0}[number]}}\n"
                           "        [ \"$before\" != --config ] || config=(--config \"$word\")\n"
                           "        before=$word\n        case \"$at $word\" in\n        {3}) at=\"$at $word\" ;;\n"
                           "        esac\n    done",
                           words, first, last, all_words(commands)));
}

void print_bash(const std::vector<Command>& commands) {
    print_text("_tegami() {");
    print_look(commands, "COMP_WORDS", "1", "COMP_CWORD");
    print_cases(commands);
    // Bash takes a word with @ for several, and wants what follows the last @ alone.
    print_text(R"shell(    local typed=${COMP_LINE:0:COMP_POINT}
    typed=${typed##*[[:space:]]}
    local IFS=$' \t\n' found=()
    COMPREPLY=($(compgen -W "$offered" -- "$typed"))
    if [ -n "$names" ]; then
        IFS=$'\n'
        found=($(tegami completion "$names" "$typed" "${config[@]}" 2>/dev/null))
        [[ $COMP_WORDBREAKS != *@* || $typed != *@* ]] || found=("${found[@]#"${typed%@*}@"}")
        COMPREPLY+=("${found[@]}")
    fi
}
complete -o default -F _tegami tegami)shell");
}

void print_zsh(const std::vector<Command>& commands) {
    print_text("#compdef tegami\n_tegami() {");
    print_look(commands, "words", "2", "CURRENT");
    print_cases(commands);
    print_text(R"shell(    compadd -- ${=offered}
    if [ -n "$names" ]; then
        compadd -- ${(f)"$(tegami completion "$names" "$PREFIX" $config 2>/dev/null)"}
    else
        _files
    fi
}
if [ "$funcstack[1]" = _tegami ]; then _tegami "$@"; else compdef _tegami tegami; fi)shell");
}

std::string fish_quoted(std::string_view text) {
    return fmt::format("'{}'", replace_all(replace_all(text, "\\", "\\\\"), "'", "\\'"));
}

/// What fish calls for the values of an option; empty if it offers files.
std::string fish_values(const Option& option) {
    if (option.names != Option::Names::none) return fmt::format(" -f -a '(__tegami_names {})'", word_for(option.names));
    std::string words;
    for (const std::string& word : option.one_of)
        words += fmt::format("{}{}", words.empty() ? "" : " ", word);
    return words.empty() ? "" : fmt::format(" -f -a '{}'", words);
}

void print_fish(const std::vector<Command>& commands) {
    print_text(R"shell(function __tegami_at
    set -l at
    set -l before
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or test "$before" = --config; or set at $at $word
        set before $word
    end
    if test -z "$argv"
        test -z "$at"
    else
        test "$at" = "$argv"; or string match -q -- "$argv *" "$at"
    end
end
function __tegami_names
    set -l words (commandline -opc)
    set -l config
    for number in (seq (count $words))
        test "$words[$number]" = --config; and set config --config $words[(math $number + 1)]
    end
    tegami completion $argv[1] (commandline -ct) $config 2>/dev/null
end
complete -c tegami -l config -r)shell");
    const auto offer = [&](const std::string& at, const Command& command) {
        print_text(fmt::format("complete -c tegami -n '__tegami_at {}' -a {} -d {}", at, command.name,
                               fish_quoted(command.help)));
    };
    for (const Command& command : commands)
        offer("", command);
    walk(commands, "", [&](const std::string& words, const Command& command) {
        for (const Command& below : command.subcommands)
            offer(words, below);
        for (const Option& option : command.options) {
            const std::string head = fmt::format("complete -c tegami -n '__tegami_at {}'", words);
            if (!option.name.starts_with("--")) {
                if (const std::string values = fish_values(option); !values.empty()) print_text(head + values);
                continue;
            }
            print_text(fmt::format("{} -l {}{} -d {}", head, option.name.substr(2),
                                   option.kind == Option::Kind::flag ? "" : " -r" + fish_values(option),
                                   fish_quoted(option.help)));
        }
    });
}

/// Prints the names of a kind that begin with a text.
int print_names(Commands& commands, std::string_view kind, std::string_view begin) {
    struct Listing {
        std::string_view kind;
        std::string operation;
        std::string_view rows;
        std::string_view name;
    };

    const Listing listings[] = {{"accounts", "/account/list", "accounts", "address"},
                                {"aliases", "/alias/list", "aliases", "address"},
                                {"domains", "/domain/list", "domains", "display"},
                                {"letters", "/queue/list", "entries", "journey"}};
    const Listing& listing = *std::ranges::find(listings, kind, &Listing::kind);
    const auto rows = commands.ask_all(listing.operation, {}, listing.rows);
    if (!rows) return commands.status();
    std::size_t printed = 0;
    for (const json::value& row : *rows) {
        const std::string name = text_of(row.as_object(), listing.name);
        if (name.empty() || !name.starts_with(begin)) continue;
        if (printed++ == kNamesMax) break;
        print_line(name);
    }
    return kDone;
}

int manual(Commands&, const Arguments&) {
    print_manual(all_commands());
    return kDone;
}

int completion(Commands& commands, const Arguments& arguments) {
    const std::string& what = arguments.text("WHAT");
    for (const auto& [shell, print] :
         {std::pair{"bash", &print_bash}, std::pair{"zsh", &print_zsh}, std::pair{"fish", &print_fish}})
        if (what == shell) {
            print(all_commands());
            return kDone;
        }
    return print_names(commands, what, arguments.text("BEGINNING"));
}

} // namespace

std::vector<Command> reference_commands() {
    return {
        {.name = "man", .help = "Print the manual page", .footer = "Example:\n  tegami man | man -l -", .run = manual},
        {.name = "completion",
         .help = "Print what completes commands in a shell",
         .options = {{.kind = Option::Kind::text,
                      .name = "WHAT",
                      .help = "A shell; or a kind of names that such a shell asks for",
                      .required = true,
                      .one_of = {"bash", "zsh", "fish", "accounts", "aliases", "domains", "letters"}},
                     {.kind = Option::Kind::text, .name = "BEGINNING", .help = "What the names begin with"}},
         .footer = "Example:\n  source <(tegami completion bash)",
         .run = completion},
    };
}

} // namespace tegami::app
