// Reads the messages of a mailbox, as far as its records can be read.
//
// 1. A page with a record that cannot be read is marked damaged: its messages that can be read are shown; the others
//    are neither shown nor expunged, and stay in the mailbox's counts. Nothing writes over the damaged record.
// 2. A D record is a whole message, so a damaged P hides only the messages without one; a damaged D hides one.
#pragma once

#include "store/account_rows.h"
#include "store/mailbox_view.h"
#include "store/record_reader.h"

#include <cstdint>
#include <map>

namespace tegami::store {

using ViewPages = std::map<std::uint32_t, ViewPagePtr>;

/// The pages from `first` to `last`, without those that are empty and sound. `account` gives their size. Errors:
/// conflict (as RecordReader).
async::Awaitable<StoreResult<ViewPages>> read_pages(RecordReader reader, record::AccountRow account, MailboxId mailbox,
                                                    std::uint32_t first, std::uint32_t last);

/// All messages of a mailbox of `rows`, which stay as they are meanwhile.
async::Awaitable<StoreResult<ViewPtr>> read_view(RecordReader reader, const AccountRows* rows, MailboxId mailbox);

} // namespace tegami::store
