// The messages of one mailbox as an immutable structure of arrays, about 20 octets a message; shared by all sessions
// that have the mailbox open.
//
// 1. A view never changes. A commit makes the next view, which shares every page that the commit did not touch.
// 2. Messages are ordered by UID; position 0 is the lowest.
// 3. A page holds the messages of one fixed range of UIDs (1,024 of them unless the engine's values are smaller).
// It knows nothing of sequence numbers: each session keeps its own (protocol/imap/session_view.h).
#pragma once

#include "store/flags.h"
#include "store/ids.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tegami::store {

/// Sorted ids of the account's keyword table.
using KeywordSet = std::vector<std::uint16_t>;

/// The account's keywords by id, as they were when the view was made: an id is never given to another keyword. One
/// whose record cannot be read is empty.
using KeywordNames = std::vector<std::string>;

/// One message of a mailbox. A value: it stays true for the view that it came from.
struct MessageRow {
    Uid uid;
    Flags flags;
    KeywordSet keywords;
    EmailId email;
    Modseq modseq;
    std::uint32_t size_bytes = 0;
    std::uint32_t saved = 0; ///< when it came into this mailbox (RFC 8514), seconds since 1970

    bool operator==(const MessageRow&) const = default;
};

/// Modseqs in 4 octets each while they lie near each other, which they nearly always do.
class ModseqColumn {
public:
    /// Holds these and nothing else.
    void assign(std::span<const std::uint64_t> modseqs);
    void push_back(Modseq modseq);

    Modseq operator[](std::size_t at) const { return Modseq(wide_.empty() ? base_ + narrow_[at] : wide_[at]); }

    void set(std::size_t at, Modseq modseq);

    std::size_t size() const { return wide_.empty() ? narrow_.size() : wide_.size(); }

    void reserve(std::size_t count) { narrow_.reserve(count); }

    std::size_t memory_bytes() const { return narrow_.capacity() * 4 + wide_.capacity() * 8; }

private:
    static std::uint64_t base_for(std::uint64_t first);
    void widen();

    std::uint64_t base_ = 0;
    std::vector<std::uint32_t> narrow_; // above base_
    std::vector<std::uint64_t> wide_;   // instead, once they lie further apart than 32 bits
};

/// The messages of one range of UIDs, as columns of the same length.
struct PageColumns {
    std::uint32_t first_uid = 0;
    std::vector<std::uint16_t> offset; ///< UID above first_uid, rising
    std::vector<std::uint8_t> flags;
    std::vector<std::uint16_t> keywords; ///< into keyword_sets; empty if no message has keywords
    std::vector<std::uint32_t> email;
    ModseqColumn modseq;
    std::vector<std::uint32_t> size;
    std::vector<std::uint32_t> saved;
    std::vector<KeywordSet> keyword_sets = {{}}; ///< the first is empty

    std::size_t count() const { return offset.size(); }

    MessageRow row(std::size_t at) const;
    /// Adds a row with a UID above all others.
    void push_back(const MessageRow& row);
    /// Sets what can change in a message.
    void set(std::size_t at, Flags new_flags, const KeywordSet& new_keywords, Modseq new_modseq);
    /// Puts another row with the same UID in its place.
    void replace(std::size_t at, const MessageRow& row);
    void reserve(std::size_t rows);

private:
    std::uint16_t keyword_set(const KeywordSet& set);
};

/// A page as its record has it, with the columns that a mailbox needs at once: UIDs, flags and keywords.
struct OpenedPage {
    /// Where the record has the others.
    struct Later {
        std::string record;
        std::size_t begin = 0;
        std::size_t size = 0;
    };

    PageColumns columns;
    Later later;
};

/// The messages of one range of UIDs; immutable for whoever looks. Columns that were left for later are read by the
/// first who asks for one of them, on any thread.
class ViewPage {
public:
    /// `deltas`: how many records beside the page's own lie in the engine for it, at most.
    ViewPage(PageColumns columns, std::uint32_t deltas, bool damaged = false);
    explicit ViewPage(OpenedPage page);

    std::size_t size() const { return columns_.count(); }

    Uid uid(std::size_t at) const { return Uid(columns_.first_uid + columns_.offset[at]); }

    Flags flags(std::size_t at) const { return Flags::from_bits(columns_.flags[at]); }

    const KeywordSet& keywords(std::size_t at) const {
        return columns_.keyword_sets[columns_.keywords.empty() ? 0 : columns_.keywords[at]];
    }

    EmailId email(std::size_t at) const { return EmailId(columns().email[at]); }

    Modseq modseq(std::size_t at) const { return columns().modseq[at]; }

    std::uint32_t size_bytes(std::size_t at) const { return columns().size[at]; }

    std::uint32_t saved(std::size_t at) const { return columns().saved[at]; }

