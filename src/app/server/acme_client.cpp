#include "app/server/acme_client.h"

#include "acme/renewal.h"
#include "acme/url.h"
#include "app/server/host_addresses.h"
#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"
#include "disk/files.h"
#include "net/https_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tegami::app {

namespace {

/// Limit: one request and its answer.
constexpr Duration kExchangeTime = std::chrono::seconds(60);
/// Limit: all of a conversation.
constexpr Duration kConversationTime = std::chrono::minutes(30);
constexpr std::size_t kAccountFileBytesMax = 64 * 1024;
/// How often the authority is asked when it would renew; it may say so itself, within a day (RFC 9773 §4.3).
constexpr Duration kAskAgain = std::chrono::hours(6);
constexpr Duration kAskAgainMin = std::chrono::minutes(10);
constexpr Duration kAskAgainMax = std::chrono::hours(24);

/// DATA/tls/acme-account-key.pem, made when it is needed first. Blocks.
Result<acme::AccountKey, std::string> account_key(const Config& config) {
    const std::string path = config.data_directory + "/tls/acme-account-key.pem";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        const auto written = disk::create_file(path, acme::AccountKey::create(), 0600);
        if (!written) return failure(fmt::format("{} cannot be written: {}", path, written.error()));
    }
    const auto text = disk::read_secret_file(path, kAccountFileBytesMax);
    auto key = text ? acme::AccountKey::parse(*text) : Result<acme::AccountKey, std::string>(failure(text.error()));
    if (!key) return failure(fmt::format("the account key {} cannot be used: {}", path, key.error()));
    return key;
}

/// Blocks.
Result<acme::ExternalAccount, std::string> external_account(const AcmeConfig& config) {
    if (config.external_account.empty()) return acme::ExternalAccount{};
    const std::string& path = config.external_account_file;
    const auto text = disk::read_secret_file(path, kAccountFileBytesMax);
    if (!text) return failure(fmt::format("{} (acme.external_account_file) cannot be used: {}", path, text.error()));
    auto secret = base64::decode_url(ascii::trim(*text));
    if (!secret)
        return failure(
            fmt::format("{} (acme.external_account_file) must hold nothing but the secret in base64url", path));
    return acme::ExternalAccount{.id = config.external_account, .secret = *std::move(secret)};
}

struct Account {
    acme::AccountKey key;
    acme::ExternalAccount external;
};

Result<Account, std::string> read_account(const Config& config) {
    TRY(acme::AccountKey key, account_key(config));
    TRY(acme::ExternalAccount external, external_account(config.acme));
    return Account{.key = std::move(key), .external = std::move(external)};
}

std::string field(const net::HttpResponse& response, std::string_view name) {
    return std::string(response.fields.find(name).value_or(""));
}

} // namespace

AcmeClient::AcmeClient(const Config& config, std::shared_ptr<const net::TlsClientContext> tls,
                       Dependencies dependencies)
    : config_(config), tls_(std::move(tls)), dependencies_(dependencies), timers_(dependencies.challenges.timers),
      workers_(dependencies.challenges.workers), presenter_(config.acme.challenge, std::move(dependencies.challenges)) {
}

Result<std::unique_ptr<AcmeClient>, std::string> AcmeClient::create(const Config& config, Dependencies dependencies) {
    TRY(auto tls, net::TlsClientContext::create(
                      {.verification = net::TlsVerification::required, .ca_path = config.acme.authorities}));
    return std::unique_ptr<AcmeClient>(new AcmeClient(config, std::move(tls), std::move(dependencies)));
}

async::Awaitable<Result<std::string, CertificateRefusal>> AcmeClient::obtain(CertificateOrder order) {
    const auto read = [this] { return read_account(config_); };
    const Result<Account, std::string> account = co_await async::run(&workers_, read);
    if (!account) co_return failure(CertificateRefusal{.reason = account.error(), .not_before = {}});
    acme::Issuance issuance({.directory_url = config_.acme.directory,
                             .contact = config_.acme.contact,
                             .external = account->external,
                             .challenge = config_.acme.challenge,
                             .names = std::move(order.names),
                             .key = std::move(order.key),
                             .replaces = std::move(order.replaces)},
                            account->key);
    auto outcome = co_await converse(&issuance);
    co_await presenter_.withdraw();
    co_return outcome;
}

async::Awaitable<Result<std::string, CertificateRefusal>> AcmeClient::converse(acme::Issuance* issuance) {
    const Instant deadline = timers_.instant() + kConversationTime;
    acme::Step step = issuance->begin();
    while (timers_.instant() < deadline) {
        if (auto* const issued = std::get_if<acme::Issued>(&step)) co_return std::move(issued->chain);
        if (auto* const failed = std::get_if<acme::Failed>(&step))
            co_return failure(
                CertificateRefusal{.reason = std::move(failed->reason), .not_before = failed->not_before});
        if (auto* const ask = std::get_if<acme::Ask>(&step)) {
            acme::Step next = co_await perform(issuance, std::move(*ask));
            step = std::move(next);
        } else if (auto* const present = std::get_if<acme::Present>(&step)) {
            acme::Step next = co_await perform(issuance, std::move(*present));
            step = std::move(next);
        } else {
            acme::Step next = co_await perform(issuance, std::get<acme::Pause>(step));
            step = std::move(next);
        }
    }
    co_return failure(CertificateRefusal{.reason = "the authority takes too long", .not_before = {}});
}

