#include "app/server/certificate_issuer.h"

#include "acme/account_key.h"
#include "app/server/host_addresses.h"
#include "app/server/issue_failures.h"
#include "disk/files.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace tegami::app {

namespace {

/// Limit: a key in PEM form.
constexpr std::size_t kKeyBytesMax = 64 * 1024;
/// Limit: after so many the others wait for the next look: an authority that does not answer would be asked for hours.
constexpr unsigned kFailuresOfALook = 5;
constexpr Duration kPauseAfterSuccess = std::chrono::hours(6);

std::string minute_of(Timestamp time) {
    return fmt::format("{:%F %R} UTC", std::chrono::floor<std::chrono::seconds>(time));
}

/// The key that a certificate is asked for. Blocks.
Result<std::string, std::string> key_for(const Config& config, const WantedCertificate& wanted, CertificateKey key) {
    if (!wanted.is_host) return acme::AccountKey::create(); // of the same kind
    const std::string path = key == CertificateKey::next ? next_key_file(config) : certificate_files(config).key;
    auto text = disk::read_file(path, kKeyBytesMax);
    if (!text) return failure(fmt::format("the key {} cannot be read: {}", path, text.error()));
    return *std::move(text);
}

} // namespace

async::Awaitable<> CertificateIssuer::look(net::Resolver* resolver) {
    const std::vector<WantedCertificate> all = co_await wanted(resolver);
    unsigned failures = 0;
    for (const WantedCertificate& each : all) {
        if (failures == kFailuresOfALook) co_return;
        // What comes of it is in the log, and in add_to().
        const auto done = co_await pursue(each, resolver, false);
        if (!done) ++failures;
    }
}

/// The host first: mail depends on it.
async::Awaitable<std::vector<WantedCertificate>> CertificateIssuer::wanted(net::Resolver* resolver) {
    co_await remember_failures();
    std::vector<WantedCertificate> all{host_certificate(config())};
    std::vector<std::string> hosts = dependencies_.web_hosts();
    std::erase_if(hosts, [this](const std::string& host) { return !is_needed_beside(config(), host); });
    const auto forget = [config = config(), hosts] { forget_other_domains(config, hosts); };
    co_await async::run(&dependencies_.workers, forget);
    std::erase_if(pursuits_, [&](const auto& pursuit) {
        return pursuit.first != config().host_name && std::ranges::find(hosts, pursuit.first) == hosts.end();
    });
    for (const std::string& host : hosts) {
        // One that has a certificate is to be told of if its name leads elsewhere now.
        std::error_code error;
        if (!std::filesystem::exists(domain_certificate_file(config(), host), error)) {
            const bool can_have_one = co_await leads_here(resolver, host);
            if (!can_have_one) continue;
        }
        all.push_back({.names = {host}});
    }
    co_return all;
}

async::Awaitable<bool> CertificateIssuer::leads_here(net::Resolver* resolver, std::string host) {
    const std::vector<IpAddress> ours = co_await addresses_of(resolver, config().host_name);
    const std::vector<IpAddress> theirs = co_await addresses_of(resolver, std::move(host));
    co_return std::ranges::any_of(
        theirs, [&](const IpAddress& address) { return std::ranges::find(ours, address) != ours.end(); });
}

async::Awaitable<Result<void, std::string>> CertificateIssuer::renew_now(std::string name, net::Resolver* resolver) {
    const std::vector<WantedCertificate> all = co_await wanted(resolver);
    bool found = false;
    std::string problems;
    for (const WantedCertificate& each : all) {
        if (!name.empty() && each.name() != name) continue;
        found = true;
        const auto done = co_await pursue(each, resolver, true);
        if (!done) problems += (problems.empty() ? "" : "; ") + done.error();
    }
    if (!found)
        co_return failure(fmt::format("no certificate is called {}: tegami certificate status shows those there are; "
                                      "those of mta-sts, autoconfig and autodiscover below a domain are wanted when "
                                      "these names lead here",
                                      name));
    if (!problems.empty()) co_return failure(problems);
    co_return Result<void, std::string>();
}

