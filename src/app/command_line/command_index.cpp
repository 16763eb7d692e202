// tegami index status|rebuild
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"

#include "app/configuration/units.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

std::optional<json::array> indexes(Commands& commands, const std::string& address) {
    json::object request;
    if (!address.empty()) request["address"] = address;
    return commands.ask_all("/index/status", std::move(request), "accounts");
}

int show_indexes(Commands& commands, const Arguments& arguments) {
    const auto accounts = indexes(commands, arguments.text("ADDRESS"));
    if (!accounts) return commands.status();
    if (arguments.flag("--json")) {
        print_json(json::object{{"accounts", *accounts}});
        return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *accounts) {
        const json::object& account = value.as_object();
        const std::string waiting = account.at("sound").as_bool()
                                        ? say("{} waiting", account.at("waiting").to_number<std::uint64_t>())
                                        : say("to be made anew");
        const json::value& attachments = account.at("attachments_waiting");
        rows.push_back({text_of(account, "address"), count_of(count_in(account, "emails"), "message"), waiting,
                        attachments.is_null()
                            ? say("attached files not read")
                            : say("{} waiting for attached files", attachments.to_number<std::uint64_t>()),
                        print_about(account.at("bytes").to_number<std::uint64_t>())});
    }
    print_table(rows);
    return kDone;
}

int rebuild_indexes(Commands& commands, const Arguments& arguments) {
    if (arguments.flag("--all") != arguments.texts("ADDRESS").empty())
        return complain(kWrongUse, say("name the accounts, or give --all"));
    std::vector<std::string> addresses = arguments.texts("ADDRESS");
    if (arguments.flag("--all")) {
        const auto accounts = indexes(commands, {});
        if (!accounts) return commands.status();
        for (const json::value& account : *accounts)
            addresses.push_back(text_of(account.as_object(), "address"));
    }
    json::array begun;
    for (const std::string& address : addresses) {
        json::object request{{"address", address}};
        const auto answer = arguments.flag("--all") ? commands.ask_if_there("/index/rebuild", std::move(request))
                                                    : commands.ask("/index/rebuild", std::move(request));
        if (!answer) continue;
        begun.emplace_back(address);
        if (!arguments.flag("--json"))
            print_line(say("the word index of {} is made anew while the server runs", address));
    }
    print_as_json(arguments, json::object{{"accounts", std::move(begun)}});
    return commands.status();
}

} // namespace

Command index_command() {
    return {.name = "index",
            .help = "The word indexes, by which searches find mail quickly",
            .footer = "Examples:\n  tegami index status\n  tegami index rebuild anna@example.org",
            .subcommands = {
                {.name = "status",
                 .help = "Show how far the indexes have come, and how large they are",
                 .options = {{.kind = Option::Kind::text,
                              .name = "ADDRESS",
                              .help = "Of this account only",
                              .names = Option::Names::accounts},
                             json_option()},
                 .footer = "Example:\n  tegami index status anna@example.org",
                 .run = show_indexes},
                {.name = "rebuild",
                 .help = "Make indexes anew; meanwhile searches are slower, and do not find what is in attached files",
                 .options = {{.kind = Option::Kind::texts,
                              .name = "ADDRESS",
                              .help = "The accounts",
                              .names = Option::Names::accounts},
                             {.name = "--all", .help = "All of them"},
                             json_option()},
                 .footer = "Examples:\n  tegami index rebuild anna@example.org\n  tegami index rebuild --all",
                 .run = rebuild_indexes}}};
}

} // namespace tegami::app
