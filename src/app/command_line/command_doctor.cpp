// tegami doctor
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/finding_listing.h"
#include "app/command_line/machine_look.h"
#include "app/command_line/report_listing.h"
#include "app/configuration/units.h"
#include "health/deliverability.h"
#include "health/refusals.h"

#include "app/command_line/phrase.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tegami::app {

namespace {

using health::Finding;
using health::Weight;

/// Everything that the running server knows of its own standing.
class Examination {
public:
    Examination(Commands& commands, const Config& config, LookOptions look)
        : commands_(commands), config_(config), look_(std::move(look)) {}

    std::vector<Finding> run() {
        const bool runs = look_at_server();
        std::ranges::move(health::judge_machine(look_at_machine(config_, look_)), std::back_inserter(findings_));
        std::ranges::move(ask_sender_lists(config_, public_addresses(look_)), std::back_inserter(findings_));
        if (!runs) return std::move(findings_);
        look_at_certificates();
        look_at_domains();
        look_at_queue();
        look_at_reports();
        return std::move(findings_);
    }

private:
    bool look_at_server() {
        std::error_code error;
        const auto status = std::filesystem::exists(config_.admin_socket(), error) ? commands_.ask("/status", {})
                                                                                   : std::optional<json::object>();
        if (!status) {
            findings_.push_back({"server", Weight::suffers, "it does not run: nobody gets or sends mail. Start it."});
            return false;
        }
        for (const json::value& value : status->at("listening").as_array())
            if (const auto endpoint = net::Endpoint::parse(text_of(value.as_object(), "endpoint")))
                look_.ours.insert(endpoint->port);
        findings_.push_back({"server", Weight::good, fmt::format("runs since {}.", text_of(*status, "started"))});
        return true;
    }

    void look_at_certificates() {
        const auto answer = commands_.ask("/certificate/status", {});
        if (!answer) return;
        const auto now = parse_time(text_of(*answer, "now"));
        for (const json::value& value : answer->at("certificates").as_array()) {
            const json::object& each = value.as_object();
            health::Certificate certificate{.name = text_of(each, "name"),
                                            .problem = text_of(each, "problem"),
                                            .renews_itself = !text_of(each, "renewal").empty()};
            const auto end = parse_time(text_of(each, "not_after"));
            if (now && end) certificate.days_left = std::chrono::floor<std::chrono::days>(*end - *now).count();
            findings_.push_back(health::judge_certificate(certificate));
        }
    }

    void look_at_domains() {
        const auto domains = commands_.ask_all("/domain/list", {}, "domains");
        if (!domains) return;
        for (const json::value& value : *domains) {
            const std::string name = text_of(value.as_object(), "name");
            json::object request{{"domain", name}};
            std::vector<std::string> addresses;
            for (const IpAddress& address : look_.addresses)
                addresses.push_back(address.to_string());
            if (!addresses.empty()) request["addresses"] = admin::to_array(addresses);
            if (const auto answer = commands_.ask("/dns/check", std::move(request)))
                findings_.push_back(dns_finding(name, answer->at("records").as_array()));
        }
    }

    static Finding dns_finding(const std::string& domain, const json::array& records) {
        std::string which;
        std::size_t advices = 0;
        std::size_t faults = 0;
        for (const json::value& value : records) {
            const json::object& record = value.as_object();
            if (text_of(record, "state") == "right") continue;
            if (!record.at("mail_suffers").as_bool()) {
                ++advices;
                continue;
            }
            ++faults;
            which +=
                fmt::format("{}{} {}", which.empty() ? "" : ", ", text_of(record, "name"), text_of(record, "type"));
        }
        const std::string about = fmt::format("DNS of {}", domain);
        if (faults != 0)
            return {about, Weight::suffers,
                    fmt::format("{} missing or wrong ({}): tegami dns check {} says how to mend it.",
                                faults == 1 ? "1 record is" : fmt::format("{} records are", faults), which, domain)};
        if (advices != 0)
            return {about, Weight::advice,
                    fmt::format("all that mail needs is there; {} would do good: tegami dns check {}.",
                                advices == 1 ? "1 more record" : fmt::format("{} more records", advices), domain)};
        return {about, Weight::good, "every record is right."};
    }