async::Awaitable<Result<void, std::string>> CertificateIssuer::pursue(WantedCertificate wanted, net::Resolver* resolver,
                                                                      bool at_once) {
    const async::Mutex::Lock one_at_a_time = co_await pursuing_.lock();
    const auto look = [config = config(), wanted] { return look_at_issued(config, wanted); };
    const IssuedFacts facts = co_await async::run(&dependencies_.workers, look);
    CertificateKey key = CertificateKey::same;
    if (facts.is_right) {
        const std::optional<RenewalAdvice> advice = co_await advice_for(wanted.name(), facts.id);
        const RenewalTimes times = issued_renewal_times(facts, advice);
        pursuits_[wanted.name()].renewal = times.due;
        const Timestamp now = dependencies_.timers.now();
        if (now < times.due && !at_once) co_return Result<void, std::string>();
        if (wanted.is_host) {
            const Renewal renewal = co_await dependencies_.user.plan(resolver, times);
            if (renewal == Renewal::with_next_key) key = CertificateKey::next;
            if (renewal == Renewal::waits && !at_once) {
                dependencies_.user.tell_waiting(facts.not_after);
                co_return Result<void, std::string>();
            }
        }
    }
    if (!at_once && dependencies_.timers.now() < pursuits_[wanted.name()].next_try)
        co_return Result<void, std::string>();
    co_return co_await get(std::move(wanted), key, facts.is_right ? facts.id : std::string());
}

/// Under pursuing_.
async::Awaitable<std::optional<RenewalAdvice>> CertificateIssuer::advice_for(std::string name,
                                                                             std::string certificate_id) {
    const Pursuit known = pursuits_[name];
    if (certificate_id.empty()) co_return std::nullopt;
    if (known.advised_id == certificate_id && dependencies_.timers.now() < known.ask_advice_at) co_return known.advice;
    const RenewalAnswer answer = co_await dependencies_.authority.when_to_renew(certificate_id);
    Pursuit& pursuit = pursuits_[name];
    // What it said before counts as long as it says nothing else.
    if (answer.advice || pursuit.advised_id != certificate_id) pursuit.advice = answer.advice;
    pursuit.advised_id = certificate_id;
    pursuit.ask_advice_at = dependencies_.timers.now() + answer.ask_again;
    co_return pursuit.advice;
}

/// Under pursuing_.
async::Awaitable<Result<void, std::string>> CertificateIssuer::get(WantedCertificate wanted, CertificateKey key,
                                                                   std::string replaces) {
    auto obtained = co_await obtain(wanted, key, std::move(replaces));
    Result<void, CertificateRefusal> done;
    if (obtained) {
        auto used = co_await put_to_use(wanted, *std::move(obtained));
        done = std::move(used);
    } else {
        done = failure(std::move(obtained.error()));
    }
    if (!done) {
        note_failure(wanted, done.error());
        co_await keep_failures();
        co_return failure(fmt::format("{}: {}", wanted.name(), done.error().reason));
    }
    const bool had_failed = pursuits_[wanted.name()].failures != 0;
    note_success(wanted);
    if (had_failed) {
        co_await keep_failures();
    }
    co_return Result<void, std::string>();
}

async::Awaitable<Result<CertificateIssuer::Obtained, CertificateRefusal>>
CertificateIssuer::obtain(WantedCertificate wanted, CertificateKey key, std::string replaces) {
    const auto read_key = [config = config(), wanted, key] { return key_for(config, wanted, key); };
    const auto key_text = co_await async::run(&dependencies_.workers, read_key);
    if (!key_text) co_return failure(CertificateRefusal{.reason = key_text.error(), .not_before = {}});
    std::optional<Obtained> unkept = std::exchange(pursuits_[wanted.name()].unkept, std::nullopt);
    const bool is_still_good = unkept && unkept->names == wanted.names && unkept->key == key &&
                               (!wanted.is_host || unkept->key_text == *key_text);
    if (is_still_good) co_return *std::move(unkept);
    CertificateOrder order{.names = wanted.names, .key = *key_text, .replaces = std::move(replaces)};
    auto chain = co_await dependencies_.authority.obtain(std::move(order));
    if (!chain) co_return failure(std::move(chain.error()));
    co_return Obtained{.names = wanted.names, .key = key, .key_text = *key_text, .chain = *std::move(chain)};
}

