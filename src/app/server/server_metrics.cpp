// What the server tells to Prometheus: read where it is counted, when somebody asks. docs/metrics.md has the list.
#include "app/server/server_figures.h"

#include "admin/server_warnings.h"
#include "app/server/metrics_text.h"

#include <set>
#include <string_view>

namespace tegami::app {

namespace {

/// As Prometheus has moments.
double unix_seconds(Timestamp moment) {
    return std::chrono::duration<double>(moment.time_since_epoch()).count();
}

std::uint64_t as_number(bool flag) {
    return flag ? 1 : 0;
}

void add_server(MetricsText& text, const admin::ServerStatus& status) {
    text.gauge("tegami_build_info", "Always 1; the label has the version of the program that runs.");
    text.sample({{"version", status.version}}, std::uint64_t{1});
    text.gauge("tegami_start_time_seconds", "When the server started, since 1970.");
    text.sample({}, unix_seconds(status.started));
    text.gauge("tegami_connections_max", "Connections that may be open at one time.");
    text.sample({}, std::uint64_t{status.connections_max});
}

void add_memory(MetricsText& text, const admin::ServerStatus& status) {
    text.gauge("tegami_memory_bytes", "Memory of the process, without files that it maps.");
    text.sample({}, status.memory_bytes);
    text.gauge("tegami_memory_budget_bytes", "What the configuration lets it take.");
    text.sample({}, status.memory_budget);
    text.gauge("tegami_memory_part_bytes", "Memory by what it is used for.");
    for (const admin::ServerStatus::MemoryPart& part : status.memory)
        text.sample({{"part", part.name}}, part.bytes);
    text.gauge("tegami_memory_part_limit_bytes", "What each part may take at the moment.");
    for (const admin::ServerStatus::MemoryPart& part : status.memory)
        if (part.bytes_max > 0) text.sample({{"part", part.name}}, part.bytes_max);
    text.gauge("tegami_memory_pressed", "1 while the budget is reached, and nothing new may begin.");
    text.sample({}, as_number(status.memory_pressed));
}

void add_store(MetricsText& text, const admin::ServerStatus& status, Timestamp now) {
    text.gauge("tegami_queue_messages", "Messages that wait to be handed on.");
    text.sample({}, status.queue_messages);
    text.gauge("tegami_queue_oldest_seconds", "How long the oldest of them has waited.");
    const Duration waited =
        status.queue_oldest ? std::max(Duration::zero(), now - *status.queue_oldest) : Duration::zero();
    text.sample({}, std::chrono::duration<double>(waited).count());
    text.gauge("tegami_store_bytes", "Files in the data directory.");
    text.sample({}, status.store_bytes);
    text.gauge("tegami_disk_free_bytes", "Free space where the store is.");
    text.sample({}, status.disk_free_bytes);
    text.gauge("tegami_index_waiting_messages", "Messages that the word indexes have not come to.");
    text.sample({}, status.index_waiting);
    text.gauge("tegami_last_backup_timestamp_seconds",
               "When the last backup was made, since 1970; missing if there is none.");
    if (status.last_backup) text.sample({}, unix_seconds(status.last_backup->time));
}

void add_certificates(MetricsText& text, const admin::ServerStatus& status) {
    text.gauge("tegami_certificate_expiry_timestamp_seconds", "When a certificate ends, since 1970.");
    for (const admin::CertificateState& certificate : status.certificates)
        if (certificate.not_after) text.sample({{"name", certificate.name}}, unix_seconds(*certificate.not_after));
    text.gauge("tegami_certificate_renewal_failed", "1 while the last attempt to renew it has failed.");
    for (const admin::CertificateState& certificate : status.certificates)
        text.sample({{"name", certificate.name}}, as_number(!certificate.problem.empty()));
}

/// Those of commits have a place of their own.
void add_durations(MetricsText& text, const admin::ServerStatus& status) {
    for (const auto& [name, histogram] : status.durations) {
        if (name == "delivery")
            text.histogram("tegami_delivery_duration_seconds",
                           "How long it took to put an accepted message where it belongs, until that was durable.",
                           *histogram);
        if (name == "imap")
            text.histogram("tegami_imap_command_duration_seconds", "How long commands took, but for IDLE.", *histogram);
        if (name == "jmap")
            text.histogram("tegami_jmap_request_duration_seconds", "How long requests with method calls took.",
                           *histogram);
    }
}

} // namespace

void ServerFigures::add_connections(MetricsText& text) const {
    // Each service once, however many addresses it has.
    std::set<Service> services;
    for (const Listener& listener : dependencies_.config.listeners)
        services.insert(listener.service);
    const auto of_each = [&](const auto& value) {
        for (const Service service : services)
            text.sample(
                {{"service", name_of(service)}},
                static_cast<std::uint64_t>(value(dependencies_.services.at(static_cast<std::size_t>(service)))));
    };
    text.gauge("tegami_connections", "Open connections.");
    of_each([](const ServiceCounts& counts) { return counts.open.load(); });
    text.counter("tegami_connections_accepted_total", "Connections that were served.");
    of_each([](const ServiceCounts& counts) { return counts.accepted.value(); });
    text.counter("tegami_connections_refused_total", "Connections that were turned away because there were too many.");
    of_each([](const ServiceCounts& counts) { return counts.refused.value(); });
    const directory::LoginCounts& logins = dependencies_.authenticator.counts();
    text.counter("tegami_logins_total", "Logins, by how they ended.");
    text.sample({{"outcome", "succeeded"}}, logins.succeeded.value());
    for (const std::string_view reason : logins.failed.words())
        text.sample({{"outcome", reason}}, logins.failed.value(reason));
}

void ServerFigures::add_mail(MetricsText& text) const {
    const store::Journeys& journeys = dependencies_.backend.journeys();
    const auto& events = journeys.counts().events;
    const auto add = [&](std::string_view name, std::string_view help, std::string_view kind) {
        text.counter(name, help);
        text.sample({}, events.value(kind));
    };
    text.counter("tegami_messages_received_total", "Messages that were taken, from other servers or from our users.");
    text.sample({{"from", "servers"}}, events.value("received"));
    text.sample({{"from", "users"}}, events.value("submitted"));
    text.counter("tegami_messages_rejected_total",
                 "Messages and recipients that were refused, by the status of the reply.");
    for (const auto& [status, count] : journeys.rejected())
        text.sample({{"status", status}}, count);
    add("tegami_messages_delivered_total", "Copies put into mailboxes.", "stored");
    add("tegami_messages_fetched_total", "Messages that a user's device fetched.", "retrieved");
    text.counter("tegami_relay_attempts_total", "Attempts to hand a message to another server, by what came of them.");
    for (const std::string_view outcome : {"relayed", "deferred", "unreachable", "unroutable", "refused"})
        text.sample({{"outcome", outcome}}, events.value(outcome));
    add("tegami_bounces_total", "Reports to senders about messages that were given up.", "reported");
    text.counter("tegami_journey_events_lost_total", "Events for tegami trace that were left out.");
    text.sample({}, journeys.counts().lost.value());
    text.counter("tegami_log_lines_lost_total", "Lines of the log that were left out because nobody took them.");
    text.sample({}, dependencies_.log_lines_left_out ? dependencies_.log_lines_left_out() : 0);
}

void ServerFigures::add_commits(MetricsText& text) {
    const store::CommitCounts* const commits = dependencies_.backend.engine().commit_counts();
    if (!commits) return;
    text.histogram("tegami_commit_duration_seconds", "How long commits took, until they were durable.", commits->taken);
    text.counter("tegami_commits_failed_total", "Commits that were not made: overtaken by others, or an error.");
    text.sample({}, commits->failed.value());
    text.counter("tegami_commit_writes_total", "Synced writes, each of all commits that waited.");
    text.sample({}, commits->writes.value());
    text.histogram("tegami_commit_sync_duration_seconds", "How long each of these writes took.", commits->synced);
}

async::Awaitable<net::HttpResponse> ServerFigures::metrics() {
    admin::ServerStatus status = status_at_once();
    status.last_backup = co_await last_backup();
    const Timestamp now = dependencies_.timers.now();
    MetricsText text;
    add_server(text, status);
    add_connections(text);
    add_mail(text);
    add_store(text, status, now);
    add_commits(text);
    add_durations(text, status);
    add_memory(text, status);
    add_certificates(text, status);
    text.gauge("tegami_warnings", "Sentences that tegami status has for an operator to do something about.");
    text.sample({}, std::uint64_t{admin::warnings_about(status, now).size()});
    net::HttpResponse response;
    response.fields.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = text.take();
    co_return response;
}

} // namespace tegami::app
