#include "trust/dmarc/report_reader.h"

#include "trust/dmarc/words.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>

namespace tegami::dmarc {
namespace {

/// Between namespace and name in what expat gives us; no octet of XML.
constexpr char kNamespaceEnd = '\x1f';

/// The report while its elements come.
struct ReportDraft {
    AggregateReport report;
    ReportRow row;
    DkimFinding dkim;
    SpfFinding spf;
    bool spf_is_helo = false;
    Override reason;
    std::optional<IpAddress> source;
    bool has_begin = false;
    bool has_end = false;
    bool bad = false; ///< something that must be there is not, or says nothing
};

using TakeText = void (*)(ReportDraft& draft, std::string_view text);

struct KnownElement {
    std::string_view path; ///< below `feedback`
    TakeText take;         ///< when the element ends
};

bool read_time(std::string_view text, std::chrono::sys_seconds& time) {
    // Limit: the last second of the year 9999.
    constexpr std::uint64_t kTimeMax = 253'402'300'799;
    const auto seconds = ascii::parse_number<std::uint64_t>(text);
    if (!seconds || *seconds > kTimeMax) return false;
    time = std::chrono::sys_seconds(std::chrono::seconds(*seconds));
    return true;
}

AuthResult read_auth_result(std::string_view text) {
    return find_word(kAuthResultWords, text).value_or(AuthResult::none);
}

void end_reason(ReportDraft& draft, std::string_view /*text*/) {
    auto& overrides = draft.row.seen.overrides;
    if (overrides.size() < kReadFindingsMax) overrides.push_back(std::move(draft.reason));
    draft.reason = {};
}

void end_dkim(ReportDraft& draft, std::string_view /*text*/) {
    auto& findings = draft.row.seen.dkim;
    if (!draft.dkim.domain.empty() && findings.size() < kReadFindingsMax) findings.push_back(std::move(draft.dkim));
    draft.dkim = {};
}

/// RFC 7489 allowed one result for each identity; DMARC uses that of MAIL FROM.
void end_spf(ReportDraft& draft, std::string_view /*text*/) {
    auto& found = draft.row.seen.spf;
    if (!draft.spf.domain.empty() && !draft.spf_is_helo && !found) found = std::move(draft.spf);
    draft.spf = {};
    draft.spf_is_helo = false;
}

void end_record(ReportDraft& draft, std::string_view /*text*/) {
    if (!draft.source || draft.row.count == 0 || draft.row.seen.header_from.empty()) draft.bad = true;
    if (draft.source) draft.row.seen.source = *draft.source;
    draft.report.rows.push_back(std::move(draft.row));
    draft.row = {};
    draft.source.reset();
}

// RFC 9990 §A. The order of elements is not checked: not even the example of §B keeps that of the tables.
constexpr std::array kKnownElements{
    KnownElement{"report_metadata/org_name", [](auto& d, auto text) { d.report.metadata.organization = text; }},
    KnownElement{"report_metadata/email", [](auto& d, auto text) { d.report.metadata.email = text; }},
    KnownElement{"report_metadata/extra_contact_info", [](auto& d, auto text) { d.report.metadata.contact = text; }},
    KnownElement{"report_metadata/report_id", [](auto& d, auto text) { d.report.metadata.report_id = text; }},
    KnownElement{"report_metadata/error", [](auto& d, auto text) { d.report.metadata.error = text; }},
    KnownElement{"report_metadata/generator", [](auto& d, auto text) { d.report.metadata.generator = text; }},
    KnownElement{"report_metadata/date_range/begin",
                 [](auto& d, auto text) { d.has_begin = read_time(text, d.report.metadata.begin); }},
    KnownElement{"report_metadata/date_range/end",
                 [](auto& d, auto text) { d.has_end = read_time(text, d.report.metadata.end); }},
    KnownElement{"policy_published/domain", [](auto& d, auto text) { d.report.policy.domain = text; }},
    KnownElement{"policy_published/discovery_method",
                 [](auto& d, auto text) { d.report.policy.discovery = find_word(kDiscoveryWords, text); }},
    KnownElement{"policy_published/p",
                 [](auto& d, auto text) { d.report.policy.p = find_word(kPolicyWords, text).value_or(Policy::none); }},
    KnownElement{"policy_published/sp", [](auto& d, auto text) { d.report.policy.sp = find_word(kPolicyWords, text); }},
    KnownElement{"policy_published/np", [](auto& d, auto text) { d.report.policy.np = find_word(kPolicyWords, text); }},
    KnownElement{"policy_published/adkim",
                 [](auto& d, auto text) {
                     d.report.policy.adkim = find_word(kModeWords, text).value_or(AlignmentMode::relaxed);
                 }},
    KnownElement{"policy_published/aspf",
                 [](auto& d, auto text) {
                     d.report.policy.aspf = find_word(kModeWords, text).value_or(AlignmentMode::relaxed);
                 }},
    KnownElement{"policy_published/fo", [](auto& d, auto text) { d.report.policy.failure_options = text; }},
    KnownElement{"policy_published/testing",
                 [](auto& d, auto text) { d.report.policy.testing = find_word(kTestingWords, text).value_or(false); }},
    KnownElement{"record", end_record},
    KnownElement{"record/row/source_ip", [](auto& d, auto text) { d.source = IpAddress::parse(text); }},
    KnownElement{"record/row/count",
                 [](auto& d, auto text) { d.row.count = ascii::parse_number<std::uint64_t>(text).value_or(0); }},
    KnownElement{"record/row/policy_evaluated/disposition",
                 [](auto& d, auto text) {
                     d.row.seen.disposition = find_word(kDispositionWords, text).value_or(Disposition::none);
                 }},
    KnownElement{"record/row/policy_evaluated/dkim",
                 [](auto& d, auto text) { d.row.seen.dkim_aligned = find_word(kAlignedWords, text).value_or(false); }},
    KnownElement{"record/row/policy_evaluated/spf",
                 [](auto& d, auto text) { d.row.seen.spf_aligned = find_word(kAlignedWords, text).value_or(false); }},
    KnownElement{"record/row/policy_evaluated/reason", end_reason},
    KnownElement{
        "record/row/policy_evaluated/reason/type",
        [](auto& d, auto text) { d.reason.type = find_word(kOverrideWords, text).value_or(OverrideType::other); }},
    KnownElement{"record/row/policy_evaluated/reason/comment", [](auto& d, auto text) { d.reason.comment = text; }},
    KnownElement{"record/identifiers/header_from", [](auto& d, auto text) { d.row.seen.header_from = text; }},
    KnownElement{"record/identifiers/envelope_from",
                 [](auto& d, auto text) { d.row.seen.envelope_from = std::string(text); }},
    KnownElement{"record/identifiers/envelope_to", [](auto& d, auto text) { d.row.seen.envelope_to = text; }},
    KnownElement{"record/auth_results/dkim", end_dkim},
    KnownElement{"record/auth_results/dkim/domain", [](auto& d, auto text) { d.dkim.domain = text; }},
    KnownElement{"record/auth_results/dkim/selector", [](auto& d, auto text) { d.dkim.selector = text; }},
    KnownElement{"record/auth_results/dkim/result", [](auto& d, auto text) { d.dkim.result = read_auth_result(text); }},
    KnownElement{"record/auth_results/dkim/human_result", [](auto& d, auto text) { d.dkim.comment = text; }},
    KnownElement{"record/auth_results/spf", end_spf},
    KnownElement{"record/auth_results/spf/domain", [](auto& d, auto text) { d.spf.domain = text; }},
    KnownElement{"record/auth_results/spf/scope",
                 [](auto& d, auto text) { d.spf_is_helo = ascii::iequals(text, "helo"); }},
    KnownElement{"record/auth_results/spf/result", [](auto& d, auto text) { d.spf.result = read_auth_result(text); }},
    KnownElement{"record/auth_results/spf/human_result", [](auto& d, auto text) { d.spf.comment = text; }},
};

/// Cuts a text that is too long, at the end of a character.
std::string_view bounded(std::string_view text) {
    if (text.size() <= kReportTextBytesMax) return text;
    std::size_t size = kReportTextBytesMax;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
        --size;
    return text.substr(0, size);
}

/// Feeds expat and turns its events into a report.
class ReportParser {
public:
    ReportParser() : parser_(XML_ParserCreateNS(nullptr, kNamespaceEnd)) {
        XML_Parser parser = parser_.get();
        XML_SetUserData(parser, this);
        XML_SetElementHandler(
            parser, [](void* self, const char* name, const char** /*attributes*/) { of(self).start(name); },
            [](void* self, const char* /*name*/) { of(self).end(); });
        XML_SetCharacterDataHandler(parser, [](void* self, const char* text, int size) {
            of(self).add_text({text, static_cast<std::size_t>(size)});
        });
        // Comments and all else that has no handler of its own.
        XML_SetDefaultHandler(parser, [](void* self, const char* /*text*/, int /*size*/) { of(self).silence_ = 0; });
        XML_SetStartDoctypeDeclHandler(parser, [](void* self, const char*, const char*, const char*, int) {
            of(self).stop(ReportError::document_type);
        });
    }

