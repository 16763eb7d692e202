// tegami check-message
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/verdict_words.h"
#include "app/server/resolver_settings.h"
#include "async/run.h"
#include "async/timer.h"
#include "disk/files.h"
#include "message/line_ends.h"
#include "verification/examination.h"

#include "app/command_line/phrase.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>

namespace tegami::app {

namespace {

using ReversePath = std::optional<message::EmailAddress>;

constexpr Words kClientUnknown{
    "Without --ip nothing is known of the server that brought the message: SPF and reverse DNS are not checked.",
    "--ip がないので、メールを届けたサーバーについては何も分かりません。SPF と逆引きは検査していません。"};
constexpr Words kDmarcUnknown{"DMARC cannot be told: it depends on SPF, because no signature stands for the author.",
                              "DMARC は判定できません。差出人のドメインの署名がないので、SPF の結果しだいです。"};

/// `<a@b>`, `a@b`, `<>` or nothing between quotes; an error if it is none of them.
Result<ReversePath, std::string> parse_from(std::string_view text) {
    if (text.empty()) return ReversePath();
    if (text.starts_with('<')) {
        const auto path = message::parse_envelope_path(text);
        if (path && path->length == text.size()) return path->address;
    } else if (auto address = message::parse_email_address(text)) {
        return *std::move(address);
    }
    return failure(say("--from: {} is no address such as anna@example.org, and not <>", text));
}

/// What the message says of its own way; "<>" if it says nothing that can be read.
ReversePath return_path(const message::Header& header) {
    const auto path = parse_from(header.value("Return-Path").value_or(""));
    return path ? *path : ReversePath();
}

/// What the options say of the client; an error in the use of the command.
Result<verification::Subject, std::string> parse_subject(const Arguments& arguments) {
    verification::Subject subject;
    if (!arguments.given("--ip")) {
        for (const std::string_view option : {"--helo", "--from"})
            if (arguments.given(option)) return failure(say("{} is of no use without --ip", option));
        return subject;
    }
    subject.client = IpAddress::parse(arguments.text("--ip"));
    if (!subject.client) return failure(say("--ip: {} is not an IP address", arguments.text("--ip")));
    subject.helo = arguments.text("--helo");
    TRY(subject.reverse_path, parse_from(arguments.text("--from")));
    return subject;
}

async::Awaitable<verification::Finding> examine(net::Resolver* resolver, async::Timers* timers,
                                                verification::Subject subject, std::string octets) {
    verification::Examination examination(*resolver, *timers);
    examination.feed(octets);
    const message::Header header(octets);
    co_return co_await examination.finish(std::move(subject), &header);
}

/// Whether DMARC's verdict could be another one if the client were known.
bool is_dmarc_open(const verification::Finding& finding) {
    const dmarc::Verdict& dmarc = finding.verdicts.dmarc;
    return !finding.subject.client &&
           (dmarc.result == dmarc::Outcome::fail || dmarc.reason == dmarc::Reason::identifier_undecided);
}

/// BIMI goes by DMARC.
bool depends_on_dmarc(std::string_view method) {
    return method == "dmarc" || method == "bimi";
}

std::vector<VerdictGroup> told_groups(const verification::Finding& finding) {
    std::vector<VerdictGroup> groups = verdict_groups(verification::facts(finding.subject, finding.verdicts));
    if (is_dmarc_open(finding))
        std::erase_if(groups, [](const VerdictGroup& each) { return depends_on_dmarc(each.method); });
    return groups;
}

void print_findings(const verification::Finding& finding, Language language) {
    for (const VerdictGroup& group : told_groups(finding))
        print_line(describe(group, language));
    if (!finding.subject.client) print_line(kClientUnknown.in(language));
    if (is_dmarc_open(finding)) print_line(kDmarcUnknown.in(language));
}

void print_findings_as_json(const verification::Finding& finding, Language language) {
    json::array results;
    for (const VerdictGroup& group : told_groups(finding)) {
        json::array fields;
        for (const auto& [name, value] : group.fields)
            fields.push_back({name, value});
        results.push_back(json::object{{"method", group.method},
                                       {"result", group.result},
                                       {"reason", values_of(group.fields, "reason")},
                                       {"fields", std::move(fields)},
                                       {"text", describe(group, language)}});
    }
    trust::AuthenticationResults all = verification::authentication_results(finding.subject, finding.verdicts);
    if (is_dmarc_open(finding))
        std::erase_if(all.results, [](const trust::MethodResult& each) { return depends_on_dmarc(each.method); });
    std::string field = message::unfold(trust::authentication_results_field(all));
    std::ranges::replace(field, '\t', ' '); // where it was folded
    print_json(json::object{{"results", std::move(results)}, {"authentication_results", std::move(field)}});
}

int check_message(Commands& commands, const Arguments& arguments) {
    auto subject = parse_subject(arguments);
    if (!subject) return complain(kWrongUse, subject.error());
    const Config* const config = commands.config();
    if (!config) return commands.status();
    auto octets = disk::read_all(STDIN_FILENO, config->limits.message_bytes);
    if (!octets) return complain(kFailed, say("the message: {}", octets.error()));
    if (octets->empty()) return complain(kFailed, say("there is no message on standard input"));
    message::LineEnds line_ends;
    std::string message = line_ends.complete(*std::move(octets));
    message += line_ends.finish();

    async::RealTimers timers;
    subject->host_name = config->host_name;
    subject->time = timers.now();
    if (!arguments.given("--from")) subject->reverse_path = return_path(message::Header(message));
    boost::asio::io_context context(1);
    const auto resolver =
        net::UnboundResolver::create(resolver_settings(config->resolver), &timers, context.get_executor());
    if (!resolver) return complain(kFailed, resolver.error());
    const verification::Finding finding =
        async::run_on(context, examine(resolver->get(), &timers, *std::move(subject), std::move(message)));
    if (arguments.flag("--json"))
        print_findings_as_json(finding, language_of(arguments));
    else
        print_findings(finding, language_of(arguments));
    return kDone;
}

} // namespace

Command check_message_command() {
    return {
        .name = "check-message",
        .help = "Tell who really sent a message, which stands on standard input: SPF, DKIM, DMARC, BIMI, reverse DNS",
        .options = {{.kind = Option::Kind::text,
                     .name = "--ip",
                     .help = "The address of the server that brought the message; without it SPF and reverse DNS are "
                             "not checked",
                     .value = "ADDRESS"},
                    {.kind = Option::Kind::text,
                     .name = "--helo",
                     .help = "The name by which that server introduced itself",
                     .value = "NAME"},
                    {.kind = Option::Kind::text,
                     .name = "--from",
                     .help =
                         "The sender as that server gave it (MAIL FROM); otherwise the message's Return-Path, or <> "
                         "if it has none: then SPF is checked for the name of --helo",
                     .value = "ADDRESS"},
                    language_option(),
                    json_option()},
        .footer = "Nothing is stored or sent, and no server need run. The DNS is asked as the configuration says.\n\n"
                  "Examples:\n"
                  "  tegami check-message --ip 192.0.2.1 --helo mail.example.net --from bo@example.net <letter.eml\n"
                  "  tegami check-message --lang ja <letter.eml",
        .run = check_message};
}

} // namespace tegami::app
