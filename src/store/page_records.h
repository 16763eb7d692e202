// The records that hold many messages each: P, D and X of a mailbox, E and M of the account. docs/formats/account.md.
//
// 1. A column is written plain, or as runs where they are less than half as long: a page of like rows costs a few
//    octets a column.
// 2. Decoding checks everything: a page that decodes is ordered and within its range. open_page() leaves four columns
//    for later; of these it checks the form, so that reading them cannot fail, and cuts numbers that are too large.
#pragma once

#include "store/account_records.h"
#include "store/mailbox_view.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store::record {

/// Limit: octets a row can take at most in a P, D or X record; in an E page. They decide how many rows a page may span
/// in an engine with small values.
inline constexpr std::size_t kPageRowBytesMax = 32 + 2 * kKeywordsPerMessageMax;
inline constexpr std::size_t kEmailRowBytesMax = 50;

/// P: all messages of one page.
std::string encode_page(const PageColumns& columns);
/// Nothing if the value is no page that begins at `first_uid` and spans `page_uids`.
std::optional<PageColumns> decode_page(std::uint32_t first_uid, std::uint32_t page_uids, std::string_view value);

/// The same page, quicker: what read_later() adds is missing. The value is kept for that.
std::optional<OpenedPage> open_page(std::uint32_t first_uid, std::uint32_t page_uids, std::string value);
/// Fills the columns that open_page() left out.
void read_later(const OpenedPage::Later& later, PageColumns& columns);

/// D: a message as it is now, or that it is gone.
std::string encode_delta(const MessageRow& row);
std::string encode_gone();

struct Delta {
    Uid uid;
    std::optional<MessageRow> row; ///< nothing: gone
};

std::optional<Delta> decode_delta(Uid uid, std::string_view value);

/// Why messages are in an X record. The values are on disk: never renumber.
enum class Gone : std::uint8_t {
    deleted = 0,    ///< somebody expunged them, or removed their mailbox
    moved = 1,      ///< they are in another place now
    taken_back = 2, ///< copies of a request that failed: nobody has them to miss
};

/// X: messages that were expunged, as they were.
struct Vanished {
    Timestamp time{};
    Gone why = Gone::deleted;
    PageColumns rows;
};

std::string encode(const Vanished& vanished);
std::optional<Vanished> decode_vanished(std::uint32_t first_uid, std::uint32_t page_uids, std::string_view value);

/// E: emails, ordered by id.
std::string encode_emails(const std::vector<EmailRecord>& emails);
std::optional<std::vector<EmailRecord>> decode_emails(std::uint32_t page, std::uint32_t page_emails,
                                                      std::string_view value);

/// A count from here on is not known, since its record could not be read: the email is kept until repair has counted.
/// Far from 0 and from the largest number, so that a program that does not know this cannot count it to either.
inline constexpr std::uint32_t kRowsUnknown = 1u << 30;

/// M: for each email of the page, how many rows (in mailboxes and in X) it has.
std::string encode_counts(const std::vector<std::uint32_t>& counts);
std::optional<std::vector<std::uint32_t>> decode_counts(std::uint32_t page_emails, std::string_view value);

/// The page with the deltas over it, which are ordered by UID.
PageColumns overlay(PageColumns page, const std::vector<Delta>& deltas);

} // namespace tegami::store::record
