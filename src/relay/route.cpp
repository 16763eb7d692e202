#include "relay/route.h"

#include "base/ascii.h"
#include "protocol/dns/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tegami::relay {

namespace {

NoRoute temporary(std::string text, std::vector<std::string> answers) {
    return {.permanent = false, .status = "4.4.3", .text = std::move(text), .answers = std::move(answers)};
}

NoRoute permanent(std::string status, std::string text, std::vector<std::string> answers) {
    return {.permanent = true, .status = std::move(status), .text = std::move(text), .answers = std::move(answers)};
}

struct Addresses {
    std::vector<IpAddress> found;
    bool temporary = false;
};

async::Awaitable<Addresses> look_up(net::Resolver* resolver, dns::Name host, std::vector<std::string>* answers) {
    Addresses addresses;
    for (const dns::Type type : {dns::Type::aaaa, dns::Type::a}) {
        const net::DnsAnswer answer = co_await resolver->query(host, type);
        answers->push_back(answer.text);
        if (net::is_temporary(answer.status)) addresses.temporary = true;
        for (const dns::Record& record : answer.records)
            if (const auto* data = std::get_if<dns::AddressData>(&record.data))
                addresses.found.push_back(data->address);
    }
    co_return addresses;
}

/// Leaves out ourselves and everything that is not preferred to us (RFC 5321 §5.1).
bool drop_from_ourselves_on(std::vector<dns::MxData>& exchangers, const dns::Name& own) {
    const auto self = std::ranges::find(exchangers, own, &dns::MxData::exchange);
    if (self == exchangers.end()) return false;
    const std::uint16_t preference = self->preference;
    std::erase_if(exchangers, [preference](const dns::MxData& mx) { return mx.preference >= preference; });
    return true;
}

async::Awaitable<Result<Route, NoRoute>> route_to_hosts(net::Resolver* resolver, std::vector<dns::Name> hosts,
                                                        RouteQuestion question, std::vector<std::string> answers) {
    Route route{.targets = {}, .answers = std::move(answers)};
    bool any_temporary = false;
    for (const dns::Name& host : hosts) {
        const Addresses addresses = co_await look_up(resolver, host, &route.answers);
        any_temporary = any_temporary || addresses.temporary;
        for (const IpAddress& address : addresses.found)
            if (route.targets.size() < kTargetsMax)
                route.targets.push_back({.host = host.to_string(), .endpoint = {address, question.port}});
    }
    if (!route.targets.empty()) co_return route;
    if (any_temporary)
        co_return failure(temporary(
            fmt::format("the addresses of the mail servers of {} cannot be looked up now", question.domain.display()),
            std::move(route.answers)));
    co_return failure(permanent("5.4.4",
                                fmt::format("the mail servers of {} have no address", question.domain.display()),
                                std::move(route.answers)));
}

} // namespace

async::Awaitable<Result<Route, NoRoute>> find_route(net::Resolver* resolver, RandomSource* random,
                                                    RouteQuestion question) {
    const std::string shown = question.domain.display();
    if (question.domain.is_address_literal()) {
        const auto address = IpAddress::parse(question.domain.literal_address());
        if (!address)
            co_return failure(permanent("5.1.2", fmt::format("{} is not an address of this network", shown), {}));
        Route direct{.targets = {{question.domain.ascii(), {*address, question.port}}}, .answers = {}};
        co_return direct;
    }
    const auto name = dns::Name::parse(question.domain.ascii());
    if (!name) co_return failure(permanent("5.1.2", fmt::format("{} is not a domain name", shown), {}));

    const net::DnsAnswer answer = co_await resolver->query(*name, dns::Type::mx);
    std::vector<std::string> answers{answer.text};
    if (answer.status == net::DnsStatus::name_does_not_exist)
        co_return failure(permanent("5.1.2", fmt::format("the domain {} does not exist", shown), std::move(answers)));
    if (net::is_temporary(answer.status))
        co_return failure(temporary(
            fmt::format("the mail servers of {} cannot be looked up now: {}", shown, net::describe(answer.status)),
            std::move(answers)));
    if (answer.status == net::DnsStatus::no_data) {
        std::vector<dns::Name> implicit{*name};
        co_return co_await route_to_hosts(resolver, std::move(implicit), std::move(question), std::move(answers));
    }
    if (dns::is_null_mx(answer.records)) // RFC 7505 §3
        co_return failure(
            permanent("5.1.10", fmt::format("the domain {} does not receive mail", shown), std::move(answers)));

    std::vector<dns::MxData> exchangers = dns::in_order_of_preference(answer.records, *random);
    const auto own = dns::Name::parse(question.own_host_name);
    const bool ours = own && drop_from_ourselves_on(exchangers, *own);
    if (exchangers.empty())
        co_return failure(permanent("5.4.6",
                                    ours ? fmt::format("the DNS says that this server receives mail for {}, but it is "
                                                       "not set up for it",
                                                       shown)
                                         : fmt::format("the mail servers of {} make no sense", shown),
                                    std::move(answers)));
    if (exchangers.size() > kExchangersMax) exchangers.resize(kExchangersMax);
    std::vector<dns::Name> hosts;
    for (const dns::MxData& mx : exchangers)
        hosts.push_back(mx.exchange);
    co_return co_await route_to_hosts(resolver, std::move(hosts), std::move(question), std::move(answers));
}

} // namespace tegami::relay
