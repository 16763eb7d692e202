// Takes everything that a source has into an account.
//
// 1. What the mailbox has already, by fingerprint, is not added again; a message that is there twice is two.
// 2. What cannot be taken is said with its reason, and the rest goes on.
#pragma once

#include "app/command_line/commands.h"
#include "app/command_line/mail_source.h"
#include "app/command_line/transfer_progress.h"

#include <mutex>
#include <optional>
#include <string>

namespace tegami::app {

/// What imports that run at once share: the server or the store, and the terminal. May be used from any thread.
class ImportDesk {
public:
    /// With `many` accounts every event says whose it is.
    ImportDesk(Commands& commands, bool as_json, bool many) : commands_(commands), progress_(as_json, 0), many_(many) {}

    /// As in Commands.
    std::optional<json::object> ask(const std::string& operation, json::object request);
    std::optional<json::object> send_mail(const json::object& request, net::HttpUpload octets);

    /// What to exit with after an answer that did not come.
    int status() const {
        const std::lock_guard lock(guard_);
        return commands_.status();
    }

    void expect(std::uint64_t bytes);
    /// So much more is done.
    void advance(std::uint64_t messages, std::uint64_t bytes);
    void tell(json::object event, const std::string& sentence, const std::string& account);
    void complain_of(json::object event, const std::string& sentence, const std::string& account);

private:
    mutable std::mutex guard_;
    Commands& commands_;
    TransferProgress progress_;
    const bool many_;
    std::uint64_t messages_ = 0;
    std::uint64_t bytes_ = 0;
};

/// The exit status.
int import_into(ImportDesk& desk, const std::string& address, MailSource& source);

} // namespace tegami::app
