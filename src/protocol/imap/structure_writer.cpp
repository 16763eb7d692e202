#include "protocol/imap/structure_writer.h"

#include "base/ascii.h"
#include "protocol/imap/writer.h"

#include <vector>

namespace tegami::imap {

namespace {

using message::HeaderAddress;
using message::Part;

class StructureWriter {
public:
    explicit StructureWriter(EnabledSet enabled) : enabled_(enabled) {}

    void envelope(const message::Envelope& envelope) {
        out_ += '(';
        nstring(envelope.date), space();
        nstring(envelope.subject), space();
        addresses(envelope.from), space();
        addresses(envelope.sender), space();
        addresses(envelope.reply_to), space();
        addresses(envelope.to), space();
        addresses(envelope.cc), space();
        addresses(envelope.bcc), space();
        nstring(envelope.in_reply_to), space();
        nstring(envelope.message_id);
        out_ += ')';
    }

    void part(const Part& part, StructureForm form) {
        out_ += '(';
        if (part.kind == message::PartKind::multipart)
            multipart(part, form);
        else
            single(part, form);
        out_ += ')';
    }

    std::string take() { return std::move(out_); }

private:
    void space() { out_ += ' '; }

    void string(std::string_view text) { append_string(out_, text, enabled_); }

    void nstring(const std::optional<std::string>& text) { append_nstring(out_, text, enabled_); }

    void nil_if_empty(std::string_view text) {
        append_nstring(out_, text.empty() ? std::nullopt : std::optional(text), enabled_);
    }

    void addresses(const std::vector<HeaderAddress>& addresses) {
        if (addresses.empty()) {
            out_ += "NIL";
            return;
        }
        out_ += '(';
        for (const HeaderAddress& one : addresses)
            address(one);
        out_ += ')';
    }

    /// RFC 9051 §7.5.2: a NIL host marks the start (with a mailbox) or the end (without) of a group, so an address
    /// that lacks a part gets an empty string there.
    void address(const HeaderAddress& address) {
        switch (address.kind) {
        case HeaderAddress::Kind::group_start:
            out_ += "(NIL NIL ";
            string(address.name);
            out_ += " NIL)";
            return;
        case HeaderAddress::Kind::group_end: out_ += "(NIL NIL NIL NIL)"; return;
        case HeaderAddress::Kind::mailbox: break;
        }
        out_ += '(';
        nil_if_empty(address.name), space();
        nil_if_empty(address.route), space();
        string(address.local_part), space();
        string(address.domain);
        out_ += ')';
    }

    void parameters(const std::vector<message::Parameter>& parameters) {
        if (parameters.empty()) {
            out_ += "NIL";
            return;
        }
        char before = '(';
        for (const message::Parameter& parameter : parameters) {
            out_ += before;
            string(parameter.name), space();
            string(parameter.value);
            before = ' ';
        }
        out_ += ')';
    }

    void multipart(const Part& part, StructureForm form) {
        for (const Part& child : part.children)
            this->part(child, form);
        space();
        string(part.content_type.subtype);
        if (form == StructureForm::body) return;
        space();
        parameters(part.content_type.parameters);
        extension(part);
    }

    void single(const Part& part, StructureForm form) {
        string(part.content_type.type), space();
        string(part.content_type.subtype), space();
        parameters(part.content_type.parameters), space();
        nstring(part.id), space();
        nstring(part.description), space();
        string(part.encoding_name), space();
        out_ += std::to_string(part.body_length);
        if (part.kind == message::PartKind::message) {
            space();
            envelope(part.envelope.value_or(message::Envelope{})), space();
            this->part(part.children.front(), form);
        }
        if (part.kind != message::PartKind::basic) space(), out_ += std::to_string(part.body_lines);
        if (form == StructureForm::body) return;
        space();
        nstring(part.md5);
        extension(part);
    }

    /// The extension data that all parts share: disposition, language, location.
    void extension(const Part& part) {
        space();
        if (part.disposition) {
            out_ += '(';
            string(part.disposition->type), space();
            parameters(part.disposition->parameters);
            out_ += ')';
        } else {
            out_ += "NIL";
        }
        space();
        if (part.language.empty()) {
            out_ += "NIL";
        } else if (part.language.size() == 1) {
            string(part.language.front());
        } else {
            char before = '(';
            for (const std::string& language : part.language) {
                out_ += before;
                string(language);
                before = ' ';
            }
            out_ += ')';
        }
        space();
        nstring(part.location);
    }

    std::string out_;
    EnabledSet enabled_;
};

} // namespace

std::string write_envelope(const message::Envelope& envelope, EnabledSet enabled) {
    StructureWriter writer(enabled);
    writer.envelope(envelope);
    return writer.take();
}

std::string write_structure(const message::Part& root, StructureForm form, EnabledSet enabled) {
    StructureWriter writer(enabled);
    writer.part(root, form);
    return writer.take();
}

} // namespace tegami::imap
