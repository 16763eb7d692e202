// The texts of a Maildir as Dovecot and Courier keep it: names of files and folders, dovecot-keywords, subscriptions,
// dovecot-uidlist. Files are opened by others; nothing that stands in one is believed to be in order.
#pragma once

#include "transfer/item.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::transfer {

/// The keywords that the letters a to z stand for in one folder; an empty one is not used.
using KeywordLetters = std::array<std::string, 26>;

/// `0 $Forwarded` on each line.
KeywordLetters parse_keyword_letters(std::string_view text);
std::string print_keyword_letters(const KeywordLetters& keywords);

/// What stands behind `:2,` in a file's name. P (passed) is the keyword $Forwarded.
Marks parse_name_marks(std::string_view file_name, const KeywordLetters& keywords);
/// `:2,` and letters. Keywords for which there is no letter left are not in it and counted in `left_out`.
std::string print_name_marks(const Marks& marks, KeywordLetters& keywords, std::size_t& left_out);
/// The name without its flags: it stays when they change.
std::string_view base_of(std::string_view file_name);
/// Orders file names by the time at their beginning, then as text.
bool is_earlier(std::string_view file_name, std::string_view other);

/// The mailbox of a Maildir++ folder: `.Work.&ZeVnLIqe-` (modified UTF-7, or UTF-8 where it is none) is `Work/日本語`.
/// Nothing: no mailbox can have this name.
std::optional<std::string> mailbox_of_folder(std::string_view folder);
/// Dovecot's folder for a mailbox, "" for INBOX. Nothing: a file system cannot hold it (255 octets).
/// Deviation: a dot within a level is written as &AC4-, which mailbox_of_folder reads; Dovecot has no way at all.
std::optional<std::string> folder_of_mailbox(std::string_view mailbox);

/// The mailboxes of a `subscriptions` file of Dovecot (both versions) or Courier's `courierimapsubscribed`.
/// Limit: 10,000.
std::vector<std::string> parse_subscriptions(std::string_view text);
/// In Dovecot's second version.
std::string print_subscriptions(const std::vector<std::string>& mailboxes);

/// The UIDs that dovecot-uidlist gives to files, by their base names.
std::map<std::string, std::uint32_t, std::less<>> parse_uid_list(std::string_view text);
std::string print_uid_list(std::uint32_t uid_validity, const std::vector<std::string>& bases);

} // namespace tegami::transfer
