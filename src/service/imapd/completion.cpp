#include "service/imapd/completion.h"

#include "base/log.h"

namespace tegami::imapd {

using imap::StatusWord;
namespace code = imap::code;

namespace {

constexpr std::string_view kDamaged = "What is stored here is damaged; the operator has been told";

} // namespace

Completion no(std::string_view code, std::string_view text) {
    return {.word = StatusWord::no, .code = std::string(code), .text = std::string(text)};
}

Completion bad(std::string_view text) {
    return {.word = StatusWord::bad, .text = std::string(text)};
}

Completion no_mailbox(const store::MailboxPtr& found, std::string_view code) {
    if (found && found->damaged) return no(code::kCorruption, kDamaged);
    return no(code, "No such mailbox");
}

Completion failed(const store::Error& error, Log* log) {
    switch (error.code) {
    case store::ErrorCode::not_found: return no(code::kNonexistent, "No such mailbox");
    case store::ErrorCode::exists: return no(code::kAlreadyExists, "There is a mailbox of this name");
    case store::ErrorCode::conflict: return no(code::kInUse, "Somebody else changed it at the same time; try again");
    case store::ErrorCode::invalid: return no(code::kCannot, "The server cannot do this");
    case store::ErrorCode::over_quota: return no(code::kOverQuota, "The account has no room for this");
    case store::ErrorCode::no_space:
        log->error("store has no space", {{"service", "imap"}, {"detail", error.detail}});
        return no(code::kUnavailable, "The server has no room now; nothing was changed");
    case store::ErrorCode::damaged:
        log->error("store is damaged", {{"service", "imap"}, {"detail", error.detail}});
        return no(code::kCorruption, kDamaged);
    case store::ErrorCode::unknown:
        log->error("a commit was not answered", {{"service", "imap"}, {"detail", error.detail}});
        return no(code::kUnavailable, "It is not known whether this was done; look again");
    case store::ErrorCode::unavailable: break;
    }
    log->warning("store is unavailable", {{"service", "imap"}, {"detail", error.detail}});
    return no(code::kUnavailable, "The server cannot reach its store now; try again later");
}

Completion no_such_number() {
    return bad("The mailbox has no message of such a number");
}

Completion some_are_gone() {
    return no(code::kExpungeIssued, "Some of the messages were expunged meanwhile");
}

Completion read_only() {
    return no(code::kReadOnly, "The mailbox was opened read-only");
}

} // namespace tegami::imapd
