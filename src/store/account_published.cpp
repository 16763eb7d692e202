#include "store/account_published.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Limit: decoded email pages kept by an account.
constexpr std::size_t kEmailPagesKept = 16;

MailboxPtr make_info(const AccountRows& rows, const record::MailboxRow& row) {
    auto info = std::make_shared<MailboxInfo>();
    info->id = row.id;
    info->parent = row.parent;
    info->name = rows.name_of(row.id);
    info->role = row.role;
    info->sort_order = row.sort_order;
    info->subscribed = row.subscribed;
    info->selectable = row.selectable;
    info->damaged = rows.damaged.contains(row.id);
    info->uid_validity = row.uid_validity;
    info->uid_next = row.uid_next;
    info->highest_modseq = row.highest_modseq;
    info->change_floor = row.change_floor;
    info->first_recent = row.first_recent;
    info->messages = row.messages;
    info->unseen = row.unseen;
    info->deleted = row.deleted;
    info->recent = row.recent;
    info->size_bytes = row.size_bytes;
    info->access = row.access;
    return info;
}

std::map<MailboxId, MailboxPtr> make_infos(const AccountRows& rows) {
    std::map<MailboxId, MailboxPtr> infos;
    for (const auto& [id, row] : rows.mailboxes)
        if (!row.removed) infos.emplace(id, make_info(rows, row));
    return infos;
}

/// The pages of the old view, with those that the commit has changed in their place; `bytes` is what all of them take.
std::vector<ViewPagePtr> changed_pages(const MailboxView& old, const PendingCommit& commit,
                                       const record::AccountRow& account, MailboxId mailbox, std::size_t* bytes) {
    std::vector<ViewPagePtr> pages;
    pages.reserve(old.pages().size() + 1);
    auto changed = commit.pages.lower_bound({mailbox, 0});
    const auto take_changed_to = [&](std::uint64_t page) {
        for (; changed != commit.pages.end() && changed->first.first == mailbox && changed->first.second < page;
             ++changed) {
            if (!changed->second) continue;
            *bytes += changed->second->memory_bytes();
            pages.push_back(changed->second);
        }
    };
    for (const ViewPagePtr& page : old.pages()) {
        const std::uint32_t number = account.page_of(Uid(page->first_uid()));
        take_changed_to(number);
        const bool replaced = changed != commit.pages.end() && changed->first == PagePlace{mailbox, number};
        if (replaced)
            *bytes -= std::min(*bytes, page->memory_bytes());
        else
            pages.push_back(page);
        take_changed_to(std::uint64_t{number} + 1);
    }
    take_changed_to(std::uint64_t{1} << 32);
    return pages;
}

} // namespace

PublishedAccount::~PublishedAccount() {
    for (const auto& [mailbox, open] : open_)
        memory_->fetch_sub(open->bytes);
}

record::AccountRow PublishedAccount::row() const {
    const std::lock_guard guard(guard_);
    return row_;
}

std::shared_ptr<const MailboxList> PublishedAccount::mailboxes() const {
    const std::lock_guard guard(guard_);
    return list();
}

PublishedPicture PublishedAccount::picture() const {
    const std::lock_guard guard(guard_);
    PublishedPicture picture{
        .version = version_, .mailboxes = list(), .keywords = keywords_, .open = open_, .views = {}};
    for (const auto& [mailbox, open] : open_)
        picture.views.emplace(mailbox, open->view);
    return picture;
}

/// Under the mutex.
std::shared_ptr<const MailboxList> PublishedAccount::list() const {
    if (!list_) {
        std::vector<MailboxPtr> mailboxes;
        mailboxes.reserve(infos_.size());
        for (const auto& [id, info] : infos_)
            mailboxes.push_back(info);
        list_ = std::make_shared<MailboxList>(
            std::move(mailboxes), std::vector<std::string>(subscribed_names_.begin(), subscribed_names_.end()),
            version_);
    }
    return list_;
}

ViewPtr PublishedAccount::view(const OpenState& open) const {
    const std::lock_guard guard(guard_);
    return open.view;
}

OpenStatePtr PublishedAccount::find_open(MailboxId mailbox) const {
    const std::lock_guard guard(guard_);
    const auto open = open_.find(mailbox);
    return open == open_.end() ? nullptr : open->second;
}

OpenStatePtr PublishedAccount::add_open(MailboxId mailbox, ViewPtr view) {
    const std::lock_guard guard(guard_);
    const OpenStatePtr& open = open_.emplace(mailbox, std::make_shared<OpenState>()).first->second;
    const std::size_t bytes = view->memory_bytes();
    show(*open, std::move(view), bytes);
    return open;
}

std::vector<MailboxId> PublishedAccount::open_mailboxes() const {
    const std::lock_guard guard(guard_);
    std::vector<MailboxId> mailboxes;
    for (const auto& [mailbox, open] : open_)
        mailboxes.push_back(mailbox);
    return mailboxes;
}

void PublishedAccount::show(OpenState& open, ViewPtr view, std::size_t bytes) {
    memory_->fetch_add(bytes - open.bytes);
    open.bytes = bytes;
    open.view = std::move(view);
}

/// Whoever has the mailbox open keeps its last view.
void PublishedAccount::close(MailboxId mailbox) {
    const auto open = open_.find(mailbox);
    if (open == open_.end()) return;
    memory_->fetch_sub(std::exchange(open->second->bytes, 0));
    open_.erase(open);
}

ListenerPtr PublishedAccount::listen(MailboxId mailbox, ListenerPtr listener) {
    const std::lock_guard guard(guard_);
    std::erase_if(listeners_, [](const ListenerEntry& entry) { return entry.listener.expired(); });
    listeners_.push_back({mailbox, listener});
    return listener;
}

