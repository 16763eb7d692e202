#include "app/command_line/commands.h"

#include "app/command_line/local_admin.h"
#include "app/command_line/phrase.h"
#include "app/command_line/progress_watch.h"
#include "app/command_line/server_words.h"
#include "app/server/backend.h"
#include "net/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tegami::app {

Commands::Commands() = default;
Commands::~Commands() = default;

const Config* Commands::config() {
    if (config_) return &*config_;
    ConfigResult loaded = load_config(config_file);
    if (loaded) {
        config_ = *std::move(loaded);
        return &*config_;
    }
    for (const ConfigProblem& problem : loaded.error())
        complain(kFailed, problem.to_string(config_file));
    status_ = kFailed;
    return nullptr;
}

namespace {

/// What the server's answer means. One that is no JSON is of the HTTP server, not of the administration.
admin::Answer read_answer(const net::HttpResponse& response) {
    boost::system::error_code error;
    json::value body = json::parse(response.body, error);
    if (error || !body.is_object())
        return failure(admin::Refusal{
            .status = 503, .message = say("the server's answer cannot be read (status {})", response.status)});
    if (response.status == 200) return std::move(body.get_object());
    return failure(admin::Refusal{.status = response.status, .message = text_of(body.get_object(), "error")});
}

net::HttpRequest message_to(const std::string& operation) {
    return {.method = "POST", .target = operation, .fields = {{"Content-Type", "application/json"}}};
}

} // namespace

std::optional<admin::Answer> Commands::answer_to(const std::string& operation, const json::object& request,
                                                 Duration patience) {
    return answer_by({.from_server =
                          [&](const std::string& socket) {
                              return net::http_request(socket, message_to(operation), admin::write_json(request),
                                                       patience);
                          },
                      .from_store = [&](LocalAdmin& store) { return store.call(operation, request); }},
                     admin::is_utf8(request), operation == "/domain/add");
}

std::optional<admin::Answer> Commands::answer_by(const Ways& ways, bool is_utf8, bool makes_store) {
    const Config* const settings = config();
    if (!settings) return std::nullopt;
    if (!is_utf8)
        return failure(admin::Refusal{.status = 400, .message = say("what was typed has octets that are no UTF-8")});
    std::string server_error;
    std::error_code error;
    if (!local_ && std::filesystem::exists(settings->admin_socket(), error)) {
        const auto response = ways.from_server(settings->admin_socket());
        if (response) return read_answer(*response);
        server_error = response.error().message;
        if (response.error().reached) {
            status_ = complain(kFailed, server_error);
            return std::nullopt;
        }
    }
    // No server, or one that has died and left its socket. If it lives after all, the store is locked.
    if (!local_) {
        const auto there = makes_store ? Result<void, std::string>() : check_store(settings->data_directory);
        if (!there) {
            status_ = complain(kFailed, there.error());
            return std::nullopt;
        }
        auto opened = LocalAdmin::open(*settings, &progress_);
        if (!opened) {
            complain(kFailed, server_error.empty() ? opened.error() : server_error + "; " + opened.error());
            status_ = kFailed;
            return std::nullopt;
        }
        local_ = *std::move(opened);
    }
    return ways.from_store(*local_);
}

std::optional<json::object> Commands::taken(std::optional<admin::Answer> answer) {
    if (!answer) return std::nullopt;
    if (*answer) return **std::move(answer);
    complain_refusal(answer->error());
    return std::nullopt;
}

std::optional<json::object> Commands::ask(const std::string& operation, json::object request, Duration patience) {
    return taken(answer_to(operation, request, patience));
}

std::optional<json::object> Commands::ask_long(const std::string& operation, json::object request) {
    const Config* const settings = config();
    if (!settings) return std::nullopt;
    if (!has_terminal()) return ask(operation, std::move(request), kLongPatience);
    const std::string name = ProgressWatch::new_name();
    request["progress"] = name;
    std::optional<admin::Answer> answer;
    {
        const ProgressWatch watch(name, progress_, settings->admin_socket());
        answer = answer_to(operation, request, kLongPatience);
    }
    return taken(std::move(answer));
}

