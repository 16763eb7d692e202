#include "relay/route.h"

#include "base/ascii.h"
#include "protocol/dns/record.h"
#include "verification/inquiry.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace tegami::relay {

namespace {

NoRoute temporary(std::string text) {
    return {.permanent = false, .status = "4.4.3", .text = std::move(text)};
}

NoRoute permanent(std::string status, std::string text) {
    return {.permanent = true, .status = std::move(status), .text = std::move(text)};
}

Duration kept(std::uint32_t ttl_seconds) {
    return std::min<Duration>(std::chrono::seconds(ttl_seconds), kAnswerTimeMax);
}

/// Leaves out ourselves and everything that is not preferred to us (RFC 5321 §5.1).
bool drop_from_ourselves_on(std::vector<dns::MxData>& exchangers, const dns::Name& own) {
    const auto self = std::ranges::find(exchangers, own, &dns::MxData::exchange);
    if (self == exchangers.end()) return false;
    const std::uint16_t preference = self->preference;
    std::erase_if(exchangers, [preference](const dns::MxData& mx) { return mx.preference >= preference; });
    return true;
}

KnownRoute::Exchanger exchanger(const dns::Name& name, std::uint16_t preference) {
    return {.host = name.to_string(), .name = name, .preference = preference, .addresses = {}};
}

} // namespace

Route::Route(net::Resolver& resolver, RandomSource& random, async::Timers& timers, RouteQuestion question,
             std::shared_ptr<KnownRoute> known)
    : resolver_(resolver), random_(random), timers_(timers), question_(std::move(question)), known_(std::move(known)) {
    if (known_ && known_->until <= timers_.instant()) known_.reset();
}

async::Awaitable<Result<std::optional<Target>, NoRoute>> Route::next() {
    if (!known_) {
        CO_TRY_VOID(co_await find_exchangers());
    }
    if (order_.empty()) choose_order();
    while (at_ < order_.size() && named_ < kTargetsMax) {
        const std::shared_ptr<KnownRoute> known = known_;
        KnownRoute::Exchanger& exchanger = known->exchangers[order_[at_]];
        if (!looked_up_) {
            if (exchanger.until <= timers_.instant()) co_await find_addresses(known, &exchanger);
            addresses_.assign(exchanger.addresses.rbegin(), exchanger.addresses.rend());
            if (exchanger.dane.outcome == tls_policy::DaneOutcome::lookup_failed && addresses_.size() > 1)
                addresses_.erase(addresses_.begin(), addresses_.end() - 1);
            looked_up_ = true;
        }
        if (!addresses_.empty()) {
            Target target{.host = exchanger.host,
                          .endpoint = {addresses_.back(), question_.port},
                          .facts = {.dane = exchanger.dane, .mx_secure = known->secure},
                          .smarthost = question_.smarthost};
            addresses_.pop_back();
            ++named_;
            co_return target;
        }
        ++at_;
        looked_up_ = false;
    }
    if (named_ > 0) co_return std::optional<Target>();
    const std::string shown = question_.domain.display();
    if (any_temporary_)
        co_return failure(
            temporary(fmt::format("the addresses of the mail servers of {} cannot be looked up now", shown)));
    co_return failure(permanent("5.4.4", fmt::format("the mail servers of {} have no address", shown)));
}

