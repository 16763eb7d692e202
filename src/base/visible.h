// Text of strangers (other servers, letters, files, names in DNS and certificates) in a form that is well-formed UTF-8
// and that a reader sees whole. The edges apply it to all they write: the terminal (app/command_line/terminal), the log
// (app/server/log_line), JSON (json/json) and reports (delivery/bounce). Nobody before them needs to.
//
// Shown in another form are octets that are no UTF-8 (RFC 3629 §4), control characters (C0, DEL, C1), format characters
// (bidirectional overrides and isolates, zero-width, tags, soft hyphens), line and paragraph separators, what Unicode
// lets programs ignore, unassigned characters, and those for private use. One variation selector may follow a character
// that is seen: Japanese names and emoji are written with them.
#pragma once

#include <string>
#include <string_view>

namespace tegami {

/// The text on one line: an octet that is no UTF-8, and every ASCII control, as `\x93`, other characters that are not
/// seen as `\u{202e}`. A backslash stays one backslash.
std::string visible(std::string_view text);

/// How an edge with a syntax of its own writes what is not seen: appends the form of an octet, or of a character.
struct InvisibleForms {
    void (*octet)(std::string& out, unsigned char octet);
    void (*character)(std::string& out, char32_t character);
};

/// The text with what is not seen put in these forms.
std::string visible(std::string_view text, InvisibleForms forms);

} // namespace tegami
