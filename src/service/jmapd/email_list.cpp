#include "service/jmapd/email_list.h"

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <functional>
#include <ranges>
#include <unordered_set>

namespace tegami::jmapd {

namespace {

/// An email that is in the list.
struct Listed {
    store::EmailId email;
    store::ThreadId thread;
    std::uint32_t received = 0;
};

class ListOrder {
public:
    ListOrder(const store::AccountView& view, const EmailSearch& search)
        : view_(view), mailbox_(search.filter.mailbox),
          rising_(!search.sort.comparators.empty() && search.sort.comparators.front().ascending) {}

    /// Nothing if it is not in the list.
    std::optional<Listed> find(store::EmailId email) const {
        std::optional<Listed> found;
        bool there = false;
        view_.by_email().each_from({.email = static_cast<std::uint32_t>(email.value)}, [&](const auto& place) {
            if (place.email != email.value) return false;
            // In a mailbox as SearchEmails has it: the date is that of the email's first message, wherever.
            if (!found && (mailbox_ || place.visible())) found = {email, store::ThreadId(place.thread), place.received};
            there = there || (place.visible() && (!mailbox_ || place.mailbox == *mailbox_));
            return !there;
        });
        return there ? found : std::nullopt;
    }

    bool comes_before(const Listed& left, const Listed& right) const {
        if (left.received != right.received) return (left.received < right.received) == rising_;
        return left.email > right.email;
    }

    bool rising() const { return rising_; }

    /// Puts those of the mailbox that the page has among the `wanted` first of others, in order.
    void add_first(const store::EmailPage& page, bool collapse_threads, std::size_t wanted,
                   std::vector<Listed>& listed) const {
        const std::size_t before = listed.size();
        for (const store::EmailPlace& place : page) {
            if (!place.visible() || place.mailbox != *mailbox_) continue;
            const Listed here{store::EmailId(place.email), store::ThreadId(place.thread), place.received};
            if (before < wanted || comes_before(here, listed[before - 1])) listed.push_back(here);
        }
        if (listed.size() == before) return;
        std::ranges::sort(listed,
                          [this](const Listed& left, const Listed& right) { return comes_before(left, right); });
        std::unordered_set<std::uint64_t> known; // an email may have two messages here
        std::erase_if(listed, [&](const Listed& each) {
            return !known.insert(collapse_threads ? each.thread.value : each.email.value).second;
        });
        listed.resize(std::min(listed.size(), wanted));
    }

private:
    const store::AccountView& view_;
    const std::optional<store::MailboxId> mailbox_;
    const bool rising_;
};

/// The list without those that were touched.
std::vector<store::EmailId> untouched(const std::vector<store::EmailId>& before,
                                      const std::vector<store::EmailId>& touched) {
    // Most ids are ruled out by one look.
    std::bitset<65536> maybe;
    const auto place = [](store::EmailId id) { return static_cast<std::size_t>(id.value % 65536); };
    for (const store::EmailId id : touched)
        maybe.set(place(id));
    std::vector<store::EmailId> kept;
    kept.reserve(before.size());
    for (const store::EmailId id : before)
        if (!maybe.test(place(id)) || !std::ranges::binary_search(touched, id)) kept.push_back(id);
    return kept;
}

} // namespace

bool is_list(const EmailSearch& search) {
    return search.filter.everything && search.sort.by_time();
}

std::optional<FirstOfList> first_of_list(const store::AccountView& view, const EmailSearch& search, std::size_t count) {
    const ListOrder order(view, search);
    if (!is_list(search) || !search.filter.mailbox || order.rising() || count > kFirstMax) return std::nullopt;
    const store::EmailCounts counts = view.counts(*search.filter.mailbox);
    FirstOfList first{.ids = {}, .all = search.collapse_threads ? counts.threads : counts.emails};
    const std::size_t wanted = std::min(count, first.all);
    const std::size_t pages_max = std::min(kFirstPagesMax, first.all);
    std::vector<const store::EmailPage*> pages;
    pages.reserve(view.by_email().pages().size());
    for (const auto& page : view.by_email().pages())
        pages.push_back(page.get());
    std::ranges::make_heap(pages, std::less<>(), &store::EmailPage::newest);
    std::vector<Listed> listed;
    while (listed.size() < wanted ||
           (wanted > 0 && !pages.empty() && listed.back().received <= pages.front()->newest())) {
        if (pages.empty() || first.pages == pages_max) return std::nullopt;
        order.add_first(*pages.front(), search.collapse_threads, wanted, listed);
        ++first.pages;
        std::ranges::pop_heap(pages, std::less<>(), &store::EmailPage::newest);
        pages.pop_back();
    }
    for (const Listed& each : listed)
        first.ids.push_back(each.email);
    return first;
}

std::vector<store::EmailId> next_list(const store::AccountView& view, const EmailSearch& search,
                                      const std::vector<store::EmailId>& before,
                                      const std::vector<store::EmailId>& touched) {
    const ListOrder order(view, search);
    std::vector<Listed> there;
    for (const store::EmailId id : touched)
        if (const auto listed = order.find(id)) there.push_back(*listed);
    std::ranges::sort(there, [&](const Listed& left, const Listed& right) { return order.comes_before(left, right); });
    std::unordered_set<std::uint64_t> threads;
    if (search.collapse_threads)
        std::erase_if(there, [&](const Listed& each) { return !threads.insert(each.thread.value).second; });

    const std::vector<store::EmailId> kept = untouched(before, touched);
    std::vector<store::EmailId> list;
    list.reserve(kept.size() + there.size());
    auto from = kept.begin();
    for (const Listed& each : there) {
        const auto to = std::partition_point(from, kept.end(), [&](store::EmailId id) {
            const auto other = order.find(id);
            return !other || order.comes_before(*other, each);
        });
        list.insert(list.end(), from, to);
        list.push_back(each.email);
        from = to;
    }
    list.insert(list.end(), from, kept.end());
    return list;
}

} // namespace tegami::jmapd
