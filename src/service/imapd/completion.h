// How a command ends: its tagged answer, and the one place where the store's errors become words.
#pragma once

#include "protocol/imap/writer.h"
#include "store/mailbox_list.h"
#include "store/types.h"

#include <string>
#include <string_view>

namespace tegami {
class Log;
}

namespace tegami::imapd {

/// The tagged answer. An empty text stands for "NAME completed".
struct Completion {
    imap::StatusWord word = imap::StatusWord::ok;
    std::string code{};
    std::string text{};
};

Completion no(std::string_view code, std::string_view text);
Completion bad(std::string_view text);

/// The answer to a store error; what an operator should know goes to the log.
Completion failed(const store::Error& error, Log* log);

/// For a name that is no mailbox one can use: with this code, unless it is one and cannot be read.
Completion no_mailbox(const store::MailboxPtr& found, std::string_view code);

/// A set that names sequence numbers the mailbox does not have.
Completion no_such_number();
/// RFC 9051 §7.1: messages of the set are gone, though the client has not been told.
Completion some_are_gone();
/// The mailbox was opened with EXAMINE.
Completion read_only();

} // namespace tegami::imapd