std::size_t PublishedAccount::trim() {
    std::vector<OpenStatePtr> dropped; // freed without the mutex
    {
        const std::lock_guard guard(guard_);
        for (auto at = open_.begin(); at != open_.end();) {
            const auto each = at++;
            if (each->second.use_count() > 1) continue;
            dropped.push_back(each->second);
            close(each->first);
        }
    }
    return memory_bytes();
}

std::size_t PublishedAccount::memory_bytes() const {
    const std::lock_guard guard(guard_);
    std::size_t bytes = 0;
    for (const auto& [id, open] : open_)
        bytes += open->bytes;
    return bytes;
}

void PublishedAccount::set_hidden(bool hidden) {
    const std::lock_guard guard(guard_);
    hidden_ = hidden;
}

StoreResult<> PublishedAccount::check_there() const {
    const std::lock_guard guard(guard_);
    if (hidden_ || row_.removed) return failure(Error{ErrorCode::not_found, "account is removed"});
    return {};
}

EmailPagePtr PublishedAccount::find_emails(std::uint32_t page) const {
    const std::lock_guard guard(guard_);
    const auto found = emails_.find(page);
    return found == emails_.end() ? nullptr : found->second;
}

void PublishedAccount::keep_emails(std::uint32_t page, EmailPagePtr emails, Version version) {
    const std::lock_guard guard(guard_);
    if (version != version_) return;
    if (emails_.size() >= kEmailPagesKept) emails_.erase(emails_.begin());
    emails_.insert_or_assign(page, std::move(emails));
}

void PublishedAccount::publish_view(const PendingCommit& commit, const AccountRows& rows, MailboxId mailbox) {
    const auto open = open_.find(mailbox);
    if (open == open_.end()) return;
    const record::MailboxRow& row = rows.mailboxes.at(mailbox);
    std::size_t bytes = open->second->bytes;
    std::vector<ViewPagePtr> pages = changed_pages(*open->second->view, commit, rows.account, mailbox, &bytes);
    auto view = std::make_shared<MailboxView>(mailbox, rows.version, row.uid_validity, row.uid_next, rows.keywords,
                                              rows.account.page_uids(), std::move(pages));
    show(*open->second, std::move(view), bytes);
}

void PublishedAccount::publish(PendingCommit& commit, const AccountRows& rows) {
    auto told = std::make_shared<Change>();
    told->version = rows.version;
    told->mailbox_list = commit.mailbox_list;
    told->objects = commit.objects;
    std::map<MailboxId, MailboxPtr> infos;
    if (commit.mailbox_list) infos = make_infos(rows);
    bool other_limits = false;
    {
        const std::lock_guard guard(guard_);
        other_limits = row_.quota != rows.account.quota;
        version_ = rows.version;
        row_ = rows.account;
        keywords_ = rows.keywords;
        if (commit.subscribed_names) subscribed_names_ = rows.subscribed_names;
        for (const auto& [page, emails] : commit.email_pages)
            emails_.erase(page);
        if (commit.mailbox_list) infos_.swap(infos);
        list_ = nullptr;
        for (const auto& [id, row] : commit.mailboxes) {
            if (const auto info = infos_.find(id); info != infos_.end() && !commit.mailbox_list)
                info->second = make_info(rows, row);
            if (rows.mailboxes.contains(id) && !row.removed && row.selectable)
                publish_view(commit, rows, id);
            else
                close(id);
        }
        for (auto& [id, change] : commit.changes) {
            if (const auto info = infos_.find(id); info != infos_.end()) change.info = info->second;
            if (const auto open = open_.find(id); open != open_.end()) change.view = open->second->view;
            told->mailboxes.push_back(std::move(change));
        }
    }
    // Other limits alone are told as a change of nothing else: whoever shows them looks at the account.
    if (!told->mailboxes.empty() || told->mailbox_list || !told->objects.empty() || other_limits) tell(told);
}

void PublishedAccount::replace(const AccountRows& rows, std::map<MailboxId, ViewPtr> views) {
    auto change = std::make_shared<Change>();
    change->version = rows.version;
    change->mailbox_list = true;
    change->everything = true;
    std::map<MailboxId, MailboxPtr> infos = make_infos(rows);
    {
        const std::lock_guard guard(guard_);
        version_ = rows.version;
        row_ = rows.account;
        keywords_ = rows.keywords;
        subscribed_names_ = rows.subscribed_names;
        emails_.clear();
        infos_.swap(infos);
        list_ = nullptr;
        for (auto at = open_.begin(); at != open_.end();) {
            const auto each = at++;
            if (const auto view = views.find(each->first); view != views.end()) {
                const std::size_t bytes = view->second->memory_bytes();
                show(*each->second, std::move(view->second), bytes);
            } else
                close(each->first);
        }
    }
    tell(change);
}

void PublishedAccount::tell(const ChangePtr& change) {
    std::vector<ListenerPtr> listeners;
    {
        const std::lock_guard guard(guard_);
        std::erase_if(listeners_, [](const ListenerEntry& entry) { return entry.listener.expired(); });
        for (const ListenerEntry& entry : listeners_) {
            const bool all = change->everything || entry.mailbox == MailboxId();
            const bool concerned = all || change->find(entry.mailbox) != nullptr;
            if (!concerned) continue;
            if (ListenerPtr listener = entry.listener.lock()) listeners.push_back(std::move(listener));
        }
    }
    for (const ListenerPtr& listener : listeners)
        listener->post(change);
}

const MailboxChange* Change::find(MailboxId mailbox) const {
    const auto found = std::ranges::find(mailboxes, mailbox, &MailboxChange::mailbox);
    return found == mailboxes.end() ? nullptr : &*found;
}

} // namespace tegami::store
