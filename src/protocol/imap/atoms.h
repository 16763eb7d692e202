// Characters of the grammar (RFC 9051 §9), the same for what is read and what is written.
#pragma once

#include "base/ascii.h"

#include <string_view>

namespace tegami::imap {

/// ATOM-CHAR: any CHAR but atom-specials.
constexpr bool is_atom_char(char c) {
    return ascii::is_vchar(c) && !std::string_view("(){ %*\"\\]").contains(c);
}

/// ASTRING-CHAR: ATOM-CHAR / resp-specials.
constexpr bool is_astring_char(char c) {
    return is_atom_char(c) || c == ']';
}

} // namespace tegami::imap
