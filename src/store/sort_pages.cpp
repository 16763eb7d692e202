#include "store/sort_pages.h"

#include "async/turns.h"
#include "message/card.h"
#include "store/card_pages.h"
#include "store/email_pages.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tegami::store {

namespace sort_pages {

namespace {

/// Pages that are unpacked, and cards that are decoded, before others on this thread get their turn.
constexpr std::size_t kSortPagesPerTurn = 32;
constexpr std::size_t kSortCardsPerTurn = 32;
constexpr std::size_t kSortCardBytesPerTurn = 64 * 1024;

/// What a find() is about to answer: for each id its row, once it is there.
struct SortSearch {
    AccountCore* core;
    std::vector<EmailId> ids;
    SortWanted wanted;
    std::uint32_t group_emails = 1;
    SortRows found;
    std::vector<std::size_t> missing; ///< places of ids whose pages do not have them
};

bool rises(const std::vector<EmailId>& ids) {
    return std::ranges::is_sorted(ids);
}

/// The groups of these ids below `tail`, rising.
std::vector<std::uint32_t> groups_of(const std::vector<EmailId>& ids, std::uint32_t group_emails, std::uint32_t tail) {
    std::vector<std::uint32_t> groups;
    for (const EmailId id : ids) {
        if (id.value >= tail) continue;
        const auto group = static_cast<std::uint32_t>(id.value) / group_emails;
        if (groups.empty() || groups.back() != group) groups.push_back(group);
    }
    if (rises(ids)) return groups;
    std::ranges::sort(groups);
    groups.erase(std::ranges::unique(groups).begin(), groups.end());
    return groups;
}

/// The values of these groups' records; one that cannot be read is not there.
async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>> read_values(AccountCore* core,
                                                                                   std::vector<std::uint32_t> groups) {
    Engine* const engine = core->dependencies().engine;
    const Domain domain = core->domain();
    std::vector<std::string> keys;
    for (const std::uint32_t group : groups)
        keys.push_back(record::sort_page_key(group));
    std::vector<std::string> asked = keys;
    auto values = co_await engine->get_many(domain, std::move(asked));
    if (values || values.error().code != ErrorCode::damaged) co_return values;
    std::vector<std::optional<std::string>> one_by_one(keys.size());
    for (std::size_t at = 0; at < keys.size(); ++at) {
        std::string key = keys[at];
        auto value = co_await engine->get(domain, std::move(key));
        if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
        if (value) one_by_one[at] = *std::move(value);
    }
    co_return one_by_one;
}

/// Pages by their groups, which rise.
struct SortPages {
    std::vector<std::uint32_t> groups;
    std::vector<std::optional<record::SortPage>> pages;

