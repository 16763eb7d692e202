#include "trust/dmarc/report.h"

#include "base/visible.h"
#include "trust/dmarc/words.h"

namespace tegami::dmarc {
namespace {

/// Writes elements one below the other, indented by their depth.
class XmlWriter {
public:
    void open(std::string_view name) {
        indent();
        out_ += '<';
        out_ += name;
        out_ += ">\n";
        open_.push_back(name);
    }

    void close() {
        const std::string_view name = open_.back();
        open_.pop_back();
        indent();
        out_ += "</";
        // A name may have attributes behind it.
        out_ += name.substr(0, name.find(' '));
        out_ += ">\n";
    }

    void element(std::string_view name, std::string_view text) {
        indent();
        out_ += '<';
        out_ += name;
        out_ += '>';
        append_text(text);
        out_ += "</";
        out_ += name;
        out_ += ">\n";
    }

    void optional(std::string_view name, std::string_view text) {
        if (!text.empty()) element(name, text);
    }

    void element(std::string_view name, std::uint64_t number) { element(name, std::to_string(number)); }

    void element(std::string_view name, std::chrono::sys_seconds time) {
        element(name, std::to_string(time.time_since_epoch().count()));
    }

    std::string take() && { return std::move(out_); }

private:
    void indent() { out_.append(2 * open_.size(), ' '); }

    void append_text(std::string_view text) {
        for (const char octet : visible(text)) {
            switch (octet) {
            case '&': out_ += "&amp;"; break;
            case '<': out_ += "&lt;"; break;
            case '>': out_ += "&gt;"; break;
            default: out_ += octet;
            }
        }
    }

    std::string out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    std::vector<std::string_view> open_;
};

// RFC 9990 §3.1.1.3
void write_metadata(XmlWriter& xml, const ReportMetadata& metadata) {
    xml.open("report_metadata");
    xml.element("org_name", metadata.organization);
    xml.element("email", metadata.email);
    xml.optional("extra_contact_info", metadata.contact);
    xml.element("report_id", metadata.report_id);
    xml.open("date_range");
    xml.element("begin", metadata.begin);
    xml.element("end", metadata.end);
    xml.close();
    xml.optional("error", metadata.error);
    xml.optional("generator", metadata.generator);
    xml.close();
}

// RFC 9990 §3.1.1.5
void write_policy(XmlWriter& xml, const PublishedPolicy& policy) {
    xml.open("policy_published");
    xml.element("domain", policy.domain);
    if (policy.discovery) xml.element("discovery_method", word_of(kDiscoveryWords, *policy.discovery));
    xml.element("p", word_of(kPolicyWords, policy.p));
    if (policy.sp) xml.element("sp", word_of(kPolicyWords, *policy.sp));
    if (policy.np) xml.element("np", word_of(kPolicyWords, *policy.np));
    xml.optional("fo", policy.failure_options);
    xml.element("adkim", word_of(kModeWords, policy.adkim));
    xml.element("aspf", word_of(kModeWords, policy.aspf));
    xml.element("testing", word_of(kTestingWords, policy.testing));
    xml.close();
}

// RFC 9990 §3.1.1.8, §3.1.1.9
void write_row(XmlWriter& xml, const Observation& seen, std::uint64_t count) {
    xml.open("row");
    xml.element("source_ip", seen.source.to_string());
    xml.element("count", count);
    xml.open("policy_evaluated");
    xml.element("disposition", word_of(kDispositionWords, seen.disposition));
    xml.element("dkim", word_of(kAlignedWords, seen.dkim_aligned));
    xml.element("spf", word_of(kAlignedWords, seen.spf_aligned));
    for (const Override& each : seen.overrides) {
        xml.open("reason");
        xml.element("type", word_of(kOverrideWords, each.type));
        xml.optional("comment", each.comment);
        xml.close();
    }
    xml.close();
    xml.close();
}

// RFC 9990 §3.1.1.10 to §3.1.1.13
void write_findings(XmlWriter& xml, const Observation& seen) {
    xml.open("identifiers");
    xml.element("header_from", seen.header_from);
    if (seen.envelope_from) xml.element("envelope_from", *seen.envelope_from);
    xml.optional("envelope_to", seen.envelope_to);
    xml.close();
    xml.open("auth_results");
    for (const DkimFinding& each : seen.dkim) {
        xml.open("dkim");
        xml.element("domain", each.domain);
        xml.element("selector", each.selector);
        xml.element("result", word_of(kAuthResultWords, each.result));
        xml.optional("human_result", each.comment);
        xml.close();
    }
    if (seen.spf) {
        xml.open("spf");
        xml.element("domain", seen.spf->domain);
        xml.element("scope", "mfrom");
        xml.element("result", word_of(kAuthResultWords, seen.spf->result));
        xml.optional("human_result", seen.spf->comment);
        xml.close();
    }
    xml.close();
}

} // namespace

std::string print_report(const AggregateReport& report) {
    XmlWriter xml;
    xml.open("feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\"");
    xml.element("version", "1.0");
    write_metadata(xml, report.metadata);
    write_policy(xml, report.policy);
    for (const ReportRow& row : report.rows) {
        xml.open("record");
        write_row(xml, row.seen, row.count);
        write_findings(xml, row.seen);
        xml.close();
    }
    xml.close();
    return std::move(xml).take();
}

std::string report_file_name(const message::Domain& receiver, const message::Domain& policy_domain,
                             std::chrono::sys_seconds begin, std::chrono::sys_seconds end, std::string_view unique) {
    std::string name = receiver.ascii() + "!" + policy_domain.ascii() + "!" +
                       std::to_string(begin.time_since_epoch().count()) + "!" +
                       std::to_string(end.time_since_epoch().count());
    if (!unique.empty()) name.append("!").append(unique);
    return name + ".xml.gz";
}

std::string report_subject(const message::Domain& policy_domain, const message::Domain& receiver,
                           std::string_view report_id) {
    return "Report Domain: " + policy_domain.ascii() + " Submitter: " + receiver.ascii() + " Report-ID: <" +
           std::string(report_id) + ">";
}

} // namespace tegami::dmarc
