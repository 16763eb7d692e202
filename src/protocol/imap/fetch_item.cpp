#include "protocol/imap/fetch_item.h"

#include "protocol/imap/writer.h"

namespace tegami::imap {

namespace {

std::string origin_text(const std::optional<Partial>& partial) {
    return partial ? '<' + std::to_string(partial->first) + '>' : std::string();
}

std::string name_of(FetchAttribute attribute) {
    switch (attribute) {
    case FetchAttribute::envelope: return "ENVELOPE";
    case FetchAttribute::flags: return "FLAGS";
    case FetchAttribute::internal_date: return "INTERNALDATE";
    case FetchAttribute::rfc822_size: return "RFC822.SIZE";
    case FetchAttribute::uid: return "UID";
    case FetchAttribute::body: return "BODY";
    case FetchAttribute::body_structure: return "BODYSTRUCTURE";
    case FetchAttribute::modseq: return "MODSEQ";
    case FetchAttribute::email_id: return "EMAILID";
    case FetchAttribute::thread_id: return "THREADID";
    case FetchAttribute::save_date: return "SAVEDATE";
    case FetchAttribute::preview: return "PREVIEW";
    }
    return {};
}

std::string name_of(const FetchBody& item) {
    switch (item.label) {
    case BodyLabel::rfc822: return "RFC822";
    case BodyLabel::rfc822_header: return "RFC822.HEADER";
    case BodyLabel::rfc822_text: return "RFC822.TEXT";
    case BodyLabel::body: break;
    }
    return "BODY[" + to_string(item.section) + ']' + origin_text(item.partial);
}

std::string name_of(const FetchBinary& item) {
    return "BINARY[" + to_string(item.part) + ']' + origin_text(item.partial);
}

std::string name_of(const FetchBinarySize& item) {
    return "BINARY.SIZE[" + to_string(item.part) + ']';
}

} // namespace

bool sets_seen(const FetchItem& item) {
    if (const auto* body = std::get_if<FetchBody>(&item)) return !body->peek;
    if (const auto* binary = std::get_if<FetchBinary>(&item)) return !binary->peek;
    return false;
}

std::string to_string(const std::vector<std::uint32_t>& part) {
    std::string text;
    for (const std::uint32_t number : part) {
        if (!text.empty()) text += '.';
        text += std::to_string(number);
    }
    return text;
}

std::string to_string(const Section& section) {
    std::string text = to_string(section.part);
    if (section.text == SectionText::whole) return text;
    if (!text.empty()) text += '.';
    switch (section.text) {
    case SectionText::whole: break;
    case SectionText::header: text += "HEADER"; break;
    case SectionText::text: text += "TEXT"; break;
    case SectionText::mime: text += "MIME"; break;
    case SectionText::header_fields: text += "HEADER.FIELDS"; break;
    case SectionText::header_fields_not: text += "HEADER.FIELDS.NOT"; break;
    }
    if (section.fields.empty()) return text;
    char before = '(';
    text += ' ';
    for (const std::string& field : section.fields) {
        text += before;
        append_astring(text, field, {});
        before = ' ';
    }
    return text + ')';
}

std::string response_name(const FetchItem& item) {
    return std::visit([](const auto& value) { return name_of(value); }, item);
}

} // namespace tegami::imap
