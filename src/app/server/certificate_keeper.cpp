#include "app/server/certificate_keeper.h"

#include "app/server/dns_facts.h"
#include "async/first_of.h"
#include "dns_setup/plan.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::app {

namespace {

constexpr std::string_view kNotAnnounced =
    "the certificate has another key, which no TLSA record has announced: where there are TLSA records, servers that "
    "look at them keep their mail back until tegami dns records is published";

std::vector<dns::Data> data_of(const std::vector<dns_setup::PlannedRecord>& records) {
    std::vector<dns::Data> data;
    for (const dns_setup::PlannedRecord& record : records)
        data.push_back(*record.data);
    return data;
}

/// Those of the hosts that no certificate but the first could be for.
std::vector<std::string> without_others(std::vector<std::string> hosts, const net::TlsServerContext& context) {
    std::erase_if(hosts, [&](const std::string& host) { return &context.for_client(host, {}) != &context; });
    return hosts;
}

} // namespace

Result<std::unique_ptr<CertificateKeeper>, std::string>
CertificateKeeper::open(const Config& config, const std::vector<std::string>& policy_hosts, Dependencies dependencies) {
    std::unique_ptr<CertificateKeeper> keeper(new CertificateKeeper(config, dependencies));
    const Timestamp now = dependencies.timers.now();
    TRY(auto context, load_certificate(config, now));
    std::vector<std::string> warnings =
        certificate_warnings(config, context->certificate(), now, without_others(policy_hosts, *context));
    keeper->take(look_after_keys(config, context->certificate(), announced_keys(config)), warnings);
    keeper->current_ = std::make_unique<net::CurrentTlsServerContext>(std::move(context));
    for (const std::string& warning : warnings)
        dependencies.log.warning("certificate", {{"reason", warning}});
    return keeper;
}

/// Without a next key all goes on; the change to another key then takes more care. Blocks.
CertificateKeeper::Keys CertificateKeeper::look_after_keys(const Config& config,
                                                           const net::CertificateSummary& certificate,
                                                           const std::vector<std::string>& announced) {
    Keys keys{.issued_through = issued_through(config)};
    if (!announced.empty() && std::ranges::find(announced, certificate.sha256_of_key) == announced.end())
        keys.warnings.emplace_back(kNotAnnounced);
    const auto next = keep_next_key(config, certificate);
    keys.next = next.value_or("");
    if (!next) keys.warnings.push_back(next.error());
    keys.announced = {certificate.sha256_of_key};
    if (next) keys.announced.push_back(*next);
    if (keys.announced == announced) return keys;
    if (const auto noted = note_announced_keys(config, keys.announced); !noted) keys.warnings.push_back(noted.error());
    return keys;
}

void CertificateKeeper::take(Keys keys, std::vector<std::string>& warnings) {
    std::ranges::move(keys.warnings, std::back_inserter(warnings));
    if (keys.next != next_key_sha256_) seen_since_.reset();
    if (keys.announced != announced_) {
        is_published_ = false;
        if (keys_changed_) keys_changed_->set();
    }
    announced_ = std::move(keys.announced);
    next_key_sha256_ = std::move(keys.next);
    issued_through_ = std::move(keys.issued_through);
}

void CertificateKeeper::show(std::shared_ptr<const net::TlsServerContext> context) {
    current_->set(challenges_.empty() ? std::move(context) : context->with_challenges(challenges_));
}

void CertificateKeeper::show_challenges(std::vector<std::shared_ptr<const net::TlsServerContext>> challenges) {
    if (challenges.empty() && challenges_.empty()) return;
    challenges_ = std::move(challenges);
    current_->set(current_->get()->with_challenges(challenges_));
}

/// It is the one of new connections from now on. Under changing_.
async::Awaitable<> CertificateKeeper::adopt(std::shared_ptr<const net::TlsServerContext> context,
                                            std::vector<std::string>* warnings) {
    const auto look = [config = config_, certificate = context->certificate(), announced = announced_] {
        return look_after_keys(config, certificate, announced);
    };
    Keys keys = co_await async::run(&dependencies_.workers, look);
    show(std::move(context));
    take(std::move(keys), *warnings);
}

async::Awaitable<Result<std::vector<std::string>, std::string>>
CertificateKeeper::reload(Config loaded, std::vector<std::string> policy_hosts) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    const Timestamp now = dependencies_.timers.now();
    // The files may have new contents under old names, so they are always read again.
    const auto read = [&loaded, now] { return load_certificate(loaded, now); };
    CO_TRY(auto context, co_await async::run(&dependencies_.workers, read));
    config_.tls = loaded.tls;
    std::vector<std::string> warnings =
        certificate_warnings(config_, context->certificate(), now, without_others(std::move(policy_hosts), *context));
    co_await adopt(std::move(context), &warnings);
    co_return warnings;
}