    /// False if there is no use in going on.
    bool feed(std::string_view piece) {
        silence_ += piece.size();
        parse(piece, XML_FALSE);
        // A token that does not end would be looked at again from its beginning with each piece.
        if (silence_ > kXmlTokenBytesMax + piece.size()) stop(ReportError::too_large);
        return !error_;
    }

    Result<AggregateReport, ReportError> finish() {
        if (!error_) parse({}, XML_TRUE);
        const ReportMetadata& metadata = draft_.report.metadata;
        const bool complete = !draft_.bad && draft_.has_begin && draft_.has_end && metadata.begin <= metadata.end &&
                              !metadata.report_id.empty() && !draft_.report.policy.domain.empty() &&
                              !draft_.report.rows.empty();
        if (!error_ && !complete) error_ = ReportError::not_a_report;
        if (error_) return failure(*error_);
        return std::move(draft_.report);
    }

private:
    struct FreeParser {
        void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
    };

    static ReportParser& of(void* self) { return *static_cast<ReportParser*>(self); }

    void stop(ReportError error) {
        if (!error_) error_ = error;
        XML_StopParser(parser_.get(), XML_FALSE);
    }

    void parse(std::string_view piece, XML_Bool last) {
        if (XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), last) != XML_STATUS_OK && !error_)
            error_ = ReportError::not_xml;
    }

