#include "dns_setup/plan.h"

#include "message/report_names.h"

#include "base/address_reach.h"
#include "base/assert.h"
#include "trust/iprev.h"
#include "trust/tls_policy/own_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace tegami::dns_setup {

namespace {

/// Limit: one string of a TXT record (RFC 1035 §3.3).
constexpr std::size_t kStringBytesMax = 255;
constexpr std::uint16_t kPreference = 10;

dns::Name name_of(const message::Domain& domain) {
    const auto name = dns::Name::parse(domain.ascii());
    ASSERT(name.has_value());
    return *name;
}

/// The name below `label`; the domain itself if that were too long for the DNS.
dns::Name below(const dns::Name& name, std::string_view label) {
    return name.below(label).value_or(name);
}

dns::TxtData text_data(std::string_view text) {
    dns::TxtData data;
    for (; text.size() > kStringBytesMax; text.remove_prefix(kStringBytesMax))
        data.strings.emplace_back(text.substr(0, kStringBytesMax));
    data.strings.emplace_back(text);
    return data;
}

PlannedRecord exchanger(const dns::Name& domain, const Host& host) {
    return {.purpose = Purpose::exchanger,
            .name = domain,
            .type = dns::Type::mx,
            .data = dns::MxData{.preference = kPreference, .exchange = host.name},
            .needed = true,
            .what_for = "Other servers find by it which one takes the domain's mail.",
            .without =
                "mail goes to the machine at the domain's own address, if there is one, or comes back to its sender"};
}

PlannedRecord address(const Host& host, const std::optional<IpAddress>& address) {
    PlannedRecord record{.purpose = Purpose::address,
                         .name = host.name,
                         .type = address && address->is_v6() ? dns::Type::aaaa : dns::Type::a,
                         .needed = true,
                         .what_for = "Leads to this server.",
                         .without = "no mail arrives, and no mail program connects"};
    if (address)
        record.data = dns::AddressData{*address};
    else
        record.what_for += " Fill in the address by which everybody reaches it, or name it with --address.";
    return record;
}

PlannedRecord reverse(const Host& host, const std::optional<IpAddress>& address) {
    PlannedRecord record{.purpose = Purpose::reverse,
                         .type = dns::Type::ptr,
                         .data = dns::NameData{host.name},
                         .needed = true,
                         .what_for =
                             "Leads from the address back to the server's name. Whoever gave you the address sets it: "
                             "look for \"reverse DNS\" there, or ask.",
                         .without = "large receivers refuse mail from here"};
    if (address) record.name = trust::reverse_name(*address);
    return record;
}

/// "~all", not "-all": a letter that somebody forwards comes from a stranger's address, and some receivers refuse it
/// for "-all" before they look at our signature (RFC 7208 §8.4, RFC 7489 §10.1). DMARC treats both alike.
PlannedRecord sender_policy(const dns::Name& domain) {
    return {
        .purpose = Purpose::sender_policy,
        .name = domain,
        .type = dns::Type::txt,
        .data = text_data("v=spf1 mx ~all"),
        .needed = true,
        .what_for =
            "SPF: who may send in the domain's name: the servers that take its mail (mx). Who else sends for you, such "
            "as a newsletter service, is added before ~all.",
        .without = "large receivers refuse the domain's mail or take it for junk"};
}

PlannedRecord host_policy(const Host& host) {
    return {
        .purpose = Purpose::host_policy,
        .name = host.name,
        .type = dns::Type::txt,
        .data = text_data("v=spf1 a -all"),
        .what_for =
            "SPF of the server's own name, which stands in for the sender of reports about undelivered mail (RFC 7208 "
            "section 2.4).",
        .without = "such reports are sooner taken for junk"};
}

PlannedRecord signing_key(const SigningKey& key, bool needed) {
    PlannedRecord record{.purpose = Purpose::signing_key,
                         .name = key.name,
                         .type = dns::Type::txt,
                         .data = text_data(key.record),
                         .needed = needed};
    const std::string_view kind = key.type == dkim::KeyType::rsa ? "RSA" : "Ed25519";
    switch (key.state) {
    case KeyState::announced:
        record.what_for = fmt::format("DKIM: an {} key that signs the domain's mail as soon as this is seen.", kind);
        record.without = needed ? "the domain's mail goes out unsigned, and large receivers trust it less"
                                : "this key does not sign";
        break;
    case KeyState::signing:
        record.what_for = fmt::format("DKIM: the {} key that signs the domain's mail.", kind);
        record.without = "its signatures cannot be checked, and count as forged";
        break;
    case KeyState::retired:
        record.what_for =
            fmt::format("DKIM: an {} key that signs no more, for letters that are still on their way; see tegami "
                        "dkim list for how long.",
                        kind);
        record.without = "signatures under letters on their way cannot be checked";
        break;
    }
    return record;
}

std::vector<PlannedRecord> signing_keys(const std::vector<SigningKey>& keys) {
    const bool rsa_signs = std::ranges::any_of(
        keys, [](const SigningKey& key) { return key.type == dkim::KeyType::rsa && key.state == KeyState::signing; });
    std::vector<PlannedRecord> records;
    for (const SigningKey& key : keys) {
        // Most receivers know RSA alone (RFC 8463 §6).
        const bool needed = key.type == dkim::KeyType::rsa &&
                            (key.state == KeyState::signing || (key.state == KeyState::announced && !rsa_signs));
        records.push_back(signing_key(key, needed));
    }
    return records;
}

/// "p=none" first: it harms nobody while the reports tell who sends in the domain's name (RFC 7489 §B.2.1).
PlannedRecord author_policy(const dns::Name& name, const message::Domain& domain) {
    return {.purpose = Purpose::author_policy,
            .name = below(name, "_dmarc"),
            .type = dns::Type::txt,
            .data =
                text_data(fmt::format("v=DMARC1; p=none; rua=mailto:{}@{}", message::kDmarcReports, domain.ascii())),
            .what_for = "DMARC: what receivers do with mail in your name that is not yours, and who gets their daily "
                        "reports: this server, which sums them up (tegami dmarc reports). p=none changes nothing yet: "
                        "when the reports show that your own mail passes, go on to p=quarantine, then to p=reject.",
            .without = "anybody can write in your name, and receivers want this record from whoever sends much"};
}

PlannedRecord tls_reports(const dns::Name& name, const message::Domain& domain) {
    return {.purpose = Purpose::tls_reports,
            .name = below(name, "_smtp._tls"),
            .type = dns::Type::txt,
            .data = text_data(fmt::format("v=TLSRPTv1; rua=mailto:{}@{}", message::kTlsReports, domain.ascii())),
            .what_for = "TLS-RPT: other servers report once a day whether their connections to yours were encrypted; "
                        "this server sums it up (tegami tls reports).",
            .without = "you do not hear of it when they fail"};
}

PlannedRecord policy_host(const dns::Name& domain, const Host& host) {
    return {.purpose = Purpose::policy_host,
            .name = below(domain, "mta-sts"),
            .type = dns::Type::cname,
            .data = dns::NameData{host.name},
            .what_for = "MTA-STS: where other servers fetch the policy, over HTTPS; the certificate must name it.",
            .without = "they cannot fetch the policy, and it does not count"};
}

PlannedRecord tls_key(const Host& host) {
    return {.purpose = Purpose::tls_key,
            .name = below(host.name, "_25._tcp"),
            .type = dns::Type::tlsa,
            // RFC 7672 §3.1.1: the key, whoever signed the certificate.
            .data = dns::TlsaData{.usage = 3, .selector = 1, .matching = 1, .association = host.public_key_sha256},
            .what_for =
                "DANE: which key this server's certificate has, so that nobody else can take its mail. Only for a zone "
                "that "
                "is signed with DNSSEC.",
            .without = "somebody on the way can pretend to be this server"};
}

PlannedRecord next_tls_key(const Host& host) {
    PlannedRecord record = tls_key(host);
    record.purpose = Purpose::next_tls_key;
    std::get<dns::TlsaData>(*record.data).association = host.next_key_sha256;
    record.what_for = "DANE: the key that the next certificate will have, beside the one of now, so that the "
                      "certificate can change at any time. When it has, the server makes another next key.";
    record.without = "mail waits when the certificate changes";
    return record;
}

/// Where programs of two kinds ask, over HTTPS.
PlannedRecord settings_host(const dns::Name& domain, const Host& host, std::string_view label,
                            std::string_view programs) {
    return {.purpose = Purpose::settings_host,
            .name = below(domain, label),
            .type = dns::Type::cname,
            .data = dns::NameData{host.name},
            .what_for = fmt::format("{} find their settings there by an address alone; the certificate must name it.",
                                    programs),
            .without = "their users type them in"};
}

PlannedRecord client_service(const dns::Name& domain, std::string_view label, dns::SrvData data) {
    return {.purpose = Purpose::client_service,
            .name = below(domain, fmt::format("{}._tcp", label)),
            .type = dns::Type::srv,
            .data = std::move(data),
            .what_for = "Some mail programs find the server's name and port by it.",
            .without = "users of those type them in"};
}

/// What is served nowhere else is led to; the rest has the target "." (RFC 6186 §3.4), so that nobody looks for it, or
/// begins in the clear where there is TLS from the first octet on (RFC 8314 §3).
std::vector<PlannedRecord> client_services(const dns::Name& domain, const Host& host) {
    std::vector<PlannedRecord> records;
    if (host.services.empty()) return records;
    for (const std::string_view label : {"_submissions", "_submission", "_imaps", "_imap", "_pop3s", "_pop3"}) {
        const auto service = std::ranges::find(host.services, label, &ClientService::label);
        if (service == host.services.end()) {
            PlannedRecord& none = records.emplace_back(client_service(domain, label, {}));
            none.what_for = "Says that mail programs are not to connect so: there is a better way, or none.";
            none.without = "some of them try it";
            continue;
        }
        // RFC 6186 §3.4: where there are both, POP3 is the second choice.
        const auto priority = static_cast<std::uint16_t>(label.starts_with("_pop3") ? 10 : 0);
        records.push_back(client_service(
            domain, label, {.priority = priority, .weight = 1, .port = service->port, .target = host.name}));
    }
    return records;
}

std::vector<PlannedRecord> settings_records(const dns::Name& domain, const Host& host) {
    std::vector<PlannedRecord> records;
    if (!host.has_https || host.services.empty()) return records;
    for (const auto& [label, programs] : {std::pair("autoconfig", "Thunderbird and programs like it"),
                                          std::pair("autodiscover", "Outlook and Windows")})
        // RFC 1034 §3.6.2: beside a CNAME nothing else may stand.
        if (below(domain, label) != host.name) records.push_back(settings_host(domain, host, label, programs));
    PlannedRecord& service = records.emplace_back(client_service(
        domain, "_autodiscover", {.priority = 0, .weight = 1, .port = host.https_port, .target = host.name}));
    service.what_for = "Outlook finds the settings by it where autodiscover has no certificate.";
    return records;
}

} // namespace

