// The mail of other programs, found in files and folders and read one message after the other: Maildir with Dovecot's and
// Courier's folders, mbox, EML files. It runs with the rights of whoever typed the command.
//
// 1. Folders that are symbolic links are not followed.
// 2. What cannot be read is said, and the rest goes on.
#pragma once

#include "app/command_line/mail_octets.h"
#include "base/result.h"
#include "transfer/mbox.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

/// Messages that go into one mailbox.
struct MailFolder {
    enum class Kind : std::uint8_t { maildir, mbox, letters };

    Kind kind = Kind::maildir;
    std::filesystem::path path; ///< of mbox and a single letter: the file
    std::string mailbox;
    std::uint64_t bytes = 0; ///< of all its files, as far as that is known
};

struct FoundMail {
    std::vector<MailFolder> folders;
    std::vector<std::string> subscribed; ///< mailboxes
    std::vector<std::string> unreadable; ///< sentences
};

/// What there is at `source`; messages without a mailbox of their own are for `mailbox`. The error is a sentence.
Result<FoundMail, std::string> find_mail(const std::filesystem::path& source, const std::string& mailbox);

struct SourceMessage {
    std::string name; ///< where it is, for people
    transfer::Marks marks;
    std::optional<std::int64_t> date; ///< seconds since 1970
    MailOctets octets;                ///< as they are stored: lines end in CRLF
    std::string problem;              ///< why it cannot be taken; empty: it can
};

/// Reads a folder. `bytes_read` says how much of MailFolder::bytes is done.
class MailFolderReader {
public:
    virtual ~MailFolderReader() = default;
    virtual std::optional<SourceMessage> next() = 0;

    std::uint64_t bytes_read() const { return bytes_read_; }

protected:
    std::uint64_t bytes_read_ = 0;
};

std::unique_ptr<MailFolderReader> read_folder(const MailFolder& folder);

} // namespace tegami::app
