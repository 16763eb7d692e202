#include "admin/server_warnings.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

using std::chrono::days;

constexpr auto kCertificateSoon = days(14);
constexpr auto kQueueLong = days(1);
constexpr auto kBackupOld = days(7);
/// The store refuses new mail at an eighth of it.
constexpr std::uint64_t kDiskFew = 1ULL << 30;
/// What the index has to do within some minutes.
constexpr std::uint64_t kIndexMany = 10'000;

std::string print_days(Duration time) {
    const auto count = std::chrono::floor<days>(time).count();
    return count == 1 ? "1 day" : fmt::format("{} days", count);
}

std::string about_certificate(const CertificateState& certificate, Timestamp now) {
    if (!certificate.problem.empty())
        return fmt::format("the certificate {} could not be renewed: {}", certificate.name, certificate.problem);
    if (!certificate.not_after) return {};
    if (*certificate.not_after <= now)
        return fmt::format("the certificate {} has ended: mail programs refuse it; put a new one in its place and run "
                           "tegami reload",
                           certificate.name);
    const bool is_renewed = certificate.renewal && *certificate.renewal < *certificate.not_after;
    if (is_renewed || *certificate.not_after - now > kCertificateSoon) return {};
    return fmt::format("the certificate {} ends in {}: put a new one in its place and run tegami reload",
                       certificate.name, print_days(*certificate.not_after - now));
}

std::string about_backup(const ServerStatus& status, Timestamp now) {
    if (!status.backups_wanted) return {};
    if (!status.last_backup) return "there is no backup of this store yet: tegami backup makes one";
    if (now - status.last_backup->time < kBackupOld) return {};
    return fmt::format("the last backup is {} old: look why tegami backup has not been run since",
                       print_days(now - status.last_backup->time));
}

std::string about_losses(const ServerStatus& status) {
    if (status.log_lines_lost + status.journey_events_lost == 0) return {};
    return fmt::format(
        "{} lines of the log and {} events for tegami trace were left out since the start: the log is not "
        "read, or the disk does not write, fast enough",
        status.log_lines_lost, status.journey_events_lost);
}

} // namespace

std::vector<std::string> warnings_about(const ServerStatus& status, Timestamp now) {
    std::vector<std::string> warnings;
    const auto add = [&warnings](std::string warning) {
        if (!warning.empty()) warnings.push_back(std::move(warning));
    };
    for (const CertificateState& certificate : status.certificates)
        add(about_certificate(certificate, now));
    if (status.disk_free_bytes < kDiskFew)
        add(fmt::format("only {} MiB are free where the store is: with less than 128 MiB no new mail is taken",
                        status.disk_free_bytes >> 20));
    if (status.memory_pressed)
        add("the memory budget is reached, and new connections or messages are put off: raise memory_budget if this "
            "stays");
    if (status.connections >= status.connections_max / 10 * 9)
        add(fmt::format("{} of {} places for connections are taken: raise limits.connections if this stays",
                        status.connections, status.connections_max));
    if (status.queue_oldest && now - *status.queue_oldest > kQueueLong)
        add(fmt::format("the oldest message in the queue has waited for {}: tegami queue list says what for",
                        print_days(now - *status.queue_oldest)));
    if (status.index_waiting > kIndexMany)
        add(fmt::format("{} messages wait for the word index: until then searches read them themselves",
                        status.index_waiting));
    add(about_backup(status, now));
    add(about_losses(status));
    return warnings;
}

} // namespace tegami::admin
