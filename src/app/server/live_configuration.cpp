#include "app/server/live_configuration.h"

#include "app/server/certificate_files.h"
#include "app/server/rights.h"
#include "async/run.h"
#include "net/real_network.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::app {

LiveConfiguration::LiveConfiguration(Dependencies dependencies)
    : dependencies_(std::move(dependencies)), current_(dependencies_.config) {
    publish();
}

async::Awaitable<admin::ReloadOutcome> LiveConfiguration::reload() {
    const async::Mutex::Lock one_at_a_time = co_await reloading_.lock();
    dependencies_.manager.reloading(dependencies_.timers.instant());
    admin::ReloadOutcome outcome = co_await read_again();
    dependencies_.manager.ready();
    co_return outcome;
}

async::Awaitable<admin::ReloadOutcome> LiveConfiguration::read_again() {
    admin::ReloadOutcome outcome;
    const auto read = [file = dependencies_.config.file] { return load_config(file); };
    const ConfigResult loaded = co_await async::run(&dependencies_.workers, read);
    if (!loaded) {
        for (const ConfigProblem& problem : loaded.error())
            outcome.problems.push_back(problem.to_string(dependencies_.config.file));
        co_return outcome;
    }
    Config certified = current_;
    certified.tls = loaded->tls;
    std::vector<std::string> hosts = policy_hosts(certified, *dependencies_.directory.domains());
    auto certificate = co_await dependencies_.certificates.reload(*loaded, std::move(hosts));
    if (!certificate) {
        outcome.problems.push_back(certificate.error());
        for (const std::string& file : {loaded->tls.certificate, loaded->tls.key})
            if (!file.empty() && !may_read(dependencies_.config, file))
                outcome.problems.push_back(fmt::format("the running server cannot reach {}, because its folder was not "
                                                       "in the configuration when it started: restart it",
                                                       file));
        co_return outcome;
    }
    outcome.warnings = *std::move(certificate);
    ConfigDifference difference = compare_configs(current_, *loaded);
    current_.tls = loaded->tls;
    current_.limits = loaded->limits;
    current_.trusted_networks = loaded->trusted_networks;
    current_.trusted_sealers = loaded->trusted_sealers;
    current_.received_spf = loaded->received_spf;
    dependencies_.gate.set_limits(current_.limits);
    publish();
    for (const std::string& warning : outcome.warnings)
        dependencies_.log.warning("certificate", {{"reason", warning}});
    outcome.applied = std::move(difference.live);
    outcome.restart = std::move(difference.restart);
    dependencies_.log.info("configuration read again",
                           {{"applied", outcome.applied.size()}, {"restart", outcome.restart.size()}});
    co_return outcome;
}

async::Awaitable<std::vector<std::string>> LiveConfiguration::restart() {
    if (!dependencies_.manager.keeps_sockets() || !dependencies_.on_restart)
        co_return std::vector<std::string>{
            "nobody would start this server again: that takes tegami serve --restartable, or "
            "systemd (see docs/operations.md)"};
    const auto read = [file = dependencies_.config.file] { return load_config(file); };
    const ConfigResult loaded = co_await async::run(&dependencies_.workers, read);
    std::vector<std::string> problems;
    if (loaded)
        problems = why_not_bound(*loaded);
    else
        for (const ConfigProblem& problem : loaded.error())
            problems.push_back(problem.to_string(dependencies_.config.file));
    if (problems.empty()) {
        dependencies_.log.info("a restart was asked for");
        dependencies_.on_restart();
    }
    co_return problems;
}

/// Where a successor would listen that this server does not, and cannot: in sentences.
std::vector<std::string> LiveConfiguration::why_not_bound(const Config& next) {
    constexpr std::uint16_t kFirstForEverybody = 1024;
    net::RealNetwork trial(&dependencies_.timers);
    std::vector<std::string> sentences;
    for (const Listener& listener : next.listeners) {
        const bool is_ours = std::ranges::find(dependencies_.config.listeners, listener.endpoint,
                                               &Listener::endpoint) != dependencies_.config.listeners.end();
        if (is_ours || (dependencies_.manager.starts_with_rights() && listener.endpoint.port < kFirstForEverybody))
            continue;
        if (const auto bound = trial.bind(listener.endpoint); !bound) sentences.push_back(bound.error());
    }
    return sentences;
}

std::shared_ptr<const LiveSettings> LiveConfiguration::settings() const {
    const std::lock_guard lock(guard_);
    return settings_;
}

void LiveConfiguration::publish() {
    auto smtp =
        std::make_shared<const smtpd::Settings>(smtpd::Settings{.host_name = dependencies_.config.host_name,
                                                                .default_domain = dependencies_.config.default_domain,
                                                                .message_bytes_max = current_.limits.message_bytes,
                                                                .recipients_max = current_.limits.recipients,
                                                                .trusted_networks = current_.trusted_networks,
                                                                .trusted_sealers = current_.trusted_sealers,
                                                                .received_spf = current_.received_spf});
    auto settings = std::make_shared<const LiveSettings>(
        LiveSettings{.smtp = std::move(smtp), .append_bytes_max = current_.limits.message_bytes});
    const std::lock_guard lock(guard_);
    settings_ = std::move(settings);
}

} // namespace tegami::app
