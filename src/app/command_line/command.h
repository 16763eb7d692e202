// Commands as data: name, help, options, examples, and what carries them out. command_line.cpp makes the parser of them
// and is the only file that knows the library for it.
#pragma once

#include "base/assert.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tegami::app {

class Commands;

/// What was typed after a command: a value for each of its options, the default one if the option was left out. Asking
/// for an option that the command has not, or as another kind, is a bug.
class Arguments {
public:
    using Value = std::variant<bool, std::string, std::uint64_t, std::vector<std::string>>;

    bool flag(std::string_view name) const { return get<bool>(name); }

    const std::string& text(std::string_view name) const { return get<std::string>(name); }

    std::uint64_t number(std::string_view name) const { return get<std::uint64_t>(name); }

    const std::vector<std::string>& texts(std::string_view name) const { return get<std::vector<std::string>>(name); }

    /// Whether the option was typed, be it with its default value or an empty text.
    bool given(std::string_view name) const { return given_.contains(name); }

    /// The place of a value, for the parser; it stays where it is.
    Value& add(std::string_view name, Value value) {
        return values_.insert_or_assign(name, std::move(value)).first->second;
    }

    void set_given(std::string_view name) { given_.insert(name); }

private:
    template <class T>
    const T& get(std::string_view name) const {
        const auto found = values_.find(name);
        ASSERT(found != values_.end() && std::holds_alternative<T>(found->second));
        return std::get<T>(found->second);
    }

    std::map<std::string_view, Value> values_;
    std::set<std::string_view> given_;
};

struct Option {
    enum class Kind : std::uint8_t { flag, text, number, texts };
    /// What a shell offers for the value.
    enum class Names : std::uint8_t { none, accounts, aliases, domains, letters };

    Kind kind = Kind::flag;
    std::string_view name; ///< "--mailbox", or "DIR" for what stands without one
    std::string_view help;
    std::string_view value{};          ///< what stands for the value in the help: "NAME"
    bool required = false;             ///< of a command with subcommands: unless one of them is named
    std::string_view otherwise{};      ///< the text if it is left out; shown in the help
    std::uint64_t least = 0;           ///< of a number
    std::uint64_t most = 0;            ///< 0: any number
    std::vector<std::string> one_of{}; ///< the only texts there are
    Names names = Names::none;
    std::vector<std::string_view> excludes{}; ///< options that stood before it in the list and cannot stand beside it
};

struct Command {
    std::string_view name;
    std::string_view help;
    std::vector<Option> options{};
    std::string_view footer{}; ///< what else to know, and examples
    /// Returns the exit status. Nothing: one of the subcommands must be named.
    int (*run)(Commands& commands, const Arguments& arguments) = nullptr;
    std::vector<Command> subcommands{};
};

/// `--json`, which every command has that has something to answer.
inline Option json_option() {
    return {.name = "--json", .help = "Print JSON"};
}

// The families, in the order of the help.
std::vector<Command> server_commands();
Command setup_command();
Command doctor_command();
Command status_command();
Command repair_command();
Command downgrade_command();
Command backup_command();
Command restore_command();
Command import_command();
Command export_command();
Command domain_command();
Command account_command();
/// Those of the family `account` that have files of their own.
Command settings_command();
Command app_password_command();
Command second_factor_command();
Command undelete_command();
Command role_command();
Command alias_command();
Command ban_command();
Command configuration_command();
Command session_command();
Command dkim_command();
Command dmarc_command();
Command dns_command();
Command tls_command();
Command certificate_command();
Command queue_command();
Command index_command();
Command trace_command();
Command log_command();
Command audit_command();
Command check_message_command();
std::vector<Command> reference_commands();

/// So that the highest default port, 995, stays a port.
inline constexpr std::uint32_t kPortOffsetMax = 65535 - 995;

/// All families.
std::vector<Command> all_commands();

} // namespace tegami::app
