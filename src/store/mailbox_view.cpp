#include "store/mailbox_view.h"

#include "store/page_records.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>

namespace tegami::store {

void ModseqColumn::widen() {
    wide_.reserve(narrow_.size() + 1);
    for (const std::uint32_t above : narrow_)
        wide_.push_back(base_ + above);
    narrow_ = {};
}

std::uint64_t ModseqColumn::base_for(std::uint64_t first) {
    constexpr std::uint64_t kHalf = std::uint64_t{1} << 31;
    return first > kHalf ? first - kHalf : 0;
}

void ModseqColumn::assign(std::span<const std::uint64_t> modseqs) {
    *this = {};
    if (modseqs.empty()) return;
    base_ = base_for(modseqs.front());
    narrow_.resize(modseqs.size());
    std::uint64_t bits = 0;
    std::ranges::transform(modseqs, narrow_.begin(), [&](std::uint64_t modseq) {
        bits |= modseq - base_; // what lies below the base wraps to more than 32 bits
        return static_cast<std::uint32_t>(modseq - base_);
    });
    if (bits <= std::numeric_limits<std::uint32_t>::max()) return;
    narrow_ = {};
    wide_.assign(modseqs.begin(), modseqs.end());
}

void ModseqColumn::push_back(Modseq modseq) {
    if (size() == 0) base_ = base_for(modseq.value);
    const bool fits = modseq.value >= base_ && modseq.value - base_ <= std::numeric_limits<std::uint32_t>::max();
    if (wide_.empty() && fits) {
        narrow_.push_back(static_cast<std::uint32_t>(modseq.value - base_));
        return;
    }
    if (wide_.empty()) widen();
    wide_.push_back(modseq.value);
}

void ModseqColumn::set(std::size_t at, Modseq modseq) {
    const bool fits = modseq.value >= base_ && modseq.value - base_ <= std::numeric_limits<std::uint32_t>::max();
    if (wide_.empty() && !fits) widen();
    if (wide_.empty())
        narrow_[at] = static_cast<std::uint32_t>(modseq.value - base_);
    else
        wide_[at] = modseq.value;
}

MessageRow PageColumns::row(std::size_t at) const {
    return {.uid = Uid(first_uid + offset[at]),
            .flags = Flags::from_bits(flags[at]),
            .keywords = keyword_sets[keywords.empty() ? 0 : keywords[at]],
            .email = EmailId(email[at]),
            .modseq = modseq[at],
            .size_bytes = size[at],
            .saved = saved[at]};
}

std::uint16_t PageColumns::keyword_set(const KeywordSet& set) {
    const auto found = std::ranges::find(keyword_sets, set);
    if (found != keyword_sets.end()) return static_cast<std::uint16_t>(found - keyword_sets.begin());
    keyword_sets.push_back(set);
    return static_cast<std::uint16_t>(keyword_sets.size() - 1);
}

void PageColumns::push_back(const MessageRow& row) {
    if (!row.keywords.empty() && keywords.empty()) keywords.resize(count());
    if (!row.keywords.empty() || !keywords.empty()) keywords.push_back(keyword_set(row.keywords));
    offset.push_back(static_cast<std::uint16_t>(row.uid.value - first_uid));
    flags.push_back(row.flags.bits());
    email.push_back(static_cast<std::uint32_t>(row.email.value));
    modseq.push_back(row.modseq);
    size.push_back(row.size_bytes);
    saved.push_back(row.saved);
}

void PageColumns::set(std::size_t at, Flags new_flags, const KeywordSet& new_keywords, Modseq new_modseq) {
    flags[at] = new_flags.bits();
    modseq.set(at, new_modseq);
    if (!new_keywords.empty() && keywords.empty()) keywords.resize(count());
    if (!keywords.empty()) keywords[at] = keyword_set(new_keywords);
}

void PageColumns::replace(std::size_t at, const MessageRow& row) {
    set(at, row.flags, row.keywords, row.modseq);
    email[at] = static_cast<std::uint32_t>(row.email.value);
    size[at] = row.size_bytes;
    saved[at] = row.saved;
}

void PageColumns::reserve(std::size_t rows) {
    offset.reserve(rows);
    flags.reserve(rows);
    email.reserve(rows);
    modseq.reserve(rows);
    size.reserve(rows);
    saved.reserve(rows);
}

std::size_t ViewPage::lower_bound(Uid uid, std::size_t from) const {
    if (uid.value <= columns_.first_uid) return from;
    const std::uint32_t above = uid.value - columns_.first_uid;
    const auto lower = [&](std::size_t at) { return std::uint32_t{columns_.offset[at]} < above; };
    // Steps that double, up to one that is not lower.
    std::size_t end = from;
    for (std::size_t step = 1; end < size() && lower(end); step *= 2) {
        from = end + 1;
        end += step;
    }
    const auto begin = columns_.offset.begin();
    const auto found = std::lower_bound(begin + static_cast<std::ptrdiff_t>(from),
                                        begin + static_cast<std::ptrdiff_t>(std::min(end, size())), above,
                                        [](std::uint16_t offset, std::uint32_t value) { return offset < value; });
    return static_cast<std::size_t>(found - begin);
}

ViewPage::ViewPage(PageColumns columns, std::uint32_t deltas, bool damaged)
    : columns_(std::move(columns)), complete_(true), deltas_(deltas), damaged_(damaged) {}

ViewPage::ViewPage(OpenedPage page)
    : columns_(std::move(page.columns)), later_(std::move(page.later)), complete_(false), deltas_(0), damaged_(false) {}

void ViewPage::read_later() const {
    // One for all pages: it is held for microseconds, once in a page's life.
    static std::mutex guard;
    const std::lock_guard lock(guard);
    if (complete_.load(std::memory_order_relaxed)) return;
    record::read_later(later_, columns_);
    std::string().swap(later_.record);
    complete_.store(true, std::memory_order_release);
}

void ViewPage::mark_keywords(std::vector<bool>& used) const {
    for (const std::uint16_t index : columns_.keywords)
        for (const std::uint16_t keyword : columns_.keyword_sets[index])
            if (keyword < used.size()) used[keyword] = true;
}

std::size_t ViewPage::memory_bytes() const {
    std::size_t sum =
        sizeof(*this) + columns_.offset.capacity() * 2 + columns_.flags.capacity() + columns_.keywords.capacity() * 2;
    for (const KeywordSet& set : columns_.keyword_sets)
        sum += sizeof(KeywordSet) + set.capacity() * 2;
    if (!complete_.load(std::memory_order_acquire)) return sum + later_.begin + later_.size;
    return sum + columns_.email.capacity() * 4 + columns_.modseq.memory_bytes() + columns_.size.capacity() * 4 +
           columns_.saved.capacity() * 4;
}

MailboxView::MailboxView(MailboxId mailbox, Version version, UidValidity uid_validity, Uid uid_next,
                         std::shared_ptr<const KeywordNames> keywords, std::uint32_t page_uids,
                         std::vector<ViewPagePtr> pages)
    : mailbox_(mailbox), version_(version), uid_validity_(uid_validity), uid_next_(uid_next),
      keywords_(std::move(keywords)), page_uids_(page_uids), pages_(std::move(pages)) {
    ends_.reserve(pages_.size());
    std::size_t end = 0;
    for (const ViewPagePtr& page : pages_)
        ends_.push_back(static_cast<std::uint32_t>(end += page->size()));
}

MailboxView::Place MailboxView::place(std::uint32_t position) const {
    const auto page = std::ranges::upper_bound(ends_, position);
    const std::uint32_t before = page == ends_.begin() ? 0 : *std::prev(page);
    return {static_cast<std::size_t>(page - ends_.begin()), position - before};
}

MessageRow MailboxView::at(std::uint32_t position) const {
    const Place found = place(position);
    return pages_[found.page]->row(found.at);
}

Uid MailboxView::uid_at(std::uint32_t position) const {
    const Place found = place(position);
    return pages_[found.page]->uid(found.at);
}

std::uint32_t MailboxView::lower_bound(Uid uid) const {
    const auto page = std::ranges::partition_point(
        pages_, [&](const ViewPagePtr& p) { return std::uint64_t{p->first_uid()} + page_uids_ <= uid.value; });
    if (page == pages_.end()) return size();
    const auto index = static_cast<std::size_t>(page - pages_.begin());
    const std::uint32_t before = index == 0 ? 0 : ends_[index - 1];
    return before + static_cast<std::uint32_t>((*page)->lower_bound(uid));
}

std::optional<std::uint32_t> MailboxView::position_of(Uid uid) const {
    const std::uint32_t position = lower_bound(uid);
    if (position >= size() || uid_at(position) != uid) return std::nullopt;
    return position;
}

std::optional<MessageRow> MailboxView::find(Uid uid) const {
    const auto position = position_of(uid);
    if (!position) return std::nullopt;
    return at(*position);
}

std::vector<MailboxView::Positions> MailboxView::positions_of(const UidSet& uids) const {
    std::vector<Positions> found;
    auto range = uids.ranges().begin();
    for (std::size_t page = 0; page < pages_.size(); ++page) {
        const std::uint64_t end = std::uint64_t{pages_[page]->first_uid()} + page_uids_;
        const std::uint32_t before = page == 0 ? 0 : ends_[page - 1];
        std::size_t at = 0;
        while (range != uids.ranges().end() && range->first.value < end) {
            const std::size_t begin = pages_[page]->lower_bound(range->first, at);
            const bool goes_on = range->last.value >= end - 1;
            at = goes_on ? pages_[page]->size() : pages_[page]->lower_bound(range->last.next(), begin);
            if (begin < at)
                found.push_back({before + static_cast<std::uint32_t>(begin), before + static_cast<std::uint32_t>(at)});
            if (goes_on && range->last.value >= end) break;
            ++range;
        }
    }
    return found;
}

UidSet MailboxView::existing(const UidSet& uids) const {
    UidSet found;
    for (const UidRange& range : uids.ranges()) {
        std::uint32_t position = lower_bound(range.first);
        while (position < size()) {
            const Place start = place(position);
            const ViewPage& page = *pages_[start.page];
            std::size_t at = start.at;
            for (; at < page.size() && page.uid(at) <= range.last; ++at)
                found.add(page.uid(at));
            if (at < page.size()) break;
            position = ends_[start.page];
        }
    }
    return found;
}

std::vector<Uid> MailboxView::uids() const {
    std::vector<Uid> uids;
    uids.reserve(size());
    for (const ViewPagePtr& page : pages_)
        for (std::size_t at = 0; at < page->size(); ++at)
            uids.push_back(page->uid(at));
    return uids;
}

std::vector<std::string> MailboxView::keyword_names(const KeywordSet& keywords) const {
    std::vector<std::string> names;
    names.reserve(keywords.size());
    for (const std::uint16_t keyword : keywords)
        if (keyword < keywords_->size() && !(*keywords_)[keyword].empty()) names.push_back((*keywords_)[keyword]);
    return names;
}

std::vector<std::string> MailboxView::keywords_used() const {
    std::vector<bool> used(keywords_->size());
    for (const ViewPagePtr& page : pages_)
        page->mark_keywords(used);
    std::vector<std::string> names;
    for (std::size_t keyword = 0; keyword < used.size(); ++keyword)
        if (used[keyword] && !(*keywords_)[keyword].empty()) names.push_back((*keywords_)[keyword]);
    return names;
}

std::size_t MailboxView::memory_bytes() const {
    return std::transform_reduce(pages_.begin(), pages_.end(), sizeof(*this) + pages_.capacity() * 24, std::plus<>(),
                                 [](const ViewPagePtr& page) { return page->memory_bytes(); });
}

Uid ViewCursor::seek(std::uint32_t position) {
    const std::vector<ViewPagePtr>& pages = view_->pages();
    if (position < begin_) page_ = begin_ = 0;
    while (position - begin_ >= pages[page_]->size())
        begin_ += static_cast<std::uint32_t>(pages[page_++]->size());
    at_ = position - begin_;
    return page().uid(at_);
}

bool ViewCursor::find(Uid uid) {
    const std::vector<ViewPagePtr>& pages = view_->pages();
    const auto ends_before = [&](const ViewPagePtr& page) {
        return std::uint64_t{page->first_uid()} + view_->page_uids() <= uid.value;
    };
    if (page_ < pages.size() && uid.value < pages[page_]->first_uid()) page_ = begin_ = at_ = 0;
    for (; page_ < pages.size() && ends_before(pages[page_]); ++page_) {
        begin_ += static_cast<std::uint32_t>(pages[page_]->size());
        at_ = 0;
    }
    if (page_ == pages.size()) return false;
    const bool behind = at_ < page().size() && page().uid(at_) <= uid;
    at_ = page().lower_bound(uid, behind ? at_ : 0);
    return at_ < page().size() && page().uid(at_) == uid;
}

} // namespace tegami::store
