// Which emails of a span are still there.
#pragma once

#include "async/awaitable.h"
#include "index/email_bits.h"
#include "store/account.h"

#include <cstdint>

namespace tegami::index {

/// A bit for each id in [first, end). Emails that cannot be read count as there. Errors: those of the engine.
async::Awaitable<store::StoreResult<EmailBits>> live_emails(store::AccountPtr account, std::uint32_t first,
                                                            std::uint32_t end);

} // namespace tegami::index