std::optional<json::object> Commands::send_mail(const json::object& request, net::HttpUpload octets) {
    const std::string line = admin::write_json(request) + '\n';
    bool line_sent = false;
    const net::HttpUpload whole{.bytes = line.size() + octets.bytes,
                                .next = [&] { return std::exchange(line_sent, true) ? octets.next() : line; }};
    return taken(answer_by({.from_server =
                                [&](const std::string& socket) {
                                    return net::http_upload(socket, message_to("/mail/take"), whole, kUsualPatience);
                                },
                            .from_store = [&](LocalAdmin& store) { return store.take_mail(request, octets.next); }},
                           admin::is_utf8(request), false));
}

bool Commands::receive_mail(const json::object& request, const net::HttpSink& sink) {
    const auto from_server = [&](const std::string& socket) {
        auto response =
            net::http_download(socket, message_to("/mail/give"), admin::write_json(request), sink, kUsualPatience);
        if (response && response->status == 200) response->body = "{}";
        return response;
    };
    return taken(answer_by({.from_server = from_server,
                            .from_store = [&](LocalAdmin& store) { return store.give_mail(request, sink); }},
                           admin::is_utf8(request), false))
        .has_value();
}

std::optional<json::object> Commands::ask_if_there(const std::string& operation, json::object request) {
    std::optional<admin::Answer> answer = answer_to(operation, request, kUsualPatience);
    if (!answer) return std::nullopt;
    if (*answer) return **std::move(answer);
    if (answer->error().status != 404) complain_refusal(answer->error());
    return std::nullopt;
}

std::optional<json::object> Commands::ask_server(const std::string& operation) {
    const Config* const settings = config();
    if (!settings) return std::nullopt;
    const auto response =
        net::http_request(settings->admin_socket(), message_to(operation), "{}", std::chrono::seconds(5));
    if (!response) return std::nullopt;
    admin::Answer answer = read_answer(*response);
    return answer ? std::optional(*std::move(answer)) : std::nullopt;
}

bool Commands::receive_from_server(const std::string& operation, const json::object& request,
                                   const net::HttpSink& sink) {
    const Config* const settings = config();
    if (!settings) return false;
    auto response = net::http_download(settings->admin_socket(), message_to(operation), admin::write_json(request),
                                       sink, kUsualPatience);
    if (!response) {
        status_ = complain(kFailed, response.error().message);
        return false;
    }
    if (response->status == 200) response->body = "{}";
    return taken(read_answer(*response)).has_value();
}

void Commands::complain_refusal(const admin::Refusal& refusal) {
    // What the server calls a bad request, the user has typed.
    status_ = complain(refusal.status == 400 ? kWrongUse : kFailed, from_server(spoken_language(), refusal.message));
}

std::optional<json::array> Commands::ask_all(const std::string& operation, json::object request,
                                             std::string_view rows) {
    json::array all;
    for (;;) {
        std::optional<json::object> page = ask(operation, request);
        if (!page) return std::nullopt;
        json::value* const found = page->if_contains(rows);
        if (!found || !found->is_array()) return all;
        std::ranges::move(found->get_array(), std::back_inserter(all));
        const json::value* const next = page->if_contains("next");
        if (!next) return all;
        request["from"] = *next;
    }
}

std::string absolute_path(const std::string& path) {
    std::error_code error;
    std::filesystem::path whole = std::filesystem::absolute(path, error).lexically_normal();
    if (!whole.has_filename() && whole.has_relative_path()) whole = whole.parent_path();
    return whole.string();
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (!value || value->is_null()) return {};
    if (value->is_string()) return std::string(value->get_string());
    return admin::write_json(*value);
}

void complain_sources(const json::object& answer, std::string_view address) {
    const json::value* const sources = answer.if_contains("sources");
    if (!sources || !sources->is_array()) return;
    for (const json::value& source : sources->get_array()) {
        const std::string name(source.as_string());
        complain(kDone, name.starts_with('@')
                            ? say("warning: the catch-all of {} still leads to {}", name.substr(1), address)
                            : say("warning: the alias {} still leads to {}", name, address));
    }
}

bool print_as_json(const Arguments& arguments, const json::object& answer) {
    if (!arguments.flag("--json")) return false;
    print_json(answer);
    return true;
}

std::uint64_t count_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

std::string count_of(std::uint64_t count, Noun noun) {
    const NounForms& forms = noun.forms();
    if (spoken_language() == Language::japanese) return fmt::format(fmt::runtime(forms.japanese), count);
    return fmt::format("{} {}", count, count == 1 ? forms.one : forms.many);
}

} // namespace tegami::app