void CertificateKeeper::issue_through(CertificateAuthority& authority,
                                      std::function<std::vector<std::string>()> web_hosts) {
    issuer_ = std::make_unique<CertificateIssuer>(CertificateIssuer::Dependencies{.user = *this,
                                                                                  .authority = authority,
                                                                                  .workers = dependencies_.workers,
                                                                                  .timers = dependencies_.timers,
                                                                                  .log = dependencies_.log,
                                                                                  .web_hosts = std::move(web_hosts)});
}

async::Awaitable<Result<void, std::string>> CertificateKeeper::renew_now(std::string name, net::Resolver* resolver) {
    if (is_issuing()) co_return co_await issuer_->renew_now(std::move(name), resolver);
    co_return failure(
        std::string(config_.tls.certificate.empty()
                        ? "the server made its certificate itself: without acme.directory there is no authority to ask"
                        : "the certificate is yours (tls.certificate): put a new one there, and call tegami reload"));
}

async::Awaitable<Result<void, std::string>> CertificateKeeper::use(Replace replace) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    const auto replace_it = [config = config_, &replace] { return replace(config); };
    CO_TRY(Context context, co_await async::run(&dependencies_.workers, replace_it));
    std::vector<std::string> warnings;
    co_await adopt(std::move(context), &warnings);
    for (const std::string& warning : warnings)
        dependencies_.log.warning("certificate", {{"reason", warning}});
    co_return Result<void, std::string>();
}

std::vector<admin::CertificateState> CertificateKeeper::states() const {
    std::vector<admin::CertificateState> states;
    const auto add = [&](const net::CertificateSummary& certificate, std::string origin) {
        states.push_back({.name = certificate.names.empty() ? "" : certificate.names.front(),
                          .names = certificate.names,
                          .not_before = certificate.not_before,
                          .not_after = certificate.not_after,
                          .origin = std::move(origin)});
    };
    const std::shared_ptr<const net::TlsServerContext> shown = current_->get();
    const bool is_own = config_.tls.certificate.empty() && (!is_issuing() || issued_through_.empty());
    const std::string elsewhere = config_.tls.certificate.empty() ? issued_through_ : config_.tls.certificate;
    add(shown->certificate(), is_own ? "made by this server" : elsewhere);
    states.front().name = config_.host_name;
    if (is_own && !is_issuing()) states.front().renewal = own_renewal_times(shown->certificate().not_after).due;
    for (std::size_t at = 0; at < shown->others().size(); ++at) {
        const bool is_theirs = at < config_.tls.others.size();
        add(shown->others()[at]->certificate(),
            is_theirs ? config_.tls.others[at].certificate : config_.acme.directory);
    }
    if (is_issuing()) issuer_->add_to(states);
    return states;
}

async::Awaitable<> CertificateKeeper::run(net::Resolver* resolver, signing::RecordPublisher* publisher) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const async::Event changed(executor);
    keys_changed_ = std::make_unique<async::Event>(changed);
    while (true) {
        changed.reset();
        co_await renew_if_due(resolver);
        co_await publish(publisher);
        // Takes minutes; what it changes of the keys is published by the next turn, at once.
        if (is_issuing()) co_await issuer_->look(resolver);
        co_await async::first_of(async::sleep(&dependencies_.timers, kCertificateLookInterval), changed.wait());
    }
}

/// One of an authority is that one's business.
async::Awaitable<> CertificateKeeper::renew_if_due(net::Resolver* resolver) {
    const auto times = [this] { return own_renewal_times(current_->get()->certificate().not_after); };
    const auto is_due = [&] {
        const bool is_own = config_.tls.certificate.empty() && (!is_issuing() || issued_through_.empty());
        return is_own && times().due <= dependencies_.timers.now();
    };
    if (!is_due()) co_return;
    const std::string next_key = next_key_sha256_;
    const Renewal renewal = co_await plan(resolver, times());
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    if (!is_due() || next_key != next_key_sha256_) co_return; // a reload was faster
    if (renewal == Renewal::waits) tell_waiting(current_->get()->certificate().not_after);
    if (renewal == Renewal::with_next_key) co_await renew(CertificateKey::next);
    if (renewal == Renewal::with_same_key) co_await renew(CertificateKey::same);
}

