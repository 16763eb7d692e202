// The names of things in JMAP (RFC 8620 §1.2): a letter for the kind and a number, the same as in IMAP (RFC 8474), so that
// who speaks both knows what is one.
#pragma once

#include "store/ids.h"
#include "store/mailbox_list.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::jmapd {

/// What an id takes in an answer.
inline constexpr std::uint64_t kIdBytes = 64;

std::string id_of(store::AccountId account); ///< "A3"
std::string id_of(store::MailboxId mailbox); ///< "F3"
std::string id_of(store::EmailId email);     ///< "M3"
std::string id_of(store::ThreadId thread);   ///< "T3"

std::string id_of(store::ObjectKind kind, store::ObjectId object); ///< "I3" an identity, "S3" a submission, "N3" news

// Nothing for what is no such id.
std::optional<store::AccountId> parse_account_id(std::string_view text);
std::optional<store::ObjectId> parse_object_id(store::ObjectKind kind, std::string_view text);
std::optional<store::MailboxId> parse_mailbox_id(std::string_view text);
std::optional<store::EmailId> parse_email_id(std::string_view text);
std::optional<store::ThreadId> parse_thread_id(std::string_view text);

/// The state of everything in an account is its version; of what somebody else sees of it, also which part that is ("7.3f"), so
/// that a state is known again only while the part is the same.
std::string state_of(store::Version version, std::uint64_t part = 0);
std::string state_of(const store::MailboxList& list);
/// Nothing for a state of another part.
std::optional<store::Version> parse_state(std::string_view text, std::uint64_t part = 0);

/// A text behind which comes which part of an account it is about; nothing for one that is about another part.
std::string mark_part(std::string text, std::uint64_t part);
std::optional<std::string_view> unmark_part(std::string_view text, std::uint64_t part);

} // namespace tegami::jmapd
