#include "service/imapd/selected.h"

#include "async/turns.h"
#include "service/imapd/flags.h"

#include <algorithm>
#include <utility>

namespace tegami::imapd {

namespace {

/// Pages looked at before others on this thread get their turn: of the order of 100 microseconds.
constexpr std::size_t kSelectedTurnPages = 16;

/// The difference of two pictures of the same range of UIDs.
void compare_pages(const store::ViewPage& older, const store::ViewPage& newer, store::Version since,
                   Difference& difference) {
    std::size_t at = 0;
    for (std::size_t now = 0; now < newer.size(); ++now) {
        const Uid uid = newer.uid(now);
        for (; at < older.size() && older.uid(at) < uid; ++at)
            difference.gone.add(older.uid(at));
        const bool in_both = at < older.size() && older.uid(at) == uid;
        if (!in_both)
            difference.reappeared.add(uid);
        else if (newer.modseq(now) > since)
            difference.changed.add(uid);
        at += in_both ? 1 : 0;
    }
    for (; at < older.size(); ++at)
        difference.gone.add(older.uid(at));
}

/// Finds out how `newer` differs from `older`. Pages that both share are not looked at.
async::Awaitable<Difference> difference_of(store::ViewPtr older, store::ViewPtr newer) {
    Difference difference;
    static const store::ViewPage kNothing{store::PageColumns{}, 0};
    auto before = older->pages().begin();
    auto now = newer->pages().begin();
    const auto before_end = older->pages().end();
    const auto now_end = newer->pages().end();
    std::size_t looked_at = 0;
    while (before != before_end || now != now_end) {
        const bool only_before =
            now == now_end || (before != before_end && (*before)->first_uid() < (*now)->first_uid());
        const bool only_now = before == before_end || (now != now_end && (*now)->first_uid() < (*before)->first_uid());
        if (only_before)
            compare_pages(**before, kNothing, older->version(), difference);
        else if (only_now)
            compare_pages(kNothing, **now, older->version(), difference);
        else if (*before != *now)
            compare_pages(**before, **now, older->version(), difference);
        if (!only_now) ++before;
        if (!only_before) ++now;
        if (++looked_at % kSelectedTurnPages == 0) {
            co_await async::give_way();
        }
    }
    // What is behind the older view is new.
    if (older->uid_next().value > 1)
        difference.reappeared.intersect(UidSet::range(Uid(1), Uid(older->uid_next().value - 1)));
    else
        difference.reappeared = {};
    co_return difference;
}

} // namespace

std::vector<NumberedUid> NumberBatches::next(const SessionView& view, std::size_t count_max) {
    std::vector<NumberedUid> batch;
    // Without messages that the client still counts though they are gone, numbers are positions.
    const bool positions = !view.owes_expunges();
    store::ViewCursor cursor(view.view().get());
    while (range_ < numbers_->size() && batch.size() < count_max) {
        const imap::NumberRange& range = (*numbers_)[range_];
        const imap::SequenceNumber number(range.first + taken_);
        const Uid uid = positions ? cursor.seek(number.value - 1) : view.uid_of(number);
        batch.push_back({.number = number, .uid = uid});
        if (number.value < range.last) {
            ++taken_;
            continue;
        }
        ++range_;
        taken_ = 0;
    }
    return batch;
}

async::Awaitable<store::StoreResult<std::unique_ptr<SelectedMailbox>>>
SelectedMailbox::open(store::AccountPtr account, store::MailboxPtr mailbox, How how, async::Executor executor,
                      MemoryBudget* memory) {
    CO_TRY(store::OpenMailboxPtr opened, co_await account->open(mailbox->id));
    // Listen first, then look: nothing is missed in between (store/account.h).
    store::ListenerPtr listener = opened->listen(executor);
    UidSet recent;
    if (!how.read_only) {
        CO_TRY(recent, co_await account->claim_recent(mailbox->id));
    }
    store::ViewPtr view = opened->view();
    if (how.read_only && mailbox->first_recent < view->uid_next())
        recent = UidSet::range(mailbox->first_recent, Uid(view->uid_next().value - 1));
    SessionView numbers(std::move(view), std::move(recent));
    co_return std::unique_ptr<SelectedMailbox>(new SelectedMailbox(
        std::move(account), std::move(opened), std::move(listener), std::move(numbers), how, memory));
}

SelectedMailbox::SelectedMailbox(store::AccountPtr account, store::OpenMailboxPtr mailbox, store::ListenerPtr listener,
                                 SessionView numbers, How how, MemoryBudget* memory)
    : account_(std::move(account)), mailbox_(std::move(mailbox)), listener_(std::move(listener)), how_(how),
      numbers_(std::move(numbers)), charge_(memory) {}

void SelectedMailbox::note_arrivals(Uid uid_next_before) {
    saw_arrivals_ = saw_arrivals_ || (!how_.read_only && numbers_.view()->uid_next() > uid_next_before);
}

/// RFC 3501 §2.3.2: a message is recent to one session; the first that is about to tell of it takes it from the others.
async::Awaitable<> SelectedMailbox::claim_arrivals() {
    if (!saw_arrivals_ || !how_.tells_recent || numbers_.removed()) co_return;
    // Most sessions of a mailbox are not the first, and need not wait among its writers to learn that.
    const store::MailboxPtr mailbox = account_->mailboxes()->find(id());
    if (!mailbox || mailbox->first_recent >= mailbox->uid_next) {
        saw_arrivals_ = false;
        co_return;
    }
    const store::StoreResult<UidSet> claimed = co_await account_->claim_recent(id());
    // Without an answer nobody is told, and somebody else may be: not worth an error.
    if (!claimed) co_return;
    saw_arrivals_ = false;
    numbers_.add_recent(*claimed);
}

bool SelectedMailbox::charge() {
    if (charge_.resize(numbers_.memory_bytes() + fetched_.memory_bytes())) return true;
    lost_ = "The server has no memory left to follow the changes of this mailbox";
    return false;
}

store::Rights SelectedMailbox::rights() const {
    if (how_.user == account_->id()) return store::Rights::all();
    const store::MailboxPtr mailbox = account_->mailboxes()->find(id());
    return mailbox ? store::rights_in(mailbox->access, how_.user) : store::Rights();
}

bool SelectedMailbox::may_read() const {
    return how_.user == account_->id() || !account_->mailboxes()->find(id()) || rights().has(store::Right::read);
}

async::Awaitable<bool> SelectedMailbox::take_news() {
    if (!lost_.empty()) co_return false;
    if (!may_read()) {
        lost_ = "The owner of this mailbox shares it with you no more";
        co_return false;
    }
    const async::News<store::ChangePtr> news = listener_->take();
    bool follows = true;
    if (news.resync) {
        follows = co_await compare();
    }
    for (const store::ChangePtr& change : news.items) {
        if (!follows || numbers_.removed()) break;
        if (change->version <= numbers_.view()->version() && !change->everything) continue;
        if (change->everything) {
            follows = co_await compare();
            continue;
        }
        const store::MailboxChange* const here = change->find(id());
        if (here == nullptr) continue;
        const Uid uid_next = numbers_.view()->uid_next();
        numbers_.apply(*here);
        note_arrivals(uid_next);
    }
    if (follows) {
        co_await claim_arrivals();
    }
    co_return follows&& charge();
}

async::Awaitable<bool> SelectedMailbox::compare() {
    if (numbers_.removed()) co_return true;
    const store::MailboxPtr mailbox = account_->mailboxes()->find(id());
    if (!mailbox || !mailbox->selectable) {
        numbers_.lose_everything();
        co_return true;
    }
    store::ViewPtr newer = mailbox_->view();
    if (newer == numbers_.view()) co_return true;
    const Difference difference = co_await difference_of(numbers_.view(), newer);
    const Uid uid_next = numbers_.view()->uid_next();
    if (!numbers_.replace(std::move(newer), difference)) {
        lost_ = "A message is back that was not to be seen; select the mailbox again";
        co_return false;
    }
    note_arrivals(uid_next);
    co_return true;
}

std::optional<Chosen> SelectedMailbox::choose(const imap::SequenceSet& set, imap::Numbering numbering) const {
    Result<imap::NumberRanges, ResolveError> numbers = numbers_.resolve(set, numbering);
    if (!numbers) return std::nullopt;
    Chosen chosen{.numbers = *std::move(numbers)};
    chosen.uids = numbers_.uids_of(chosen.numbers);
    const UidSet gone = numbers_.gone_of(chosen.uids);
    chosen.some_gone = !gone.empty();
    chosen.uids.subtract(gone);
    return chosen;
}

imap::FlagList flags_of(const SessionView& numbers, const store::MessageRow& row, imap::EnabledSet enabled) {
    imap::FlagList flags{.system = to_imap(row.flags)};
    if (!enabled.contains(imap::Enabled::imap4rev2) && numbers.is_recent(row.uid))
        flags.system.insert(imap::SystemFlag::recent);
    if (!row.keywords.empty()) flags.keywords = numbers.view()->keyword_names(row.keywords);
    return flags;
}

async::Awaitable<imap::FlagList> SelectedMailbox::known_flags() {
    const store::ViewPtr view = numbers_.view();
    const store::KeywordNames& table = view->keyword_table();
    std::vector<bool> used(table.size());
    for (std::size_t page = 0; page < view->pages().size(); ++page) {
        view->pages()[page]->mark_keywords(used);
        if ((page + 1) % kSelectedTurnPages == 0) {
            co_await async::give_way();
        }
    }
    keywords_told_.clear();
    for (std::size_t keyword = 0; keyword < used.size(); ++keyword)
        if (used[keyword] && !table[keyword].empty()) keywords_told_.push_back(table[keyword]);
    std::ranges::sort(keywords_told_);
    co_return imap::FlagList{.system = all_system_flags(), .keywords = keywords_told_};
}

bool SelectedMailbox::has_untold(const imap::FlagList& flags) const {
    return std::ranges::any_of(flags.keywords, [&](const std::string& keyword) {
        return !std::ranges::binary_search(keywords_told_, keyword);
    });
}

bool SelectedMailbox::is_first_fetch(Uid uid) {
    if (fetched_.contains(uid)) return false;
    fetched_.add(uid);
    return true;
}

} // namespace tegami::imapd
