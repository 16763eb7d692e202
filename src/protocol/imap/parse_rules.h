// The larger commands' arguments, one function each. Only the parser's own files use it.
#pragma once

#include "protocol/imap/command.h"
#include "protocol/imap/parse_cursor.h"

namespace tegami::imap {

/// After "FETCH": SP sequence-set SP items.
Parsed<Fetch> parse_fetch(Cursor& cursor, Numbering numbering);
/// After "SEARCH".
Parsed<Search> parse_search(Cursor& cursor, Numbering numbering);
/// After "ESEARCH".
Parsed<MultiSearch> parse_multi_search(Cursor& cursor);
/// After "SORT" (RFC 5256 §5, RFC 5267 §4).
Parsed<Sort> parse_sort(Cursor& cursor, Numbering numbering);
/// After "THREAD".
Parsed<Thread> parse_thread(Cursor& cursor, Numbering numbering);
/// After "LIST" (RFC 5258 §6, RFC 6154 §6, RFC 5819 §4).
Parsed<List> parse_list(Cursor& cursor);
/// After "LSUB".
Parsed<Lsub> parse_lsub(Cursor& cursor);
/// After "STATUS".
Parsed<Status> parse_status(Cursor& cursor);
/// After "APPEND", up to the end of its first message's "{n}".
Parsed<Append> parse_append(Cursor& cursor);
/// What stands before a message of an APPEND: SP [flags] [date] "{n}".
Parsed<AppendMessage> parse_append_message(Cursor& cursor);
/// After the mailbox of SELECT or EXAMINE: [SP "(" parameters ")"].
Parsed<SelectParameters> parse_select_parameters(Cursor& cursor);
/// After "STORE": messages, modifiers, flags.
Parsed<Store> parse_store(Cursor& cursor, Numbering numbering);
/// A partial-range (RFC 9394 §4).
Parsed<PartialRange> parse_partial_range(Cursor& cursor);

} // namespace tegami::imap
