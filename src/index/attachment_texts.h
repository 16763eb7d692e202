// The texts of attachments, as the extractors gave them: rows beside the index, so that a search that looks at an email reads
// what the index was made of (decision 21).
//
// 1. A text counts once the mark of the attachments has passed its email.
// 2. Who searches takes them after the text of the message; each is a text by itself.
#pragma once

#include "async/awaitable.h"
#include "base/log.h"
#include "message/readable_text.h"
#include "store/engine/engine.h"
#include "store/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::index {

/// Emails by their numbers, the last one left out.
struct EmailSpan {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
};

/// The keys of all texts of these emails.
store::Range attachment_texts(EmailSpan emails);
/// The email of a row with this key.
store::EmailId email_of_text(std::string_view key);
/// The rows of an email's texts, which are UTF-8 and not empty.
std::vector<store::Put> attachment_text_rows(store::EmailId email, const std::vector<std::string>& texts,
                                             const store::Limits& limits);

class AttachmentTexts {
public:
    /// Of one account, for one search. Both outlive it.
    AttachmentTexts(store::Store* store, Log* log, store::AccountId account)
        : store_(store), log_(log), account_(account) {}

    /// Gives the texts of the email to the sink, until that is satisfied. Damaged ones are left out, and the index, of which
    /// they are a part, is forgotten, to be made anew. Errors: those of the engine.
    async::Awaitable<store::StoreResult<>> read(store::EmailId email, message::ReadableText::Sink* sink);

private:
    async::Awaitable<store::StoreResult<>> read_rows(store::EmailId email, message::ReadableText::Sink* sink);

    store::Store* const store_;
    Log* const log_;
    const store::AccountId account_;
    std::optional<std::uint32_t> mark_; ///< once it was read
};

} // namespace tegami::index
