#include "app/command_line/setup_steps.h"

#include "app/command_line/commands.h"
#include "app/server/backend.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

namespace tegami::app {

namespace {

constexpr auto kFirstPause = std::chrono::seconds(1);
constexpr auto kLongestPause = std::chrono::seconds(30);

/// Asks again and again, with longer and longer pauses, until `done` or the time is over; whether it was done.
template <class Done>
bool wait_until(std::chrono::seconds time_max, Done done) {
    const auto until = std::chrono::steady_clock::now() + time_max;
    std::chrono::seconds pause = kFirstPause;
    for (;;) {
        if (done()) return true;
        if (std::chrono::steady_clock::now() + pause > until) return false;
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, kLongestPause);
    }
}

json::object dns_request(const SetupOrder& order) {
    json::object request{{"domain", order.domain->ascii()}};
    std::vector<std::string> addresses;
    for (const IpAddress& address : order.addresses)
        addresses.push_back(address.to_string());
    if (!addresses.empty()) request["addresses"] = admin::to_array(addresses);
    return request;
}

void show_records(const SetupOrder& order, const json::object& answer) {
    print_line(say("What {} needs in the DNS, as forms of providers want it:", order.domain->display()));
    print_gap();
    std::vector<std::vector<std::string>> rows{{say("TYPE"), say("NAME"), say("VALUE")}};
    for (const json::value& value : answer.at("records").as_array()) {
        const json::object& record = value.as_object();
        const std::string name = text_of(record, "name");
        const std::string data = text_of(record, "data");
        rows.push_back({text_of(record, "type"), name.empty() ? say("(reverse name of the address)") : name,
                        data.empty() ? say("(the public address)") : data});
    }
    print_table(rows);
    print_gap();
    print_line(say("The same for a zone file:"));
    print_gap();
    for (const json::value& line : answer.at("zone").as_array())
        print_line(from_server(spoken_language(), std::string_view(line.as_string())));
    print_gap();
    print_line(say("tegami dns records {} says what each of them is for.", order.domain->ascii()));
}

/// How many records are missing or wrong so that mail suffers; nothing if that cannot be known.
std::optional<std::size_t> faults_in_dns(Commands& commands, const SetupOrder& order) {
    const auto answer = commands.ask("/dns/check", dns_request(order));
    if (!answer) return std::nullopt;
    const json::array& records = answer->at("records").as_array();
    return static_cast<std::size_t>(std::ranges::count_if(
        records, [](const json::value& record) { return record.as_object().at("mail_suffers").as_bool(); }));
}

/// How many are missing or wrong at the end.
std::optional<std::size_t> wait_for_records(Commands& commands, const SetupOrder& order) {
    std::optional<std::size_t> faults;
    if (order.wait.count() != 0)
        print_line(say("Waiting until they are published, {} at most (Ctrl-C ends it) ...",
                       count_of(static_cast<std::uint64_t>(order.wait.count()), "minute")));
    wait_until(order.wait, [&] {
        faults = faults_in_dns(commands, order);
        if (faults) show_passing_line(say("{} missing or wrong", count_of(*faults, "DNS record")));
        return !faults || *faults == 0;
    });
    show_passing_line("");
    if (faults && *faults == 0)
        print_line(say("The DNS has all that mail needs."));
    else if (faults)
        print_line(say("{} missing or wrong: tegami dns check {} says which.", count_of(*faults, "DNS record"),
                       order.domain->ascii()));
    return faults;
}

std::optional<std::uint64_t> letters_of(Commands& commands, const std::string& account) {
    const auto answer = commands.ask("/account/show", {{"address", account}});
    if (!answer) return std::nullopt;
    return answer->at("messages").to_number<std::uint64_t>();
}

/// The one that was named, or else the first of the domain; empty if there is none.
std::string account_to_write_to(Commands& commands, const SetupOrder& order) {
    if (!order.account.empty()) return order.account;
    const auto page = commands.ask("/account/list", {{"domain", order.domain->ascii()}});
    if (!page || page->at("accounts").as_array().empty()) return {};
    return text_of(page->at("accounts").as_array().front().as_object(), "address");
}

/// Whether one has come.
bool wait_for_letter(Commands& commands, const SetupOrder& order) {
    const std::string account = account_to_write_to(commands, order);
    const auto before = account.empty() ? std::nullopt : letters_of(commands, account);
    if (!before) return false;
    print_line(say("Now send a letter to {} from somewhere else (Ctrl-C ends the waiting) ...", account));
    const bool came = wait_until(order.wait, [&] {
        const auto now = letters_of(commands, account);
        return !now || *now > *before;
    });
    print_line(
        came ? say("It has arrived. tegami trace {} tells its way.", account)
             : say("None has come. tegami doctor says what may be wrong, tegami trace {} what has come.", account));
    return came;
}

} // namespace

bool has_account(const std::string& config_file, const std::string& address) {
    Commands commands;
    commands.config_file = config_file;
    if (!address.empty()) return commands.ask_if_there("/account/show", {{"address", address}}).has_value();
    const auto page = commands.ask("/account/list", {});
    return page && !page->at("accounts").as_array().empty();
}

int fill(const SetupOrder& order) {
    Commands commands;
    commands.config_file = order.config_file;
    const Config* const config = commands.config();
    if (!config) return commands.status();
    const bool store_there = check_store(config->data_directory).has_value();
    if (!store_there || !commands.ask_if_there("/domain/show", {{"name", order.domain->ascii()}})) {
        if (!commands.ask("/domain/add", {{"name", order.domain->ascii()}})) return kFailed;
        print_line(say("domain {} added, with keys that sign its mail", order.domain->display()));
    }
    if (order.password.empty()) return kDone;
    const auto added = commands.ask("/account/add", {{"address", order.account}, {"password", order.password}});
    if (!added) return kFailed;
    print_line(say("account {} added", text_of(*added, "address")));
    if (const std::string hint = text_of(*added, "hint"); !hint.empty()) complain(kDone, hint);
    if (order.show_password) print_line(say("password: {}", order.password));
    return kDone;
}

int finish_setup(const SetupOrder& order, bool as_json) {
    Commands commands;
    commands.config_file = order.config_file;
    const auto needed = commands.ask("/dns/records", dns_request(order));
    if (!needed) return kFailed;
    print_gap();
    show_records(order, *needed);
    print_gap();
    std::optional<std::size_t> faults;
    bool letter_came = false;
    if (order.runs) {
        faults = wait_for_records(commands, order);
        letter_came = faults && *faults == 0 && order.wait.count() != 0 && wait_for_letter(commands, order);
    } else {
        print_line(say("Start the server: {}.", order.start_command));
        print_line(say("When it runs and the records are published, {} goes on from here.", order.again));
    }
    if (!as_json) return kDone;
    json::object outcome{
        {"config", order.config_file}, {"domain", order.domain->ascii()}, {"account", order.account},
        {"runs", order.runs},          {"machine", order.findings},       {"records", needed->at("records")},
        {"zone", needed->at("zone")},  {"records_missing", nullptr},      {"letter_came", letter_came}};
    if (order.show_password) outcome["password"] = order.password;
    if (faults) outcome["records_missing"] = *faults;
    print_json(outcome);
    return kDone;
}

bool wait_for_file(const std::string& path, std::chrono::seconds time_max) {
    return wait_until(time_max, [&] {
        std::error_code error;
        return std::filesystem::exists(path, error);
    });
}

} // namespace tegami::app
