// tegami repair
#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/repair_run.h"
#include "app/command_line/transfer_progress.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

void print_texts(const json::object& report, std::string_view name) {
    for (const json::value& text : report.at(name).as_array())
        print_line(from_server(spoken_language(), std::string_view(text.as_string())));
}

void print_account(const json::object& account) {
    const std::string address = text_of(account, "address");
    print_gap();
    print_line(fmt::format("{}:", address.empty() ? say("account {}", text_of(account, "id")) : address));
    print_texts(account, "notes");
    if (account.at("recovered").to_number<std::uint64_t>() != 0)
        print_line(say("{} came back in the mailbox Recovered", count_of(count_in(account, "recovered"), "message")));
    for (const json::value& entry : account.at("lost").as_array()) {
        const json::object& lost = entry.as_object();
        print_line(say("lost: {} message {}: {} from {}, {} ({})", text_of(lost, "mailbox"), text_of(lost, "uid"),
                       text_of(lost, "subject").empty() ? say("subject not known") : text_of(lost, "subject"),
                       text_of(lost, "from").empty() ? say("a sender not known") : text_of(lost, "from"),
                       text_of(lost, "date").empty() ? say("date not known") : text_of(lost, "date"),
                       from_server(spoken_language(), text_of(lost, "reason"))));
    }
}

int repair(Commands& commands, const Arguments& arguments) {
    const Config* const config = commands.config();
    if (!config) return commands.status();
    const auto report = [&] {
        TransferProgress progress(false, 0);
        return run_repair(*config, [&progress](std::uint64_t octets, std::uint64_t octets_in_all) {
            progress.show_of(octets, octets_in_all);
        });
    }();
    if (!report) return complain(kFailed, from_server(spoken_language(), report.error()));
    if (arguments.flag("--json")) {
        print_json(*report);
        return kDone;
    }
    if (!report->at("changed").as_bool()) {
        print_line(say("Nothing is damaged; nothing was changed."));
        return kDone;
    }
    print_texts(*report, "findings");
    print_texts(*report, "notes");
    for (const json::value& account : report->at("accounts").as_array())
        print_account(account.as_object());
    print_gap();
    if (report->at("losses_unknown").as_bool())
        print_line(say("The newest changes of any account may be lost without a trace."));
    if (!report->at("aside").is_null())
        print_line(say("What was replaced, and this report, lie in {}.", text_of(*report, "aside")));
    if (report->at("unclaimed").to_number<std::uint64_t>() != 0)
        print_line(
            say("In its folder unclaimed: {} of no account.", count_of(count_in(*report, "unclaimed"), "message")));
    return kDone;
}

} // namespace

Command repair_command() {
    return {.name = "repair",
            .help = "Save what can be read of a damaged store, and list what cannot; the server must be stopped",
            .options = {json_option()},
            .footer = "Example:\n  tegami repair --config /srv/tegami/tegami.toml",
            .run = repair};
}

} // namespace tegami::app
