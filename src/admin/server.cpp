// The operations on the server as a whole: how it is, whether the store is sound, the configuration.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "admin/progress_board.h"
#include "admin/server_warnings.h"
#include "directory/check.h"
#include "store/recovery/verify.h"

namespace tegami::admin {

namespace {

async::Awaitable<Answer> verify(const Dependencies* on, Caller, json::object request) {
    const json::value* const read_blobs = request.if_contains("read_blobs");
    CO_TRY(const ProgressBoard::Place shown, on->progress->place(request));
    store::VerifyOptions options{.read_blobs = read_blobs && read_blobs->is_bool() && read_blobs->get_bool(),
                                 .names = {},
                                 .progress = shown.progress()};
    std::string after;
    do {
        const auto page = co_await on->directory.administration().list_accounts(std::nullopt, after, 1000);
        if (!page) break; // the directory's own check says what is wrong with it
        for (const directory::Account& account : page->items)
            options.names[account.id] = account.address.display();
        after = page->next;
    } while (!after.empty());
    do {
        const auto page = co_await on->directory.administration().list_removed(after, 1000);
        if (!page) break;
        for (const directory::RemovedAccount& removed : page->items)
            options.names[removed.account.id] = removed.account.address.display() + ", removed";
        after = page->next;
    } while (!after.empty());
    const auto report = co_await store::verify(&on->engine, std::move(options));
    if (!report) co_return failure(refusal_for(report.error()));
    const auto directory = co_await directory::check(&on->engine);
    if (!directory) co_return failure(refusal_for(directory.error()));
    json::array findings = to_array(report->findings);
    for (const std::string& finding : directory->findings)
        findings.emplace_back(finding);
    co_return json::object{{"sound", report->sound() && directory->problems == 0},
                           {"accounts", report->accounts},
                           {"mailboxes", report->mailboxes},
                           {"messages", report->messages},
                           {"queue_entries", report->queue_entries},
                           {"journey_events", report->journey_events},
                           {"records", report->records + directory->records},
                           {"problems", report->problems + directory->problems},
                           {"findings", std::move(findings)}};
}

async::Awaitable<Answer> progress(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::string name, required_text(request, "progress"));
    const std::optional<Progress::Step> step = on->progress->find(name);
    if (!step) co_return failure(Refusal{404, "nothing of this name is under way"});
    co_return json::object{{"step", step->number},
                           {"unit", step->unit == Progress::Unit::octets ? "bytes" : "messages"},
                           {"done", step->done},
                           {"total", step->total}};
}

async::Awaitable<Answer> reload(const Dependencies* on, Caller, json::object) {
    if (!on->reload) co_return failure(Refusal{409, "no server runs: it will read its configuration when it starts"});
    const ReloadOutcome outcome = co_await on->reload();
    co_return json::object{{"applied", to_array(outcome.applied)},
                           {"restart", to_array(outcome.restart)},
                           {"warnings", to_array(outcome.warnings)},
                           {"problems", to_array(outcome.problems)}};
}

async::Awaitable<Answer> restart(const Dependencies* on, Caller, json::object) {
    if (!on->restart) co_return failure(Refusal{409, "no server runs"});
    const std::vector<std::string> problems = co_await on->restart();
    co_return json::object{{"problems", to_array(problems)}};
}

json::object shown(const ServerStatus::MemoryPart& part) {
    json::object row{{"name", part.name}, {"bytes", part.bytes}};
    if (part.bytes_max > 0) row["bytes_max"] = part.bytes_max;
    return row;
}

json::value shown(const std::optional<Timestamp>& moment) {
    return moment ? json::value(print_time(*moment)) : json::value();
}

json::value shown(const std::optional<LastBackup>& backup) {
    if (!backup) return {};
    return json::object{{"time", print_time(backup->time)}, {"folder", backup->folder}};
}

/// Whole days that are left; below zero if it has ended.
json::object shown(const CertificateState& certificate, Timestamp now) {
    json::object row{
        {"name", certificate.name}, {"ends", shown(certificate.not_after)}, {"problem", certificate.problem}};
    if (certificate.not_after)
        row["days_left"] = std::chrono::floor<std::chrono::days>(*certificate.not_after - now).count();
    return row;
}

async::Awaitable<Answer> status(const Dependencies* on, Caller, json::object) {
    if (!on->server_status) co_return failure(Refusal{409, "no server runs"});
    const ServerStatus now = co_await on->server_status();
    json::array listening;
    for (const ServerStatus::Listening& one : now.listening)
        listening.push_back(json::object{{"service", one.service}, {"endpoint", one.endpoint}});
    json::array memory;
    for (const ServerStatus::MemoryPart& part : now.memory)
        memory.push_back(shown(part));
    json::array certificates;
    for (const CertificateState& certificate : now.certificates)
        certificates.push_back(shown(certificate, on->timers.now()));
    co_return json::object{{"version", now.version},
                           {"host_name", now.host_name},
                           {"process", now.process},
                           {"started", print_time(now.started)},
                           {"listening", std::move(listening)},
                           {"connections", now.connections},
                           {"connections_max", now.connections_max},
                           {"memory_bytes", now.memory_bytes},
                           {"memory_budget", now.memory_budget},
                           {"memory", std::move(memory)},
                           {"disk_free_bytes", now.disk_free_bytes},
                           {"store_bytes", now.store_bytes},
                           {"queued", now.queue_messages},
                           {"queue_oldest", shown(now.queue_oldest)},
                           {"index_waiting", now.index_waiting},
                           {"certificates", std::move(certificates)},
                           {"last_backup", shown(now.last_backup)},
                           {"warnings", to_array(warnings_about(now, on->timers.now()))}};
}

} // namespace

std::span<const Operation> server_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/status", Access::read, "", status, "How the server is, with warnings in sentences", {}},
        {"/verify",
         Access::read,
         "",
         verify,
         "Reads every record and says what is damaged",
         {{"read_blobs", flag, "All messages too"}, kProgressParameter}},
        {"/reload", Access::change, "", reload, "Reads the configuration again", {}},
        {"/restart", Access::change, "", restart, "Ends the server for a successor", {}},
        {"/progress",
         Access::read,
         "",
         progress,
         "How far an operation is that was given a name",
         {{"progress", text, "The name", true}}},
    };
    return kOperations;
}

} // namespace tegami::admin
