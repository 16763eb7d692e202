#include "store/account_view.h"

#include <algorithm>
#include <limits>

namespace tegami::store {

ViewPtr AccountView::messages(MailboxId mailbox) const {
    const auto found = messages_.find(mailbox);
    return found == messages_.end() ? nullptr : found->second;
}

EmailCounts AccountView::counts(MailboxId mailbox) const {
    const auto found = counts_.find(mailbox);
    return found == counts_.end() ? EmailCounts() : found->second;
}

std::vector<EmailPlace> AccountView::places(EmailId email) const {
    std::vector<EmailPlace> places;
    if (email.value > std::numeric_limits<std::uint32_t>::max()) return places;
    const auto id = static_cast<std::uint32_t>(email.value);
    by_email_.each_from({.email = id}, [&](const EmailPlace& place) {
        if (place.email != id) return false;
        places.push_back(place);
        return true;
    });
    return places;
}

std::optional<EmailState> AccountView::find(EmailId email) const {
    EmailState state{.id = email};
    bool seen = true;
    for (const EmailPlace& place : places(email)) {
        if (!place.visible()) continue;
        state.thread = ThreadId(place.thread);
        state.received = place.received;
        state.flags = state.flags | place.flags;
        seen = seen && place.flags.has(Flag::seen);
        if (state.mailboxes.empty() || state.mailboxes.back() != place.mailbox)
            state.mailboxes.push_back(place.mailbox);
        const auto message = messages_.at(place.mailbox)->find(place.uid);
        if (!message || message->keywords.empty()) continue;
        KeywordSet all;
        std::ranges::set_union(state.keywords, message->keywords, std::back_inserter(all));
        state.keywords = std::move(all);
    }
    if (state.mailboxes.empty()) return std::nullopt;
    if (!seen) state.flags = state.flags - Flags{Flag::seen};
    return state;
}

std::vector<EmailId> AccountView::all_of_thread(ThreadId thread) const {
    std::vector<EmailId> emails;
    if (thread.value > std::numeric_limits<std::uint32_t>::max()) return emails;
    const auto id = static_cast<std::uint32_t>(thread.value);
    by_thread_.each_from({.thread = id}, [&](const ThreadPlace& place) {
        if (place.thread != id) return false;
        emails.emplace_back(place.email);
        return true;
    });
    return emails;
}

std::vector<EmailId> AccountView::thread(ThreadId thread) const {
    std::vector<std::pair<std::uint32_t, EmailId>> found;
    for (const EmailId email : all_of_thread(thread))
        for (const EmailPlace& place : places(email)) {
            if (!place.visible()) continue;
            found.emplace_back(place.received, email);
            break;
        }
    std::ranges::sort(found);
    std::vector<EmailId> emails;
    for (const auto& [received, email] : found)
        emails.push_back(email);
    return emails;
}

std::size_t AccountView::memory_bytes() const {
    return sizeof(*this) + by_email_.memory_bytes() + by_thread_.memory_bytes() + counts_.size() * 64;
}

} // namespace tegami::store