    void start(std::string_view name) {
        silence_ = 0;
        text_.clear();
        const std::size_t end = name.rfind(kNamespaceEnd);
        const std::string_view space = end == std::string_view::npos ? "" : name.substr(0, end);
        const std::string_view local = end == std::string_view::npos ? name : name.substr(end + 1);
        if (depth_ == 0) {
            // Reports of RFC 7489 have any namespace or none, and its elements that of the root.
            if (local != "feedback") return stop(ReportError::not_a_report);
            namespace_ = space;
        } else if (depth_ == kXmlDepthMax) {
            return stop(ReportError::too_large);
        } else if (foreign_depth_ == 0 && space != namespace_) {
            foreign_depth_ = depth_;
        } else if (foreign_depth_ == 0) {
            if (!path_.empty()) path_ += '/';
            path_ += local;
        }
        ++depth_;
        if (path_ == "record" && draft_.report.rows.size() == kReadRowsMax) stop(ReportError::too_large);
    }

    void end() {
        silence_ = 0;
        --depth_;
        if (foreign_depth_ != 0) {
            if (foreign_depth_ == depth_) foreign_depth_ = 0;
            return;
        }
        const auto known = std::ranges::find(kKnownElements, std::string_view(path_), &KnownElement::path);
        if (known != kKnownElements.end()) known->take(draft_, ascii::trim(bounded(text_)));
        const std::size_t cut = path_.rfind('/');
        path_.resize(cut == std::string::npos ? 0 : cut);
        text_.clear();
    }

    void add_text(std::string_view text) {
        silence_ = 0;
        // One character more than is kept, so that bounded() sees where the last one ends.
        constexpr std::size_t kRoom = kReportTextBytesMax + 1;
        while (text_.empty() && !text.empty() && ascii::is_space(text.front()))
            text.remove_prefix(1);
        if (foreign_depth_ == 0 && text_.size() < kRoom) text_ += text.substr(0, kRoom - text_.size());
    }

    std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser_;
    ReportDraft draft_;
    std::optional<ReportError> error_;
    std::string namespace_;
    std::string path_; ///< of the open elements below `feedback`, without those of extensions
    std::string text_; ///< of the innermost one
    std::size_t depth_ = 0;
    std::size_t foreign_depth_ = 0; ///< above the extension that we are in; 0 if in none
    std::size_t silence_ = 0;       ///< octets since expat last found something
};

} // namespace

bool may_be_report(std::string_view media_type, std::string_view file_name) {
    constexpr std::array<std::string_view, 6> kTypes{"application/gzip", "application/x-gzip",
                                                     "application/zip",  "application/x-zip-compressed",
                                                     "text/xml",         "application/xml"};
    // Interop: RFC 9990 §3.5.2 names the types, but many send octets and let the name speak.
    constexpr std::array<std::string_view, 3> kEndings{".xml", ".gz", ".zip"};
    const auto is_type = [&](std::string_view type) { return ascii::iequals(type, media_type); };
    const std::string name = ascii::lower(file_name);
    const auto is_ending = [&](std::string_view ending) { return name.ends_with(ending); };
    return std::ranges::any_of(kTypes, is_type) || std::ranges::any_of(kEndings, is_ending);
}

Result<AggregateReport, ReportError> read_report(std::string_view octets) {
    if (octets.size() > kReportBytesMax) return failure(ReportError::too_large);
    constexpr std::size_t kPieceBytes = std::size_t{64} << 10;
    ReportParser parser;
    while (!octets.empty() && parser.feed(octets.substr(0, kPieceBytes)))
        octets.remove_prefix(std::min(octets.size(), kPieceBytes));
    return parser.finish();
}

} // namespace tegami::dmarc
