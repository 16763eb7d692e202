#include "health/refusals.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <tuple>

namespace tegami::health {

namespace {

/// Limit: octets of a stranger's answer that are shown.
constexpr std::size_t kReplyBytesShown = 200;

/// What a known answer means. The first that fits counts.
struct Known {
    std::string_view server; ///< what the server's name ends with; empty: any
    std::string_view word;   ///< what the answer has in it, in capitals
    std::string_view who;    ///< empty: the server's name
    std::string_view why;
    std::string_view remedy;
    Weight weight = Weight::suffers;
};

constexpr std::string_view kCheckDns = "tegami dns check DOMAIN says which record is missing or wrong.";
constexpr std::string_view kMicrosoftForm =
    "Ask to be taken off at https://olcsupport.office.com/, and see what Microsoft notes of the address at "
    "https://sendersupport.olc.protection.outlook.com/snds/.";

constexpr std::array kKnown{
    Known{"", "(S3140)", "Microsoft", "the network around this server's address is on its block list", kMicrosoftForm},
    Known{"", "(S3150)", "Microsoft", "this server's address, or the network around it, is on its block list",
          kMicrosoftForm},
    Known{"outlook.com", "5.7.606", "Microsoft", "this server's address is on the block list of Microsoft 365",
          "Have it taken off at https://sender.office.com/."},
    Known{"outlook.com", "5.7.511", "Microsoft", "this server's address is banned by Microsoft 365",
          "Forward the answer to delist@microsoft.com."},
    Known{"outlook.com", "5.7.515", "Microsoft", "it wants mail that passes SPF, DKIM and DMARC, and this does not",
          kCheckDns},
    Known{
        "", "4.7.650", "Microsoft", "this server's address is new to it, or known for bad mail, and may send little",
        "It goes by itself with some weeks of good mail; https://sendersupport.olc.protection.outlook.com/snds/ tells "
        "what Microsoft sees."},
    Known{"", "5.7.26", "Google", "the mail passes neither SPF nor DKIM for the domain in its From", kCheckDns},
    Known{"", "5.7.25", "Google", "this server's address has no name in the DNS that leads back to it",
          "Set the reverse DNS of the address where you got it from."},
    Known{"google.com", "4.7.23", "Google", "this server's address has no name in the DNS that leads back to it",
          "Set the reverse DNS of the address where you got it from."},
    Known{"google.com", "4.7.28", "Google", "there is more mail of this kind than it takes at once",
          "See at https://postmaster.google.com/ what it thinks of the domain, and send less at once."},
    Known{
        "google.com", "UNSOLICITED", "Google", "it takes the mail for spam",
        "See at https://postmaster.google.com/ what it thinks of the domain, and that nobody sends through an account "
        "whose password is known to others."},
    Known{"google.com", "REPUTATION", "Google", "it does not know this domain or address for good mail",
          "It goes by itself with some weeks of good mail; see https://postmaster.google.com/."},
    Known{"", "[TSS", "Yahoo", "people have called mail of this server spam, or there was more of it than usual",
          "It tries again by itself; if it lasts, see https://senders.yahooinc.com/."},
    Known{"", "[TS0", "Yahoo", "people have called mail of this server spam, or its address is on a list",
          "If it lasts, see https://senders.yahooinc.com/."},
    Known{"", "SPAMHAUS", "", "this server's address is on a list of Spamhaus",
          "https://check.spamhaus.org/ says why, and takes it off."},
    Known{"", "SPAMCOP", "", "this server's address is on the list of SpamCop",
          "https://www.spamcop.net/bl.shtml says why; it ends by itself a day after the last complaint."},
    Known{"", "BARRACUDA", "", "this server's address is on the list of Barracuda",
          "Have it taken off at https://www.barracudacentral.org/rbl/removal-request."},
    Known{"", "GREYLIST", "", "it makes servers that it does not know wait", "It goes by itself.", Weight::good},
    Known{"", "GRAYLIST", "", "it makes servers that it does not know wait", "It goes by itself.", Weight::good},
    Known{"", "BLACKLIST", "", "this server's address is on a list of bad senders",
          "The answer says which list; it has a page to get off it."},
    Known{"", "BLOCKLIST", "", "this server's address is on a list of bad senders",
          "The answer says which list; it has a page to get off it."},
    Known{"", "BLOCK LIST", "", "this server's address is on a list of bad senders",
          "The answer says which list; it has a page to get off it."},
    Known{"", "REVERSE DNS", "", "this server's address has no name in the DNS that leads back to it",
          "Set the reverse DNS of the address where you got it from."},
    Known{"", "PTR ", "", "this server's address has no name in the DNS that leads back to it",
          "Set the reverse DNS of the address where you got it from."},
    Known{"", "DMARC", "", "the mail does not pass DMARC", kCheckDns},
    Known{"", "SPF", "", "the mail does not pass SPF", kCheckDns},
    Known{"", "DKIM", "", "the mail does not pass DKIM", kCheckDns},
};

const Known* known_answer(const Refusal& refusal) {
    if (refusal.server.empty()) return nullptr;
    const std::string reply = ascii::upper(refusal.reply);
    const std::string server = ascii::lower(refusal.server);
    for (const Known& each : kKnown)
        if (server.ends_with(each.server) && reply.contains(each.word)) return &each;
    return nullptr;
}

/// No such mailbox, a full one (RFC 3463 §3.2, §3.3).
bool is_about_recipient(std::string_view reply) {
    return reply.contains(" 5.1.") || reply.contains(" 5.2.");
}

struct Cause {
    const Known* known = nullptr;
    std::size_t waiting = 0;
    std::size_t given_up = 0;
    std::string who;
    std::string example;
};

std::string letters_of(const Cause& cause) {
    std::string many;
    if (cause.waiting != 0)
        many = cause.waiting == 1 ? "1 letter waits" : fmt::format("{} letters wait", cause.waiting);
    if (cause.given_up != 0)
        many += fmt::format("{}{} given up", many.empty() ? "" : ", ",
                            cause.given_up == 1 ? "1 letter was" : fmt::format("{} letters were", cause.given_up));
    return many;
}

Finding finding_of(const Cause& cause) {
    const std::string many = letters_of(cause);
    if (!cause.known)
        return {.about = cause.who,
                .weight = Weight::advice,
                .words = fmt::format("{}. The last answer: {}", many, cause.example)};
    return {.about = cause.who,
            .weight = cause.known->weight,
            .words = fmt::format("{} {} mail because {}. {} ({}; the answer: {})", cause.who,
                                 cause.known->weight == Weight::good ? "delays" : "refuses", cause.known->why,
                                 cause.known->remedy, many, cause.example)};
}

} // namespace

std::vector<Finding> judge_refusals(std::span<const Refusal> refusals) {
    std::map<std::pair<const Known*, std::string>, Cause> causes;
    for (const Refusal& refusal : refusals) {
        const Known* const known = known_answer(refusal);
        if (refusal.for_good && !known && is_about_recipient(refusal.reply)) continue; // the sender has been told
        const std::string who = known && !known->who.empty() ? std::string(known->who)
                                : refusal.server.empty()     ? refusal.destination
                                                             : refusal.server;
        Cause& cause = causes[{known, who}];
        ++(refusal.for_good ? cause.given_up : cause.waiting);
        cause.known = known;
        cause.who = who;
        cause.example = ascii::printable(refusal.reply, kReplyBytesShown);
    }
    std::vector<Cause> sorted;
    for (auto& [key, cause] : causes)
        sorted.push_back(std::move(cause));
    std::ranges::sort(sorted, [](const Cause& one, const Cause& other) {
        const std::size_t many = one.waiting + one.given_up;
        const std::size_t others = other.waiting + other.given_up;
        return std::tie(others, one.who, one.example) < std::tie(many, other.who, other.example);
    });
    std::vector<Finding> findings;
    for (const Cause& cause : sorted) {
        if (findings.size() == kCausesMax) {
            findings.push_back(
                {.about = "queue",
                 .weight = Weight::advice,
                 .words = fmt::format("mail is refused for {} more reasons: tegami queue list has what waits.",
                                      sorted.size() - kCausesMax)});
            break;
        }
        findings.push_back(finding_of(cause));
    }
    return findings;
}

} // namespace tegami::health