    void look_at_queue() {
        const auto entries = commands_.ask_all("/queue/list", {}, "entries");
        if (!entries) return;
        std::vector<health::Refusal> refusals;
        for (const json::value& entry : *entries)
            for (const json::value& item : entry.as_object().at("items").as_array())
                for (const json::value& value : item.as_object().at("recipients").as_array()) {
                    const json::object& recipient = value.as_object();
                    if (text_of(recipient, "last_reply").empty()) continue;
                    refusals.push_back({.destination = text_of(item.as_object(), "destination"),
                                        .server = text_of(recipient, "last_server"),
                                        .reply = text_of(recipient, "last_reply")});
                }
        if (const auto given_up = commands_.ask("/queue/refusals", {}))
            for (const json::value& value : given_up->at("refusals").as_array()) {
                const json::object& refusal = value.as_object();
                refusals.push_back({.destination = text_of(refusal, "to"),
                                    .server = text_of(refusal, "server"),
                                    .reply = text_of(refusal, "reply"),
                                    .for_good = true});
            }
        if (refusals.empty())
            findings_.push_back({"queue", Weight::good, "nobody refuses what is sent, or has in the last seven days."});
        std::ranges::move(health::judge_refusals(refusals), std::back_inserter(findings_));
    }

    void look_at_reports() {
        std::set<std::string> ours;
        for (const IpAddress& address : public_addresses(look_))
            ours.insert(address.to_string());
        if (const auto answer = commands_.ask("/dmarc/reports", {}))
            for (const json::value& value : answer->at("domains").as_array()) {
                std::vector<health::ReportedHost> hosts;
                for (const json::value& each : value.as_object().at("hosts").as_array()) {
                    const json::object& host = each.as_object();
                    hosts.push_back({.address = text_of(host, "address"),
                                     .name = text_of(host, "name"),
                                     .letters = count_in(host, "letters"),
                                     .failed = count_in(host, "failed")});
                }
                std::ranges::move(health::judge_dmarc(text_of(value.as_object(), "display"), hosts, ours),
                                  std::back_inserter(findings_));
            }
        if (const auto answer = commands_.ask("/tls/reports", {}))
            for (const json::value& value : answer->at("domains").as_array()) {
                const json::object& domain = value.as_object();
                health::ReportedTls reported{.succeeded = count_in(domain, "succeeded"),
                                             .failed = count_in(domain, "failed")};
                if (const json::array& failures = domain.at("failures").as_array(); !failures.empty())
                    reported.first_failure = tls_failure_meaning(text_of(failures.front().as_object(), "type"));
                std::ranges::move(health::judge_tls(text_of(domain, "display"), reported),
                                  std::back_inserter(findings_));
            }
    }

    Commands& commands_;
    const Config& config_;
    LookOptions look_;
    std::vector<Finding> findings_;
};

int examine(Commands& commands, const Arguments& arguments) {
    const Config* const config = commands.config();
    if (!config) return commands.status();
    LookOptions look;
    for (const std::string& text : arguments.texts("--address")) {
        const auto address = IpAddress::parse(text);
        if (!address) return complain(kWrongUse, say("--address: {} is not an IP address", text));
        look.addresses.push_back(address->unmapped());
    }
    const std::vector<Finding> findings = Examination(commands, *config, std::move(look)).run();
    const bool suffers = health::mail_suffers(findings);
    if (arguments.flag("--json")) {
        print_json(health_json(findings));
        return suffers ? kFailed : kDone;
    }
    print_health(findings);
    print_gap();
    const auto count = [&](Weight weight) {
        return static_cast<std::uint64_t>(std::ranges::count(findings, weight, &Finding::weight));
    };
    if (suffers)
        print_line(say("Mail suffers: {} to mend.", count_of(count(Weight::suffers), "fault")));
    else if (const std::uint64_t advices = count(Weight::advice); advices != 0)
        print_line(say("Mail is well; {} would be better otherwise.", count_of(advices, "thing")));
    else
        print_line(say("All is well."));
    return suffers ? kFailed : kDone;
}

} // namespace

Command doctor_command() {
    return {.name = "doctor",
            .help = "Look for everything that hurts mail: machine, DNS, certificates, what others answer and report",
            .options = {{.kind = Option::Kind::texts,
                         .name = "--address",
                         .help = "An address by which others reach this server; may be given several times. Otherwise "
                                 "those of the machine that are public",
                         .value = "ADDRESS"},
                        json_option()},
            .footer = "It takes some seconds. Exit status 1 if mail suffers.\n\nExample:\n  tegami doctor",
            .run = examine};
}

} // namespace tegami::app