    MessageRow row(std::size_t at) const { return columns().row(at); }

    /// The position of the first message with this UID or a higher one; size() if there is none. All messages before
    /// `from` are known to be lower: rising UIDs that lie close together are found in few steps.
    std::size_t lower_bound(Uid uid, std::size_t from = 0) const;

    const PageColumns& columns() const {
        if (!complete_.load(std::memory_order_acquire)) read_later();
        return columns_;
    }

    /// Sets `used` for the ids of all keywords that messages here have.
    void mark_keywords(std::vector<bool>& used) const;

    std::uint32_t first_uid() const { return columns_.first_uid; }

    /// How many records beside the page's own lie in the engine for it, at most.
    std::uint32_t deltas() const { return deltas_; }

    /// Records of it cannot be read, so it may have messages that are not here. It is never written anew, only deltas
    /// of messages that are here: repair still finds what is left of the others.
    bool damaged() const { return damaged_; }

    /// What it takes in memory, about.
    std::size_t memory_bytes() const;

private:
    void read_later() const;

    mutable PageColumns columns_; // what read_later() adds is not touched before complete_
    mutable OpenedPage::Later later_;
    mutable std::atomic<bool> complete_;
    const std::uint32_t deltas_;
    const bool damaged_;
};

using ViewPagePtr = std::shared_ptr<const ViewPage>;

class MailboxView {
public:
    /// Pages in rising order, empty only if they are damaged; `page_uids` is how many UIDs a page spans.
    MailboxView(MailboxId mailbox, Version version, UidValidity uid_validity, Uid uid_next,
                std::shared_ptr<const KeywordNames> keywords, std::uint32_t page_uids, std::vector<ViewPagePtr> pages);

    MailboxId mailbox() const { return mailbox_; }

    /// The account's version that this is the picture of: a Change with this version or a lower one is in it already.
    Version version() const { return version_; }

    UidValidity uid_validity() const { return uid_validity_; }

    Uid uid_next() const { return uid_next_; }

    std::uint32_t size() const { return ends_.empty() ? 0 : ends_.back(); }

    /// The message at a position below size().
    MessageRow at(std::uint32_t position) const;
    Uid uid_at(std::uint32_t position) const;
    /// The position of the message, if it is here.
    std::optional<std::uint32_t> position_of(Uid uid) const;
    std::optional<MessageRow> find(Uid uid) const;
    /// The position of the first message with this UID or a higher one; size() if there is none.
    std::uint32_t lower_bound(Uid uid) const;

    struct Positions {
        std::uint32_t begin = 0;
        std::uint32_t end = 0; ///< behind the last
    };

    /// Where the messages of the set are, rising; in one pass.
    std::vector<Positions> positions_of(const UidSet& uids) const;
    /// The UIDs of the set that are messages here.
    UidSet existing(const UidSet& uids) const;
    /// All UIDs, in order.
    std::vector<Uid> uids() const;

    /// The keywords of a set, in the spelling of the account.
    std::vector<std::string> keyword_names(const KeywordSet& keywords) const;
    /// The names of all keywords that messages here have: for the FLAGS response.
    std::vector<std::string> keywords_used() const;

    /// The account's keyword table.
    const KeywordNames& keyword_table() const { return *keywords_; }

    /// For passes over the whole mailbox: page by page is quicker than at().
    const std::vector<ViewPagePtr>& pages() const { return pages_; }

    std::uint32_t page_uids() const { return page_uids_; }

    std::size_t memory_bytes() const;

private:
    struct Place {
        std::size_t page;
        std::size_t at;
    };

    Place place(std::uint32_t position) const;

    MailboxId mailbox_;
    Version version_;
    UidValidity uid_validity_;
    Uid uid_next_;
    std::shared_ptr<const KeywordNames> keywords_;
    std::uint32_t page_uids_;
    std::vector<ViewPagePtr> pages_;
    std::vector<std::uint32_t> ends_; // position behind the last message of each page
};

using ViewPtr = std::shared_ptr<const MailboxView>;

/// Looks at messages of a view one after the other, which is quick where they rise.
class ViewCursor {
public:
    /// The view outlives it.
    explicit ViewCursor(const MailboxView* view) : view_(view) {}

    /// The UID at a position below the view's size; the cursor is there.
    Uid seek(std::uint32_t position);
    /// Goes to the message with this UID; false if it is not here.
    bool find(Uid uid);

    // The message that was found last:

    const ViewPage& page() const { return *view_->pages()[page_]; }

    std::size_t at() const { return at_; }

private:
    const MailboxView* view_;
    std::size_t page_ = 0;
    std::size_t at_ = 0;
    std::uint32_t begin_ = 0; // position of the page's first message
};

} // namespace tegami::store