    const record::SortPage* find(std::uint32_t group, std::size_t& near) const {
        if (near >= groups.size() || groups[near] != group)
            near = static_cast<std::size_t>(std::ranges::lower_bound(groups, group) - groups.begin());
        return near < groups.size() && groups[near] == group && pages[near] ? &*pages[near] : nullptr;
    }
};

async::Awaitable<StoreResult<SortPages>> read_pages(SortSearch* search, std::uint32_t tail) {
    SortPages all{.groups = groups_of(search->ids, search->group_emails, tail), .pages = {}};
    for (std::size_t next = 0; next < all.groups.size(); next += kGetManyMax) {
        const std::size_t end = std::min(all.groups.size(), next + kGetManyMax);
        std::vector<std::uint32_t> some(all.groups.begin() + static_cast<std::ptrdiff_t>(next),
                                        all.groups.begin() + static_cast<std::ptrdiff_t>(end));
        CO_TRY(const auto values, co_await read_values(search->core, std::move(some)));
        for (std::size_t at = 0; at < values.size(); ++at) {
            const std::uint32_t group = all.groups[next + at];
            std::optional<record::SortPage> page;
            if (values[at]) page = record::decode_sort(group, search->group_emails, *values[at], search->wanted);
            if (!page) search->core->note_missing_group(group);
            if (page) search->found.octets.push_back(page->octets);
            if (page) search->found.octets_bytes += page->octets_bytes;
            all.pages.push_back(std::move(page));
            if (at % kSortPagesPerTurn == kSortPagesPerTurn - 1) co_await async::give_way();
        }
    }
    co_return all;
}

/// The rows of emails that are in no page, from their cards.
async::Awaitable<StoreResult<>> look_into_cards(SortSearch* search) {
    std::size_t looked_at = 0;
    std::size_t card_bytes = 0;
    for (std::size_t next = 0; next < search->missing.size(); next += kDetailsMax) {
        const std::size_t end = std::min(search->missing.size(), next + kDetailsMax);
        std::vector<EmailId> ids;
        for (std::size_t at = next; at < end; ++at)
            ids.push_back(search->ids[search->missing[at]]);
        CO_TRY(const auto emails, co_await emails::find_many(search->core, ids));
        CO_TRY(const Cards cards, co_await cards::find(search->core, std::move(ids)));
        for (std::size_t at = next; at < end; ++at) {
            StoreResult<SortRow>& row = search->found.each[search->missing[at]];
            const StoreResult<std::optional<record::EmailRecord>>& email = emails[at - next];
            const StoreResult<std::string_view>& card = cards.each[at - next];
            if (!email || !*email) {
                row = failure(email ? Error{ErrorCode::not_found, "email"} : email.error());
            } else if (!card) {
                row = failure(card.error());
            } else if (const auto decoded = message::decode_card_head(*card, message::CardAddresses::first)) {
                const auto held =
                    std::make_shared<const HeldSortFields>(message::sort_fields(*decoded), (*email)->internal_date);
                row = held->row();
                search->found.octets.push_back(held);
                search->found.octets_bytes += sizeof(HeldSortFields) + record::paged_bytes(*row);
            } else {
                row = failure(Error{ErrorCode::damaged, "a card does not decode"});
            }
            card_bytes += card ? card->size() : 0;
            if (++looked_at < kSortCardsPerTurn && card_bytes < kSortCardBytesPerTurn) continue;
            looked_at = card_bytes = 0;
            co_await async::give_way();
        }
    }
    co_return StoreResult<>{};
}

} // namespace

void put(const AccountCore* core, PendingCommit* part, std::uint32_t group,
         const std::vector<record::SortOfEmail>& emails) {
    std::string value = emails.empty() ? std::string() : record::encode_sort(emails);
    if (value.size() > core->dependencies().limits.value_bytes_max) value.clear();
    part->group_pages.insert_or_assign(record::sort_page_key(group), std::move(value));
}

void forget(const AccountCore* core, PendingCommit* part, std::uint32_t group, std::string_view value,
            std::span<const std::uint32_t> emails) {
    const std::uint32_t group_emails = core->rows().account.email_group();
    const auto page =
        record::decode_sort(group, group_emails, value, {.subject = true, .threads = true, .people = true});
    if (!page) return;
    std::vector<record::SortOfEmail> left = page->emails;
    std::erase_if(left, [&](const record::SortOfEmail& one) { return std::ranges::binary_search(emails, one.email); });
    if (left.size() != page->emails.size()) put(core, part, group, left);
}

async::Awaitable<StoreResult<SortRows>> find(AccountCore* core, std::vector<EmailId> ids, SortWanted wanted) {
    const record::AccountRow account = core->published().row();
    SortSearch search{.core = core,
                      .ids = std::move(ids),
                      .wanted = wanted,
                      .group_emails = account.email_group(),
                      .found = {},
                      .missing = {}};
    CO_TRY(const SortPages pages, co_await read_pages(&search, account.email_tail()));
    search.found.each.reserve(search.ids.size());
    std::size_t near = 0;
    for (std::size_t at = 0; at < search.ids.size(); ++at) {
        const std::uint64_t id = search.ids[at].value;
        const record::SortPage* page = nullptr;
        if (id < account.email_tail()) page = pages.find(static_cast<std::uint32_t>(id) / search.group_emails, near);
        const SortRow* row = nullptr;
        if (page != nullptr && !page->emails.empty())
            row = page->find(static_cast<std::uint32_t>(id), id - page->emails.front().email);
        search.found.each.emplace_back(row != nullptr ? *row : SortRow());
        if (row == nullptr) search.missing.push_back(at);
    }
    CO_TRY_VOID(co_await look_into_cards(&search));
    co_return std::move(search.found);
}

} // namespace sort_pages

async::Awaitable<StoreResult<SortRows>> Account::sort_rows(std::vector<EmailId> ids, SortWanted wanted) {
    CO_TRY_VOID(core_->published().check_there());
    if (ids.size() > kSortRowsMax) co_return failure(Error{ErrorCode::invalid, "too many emails at once"});
    co_return co_await sort_pages::find(core_.get(), std::move(ids), wanted);
}

} // namespace tegami::store