PlannedRecord policy_record(const Facts& facts) {
    const std::string policy = tls_policy::own_policy(facts.sts_mode, facts.host.name);
    PlannedRecord record{
        .purpose = Purpose::policy,
        .name = below(name_of(facts.domain), "_mta-sts"),
        .type = dns::Type::txt,
        .data = text_data(fmt::format("v=STSv1; id={}", tls_policy::policy_id(policy))),
        .what_for = "MTA-STS: that this server has a policy for others: they send the domain's mail here alone, under "
                    "TLS, and only if an authority has signed the certificate. The id changes with the policy.",
        .without = "somebody on the way can take TLS away, or pretend to be this server"};
    if (facts.sts_mode == tls_policy::StsMode::testing)
        record.what_for += fmt::format(" It is in testing: nothing is held back, and what would be is in the reports "
                                       "(TLS-RPT). When they show nothing: tegami domain set {} --mta-sts enforce.",
                                       facts.domain.ascii());
    return record;
}

std::vector<PlannedRecord> tls_key_records(const Host& host) {
    std::vector<PlannedRecord> records;
    if (!host.public_key_sha256.empty()) records.push_back(tls_key(host));
    if (!host.next_key_sha256.empty() && host.next_key_sha256 != host.public_key_sha256)
        records.push_back(next_tls_key(host));
    return records;
}