async::Awaitable<Renewal> CertificateKeeper::plan(net::Resolver* resolver, RenewalTimes times) {
    const std::string next_key = next_key_sha256_;
    const Announcement announcement = co_await look_for_next_key(resolver);
    if (next_key != next_key_sha256_) co_return Renewal::waits; // a reload was faster
    const Timestamp now = dependencies_.timers.now();
    if (announcement != Announcement::seen)
        seen_since_.reset();
    else if (!seen_since_)
        seen_since_ = now;
    co_return plan_renewal(now, times, announcement, seen_since_);
}

async::Awaitable<Announcement> CertificateKeeper::look_for_next_key(net::Resolver* resolver) {
    const std::vector<dns_setup::PlannedRecord> wanted = dns_setup::tls_key_records(host());
    dns::Name name = *wanted.front().name;
    const net::DnsAnswer answer = co_await resolver->query(std::move(name), dns::Type::tlsa);
    if (net::is_temporary(answer.status)) co_return Announcement::unknown;
    const bool has_next = wanted.back().purpose == dns_setup::Purpose::next_tls_key;
    // Without a next key the one of now is the only one that could have been announced.
    if (!has_next) co_return Announcement::missing;
    if (answer.records.empty()) co_return Announcement::nowhere;
    const bool seen =
        std::ranges::find(answer.records, *wanted.back().data, &dns::Record::data) != answer.records.end();
    co_return seen ? Announcement::seen : Announcement::missing;
}

/// Under changing_. What fails is tried again at the next look; the certificate of now is good for a while.
async::Awaitable<> CertificateKeeper::renew(CertificateKey key) {
    const auto make = [config = config_, now = dependencies_.timers.now(), key] {
        return renew_certificate(config, now, key);
    };
    auto context = co_await async::run(&dependencies_.workers, make);
    if (!context) {
        dependencies_.log.error("the certificate was not renewed", {{"reason", context.error()}});
        co_return;
    }
    const Timestamp not_after = (*context)->certificate().not_after;
    std::vector<std::string> warnings;
    co_await adopt(*std::move(context), &warnings);
    dependencies_.log.info("certificate renewed",
                           {{"key", key == CertificateKey::next ? "the next one" : "the same"},
                            {"ends", fmt::format("{:%F}", std::chrono::floor<std::chrono::days>(not_after))},
                            {"to_do", fmt::format("mail programs that were given {}/tls/ca.pem must be given it again",
                                                  config_.data_directory)}});
    for (const std::string& warning : warnings)
        dependencies_.log.warning("certificate", {{"reason", warning}});
}

/// Once a day.
void CertificateKeeper::tell_waiting(Timestamp not_after) {
    const Timestamp now = dependencies_.timers.now();
    if (told_waiting_ && *told_waiting_ + std::chrono::days(1) > now) return;
    told_waiting_ = now;
    dependencies_.log.warning(
        "the certificate is to be renewed with the next key",
        {{"ends", fmt::format("{:%F}", std::chrono::floor<std::chrono::days>(not_after))},
         {"reason", seen_since_ ? "the TLSA record of that key is seen in the DNS, and others may remember it was not"
                                : "the TLSA record of that key is not seen in the DNS: publish it, tegami dns records "
                                  "shows it"}});
}

async::Awaitable<> CertificateKeeper::publish(signing::RecordPublisher* publisher) {
    if (publisher == nullptr || is_published_) co_return;
    const std::vector<dns_setup::PlannedRecord> records = dns_setup::tls_key_records(host());
    const std::vector<std::string> keys = announced_;
    const std::string at = records.front().name->to_string();
    dns::Name name = *records.front().name;
    std::vector<dns::Data> set = data_of(records);
    const auto published = co_await publisher->publish(std::move(name), dns::Type::tlsa, std::move(set));
    if (!published) {
        tell_unpublished(at, published.error());
        co_return;
    }
    // A reload may have brought other keys meanwhile.
    is_published_ = keys == announced_;
    if (*published == signing::Published::done) dependencies_.log.info("tlsa records published", {{"name", at}});
}

/// Another reason at once, the same one once a day: a name server that lets us change other records only goes on so.
void CertificateKeeper::tell_unpublished(const std::string& name, const std::string& reason) {
    const Timestamp now = dependencies_.timers.now();
    if (reason == told_reason_ && told_reason_at_ + std::chrono::days(1) > now) return;
    told_reason_ = reason;
    told_reason_at_ = now;
    dependencies_.log.warning("tlsa records not published", {{"name", name}, {"reason", reason}});
}

dns_setup::Host CertificateKeeper::host() const {
    return dns_host(config_, &current_->get()->certificate(), next_key_sha256_);
}

} // namespace tegami::app
