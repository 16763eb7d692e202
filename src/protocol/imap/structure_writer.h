// ENVELOPE, BODY and BODYSTRUCTURE as FETCH answers them (RFC 9051 §7.5.2), from what message/ found out.
#pragma once

#include "message/envelope.h"
#include "message/structure.h"
#include "protocol/imap/types.h"

#include <string>

namespace tegami::imap {

/// The parenthesised envelope.
std::string write_envelope(const message::Envelope& envelope, EnabledSet enabled);

/// BODY has no extension data, BODYSTRUCTURE has all.
enum class StructureForm : std::uint8_t { body, body_structure };

/// The parenthesised structure of a message, from its root part.
std::string write_structure(const message::Part& root, StructureForm form, EnabledSet enabled);

} // namespace tegami::imap
