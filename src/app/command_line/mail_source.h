// The mail of other programs, found in files and folders and read one message after the other: Maildir with Dovecot's and
// Courier's folders, mbox, EML files. It runs with the rights of whoever typed the command.
//
// 1. Folders that are symbolic links are not followed.
// 2. What cannot be read is said, and the rest goes on.
#pragma once

#include "app/command_line/source_message.h"
#include "base/result.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

/// Messages that go into one mailbox.
struct MailFolder {
    enum class Kind : std::uint8_t { maildir, mbox, letters, imap };

    Kind kind = Kind::maildir;
    std::filesystem::path path; ///< of mbox and a single letter: the file; of imap: the server's name for it
    std::string mailbox;
    std::uint64_t bytes = 0; ///< of all its messages, as far as that is known
    /// It shows messages of other folders, too: those met in none of them are taken.
    bool is_view = false;
    bool is_empty = false; ///< it need not be read
};

struct FoundMail {
    std::vector<MailFolder> folders;
    std::vector<std::string> subscribed; ///< mailboxes
    std::vector<std::string> unreadable; ///< sentences
    std::vector<std::string> notes;      ///< sentences about what is not taken, and need not be
};

/// Reads a folder. `bytes_read` says how much of MailFolder::bytes is done.
class MailFolderReader {
public:
    /// Whether a message with this fingerprint is not wanted.
    using Unwanted = std::function<bool(const std::string& fingerprint)>;

    virtual ~MailFolderReader() = default;
    virtual std::optional<SourceMessage> next() = 0;

    /// Before the first one: `unwanted` is asked once of each message whose fingerprint is known before its octets are
    /// there. One that it refuses is not given.
    virtual void pass_over(Unwanted /*unwanted*/) {}

    std::uint64_t bytes_read() const { return bytes_read_; }

    /// After the last one: why there can be no more, if that is so and nothing else can be read either.
    const std::string& broken() const { return broken_; }

protected:
    std::uint64_t bytes_read_ = 0;
    std::string broken_;
};

/// Everything that an import takes.
class MailSource {
public:
    virtual ~MailSource() = default;
    virtual const FoundMail& found() const = 0;
    virtual std::unique_ptr<MailFolderReader> read(const MailFolder& folder) = 0;
};

/// What there is at `source`; messages without a mailbox of their own are for `mailbox`. The error is a sentence.
Result<std::unique_ptr<MailSource>, std::string> find_mail(const std::filesystem::path& source,
                                                           const std::string& mailbox);

} // namespace tegami::app