/// By preference; drawn anew each time among equals, so that they share the load.
void Route::choose_order() {
    std::vector<std::pair<std::uint16_t, std::uint64_t>> keys;
    for (const KnownRoute::Exchanger& each : known_->exchangers)
        keys.emplace_back(each.preference, random_.number());
    order_.resize(keys.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::sort(order_, {}, [&](std::size_t index) { return keys[index]; });
}

async::Awaitable<Result<void, NoRoute>> Route::find_exchangers() {
    const std::string shown = question_.domain.display();
    const auto known = std::make_shared<KnownRoute>();
    if (question_.domain.is_address_literal()) {
        const auto address = IpAddress::parse(question_.domain.literal_address());
        if (!address) co_return failure(permanent("5.1.2", fmt::format("{} is not an address of this network", shown)));
        known->exchangers.push_back({.host = question_.domain.ascii(),
                                     .addresses = {*address},
                                     .until = Instant::max(),
                                     .dane_until = Instant::max()});
        known->until = Instant::max();
        known_ = known;
        co_return Result<void, NoRoute>{};
    }
    const auto name = dns::Name::parse(question_.domain.ascii());
    if (!name) co_return failure(permanent("5.1.2", fmt::format("{} is not a domain name", shown)));
    if (question_.smarthost != nullptr) {
        known->exchangers.push_back(exchanger(*name, 0));
        known->until = timers_.instant() + kAnswerTimeMax;
        known_ = known;
        co_return Result<void, NoRoute>{};
    }

    const net::DnsAnswer answer = co_await resolver_.query(*name, dns::Type::mx);
    answers_.push_back(answer.text);
    known->until = timers_.instant() + kept(answer.ttl_seconds);
    known->secure = answer.secure;
    if (!answer.aliases.empty()) known->expanded = answer.aliases.back();
    if (answer.status == net::DnsStatus::name_does_not_exist)
        co_return failure(permanent("5.1.2", fmt::format("the domain {} does not exist", shown)));
    if (net::is_temporary(answer.status))
        co_return failure(temporary(
            fmt::format("the mail servers of {} cannot be looked up now: {}", shown, net::describe(answer.status))));
    if (answer.status == net::DnsStatus::no_data) {
        known->exchangers.push_back(exchanger(*name, 0));
        known_ = known;
        co_return Result<void, NoRoute>{};
    }
    if (dns::is_null_mx(answer.records)) // RFC 7505 §3
        co_return failure(permanent("5.1.10", fmt::format("the domain {} does not receive mail", shown)));

    std::vector<dns::MxData> exchangers = dns::in_order_of_preference(answer.records, random_);
    const auto own = dns::Name::parse(question_.own_host_name);
    const bool ours = own && drop_from_ourselves_on(exchangers, *own);
    if (exchangers.empty())
        co_return failure(
            permanent("5.4.6", ours ? fmt::format("the DNS says that this server receives mail for {}, but it is "
                                                  "not set up for it",
                                                  shown)
                                    : fmt::format("the mail servers of {} make no sense", shown)));
    if (exchangers.size() > kExchangersMax) exchangers.resize(kExchangersMax);
    known->by_mx = true;
    for (const dns::MxData& mx : exchangers)
        known->exchangers.push_back(exchanger(mx.exchange, mx.preference));
    known_ = known;
    co_return Result<void, NoRoute>{};
}

/// Asks for both kinds of addresses at once, and then for what TLSA records say of the server.
async::Awaitable<> Route::find_addresses(std::shared_ptr<KnownRoute> route, KnownRoute::Exchanger* exchanger) {
    using namespace boost::asio::experimental::awaitable_operators;
    const dns::Name name = *exchanger->name;
    auto both = resolver_.query(name, dns::Type::aaaa) && resolver_.query(name, dns::Type::a);
    const auto [six, four] = co_await std::move(both);
    exchanger->addresses.clear();
    Duration time = kAnswerTimeMax;
    bool all_known = true;
    for (const net::DnsAnswer* answer : {&six, &four}) {
        answers_.push_back(answer->text);
        if (net::is_temporary(answer->status)) any_temporary_ = true;
        all_known = all_known && !net::is_temporary(answer->status);
        if (!answer->records.empty()) time = std::min(time, kept(answer->ttl_seconds));
        for (const dns::Record& record : answer->records)
            if (const auto* data = std::get_if<dns::AddressData>(&record.data))
                if (exchanger->addresses.size() < kTargetsMax) exchanger->addresses.push_back(data->address);
    }
    trust::DnsAnswers answers;
    answers.add({.name = name, .type = dns::Type::aaaa}, verification::to_answer(six));
    answers.add({.name = name, .type = dns::Type::a}, verification::to_answer(four));
    tls_policy::DaneHost host{.host = name,
                              .port = question_.port,
                              .domain = route->by_mx ? *dns::Name::parse(question_.domain.ascii()) : name,
                              .expanded = route->expanded,
                              .by_mx = route->by_mx,
                              .route_secure = route->secure};
    tls_policy::Dane dane;
    if (question_.smarthost == nullptr) dane = co_await find_dane(std::move(host), std::move(answers));
    const bool dane_known = dane.outcome != tls_policy::DaneOutcome::lookup_failed;
    if (!dane_known) any_temporary_ = true;
    time = std::min(time, kept(dane.ttl_seconds));
    exchanger->dane = std::move(dane);
    exchanger->dane_until = dane_known ? timers_.instant() + time : Instant::min();
    // That there are none, or only half of them, is not remembered here.
    exchanger->until = all_known && !exchanger->addresses.empty() ? exchanger->dane_until : Instant::min();
}

async::Awaitable<tls_policy::Dane> Route::find_dane(tls_policy::DaneHost host, trust::DnsAnswers answers) {
    for (;;) {
        trust::Evaluation<tls_policy::Dane> dane = tls_policy::evaluate_dane(host, answers);
        if (dane) co_return *std::move(dane);
        const trust::OpenQuestions open = std::move(dane.error());
        for (const trust::Question& question : open) {
            net::DnsAnswer answer = co_await resolver_.query(question.name, question.type);
            answers_.push_back(answer.text);
            answers.add(question, verification::to_answer(std::move(answer)));
        }
    }
}

std::optional<ServerFacts> KnownRoute::facts_of(const std::string& host, Instant now) const {
    const auto found = std::ranges::find(exchangers, host, &Exchanger::host);
    if (found == exchangers.end() || until <= now || found->dane_until <= now) return std::nullopt;
    return ServerFacts{.dane = found->dane, .mx_secure = secure};
}

} // namespace tegami::relay
