// The mail of an account on another IMAP server, as a source of an import.
//
// 1. Mailboxes are opened with EXAMINE and messages read with BODY.PEEK: nothing is changed there.
// 2. A command asks for hundreds of messages, and the next one is sent before the answer to the one before is read.
// 3. Of what may be there already, size and three header fields are asked for before the octets.
#pragma once

#include "app/command_line/imap_connection.h"
#include "app/command_line/mail_source.h"

namespace tegami::app {

/// Logs in and looks at the mailboxes. The error is a sentence.
Result<std::unique_ptr<MailSource>, std::string> find_imap_mail(const ImapServer& server, const ImapLogin& login);

} // namespace tegami::app
