#include "app/command_line/machine_look.h"

#include "app/server/resolver_settings.h"
#include "async/run.h"
#include "base/ascii.h"
#include "disk/files.h"
#include "dns_setup/facts.h"
#include "extraction/limits.h"
#include "health/deliverability.h"
#include "net/local_addresses.h"
#include "net/real_network.h"
#include "trust/iprev.h"
#include "verification/inquiry.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include <sys/timex.h>
#include <unistd.h>

namespace tegami::app {

namespace {

/// Limit: for one question to the DNS, and for one server to connect and to greet.
constexpr auto kLookPatience = std::chrono::seconds(5);
/// Limit: servers of the probed domain that are tried.
constexpr std::size_t kProbesMax = 3;

/// What asking needs; its resolver is the configuration's.
struct Asker {
    explicit Asker(const ResolverConfig& config) {
        net::ResolverSettings settings = resolver_settings(config);
        settings.timeout = kLookPatience;
        auto made = net::UnboundResolver::create(settings, &timers, context.get_executor());
        if (made)
            resolver = *std::move(made);
        else
            problem = made.error();
    }

    boost::asio::io_context context{1};
    async::RealTimers timers;
    net::RealNetwork network{&timers};
    std::unique_ptr<net::Resolver> resolver; ///< null: see `problem`
    std::string problem;
};

net::DnsAnswer ask_dns(Asker& asker, const dns::Name& name, dns::Type type) {
    return async::run_on(asker.context, asker.resolver->query(name, type));
}

void look_at_ports(Asker& asker, const Config& config, const std::set<std::uint16_t>& ours, health::Machine& machine) {
    for (const Listener& listener : config.listeners) {
        const std::string service(name_of(listener.service));
        const auto known = std::ranges::find_if(machine.ports, [&](const health::Port& port) {
            return port.service == service && port.number == listener.endpoint.port;
        });
        health::Port& port =
            known != machine.ports.end()
                ? *known
                : machine.ports.emplace_back(health::Port{.service = service, .number = listener.endpoint.port});
        port.ours = ours.contains(port.number);
        if (port.ours || !port.problem.empty()) continue;
        const auto listening = asker.network.listen(listener.endpoint, asker.context.get_executor());
        if (!listening) port.problem = listening.error();
    }
}

health::PublicAddress look_at_address(Asker& asker, const IpAddress& address) {
    health::PublicAddress found{.address = address};
    verification::Inquiry inquiry(*asker.resolver, asker.timers);
    const trust::Evaluator<trust::Iprev> evaluate = [&address](const trust::DnsAnswers& answers) {
        return trust::check_iprev(address, answers);
    };
    const trust::Iprev iprev = async::run_on(asker.context, inquiry.settle(evaluate));
    found.answered = iprev.outcome != trust::IprevOutcome::temperror;
    if (iprev.outcome == trust::IprevOutcome::pass) found.names.push_back(iprev.name->to_string());
    found.has_other_names = iprev.outcome == trust::IprevOutcome::fail;
    return found;
}

/// Whether a mail server greets there.
async::Awaitable<bool> greets(net::Network* network, async::Timers* timers, net::Endpoint endpoint) {
    net::ConnectOptions options;
    options.deadline = timers->instant() + kLookPatience;
    auto stream = co_await network->connect(endpoint, options);
    if (!stream) co_return false;
    (*stream)->set_deadline(timers->instant() + kLookPatience);
    std::string octets(256, '\0');
    const auto got = co_await (*stream)->read_some(octets.data(), octets.size());
    (*stream)->close();
    // Also one that wants nothing of us has let us out.
    co_return got && *got >= 3 && ascii::is_digit(octets[0]) && ascii::is_digit(octets[1]) &&
        ascii::is_digit(octets[2]);
}

/// Whether servers of the probed domain greet at addresses of this type, and the words for that.
std::pair<health::WayOut, std::string> look_for_way_out(Asker& asker, const Config& config, const net::DnsAnswer& mx,
                                                        dns::Type type) {
    std::vector<dns::MxData> exchangers;
    for (const dns::Record& record : mx.records)
        if (const auto* const data = std::get_if<dns::MxData>(&record.data)) exchangers.push_back(*data);
    std::ranges::sort(exchangers, {}, &dns::MxData::preference);
    std::size_t tried = 0;
    std::string words;
    for (const dns::MxData& exchanger : exchangers) {
        for (const dns::Record& record : ask_dns(asker, exchanger.exchange, type).records) {
            const auto* const data = std::get_if<dns::AddressData>(&record.data);
            if (!data || tried == kProbesMax) break;
            ++tried;
            const net::Endpoint endpoint{.address = data->address, .port = config.relay.port};
            words = fmt::format("{} at {}", exchanger.exchange.to_string(), endpoint.to_string());
            if (async::run_on(asker.context, greets(&asker.network, &asker.timers, endpoint)))
                return {health::WayOut::open, words + " answers"};
        }
    }
    if (tried == 0) return {health::WayOut::not_tried, "no mail server was found to try it with"};
    return {health::WayOut::closed, words + " does not answer"};
}

void look_at_names(Asker& asker, const Config& config, const LookOptions& options, health::Machine& machine) {
    machine.resolver_validates = !config.resolver.trust_anchor.empty();
    machine.resolver_problem = asker.problem;
    if (!asker.resolver) return;
    for (const IpAddress& address : public_addresses(options))
        machine.addresses.push_back(look_at_address(asker, address));
    const auto probe = dns::Name::parse(options.probe);
    if (!probe) return;
    const net::DnsAnswer mx = ask_dns(asker, *probe, dns::Type::mx);
    if (net::is_temporary(mx.status)) machine.resolver_problem = net::describe(mx.status);
    if (machine.resolver_validates) machine.resolver_proves = ask_dns(asker, dns::Name(), dns::Type::ns).secure;
    if (!machine.smarthost.empty()) return;
    std::tie(machine.way_out, machine.way_out_words) = look_for_way_out(asker, config, mx, dns::Type::a);
    const auto is_v6 = [](const health::PublicAddress& each) { return each.address.is_v6(); };
    if (std::ranges::any_of(machine.addresses, is_v6))
        std::tie(machine.way_out_v6, machine.way_out_v6_words) = look_for_way_out(asker, config, mx, dns::Type::aaaa);
}

health::ClockState clock_state() {
    timex state{};
    const int status = ::adjtimex(&state);
    if (status < 0) return health::ClockState::unknown;
    const bool is_free = status == TIME_ERROR || (state.status & STA_UNSYNC) != 0;
    return is_free ? health::ClockState::free : health::ClockState::synchronized;
}

} // namespace

std::uint64_t machine_memory_bytes() {
    constexpr std::size_t kFileBytesMax = 1 << 16;
    std::uint64_t bytes = 0;
    const auto all = disk::read_file("/proc/meminfo", kFileBytesMax);
    if (all && all->starts_with("MemTotal:")) {
        std::string_view rest = ascii::trim(std::string_view(*all).substr(std::string_view("MemTotal:").size()));
        bytes = ascii::parse_number<std::uint64_t>(rest.substr(0, rest.find(' '))).value_or(0) * 1024;
    }
    const auto limit = disk::read_file("/sys/fs/cgroup/memory.max", kFileBytesMax);
    const auto most = limit ? ascii::parse_number<std::uint64_t>(ascii::trim(*limit)) : std::nullopt;
    return most && (bytes == 0 || *most < bytes) ? *most : bytes;
}

std::vector<std::string> every_address() {
    std::vector<std::string> addresses{"0.0.0.0"};
    boost::asio::io_context context(1);
    async::RealTimers timers;
    net::RealNetwork network(&timers);
    if (network.listen({.address = IpAddress::parse("::").value(), .port = 0}, context.get_executor()))
        addresses.emplace_back("::");
    return addresses;
}

std::vector<IpAddress> public_addresses(const LookOptions& options) {
    if (!options.addresses.empty()) return options.addresses;
    std::vector<IpAddress> addresses = net::local_addresses();
    std::erase_if(addresses, [](const IpAddress& address) { return !dns_setup::is_public(address); });
    return addresses;
}

health::Machine look_at_machine(const Config& config, const LookOptions& options) {
    health::Machine machine{.host_name = config.host_name,
                            .smarthost = config.smarthost.domains.empty() ? config.smarthost.host : "",
                            .clock = clock_state(),
                            .memory_bytes = machine_memory_bytes(),
                            .memory_budget = config.memory_budget_bytes,
                            .reads_pdf = ::access(extraction::kPdfReader, X_OK) == 0};
    Asker asker(config.resolver);
    look_at_ports(asker, config, options.ours, machine);
    look_at_names(asker, config, options, machine);
    return machine;
}

bool proves_answers(const ResolverConfig& config) {
    Asker asker(config);
    return asker.resolver && ask_dns(asker, dns::Name(), dns::Type::ns).secure;
}

std::vector<health::Finding> ask_sender_lists(const Config& config, const std::vector<IpAddress>& addresses) {
    std::vector<health::Finding> findings;
    Asker asker(config.resolver);
    if (!asker.resolver) return findings;
    for (const IpAddress& address : addresses) {
        // RFC 5782 §2.1: the name of its PTR record, below the list instead of in-addr.arpa.
        const std::string reversed = trust::reverse_name(address).to_string();
        const std::string octets = reversed.substr(0, reversed.rfind('.', reversed.rfind('.') - 1));
        for (const health::SenderList& list : health::sender_lists()) {
            const auto name = dns::Name::parse(fmt::format("{}.{}", octets, list.zone));
            if (!name) continue;
            std::vector<IpAddress> answers;
            for (const dns::Record& record : ask_dns(asker, *name, dns::Type::a).records)
                if (const auto* const data = std::get_if<dns::AddressData>(&record.data))
                    answers.push_back(data->address);
            if (auto listed = health::judge_listing(address, list, answers)) findings.push_back(*std::move(listed));
        }
    }
    return findings;
}

} // namespace tegami::app