bool is_public(const IpAddress& address) {
    return reach_of(address) != Reach::inside;
}

std::vector<PlannedRecord> plan_records(const Facts& facts) {
    const dns::Name domain = name_of(facts.domain);
    const Host& host = facts.host;
    std::vector<std::optional<IpAddress>> addresses(host.addresses.begin(), host.addresses.end());
    if (addresses.empty()) addresses.emplace_back();
    std::vector<PlannedRecord> records{exchanger(domain, host)};
    for (const auto& each : addresses)
        records.push_back(address(host, each));
    for (const auto& each : addresses)
        records.push_back(reverse(host, each));
    records.push_back(sender_policy(domain));
    // A second record at the same name would make both an error (RFC 7208 §4.5).
    if (host.name != domain) records.push_back(host_policy(host));
    std::ranges::move(signing_keys(facts.keys), std::back_inserter(records));
    records.push_back(author_policy(domain, facts.domain));
    records.push_back(tls_reports(domain, facts.domain));
    if (host.has_https && facts.sts_mode != tls_policy::StsMode::none) {
        records.push_back(policy_record(facts));
        // RFC 1034 §3.6.2: beside a CNAME nothing else may stand.
        if (below(domain, "mta-sts") != host.name) records.push_back(policy_host(domain, host));
    }
    std::ranges::move(tls_key_records(host), std::back_inserter(records));
    std::ranges::move(settings_records(domain, host), std::back_inserter(records));
    std::ranges::move(client_services(domain, host), std::back_inserter(records));
    std::vector<PlannedRecord> in_order;
    for (const bool needed : {true, false})
        std::ranges::copy_if(records, std::back_inserter(in_order),
                             [needed](const PlannedRecord& record) { return record.needed == needed; });
    return in_order;
}

std::string plain_value(const dns::Data& data) {
    if (const auto* const text = std::get_if<dns::TxtData>(&data)) return text->joined();
    return dns::to_string(data);
}

} // namespace tegami::dns_setup
