#include "trust/dmarc/destinations.h"

#include <algorithm>
#include <string>
#include <utility>

namespace tegami::dmarc {

using message::Domain;
using trust::AnswerKind;
using trust::Evaluation;

namespace {

enum class Relation : std::uint8_t { inside, outside, unknown };

/// Whether a report's destination belongs to the organization of the domain that asks for the report.
Evaluation<Relation> relation(const Domain& asking, const Domain& host, const trust::DnsAnswers& answers) {
    if (host == asking) return Relation::inside;
    TRY(const std::optional<Domain> organization, organizational_domain(asking, answers));
    if (!organization) return Relation::unknown;
    if (!is_within(host, *organization)) return Relation::outside;
    TRY(const std::optional<Domain> of_host, organizational_domain(host, answers));
    if (!of_host) return Relation::unknown;
    return of_host == organization ? Relation::inside : Relation::outside;
}

/// RFC 9990 §4, steps 6 to 9: what the records that a stranger published for us make of this destination.
std::vector<Uri> as_agreed(const Uri& destination, const trust::Answer& answer) {
    const Domain& host = destination.mailbox->domain;
    bool agreed = false;
    for (const std::string& text : trust::texts(answer)) {
        auto record = parse_record(text);
        if (!record) continue;
        agreed = true;
        if (record->rua.empty()) continue;
        // An override that leads elsewhere loses both the new and the old destination.
        const auto elsewhere = [&](const Uri& uri) { return !uri.mailbox || uri.mailbox->domain != host; };
        if (std::ranges::any_of(record->rua, elsewhere)) return {};
        return std::move(record->rua);
    }
    return agreed ? std::vector{destination} : std::vector<Uri>{};
}

struct Verified {
    std::vector<Uri> uris;
    bool failed = false;
};

Evaluation<Verified> verify(const Domain& asking, const Uri& destination, const trust::DnsAnswers& answers) {
    const Domain& host = destination.mailbox->domain;
    TRY(const Relation related, relation(asking, host, answers));
    if (related == Relation::inside) return Verified{.uris = {destination}};
    if (related == Relation::unknown) return Verified{.failed = true};
    const auto question = dns::Name::parse(asking.ascii() + "._report._dmarc." + host.ascii());
    if (!question) return Verified{};
    TRY(const trust::Answer* answer, answers.find(*question, dns::Type::txt));
    if (answer->kind == AnswerKind::failure) return Verified{.failed = true};
    return Verified{.uris = as_agreed(destination, *answer)};
}

} // namespace

Evaluation<Destinations> verified_destinations(const FoundRecord& record, const trust::DnsAnswers& answers) {
    Destinations destinations;
    trust::OpenQuestions open;
    for (const Uri& destination : record.record.rua) {
        if (!destination.mailbox || destination.mailbox->domain.is_address_literal()) continue;
        auto verified = verify(record.domain, destination, answers);
        if (!verified) {
            merge(open, verified.error());
            continue;
        }
        destinations.undecided |= verified->failed;
        for (Uri& uri : verified->uris)
            if (std::ranges::find(destinations.verified, uri) == destinations.verified.end())
                destinations.verified.push_back(std::move(uri));
    }
    if (!open.empty()) return failure(std::move(open));
    return destinations;
}

} // namespace tegami::dmarc
