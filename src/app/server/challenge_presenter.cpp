#include "app/server/challenge_presenter.h"

#include "acme/certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tegami::app {

namespace {

/// RFC 8737 §6.2.
constexpr const char* kChallengeApplication = "acme-tls/1";
/// How often and how far apart a record is looked for. Then the authority looks all the same: it asks other servers.
constexpr int kLooks = 12;
constexpr Duration kLookPause = std::chrono::seconds(5);

using Contexts = std::vector<std::shared_ptr<const net::TlsServerContext>>;

/// Blocks: each has a new key.
Result<Contexts, std::string> tls_challenges(const std::vector<acme::Proof>& proofs) {
    Contexts contexts;
    for (const acme::Proof& proof : proofs) {
        TRY(auto made, net::TlsServerContext::from_pem(acme::challenge_certificate(proof.name, proof.authorization),
                                                       {kChallengeApplication}));
        contexts.push_back(std::move(made));
    }
    return contexts;
}

} // namespace

async::Awaitable<Result<void, std::string>> ChallengePresenter::present(std::vector<acme::Proof> proofs) {
    if (kind_ == acme::ChallengeKind::dns) co_return co_await publish(std::move(proofs));
    if (kind_ == acme::ChallengeKind::http) {
        httpd::ChallengeBoard::Proofs shown;
        for (acme::Proof& proof : proofs)
            shown[std::move(proof.token)] = std::move(proof.authorization);
        dependencies_.board.show(std::move(shown));
        co_return Result<void, std::string>();
    }
    const auto make = [&proofs] { return tls_challenges(proofs); };
    CO_TRY(auto contexts, co_await async::run(&dependencies_.workers, make));
    dependencies_.show_under_tls(std::move(contexts));
    co_return Result<void, std::string>();
}

async::Awaitable<> ChallengePresenter::withdraw() {
    dependencies_.board.show({});
    dependencies_.show_under_tls({});
    const std::vector<std::string> names = std::exchange(published_, {});
    for (const std::string& name : names) {
        // One that stays there proves nothing to anybody.
        [[maybe_unused]] const auto done = co_await set_record(name, {});
    }
}

async::Awaitable<Result<void, std::string>> ChallengePresenter::publish(std::vector<acme::Proof> proofs) {
    // A name and its wildcard are proven at the same place.
    std::map<std::string, std::vector<dns::Data>> sets;
    for (const acme::Proof& proof : proofs)
        sets["_acme-challenge." + proof.name].push_back(
            dns::TxtData{.strings = {acme::challenge_record(proof.authorization)}});
    for (const auto& [name, set] : sets) {
        published_.push_back(name);
        CO_TRY_VOID(co_await set_record(name, set));
    }
    for (const auto& [name, set] : sets)
        for (int looks = 0; looks < kLooks; ++looks) {
            const bool seen = co_await is_seen(name, set);
            if (seen) break;
            co_await async::sleep(&dependencies_.timers, kLookPause);
        }
    co_return Result<void, std::string>();
}

async::Awaitable<Result<void, std::string>> ChallengePresenter::set_record(std::string name,
                                                                           std::vector<dns::Data> set) {
    auto at = dns::Name::parse(name);
    if (!at || dependencies_.publisher == nullptr)
        co_return failure(fmt::format("a record at {} cannot be published", name));
    CO_TRY(const signing::Published published,
           co_await dependencies_.publisher->publish(*std::move(at), dns::Type::txt, std::move(set)));
    if (published == signing::Published::elsewhere)
        co_return failure(fmt::format(
            "the name server of [dns_update] has no zone that holds {}: it cannot be proven by dns-01", name));
    co_return Result<void, std::string>();
}

async::Awaitable<bool> ChallengePresenter::is_seen(std::string name, std::vector<dns::Data> set) {
    const auto resolver = dependencies_.new_resolver();
    auto at = dns::Name::parse(name);
    if (!resolver || !at) co_return false;
    const net::DnsAnswer answer = co_await (*resolver)->query(*std::move(at), dns::Type::txt);
    co_return std::ranges::all_of(set, [&](const dns::Data& data) {
        return std::ranges::find(answer.records, data, &dns::Record::data) != answer.records.end();
    });
}

} // namespace tegami::app