async::Awaitable<Result<void, CertificateRefusal>> CertificateIssuer::put_to_use(WantedCertificate wanted,
                                                                                 Obtained obtained) {
    const auto replace = [wanted, obtained, now = dependencies_.timers.now()](
                             const Config& config) -> Result<CertificateUser::Context, std::string> {
        if (wanted.is_host) return install_certificate(config, obtained.chain, obtained.key);
        TRY_VOID(keep_domain_certificate(config, wanted.name(), obtained.chain, obtained.key_text));
        return load_certificate(config, now);
    };
    const auto used = co_await dependencies_.user.use(replace);
    if (used) co_return Result<void, CertificateRefusal>();
    pursuits_[wanted.name()].unkept = std::move(obtained);
    co_return failure(CertificateRefusal{.reason = used.error(), .not_before = {}});
}

/// What the server before knew.
async::Awaitable<> CertificateIssuer::remember_failures() {
    if (std::exchange(has_remembered_, true)) co_return;
    const auto read = [config = config()] { return read_issue_failures(config); };
    const IssueFailures failures = co_await async::run(&dependencies_.workers, read);
    for (const auto& [name, failure] : failures) {
        Pursuit& pursuit = pursuits_[name];
        pursuit.problem = failure.problem;
        pursuit.failures = failure.failures;
        pursuit.next_try = failure.next_try;
    }
}

async::Awaitable<> CertificateIssuer::keep_failures() {
    IssueFailures failures;
    for (const auto& [name, pursuit] : pursuits_)
        if (pursuit.failures != 0)
            failures[name] = {.problem = pursuit.problem, .failures = pursuit.failures, .next_try = pursuit.next_try};
    const auto keep = [config = config(), failures] { return keep_issue_failures(config, failures); };
    const auto kept = co_await async::run(&dependencies_.workers, keep);
    if (!kept) dependencies_.log.warning("failures of an authority not kept", {{"reason", kept.error()}});
}

void CertificateIssuer::note_success(const WantedCertificate& wanted) {
    Pursuit& pursuit = pursuits_[wanted.name()];
    pursuit.problem.clear();
    pursuit.failures = 0;
    // An authority whose certificates are due when they come would be asked without end.
    pursuit.next_try = dependencies_.timers.now() + kPauseAfterSuccess;
    const std::shared_ptr<const net::TlsServerContext> shown = dependencies_.user.current().get();
    const net::CertificateSummary& certificate = shown->for_client(wanted.name(), {}).certificate();
    pursuit.renewal =
        issued_renewal_times({.not_before = certificate.not_before, .not_after = certificate.not_after}, {}).due;
    dependencies_.log.info("certificate renewed", {{"names", fmt::format("{}", fmt::join(wanted.names, ","))},
                                                   {"from", config().acme.directory},
                                                   {"ends", minute_of(certificate.not_after)}});
}

/// The nearer the end of the certificate of now, the louder.
void CertificateIssuer::note_failure(const WantedCertificate& wanted, const CertificateRefusal& refusal) {
    const Timestamp now = dependencies_.timers.now();
    Pursuit& pursuit = pursuits_[wanted.name()];
    ++pursuit.failures;
    pursuit.problem = refusal.reason;
    pursuit.next_try = now + std::max(pause_after_failures(pursuit.failures), refusal.not_before.value_or(Duration(0)));
    const std::shared_ptr<const net::TlsServerContext> context = dependencies_.user.current().get();
    const net::CertificateSummary& shown = context->for_client(wanted.name(), {}).certificate();
    const bool is_near = shown.not_after < now + (shown.not_after - shown.not_before) / 6;
    const LogField fields[] = {{"names", fmt::format("{}", fmt::join(wanted.names, ","))},
                               {"reason", refusal.reason},
                               {"shown_until", shown.is_for(wanted.name()) ? minute_of(shown.not_after) : "none"},
                               {"next_try", minute_of(pursuit.next_try)}};
    dependencies_.log.write(is_near ? LogLevel::error : LogLevel::warning, "certificate not renewed", fields);
}

void CertificateIssuer::add_to(std::vector<admin::CertificateState>& states) const {
    for (const auto& [name, pursuit] : pursuits_) {
        auto state = std::ranges::find(states, name, &admin::CertificateState::name);
        if (state == states.end()) {
            if (pursuit.problem.empty()) continue;
            states.push_back({.name = name, .names = {name}, .origin = config().acme.directory});
            state = states.end() - 1;
        }
        state->problem = pursuit.problem;
        if (!pursuit.problem.empty()) state->next_try = pursuit.next_try;
        if (state->not_after && pursuit.renewal != Timestamp()) state->renewal = pursuit.renewal;
    }
}

} // namespace tegami::app
