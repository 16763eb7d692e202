#include "health/machine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace tegami::health {

std::string_view to_string(Weight weight) {
    switch (weight) {
    case Weight::good: return "good";
    case Weight::advice: return "advice";
    case Weight::suffers: break;
    }
    return "suffers";
}

namespace {

constexpr std::uint64_t kMiB = 1ULL << 20;

std::string what_stops_without(std::string_view service) {
    if (service == "smtp") return "no mail from other servers can come in";
    if (service.starts_with("submission")) return "mail programs cannot send there";
    if (service.starts_with("https")) return "other servers cannot fetch the policies of the domains (MTA-STS)";
    if (service.starts_with("http")) return "an authority cannot find its proofs there (ACME)";
    return "mail programs cannot read mail there";
}

void judge_ports(const Machine& machine, std::vector<Finding>& findings) {
    std::vector<std::uint16_t> free;
    std::vector<std::uint16_t> ours;
    for (const Port& port : machine.ports) {
        if (port.problem.empty()) {
            (port.ours ? ours : free).push_back(port.number);
            continue;
        }
        findings.push_back(
            {.about = fmt::format("port {}", port.number),
             .weight = Weight::suffers,
             .words = fmt::format("{} ({}): {}. Mend that (ss -ltnp shows who has a port), or take "
                                  "[listen.{}] out of tegami.toml.",
                                  port.problem, port.service, what_stops_without(port.service), port.service)});
    }
    if (!free.empty())
        findings.push_back({.about = "ports", .words = fmt::format("{} are free.", fmt::join(free, ", "))});
    if (!ours.empty())
        findings.push_back({.about = "ports", .words = fmt::format("this server has {}.", fmt::join(ours, ", "))});
}

Finding judge_address(const Machine& machine, const PublicAddress& it) {
    const std::string shown = it.address.to_string();
    const std::string remedy =
        fmt::format("Set its reverse DNS to {} where you got the address from.", machine.host_name);
    if (!it.answered) return {shown, Weight::advice, "whether it has a name cannot be looked up now: try again later."};
    if (it.names.empty())
        return {shown, Weight::suffers,
                fmt::format("{}: many servers refuse mail from such an address. {}",
                            it.has_other_names ? "its name in the DNS does not lead back to it"
                                               : "it has no name in the DNS (no PTR record)",
                            remedy)};
    if (std::ranges::find(it.names, machine.host_name) == it.names.end())
        return {shown, Weight::advice,
                fmt::format("its name is {}, this server's {}: some servers trust such a one less. {}",
                            it.names.front(), machine.host_name, remedy)};
    return {shown, Weight::good, fmt::format("its name in the DNS is {}.", machine.host_name)};
}

void judge_addresses(const Machine& machine, std::vector<Finding>& findings) {
    for (const PublicAddress& address : machine.addresses)
        findings.push_back(judge_address(machine, address));
    if (machine.addresses.empty()) {
        findings.push_back({"addresses", Weight::advice,
                            "this machine has none that others can reach; if a router stands before it, name its "
                            "public one with --address, and have the ports passed on."});
        return;
    }
    const auto is_v6 = [](const PublicAddress& it) { return it.address.is_v6(); };
    if (std::ranges::all_of(machine.addresses, is_v6))
        findings.push_back({"IPv4", Weight::suffers,
                            "there is no IPv4 address: the many servers that have nothing else can neither send here "
                            "nor be sent to."});
    else if (std::ranges::none_of(machine.addresses, is_v6))
        findings.push_back({"IPv6", Weight::good, "there is none; mail does without."});
}

Finding judge_way_out(const Machine& machine) {
    constexpr const char* kAbout = "outgoing port 25";
    if (!machine.smarthost.empty())
        return {kAbout, Weight::good,
                fmt::format("is not needed: mail goes through {}, whose servers the SPF record of each domain must "
                            "allow (its operator says how).",
                            machine.smarthost)};
    switch (machine.way_out) {
    case WayOut::open: return {kAbout, Weight::good, fmt::format("is open ({}).", machine.way_out_words)};
    case WayOut::closed:
        return {
            kAbout, Weight::suffers,
            fmt::format("is closed ({}): no mail gets out. Many providers open it when asked; otherwise send through "
                        "another server ([smarthost] in tegami.toml, or tegami setup --smarthost).",
                        machine.way_out_words)};
    case WayOut::not_tried: break;
    }
    return {kAbout, Weight::advice,
            fmt::format("could not be tried{}.",
                        machine.way_out_words.empty() ? "" : fmt::format(" ({})", machine.way_out_words))};
}

/// Nothing where it was not tried.
std::optional<Finding> judge_way_out_v6(const Machine& machine) {
    constexpr const char* kAbout = "outgoing port 25 over IPv6";
    switch (machine.way_out_v6) {
    case WayOut::open: return Finding{kAbout, Weight::good, fmt::format("is open ({}).", machine.way_out_v6_words)};
    case WayOut::closed:
        return Finding{
            kAbout, Weight::advice,
            fmt::format("is closed ({}): mail to servers that have IPv6 goes out over IPv4, later. Have it opened too, "
                        "or see that the machine has no IPv6 address.",
                        machine.way_out_v6_words)};
    case WayOut::not_tried: break;
    }
    return std::nullopt;
}

Finding judge_clock(ClockState clock) {
    switch (clock) {
    case ClockState::synchronized: return {"clock", Weight::good, "is kept right."};
    case ClockState::free:
        return {
            "clock", Weight::advice,
            "nothing keeps it right (NTP): with a wrong time, certificates and signatures do not count, and letters "
            "have wrong dates. Install systemd-timesyncd or chrony."};
    case ClockState::unknown: break;
    }
    return {"clock", Weight::advice, "whether something keeps it right cannot be seen from here."};
}

Finding judge_resolver(const Machine& machine) {
    if (!machine.resolver_problem.empty())
        return {"DNS", Weight::suffers,
                fmt::format("names cannot be looked up ({}): no mail gets out, and none comes in from strangers. See "
                            "/etc/resolv.conf, or [resolver] in tegami.toml.",
                            machine.resolver_problem)};
    if (!machine.resolver_validates)
        return {"DNS", Weight::advice,
                "answers are believed unproven. With resolver.trust_anchor (package dns-root-data) forged ones are "
                "refused, and domains that promise TLS in the DNS (DANE) can be kept to their word."};
    if (!machine.resolver_proves)
        return {
            "DNS", Weight::advice,
            "signed answers do not come out proven (DNSSEC): the name servers of /etc/resolv.conf pass no signatures "
            "on. Use resolver.mode = \"recursive\"."};
    return {"DNS", Weight::good, "answers, and signed ones are proven (DNSSEC)."};
}

Finding judge_memory(const Machine& machine) {
    if (machine.memory_bytes == 0) return {"memory", Weight::advice, "how much there is cannot be seen from here."};
    const std::uint64_t there = machine.memory_bytes / kMiB;
    const std::uint64_t budget = machine.memory_budget / kMiB;
    if (budget * 4 > there * 3)
        return {"memory", Weight::suffers,
                fmt::format("memory_budget is {} MiB, and the machine has {}: the system may end the server when both "
                            "are used. Take less, or more memory.",
                            budget, there)};
    return {"memory", Weight::good, fmt::format("{} MiB, of which the server may use {}.", there, budget)};
}

} // namespace

std::vector<Finding> judge_machine(const Machine& machine) {
    std::vector<Finding> findings;
    judge_ports(machine, findings);
    judge_addresses(machine, findings);
    findings.push_back(judge_way_out(machine));
    if (auto v6 = judge_way_out_v6(machine)) findings.push_back(*std::move(v6));
    findings.push_back(judge_resolver(machine));
    findings.push_back(judge_clock(machine.clock));
    findings.push_back(judge_memory(machine));
    if (!machine.reads_pdf)
        findings.push_back({"attached PDF files", Weight::advice,
                            "searches do not look into them, because pdftotext is missing. Install poppler-utils, and "
                            "poppler-data for Japanese."});
    return findings;
}

} // namespace tegami::health