/// Answers are read, and requests signed, where that holds up nobody.
async::Awaitable<acme::Step> AcmeClient::perform(acme::Issuance* issuance, acme::Ask ask) {
    const acme::Answer answer = co_await exchange(std::move(ask));
    const auto take = [issuance, &answer, now = timers_.now()] { return issuance->answered(answer, now); };
    co_return co_await async::run(&workers_, take);
}

async::Awaitable<acme::Step> AcmeClient::perform(acme::Issuance* issuance, acme::Present present) {
    const auto presented = co_await presenter_.present(std::move(present.proofs));
    if (!presented) co_return acme::Failed{.reason = presented.error(), .not_before = {}};
    co_return co_await go_on(issuance);
}

async::Awaitable<acme::Step> AcmeClient::perform(acme::Issuance* issuance, acme::Pause pause) {
    co_await async::sleep(&timers_, pause.time);
    co_return co_await go_on(issuance);
}

async::Awaitable<acme::Step> AcmeClient::go_on(acme::Issuance* issuance) {
    const auto ready = [issuance] { return issuance->ready(); };
    co_return co_await async::run(&workers_, ready);
}

async::Awaitable<acme::Answer> AcmeClient::exchange(acme::Ask ask) {
    const auto url = acme::parse_url(ask.url);
    ASSERT(url.has_value());
    std::vector<net::Endpoint> endpoints = co_await endpoints_of(url->host, url->port);
    if (endpoints.empty()) co_return acme::Answer{.problem = fmt::format("{} has no address in the DNS", url->host)};
    net::HttpsQuestion question{.host = url->host,
                                .target = url->target,
                                .endpoints = std::move(endpoints),
                                .body_bytes_max = acme::kAnswerBytesMax,
                                .deadline = timers_.instant() + kExchangeTime,
                                .body = std::move(ask.body),
                                .body_type = {},
                                .authority = url->authority,
                                // RFC 8555 §6.1 and §6.8.
                                .fields = {{"User-Agent", "Tegami"}, {"Accept-Language", "en"}}};
    if (!question.body.empty()) question.body_type = "application/jose+json";
    auto asked = question.body.empty() ? net::https_get(&dependencies_.network, tls_, std::move(question))
                                       : net::https_post(&dependencies_.network, tls_, std::move(question));
    auto response = co_await std::move(asked);
    if (!response) co_return acme::Answer{.problem = fmt::format("{} {}", url->authority, response.error().text)};
    co_return acme::Answer{.status = response->status,
                           .problem = {},
                           .nonce = field(*response, "Replay-Nonce"),
                           .location = field(*response, "Location"),
                           .retry_after = field(*response, "Retry-After"),
                           .body = std::move(response->body)};
}

async::Awaitable<std::vector<net::Endpoint>> AcmeClient::endpoints_of(std::string host, std::uint16_t port) {
    if (const auto address = IpAddress::parse(host)) co_return std::vector<net::Endpoint>{{*address, port}};
    const std::vector<IpAddress> addresses = co_await addresses_of(&dependencies_.resolver, std::move(host));
    std::vector<net::Endpoint> endpoints;
    for (const IpAddress& address : addresses)
        endpoints.push_back({address, port});
    co_return endpoints;
}

async::Awaitable<RenewalAnswer> AcmeClient::when_to_renew(std::string certificate_id) {
    const acme::Answer offered = co_await exchange({.url = config_.acme.directory, .body = {}});
    const auto directory = acme::parse_directory(offered.body);
    if (!directory) co_return RenewalAnswer{.advice = {}, .ask_again = kAskAgain};
    if (directory->renewal_info.empty()) co_return RenewalAnswer{.advice = {}, .ask_again = kAskAgainMax};
    const std::string url = fmt::format("{}/{}", directory->renewal_info, certificate_id);
    if (!acme::parse_url(url)) co_return RenewalAnswer{.advice = {}, .ask_again = kAskAgainMax};
    const acme::Answer answer = co_await exchange({.url = url, .body = {}});
    const auto window = acme::parse_renewal_info(answer.body);
    const Duration wished = acme::parse_retry_after(answer.retry_after, timers_.now()).value_or(kAskAgain);
    RenewalAnswer found{.advice = {}, .ask_again = std::clamp(wished, kAskAgainMin, kAskAgainMax)};
    if (window)
        found.advice = RenewalAdvice{.moment = acme::moment_in(*window, dependencies_.random), .end = window->end};
    co_return found;
}

} // namespace tegami::app
