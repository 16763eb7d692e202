// Where an export goes: a Maildir as Dovecot keeps it, or a folder of mbox files. The folder is new, or empty.
#pragma once

#include "base/result.h"
#include "transfer/item.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

/// Errors are sentences for people; after one, begin_mailbox may be called for the next mailbox.
class MailTarget {
public:
    virtual ~MailTarget() = default;
    virtual Result<void, std::string> begin_mailbox(const std::string& mailbox, std::uint32_t uid_validity) = 0;
    virtual Result<void, std::string> begin_message(const transfer::Item& item) = 0;
    virtual Result<void, std::string> write(std::string_view octets) = 0;
    virtual Result<void, std::string> end_message() = 0;
    virtual Result<void, std::string> end_mailbox() = 0;

    /// Keywords of messages that the form has no room for.
    std::size_t keywords_left_out() const { return keywords_left_out_; }

protected:
    std::size_t keywords_left_out_ = 0;
};

enum class MailForm : std::uint8_t { maildir, mbox };

/// Makes the folder. Everything below it is for its owner alone. The error is a sentence.
Result<std::unique_ptr<MailTarget>, std::string> make_target(const std::filesystem::path& folder, MailForm form);

/// Writes the list of what is subscribed, and waits until all of the export is on the disk.
Result<void, std::string> finish_target(const std::filesystem::path& folder, MailForm form,
                                        const std::vector<std::string>& subscribed);

} // namespace tegami::app
