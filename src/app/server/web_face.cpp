#include "app/server/web_face.h"

#include "app/server/dns_facts.h"
#include "app/server/mail_offer.h"
#include "async/run.h"
#include "base/ascii.h"
#include "p256/key.h"
#include "service/httpd/plain_routes.h"
#include "service/httpd/settings_page_route.h"
#include "service/httpd/sts_routes.h"
#include "service/jmapd/ids.h"
#include "service/webd/page_routes.h"

#include <utility>

namespace tegami::app {

Result<std::unique_ptr<WebFace>, std::string> WebFace::open(Dependencies dependencies) {
    std::unique_ptr<WebFace> face(new WebFace(std::move(dependencies)));
    const Dependencies& on = face->dependencies_;
    face->add_settings();
    const auto base_url = discovery::url_of(face->settings_->offer, "");
    if (base_url && on.authenticator.takes_passwords()) {
        TRY_VOID(face->add_jmap(*base_url));
        face->add_accounts(*base_url);
        webd::add_page_routes(face->web_routes_, ascii::lower(on.config.host_name), on.files);
    }
    face->https_ = face->over(face->web_routes_);
    httpd::add_plain_routes(face->plain_routes_, on.challenge_board, face->settings_->offer.https_port);
    face->http_ = face->over(face->plain_routes_);
    // A proxy that has TLS itself may come here for those whom it serves.
    face->http_->http.secure_routes = &face->web_routes_;
    face->metrics_routes_.add(
        "GET", "/metrics", [figures = &on.figures](net::HttpRequest*, net::BodySource*) { return figures->metrics(); });
    face->metrics_ = face->over(face->metrics_routes_);
    return face;
}

std::unique_ptr<httpd::Dependencies> WebFace::over(const net::HttpRoutes& routes) {
    return std::make_unique<httpd::Dependencies>(
        httpd::Dependencies{.http = {.routes = routes,
                                     .timers = dependencies_.timers,
                                     .random = dependencies_.random,
                                     .log = dependencies_.log,
                                     .request_level = LogLevel::debug,
                                     .memory = &dependencies_.connection_memory,
                                     .trusted_proxies = dependencies_.config.trusted_proxies,
                                     .unanswered = &unanswered_},
                            .tls = dependencies_.certificates.current(),
                            .memory = dependencies_.connection_memory});
}

/// What others' servers and mail programs are told of our domains.
void WebFace::add_settings() {
    directory::Administration& directory = dependencies_.backend.directory().administration();
    httpd::add_sts_routes(web_routes_, directory, host_name(dependencies_.config));
    settings_ =
        std::make_unique<const httpd::SettingsSource>(httpd::SettingsSource{.directory = directory,
                                                                            .tls = dependencies_.certificates.current(),
                                                                            .workers = dependencies_.parsing,
                                                                            .offer = mail_offer(dependencies_.config)});
    if (settings_->offer.services.empty()) return;
    httpd::add_settings_routes(web_routes_, *settings_);
    httpd::add_settings_page_route(web_routes_, *settings_);
    httpd::add_plain_settings_routes(plain_routes_, *settings_);
}

/// The key that push services know us by: made once.
Result<p256::Key, std::string> WebFace::push_key() {
    const auto pem =
        async::run_on(dependencies_.startup,
                      dependencies_.backend.directory().push_subscriptions().server_key(p256::Key::make().to_pem()));
    if (!pem) return failure(pem.error().message);
    auto key = p256::Key::parse(*pem);
    if (!key) return failure(std::string("the key for Web Push in the directory cannot be read"));
    return *std::move(key);
}

Result<void, std::string> WebFace::add_jmap(std::string base_url) {
    const Dependencies& on = dependencies_;
    directory::Directory& directory = on.backend.directory();
    TRY(p256::Key key, push_key());
    jmap_ = std::make_unique<jmapd::Service>(
        jmapd::Dependencies{.store = on.backend.store(),
                            .authenticator = on.authenticator,
                            .web_sessions = directory.web_sessions(),
                            .shares = on.shares,
                            .memory = on.message_memory,
                            .workers = on.parsing,
                            .timers = on.timers,
                            .random = on.random,
                            .log = on.log,
                            .outgoing = {.directory = directory.lookup(),
                                         .reception = on.reception,
                                         .delivery = on.delivery,
                                         .queue = on.backend.queue(),
                                         .journeys = on.backend.journeys(),
                                         .signatures = on.signatures,
                                         .resolver = on.resolver,
                                         .sender_keys = on.sender_keys,
                                         .host_name = on.config.host_name},
                            .push = {.subscriptions = directory.push_subscriptions(),
                                     .web = net::WebClient({.network = on.network,
                                                            .resolver = on.resolver,
                                                            .timers = on.timers,
                                                            .tls = on.client_tls,
                                                            .may_reach = on.may_reach,
                                                            .secure_port = on.config.relay.policy_port}),
                                     .key = std::move(key),
                                     .port = on.config.relay.policy_port},
                            .secret = directory.secret(),
                            .base_url = std::move(base_url)},
        jmapd::Limits{.upload_bytes = on.config.limits.message_bytes, .recipients = on.config.limits.recipients});
    jmapd::add_routes(web_routes_, *jmap_);
    return {};
}

/// Who is signed in, their own accounts, and what they may manage.
void WebFace::add_accounts(std::string base_url) {
    const Dependencies& on = dependencies_;
    directory::Directory& directory = on.backend.directory();
    sessions_ = std::make_unique<const webd::SessionService>(
        webd::SessionService{.authenticator = on.authenticator,
                             .sessions = directory.web_sessions(),
                             .passkeys = directory.passkeys(),
                             .timers = on.timers,
                             .base_url = base_url,
                             .on_sign_in = [admin = &on.admin](directory::Identity identity, std::string client) {
                                 return admin->note_sign_in(std::move(identity), std::move(client));
                             }});
    webd::add_session_routes(web_routes_, *sessions_);
    own_accounts_ =
        std::make_unique<const webd::AccountService>(webd::AccountService{.signing_in = *sessions_,
                                                                          .app_passwords = directory.app_passwords(),
                                                                          .second_factors = directory.second_factors(),
                                                                          .credentials = directory.credentials(),
                                                                          .directory = directory.administration(),
                                                                          .store = on.backend.store()});
    webd::add_account_routes(web_routes_, *own_accounts_);
    api_ = std::make_unique<const apid::ApiService>(
        apid::ApiService{.admin = on.admin,
                         .authenticator = on.authenticator,
                         .sessions = directory.web_sessions(),
                         .timers = on.timers,
                         .roles = directory.roles(),
                         .administration_from = on.config.web.administration_from,
                         .base_url = base_url});
    apid::add_api_routes(web_routes_, *api_);
    outward_ = std::make_unique<webd::OutwardService>(webd::OutwardService{
        .sessions = directory.web_sessions(),
        .store = on.backend.store(),
        .workers = on.parsing,
        .memory = on.message_memory,
        .log = on.log,
        .web =
            net::WebClient({.network = on.network, .resolver = on.resolver, .timers = on.timers, .tls = on.client_tls}),
        .parse_email_id = jmapd::parse_email_id,
        .base_url = std::move(base_url),
        .pictures = on.config.web.pictures});
    webd::add_outward_routes(web_routes_, *outward_);
}

} // namespace tegami::app
