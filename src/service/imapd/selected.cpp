#include "service/imapd/selected.h"

#include "service/imapd/flags.h"

#include <algorithm>
#include <utility>

namespace tegami::imapd {

namespace {

std::vector<std::uint32_t> numbers_of(const std::vector<store::Uid>& uids) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(uids.size());
    for (const store::Uid uid : uids)
        numbers.push_back(uid.value);
    return numbers;
}

std::vector<std::uint32_t> from(const std::vector<std::uint32_t>& sorted, store::Uid first) {
    return {std::ranges::lower_bound(sorted, first.value), sorted.end()};
}

} // namespace

store::UidSet Chosen::uids() const {
    store::UidSet set;
    for (const SelectedMessage& message : messages)
        set.add(store::Uid(message.uid.value));
    return set;
}

async::Awaitable<store::StoreResult<std::unique_ptr<SelectedMailbox>>>
SelectedMailbox::open(store::AccountPtr account, store::MailboxPtr mailbox, bool read_only, async::Executor executor) {
    CO_TRY(store::OpenMailboxPtr opened, co_await account->open(mailbox->id));
    // Listen first, then look: nothing is missed in between (store/account.h).
    store::ListenerPtr listener = opened->listen(executor);
    store::Uid first_recent = opened->view()->uid_next();
    if (!read_only) {
        CO_TRY(first_recent, co_await account->claim_recent(mailbox->id));
    } else if (mailbox->recent != 0) {
        first_recent = mailbox->first_recent;
    }
    store::ViewPtr view = opened->view();
    co_return std::unique_ptr<SelectedMailbox>(new SelectedMailbox(
        std::move(account), std::move(opened), std::move(listener), std::move(view), read_only, first_recent));
}

SelectedMailbox::SelectedMailbox(store::AccountPtr account, store::OpenMailboxPtr mailbox, store::ListenerPtr listener,
                                 store::ViewPtr view, bool read_only, store::Uid first_recent)
    : account_(std::move(account)), mailbox_(std::move(mailbox)), listener_(std::move(listener)),
      view_(std::move(view)), read_only_(read_only), numbers_({}) {
    std::vector<std::uint32_t> uids = numbers_of(view_->uids());
    std::vector<std::uint32_t> recent = from(uids, first_recent);
    numbers_ = imap::SessionView(std::move(uids), std::move(recent));
}

void SelectedMailbox::take_news() {
    const async::News<store::ChangePtr> news = listener_->take();
    if (removed_) return;
    if (news.resync && !account_->mailboxes()->find(id()))
        lose_everything();
    else if (news.resync)
        compare_with(mailbox_->view());
    for (const store::ChangePtr& change : news.items) {
        if (removed_) return;
        if (change->version <= view_->version()) continue;
        if (const store::MailboxChange* const here = change->find(id())) learn(*here);
    }
}

void SelectedMailbox::learn(const store::MailboxChange& change) {
    if (!change.info) {
        lose_everything();
        return;
    }
    std::vector<imap::MailboxChange> changes;
    for (const store::Uid uid : change.appended.uids())
        changes.emplace_back(imap::NewMessage{.uid = imap::Uid(uid.value), .recent = !read_only_});
    for (const store::Uid uid : change.changed.uids())
        changes.emplace_back(imap::FlagsChanged{imap::Uid(uid.value)});
    for (const store::Uid uid : change.expunged.uids())
        changes.emplace_back(imap::Expunged{imap::Uid(uid.value)});
    numbers_.apply(changes);
    saw_arrivals_ = saw_arrivals_ || (!read_only_ && !change.appended.empty());
    if (change.view) view_ = change.view;
}

void SelectedMailbox::compare_with(const store::ViewPtr& newer) {
    std::vector<imap::MailboxChange> changes;
    for (const store::Uid uid : view_->uids())
        if (!newer->position_of(uid)) changes.emplace_back(imap::Expunged{imap::Uid(uid.value)});
    for (std::uint32_t position = 0; position < newer->size(); ++position) {
        const store::MessageRow row = newer->at(position);
        if (row.uid >= view_->uid_next()) {
            changes.emplace_back(imap::NewMessage{.uid = imap::Uid(row.uid.value), .recent = !read_only_});
            saw_arrivals_ = saw_arrivals_ || !read_only_;
        } else if (row.modseq > view_->version()) {
            changes.emplace_back(imap::FlagsChanged{imap::Uid(row.uid.value)});
        }
    }
    numbers_.apply(changes);
    view_ = newer;
}

void SelectedMailbox::lose_everything() {
    removed_ = true;
    std::vector<imap::MailboxChange> changes;
    for (const store::Uid uid : view_->uids())
        changes.emplace_back(imap::Expunged{imap::Uid(uid.value)});
    numbers_.apply(changes);
}

std::optional<Chosen> SelectedMailbox::choose(const imap::SequenceSet& set, imap::Numbering numbering) {
    take_news();
    const Result<imap::NumberRanges, imap::ResolveError> ranges = numbers_.resolve(set, numbering);
    if (!ranges) return std::nullopt;
    Chosen chosen;
    chosen.messages.reserve(imap::count_of(*ranges));
    for (const imap::NumberRange& range : *ranges)
        for (std::uint64_t number = range.first; number <= range.last; ++number) {
            const imap::SequenceNumber sequence(static_cast<std::uint32_t>(number));
            const imap::Uid uid = numbers_.uid_of(sequence);
            if (!removed_ && view_->position_of(store::Uid(uid.value)))
                chosen.messages.push_back({.number = sequence, .uid = uid});
            else
                chosen.some_gone = true;
        }
    return chosen;
}

std::optional<store::MessageRow> SelectedMailbox::row(imap::Uid uid) const {
    if (removed_) return std::nullopt;
    return view_->find(store::Uid(uid.value));
}

imap::FlagList SelectedMailbox::flags(const store::MessageRow& row, imap::EnabledSet enabled) const {
    imap::FlagList flags{.system = to_imap(row.flags)};
    if (!enabled.contains(imap::Enabled::imap4rev2) && numbers_.is_recent(imap::Uid(row.uid.value)))
        flags.system.insert(imap::SystemFlag::recent);
    if (!row.keywords.empty()) flags.keywords = view_->keyword_names(row.keywords);
    return flags;
}

imap::FlagList SelectedMailbox::tell_flags() {
    keywords_told_ = view_->keywords_used();
    std::ranges::sort(keywords_told_);
    return {.system = all_system_flags(), .keywords = keywords_told_};
}

bool SelectedMailbox::has_untold(const imap::FlagList& flags) const {
    return std::ranges::any_of(flags.keywords, [&](const std::string& keyword) {
        return !std::ranges::binary_search(keywords_told_, keyword);
    });
}

bool SelectedMailbox::is_first_fetch(store::Uid uid) {
    if (fetched_.contains(uid)) return false;
    fetched_.add(uid);
    return true;
}

} // namespace tegami::imapd
