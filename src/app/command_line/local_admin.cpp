#include "app/command_line/local_admin.h"

#include "app/server/certificate_files.h"
#include "app/server/dns_facts.h"
#include "app/server/mail_offer.h"
#include "app/server/resolver_settings.h"
#include "app/server/settings_file.h"
#include "async/run.h"
#include "net/unbound_resolver.h"
#include "signing/key_keeper.h"
#include "signing/zone_publisher.h"

#include <filesystem>

namespace tegami::app {

Result<std::unique_ptr<LocalAdmin>, std::string> LocalAdmin::open(const Config& config,
                                                                  admin::ProgressBoard* progress) {
    std::unique_ptr<LocalAdmin> local(new LocalAdmin(config));
    const Backend::Dependencies dependencies{.context = local->context_,
                                             .lanes = local->lanes_.lanes(),
                                             .timers = local->timers_,
                                             .random = local->random_,
                                             .log = local->log_};
    TRY(local->backend_, Backend::open(config, dependencies));
    const auto tls = net::TlsClientContext::create({.verification = net::TlsVerification::required, .ca_path = {}});
    if (!tls) return failure(tls.error());
    local->backups_ = make_backups(config, *local->backend_, dependencies, std::nullopt);
    local->admin_ = std::make_unique<admin::Admin>(admin::Dependencies{
        .engine = local->backend_->engine(),
        .store = local->backend_->store(),
        .directory = local->backend_->directory(),
        .queue = local->backend_->queue(),
        .journeys = local->backend_->journeys(),
        .audit = local->backend_->audit(),
        .traffic = local->backend_->traffic(),
        .timers = local->timers_,
        .progress = progress,
        .backups = local->backups_.get(),
        .host = [it = local.get()] { return it->host(); },
        .mail_offer = [it = local.get()] { return mail_offer(it->config_); },
        .look_at_keys = [it = local.get()](message::Domain domain,
                                           bool renew) { return look_at_keys(it, std::move(domain), renew); },
        .new_resolver = [it = local.get()] { return it->new_resolver(); },
        .pages = {.network = &local->network_, .tls = *tls, .port = config.relay.policy_port},
        .new_primary = local->new_primary(),
        .settings = [it = local.get()] { return read_settings(it->config_.file, &it->lanes_.lanes().reads); },
        .change_setting =
            [it = local.get()](std::string key, std::string value) {
                return change_setting(it->config_.file, std::move(key), std::move(value), &it->lanes_.lanes().reads);
            }});
    return local;
}

dns_setup::Host LocalAdmin::host() const {
    // The server's own certificate is made by its first start.
    std::error_code error;
    if (!std::filesystem::exists(certificate_files(config_).certificate, error)) return dns_host(config_, nullptr);
    const auto loaded = load_certificate(config_, timers_.now());
    const auto next_key = net::sha256_of_key(next_key_file(config_));
    return dns_host(config_, loaded ? &(*loaded)->certificate() : nullptr, next_key.value_or(""));
}

Result<std::unique_ptr<net::Resolver>, std::string> LocalAdmin::new_resolver() {
    return net::UnboundResolver::create(resolver_settings(config_.resolver), &timers_, context_.get_executor());
}

NewPrimary LocalAdmin::new_primary() {
    return app::new_primary(config_.dns_update, {.network = network_, .timers = timers_, .random = random_});
}

async::Awaitable<directory::DirectoryResult<>> LocalAdmin::look_at_keys(LocalAdmin* local, message::Domain domain,
                                                                        bool renew) {
    const auto resolver = local->new_resolver();
    if (!resolver) co_return failure(directory::Error{directory::ErrorCode::unavailable, resolver.error()});
    std::unique_ptr<signing::RecordPublisher> publisher;
    if (NewPrimary primary = local->new_primary())
        publisher = std::make_unique<signing::ZonePublisher>(std::move(primary));
    signing::KeyKeeper keeper({.keys = local->backend_->directory().signing_keys(),
                               .directory = local->backend_->directory().administration(),
                               .resolver = **resolver,
                               .workers = local->lanes_.lanes().parsing,
                               .timers = local->timers_,
                               .log = local->log_,
                               .publisher = publisher.get()});
    co_return co_await keeper.look(std::move(domain), renew);
}

namespace {

/// Octets that somebody has at once.
class Pieces final : public net::BodySource {
public:
    explicit Pieces(std::function<std::string()> next) : next_(std::move(next)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override { co_return next_(); }

private:
    const std::function<std::string()> next_;
};

} // namespace

admin::Answer LocalAdmin::take_mail(json::object parameters, std::function<std::string()> next) {
    Pieces octets(std::move(next));
    return async::run_on(context_, admin_->take_mail(admin::Caller::local_root(), std::move(parameters), &octets));
}

admin::Answer LocalAdmin::give_mail(json::object parameters, const std::function<bool(std::string_view)>& sink) {
    const admin::Given given =
        async::run_on(context_, admin_->give(admin::Caller::local_root(), "/mail/give", std::move(parameters)));
    if (!given) return failure(given.error());
    for (;;) {
        const auto piece = async::run_on(context_, (*given)->read());
        if (!piece) return failure(admin::Refusal{.status = piece.error().status, .message = piece.error().text});
        if (piece->empty() || !sink(*piece)) return json::object();
    }
}

admin::Answer LocalAdmin::call(std::string operation, json::object parameters) {
    return async::run_on(context_,
                         admin_->call(admin::Caller::local_root(), std::move(operation), std::move(parameters)));
}

} // namespace tegami::app
